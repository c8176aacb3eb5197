"""Pages of threads by keyset: whole, in order, each row once, in few queries that find their way by index."""

import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.core.policy import THE_PUBLIC
from comments.core.status import Status
from comments.core.thread import FIRST_REPLIES, Sort, read_cursor
from comments.storage import threads
from comments.storage.tables import articles, comments
from tests.conftest import FakeClock
from tests.gazette import Gazette

ROOTS, REPLIES = 60, 140


@dataclass
class Forest:
    """An article full of random comments; `rows` as they are stored."""

    paper: Gazette
    article: int
    rows: list[Any]

    @property
    def roots(self) -> list[Any]:
        return [row for row in self.rows if row.depth == 0]

    def seen(self, rows: list[Any]) -> list[Any]:
        def sight(row: Any) -> str:
            return THE_PUBLIC.admits(Status(row.status), row.member_id, row.visible_children)

        return [row for row in rows if sight(row) != "absent"]


def plant(conn: sa.Connection, site: int, key: str, roots: int, replies: int, seed: int) -> int:
    """Random comments with few different times and scores, so that ids must decide; returns the article's id."""
    chance = random.Random(seed)
    article = conn.execute(
        sa.insert(articles).values(site_id=site, key=key, created_at=1).returning(articles.c.id)
    ).scalar_one()
    made: list[dict[str, Any]] = []
    first = (conn.execute(sa.select(sa.func.max(comments.c.id))).scalar() or 0) + 1
    for number in range(roots + replies):
        parent = chance.choice(made) if number >= roots else None
        status = chance.choice(["published"] * 7 + ["waiting", "rejected", "withdrawn", "erased"])
        made.append(
            {
                "id": first + number, "site_id": site, "article_id": article, "source": "x", "html": "x", "tree": "[]",
                "parent_id": parent and parent["id"], "root_id": parent["root_id"] if parent else first + number,
                "depth": min(parent["depth"] + 1, 4) if parent else 0, "text": "x", "text_hash": "x", "status": status,
                "created_at": chance.randrange(12), "recommends": chance.randrange(4),
                "reply_count": chance.randrange(4),
                "visible_children": chance.choice((0, 0, 1, 3)), "open_reports": chance.choice((0, 0, 0, 1)),
            }
        )  # fmt: skip
    conn.execute(sa.insert(comments), made)
    conn.execute(sa.update(articles).where(articles.c.id == article).values(total=roots + replies))
    if conn.dialect.name == "postgresql":
        conn.execute(sa.text("SELECT setval('comments_id_seq', (SELECT max(id) FROM comments))"))
    return int(article)


@pytest.fixture
def forest(app: Flask, clock: FakeClock) -> Forest:
    paper = Gazette.make(app, clock)
    paper.change(lambda conn: plant(conn, paper.id, "other", 20, 20, 2))
    article = paper.change(lambda conn: plant(conn, paper.id, "1", ROOTS, REPLIES, 1))
    with paper.read() as conn:
        rows = conn.execute(sa.select(comments).where(comments.c.article_id == article)).all()
    return Forest(paper, article, list(rows))


ORDERS: dict[Sort, Callable[[Any], tuple[int, int]]] = {
    Sort.NEWEST: lambda row: (-row.created_at, -row.id),
    Sort.OLDEST: lambda row: (row.created_at, row.id),
    Sort.RECOMMENDED: lambda row: (-row.recommends, -row.id),
    Sort.REPLIED: lambda row: (-row.reply_count, -row.id),
}


