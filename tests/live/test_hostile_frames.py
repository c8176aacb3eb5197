"""Clients that send what no client of ours sends, or too much of it: their connection ends with a code that says why,
it costs the service next to nothing, and nobody else notices; on a real service.
"""

import json
import os
import struct
import time
from pathlib import Path

import pytest
import websocket

from comments.live.frames import FrameReader
from tests.live.conftest import Desk, Environ
from tests.live.sockets import Cut, Line
from tests.live.test_survival import serving_process
from tests.served import Served

MASK = b"\1\2\3\4"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def frame(
    payload: bytes = b"", opcode: int = TEXT, final: bool = True, masked: bool = True, size: int | None = None
) -> bytes:
    """One frame, as wrong as it is wanted; `size`: what it says, whatever it has."""
    length = len(payload) if size is None else size
    bit = 0x80 if masked else 0
    if length < 126:
        head = struct.pack("!BB", final << 7 | opcode, bit | length)
    elif length < 1 << 16:
        head = struct.pack("!BBH", final << 7 | opcode, bit | 126, length)
    else:
        head = struct.pack("!BBQ", final << 7 | opcode, bit | 127, length)
    if not masked:
        return head + payload
    return head + MASK + bytes(byte ^ MASK[at % 4] for at, byte in enumerate(payload))


def code_of(line: Line, within: float = 5.0) -> tuple[int, str]:
    """How the service closes the connection: the code and its reason; 0 if it just ends."""
    give_up = time.monotonic() + within
    while (left := give_up - time.monotonic()) > 0:
        line.socket.settimeout(left)
        try:
            opcode, data = line.socket.recv_data()
        except (websocket.WebSocketConnectionClosedException, ConnectionError, Cut):
            return 0, ""
        if opcode == CLOSE:
            return int.from_bytes(data[:2]), data[2:].decode()
    raise AssertionError("the connection is still open")


def say(desk: Desk, *parts: bytes) -> tuple[int, str]:
    """Send it on a line of its own; how that ended."""
    line = desk.follow("news")
    try:
        for part in parts:
            line.socket.sock.sendall(part)
    except OSError:  # it has ended meanwhile
        pass
    return code_of(line)


EVENT = b'42["unfollow",{"site":"","article":"x"}]'
BROKEN: dict[str, tuple[int, bytes]] = {
    "not masked": (1002, frame(EVENT, masked=False)),
    "the first reserved bit, as if compressed": (1002, b"\xc1" + frame(EVENT)[1:]),
    "all reserved bits": (1002, b"\xf1" + frame(EVENT)[1:]),
    "an opcode that there is not": (1002, frame(EVENT, 3)),
    "a control opcode that there is not": (1002, frame(b"", 11)),
    "a ping in parts": (1002, frame(b"x", PING, final=False)),
    "a long ping": (1002, frame(b"x" * 126, PING)),
    "a long close": (1002, frame(b"\x03\xe8" + b"x" * 130, CLOSE)),
    "a continuation of nothing": (1002, frame(b"x", 0)),
    "a message in a message": (1002, frame(b"4", final=False) + frame(EVENT)),
    "binary": (1003, frame(b"\x04abc", BINARY)),
    "binary in parts": (1003, frame(b"a", BINARY, final=False) + frame(b"b", 0)),
    "a binary event": (1003, frame(b'451-["follow",{"_placeholder":true,"num":0}]')),
    "a binary answer": (1003, frame(b'461-1[{"_placeholder":true,"num":0}]')),
    "very many attachments": (1003, frame(b'45999999999-["follow",{}]')),
    "no UTF-8": (1007, frame(b'42["follow",{"site":"\xff\xfe"}]')),
    "a lone surrogate": (1007, frame(b'42["follow",{"site":"\xed\xa0\x80"}]')),
    "cut UTF-8": (1007, frame(b'42["follow","\xe2\x82')),
    "65 kB": (1009, frame(b"x" * 65_537)),
    "65 kB in parts": (1009, frame(b"x" * 60_000, final=False) + frame(b"x" * 6_000, 0)),
    "a length of 2^63": (1009, frame(b"", size=2**63)),
    "a length of a gigabyte": (1009, frame(b"", size=2**30)),
    "another namespace": (1003, frame(b"40/admin,{}")),
    "an event of another namespace": (1003, frame(b'42/admin,["follow",{}]')),
    "an event that is not ours": (1003, frame(b'42["disconnect"]')),
    "an event without a name": (1003, frame(b"42[]")),
    "an event with a number for a name": (1003, frame(b"42[1]")),
    "an ack of ten figures": (1003, frame(b'421234567890["follow",{}]')),
    "an answer that nobody asked for": (1003, frame(b'431[{"ok":true}]')),
    "an error": (1003, frame(b'44{"message":"x"}')),
    "an upgrade": (1003, frame(b"5")),
    "a probe": (1003, frame(b"2probe")),
    "polling's separator": (1003, frame(b"3\x1e3")),
    "a tower": (1003, frame(b'42["follow",' + b"[" * 60_000)),
    "a whole tower": (1003, frame(b'42["follow",' + b"[" * 30_000 + b"]" * 30_000 + b"]")),
    "goodbye": (1000, frame(b"1")),
    "goodbye to the namespace": (1000, frame(b"41")),
}


def test_what_is_not_ours_ends_with_the_code_that_says_why(desk: Desk) -> None:
    witness = desk.follow("news")
    wrong = {what: (code, say(desk, sent)) for what, (code, sent) in BROKEN.items()}
    assert {what: got for what, (code, got) in wrong.items() if got[0] != code} == {}
    assert witness.names() == []


