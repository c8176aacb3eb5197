"""The first read after a new comment: no page is prepared then, and the next one must show what was written.

A comment is posted, and the moment it is confirmed the page is asked for, once for the figure and once more for what a
prepared page takes on the same connection.
"""

import json
import random
import time
from collections.abc import Iterator

import brotli

from benchmarks.corpus import SEED, Corpus
from benchmarks.filling import SIZES
from benchmarks.installation import Installation, path_of
from benchmarks.load import Ask, Line, LoadError, ask_to_post
from benchmarks.measuring import Figure, at_most, percentile
from benchmarks.people import subscribers
from tests.served import Served

POSTS, WARM_UP = 200, 10


def first_reads(setup: Installation, served: Served, corpus: Corpus) -> Iterator[Figure]:
    people = subscribers(setup, served, 4)
    chance, bodies = random.Random(SEED), corpus.bodies()
    most = 10 if setup.is_sqlite else 20
    missing = 0
    for size in SIZES:
        first, second = [], []
        line = Line(setup.port)
        read = Ask("read", "GET", path_of(size), {"Accept-Encoding": "br"})
        for number in range(setup.pick(WARM_UP + POSTS, 4)):
            body = {"body": chance.choice(bodies)}
            _, said = ask_once(line, ask_to_post(path_of(size), people[number % len(people)].headers(), body))
            took, page = ask_once(line, read)
            missing += json.loads(said)["id"] not in _ids(page)
            if number >= setup.pick(WARM_UP, 1):
                first.append(took)
                second.append(ask_once(line, read)[0])
        line.close()
        yield _figure(size, first, second, most)
    what = "first reads that did not show the comment"
    yield at_most(Figure(part="check", what=what, unit="", rounds=[missing]), 0, "0")


def ask_once(line: Line, asked: Ask) -> tuple[float, bytes]:
    """Milliseconds until all of the answer was there, and its body."""
    line.ask(asked)
    while (answer := line.hear()) is None:
        pass
    took = (time.perf_counter() - line.began) * 1000
    if answer[0] not in (200, 201):
        raise LoadError(f"an answer was {answer[0]}: {answer[1][:300]!r}")
    return took, answer[1]


def _ids(page: bytes) -> set[str]:
    text = page if page.startswith(b"{") else brotli.decompress(page)
    return {one["id"] for one in json.loads(text)["comments"]}


def _figure(size: int, first: list[float], second: list[float], most: float) -> Figure:
    """Its limit is the page that is prepared by then."""
    figure = Figure(
        part="reads", what=f"first read after a comment, thread of {size:,} (of {len(first)})", unit="ms", rounds=first,
        p50=percentile(first, 50), p99=percentile(first, 99), limits=second, target=f"p99 ≤ {most} ms",
    )  # fmt: skip
    figure.reached = figure.p99 is not None and figure.p99 <= most
    return figure
