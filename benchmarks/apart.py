"""What more than one serving process does, over Redis: pages while another process fans out, and one event to the
sockets of two workers. All of them share the service's core.
"""

import contextlib
import statistics
from collections.abc import Iterator, Sequence

from benchmarks.corpus import Corpus
from benchmarks.fanout import ARTICLE, BATCH, BUSY, ROUNDS, Writer, asking, bodies_of
from benchmarks.installation import SITE, Installation, on_core
from benchmarks.measuring import Figure, at_most, percentile
from benchmarks.people import subscribers
from benchmarks.processes import SERVER
from benchmarks.readers import descriptors_left, followers
from tests.served import Served
from tests.servers import ServerError, free_port, redis

BESIDE = 5_000  # sockets of the process beside the pages
MOST = 19_000  # of two workers, as far as this process may have as many files open


def measure(setup: Installation, corpus: Corpus) -> Iterator[Figure]:
    yield from _pages_apart(setup, bodies_of(corpus))
    yield from _two_workers(setup, bodies_of(corpus))


@contextlib.contextmanager
def _serving(setup: Installation, *commands: Sequence[str]) -> Iterator[list[Served]]:
    """Several services on one database and one Redis; each must stop well and have complained of nothing."""
    with contextlib.ExitStack() as ends, on_core(SERVER):
        cache = ends.enter_context(redis(setup.new_folder("redis") / "server"))
        services = []
        for command in commands:
            port = free_port()
            environ = setup.environ | {
                "COMMENTS_PORT": str(port),
                "COMMENTS_REDIS_URL": str(cache["url"]),
                "COMMENTS_SOCKETS": "17000",  # which of two workers takes a connection is chance
            }
            log = setup.new_folder("serve") / "serve.log"
            served = Served(["serve", *command], environ, f"http://localhost:{port}", log)
            ends.callback(_stop, served)
            services.append(served.wait_until_ready())
        yield services


def _stop(served: Served) -> None:
    if served.stop() or served.complaints():
        raise ServerError(f"{served.command} did not end well:\n{served.log()}")


def _pages_apart(setup: Installation, bodies: list[str]) -> Iterator[Figure]:
    count, seconds = setup.pick(BESIDE, 50), setup.pick(BUSY, 1)
    with _serving(setup, ["--role", "web"], ["--role", "live"]) as (web, live):
        writer = Writer(web, subscribers(setup, web, 4), bodies)
        readers = followers(live.url, setup.page_origin, SITE, ARTICLE, writer.write())
        try:
            readers.connect(1)  # a post costs pages something by itself: what counts is what its hearers add
            with asking(web.url) as quiet:
                writer.write_on(readers, seconds)
            readers.connect(count - 1)
            with asking(web.url) as taken:
                writer.write_on(readers, seconds)
        finally:
            readers.close()
    what = f"… the same with the sockets in a process of their own ({count:,}), p99"
    figure = Figure(
        part="live", what=what, unit="ms", rounds=[percentile(taken, 99)], limits=[percentile(quiet, 99)],
        p50=statistics.median(taken), p99=percentile(taken, 99), target="≤ 1.5 × with one hearer",
    )  # fmt: skip
    figure.reached = (figure.ratio or 0) <= 1.5
    yield figure


def _two_workers(setup: Installation, bodies: list[str]) -> Iterator[Figure]:
    with _serving(setup, ["--workers", "2"]) as (service,):
        writer = Writer(service, subscribers(setup, service, 4), bodies)
        readers = followers(service.url, setup.page_origin, SITE, ARTICLE, writer.write())
        rounds = []
        try:
            readers.connect(min(setup.pick(MOST, 100), descriptors_left()))
            for _ in range(setup.pick(ROUNDS, 2)):
                readers.rest(0.15)
                writer.write()
                first, last, _packet = readers.hear(BATCH)
                rounds.append((last - first) * 1000)
        finally:
            count = len(readers)
            readers.close()
    what = f"one event to {count:,} sockets of two workers, until the last has it"
    yield at_most(Figure(part="live", what=what, unit="ms", rounds=rounds), 400, "≤ 400")
