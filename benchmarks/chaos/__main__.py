"""`make chaos`: one fault after the other, each under load; the rows as a table and as JSON in benchmarks/results/.

Run: python -m benchmarks.chaos [--only kill …] [--engine sqlite|postgresql] [--quick] [--into FOLDER]. The exit status
is not 0 when anything that was accepted is lost, doubled or answered wrongly, or the doctor complains.
"""

import argparse
import contextlib
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.chaos import clocks, databases, disks, keys, kills, power, redises, workers
from benchmarks.chaos.scene import Row
from benchmarks.chaos.table import lines, write
from benchmarks.results import FOLDER

BOTH = ("sqlite", "postgresql")
FAULTS = {  # in the order of the document
    "kill": (kills.run, BOTH),
    "keys": (keys.run, BOTH),
    "power": (power.run, ("sqlite",)),
    "postgresql": (databases.run, ("postgresql",)),
    "redis": (redises.run, BOTH),
    "disk": (disks.run, BOTH),
    "clock": (clocks.run, BOTH),
    "worker": (workers.run, BOTH),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos")
    parser.add_argument("--only", nargs="+", choices=FAULTS, default=[*FAULTS])
    parser.add_argument("--engine", choices=BOTH, nargs="+", default=[*BOTH])
    parser.add_argument("--quick", action="store_true", help="a smoke of each, as the tests run it")
    parser.add_argument("--into", type=Path, default=FOLDER)
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the stage is taken down then, too
    rows: list[Row] = []
    began = time.monotonic()
    for name in asked.only:
        run, engines = FAULTS[name]
        for engine in (one for one in engines if one in asked.engine):
            for row in _rows(run, name, engine, asked.quick):
                print("\n".join(lines([row], heading=not rows)), flush=True)
                for line in (*row.fails, *row.doctor):
                    print(f"    {line}", flush=True)
                row.part = name
                rows.append(row)
    path = write(rows, asked.only, asked.quick, asked.into)
    wrong = [row for row in rows if not row.is_fine]
    print(f"{len(rows)} faults in {time.monotonic() - began:.0f} s, {len(wrong)} not withstood; {path}")
    return 1 if wrong else 0


def _rows(run: Callable[[str, bool], Iterator[Row]], name: str, engine: str, quick: bool) -> Iterator[Row]:
    """What came of one fault; one that could not be played to its end is a row, too, and the next one is played."""
    try:
        with contextlib.closing(run(engine, quick)) as rows:
            yield from rows
    except Exception as error:
        traceback.print_exc()
        yield Row(name, engine, fails=[f"not played to its end: {type(error).__name__}: {str(error)[:300]}"])


if __name__ == "__main__":
    sys.exit(main())
