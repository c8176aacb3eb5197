"""Two sites whose comments all wait, filled with set-based inserts: one with a long queue and one with a short one."""

import random
from typing import Any

import argon2
import sqlalchemy as sa

from benchmarks.corpus import SEED, Corpus
from benchmarks.filling import LAST, MEMBERS, SECOND, fill_members, rendered
from benchmarks.installation import Installation
from comments.actions.sites import NewSite, create_site, create_user
from comments.core.moderation.ruleset import RuleSet
from comments.storage.sites import find_site
from comments.storage.tables import articles, comments, findings, members, reports

EMAIL, PASSWORD = "desk@gazette.example", "for-benchmarks-and-for-nothing-else"
ARTICLES, IN_ONE_INSERT = 200, 5_000
RARE, SELDOM = "Zwetschgenkuchen", 5_000  # a word, a section and a rule of one comment in so many
REPORTED = 20  # one in so many
RULE = '{"rule":"words","kind":"hold","reason":"words","spans":[[0,3]],"params":{"words":["und"]}}'
RARE_RULE = '{"rule":"capitals","kind":"hold","reason":"capitals","spans":[],"params":{"percent":80,"limit":70}}'
Row = dict[str, Any]


def fill_waiting(setup: Installation, corpus: Corpus, sizes: dict[str, int]) -> None:
    """A site for each key with so many waiting comments, and a moderator of all sites."""
    with setup.database.transaction() as tx:
        hashed = argon2.PasswordHasher(time_cost=1, memory_cost=8192).hash(PASSWORD)
        create_user(tx, EMAIL, "desk", hashed, "moderator")
        for key in sizes:
            origin = f"http://{key}.localhost:{setup.page_port}"
            create_site(tx, NewSite(key=key, name=key, issuer=origin, origins=(origin,), rules=RuleSet()))
    for key, size in sizes.items():
        with setup.database.read() as conn:
            site = find_site(conn, key)
        assert site is not None
        fill_members(setup.database, site.id)
        with setup.database.transaction() as tx:
            _Queue(tx.conn, site.id, size, corpus.bodies()).fill()
            if not setup.is_sqlite:
                tx.conn.exec_driver_sql("SELECT setval('comments_id_seq', (SELECT max(id) FROM comments))")
    setup.settled()


class _Queue:
    """The comments of one site with what made them wait, and the reports on some of them."""

    def __init__(self, conn: sa.Connection, site_id: int, size: int, bodies: list[str]) -> None:
        self.conn, self.site_id, self.size, self.bodies = conn, site_id, size, bodies
        self.chance = random.Random(SEED)

    def fill(self) -> None:
        self.first = self.conn.execute(sa.select(sa.func.coalesce(sa.func.max(comments.c.id), 0))).scalar_one() + 1
        self.articles, self.writers = self._articles(), self._ids(members)
        for begin in range(0, self.size, IN_ONE_INSERT):
            rows = [self._comment(at) for at in range(begin, min(self.size, begin + IN_ONE_INSERT))]
            self.conn.execute(sa.insert(comments), rows)
            self.conn.execute(sa.insert(findings), [self._finding(row) for row in rows])
            told = [self._report(row) for row in rows if row["open_reports"]]
            if told:
                self.conn.execute(sa.insert(reports), told)

    def _ids(self, table: sa.Table) -> list[int]:
        query = sa.select(table.c.id).where(table.c.site_id == self.site_id).order_by(table.c.id)
        return list(self.conn.execute(query).scalars())

    def _articles(self) -> list[int]:
        """The first one is in a section of its own."""
        rows = [
            {"site_id": self.site_id, "key": str(at), "title": f"Article {at}", "created_at": LAST - 86_400 * SECOND,
             "section": "rare" if at == 0 else f"section {at % 10}"}
            for at in range(ARTICLES)
        ]  # fmt: skip
        self.conn.execute(sa.insert(articles), rows)
        return self._ids(articles)

    def _comment(self, at: int) -> Row:
        key, seldom = self.first + at, at % SELDOM == SELDOM // 2
        body = self.chance.choice(self.bodies) + (f" {RARE}" if seldom else "")
        article = self.articles[0 if seldom else self.chance.randrange(1, ARTICLES)]
        return rendered(body) | {
            "id": key, "site_id": self.site_id, "article_id": article, "member_id": self.writers[at % MEMBERS],
            "root_id": key, "parent_id": None, "depth": 0, "status": "waiting", "created_at": LAST + at * SECOND,
            "risk": self.chance.randrange(100), "open_reports": int(at % REPORTED == 0),
            "report_weight": 100 if at % REPORTED == 0 else 0,
        }  # fmt: skip

    def _finding(self, row: Row) -> Row:
        seldom = row["article_id"] == self.articles[0]
        told = {"rule": "capitals", "finding": RARE_RULE} if seldom else {"rule": "words", "finding": RULE}
        return told | {"comment_id": row["id"], "created_at": row["created_at"]}

    def _report(self, row: Row) -> Row:
        other = self.writers[(row["id"] + 1) % MEMBERS]
        about = {"comment_id": row["id"], "author_id": row["member_id"], "member_id": other, "reason": "abuse"}
        return about | {"created_at": row["created_at"], "weight": 100}
