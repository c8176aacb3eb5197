"""Measures the service on this machine, prints a table and writes it as JSON to benchmarks/results/.

Run: .venv/bin/python benchmarks/run.py [read write live browser start] [--database sqlite|postgresql]
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # in place of benchmarks/: its modules are `benchmarks.…`, and `tests` starts the servers

from benchmarks import browser, live, reads, start, writes  # noqa: E402
from benchmarks.corpus import Corpus, read_corpus  # noqa: E402
from benchmarks.installation import CORES, LOAD, SERVER, Installation, installation, on_core  # noqa: E402
from benchmarks.load import LoadError, has_wrk  # noqa: E402
from benchmarks.measuring import Figure, table  # noqa: E402
from tests.servers import ServerError  # noqa: E402

PARTS = ("read", "write", "live", "browser", "start")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)} (default: all)")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; the parts are {', '.join(PARTS)}")
    began = time.monotonic()
    try:
        with on_core(LOAD):
            figures, corpus = measure(asked.parts or PARTS, asked.database)
    except (ServerError, LoadError, TimeoutError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print(table(figures))
    print(f"\n{len(figures)} figures in {time.monotonic() - began:.0f} s: {write(figures, corpus, asked.database)}")
    return 1 if any(figure.part == "check" and figure.reached is False for figure in figures) else 0


def measure(parts: tuple[str, ...] | list[str], engine: str) -> tuple[list[Figure], Corpus]:
    """All figures of these parts. What was posted and filled is checked last, by `comments doctor`."""
    corpus = read_corpus()
    for sentence in what_holds(corpus, engine):
        print(sentence)
    figures: list[Figure] = []
    with installation(engine) as setup:
        app = setup.open()
        reads.fill(setup, corpus)
        try:
            for figure in run_parts(parts, setup, app, corpus):
                print(f"  {table([figure]).splitlines()[1]}", flush=True)
                figures.append(figure)
        finally:
            setup.database.engine.dispose()
    print()
    return figures, corpus


def run_parts(parts: tuple[str, ...] | list[str], setup: Installation, app: object, corpus: Corpus) -> Iterator[Figure]:
    if "start" in parts:
        yield from start.measure(setup)
    if "read" in parts:
        yield from reads.measure(setup, app)
    if "write" in parts:
        yield from writes.measure(setup, corpus)
    if "live" in parts:
        yield from live.measure(setup, corpus)
    if "browser" in parts:
        yield from browser.measure(setup, corpus)
    yield checked(setup)


def checked(setup: Installation) -> Figure:
    """No figure counts if the data is not in order afterwards."""
    wrong = setup.doctor()
    for line in wrong:
        print(f"bench: {line}", file=sys.stderr)
    return Figure(
        part="check", what="what `comments doctor` finds wrong afterwards", unit="", rounds=[len(wrong)], target="0",
        reached=not wrong,
    )  # fmt: skip


def what_holds(corpus: Corpus, engine: str) -> Iterator[str]:
    """What a reader of the figures must know."""
    yield f"Engine: {engine}; {corpus.source}."
    if SERVER == LOAD:
        yield "This machine gives one core only: service and load share it, and the figures are low."
    else:
        yield f"The service (with its worker and database) has core {SERVER}, the load core {LOAD}."
    if os.getloadavg()[0] > 0.5:
        busy = f"{os.getloadavg()[0]:.1f} processes on {len(CORES)} cores"
        yield f"Other work goes on here ({busy}): trust the ratios, and the processor's time most."
    if not has_wrk():
        yield "wrk is not installed (Debian: apt-get install wrk): the load is a slower client of our own."


def write(figures: list[Figure], corpus: Corpus, engine: str) -> Path:
    """The figures as JSON; the file's path, relative."""
    folder = ROOT / "benchmarks" / "results"
    folder.mkdir(exist_ok=True)
    path = folder / f"{time.strftime('%Y-%m-%d-%H%M%S')}-{engine}.json"
    about = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "engine": engine,
        "cores": CORES,
        "load_average": os.getloadavg(),
        "machine": f"{platform.machine()} {platform.release()}",
        "python": platform.python_version(),
        "wrk": has_wrk(),
        "corpus": corpus.source,
    }
    path.write_text(json.dumps({"about": about, "figures": [figure.as_json() for figure in figures]}, indent=1) + "\n")
    return path.relative_to(ROOT)


if __name__ == "__main__":
    raise SystemExit(main())
