"""A change that lands in the middle of an answer: no answer may claim a seq whose changes it does not show.

The change is made by another thread right before the n-th statement of the answer, for every n.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from tests.conftest import FakeClock
from tests.gazette import Gazette, Reader, good


@contextmanager
def before_statement(engine: sa.Engine, number: int, change: Callable[[], Any]) -> Iterator[list[str]]:
    """Run `change` in another thread before the n-th statement (from 1) of this one; gives the statements heard."""
    heard: list[str] = []
    here = threading.get_ident()

    def hear(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if threading.get_ident() != here or statement.startswith(("BEGIN", "PRAGMA")):
            return
        heard.append(statement)
        if len(heard) == number:
            other = threading.Thread(target=change)
            other.start()
            other.join()

    sa.event.listen(engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        sa.event.remove(engine, "before_cursor_execute", hear)


def truth(paper: Gazette, root: str) -> dict[str, Any]:
    """The public's comments under one root, asked for afresh."""
    page = paper.page(query="?limit=50")["comments"]
    replies = paper.get(f"/comments/{root}/replies?limit=100")["comments"]
    return {one["id"]: one for one in page + replies if one["root_id"] == root}


CHANGES: dict[str, Callable[[Reader, Reader, str, str], Any]] = {
    "the root is withdrawn": lambda kiesel, bach, root, reply: good(kiesel.withdraw(root)),
    "the reply is withdrawn": lambda kiesel, bach, root, reply: good(bach.withdraw(reply)),
    "the reply is edited": lambda kiesel, bach, root, reply: good(bach.edit(reply, "corrected")),
    "a reply is added": lambda kiesel, bach, root, reply: kiesel.post("another", reply),
    "somebody recommends": lambda kiesel, bach, root, reply: good(kiesel.react(reply)),
}
ASKS = {"page": "/sites/gazette/articles/1/comments?limit=9", "context": "/comments/{reply}/context"}


@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize("what", CHANGES)
def test_whatever_lands_in_between(paper: Gazette, clock: FakeClock, ask: str, what: str) -> None:
    kiesel, bach = paper.reader("kiesel"), paper.reader("bach")
    moments = landed = 0
    while landed == moments:
        moments += 1
        root = kiesel.post(f"root {moments}")["id"]
        reply = bach.post(f"reply {moments}", root)["id"]
        clock.forward(5)
        before = paper.page()["seq"]
        with before_statement(
            paper.database.engine, moments, lambda r=root, p=reply: CHANGES[what](kiesel, bach, r, p)
        ) as heard:
            answer = paper.call("GET", ASKS[ask].format(reply=reply))
        if len(heard) < moments:
            break
        landed += 1
        assert paper.page()["seq"] > before
        if answer.status_code == 404:
            continue
        _follow(paper, good(answer), root)
    assert landed >= 4, "an answer takes some statements"


def _follow(paper: Gazette, shown: Any, root: str) -> None:
    """What was shown, with the changes since its seq, is what a fresh look shows of the same comments."""
    forms = {one["id"]: one for one in shown["comments"] if one["root_id"] == root}
    since = paper.changes(shown["seq"])
    assert not since["reset"]
    for change in since["changes"]:
        comment = change["comment"]
        if comment["root_id"] != root:
            continue
        if change["kind"] == "gone":
            forms.pop(comment["id"], None)
        else:
            forms[comment["id"]] = comment
    assert forms == truth(paper, root)
