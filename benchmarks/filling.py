"""Fills threads with set-based inserts, as an import leaves them: rendered by the service, counters right.

`comments doctor` is asked afterwards whether everything is consistent. A thread is named by its length, as "1000".
"""

import functools
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from benchmarks.corpus import Corpus, Written, with_replies
from benchmarks.installation import Installation
from comments.core.markup import render
from comments.core.thread import reply_depth
from comments.storage.comments import draft_columns
from comments.storage.tables import articles, comments, members
from comments.storage.transaction import Database

SIZES = (100, 1_000, 10_000, 100_000)
TEASERS = tuple(f"teaser-{number}" for number in range(50))  # articles of a front page, a comment each and its replies
FULL = "full"  # a thread of 1,000 whose page has 25 roots with 3 replies each
MAX_DEPTH = 4
TINY = 60  # comments of a thread where the run is quick
MEMBERS = 500
SECOND = 1_000_000
LAST = 1_772_442_000 * SECOND  # when the newest tree of every thread began: the same in threads of all lengths
BETWEEN_ROOTS, BETWEEN_REPLIES = 600 * SECOND, 7 * SECOND

Row = dict[str, Any]
rendered = functools.lru_cache(maxsize=None)(lambda body: draft_columns(render(body)))


def fill(setup: Installation, corpus: Corpus, keys: Sequence[str]) -> None:
    """These threads and the people who wrote them. The newest comments are the same ones in all lengths."""
    fill_members(setup.database, setup.site_id)
    for key in keys:
        trees = with_replies(corpus.trees, 3) if key == FULL else corpus.threads()
        size = {FULL: 1_000}.get(key) or (int(key) if key.isdigit() else 3)
        fill_thread(setup.database, setup.site_id, key, trees, setup.pick(size, min(size, TINY)), MAX_DEPTH)
    with setup.database.transaction() as tx:
        count_writers(tx.conn)
    setup.settled()


def fill_members(database: Database, site_id: int) -> None:
    """The people who wrote the threads."""
    now = database.clock()
    rows = [
        {"site_id": site_id, "sub": f"writer-{number}", "name": f"Reader {number}", "name_key": f"reader {number}",
         "state": "active", "created_at": now}
        for number in range(MEMBERS)
    ]  # fmt: skip
    with database.transaction() as tx:
        tx.conn.execute(sa.insert(members), rows)


def fill_thread(
    database: Database, site_id: int, key: str, trees: Iterable[Written], size: int, max_depth: int
) -> None:
    """An article with exactly `size` comments: trees as they come, the first the newest; the last one is cut."""
    with database.transaction() as tx:
        conn = tx.conn
        new = {"site_id": site_id, "key": key, "title": f"Thread of {size}", "created_at": LAST - 86_400 * SECOND}
        article_id = conn.execute(sa.insert(articles).values(new).returning(articles.c.id)).scalar_one()
        ours = sa.and_(members.c.site_id == site_id, members.c.sub.like("writer-%"))
        theirs = sa.select(members.c.id).where(ours).order_by(members.c.id)
        writers = list(conn.execute(theirs).scalars())
        first = conn.execute(sa.select(sa.func.coalesce(sa.func.max(comments.c.id), 0))).scalar_one() + 1
        placed = _place(trees, size, max_depth)
        rows = [
            row | {"id": first + at, "site_id": site_id, "article_id": article_id, "seq": at + 1,
                   "parent_id": None if row["parent_id"] is None else first + row["parent_id"],
                   "root_id": first + row["root_id"], "member_id": writers[row["member_id"] % len(writers)]}
            for at, row in enumerate(placed)
        ]  # fmt: skip
        conn.execute(sa.insert(comments), rows)
        conn.execute(sa.update(articles).where(articles.c.id == article_id).values(total=size, seq=size))
        if not database.is_sqlite:
            sequence = sa.text("SELECT setval(pg_get_serial_sequence('comments', 'id'), :last)")
            conn.execute(sequence, {"last": first + size})


def _place(trees: Iterable[Written], size: int, max_depth: int) -> list[Row]:
    """Rows in the order of their times; ids are places in this list, members the authors' numbers."""
    rows: list[Row] = []
    for number, tree in enumerate(trees):
        at_root, began = len(rows), LAST - number * BETWEEN_ROOTS
        places: dict[int, int] = {}
        for after, (one, _, above) in enumerate(list(tree.walk())[: size - len(rows)]):
            parent = None if above is None else places[id(above)]
            places[id(one)] = len(rows)
            rows.append(_row(one, parent, at_root, began + after * BETWEEN_REPLIES, rows, max_depth))
        if len(rows) >= size:
            break
    for row in rows:
        if row["parent_id"] is not None:
            for above in {row["parent_id"], row["root_id"]}:
                rows[above]["reply_count"] += 1
            rows[row["parent_id"]]["visible_children"] += 1
    return _in_time(rows)


def _row(one: Written, parent: int | None, root: int, when: int, rows: list[Row], max_depth: int) -> Row:
    return rendered(one.body) | {
        "parent_id": parent, "root_id": root, "member_id": one.author, "created_at": when, "looked_at": when,
        "depth": 0 if parent is None else reply_depth(rows[parent]["depth"], max_depth), "status": "published",
        "reply_count": 0, "visible_children": 0, "recommends": one.recommends,
        "reactions": msgspec.json.encode({"recommend": one.recommends} if one.recommends else {}).decode(),
    }  # fmt: skip


def _in_time(rows: list[Row]) -> list[Row]:
    """As they were written: ids follow time, parents come before their replies."""
    order = sorted(range(len(rows)), key=lambda at: (rows[at]["created_at"], at))
    place = {before: after for after, before in enumerate(order)}
    for row in rows:
        row["root_id"] = place[row["root_id"]]
        row["parent_id"] = None if row["parent_id"] is None else place[row["parent_id"]]
    return [rows[at] for at in order]


def count_writers(conn: sa.Connection) -> None:
    number = sa.select(sa.func.count()).where(comments.c.member_id == members.c.id, comments.c.status == "published")
    last = sa.select(sa.func.max(comments.c.created_at)).where(comments.c.member_id == members.c.id)
    change = {"published": number.scalar_subquery(), "last_comment_at": last.scalar_subquery()}
    conn.execute(sa.update(members).where(members.c.sub.like("writer-%")).values(change))