@pytest.mark.parametrize("sort", Sort)
def test_pages_of_roots(forest: Forest, sort: Sort) -> None:
    wanted = [row.id for row in sorted(forest.seen(forest.roots), key=ORDERS[sort])]
    assert len(wanted) > 40
    with forest.paper.read() as conn:
        for limit in (1, 7, len(wanted) - 1, len(wanted), len(wanted) + 1):
            found, cursor, pages = [], None, 0
            while True:
                read = read_cursor(cursor, sort)
                rows, cursor = threads.read_roots(conn, forest.article, THE_PUBLIC, sort, read, limit)
                found += [row.id for row in rows]
                pages += 1
                if cursor is None:
                    break
                assert len(rows) == limit
            assert found == wanted
            assert pages == -(-len(wanted) // limit), "no empty page at the end"


@pytest.mark.parametrize("sort", Sort)
def test_pages_over_http(forest: Forest, sort: Sort) -> None:
    """Flat: each root, then its first replies, oldest first. Every root once over all pages."""
    wanted = [str(row.id) for row in sorted(forest.seen(forest.roots), key=ORDERS[sort])]
    found, query = [], f"?sort={sort}&limit=11"
    cursor = ""
    while cursor is not None:
        page = forest.paper.page(query=query + (f"&cursor={cursor}" if cursor else ""))
        assert ("site" in page) is (not cursor)
        for root, below in by_root(page["comments"]):
            found.append(root)
            replies = [row for row in forest.seen(forest.rows) if str(row.root_id) == root and row.depth]
            first = sorted(replies, key=ORDERS[Sort.OLDEST])[:FIRST_REPLIES]
            assert below == [str(row.id) for row in first]
        cursor = page["next_cursor"]
    assert found == wanted


def by_root(flat: list[Any]) -> Iterator[tuple[str, list[str]]]:
    for root, group in itertools.groupby(flat, lambda comment: comment["root_id"]):
        first, *below = group
        assert first["id"] == root and first["depth"] == 0
        yield root, [comment["id"] for comment in below]


def test_pages_of_replies(forest: Forest) -> None:
    """All descendants of a root, the direct replies of any other, oldest first."""
    asked = 0
    with forest.paper.read() as conn:
        for row in forest.rows[::3]:
            below = [one for one in forest.rows if (one.root_id if row.depth == 0 else one.parent_id) == row.id]
            wanted = [one.id for one in sorted(forest.seen(below), key=ORDERS[Sort.OLDEST]) if one.depth]
            found: list[int] = []
            cursor = None
            while True:
                read = read_cursor(cursor, "replies")
                rows, cursor = threads.read_replies(conn, row, THE_PUBLIC, read, 2)
                found += [one.id for one in rows]
                if cursor is None:
                    break
            assert found == wanted
            asked += len(wanted)
    assert asked > 20


def test_ancestors_from_the_root_down(forest: Forest) -> None:
    by_id = {row.id: row for row in forest.rows}
    deepest = 0
    with forest.paper.read() as conn:
        for row in forest.rows:
            above, parent = [], by_id.get(row.parent_id)
            while parent is not None:
                above.append(parent)
                parent = by_id.get(parent.parent_id)
            wanted = [one.id for one in forest.seen(above[::-1])]
            assert [one.id for one in threads.read_ancestors(conn, row, THE_PUBLIC)] == wanted
            deepest = max(deepest, len(above))
    assert deepest > 4, "beyond the cap of depth"


def test_a_chain_of_ten_thousand(app: Flask, clock: FakeClock) -> None:
    """However deep: no recursion of ours, and the nearest thousand ancestors are shown."""
    paper = Gazette.make(app, clock)
    row = {
        "site_id": paper.id, "source": "x", "html": "x", "tree": "[]", "text": "x", "text_hash": "x",
        "status": "published", "root_id": 1, "created_at": 1,
    }  # fmt: skip

    def chain(conn: sa.Connection) -> None:
        article = conn.execute(
            sa.insert(articles).values(site_id=paper.id, key="1", created_at=1).returning(articles.c.id)
        ).scalar_one()
        conn.execute(
            sa.insert(comments),
            [
                row | {"id": n, "article_id": article, "parent_id": n - 1 or None, "depth": min(n - 1, 4)}
                for n in range(1, 10_001)
            ],
        )

    paper.change(chain)
    context = paper.get("/comments/10000/context")["comments"]
    assert [one["id"] for one in context] == [str(n) for n in range(8999, 10_001)]
    assert [one["id"] for one in paper.page()["comments"]] == ["1", "2", "3", "4"]
    assert len(paper.get("/comments/1/replies?limit=100")["comments"]) == 100


class Queries(list[tuple[str, Any]]):
    """The statements that an engine was given."""


@contextmanager
def listening(engine: sa.Engine) -> Iterator[Queries]:
    heard = Queries()

    def hear(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            heard.append((statement, parameters))

    sa.event.listen(engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        sa.event.remove(engine, "before_cursor_execute", hear)


def test_at_most_six_queries_a_page(forest: Forest) -> None:
    """However long the thread, whoever asks; and as many for fifty roots as for one."""
    paper = forest.paper
    reader = paper.reader("kiesel")
    some = forest.seen(forest.roots)[0].id
    engine = paper.database.engine
    for ask in (
        lambda: paper.page(query="?limit=1"),
        lambda: paper.page(query="?limit=50"),
        lambda: paper.page(query="?sort=oldest"),
        lambda: paper.page(query="?sort=recommended&limit=50"),
        lambda: paper.page("nobody wrote here"),
        lambda: reader.call("GET", f"{paper.article()}/comments?limit=50"),
        lambda: paper.get(f"/comments/{some}/replies?limit=100"),
        lambda: paper.get(f"/comments/{some}/context"),
        lambda: paper.changes(0),
        lambda: paper.get(f"/sites/{paper.key}/counts?" + "&".join(f"article={n}" for n in range(100))),
    ):
        with listening(engine) as heard:
            ask()
        assert 1 <= len(heard) <= 6, heard
    with listening(engine) as heard:
        reader.mine()
    assert len(heard) <= 7, heard


def test_a_queue_takes_a_fixed_number_of_queries(forest: Forest) -> None:
    """However many comments, articles and authors a page of it shows."""
    paper = forest.paper
    for number in range(20):
        paper.change(lambda conn, n=number: plant(conn, paper.id, f"more {n}", 3, 5, n))
    desk = paper.desk()
    for limit in (1, 100):
        with listening(paper.database.engine) as heard:
            shown = desk.get(f"/sites/gazette/queues/reported?limit={limit}")
        assert len(shown["items"]) >= min(limit, 50)
        assert len(heard) <= 15, heard
    assert len({item["article"]["id"] for item in shown["items"]}) > 10
