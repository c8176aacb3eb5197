"""The Markdown tables of docs/performance.md, from the newest full runs of every part in benchmarks/results/.

Run: python -m benchmarks.tables, which prints them, or with the path of a document, whose tables it replaces.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.measuring import number, ratio
from benchmarks.results import FOLDER

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
    "peers": "Beside Isso",
    "scaling": "A crowd",
    "check": "Checks: nothing may be lost",
}
HEAD = "| | median (lowest–highest) | p50 / p99 ms | CPU ms | limit | ratio (by CPU) | target |\n|" + "---|" * 7


def main() -> None:
    tables = "\n".join(sections(list(newest())))
    if len(sys.argv) < 2:
        print(tables)
        return
    document = Path(sys.argv[1])
    before, _, rest = document.read_text().partition(BEGIN)
    document.write_text(before + BEGIN + "\n" + tables + "\n" + END + rest.partition(END)[2])


def newest() -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """What holds, and the figures: of each engine and part the newest run that was not quick."""
    seen: set[tuple[str, str]] = set()
    for path in sorted(FOLDER.glob("*.json"), reverse=True):
        run = json.loads(path.read_text())
        about = run["about"]
        if about.get("quick", True):
            continue
        new = {part for part in about["parts"] if (about["engine"], part) not in seen}
        seen |= {(about["engine"], part) for part in new}
        wanted = new | ({"bundles"} if "browser" in new else set()) | ({"check"} if new else set())
        yield about, [figure for figure in run["figures"] if figure["part"] in wanted]


def sections(runs: list[tuple[dict[str, Any], list[dict[str, Any]]]]) -> Iterator[str]:
    """One for each part, with a table for each engine."""
    for part, title in TITLES.items():
        tables = [
            (about, [figure for figure in figures if figure["part"] == part])
            for engine in ENGINES
            for about, figures in runs
            if about["engine"] == engine
        ]
        if not any(figures for _, figures in tables):
            continue
        yield f"### {title}\n"
        for about, figures in tables:
            if figures:
                yield f"{_heading(about)}\n\n{HEAD}"
                yield "\n".join(map(_row, figures)) + "\n"


def _heading(about: dict[str, Any]) -> str:
    averages = " before, ".join(f"{about[name][0]:.1f}" for name in ("load_average", "load_average_after"))
    when = about["at"].replace("T", " ").replace("Z", " UTC")
    return f"{ENGINES[about['engine']]}, {when}, load average {averages} after; {about['machine']}."


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
