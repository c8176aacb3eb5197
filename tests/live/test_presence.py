"""How many have an article open: rounded, rarely, over all processes, and nothing where the publisher does not want
it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask

from comments.live import presence
from comments.live.presence import LASTS, REST, Presence
from comments.storage.threads import find_article
from tests.conftest import FakeClock
from tests.gazette import Gazette
from tests.live.conftest import Desk


def test_who_follows_is_told_how_many_do(desk: Desk) -> None:
    anna = desk.paper.member("anna")
    anna.post("news", "Something to look at.")
    lines = [desk.follow("news") for _ in range(6)]
    for line in lines:
        assert line.wait("presence").data == {"site": desk.paper.key, "article": "news", "readers": 5}


def test_nobody_is_told_where_the_publisher_does_not_want_it(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(presence=False)
    anna = desk.paper.member("anna")
    anna.post("news", "Something to look at.")
    lines = [desk.follow("news") for _ in range(6)]
    other = new_desk()
    other.paper.member("anna").post("news", "Here they are told.")
    told = [other.follow("news") for _ in range(6)]
    told[-1].wait("presence")
    assert all("presence" not in line.names() for line in lines)


@dataclass
class Crowd:
    """A Presence with the clock in our hands: who is here, what was told, what was reported."""

    article: int
    presence: Presence
    clock: list[float]
    here: dict[int, int] = field(default_factory=dict)
    told: list[int] = field(default_factory=list)
    reported: list[dict[int, int]] = field(default_factory=list)

    def second(self, passed: float = 1.0) -> None:
        self.clock[0] += passed
        self.presence.tick()


@pytest.fixture
def crowd(app: Flask, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Crowd:
    paper = Gazette.make(app, clock)
    paper.reader("anna").post("Something to look at.", article="1")
    with paper.read() as conn:
        article = find_article(conn, paper.id, "1").id
    seconds = [1_000.0]
    monkeypatch.setattr(presence.time, "monotonic", lambda: seconds[0])

    def emit(event: str, data: Any, *, to: str) -> None:
        assert (event, data["article"], to) == ("presence", "1", f"article:{article}:public")
        made.told.append(data["readers"])

    database = app.extensions["comments"].database
    reported: list[dict[int, int]] = []
    here: dict[int, int] = {}
    made = Crowd(article, Presence(database, emit, here.copy, reported.append), seconds, here, reported=reported)
    return made


def test_a_number_comes_rarely_and_only_when_it_is_another(crowd: Crowd) -> None:
    crowd.here[crowd.article] = 7
    crowd.second()
    assert crowd.told == [5]
    crowd.here[crowd.article] = 400
    crowd.second()
    assert crowd.told == [5], "not again at once"
    crowd.second(REST)
    assert crowd.told == [5, 400]
    crowd.second(REST)
    assert crowd.told == [5, 400], "nothing new, nobody new"
    crowd.presence.joined(crowd.article)
    crowd.second(REST)
    assert crowd.told == [5, 400, 400], "for those who came"
    crowd.here[crowd.article] = 2
    crowd.second(REST)
    assert crowd.told[-1] == 0, "almost alone: the page says nothing any more"


def test_another_process_counts_until_it_is_silent(crowd: Crowd) -> None:
    crowd.here[crowd.article] = 1
    crowd.presence.hear("other", {crowd.article: 20})
    crowd.second()
    assert crowd.told == [20]
    crowd.presence.hear("other", {crowd.article: 40})
    crowd.second(REST)
    assert crowd.told == [20, 40], "its last word, not the sum"
    crowd.second(LASTS + 1)
    assert crowd.told == [20, 40, 0], "it died"


def test_others_are_told_what_changed_and_everything_now_and_then(crowd: Crowd) -> None:
    crowd.here[crowd.article] = 100
    crowd.second()
    crowd.here[crowd.article] = 104
    crowd.second()
    crowd.here[crowd.article] = 120
    crowd.second()
    crowd.second(REST)
    del crowd.here[crowd.article]
    crowd.second()
    crowd.second()
    assert crowd.reported == [{crowd.article: number} for number in (100, 120, 120, 0)]
