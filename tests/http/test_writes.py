"""What a post costs and holds: few statements, the article's row last, and an answer that nobody has to read again."""

import contextlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from tests.conftest import FakeClock
from tests.gazette import Gazette, Reader, good, refused
from tests.jobs.hooked import add


@pytest.fixture
def kiesel(paper: Gazette) -> Reader:
    return paper.reader("kiesel", badges=["Subscriber"], avatar="https://pictures.example/kiesel.png")


@contextlib.contextmanager
def statements(paper: Gazette) -> Iterator[list[str]]:
    """What is asked of the database meanwhile, as “UPDATE articles”."""
    heard: list[str] = []

    def hear(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if found := re.match(r"(SELECT|INSERT|UPDATE|DELETE)(?: INTO| FROM)? (\w+)", statement):
            heard.append(f"{found[1]} {found[2]}")

    sa.event.listen(paper.database.engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        sa.event.remove(paper.database.engine, "before_cursor_execute", hear)


STATEMENTS = [
    "SELECT members", "SELECT articles", "INSERT comments", "UPDATE members", "UPDATE articles", "UPDATE comments",
    "INSERT journal",
]  # fmt: skip


def test_a_post_takes_few_statements_and_the_article_last(paper: Gazette, kiesel: Reader) -> None:
    """Only what needs the new seq comes after the article's row: the lock of a hot article is held no longer."""
    root = kiesel.post("the first makes the article")["id"]
    for parent in (None, root):
        with statements(paper) as heard:
            kiesel.post("hello", parent)
        assert heard == STATEMENTS


def test_webhooks_cost_a_post_nothing_where_there_are_none(paper: Gazette, kiesel: Reader) -> None:
    """Whether there are any comes along with what is written anyway; where there are, it is five statements more."""
    kiesel.post("the first makes the article")
    add(paper, "https://hooks.example/")
    with statements(paper) as heard:
        kiesel.post("hello")
    more = [
        "SELECT webhooks",
        "SELECT sites",
        "SELECT comments",
        "INSERT webhook_messages",
        "INSERT webhook_deliveries",
    ]
    assert heard == STATEMENTS + more


def test_a_held_post_does_not_touch_the_article(paper: Gazette, kiesel: Reader) -> None:
    kiesel.post("the first makes the article")
    paper.desk("administrator").call("PATCH", "/sites/gazette/articles/1", {"mode": "premoderated"})
    with statements(paper) as heard:
        assert kiesel.post("hello")["status"] == "waiting"
    assert "INSERT findings" in heard
    assert "UPDATE articles" not in heard


@pytest.mark.parametrize("rules", [{}, {"premoderate": True}, {"trusted_comments": 1}, {"newcomer_comments": 1}])
def test_the_answer_is_what_the_author_reads(app: Any, clock: FakeClock, rules: dict[str, Any]) -> None:
    """The same key again is answered from the database, the first time from what the transaction knows."""
    paper = Gazette.make(app, clock, **rules)
    kiesel = paper.reader("kiesel", badges=["Subscriber"], avatar="https://pictures.example/kiesel.png")
    parents: list[str | None] = [None]
    for number, text in enumerate(("plain", "**bold** https://example.org", "A reply.\n\n> quoted", "below")):
        for parent in tuple(parents):
            clock.forward(1)
            key = f"{number} below {parent}"
            first, again = (good(kiesel.send(text, parent, key=key), status) for status in (201, 200))
            assert first == again
            if first["status"] == "published":
                parents.append(first["id"])
    assert first["author"]["badges"] == ["Subscriber"]


def test_nobody_writes_at_another_site(app: Any, clock: FakeClock, paper: Gazette, kiesel: Reader) -> None:
    other = Gazette.make(app, clock, "courier", issuer="https://courier.example", origins=("https://courier.example",))
    for site in (other.key, "nowhere"):
        path = f"/sites/{site}/articles/1/comments"
        refused(kiesel.call("POST", path, {"body": "hello"}, Idempotency_Key="k"), 404, "not_found")
    headers = {"Origin": "https://courier.example", "Idempotency_Key": "k"}
    refused(kiesel.call("POST", f"{paper.article()}/comments", {"body": "hello"}, **headers), 403, "origin")
