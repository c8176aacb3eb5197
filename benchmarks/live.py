"""From a POST to another reader's socket: the batch with the new comment, on a raw connection that follows the thread.

Times between posts vary, so that they meet the server's tick of 100 ms at any place.
"""

import json
import random
import threading
import time
from collections.abc import Iterator

import websocket

from benchmarks import apart, fanout
from benchmarks.corpus import SEED, Corpus
from benchmarks.installation import SITE, Installation, path_of
from benchmarks.measuring import Figure, at_most, percentile
from benchmarks.people import post, subscribers
from tests.served import Served
from tests.servers import wait_until

ARTICLE = "1000"
POSTS, WARM_UP = 40, 3
PAUSE = (0.12, 0.32)  # seconds between a comment seen and the next post


class Follower:
    """A Socket.IO client, as small as it can be: follows one article and notes when it hears of a comment."""

    def __init__(self, served: Served, origin: str) -> None:
        self.heard: dict[str, float] = {}  # comment's id: time.perf_counter()
        address = served.url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
        self._socket = websocket.create_connection(address, origin=origin, timeout=10)
        self._follows = threading.Event()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        if not self._follows.wait(10):
            raise TimeoutError("the socket was not let in")

    def _listen(self) -> None:
        while True:
            try:
                packet = self._socket.recv()
            except (OSError, websocket.WebSocketException):
                return
            now = time.perf_counter()
            if packet.startswith("0"):
                self._socket.send("40" + json.dumps({"site": SITE, "article": ARTICLE}))
            elif packet.startswith("40"):
                self._follows.set()
            elif packet == "2":
                self._socket.send("3")
            elif packet.startswith("42"):
                self._note(*json.loads(packet[2:]), now)

    def _note(self, event: str, data: dict, now: float) -> None:  # type: ignore[type-arg]
        if event == "thread.batch":
            for change in data["changes"]:
                if change["kind"] == "added":
                    self.heard.setdefault(change["comment"]["id"], now)

    def close(self) -> None:
        self._socket.close()
        self._listener.join(5)


def measure(setup: Installation, corpus: Corpus) -> Iterator[Figure]:
    yield from _one_reader(setup, corpus)
    yield from fanout.measure(setup, corpus)
    yield from apart.measure(setup, corpus)


def _one_reader(setup: Installation, corpus: Corpus) -> Iterator[Figure]:
    chance, bodies = random.Random(SEED), corpus.bodies()
    taken, answered = [], []
    with setup.serving() as served:
        people = subscribers(setup, served, 4)
        follower = Follower(served, setup.page_origin)
        try:
            for number in range(WARM_UP + setup.pick(POSTS, 3)):
                began = time.perf_counter()
                body, person = {"body": chance.choice(bodies)}, people[number % len(people)]
                comment = post(served.url, path_of(ARTICLE), body, person.headers())
                ended = time.perf_counter()
                if comment["status"] != "published":
                    continue
                heard = wait_until(lambda: follower.heard.get(comment["id"]), "the batch with the comment", 10)  # noqa: B023
                if number >= WARM_UP:
                    taken.append((heard - began) * 1000)
                    answered.append((ended - began) * 1000)
                time.sleep(chance.uniform(*PAUSE))
        finally:
            follower.close()
    yield from latency("live", "POST to another reader's socket", taken)
    yield Figure(part="live", what="… of it until the POST is answered", unit="ms", rounds=answered)


def latency(part: str, what: str, taken: list[float]) -> Iterator[Figure]:
    """Median and p95 of times in milliseconds; the spread is that of all of them."""
    yield at_most(Figure(part=part, what=f"{what}, of {len(taken)}", unit="ms", rounds=taken), 1000, "≤ 1,000")
    yield at_most(Figure(part=part, what="… p95", unit="ms", rounds=[percentile(taken, 95)]), 1000, "≤ 1,000")
