"""Isso beside us: the same machine and minute, the same threads, the same client, in turns.

What differs: Isso sends every comment of the first level with five replies each, uncompressed, and has no tokens,
rules or live updates; we send a page of 25 roots, compressed as a browser asks for it, and judge each post.
"""

import json
import random
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import brotli

from benchmarks import isso
from benchmarks.corpus import SEED, Corpus
from benchmarks.counts import PATH as COUNTS
from benchmarks.filling import TEASERS
from benchmarks.fresh import ask_once
from benchmarks.installation import Installation, path_of
from benchmarks.load import Ask, Asked, Line, ask_many, ask_to_post
from benchmarks.measuring import Figure, at_most, percentile
from benchmarks.people import Person, subscribers
from benchmarks.processes import processor_seconds

THREADS = ("100", "1000")
READERS, WRITERS = 4, 16  # few readers: answers that take a second are to come within the round
ROUNDS, SECONDS, POSTS = 2, 3, 12
NEW = "posts"  # an article with nothing under it


class Peer(Protocol):
    """A comment system: what to ask it, and what its answers say."""

    name: str
    port: int
    pid: int

    def read(self, key: str) -> Ask: ...
    def post(self, key: str, writer: int, body: str) -> Ask: ...
    def counts(self, keys: tuple[str, ...]) -> Ask: ...
    def shown(self, page: bytes) -> set[str]: ...


@dataclass(slots=True)
class Ours:
    """This service, with its default role and one worker."""

    port: int
    pid: int
    people: Sequence[Person]
    name: str = "ours"

    def read(self, key: str) -> Ask:
        return Ask("read", "GET", path_of(key), {"Accept-Encoding": "br, gzip"})

    def post(self, key: str, writer: int, body: str) -> Ask:
        return ask_to_post(path_of(key), self.people[writer].headers(), {"body": body})

    def counts(self, _keys: tuple[str, ...]) -> Ask:
        return Ask("counts", "GET", COUNTS, {"Accept-Encoding": "br, gzip"})

    def shown(self, page: bytes) -> set[str]:
        text = page if page.startswith(b"{") else brotli.decompress(page)
        return {one["id"] for one in json.loads(text)["comments"]}


@dataclass(slots=True)
class Round:
    """One round at one of them, and milliseconds of its processor for an answer."""

    asked: Asked
    cpu: float


@dataclass(slots=True)
class Beside:
    """Asks both in turns. `wrong`: answers that were not as they should be; `missing`: posts that the page lacked."""

    setup: Installation
    peers: Sequence[Peer]
    bodies: list[str]
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))
    wrong: int = 0
    missing: int = 0

    def in_turns(self, what: str, connections: int, share_of_posts: float, key: str) -> Iterator[Figure]:
        """Reads and posts at random places, at each of them in turns."""
        rounds: dict[str, list[Round]] = {peer.name: [] for peer in self.peers}
        for _ in range(self.setup.pick(ROUNDS, 1)):
            for peer in self.peers:
                rounds[peer.name].append(self._round(peer, connections, share_of_posts, key))
        yield from (_figure(f"{what}: {name}", some) for name, some in rounds.items())

    def _round(self, peer: Peer, connections: int, share_of_posts: float, key: str) -> Round:
        steady = peer.counts(TEASERS) if key == "" else peer.read(key)

        def next_ask(connection: int) -> Ask:
            if self.chance.random() < share_of_posts:
                return peer.post(key, connection % WRITERS, self.chance.choice(self.bodies))
            return steady

        before = processor_seconds(peer.pid)
        asked = ask_many(peer.port, connections, self.setup.pick(float(SECONDS), 0.3), next_ask, self._answered)
        return Round(asked, (processor_seconds(peer.pid) - before) * 1000 / asked.count)

    def _answered(self, _asked: Ask, status: int, _body: bytes) -> None:
        self.wrong += status not in (200, 201)

    def first_reads(self, key: str) -> Iterator[Figure]:
        """A post, and the page as soon as it is confirmed."""
        taken: dict[str, list[float]] = {peer.name: [] for peer in self.peers}
        for number in range(self.setup.pick(POSTS, 2)):
            for peer in self.peers:
                line = Line(peer.port)
                _, said = ask_once(line, peer.post(key, number % WRITERS, self.chance.choice(self.bodies)))
                line.close()  # a server may close what was idle for a while
                line = Line(peer.port)
                took, page = ask_once(line, peer.read(key))
                line.close()
                self.missing += str(json.loads(said)["id"]) not in peer.shown(page)
                taken[peer.name].append(took)
        for name, some in taken.items():
            what = f"first read after a post, thread of {int(key):,}: {name}"
            yield Figure(
                part="peers", what=what, unit="ms", rounds=some, p50=percentile(some, 50), p99=percentile(some, 99)
            )

    def bytes_of(self, key: str) -> Iterator[Figure]:
        for peer in self.peers:
            line = Line(peer.port)
            _, page = ask_once(line, peer.read(key))
            line.close()
            what = f"bytes of a thread of {int(key):,}, {len(peer.shown(page)):,} comments of it: {peer.name}"
            yield Figure(part="peers", what=what, unit="bytes", rounds=[len(page)])


def measure(setup: Installation, corpus: Corpus) -> Iterator[Figure]:
    with setup.serving() as served, isso.serving(setup, (*THREADS, *TEASERS)) as other:
        ours = Ours(setup.port, served.pid, subscribers(setup, served, WRITERS))
        beside = Beside(setup, (ours, other), corpus.bodies())
        for key in THREADS:
            yield from beside.bytes_of(key)
            yield from beside.in_turns(f"show a thread of {int(key):,}", READERS, 0, key)
            yield from beside.first_reads(key)
            yield from beside.in_turns(f"95/5 on a thread of {int(key):,}", READERS, 0.05, key)
        yield from beside.in_turns(f"posts, {WRITERS} writers", WRITERS, 1, NEW)
        yield from beside.in_turns(f"counts of {len(TEASERS)} articles", READERS, 0, "")
    yield _check("answers that were errors", beside.wrong)
    yield _check("first reads that did not show the comment", beside.missing)


def _check(what: str, found: int) -> Figure:
    return at_most(Figure(part="check", what=f"{what}, of all peers", unit="", rounds=[found]), 0, "0")


def _figure(what: str, rounds: list[Round]) -> Figure:
    taken = [[took for some in one.asked.taken.values() for took in some] for one in rounds]
    return Figure(
        part="peers", what=what, unit="requests/s", rounds=[one.asked.count / one.asked.seconds for one in rounds],
        p50=statistics.median(percentile(some, 50) for some in taken),
        p99=statistics.median(percentile(some, 99) for some in taken), cpu=statistics.median(one.cpu for one in rounds),
    )  # fmt: skip
