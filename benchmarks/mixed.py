"""Readers and writers at once: of 64 connections' requests 95 % show the first page and 5 % post, at random places.

Each post is a real one (member, token, idempotency key) and makes the next page a new one, so that the page is prepared
as often as somebody writes. They ask as fast as answers come, and once no more than 1,000 times a second. The limit is
the bare server, asked for the same page by the same client with no posts in between: it also shows what the client
itself can do. Whatever was confirmed is looked for in the database.
"""

import json
import math
import random
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from benchmarks.corpus import SEED, Corpus
from benchmarks.installation import Installation, path_of
from benchmarks.limits import bare, fetch
from benchmarks.load import CONNECTIONS, Ask, Asked, LoadError, ask_many, ask_to_post, doubted
from benchmarks.measuring import Figure, at_most, percentile
from benchmarks.people import Person, subscribers
from benchmarks.processes import processor_seconds
from benchmarks.writes import Writing
from comments.storage.tables import articles, comments
from tests.served import Served

POSTS = 0.05
THREADS = ("1000", "100000")
PACE = 1_000  # requests a second that the target names
VARIANTS = {  # what the figures call it: encoding, requests a second
    "br": ("br", math.inf),
    "identity": ("identity", math.inf),
    f"br, {PACE:,}/s asked": ("br", PACE),
}
WRITERS = 16
ROUNDS, SECONDS, WARM_UP, LIMIT_SECONDS = 3, 4, 1, 1


@dataclass(slots=True)
class Round:
    """One round and what it cost: milliseconds of processor for an answer, the service's and the database server's."""

    asked: Asked
    cpu: float
    database_cpu: float
    limit: float  # requests/s that the bare server gave right after it
    confirmed: list[int] = field(default_factory=list)
    others: list[tuple[int, bytes]] = field(default_factory=list)


def measure(setup: Installation, corpus: Corpus) -> Iterator[Figure]:
    with setup.serving() as served:
        people = subscribers(setup, served, WRITERS)
        for key in THREADS:
            before = _stored(setup, key)
            mix = Mix(setup, served, corpus, people, key)
            rounds = {name: list(mix.rounds(*variant)) for name, variant in VARIANTS.items()}
            for name, some in rounds.items():
                yield from _figures(f"thread of {int(key):,}, {name}", some[1:], VARIANTS[name][1])
            everything = [one for some in rounds.values() for one in some]
            yield from _checks(key, everything, _stored(setup, key) - before)


@dataclass(slots=True)
class Mix:
    """What the connections ask, under one article."""

    setup: Installation
    served: Served
    corpus: Corpus
    people: Sequence[Person]
    key: str
    _chance: random.Random = field(default_factory=lambda: random.Random(SEED))

    def rounds(self, encoding: str, pace: float) -> Iterator[Round]:
        """The first is for warming up."""
        headers = {"Accept-Encoding": encoding}
        page = fetch(self.served.url + path_of(self.key), headers)
        with bare(self.setup, {"page": page}) as (url, _):
            port = int(url.rpartition(":")[2])
            for number in range(1 + self.setup.pick(ROUNDS, 1)):
                seconds = self.setup.pick(float(SECONDS if number else WARM_UP), 0.3)
                yield self._round(seconds, pace, Ask("read", "GET", path_of(self.key), headers), port)

    def _round(self, seconds: float, pace: float, read: Ask, bare_port: int) -> Round:
        share = self.setup.pick(POSTS, 0.4)  # some in the shortest round
        writing = Writing(self.corpus, list(self.people), self.key)
        done = Round(Asked(), 0, 0, 0)

        def next_ask(connection: int) -> Ask:
            if self._chance.random() >= share:
                return read
            return ask_to_post(*writing.next_post(connection % WRITERS))

        def answered(asked: Ask, status: int, body: bytes) -> None:
            if asked.kind == "post" and status == 201:
                answer = json.loads(body)
                done.confirmed.append(int(answer["id"]))
                writing.heard(answer)
            elif status != 200:
                done.others.append((status, body))

        before, database_before = processor_seconds(self.served.pid), self.setup.database_seconds()
        done.asked = ask_many(self.setup.port, CONNECTIONS, seconds, next_ask, answered, pace)
        done.cpu = (processor_seconds(self.served.pid) - before) * 1000 / done.asked.count
        done.database_cpu = (self.setup.database_seconds() - database_before) * 1000 / done.asked.count
        done.limit = _bare_rate(bare_port, self.setup.pick(LIMIT_SECONDS, 0.1))
        return done


def _bare_rate(port: int, seconds: float) -> float:
    asked = Ask("read", "GET", "/page", {})
    done = ask_many(port, CONNECTIONS, seconds, lambda _: asked, _must_be_well)
    return done.count / done.seconds


def _must_be_well(_asked: Ask, status: int, _body: bytes) -> None:
    if status != 200:
        raise LoadError(f"the bare server answered {status}")


def _figures(what: str, rounds: list[Round], pace: float) -> Iterator[Figure]:
    everything = [[took for some in one.asked.taken.values() for took in some] for one in rounds]
    figure = Figure(
        part="mixed", what=f"95/5 on a {what}", unit="requests/s",
        rounds=[one.asked.count / one.asked.seconds for one in rounds],
        p50=_middle(everything, 50), p99=_middle(everything, 99),
        cpu=statistics.median(one.cpu for one in rounds),
        limits=[one.limit for one in rounds] if pace == math.inf else [],
        target="p99 ≤ 100 ms" if pace < math.inf else "≥ 1,000/s, p99 ≤ 100 ms",
    )  # fmt: skip
    figure.extra["database_cpu"] = statistics.median(one.database_cpu for one in rounds)
    least = PACE * (0.98 if pace < math.inf else 1)  # the last answers come after the last request
    figure.reached = figure.value >= least and figure.p99 is not None and figure.p99 <= 100
    yield doubted(figure, [one.asked.cores for one in rounds])
    for kind in ("read", "post"):
        taken = [one.asked.taken[kind] for one in rounds]
        rates = [len(some) / one.asked.seconds for some, one in zip(taken, rounds, strict=True)]
        yield Figure(
            part="mixed", what=f"… its {kind}s", unit=f"{kind}s/s", rounds=rates,
            p50=_middle(taken, 50), p99=_middle(taken, 99),
        )  # fmt: skip


def _middle(taken: list[list[float]], percent: float) -> float:
    return statistics.median(percentile(some, percent) for some in taken if some)


def _stored(setup: Installation, key: str) -> set[int]:
    with setup.database.read() as conn:
        article = sa.select(articles.c.id).where(articles.c.key == key).scalar_subquery()
        return set(conn.execute(sa.select(comments.c.id).where(comments.c.article_id == article)).scalars())


def _checks(key: str, rounds: list[Round], stored: set[int]) -> Iterator[Figure]:
    """Confirmed with 201 but not in the database, or there without having been confirmed; and what was refused."""
    confirmed = {one for some in rounds for one in some.confirmed}
    others = [other for some in rounds for other in some.others]
    if others:
        print(f"  not as it should be: {others[0]}")
    what = f"posts lost of the 95/5 on {int(key):,}, of {len(confirmed):,}"
    yield at_most(Figure(part="check", what=what, unit="", rounds=[len(confirmed ^ stored)]), 0, "0")
    what = f"answers of the 95/5 on {int(key):,} that were errors"
    yield at_most(Figure(part="check", what=what, unit="", rounds=[len(others)]), 0, "0")
