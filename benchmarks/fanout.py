"""One new comment to thousands of sockets that follow the thread: how long until the last has it, against a raw
broadcast of the same frame; what idle sockets cost; what pages cost meanwhile; and all of them coming at once.
"""

import contextlib
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.corpus import SEED, Corpus
from benchmarks.installation import SITE, Installation, on_core
from benchmarks.measuring import Figure, at_most, percentile
from benchmarks.people import Person, post, subscribers
from benchmarks.processes import SERVER, largest, processor_seconds
from benchmarks.readers import Readers, followers
from benchmarks.reads import path_of
from tests.served import Served, descendants
from tests.servers import free_port

ARTICLE = "1000"
SIZES, QUICK_SIZES = (1_000, 5_000, 10_000), (50, 100)
ROUNDS, WARM_UP = 12, 3
BATCH = b'42["thread.batch"'
EVENTS_A_SECOND, BUSY = 2, 10  # while pages are asked for, and for how many seconds
HERE = Path(__file__).parent


@dataclass(slots=True)
class Spread:
    """One size: seconds from the first socket's frame to the last one's, and from the POST to the last one's."""

    sockets: int
    rounds: list[float] = field(default_factory=list)
    posts: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    limits: list[float] = field(default_factory=list)
    limit_cpu: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Writer:
    """Posts comments, one at a time."""

    served: Served
    people: list[Person]
    bodies: list[str]
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))

    def write(self) -> int:
        """Post one; the article's seq that it has."""
        body = {"body": f"{self.chance.choice(self.bodies)} {self.chance.randrange(10**6)}"}
        comment = post(self.served.url, path_of(ARTICLE), body, self.chance.choice(self.people).headers())
        if comment["status"] != "published":
            raise ValueError(f"a comment of the benchmarks was held: {comment}")
        return int(comment["seq"])

    def write_on(self, readers: Readers, seconds: float) -> None:
        """Posts at their pace, each heard by everybody before the next."""
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            began = time.perf_counter()
            self.write()
            readers.hear(BATCH)
            readers.rest(max(0.01, 1 / EVENTS_A_SECOND - (time.perf_counter() - began)))


def bodies_of(corpus: Corpus) -> list[str]:
    """So long that the frame of one has about 600 bytes."""
    return [body for body in corpus.bodies() if 80 <= len(body) <= 200]


def measure(setup: Installation, corpus: Corpus) -> Iterator[Figure]:
    sizes = setup.pick(SIZES, QUICK_SIZES)
    bodies = bodies_of(corpus)
    with setup.serving() as served:
        writer = Writer(served, subscribers(setup, served, 4), bodies)
        before = largest(served.pid)
        readers = followers(served.url, setup.page_origin, SITE, ARTICLE, writer.write())
        try:
            spreads, busy = [], []
            for size in sizes:
                readers.connect(size - len(readers))
                spreads.append(_rounds(setup, served, writer, readers))
                if size == sizes[-2]:
                    busy = list(_pages_meanwhile(setup, served, writer, readers))
            idle = list(_idle(setup, served, readers, before))
        finally:
            readers.close()
    frame = _against_raw(setup, spreads)
    for spread in spreads:
        yield from _figures(spread, frame)
    yield from busy
    yield from idle
    yield from _storm(setup, bodies, sizes[-1])


def _rounds(setup: Installation, served: Served, writer: Writer, readers: Readers) -> Spread:
    spread, serving = Spread(len(readers)), _serving(served)
    for number in range(setup.pick(WARM_UP + ROUNDS, 3)):
        readers.rest(0.15)
        cpu, began = processor_seconds(serving), time.perf_counter()
        writer.write()
        first, last, packet = readers.hear(BATCH)
        if number >= setup.pick(WARM_UP, 1):
            spread.rounds.append((last - first) * 1000)
            spread.posts.append((last - began) * 1000)
            spread.cpu.append((processor_seconds(serving) - cpu) * 1000)
    _FRAMES.append(packet)
    return spread


_FRAMES: list[bytes] = []  # one of each size


def _serving(served: Served) -> int:
    """The process that holds the sockets: the largest one."""
    return max(descendants(served.pid), key=_size)


