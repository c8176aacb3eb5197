"""A chain of ten thousand replies, each to the one before: pages of it cost what a flat thread's cost, row by row."""

import gc
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.http.nesting import Shown, nest
from comments.storage.tables import articles, comments
from tests.conftest import FakeClock
from tests.gazette import Gazette

LONG = 10_000


def plant(paper: Gazette, key: str, first: int, parent_of: Callable[[int], int | None], count: int) -> None:
    row = {
        "site_id": paper.id, "source": "x", "html": "<p>x</p>", "tree": '[["p","x"]]', "text": "x", "text_hash": "x",
        "status": "published", "root_id": first, "created_at": 1, "visible_children": 1,
    }  # fmt: skip

    def write(conn: sa.Connection) -> None:
        made = sa.insert(articles).values(site_id=paper.id, key=key, created_at=1).returning(articles.c.id)
        article = conn.execute(made).scalar_one()
        rows = [
            row | {"id": n, "article_id": article, "parent_id": parent_of(n), "depth": 0 if n == first else 4}
            for n in range(first, first + count)
        ]
        conn.execute(sa.insert(comments), rows)

    paper.change(write)


def cost(paper: Gazette, path: str) -> tuple[float, Any]:
    """The least processor time of three requests, in seconds, and the answer."""
    client, least, answer = paper.app.test_client(use_cookies=False), 1e9, None
    for _ in range(3):
        before = time.thread_time()
        answer = client.get(path)
        least = min(least, time.thread_time() - before)
        assert answer.status_code == 200, answer.get_data(True)
    return least, answer


def test_pages_of_a_chain(app: Flask, clock: FakeClock) -> None:
    paper = Gazette.make(app, clock)
    plant(paper, "deep", 1, lambda n: n - 1 or None, LONG)
    plant(paper, "flat", 20_001, lambda n: None if n == 20_001 else 20_001, 101)
    flat, shown = cost(paper, "/articles/gazette/flat?comment=20001")
    rows = shown.get_data(True).count("<article")
    for path in (f"?comment={LONG}", "?comment=5000", ""):
        spent, answer = cost(paper, f"/articles/gazette/deep{path}")
        count = answer.get_data(True).count("<article")
        assert count > (1_000 if path else 1)
        assert spent / count <= 4 * flat / rows or spent < 0.5, (path, spent, count, flat, rows)
    for path in (f"/api/v1/comments/{LONG}/context", "/api/v1/sites/gazette/articles/deep/comments"):
        assert cost(paper, path)[0] < 3


def chain(count: int) -> list[Any]:
    return [
        SimpleNamespace(
            id=n, parent_id=n - 1 or None, root_id=1, depth=0 if n == 1 else 4, status="published", member_id=1,
            visible_children=1, badges="[]", avatar=None,
        )
        for n in range(1, count + 1)
    ]  # fmt: skip


@pytest.mark.parametrize("order", [1, -1])
def test_nesting_a_chain_hangs_it_flat_whatever_the_order(order: int) -> None:
    rows = chain(300)
    nodes: list[Shown] = nest(rows[::order], {row.id: "<p>x</p>" for row in rows})
    assert [node.row.id for node in nodes] == [1]
    assert [node.row.id for node in nodes[0].children] == list(range(2, 301))[::order]
    assert [node.answers and node.answers.id for node in nodes[0].children][:: order * 1][:3] == [None, 2, 3]


def test_nesting_takes_no_square_of_time() -> None:
    def spent(count: int) -> float:
        rows, least = chain(count), 1e9
        for _ in range(5):
            before = time.thread_time()
            nest(rows, {row.id: "<p>x</p>" for row in rows})
            least = min(least, time.thread_time() - before)
        return least

    gc.disable()  # what it costs depends on everything else that this process keeps
    try:
        assert spent(16_000) < 64 * spent(1_000), "a square would be 256 times as much"
    finally:
        gc.enable()
