"""The rows of `make chaos` as Markdown and as JSON; benchmarks/tables.py writes them into docs/reliability.md."""

import json
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.chaos.scene import Row
from benchmarks.results import conditions

ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
FAULTS = ("kill", "keys", "power", "postgresql", "redis", "disk", "clock", "worker")  # in the order of the document
HEAD = (
    "| fault | on | accepted | found | lost | doubled | wrong answers | longest outage | recovery "
    "| live: gaps, doubles | reads, failed | doctor |\n|" + "---|" * 12
)


def lines(rows: Sequence[Row | dict[str, Any]], heading: bool = True) -> Iterator[str]:
    """One for each row, with what is to be said of it behind the name of the fault."""
    if heading:
        yield HEAD
    for row in rows:
        told = row.as_json() if isinstance(row, Row) else row
        note = f" ({told['note']})" if told["note"] else ""
        recovery = "" if told["recovery"] is None else f"{told['recovery']:.1f} s"
        doctor = "complains" if told["doctor"] else "well"
        verdict = doctor if told["is_fine"] or told["doctor"] else "**not withstood**"
        cells = (
            told["fault"] + note, ENGINES[told["engine"]], f"{told['accepted']:,}", f"{told['found']:,}", told["lost"],
            told["doubled"], told["wrong"], f"{told['outage']:.1f} s", recovery,
            f"{told['live_gaps']}, {told['live_doubles']}", f"{told['reads']:,}, {told['reads_failed']}", verdict,
        )  # fmt: skip
        yield "| " + " | ".join(map(str, cells)) + " |"


def write(rows: Sequence[Row], parts: Sequence[str], quick: bool, folder: Path) -> Path:
    """The rows as JSON; the file's path."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{time.strftime('%Y-%m-%d-%H%M%S')}-chaos.json"
    about = conditions(parts, "postgresql", quick) | {"engine": "chaos", "load_average_after": os.getloadavg()}
    told = {"about": about, "figures": [], "faults": [row.as_json() for row in rows]}
    path.write_text(json.dumps(told, indent=1) + "\n")
    return path
