"""The load of a rehearsal, bounded: readers by wrk, members who post as the widget does, readers' sockets that follow.

Each of the three runs beside the others until it is told to stop, and then says what it saw.
"""

import contextlib
import http.client
import json
import random
import secrets
import signal
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import websocket

from tests.live.paper import Member, Paper
from tests.live.sockets import Cut, Line, Refused, handshake

ARTICLE = "hot"
PATIENCE = 45.0  # seconds that a member tries to send one comment
SCRIPT = Path(__file__).with_name("reading.lua")
CONNECTIONS, PAUSE = 24, 60  # of wrk; milliseconds between two requests on each: about 400 requests a second


@dataclass(frozen=True)
class Read:
    """What wrk saw. `caches`: answers by X-Cache; times in milliseconds."""

    requests: int
    seconds: float
    broken: int
    p50: float
    p99: float
    most: float
    caches: dict[str, int]
    statuses: dict[str, int]

    @property
    def failed(self) -> int:
        return self.broken + sum(count for status, count in self.statuses.items() if status != "200")

    @property
    def kept_share(self) -> float:
        """Of the answers, those that nginx gave from its cache."""
        kept = sum(self.caches.get(kind, 0) for kind in ("HIT", "STALE", "UPDATING", "REVALIDATED"))
        return kept / max(1, sum(self.caches.values()))


@contextlib.contextmanager
def readers(url: str, paths: list[str]) -> Iterator[Callable[[], Read]]:
    """wrk on these paths; call what is yielded to end it and for what it saw."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", "-d600s", "--timeout", "10s", "-s", str(SCRIPT), url, "--"]
    process = subprocess.Popen(
        [*command, str(PAUSE), *paths], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, start_new_session=True,
    )  # fmt: skip

    def end() -> Read:
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=30)
        found = [line for line in said.splitlines() if line.startswith("JSON ")]
        assert found, f"wrk said nothing: {said}"
        return Read(**json.loads(found[-1].removeprefix("JSON ")))

    try:
        yield end
    finally:
        process.kill()
        process.wait()


@dataclass
class Writer:
    """A member who posts one comment after the other, and sends each again under its key until it is confirmed."""

    member: Member
    port: int
    tls: ssl.SSLContext
    pause: float
    confirmed: dict[str, str] = field(default_factory=dict)  # the key a comment was sent with: its id
    again: int = 0  # attempts that had to be repeated
    given_up: list[str] = field(default_factory=list)
    longest: float = 0.0  # seconds from the first attempt to the confirmation
    _line: http.client.HTTPSConnection | None = None

    def write(self, stopped: threading.Event) -> None:
        while not stopped.wait(self.pause * random.uniform(0.5, 1.5)):
            key, began = secrets.token_hex(8), time.monotonic()
            why = ""
            while key not in self.confirmed and time.monotonic() - began < PATIENCE:
                why = self._send(key)
                if why:
                    self.again += 1
                    time.sleep(random.uniform(0.1, 0.5))
            self.longest = max(self.longest, time.monotonic() - began)
            if key not in self.confirmed:
                self.given_up.append(why)
        self._hang_up()

    def _send(self, key: str) -> str:
        """Try once; why it was not confirmed."""
        path = f"{self.member.paper.path(ARTICLE)}/comments"
        headers = {
            "Authorization": f"Bearer {self.member.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
            "Origin": self.member.paper.origin,
        }
        body = json.dumps({"body": f"Said once, under the key {key}.", "parent_id": None})
        try:
            if self._line is None:
                self._line = http.client.HTTPSConnection("localhost", self.port, timeout=20, context=self.tls)
            self._line.request("POST", path, body, headers)
            answer = self._line.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._hang_up()
            return repr(error)
        if answer.status not in (200, 201):
            return f"{answer.status} {said[:200]!r}"
        self.confirmed[key] = json.loads(said)["id"]
        return ""

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None


@dataclass
class Follower:
    """A reader's page with its socket: applies batches, notices gaps, comes back when it is cut, asks for changes."""

    paper: Paper
    url: str
    seq: int
    known: set[str]  # the comments that they have on their page or were told of
    cuts: list[float] = field(default_factory=list)  # seconds from a cut to the next CONNECT
    asked: int = 0  # how often a gap was filled by asking for changes
    is_open: bool = False
    resets: int = 0
    trouble: str = ""  # why the last attempt to connect failed

    def follow(self, stopped: threading.Event) -> None:
        cut_at = None
        while not stopped.is_set():
            try:
                line = handshake(self.url, self.paper.origin)
                line.greet({"site": self.paper.key, "article": ARTICLE, "after": self.seq})
            except (OSError, websocket.WebSocketException, Cut, Refused, AssertionError) as error:
                self.trouble = repr(error)[:200]
                stopped.wait(random.uniform(0.2, 1.0))
                continue
            if cut_at is not None:
                self.cuts.append(time.monotonic() - cut_at)
            self._listen(line, stopped)
            cut_at = time.monotonic()
            line.close()
            stopped.wait(random.uniform(0.0, 0.5))

    def _listen(self, line: Line, stopped: threading.Event) -> None:
        self.is_open, heard = True, 0
        try:
            while not stopped.is_set():
                for event in line.events[heard:]:
                    self._apply(event.name, event.data)
                heard = len(line.events)
                line.hear(0.5)
        except Cut:
            pass
        finally:
            self.is_open = False

    def _apply(self, name: str, data: Any) -> None:
        if name == "thread.reset":
            self._load()
        elif name == "thread.batch" and data["seq"] > self.seq:
            if data["after"] > self.seq:
                self._catch_up()
            if data["after"] <= self.seq:
                self._take(data)

    def _catch_up(self) -> None:
        """Ask what came between; should that fail, the next batch shows the same gap."""
        self.asked += 1
        with contextlib.suppress(OSError, AssertionError):
            answer = self.paper.changes(ARTICLE, self.seq)
            self._load() if answer["reset"] else self._take(answer)

    def _load(self) -> None:
        self.resets += 1
        page = self.paper.page(ARTICLE)
        # a page reads its seq first: what came between is on it already, and is told once more
        self.known |= {one["id"] for one in page["comments"] if one["seq"] <= page["seq"]}
        self.seq = max(self.seq, page["seq"])

    def _take(self, told: Any) -> None:
        self.known |= {one["comment"]["id"] for one in told["changes"] if one["kind"] == "added"}
        self.seq = max(self.seq, told["seq"])


@contextlib.contextmanager
def at_work(runs: list[Callable[[threading.Event], None]]) -> Iterator[Callable[[], None]]:
    """Run these in threads of their own until the block ends, or until what is yielded is called."""
    stopped = threading.Event()
    threads = [threading.Thread(target=run, args=[stopped], daemon=True) for run in runs]
    for thread in threads:
        thread.start()

    def end() -> None:
        stopped.set()
        for thread in threads:
            thread.join(PATIENCE)

    try:
        yield end
    finally:
        end()
