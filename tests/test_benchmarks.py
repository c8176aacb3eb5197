"""The benchmarks run: every part in a tiny size, so that none of them rots. No figure is looked at but the checks:
nothing lost, nothing refused, and nothing that `comments doctor` complains of.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PARTS = {
    "sqlite": (
        "start",
        "reads",
        "threads",
        "writes",
        "words",
        "mixed",
        "decisions",
        "replay",
        "queues",
        "live",
        "hostile",
        "migrations",
        "restore",
    ),
    "postgresql": ("reads", "threads", "writes", "mixed", "decisions", "replay", "queues", "migrations", "restore"),
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("engine", PARTS)
def test_every_part_runs_and_loses_nothing(engine: str, tmp_path: Path) -> None:
    command = [sys.executable, "benchmarks/run.py", "--quick", *PARTS[engine], "--database", engine, "--into", tmp_path]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    (written,) = tmp_path.glob(f"*-{engine}.json")
    told = json.loads(written.read_text())
    assert told["about"]["quick"]
    assert {figure["part"] for figure in told["figures"]} == {*PARTS[engine], "check"}
    assert all(figure["reached"] for figure in told["figures"] if figure["part"] == "check")
    assert all(figure["what"] in done.stdout for figure in told["figures"])
