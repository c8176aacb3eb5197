"""Readers who take too little, ask too much or are too many: the others notice nothing; on a real service."""

import random
import time
from collections.abc import Callable

import pytest
import websocket

from tests.conftest import Environ
from tests.live.conftest import Desk, second_process
from tests.live.paper import Paper, over_http
from tests.live.sockets import Line
from tests.served import Served
from tests.servers import wait_until

LONG = "long " * 900


def test_one_more_than_the_limit_is_refused_and_pages_go_on(served: Callable[..., Served], environ: Environ) -> None:
    service = served("serve", COMMENTS_SOCKETS="3")
    with second_process(environ) as database:
        desk = Desk(service.url, Paper.found(over_http(service.url), database))
        wait_until(desk.is_known, "the service to know the site's origin")
        anna = desk.paper.member("anna")
        lines = [desk.follow("news") for _ in range(3)]
        with pytest.raises(websocket.WebSocketBadStatusException) as refused:
            desk.handshake()
        assert refused.value.status_code == 503
        assert int({name.lower(): value for name, value in refused.value.resp_headers.items()}["retry-after"]) > 0
        posted = anna.post("news", "Pages are answered, and those who are in go on.")
        assert [one["id"] for one in desk.paper.page("news")["comments"]] == [posted["id"]]
        for line in lines:
            line.batch_with(posted["id"], "added")
        lines[0].close()
        wait_until(desk.is_known, "a place for somebody else")
        desk.close()


def test_one_address_holds_so_many_and_others_come_in(served: Callable[..., Served], environ: Environ) -> None:
    service = served("serve", COMMENTS_SOCKETS_PER_ADDRESS="3", COMMENTS_TRUSTED_PROXIES="127.0.0.1")
    with second_process(environ) as database:
        desk = Desk(service.url, Paper.found(over_http(service.url), database))
        wait_until(lambda: status_from(desk, "192.0.2.99") == 101, "the service to know the site's origin")
        crowds = (
            ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
            ("2001:db8:0:1::1", "2001:db8:0:1:ffff::9", "2001:db8:0:2::1"),
        )
        for first, second, other in crowds:
            lines = [desk.handshake(comes_from=first) for _ in range(3)]
            assert status_from(desk, second) == 429
            assert status_from(desk, f"{other}, {second}") == 429, "what the client says of itself changes nothing"
            assert status_from(desk, other) == 101
            lines[0].close()
            wait_until(lambda second=second: status_from(desk, second) == 101, "a place")  # type: ignore[misc]
        desk.close()


def status_from(desk: Desk, address: str) -> int:
    """How a handshake from there is answered; it is closed at once."""
    try:
        desk.handshake(comes_from=address).close()
    except websocket.WebSocketBadStatusException as refused:
        return int(refused.status_code)
    return 101


def test_who_does_not_read_is_dropped_holds_nobody_and_catches_up(desk: Desk) -> None:
    anna = desk.paper.member("anna")
    posted = [anna.post("news", f"{number} {LONG}") for number in range(100)]
    fast, deaf = desk.follow("news", after=100), desk.handshake(receive_buffer=4096)
    auth = {"site": desk.paper.key, "article": "news", "after": 0}
    deaf.greet_without_reading(auth)
    for _ in range(8):  # each answer is half a megabyte
        with_ack = f'421["follow",{{"site":"{desk.paper.key}","article":"news","after":0}}]'
        try:
            deaf.socket.send(with_ack)
        except OSError:
            break  # already cut
    posted.append(anna.post("news", "Who reads hears at once."))
    event, _ = fast.batch_with(posted[-1]["id"], "added")
    print(f"the other reader had it {event.at:.3f}")
    deaf.wait_until_cut(within=30)
    whole = [event for event in deaf.events if event.name == "thread.batch"]
    assert len(whole) < 8, "not all of it was kept for them"
    again = desk.follow("news", after=50)
    missed = again.wait("thread.batch").data
    assert [one["comment"]["id"] for one in missed["changes"]] == [one["id"] for one in posted[50:]]
    assert (missed["after"], missed["seq"]) == (50, 101)


