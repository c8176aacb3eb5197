"""The console with 100,000 waiting comments: pages of the queue against one of 100, what filters and search find there,
and how soon fifty open consoles know of a decision. One connection asks, signed in, a running service.
"""

import collections
import json
import statistics
import time
from collections.abc import Iterator
from urllib.request import Request, urlopen

from benchmarks.corpus import Corpus
from benchmarks.fresh import ask_once
from benchmarks.installation import Installation
from benchmarks.load import Ask, Line
from benchmarks.measuring import Figure, at_most, percentile
from benchmarks.readers import Readers
from benchmarks.waiting import EMAIL, PASSWORD, RARE, fill_waiting
from tests.served import Served

LONG, SHORT = "long-queue", "short-queue"
SIZES, QUICK_SIZES = {LONG: 100_000, SHORT: 100}, {LONG: 300, SHORT: 100}
ROUNDS, TIMES, WARM_UP = 5, 40, 5
CONSOLES, DECISIONS = 50, 40
MOST_MS, MOST_TIMES = 20, 1.5
COUNTS = b'42["queue.counts"'
PAGES = {
    "oldest first": "queues/waiting?limit=25",
    "newest first": "queues/waiting?limit=25&order=newest",
    "riskiest first": "queues/waiting?limit=25&order=risk",
}
SIFTED = {
    "a section of 20 in 100,000": "queues/waiting?limit=25&section=rare",
    "a rule of 20 in 100,000": "queues/waiting?limit=25&rule=capitals",
    "both, riskiest first": "queues/waiting?limit=25&section=rare&rule=capitals&order=risk",
}


class Desk:
    """A moderator who is signed in, on one connection."""

    def __init__(self, setup: Installation, served: Served) -> None:
        body = json.dumps({"email": EMAIL, "password": PASSWORD}).encode()
        asked = Request(f"{served.url}/api/v1/console/session", body, {"Content-Type": "application/json"})
        with urlopen(asked, timeout=10) as answer:
            self.cookie = answer.headers["Set-Cookie"].partition(";")[0]
            self._csrf = json.loads(answer.read())["csrf"]
        self.line = Line(setup.port)

    def get(self, path: str) -> tuple[float, bytes]:
        return ask_once(self.line, Ask("get", "GET", f"/api/v1/console/{path}", {"Cookie": self.cookie}))

    def approve(self, comment: str) -> float:
        """Milliseconds until it is answered."""
        body = json.dumps({"decision": "approve", "version": 1, "reason": None}).encode()
        headers = {"Cookie": self.cookie, "X-CSRF-Token": self._csrf, "Content-Type": "application/json"}
        path = f"/api/v1/console/comments/{comment}/decision"
        return ask_once(self.line, Ask("decide", "POST", path, headers, body))[0]


def measure(setup: Installation, corpus: Corpus) -> Iterator[Figure]:
    fill_waiting(setup, corpus, setup.pick(SIZES, QUICK_SIZES))
    with setup.serving() as served:
        desk = Desk(setup, served)
        try:
            for what, path in PAGES.items():
                yield _page(setup, desk, what, path)
            for what, path in SIFTED.items():
                yield _alone(setup, desk, f"a page of 100,000, {what}", path)
            for what, word in (("in many", frequent(corpus)), ("in 20", RARE)):
                yield _alone(setup, desk, f"search of 100,000 for a word {what}", f"search?limit=25&q={word}")
            yield from _live(setup, served, desk)
        finally:
            desk.line.close()


def frequent(corpus: Corpus) -> str:
    """A word that stands in very many comments."""
    words = collections.Counter(word for body in corpus.bodies() for word in set(body.lower().split()))
    return max((word for word in words if word.isascii() and word.isalpha() and len(word) > 2), key=words.__getitem__)


def _page(setup: Installation, desk: Desk, what: str, path: str) -> Figure:
    """In turns with the same page of the short queue."""
    rounds: dict[str, list[list[float]]] = {LONG: [], SHORT: []}
    for _ in range(setup.pick(ROUNDS, 1)):
        for site, taken in rounds.items():
            taken.append(_round(setup, desk, f"sites/{site}/{path}"))
    figure = _figure(f"a page of 100,000 waiting, {what} (limit: of 100)", rounds[LONG])
    figure.limits = [statistics.median(taken) for taken in rounds[SHORT]]
    figure.target = f"p99 ≤ {MOST_MS}, ratio ≤ {MOST_TIMES}"
    figure.reached = figure.p99 is not None and figure.p99 <= MOST_MS and (figure.ratio or 0) <= MOST_TIMES
    return figure


def _alone(setup: Installation, desk: Desk, what: str, path: str) -> Figure:
    return _figure(what, [_round(setup, desk, f"sites/{LONG}/{path}") for _ in range(setup.pick(ROUNDS, 1))])


def _round(setup: Installation, desk: Desk, path: str) -> list[float]:
    for _ in range(setup.pick(WARM_UP, 1)):
        desk.get(path)
    return [desk.get(path)[0] for _ in range(setup.pick(TIMES, 2))]


def _figure(what: str, rounds: list[list[float]]) -> Figure:
    taken = [one for some in rounds for one in some]
    medians = [statistics.median(some) for some in rounds]
    return Figure(
        part="queues", what=what, unit="ms", rounds=medians, p50=percentile(taken, 50), p99=percentile(taken, 99)
    )


def _live(setup: Installation, served: Served, desk: Desk) -> Iterator[Figure]:
    """From the answer to a decision to the last console's `queue.counts`."""
    count = setup.pick(DECISIONS, 2)
    page = json.loads(desk.get(f"sites/{LONG}/queues/waiting?limit={count}")[1])
    hello = "40" + json.dumps({"console": True})
    consoles = Readers(served.url, "/socket.io/?EIO=4&transport=websocket", setup.url, hello, desk.cookie)
    answered, taken = [], []
    try:
        consoles.connect(CONSOLES)
        for item in page["items"]:
            consoles.rest(0.3)  # what the decision before made of the queues has been told
            answered.append(desk.approve(item["comment"]["id"]))
            began = time.perf_counter()
            taken.append((consoles.hear(COUNTS)[1] - began) * 1000)
    finally:
        consoles.close()
    what = f"a decision's answer to the counts at {CONSOLES} consoles, of {len(taken)}"
    figure = _figure(what, [taken])
    figure.rounds = taken
    yield at_most(figure, 1000, "≤ 1,000")
    yield Figure(part="queues", what="… until the decision was answered", unit="ms", rounds=answered)
