"""Two newspapers after years, in one database: a quiet one with a thread of 100, a loud one with a thread of 20,000.

The loud one has everything in crowds: a root with thousands of replies, waves of spam that the public does not see, a
member who wrote thousands of comments, long queues, a long log. Both have the same few places for a story to go to.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask import Flask

from comments.storage.tables import (
    appeals,
    articles,
    audit,
    comments,
    decisions,
    edits,
    findings,
    follows,
    jobs,
    journal,
    members,
    mutes,
    notifications,
    reactions,
    reports,
)
from tests.conftest import FakeClock
from tests.gazette import Gazette, Reader

SECOND = 1_000_000
DAY = 86_400 * SECOND
HELD = "weasel"  # the word that holds a comment
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is of everything on a site."""

    trees: int  # roots with three replies each
    crowd: int  # replies under the popular root
    hidden: int  # comments in each wave that the public does not see
    articles: int
    members: int
    entries: int  # of the journal, the log, reactions, reports, mutes and jobs, each


QUIET = Size(trees=12, crowd=10, hidden=6, articles=110, members=60, entries=40)
LOUD = Size(trees=2500, crowd=4000, hidden=1200, articles=12_000, members=2000, entries=4000)
CHAIN = 12  # how deep the place of the permalink lies
SEQ = 30  # of the article's changes that the journal keeps


@dataclass
class Town:
    """A site with its crowd, and the places of a story. All ids as the API has them."""

    paper: Gazette
    writer: Reader  # who wrote much
    reader: Reader  # who wrote nothing
    author: Reader  # of the articles, who is asked
    article: int = 0
    places: dict[str, str] = field(default_factory=dict)
    middle: tuple[int, int] = (0, 0)  # µs and id of a root in the middle
    middle_reply: tuple[int, int] = (0, 0)  # of a reply to the popular root
    around: dict[str, int] = field(default_factory=dict)  # what crowd_around.py put there


def found_town(app: Flask, clock: FakeClock, key: str, size: Size) -> Town:
    """A site of this size. Comments are made in bulk, past the actions; counters fit."""
    origin = f"https://www.{key}.example"
    paper = Gazette.make(
        app, clock, key, issuer=origin, origins=(origin,), banned_words=[HELD], edit_window=3600, repeat_hours=24,
        ask_author=True,
    )  # fmt: skip
    town = Town(paper, paper.reader("writer"), paper.reader("reader"), paper.reader("author", badges=["author"]))
    paper.change(lambda conn: _Filling(conn, town, size, clock()).fill())
    return town


