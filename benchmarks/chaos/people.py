"""Who uses the service while it suffers: writers who repeat under their key, readers, readers' sockets; their book."""

import contextlib
import http.client
import itertools
import json
import random
import secrets
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from deploy.rehearsal.load import ARTICLE, Follower
from tests.live.paper import Member, Paper

PATIENCE = 60.0  # seconds that a writer goes on with one comment after everybody was told to stop
DOCUMENTED = {400, 401, 403, 404, 409, 413, 422, 429}


@dataclass
class Book:
    """What everybody saw. Times are seconds (monotonic)."""

    accepted: dict[str, str] = field(default_factory=dict)  # the key a comment was sent with: its id
    texts: dict[str, str] = field(default_factory=dict)  # what was sent under each key
    times: list[float] = field(default_factory=list)  # when posts were accepted
    away: int = 0  # 503 with Retry-After
    unreachable: int = 0  # nobody answered
    wrong: Counter[str] = field(default_factory=Counter)
    reads: int = 0
    reads_failed: int = 0
    post_tries: int = 0
    posts_failed: int = 0
    slowest: float = 0.0  # seconds of one post, from the first attempt to its acceptance

    def note(self, status: int, headers: Any, said: bytes) -> None:
        """An answer that was not the wanted one: in order while something is broken, or wrong."""
        if status == 503 and headers.get("Retry-After"):
            self.away += 1
        elif status not in DOCUMENTED:
            self.wrong[f"{status} {said[:160]!r}"] += 1

    def longest_gap(self, since: float, until: float) -> float:
        """Seconds between two accepted posts, at most."""
        marks = [since, *(at for at in sorted(self.times) if since < at < until), until]
        return max((after - before for before, after in itertools.pairwise(marks)), default=0.0)

    def first_after(self, moment: float) -> float | None:
        """Seconds from `moment` to the next accepted post."""
        return min((at - moment for at in self.times if at > moment), default=None)


class Caller:
    """One kept connection to the service."""

    def __init__(self, port: int, book: Book) -> None:
        self._port, self.book = port, book
        self._line: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, headers: dict[str, str], body: str | None = None) -> Any:
        """(status, headers, bytes); None where nobody answered."""
        try:
            if self._line is None:
                self._line = http.client.HTTPConnection("localhost", self._port, timeout=60)
            self._line.request(method, path, body, headers)
            answer = self._line.getresponse()
            return answer.status, answer.headers, answer.read()
        except (OSError, http.client.HTTPException):
            self.book.unreachable += 1
            self.hang_up()
            return None

    def hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None


@dataclass
class Writer:
    """A member who posts one comment after the other and sends each again, as the widget does, until it is accepted."""

    paper: Paper
    member: Member
    caller: Caller
    pause: float = 0.0

    def write(self, stopped: threading.Event) -> None:
        while not stopped.is_set():
            key, began = secrets.token_hex(8), time.monotonic()
            self.caller.book.texts[key] = f"Said once, under the key {key}."
            give_up = float("inf")
            while key not in self.caller.book.accepted and time.monotonic() < give_up:
                if not self._send(key):
                    stopped.wait(random.uniform(0.05, 0.3))
                if stopped.is_set() and give_up == float("inf"):
                    give_up = time.monotonic() + PATIENCE
            self.caller.book.slowest = max(self.caller.book.slowest, time.monotonic() - began)
            if self.pause:
                stopped.wait(self.pause * random.uniform(0.5, 1.5))
        self.caller.hang_up()

    def _send(self, key: str) -> bool:
        book = self.caller.book
        headers = {
            "Authorization": f"Bearer {self.member.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
            "Origin": self.paper.origin,
        }
        body = json.dumps({"body": book.texts[key], "parent_id": None})
        book.post_tries += 1
        answer = self.caller.ask("POST", f"{self.paper.path(ARTICLE)}/comments", headers, body)
        if answer is not None and answer[0] in (200, 201):
            book.accepted[key] = json.loads(answer[2])["id"]
            book.times.append(time.monotonic())
            return True
        book.posts_failed += 1
        if answer is not None:
            book.note(*answer)
            if answer[0] == 401:
                self._sign_in_again()
        return False

    def _sign_in_again(self) -> None:
        with contextlib.suppress(OSError, AssertionError):
            self.member = self.paper.member(self.member.sub)


@dataclass
class Reader:
    """Loads first pages: every other one is prepared, the others are made from the database."""

    paper: Paper
    caller: Caller
    pause: float = 0.02

    def read(self, stopped: threading.Event) -> None:
        number = 0
        while not stopped.wait(self.pause):
            number += 1
            query = "" if number % 2 else f"?sort=oldest&limit={2 + number % 40}"
            answer = self.caller.ask("GET", f"{self.paper.path(ARTICLE)}/comments{query}", {})
            book = self.caller.book
            book.reads += 1
            if answer is None or answer[0] != 200:
                book.reads_failed += 1
                if answer is not None:
                    book.note(*answer)
            elif len({*(ids := [one["id"] for one in json.loads(answer[2])["comments"]])}) != len(ids):
                book.wrong["a page that shows a comment twice"] += 1
        self.caller.hang_up()


@dataclass
class Watcher(Follower):
    """A reader's page with its socket; also notices what it is told twice."""

    twice: int = 0

    def _listen(self, line: Any, stopped: threading.Event) -> None:
        with contextlib.suppress(OSError, AssertionError, http.client.HTTPException):  # as when the line is cut
            super()._listen(line, stopped)

    def _take(self, told: Any) -> None:
        if told["after"] == self.seq:  # what overlaps with what one has is applied again, and changes nothing
            added = [one["comment"]["id"] for one in told["changes"] if one["kind"] == "added"]
            self.twice += len(added) - len({*added}) + len(self.known & {*added})
        super()._take(told)
