"""docs/security.md names tests that there are, and has every requirement once."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
SECURITY = (ROOT / "docs/security.md").read_text()


def test_what_is_named_is_there() -> None:
    named = set(re.findall(r"`(tests/[\w/]+\.py)`", SECURITY))
    assert len(named) > 40
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
    targets = re.findall(r"`make ([a-z-]+)", SECURITY)
    makefile = (ROOT / "Makefile").read_text()
    assert [name for name in targets if not re.search(rf"^{name}:.*##", makefile, re.MULTILINE)] == []


def test_every_attacker_is_stopped_by_something_that_is_shown() -> None:
    attackers = re.split(r"^### ", SECURITY.split("## What does not stop them")[0], flags=re.MULTILINE)[1:]
    assert len(attackers) == 7
    for one in attackers:
        acts = [line for line in one.splitlines() if line.startswith("| ") and not line.startswith(("| wants", "|---"))]
        assert acts and all("tests/" in act for act in acts), one


def test_every_requirement_has_a_row() -> None:
    numbers = re.findall(r"^\| ([0-9]+) \|.*\S.* \|$", SECURITY, re.MULTILINE)
    assert numbers == [str(number) for number in range(1, 41)]
