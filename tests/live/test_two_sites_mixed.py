"""Two sites in one service, mixed as they can be: the same article ids, the same names, moderators of sections, threads
that are closed: ten thousand events and not one to somebody whom it does not concern.
"""

import itertools
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.live.conftest import Desk
from tests.live.paper import HELD
from tests.live.sockets import Line

ARTICLES, READERS, ROUNDS = 6, 80, 80
EVENTS = 10_000


def follows(number: int) -> set[str]:
    """Which articles a reader follows: each half of them."""
    return {f"article-{(number + step) % ARTICLES}" for step in range(ARTICLES // 2)}


def article_of(data: dict[str, Any]) -> str:
    """What an event is about: its key, or the article as it is now."""
    told = data["article"]
    return str(told["id"] if isinstance(told, dict) else told)


def open_lines(desk: Desk) -> list[Line]:
    lines = []
    members = [desk.paper.member(f"reader-{number}") for number in range(1, 8, 2)]
    for number in range(READERS):
        first, *rest = sorted(follows(number))
        member = members[number % 8 // 2] if number % 2 else None
        line = desk.follow(first, member)
        for article in rest:
            assert line.ask("follow", {"site": desk.paper.key, "article": article})["ok"]
        lines.append(line)
    return lines


@pytest.mark.parametrize("service", ["sqlite"], indirect=True)
def test_nothing_of_ten_thousand_events_reaches_whom_it_does_not_concern(new_desk: Callable[..., Desk]) -> None:
    desks = [new_desk(), new_desk()]
    canaries = {desk.paper.key: f"canary-of-{desk.paper.key}" for desk in desks}
    lines = {desk.paper.key: open_lines(desk) for desk in desks}
    consoles = {desk.paper.key: desk.watch(desk.paper.moderator(("sport",))) for desk in desks}

    def write(desk: Desk) -> None:
        anna, moderator, canary = desk.paper.member("anna"), desk.paper.moderator(), canaries[desk.paper.key]
        for number in range(ROUNDS):
            for article in range(ARTICLES):
                if number == ROUNDS // 2 and article == 0:
                    moderator.set_mode("article-0", "closed")
                if number >= ROUNDS // 2 and article == 0:
                    assert anna.try_to_post("article-0", canary).status not in (200, 201)
                elif number % 10 == 9:
                    assert anna.post(f"article-{article}", f"{HELD} hidden-{canary}")["status"] == "waiting"
                else:
                    anna.post(f"article-{article}", f"{canary} {number}")

    writers = [threading.Thread(target=write, args=[desk]) for desk in desks]
    for writer in writers:
        writer.start()
    listening = itertools.cycle([*itertools.chain(*lines.values()), *consoles.values()])
    while any(writer.is_alive() for writer in writers):
        next(listening).hear(0.005)  # a page answers the server's pings, however long the others write
    for writer in writers:
        writer.join()
    total = leaks = 0
    for here, there in (desks, reversed(desks)):
        concerns_others = (there.paper.key, canaries[there.paper.key], f"hidden-{canaries[here.paper.key]}")
        for number, line in enumerate(lines[here.paper.key]):
            line.names()
            for event in line.events:
                told = json.dumps(event.data)
                leaks += any(one in told for one in concerns_others)
                leaks += event.data["site"] != here.paper.key or article_of(event.data) not in follows(number)
            total += len(line.events)
        console = consoles[here.paper.key]
        assert set(console.names()) <= {"queue.changed", "queue.claims"}, "of sport nothing waits"
        assert there.paper.key not in json.dumps([event.data for event in console.events])
    print(f"{total} events to {2 * READERS} readers, {leaks} leaks")
    assert total >= EVENTS
    assert leaks == 0