def _size(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return 0


def _against_raw(setup: Installation, spreads: list[Spread]) -> bytes:
    """The same frame by a bare server on the same core, as often."""
    frame, port = _FRAMES[-1], free_port()
    with on_core(SERVER):
        command = [sys.executable, HERE / "raw_broadcast.py", str(port)]
        bare = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert bare.stdin is not None and bare.stdout is not None
    readers = Readers(f"http://127.0.0.1:{port}", "/", setup.page_origin)
    try:
        bare.stdout.readline()
        for spread in spreads:
            readers.connect(spread.sockets - len(readers))
            for number in range(-setup.pick(WARM_UP, 1), len(spread.rounds)):
                readers.rest(0.15)
                cpu = processor_seconds(bare.pid)
                bare.stdin.write(frame + b"\n")
                bare.stdin.flush()
                first, last, _ = readers.hear(BATCH)
                if number >= 0:
                    spread.limits.append((last - first) * 1000)
                    spread.limit_cpu.append((processor_seconds(bare.pid) - cpu) * 1000)
    finally:
        readers.close()
        bare.terminate()
        bare.wait()
        bare.stdout.close()
        bare.stdin.close()
    return frame


def _figures(spread: Spread, frame: bytes) -> Iterator[Figure]:
    figure = Figure(
        part="live", what=f"one event of {len(frame)} bytes to {spread.sockets:,} sockets, until the last has it",
        unit="ms", rounds=spread.rounds, limits=spread.limits, cpu=statistics.median(spread.cpu),
        limit_cpu=statistics.median(spread.limit_cpu), target="≤ 200, ≤ 1.3 × a raw broadcast",
    )  # fmt: skip
    figure.reached = figure.value <= 200 and (figure.ratio or 0) <= 1.3
    yield figure
    worst = max(spread.rounds) / figure.value
    yield at_most(Figure(part="live", what="… the worst round against the median", unit="×", rounds=[worst]), 2, "≤ 2")
    yield Figure(part="live", what="… from the POST", unit="ms", rounds=spread.posts)


def _idle(setup: Installation, served: Served, readers: Readers, before: int) -> Iterator[Figure]:
    each = (largest(served.pid) - before) / len(readers) / 1000
    what = f"memory of one of {len(readers):,} idle sockets"
    yield at_most(Figure(part="live", what=what, unit="kB", rounds=[each]), 70, "≤ 70")
    serving, seconds = _serving(served), setup.pick(26, 1)
    began, cpu = time.perf_counter(), processor_seconds(serving)
    readers.rest(seconds)
    share = (processor_seconds(serving) - cpu) / (time.perf_counter() - began) * 100
    yield Figure(part="live", what=f"processor for {len(readers):,} idle sockets", unit="% of a core", rounds=[share])


@contextlib.contextmanager
def asking(url: str) -> Iterator[list[float]]:
    """A page again and again from a process of its own; milliseconds of each, filled in after the block."""
    taken: list[float] = []
    reader = subprocess.Popen(
        [sys.executable, HERE / "one_reader.py", url.rpartition(":")[2], path_of(ARTICLE)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert reader.stdout is not None
    reader.stdout.readline()  # it has had its first answer
    try:
        yield taken
    finally:
        said = reader.communicate(timeout=30)[0]
    taken.extend(json.loads(said))


def _pages_meanwhile(setup: Installation, served: Served, writer: Writer, readers: Readers) -> Iterator[Figure]:
    seconds = setup.pick(BUSY, 1)
    with asking(setup.url) as quiet:
        readers.rest(seconds)
    with asking(setup.url) as taken:
        writer.write_on(readers, seconds)
    what = f"a page while {EVENTS_A_SECOND} events a second go to {len(readers):,} sockets of the same process, p99"
    yield Figure(
        part="live", what=what, unit="ms", rounds=[percentile(taken, 99)], limits=[percentile(quiet, 99)],
        p50=statistics.median(taken), p99=percentile(taken, 99),
    )  # fmt: skip


def _storm(setup: Installation, bodies: list[str], count: int) -> Iterator[Figure]:
    """All at once to a service that has just been started, while pages are read."""
    with setup.serving() as served:
        writer = Writer(served, subscribers(setup, served, 4), bodies)
        readers = followers(served.url, setup.page_origin, SITE, ARTICLE, writer.write())
        try:
            with asking(setup.url) as quiet:
                time.sleep(1)
            serving = _serving(served)
            cpu = processor_seconds(serving)
            with asking(setup.url) as taken:
                took = readers.connect(count, at_a_time=count)
            each = (processor_seconds(serving) - cpu) * 1000 / count
        finally:
            readers.close()
    what = f"{count:,} sockets at once, until the last follows its article"
    yield at_most(Figure(part="live", what=what, unit="s", rounds=[took], cpu=each), 15, "≤ 15")
    figure = Figure(part="live", what="… a page meanwhile, p99", unit="ms", rounds=[percentile(taken, 99)])
    figure.p50, figure.p99, figure.extra["quiet p99"] = statistics.median(taken), figure.value, percentile(quiet, 99)
    yield at_most(figure, 500, "≤ 500")
