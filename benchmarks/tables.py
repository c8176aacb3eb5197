"""The Markdown tables of docs/performance.md, from the newest full runs of every part in benchmarks/results/; what was
not measured here stays as it stands in the document.

Those of docs/reliability.md come from the newest full runs of `make chaos` and `make soak`.

Run: python -m benchmarks.tables, which prints them, or with the paths of documents, whose tables it replaces.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.chaos.table import FAULTS, lines
from benchmarks.measuring import number, ratio
from benchmarks.results import FOLDER
from benchmarks.soak import lines as soak_lines

BEGIN, END = "<!-- figures, written by `make bench-tables` -->\n", "<!-- end of figures -->\n"
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
TITLES = {  # in the order of the document
    "start": "Start and memory",
    "reads": "Reads",
    "writes": "Posts",
    "mixed": "Readers and writers at once",
    "queues": "Moderators' queues",
    "decisions": "Moderators' decisions",
    "words": "Word lists",
    "replay": "Rules tried on past comments",
    "threads": "Threads of 100,000",
    "live": "Live",
    "bundles": "Bundles",
    "browser": "In a browser",
    "hostile": "Beside hostile clients",
    "peers": "Beside Isso",
    "scaling": "A crowd",
    "migrations": "Migrations while others post and read",
    "restore": "Backup and restore",
    "check": "Checks: nothing may be lost",
}
HEAD = "| | median (lowest–highest) | p50 / p99 ms | CPU ms | limit | ratio (by CPU) | target |\n|" + "---|" * 7


def main() -> None:
    if len(sys.argv) < 2:
        print("\n".join([*sections(list(newest()), {}), *reliability()]))
    for document in map(Path, sys.argv[1:]):
        before, _, rest = document.read_text().partition(BEGIN)
        there, _, after = rest.partition(END)
        if document.name == "reliability.md":
            tables = [*reliability()] or [there.strip("\n") + "\n"]
        else:
            tables = [*sections(list(newest()), _standing(there))]
        document.write_text(before + BEGIN + "\n" + "\n".join(tables) + "\n" + END + after)


def _standing(text: str) -> dict[tuple[str, str], str]:
    """(title, engine) → the tables that a document has of them."""
    found: dict[tuple[str, str], str] = {}
    for section in text.split("### ")[1:]:
        title, _, tables = section.partition("\n")
        for table in re.split(r"(?m)^(?=(?:SQLite|PostgreSQL), )", tables)[1:]:
            engine = next(key for key, name in ENGINES.items() if table.startswith(f"{name}, "))
            found[title, engine] = found.get((title, engine), "") + table.strip("\n") + "\n\n"
    return found


def reliability() -> Iterator[str]:
    """The faults, each as the newest run that was not quick saw it."""
    rows: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {}
    for path in sorted(FOLDER.glob("*-chaos.json"), reverse=True):
        run = json.loads(path.read_text())
        for part in {row["part"] for row in run["faults"]} if not run["about"]["quick"] else ():
            rows.setdefault(part, (run["about"], [row for row in run["faults"] if row["part"] == part]))
    if rows:
        yield "### Faults\n"
        yield "\n".join(lines([row for part in FAULTS if part in rows for row in rows[part][1]])) + "\n"
        for about in {about["at"]: about for about, _ in rows.values()}.values():
            yield _when(about) + "\n"
    yield from _soak()


def _soak() -> Iterator[str]:
    for path in sorted(FOLDER.glob("*-soak.json"), reverse=True):
        run = json.loads(path.read_text())
        if not run["about"]["quick"]:
            yield "### Ten minutes of everything\n"
            yield "\n".join(soak_lines(run["soak"])) + "\n"
            yield _when(run["about"]) + "\n"
            return


def newest() -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """What holds, and the figures: of each engine and part the newest run that was not quick."""
    seen: set[tuple[str, str]] = set()
    for path in sorted(FOLDER.glob("*.json"), reverse=True):
        run = json.loads(path.read_text())
        about = run.get("about", {"quick": True})  # Lighthouse's files lie here, too
        if about.get("quick", True) or "figures" not in run:
            continue
        new = {part for part in about["parts"] if (about["engine"], part) not in seen}
        seen |= {(about["engine"], part) for part in new}
        wanted = new | ({"bundles"} if "browser" in new else set()) | ({"check"} if new else set())
        yield about, [figure for figure in run["figures"] if figure["part"] in wanted]


def sections(
    runs: list[tuple[dict[str, Any], list[dict[str, Any]]]], standing: dict[tuple[str, str], str]
) -> Iterator[str]:
    """One for each part, with a table for each run of each engine, or with what stands there of it."""
    for part, title in TITLES.items():
        tables = []
        for engine in ENGINES:
            measured = [
                f"{_heading(about)}\n\n{HEAD}\n" + "\n".join(map(_row, of_part)) + "\n"
                for about, figures in runs
                if about["engine"] == engine and (of_part := [one for one in figures if one["part"] == part])
            ]
            tables += measured or [text for text in [standing.get((title, engine), "").rstrip("\n")] if text]
        if tables:
            yield f"### {title}\n"
            yield "\n".join(table.rstrip("\n") + "\n" for table in tables)


def _heading(about: dict[str, Any]) -> str:
    return f"{ENGINES[about['engine']]}, {_when(about)}"


def _when(about: dict[str, Any]) -> str:
    averages = " before, ".join(f"{about[name][0]:.1f}" for name in ("load_average", "load_average_after"))
    when = about["at"].replace("T", " ").replace("Z", " UTC")
    return f"{when}, load average {averages} after; {about['machine']}."


def _row(figure: dict[str, Any]) -> str:
    rounds = figure["rounds"]
    spread = f" ({number(min(rounds))}–{number(max(rounds))})" if len(rounds) > 1 else ""
    unit = f" {figure['unit']}" if figure["unit"] else ""
    latency = "" if figure["p99"] is None else f"{number(figure['p50'])} / {number(figure['p99'])}"
    limits = sorted(figure["limits"])
    limit = number(limits[len(limits) // 2]) if limits else ""
    by_cpu = f" ({ratio(figure['cpu_ratio'])})" if figure["cpu_ratio"] else ""
    reached = {None: "", True: " ✓", False: " ✗"}[figure["reached"]]
    verdict = figure["doubt"] or f"{figure['target']}{reached}"
    cells = (
        figure["what"], f"{number(figure['value'])}{spread}{unit}", latency, number(figure["cpu"]), limit,
        f"{ratio(figure['ratio'])}{by_cpu}", verdict,
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