@dataclass
class _Filling:
    """Makes the rows of one town."""

    conn: sa.Connection
    town: Town
    size: Size
    now: int
    rows: list[Row] = field(default_factory=list)
    people: list[int] = field(default_factory=list)
    first: int = 0

    def fill(self) -> None:
        site, size = self.town.paper.id, self.size
        keys = [
            {"site_id": site, "key": f"{n}", "title": f"Nr. {n}", "created_at": self.now} for n in range(size.articles)
        ]
        self.conn.execute(sa.insert(articles), keys)
        mine = sa.select(articles.c.id).where(articles.c.site_id == site, articles.c.key == "1")
        self.town.article = self.conn.execute(mine).scalar_one()
        names = [
            {"site_id": site, "sub": f"m{n}", "name": f"M{n}", "name_key": f"m{n}", "created_at": 1}
            for n in range(size.members)
        ]
        self.conn.execute(sa.insert(members), names)
        theirs = (
            sa.select(members.c.id).where(members.c.site_id == site, members.c.sub.like("m%")).order_by(members.c.id)
        )
        self.people = list(self.conn.execute(theirs).scalars())
        self.first = (self.conn.execute(sa.select(sa.func.max(comments.c.id))).scalar() or 0) + 1
        self._thread()
        self.conn.execute(sa.insert(comments), self.rows)
        for table, some in self._entries():
            self.conn.execute(sa.insert(table), some)
        self._count()

    def _thread(self) -> None:
        """The article's comments, the oldest first; ids follow time."""
        popular = self._add()
        popular["question"] = True
        for _ in range(self.size.hidden):  # spam below the popular root, before anything good
            self._add(popular, status="waiting")
        nested = self._add(popular)
        for _ in range(self.size.hidden // 2):
            self._add(nested, status="rejected")
        self._add(nested)
        for number in range(self.size.trees):
            root = self._add()
            replies = [self._add(root) for _ in range(3)]
            if number % 5 == 0:
                root["picked_at"] = root["created_at"]
                replies[1]["by_author"] = True
        for number in range(self.size.crowd):
            self._add(popular, member=int(self.town.writer.id) if number % 2 else None)
        own = self._add(member=int(self.town.writer.id))
        last = own
        for _ in range(CHAIN):
            last = self._add(last)
        for _ in range(self.size.hidden):  # spam on top of the newest page
            self._add(status="waiting", reports=1)
        for status in ("waiting", "rejected", "withdrawn"):  # what the writer keeps for themselves
            for _ in range(max(150, self.size.hidden)):
                self._add(member=int(self.town.writer.id), status=status, article=self.town.article + 1)
        roots = [row for row in self.rows if row["depth"] == 0 and row["status"] == "published"]
        replies = [row for row in self.rows if row["parent_id"] == popular["id"] and row["status"] == "published"]
        self.town.middle, self.town.middle_reply = (
            (some[len(some) // 2]["created_at"], some[len(some) // 2]["id"]) for some in (roots, replies)
        )
        held, reported = self._add(status="waiting"), self._add(popular, reports=1)
        self.town.places = {
            name: str(row["id"])
            for name, row in {
                "popular": popular, "nested": nested, "own": own, "deep": last, "held": held, "reported": reported,
            }.items()
        }  # fmt: skip

    def _add(
        self, parent: Row | None = None, *, status: str = "published", member: int | None = None, reports: int = 0,
        article: int | None = None,
    ) -> Row:  # fmt: skip
        number = len(self.rows)
        key = self.first + number
        row = {
            "id": key, "site_id": self.town.paper.id, "article_id": article or self.town.article, "source": "Hello.",
            "member_id": member or self.people[number % len(self.people)], "parent_id": parent and parent["id"],
            "root_id": parent["root_id"] if parent else key, "depth": min(parent["depth"] + 1, 4) if parent else 0,
            "html": "<p>Hello.</p>", "tree": '[["p","Hello."]]', "text": "Hello.", "text_hash": "x", "status": status,
            "created_at": self.now - 30 * DAY + number * SECOND, "looked_at": None if number % 5 == 0 else self.now,
            "recommends": number % 7, "open_reports": reports, "seq": 1, "reply_count": 0, "visible_children": 0,
            "picked_at": None, "question": False, "by_author": False,
        }  # fmt: skip
        self.rows.append(row)
        if parent is not None and status == "published":
            parent["visible_children"] += 1
            parent["reply_count"] += 1
        return row

    def _entries(self) -> Iterator[tuple[sa.Table, list[Row]]]:
        """What hangs on comments, members and the site."""
        site, now, many = self.town.paper.id, self.now, range(self.size.entries)
        ids = [row["id"] for row in self.rows]
        some = [ids[number * 7 % len(ids)] for number in many]
        person = [self.people[number % len(self.people)] for number in many]
        writer = int(self.town.writer.id)
        change = {"site_id": site, "kind": "comment", "before": "full", "created_at": now - DAY}
        latest = [ids[-1 - number] for number in range(SEQ)]
        yield (
            journal,
            [
                change | {"article_id": self.town.article + 2, "comment_id": one, "seq": 1, "created_at": now - 9 * DAY}
                for one in some
            ],
        )
        yield (
            journal,
            [
                change | {"article_id": self.town.article, "comment_id": one, "seq": at}
                for at, one in enumerate(latest, 1)
            ],
        )
        yield (
            findings,
            [
                {
                    "comment_id": row["id"],
                    "finding": '{"rule":"words","kind":"hold","reason":"words","spans":[],"params":{}}',
                    "created_at": now,
                }
                for row in self.rows
                if row["status"] != "published"
            ],
        )
        yield (
            reports,
            [
                {
                    "comment_id": row["id"],
                    "member_id": self.people[row["id"] % len(self.people)],
                    "reason": "spam",
                    "created_at": now,
                }
                for row in self.rows
                if row["open_reports"]
            ],
        )
        yield from self._decided()
        yield edits, [{"comment_id": one, "source": "Before.", "edited_at": now} for one in some]
        liked = {"kind": "recommend", "created_at": now}
        yield (
            reactions,
            [
                liked | {"comment_id": one, "member_id": who, "article_id": self.town.article}
                for one, who in set(zip(some, person, strict=True))
            ],
        )
        yield mutes, [{"member_id": one, "muted_id": writer, "created_at": now} for one in set(person)]
        yield from self._told(some, person)
        done = {"site_id": site, "action": "approve", "subject_type": "comment", "created_at": now}
        yield audit, [done | {"subject_id": one} for one in some]
        job = {"kind": "rename", "payload": "{}", "created_at": now}
        yield (
            jobs,
            [job | {"run_at": now + DAY, "key": f"{site}-{n}", "parked_at": now if n % 2 else None} for n in many],
        )

    def _told(self, some: list[int], person: list[int]) -> Iterator[tuple[sa.Table, list[Row]]]:
        """What the writer was told of, much of it hidden since, and what others were; what everybody follows."""
        now, writer = self.now, int(self.town.writer.id)
        told = {"article_id": self.town.article, "created_at": now - DAY}
        replies = [row["id"] for row in self.rows if row["member_id"] != writer]
        yield (
            notifications,
            [
                told | {"member_id": writer, "kind": "reply", "comment_id": one}
                for one in replies[: 30 * self.size.hidden]
            ],
        )
        yield (
            notifications,
            [
                told | {"member_id": who, "kind": "reply", "comment_id": one}
                for one, who in set(zip(some, person, strict=True))
            ],
        )
        follow = {"article_id": self.town.article, "created_at": now}
        yield follows, [follow | {"member_id": who, "comment_id": None} for who in set(person)]
        yield (
            follows,
            [{"member_id": writer, "article_id": self.town.article + n, "created_at": now} for n in range(105)],
        )

    def _decided(self) -> Iterator[tuple[sa.Table, list[Row]]]:
        """Decisions about comments of others, and appeals that were answered: so many that nobody scans them."""
        site, now = self.town.paper.id, self.now
        theirs = [row for row in self.rows if row["status"] == "published" and row["member_id"] in set(self.people)]
        first = (self.conn.execute(sa.select(sa.func.max(decisions.c.id))).scalar() or 0) + 1
        made = [
            {"id": first + at, "site_id": site, "comment_id": row["id"], "member_id": row["member_id"], "version": 1,
             "decision": "approve", "before": "{}", "created_at": now - DAY + at}
            for at, row in enumerate(theirs)
        ]  # fmt: skip
        yield decisions, made
        ended = {"site_id": site, "text": "Why?", "created_at": now - DAY, "decided_at": now, "outcome": "upheld"}
        of = ("comment_id", "member_id")
        yield appeals, [ended | {name: one[name] for name in of} | {"decision_id": one["id"]} for one in made]

    def _count(self) -> None:
        """The counters that the story's answers show."""
        published = [row for row in self.rows if row["status"] == "published"]
        change = {"total": len(published), "seq": SEQ}
        self.conn.execute(sa.update(articles).where(articles.c.id == self.town.article).values(change))
        if self.conn.dialect.name == "postgresql":
            for table in ("comments", "decisions"):
                self.conn.execute(sa.text(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))"))
