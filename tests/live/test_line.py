"""The browser's thread on a real line: cut for a while and there again, it is the same as a fresh reload."""

from collections.abc import Iterator

import pytest

from tests.live.conftest import Desk
from tests.live.paper import HELD
from tests.live.sockets import Line
from tests.test_same_thread import ARTICLE, Browser


@pytest.fixture
def browser() -> Iterator[Browser]:
    browser = Browser()
    yield browser
    browser.close()


def test_a_thread_whose_line_was_cut_is_the_same_as_a_fresh_one(desk: Desk, browser: Browser) -> None:
    paper = desk.paper
    anna, bert, moderator = paper.member("anna"), paper.member("bert"), paper.moderator()
    roots = [anna.post(ARTICLE, f"Root {number}.") for number in range(3)]
    state = browser.ask("old", "load", page=paper.page(ARTICLE), sort="newest")

    def hear_until(line: Line, comment: str) -> None:
        nonlocal state
        line.batch_with(comment)
        for event in line.events:
            if event.name in ("thread.batch", "thread.reset", "article.changed"):
                state = browser.ask("old", "event", name=event.name, payload=event.data)
                assert state["stale"] is None

    line = desk.follow(ARTICLE, after=state["seq"])
    reply = bert.post(ARTICLE, "A reply.", roots[0]["id"])
    anna.edit(roots[1]["id"], "Root 1, edited.")
    bert.recommend(roots[2]["id"])
    hear_until(line, roots[2]["id"])
    line.close()
    held = bert.post(ARTICLE, f"{HELD} of this one.", reply["id"])
    anna.withdraw(roots[0]["id"])
    anna.withdraw(roots[1]["id"])
    moderator.set_mode(ARTICLE, "readonly")
    moderator.set_mode(ARTICLE, "open")
    again = desk.follow(ARTICLE, after=state["seq"])
    moderator.approve(held["id"])
    last = bert.post(ARTICLE, "The last word.")
    hear_until(again, last["id"])
    browser.ask("old", "take")
    browser.ask("fresh", "load", page=paper.page(ARTICLE), sort="newest")
    window = browser.ask("old", "window")
    assert browser.ask("old", "dump", within=window) == browser.ask("fresh", "dump", within=window)
    assert browser.ask("old", "view") == browser.ask("fresh", "view")
