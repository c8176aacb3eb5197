"""A small Socket.IO v5 client over a raw websocket, for tests: connects as a page would, reads events, asks."""

import contextlib
import itertools
import json
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import websocket

PATIENCE = 5.0  # seconds that an event may take to come
Json = dict[str, Any]


class Refused(Exception):
    """The server answered the CONNECT with this code."""


class Cut(Exception):
    """The line ended while we were waiting."""


@dataclass
class Event:
    """One event, and when it came (seconds, monotonic)."""

    name: str
    data: Any
    at: float


@dataclass
class Line:
    """One connection to the live path, connected to the default namespace."""

    socket: websocket.WebSocket
    events: list[Event] = field(default_factory=list)
    _taken: int = 0
    _acks: dict[int, Any] = field(default_factory=dict)
    _asks: Iterator[int] = field(default_factory=itertools.count)

    def greet(self, auth: Any) -> "Line":
        """Send CONNECT and wait for its answer; Refused with the code. Events may already come before it."""
        self.greet_without_reading(auth)
        answer = self._read_until(lambda text: text.startswith(("40", "44")), PATIENCE)
        if answer.startswith("44"):
            raise Refused(json.loads(answer[2:])["message"])
        return self

    def greet_without_reading(self, auth: Any) -> None:
        self.socket.send("40" + json.dumps(auth))

    def wait(self, name: str, where: Callable[[Any], bool] = lambda _data: True, within: float = PATIENCE) -> Event:
        """The next event of this name for which `where` holds; those before it are passed over, not forgotten."""
        give_up = time.monotonic() + within
        while True:
            while self._taken < len(self.events):
                event = self.events[self._taken]
                self._taken += 1
                if event.name == name and where(event.data):
                    return event
            try:
                self._read_one(give_up)
            except websocket.WebSocketTimeoutException:
                seen = [(event.name, event.data) for event in self.events]
                raise AssertionError(f"no {name} came within {within} s; there were {seen}") from None

    def hear(self, within: float) -> None:
        """Let in what comes within so many seconds, at most one message."""
        with contextlib.suppress(websocket.WebSocketTimeoutException):
            self._read_one(time.monotonic() + within)

    def batch_with(self, comment: str, kind: str | None = None, within: float = PATIENCE) -> tuple[Event, Json]:
        """The next batch that speaks of a comment, and what it says of it."""
        wanted = (kind,) if kind else ("added", "changed", "gone")

        def about(data: Any) -> Json | None:
            found = (one for one in data["changes"] if one["comment"]["id"] == comment and one["kind"] in wanted)
            return next(found, None)

        event = self.wait("thread.batch", lambda data: about(data) is not None, within)
        change = about(event.data)
        assert change is not None
        return event, change

    def ask(self, name: str, data: Any) -> Any:
        """Send an event and wait for its ack."""
        number = next(self._asks)
        self.socket.send(f"42{number}" + json.dumps([name, data]))
        self._read_until(lambda _text: number in self._acks, PATIENCE)
        return self._acks.pop(number)

    def names(self) -> list[str]:
        """The names of all events so far, once the server has answered: nothing of before is still on its way."""
        self.ask("unfollow", {"site": "", "article": "nothing"})
        return [event.name for event in self.events]

    def wait_until_cut(self, within: float = PATIENCE) -> None:
        with contextlib.suppress(Cut):
            self._read_until(lambda _text: False, within)

    def close(self) -> None:
        """As a page that is closed: without a word."""
        self.socket.shutdown()

    def _read_until(self, done: Callable[[str], bool], within: float) -> str:
        give_up = time.monotonic() + within
        while True:
            text = self._read_one(give_up)
            if done(text):
                return text

    def _read_one(self, give_up: float) -> str:
        self.socket.settimeout(max(0.001, give_up - time.monotonic()))
        try:
            text = self.socket.recv()
        except (websocket.WebSocketConnectionClosedException, ConnectionError) as error:
            raise Cut from error
        if not text or text == "1" or text.startswith("41"):
            raise Cut
        assert isinstance(text, str)
        if text == "2":
            self.socket.send("3")
        elif text.startswith("42"):
            name, *data = json.loads(text[2:])
            self.events.append(Event(name, data[0] if data else None, time.monotonic()))
        elif text.startswith("43"):
            number, bracket, rest = text[2:].partition("[")
            self._acks[int(number)] = json.loads(bracket + rest)[0]
        return text


def handshake(
    url: str,
    origin: str | None,
    cookie: str | None = None,
    receive_buffer: int | None = None,
    comes_from: str | None = None,
) -> Line:
    """A websocket with the Engine.IO handshake done; websocket.WebSocketBadStatusException where it is refused.
    `comes_from`: as a proxy says it.
    """
    address = f"{url.replace('http', 'ws', 1)}/socket.io/?EIO=4&transport=websocket"
    headers = ["Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"]
    if comes_from is not None:
        headers.append(f"X-Forwarded-For: {comes_from}")
    options: Json = {"suppress_origin": True} if origin is None else {"origin": origin}
    if receive_buffer is not None:
        options["sockopt"] = [(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)]
    line = Line(websocket.create_connection(address, timeout=PATIENCE, header=headers, cookie=cookie, **options))
    opened = line._read_one(time.monotonic() + PATIENCE)
    assert opened.startswith("0"), opened
    return line
