"""The load: wrk for one request over and over where it is installed; else, and for all else, a client of our own.

It holds keep-alive connections that each ask, wait for the answer and ask again, in one thread over epoll, so that it
costs less than the service. Everything is bounded in connections and time, and goes to loopback. How full the cores
were tells whether the load was the limit.
"""

import json
import math
import re
import select
import shutil
import socket
import subprocess
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.measuring import Figure, percentile
from benchmarks.processes import Cores

CONNECTIONS = 64
PATIENCE = 15.0  # seconds for the answers that are still to come at the end of a round
STATUS = slice(9, 12)  # of "HTTP/1.1 200 OK"
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(slots=True)
class Load:
    """One round: how many answers in how many seconds, and how long they took (milliseconds)."""

    rate: float
    p50: float
    p99: float
    cpu: float = 0.0  # milliseconds of processor for one answer, filled in by whoever knows the server
    cores: Cores = field(default_factory=Cores)


class LoadError(Exception):
    """An answer was not 2xx, or a connection broke: figures of such a round say nothing."""


def has_wrk() -> bool:
    return shutil.which("wrk") is not None


def get_many(url: str, seconds: float, headers: dict[str, str] | None = None) -> Load:
    """Ask for `url` on 64 connections, as fast as answers come."""
    with Cores().watched() as cores:
        load = (_wrk if has_wrk() and seconds >= 1 else _own)(url, seconds, headers or {})
    load.cores = cores
    return load


def _wrk(url: str, seconds: float, headers: dict[str, str]) -> Load:
    given = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", "--latency", "--timeout", "10s", *given, url]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 30).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise LoadError(said)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    shares = dict(re.findall(r"^\s+(50|99)%\s+([\d.]+(?:us|ms|s|m))\s*$", said, re.MULTILINE))
    if rate is None or len(shares) != 2 or not float(rate[1]):
        raise LoadError(f"No answers from {url} in {seconds} s:\n{said}")
    return Load(float(rate[1]), _milliseconds(shares["50"]), _milliseconds(shares["99"]))


def _milliseconds(text: str) -> float:
    value, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()  # type: ignore[union-attr]
    return float(value) * {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}[unit]


def _own(url: str, seconds: float, headers: dict[str, str]) -> Load:
    port, path = re.fullmatch(r"http://[\w.]+:(\d+)(/.*)", url).groups()  # type: ignore[union-attr]
    asked = Ask("get", "GET", path, headers)
    done = ask_many(int(port), CONNECTIONS, seconds, lambda _: asked, _must_be_well)
    taken = done.taken["get"]
    return Load(len(taken) / done.seconds, percentile(taken, 50), percentile(taken, 99))


def _must_be_well(_asked: "Ask", status: int, body: bytes) -> None:
    if status not in (200, 304):
        raise LoadError(f"an answer was {status}: {body[:300]!r}")


class Ask:
    """One request, ready to be sent as often as one likes. `kind`: its times are kept under this name."""

    __slots__ = ("data", "kind")

    def __init__(self, kind: str, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> None:
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *(f"{one}: {said}" for one, said in headers.items())]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        self.kind, self.data = kind, "\r\n".join([*lines, "", ""]).encode() + body


@dataclass(slots=True)
class Asked:
    """What became of a round: how long each answer took (milliseconds), by kind."""

    seconds: float = 0.0
    taken: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    cores: Cores = field(default_factory=Cores)

    @property
    def count(self) -> int:
        return sum(map(len, self.taken.values()))


NextAsk = Callable[[int], Ask]  # number of the connection → what it asks
Answered = Callable[[Ask, int, bytes], None]  # what was asked, status, body


def ask_many(
    port: int, connections: int, seconds: float, next_ask: NextAsk, answered: Answered, pace: float = math.inf
) -> Asked:
    """Every connection asks, waits for the answer and asks again, for `seconds`; what was asked is waited for. With a
    `pace`, in requests a second, no more are asked, and times count from the moment at which a request was due.
    """
    done = Asked()
    lines = {line.fileno(): line for line in (Line(port, number) for number in range(connections))}
    epoll = select.epoll()
    for number in lines:
        epoll.register(number, select.EPOLLIN)
    try:
        with Cores().watched() as done.cores:
            began = time.perf_counter()
            rhythm = Rhythm(began, began + seconds, pace)
            for asked, taken, status, body in _answers(lines, epoll, next_ask, rhythm):
                done.taken[asked.kind].append(taken * 1000)
                answered(asked, status, body)
            done.seconds = time.perf_counter() - began
    finally:
        epoll.close()
        for line in lines.values():
            line.close()
    return done