MUCH = FrameReader.most_pieces + 50
FLOODS: dict[str, list[bytes]] = {
    "pings": [frame(b"p" * 125, PING) * MUCH],
    "pongs of websockets": [frame(b"", PONG) * MUCH],
    "pongs that nobody asked for": [frame(b"3")] * 5 + [frame(b"3") * MUCH],
    "empty parts": [frame(b"4", final=False) + frame(b"", 0, final=False) * MUCH],
    "parts and pings between them": [frame(b"4", final=False) + (frame(b"", 0, final=False) + frame(b"", PING)) * MUCH],
    "follow and unfollow": [(frame(b'42["follow",{"site":"x","article":"a"}]') + frame(EVENT)) * MUCH],
    "questions with acks": [frame(b'42999999999["token",{"token":null}]') * MUCH],
    "CONNECT again and again": [frame(b'40{"site":"x","article":"a"}') * MUCH],
    "tokens that are none": [frame(b'42["token",{"token":"' + b"x" * 1000 + b'"}]') * MUCH],
    "large messages": [frame(b'42["token",{"token":"' + b"x" * 60_000 + b'"}]') * 8],
}


@pytest.mark.parametrize("what", FLOODS)
def test_too_much_of_anything_ends_with_1008_and_a_reason(desk: Desk, what: str) -> None:
    witness, author = desk.follow("news", after=0), desk.paper.member("anna")
    code, reason = say(desk, *FLOODS[what])
    assert (code, reason.split(" ")[:2], reason.endswith(" in 10 seconds")) == (1008, ["more", "than"], True)
    witness.batch_with(author.post("news", "Nobody else noticed.")["id"], "added")


def test_one_byte_at_a_time_is_too_many_pieces(desk: Desk) -> None:
    line = desk.follow("news")
    message = frame(b'42["token",{"token":"' + b"x" * 1000 + b'"}]')
    sent = 0
    try:
        for byte in message:
            line.socket.sock.sendall(bytes([byte]))
            sent += 1
            time.sleep(0.001)
    except OSError:
        pass
    assert code_of(line)[0] in (1008, 0)
    assert sent < len(message)


def test_a_page_with_twenty_threads_is_not_too_much(desk: Desk) -> None:
    """As our own client does after a line was cut: CONNECT, a token, nineteen threads; and some work besides."""
    anna = desk.paper.member("anna")
    line = desk.follow("thread-0", anna)
    for number in range(1, 20):
        assert line.ask("follow", {"site": desk.paper.key, "article": f"thread-{number}"})["ok"]
    refused = line.ask("follow", {"site": desk.paper.key, "article": "one-more"})
    assert refused["error"]["code"] == "malformed" and "at most 20" in refused["error"]["detail"]
    for number in range(10, 20):
        assert line.ask("unfollow", {"site": desk.paper.key, "article": f"thread-{number}"})["ok"]
        assert line.ask("follow", {"site": desk.paper.key, "article": f"thread-{number + 10}"})["ok"]
    assert line.ask("token", {"token": anna.token}) == {"ok": True}
    posted = anna.post("thread-29", "Followed last.")
    line.batch_with(posted["id"], "added")


@pytest.mark.parametrize(
    "asked",
    [
        {"after": -1}, {"after": 2**31}, {"after": 2**63}, {"after": 2**64},
        {"after": -(2**63) - 1}, {"after": 10**300},
        {"after": 1.5}, {"after": True}, {"after": "0"}, {"article": ["news"]}, {"article": "\0"},
        {"article": "x" * 60_000},
        {"site": "x" * 60_000}, {"site": None}, {"article": "\ud800"}, {"token": "x" * 60_000}, {"__proto__": {"a": 1}},
    ],
)  # fmt: skip
def test_values_that_no_page_sends_are_answered_or_ended_and_do_no_harm(desk: Desk, asked: dict[str, object]) -> None:
    desk.paper.member("anna").post("news", "Something to follow.")
    line = desk.follow("news")
    name = "token" if "token" in asked else "follow"
    line.socket.send("427" + json.dumps([name, {"site": desk.paper.key, "article": "news"} | asked]))
    try:
        line._read_until(lambda _: 7 in line._acks, 5)
    except Cut:
        return
    assert line._acks[7].get("ok") or line._acks[7]["error"]["status"] in (400, 401, 404)


def test_a_second_connect_changes_nothing(desk: Desk, new_desk: object) -> None:
    line = desk.follow("news", after=0)
    line.socket.send("40" + json.dumps({"site": desk.paper.key, "article": "sport"}))
    line.socket.send("40" + json.dumps({"console": True}))
    assert line.names() == []
    anna = desk.paper.member("anna")
    anna.post("sport", "Not followed.")
    posted = anna.post("news", "Followed.")
    line.batch_with(posted["id"], "added")
    assert {event.data["article"] for event in line.events if event.data} == {"news"}


def memory_of(pid: int) -> int:
    """Bytes that the process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_lengths_that_are_only_said_and_messages_that_never_end_take_no_memory(
    desk: Desk, service: tuple[Served, Environ]
) -> None:
    pid = serving_process(service[0])
    lines = [desk.follow("news") for _ in range(60)]
    before = memory_of(pid)
    for line in lines[:30]:
        line.socket.sock.sendall(frame(b"", size=65_536))  # says 64 kB, brings none
    for line in lines[30:]:
        line.socket.sock.sendall(frame(b"4", final=False) + frame(b"x" * 50_000, 0, final=False))
    desk.follow("news").names()
    grown = memory_of(pid) - before
    print(f"60 connections that hold a message open took {grown / 1024:.0f} kB")
    assert grown < 30 * 64 * 1024 * 4