def test_order_holds_for_a_slow_reader_who_asks_and_answers_meanwhile(desk: Desk) -> None:
    anna, site = desk.paper.member("anna"), desk.paper.key
    for number in range(20):
        anna.post("aside", f"{number} {LONG}")
    line = desk.handshake(receive_buffer=4096).greet({"site": site, "article": "news", "after": 0})
    for number in range(8):
        line.socket.send(f'42{100 + number}["follow",{{"site":"{site}","article":"aside","after":0}}]')
        line.socket.ping(f"ping {number}")
        line.socket.send("3")
        anna.post("news", f"{number} {LONG}")
    last = anna.post("news", "The last one.")
    line.batch_with(last["id"], within=30)
    line.names()
    assert list(line._acks) == list(range(100, 108)), "every question was answered"
    news = [event.data for event in line.events if event.data.get("article") == "news"]
    assert [one["after"] for one in news] == [0, *(one["seq"] for one in news[:-1])], "each batch continues the last"
    ids = [one["comment"]["id"] for data in news for one in data["changes"] if one["kind"] == "added"]
    assert len(ids) == len(set(ids)) == 9
    aside = [event.data for event in line.events if event.data.get("article") == "aside"]
    assert [(data["after"], data["seq"], len(data["changes"])) for data in aside] == [(0, 20, 20)] * 8


def test_a_burst_comes_as_one_message_in_a_tick(desk: Desk) -> None:
    anna = desk.paper.member("anna")
    line = desk.follow("news", after=0)
    began = time.monotonic()
    for number in range(30):
        anna.post("news", f"Number {number}.")
    last = anna.post("news", "The last one.")
    took = time.monotonic() - began
    line.batch_with(last["id"])
    batches = [event for event in line.events if event.name == "thread.batch"]
    print(f"31 posts in {took:.2f} s made {len(batches)} messages")
    assert len(batches) <= took / 0.1 + 2
    assert [event.data["after"] for event in batches] == [0, *(event.data["seq"] for event in batches[:-1])]


@pytest.mark.parametrize("seed", range(4))
def test_garbage_ends_the_connection_and_does_no_harm(desk: Desk, seed: int) -> None:
    chance = random.Random(seed)
    line, hostile = desk.follow("news"), [desk.follow("news") for _ in range(10)]
    for one in hostile:
        one.socket.sock.sendall(bytes(chance.randrange(256) | (0x70 * (place == 0)) for place in range(500)))
    for one in hostile:
        one.wait_until_cut()
    half = desk.follow("news")
    half.socket.sock.sendall(b"\x81\xfe\xff")  # a frame that never becomes whole
    half.close()
    assert line.names() == []


def test_who_stands_where_the_room_stands_joins_and_hears_what_comes(desk: Desk) -> None:
    """The first joins by reading the database, the others without; none of them may miss or be told too much."""
    anna = desk.paper.member("anna")
    for number in range(3):
        anna.post("news", f"Number {number}.")
    lines: list[Line] = [desk.follow("news", after=3) for _ in range(5)]
    behind = desk.follow("news", after=1)
    assert behind.wait("thread.batch").data["seq"] == 3
    ahead = desk.follow("news", after=9)
    assert ahead.wait("thread.reset").data["seq"] == 3
    assert all(set(line.names()) <= {"presence"} for line in lines)
    fourth = anna.post("news", "Number 3.")
    lines.append(desk.follow("news", after=3))  # before or after the room was told: once in both cases
    for line in lines:
        event, _ = line.batch_with(fourth["id"], "added")
        assert (event.data["after"], event.data["seq"]) == (3, 4)
    assert all(line.names().count("thread.batch") == 1 for line in lines)
