"""The load: wrk where it is installed, else a client of our own; and writers that post one after the other.

Everything is bounded in connections and time, and goes to loopback.
"""

import asyncio
import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

CONNECTIONS = 64


@dataclass(slots=True)
class Load:
    """One round: how many answers in how many seconds, and how long they took (milliseconds)."""

    rate: float
    p50: float
    p99: float
    cpu: float = 0.0  # milliseconds of processor for one answer, filled in by whoever knows the server


class LoadError(Exception):
    """An answer was not 2xx, or a connection broke: figures of such a round say nothing."""


def has_wrk() -> bool:
    return shutil.which("wrk") is not None


def get_many(url: str, seconds: int, headers: dict[str, str] | None = None) -> Load:
    """Ask for `url` on 64 connections, as fast as answers come."""
    return (_wrk if has_wrk() else _own)(url, seconds, headers or {})


def _wrk(url: str, seconds: int, headers: dict[str, str]) -> Load:
    given = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "--timeout", "10s", *given, url]
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


def _own(url: str, seconds: int, headers: dict[str, str]) -> Load:
    taken: list[float] = []

    async def read_for_ever(line: "Line", path: str, until: float) -> None:
        while time.perf_counter() < until:
            began = time.perf_counter()
            status, _ = await line.ask("GET", path, headers)
            if status != 200:
                raise LoadError(f"{path} answered {status}")
            taken.append((time.perf_counter() - began) * 1000)

    async def all_of_them() -> None:
        port, path = re.fullmatch(r"http://[\w.]+:(\d+)(/.*)", url).groups()  # type: ignore[union-attr]
        until = time.perf_counter() + seconds
        lines = [Line(int(port)) for _ in range(CONNECTIONS)]
        await asyncio.gather(*(read_for_ever(line, path, until) for line in lines))
        for line in lines:
            line.close()

    asyncio.run(all_of_them())
    taken.sort()
    return Load(len(taken) / seconds, taken[len(taken) // 2], taken[len(taken) * 99 // 100])


class Line:
    """One keep-alive connection of HTTP/1.1 that asks one thing after the other."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> tuple[int, bytes]:
        """Status and body of the answer."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        lines = [f"{method} {path} HTTP/1.1", f"Host: localhost:{self._port}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = re.search(r"\r\ncontent-length: (\d+)", head)
        content = await reader.readexactly(int(length[1]) if length else 0)
        if "\r\nconnection: close" in head:
            self.close()
        return int(head.split(" ", 2)[1]), content

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


@dataclass(slots=True)
class Posted:
    """What writers did in one round: ids that were confirmed with 201, and how long each took (milliseconds)."""

    seconds: float
    taken: list[float] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)
    others: list[tuple[int, bytes]] = field(default_factory=list)
    cpu: float = 0.0  # as in Load


NextPost = Callable[[int], tuple[str, dict[str, str], dict[str, Any]]]  # writer → path, headers, JSON body
Heard = Callable[[dict[str, Any]], None]


def post_many(port: int, writers: int, seconds: float, next_post: NextPost, heard: Heard) -> Posted:
    """Each writer posts, waits for the answer and posts again. Answers other than 201 are kept in `others`."""
    done = Posted(seconds)

    async def write(writer: int, until: float) -> None:
        line = Line(port)
        while time.perf_counter() < until:
            path, headers, body = next_post(writer)
            content = json.dumps(body, ensure_ascii=False).encode()
            began = time.perf_counter()
            status, said = await line.ask("POST", path, {"Content-Type": "application/json"} | headers, content)
            done.taken.append((time.perf_counter() - began) * 1000)
            if status == 201:
                answer = json.loads(said)
                done.confirmed.append(answer["id"])
                heard(answer)
            else:
                done.others.append((status, said))
        line.close()

    async def everybody() -> None:
        began = time.perf_counter()
        await asyncio.gather(*(write(writer, began + seconds) for writer in range(writers)))
        done.seconds = time.perf_counter() - began

    asyncio.run(everybody())
    return done
