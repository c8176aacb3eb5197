"""What a reader of the figures must know, and the file that keeps them: benchmarks/results/TIME-ENGINE.json."""

import json
import os
import platform
import time
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.corpus import read_corpus
from benchmarks.load import has_wrk
from benchmarks.measuring import Figure
from benchmarks.processes import CORES, LOAD, SERVER
from tests.servers import postgresql_programs

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "benchmarks" / "results"
PACKAGES = ("comments", "flask", "sqlalchemy", "gunicorn", "gevent", "flask-socketio", "psycopg")


def conditions(parts: Sequence[str], engine: str, quick: bool) -> dict[str, Any]:
    """As the run begins."""
    return {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "parts": list(parts),
        "quick": quick,
        "engine": engine,
        "cores": {"all": CORES, "service": SERVER, "load": LOAD},
        "load_average": os.getloadavg(),
        "machine": f"{_processor()}, {platform.machine()}, Linux {platform.release()}",
        "versions": _versions(engine),
        "wrk": has_wrk(),
        "corpus": read_corpus(1).source,
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "unknown processor")


def _versions(engine: str) -> dict[str, str]:
    import sqlite3  # noqa: PLC0415

    database = {"sqlite": sqlite3.sqlite_version}
    if engine == "postgresql":
        database = {"postgresql": postgresql_programs().parent.name}
    return {"python": platform.python_version(), **database} | {name: version(name) for name in PACKAGES}


def sentences(about: dict[str, Any]) -> Iterator[str]:
    """The same for whoever watches."""
    yield f"Engine: {about['engine']}; {about['corpus']}."
    yield ", ".join(f"{name} {number}" for name, number in about["versions"].items()) + f"; {about['machine']}."
    if SERVER == LOAD:
        yield "This machine gives one core only: service and load share it, and the figures are low."
    else:
        yield f"The service (with its worker and database) has core {SERVER}, the load core {LOAD}."
    yield f"Load average: {', '.join(f'{average:.1f}' for average in about['load_average'])} on {len(CORES)} cores."
    if about["load_average"][0] > 0.5:
        yield "Other work goes on here: trust the ratios, and the processor's time most."
    if not about["wrk"]:
        yield "wrk is not installed (Debian: apt-get install wrk): the load is a slower client of our own."
    if about["quick"]:
        yield "--quick: everything is tiny and short. The figures mean nothing."


def write(figures: list[Figure], about: dict[str, Any], folder: Path) -> Path:
    """The figures as JSON; the file's path."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{time.strftime('%Y-%m-%d-%H%M%S')}-{about['engine']}.json"
    told = {"about": about | {"load_average_after": os.getloadavg()}}
    path.write_text(json.dumps(told | {"figures": [figure.as_json() for figure in figures]}, indent=1) + "\n")
    return path