@dataclass(slots=True)
class Rhythm:
    """When the next request is due: at once, or so many a second."""

    began: float
    until: float
    pace: float
    asked: int = 0

    @property
    def due(self) -> float:
        return self.began + self.asked / self.pace

    def rest(self, now: float) -> float:
        """Seconds in which nothing is due, if a connection is free."""
        return max(0.0, min(self.due, self.until) - now) if now < self.until else PATIENCE


def _answers(
    lines: dict[int, "Line"], epoll: select.epoll, next_ask: NextAsk, rhythm: Rhythm
) -> Iterator[tuple[Ask, float, int, bytes]]:
    """What was asked, seconds, status, body."""
    free = deque(lines.values())
    while True:
        now = time.perf_counter()
        while free and rhythm.due <= now < rhythm.until:
            line = free.popleft()
            line.ask(next_ask(line.number), now if math.isinf(rhythm.pace) else rhythm.due)
            rhythm.asked += 1
        if len(free) == len(lines) and now >= rhythm.until:
            return
        rest = rhythm.rest(now) if free else PATIENCE
        ready = epoll.poll(rest)
        if not ready and rest == PATIENCE:
            raise LoadError(f"{len(lines) - len(free)} answers did not come within {PATIENCE:.0f} s")
        for number, _ in ready:
            line = lines[number]
            answer = line.hear()
            if answer is not None:
                yield line.asked, time.perf_counter() - line.began, *answer
                free.append(line)


class Line:
    """One keep-alive connection of HTTP/1.1 that asks one thing after the other; answers must tell their length."""

    asked: Ask
    began: float

    def __init__(self, port: int, number: int = 0) -> None:
        self.number = number
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._parts: list[bytes] = []
        self._missing: int | None = None  # bytes of the answer; None until its head is here

    def fileno(self) -> int:
        return self._socket.fileno()

    def ask(self, asked: Ask, due: float | None = None) -> None:
        """`due`: the moment from which its time counts, now if there is none."""
        self.asked, self.began = asked, time.perf_counter() if due is None else due
        self._socket.sendall(asked.data)

    def hear(self) -> tuple[int, bytes] | None:
        """Status and body of the answer, or None while not all of it is here."""
        data = self._socket.recv(1 << 18)
        if not data:
            raise LoadError("a connection was closed before the answer")
        self._parts.append(data)
        if self._missing is None:
            self._read_head()
        else:
            self._missing -= len(data)
        if self._missing != 0:
            return None
        head, _, body = b"".join(self._parts).partition(b"\r\n\r\n")
        self._parts, self._missing = [], None
        return int(head[STATUS]), body

    def _read_head(self) -> None:
        data = b"".join(self._parts)
        head, end, body = data.partition(b"\r\n\r\n")
        if end:
            length = LENGTH.search(head)
            if length is None and head[STATUS] != b"304":
                raise LoadError(f"an answer that does not tell its length: {head[:300]!r}")
            self._missing = (int(length[1]) if length and head[STATUS] != b"304" else 0) - len(body)

    def close(self) -> None:
        self._socket.close()


@dataclass(slots=True)
class Posted:
    """What writers did in one round: ids that were confirmed with 201, and how long each took (milliseconds)."""

    seconds: float = 0.0
    taken: list[float] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)
    others: list[tuple[int, bytes]] = field(default_factory=list)
    cpu: float = 0.0  # as in Load
    cores: Cores = field(default_factory=Cores)


NextPost = Callable[[int], tuple[str, dict[str, str], dict[str, Any]]]  # writer → path, headers, JSON body
Heard = Callable[[dict[str, Any]], None]


def ask_to_post(path: str, headers: dict[str, str], body: dict[str, Any]) -> Ask:
    content = json.dumps(body, ensure_ascii=False).encode()
    return Ask("post", "POST", path, {"Content-Type": "application/json"} | headers, content)


def post_many(port: int, writers: int, seconds: float, next_post: NextPost, heard: Heard) -> Posted:
    """Each writer posts, waits for the answer and posts again. Answers other than 201 are kept in `others`."""
    posted = Posted()

    def answered(_asked: Ask, status: int, said: bytes) -> None:
        if status == 201:
            answer = json.loads(said)
            posted.confirmed.append(answer["id"])
            heard(answer)
        else:
            posted.others.append((status, said))

    done = ask_many(port, writers, seconds, lambda writer: ask_to_post(*next_post(writer)), answered)
    posted.seconds, posted.taken, posted.cores = done.seconds, done.taken["post"], done.cores
    return posted


def doubted(figure: Figure, cores: Sequence[Cores]) -> Figure:
    """Says so in the figure where the load was the limit in most rounds."""
    figure.extra["cores"] = [(round(one.service, 2), round(one.load, 2)) for one in cores]
    if sum(one.load_was_the_limit for one in cores) * 2 > len(cores):
        figure.doubt = "the load was the limit"
    return figure
