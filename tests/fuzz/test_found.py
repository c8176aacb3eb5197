"""What fuzzing found stays mended, and each target still runs: a moment of each, the long run is `make fuzz`."""

import json
from pathlib import Path

import pytest

from tests.fuzz.run import FOUND, attempt
from tests.fuzz.targets import TARGETS, Target

CASES = sorted(FOUND.glob("*.json"))
BY_NAME = {target.name: target for target in TARGETS}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_was_found_stays_mended(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    BY_NAME[case["target"]].run(case["example"])


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_moment_of_each(target: Target) -> None:
    outcome = attempt(target, 0.3)
    assert outcome.failed is None, outcome.failed
    assert outcome.examples >= 20


def test_a_planted_fault_is_found_and_made_small() -> None:
    def check(text: str) -> None:
        assert "<" not in text

    outcome = attempt(Target("planted", "no lower than", BY_NAME["html"].examples, check), 5)
    assert outcome.failed is not None and len(outcome.failed[0]) < 12 and "<" in outcome.failed[0]
