"""Measures the service on this machine, prints a table and writes it as JSON to benchmarks/results/.

Run: .venv/bin/python benchmarks/run.py [PART …] [--database sqlite|postgresql] [--quick]
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # in place of benchmarks/: its modules are `benchmarks.…`, and `tests` starts the servers

from benchmarks import (  # noqa: E402
    browser,
    decisions,
    hostile,
    live,
    migrations,
    mixed,
    peers,
    queues,
    reads,
    replay,
    restore,
    simulate,
    start,
    threads,
    words,
    writes,
)
from benchmarks.corpus import Corpus, read_corpus  # noqa: E402
from benchmarks.filling import FULL, SIZES, TEASERS, fill  # noqa: E402
from benchmarks.installation import Installation, installation, on_core  # noqa: E402
from benchmarks.load import LoadError  # noqa: E402
from benchmarks.measuring import Figure, at_most, table  # noqa: E402
from benchmarks.processes import LOAD  # noqa: E402
from benchmarks.results import FOLDER, conditions, sentences, write  # noqa: E402
from tests.servers import ServerError  # noqa: E402


@dataclass(frozen=True, slots=True)
class Part:
    """What one `make bench-NAME` measures. `threads`: those that it finds filled, named by their lengths."""

    measure: Callable[[Installation, Corpus], Iterator[Figure]]
    threads: tuple[str, ...] = ()


PARTS = {  # in the order in which they are measured
    "start": Part(lambda setup, _corpus: start.measure(setup)),
    "reads": Part(reads.measure, (*map(str, SIZES), FULL, *TEASERS)),
    "threads": Part(threads.measure, (threads.SHORT, threads.LONG)),
    "writes": Part(writes.measure),
    "words": Part(lambda setup, _corpus: words.measure(setup)),
    "mixed": Part(mixed.measure, mixed.THREADS),
    "decisions": Part(decisions.measure, decisions.THREADS),
    "replay": Part(replay.measure, replay.THREADS),
    "queues": Part(queues.measure),
    "live": Part(live.measure, ("1000",)),
    "hostile": Part(hostile.measure, (hostile.ARTICLE,)),
    "browser": Part(browser.measure, ("1000",)),
    "peers": Part(peers.measure, (*peers.THREADS, *TEASERS)),
    "scaling": Part(simulate.measure, ("100", "1000")),
    "migrations": Part(migrations.measure),
    "restore": Part(restore.measure),
}
ASKED_FOR = {"peers", "migrations", "restore"}  # only by name: it installs from PyPI; they take long


def main() -> int:
    asked = _asked()
    began = time.monotonic()
    about = conditions(asked.parts, asked.database, asked.quick)
    for sentence in sentences(about):
        print(sentence, flush=True)
    try:
        with on_core(LOAD):
            figures = measure(asked.parts, asked.database, asked.quick, asked.rows)
    except (ServerError, LoadError, TimeoutError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print(f"\n{table(figures)}")
    print(f"\n{len(figures)} figures in {time.monotonic() - began:.0f} s: {write(figures, about, asked.into)}")
    return 1 if any(figure.part == "check" and figure.reached is False for figure in figures) else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)} (default: all but {', '.join(sorted(ASKED_FOR))})"
    )
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--rows", type=int, default=1_000_000, help="comments of migrations and restore (%(default)s)")
    parser.add_argument("--quick", action="store_true", help="whether it runs at all; the figures mean nothing")
    parser.add_argument("--into", type=Path, default=FOLDER, help="folder of the JSON (%(default)s)")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; the parts are {', '.join(PARTS)}")
    asked.parts = [name for name in PARTS if name in (asked.parts or PARTS.keys() - ASKED_FOR)]
    return asked


def measure(parts: Sequence[str], engine: str, quick: bool, rows: int) -> list[Figure]:
    """All figures of these parts. What was posted and filled is checked last, by `comments doctor`."""
    corpus = read_corpus()
    figures: list[Figure] = []
    with installation(engine, quick) as setup:
        setup.rows = rows
        setup.open()
        fill(setup, corpus, sorted({thread for name in parts for thread in PARTS[name].threads}))
        try:
            for figure in _run(parts, setup, corpus):
                print(f"  {table([figure]).splitlines()[1]}", flush=True)
                figures.append(figure)
        finally:
            setup.database.engine.dispose()
    return figures


def _run(parts: Sequence[str], setup: Installation, corpus: Corpus) -> Iterator[Figure]:
    for name in parts:
        yield from PARTS[name].measure(setup, corpus)
    yield _checked(setup)


def _checked(setup: Installation) -> Figure:
    """No figure counts if the data is not in order afterwards."""
    wrong = setup.doctor()
    for line in wrong:
        print(f"bench: {line}", file=sys.stderr)
    figure = Figure(part="check", what="what `comments doctor` finds wrong afterwards", unit="", rounds=[len(wrong)])
    return at_most(figure, 0, "0")


if __name__ == "__main__":
    raise SystemExit(main())
