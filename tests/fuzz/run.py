"""`make fuzz`: each target for its share of FUZZ_SECONDS; what fails is shrunk, kept in found/ and told.

Run: python -m tests.fuzz.run [SECONDS] [TARGET…]. Exit code 1 if anything was found. The suite replays found/.
"""

import hashlib
import json
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.targets import TARGETS, Target

FOUND = Path(__file__).parent / "found"
ROUND = 30  # examples between two looks at the clock


@dataclass
class Outcome:
    """What trying came to; `failed`: the smallest example that breaks the property, and how."""

    examples: int = 0
    seconds: float = 0.0
    failed: tuple[Any, str] | None = None


def attempt(target: Target, seconds: float) -> Outcome:
    """Try examples for so long, or until one fails."""
    outcome, began = Outcome(), time.monotonic()
    while outcome.failed is None and (outcome.seconds < seconds or not outcome.examples):
        _round(target, outcome, random.SystemRandom().getrandbits(64))
        outcome.seconds = time.monotonic() - began
    return outcome


def _round(target: Target, outcome: Outcome, chance: int) -> None:
    last: list[Any] = [None]

    @seed(chance)
    @settings(
        max_examples=ROUND,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.target, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(target.examples)
    def one(example: Any) -> None:
        outcome.examples += 1
        try:
            target.run(example)
        except Exception:
            last[0] = example  # the last that fails is the smallest
            raise

    try:
        one()
    except Exception as error:
        outcome.failed = (last[0], f"{type(error).__name__}: {error}"[:300])


def keep(target: Target, example: Any) -> Path:
    """Write a case to found/; its name is of its contents, so that it is kept once."""
    text = json.dumps({"target": target.name, "example": example}, ensure_ascii=True)
    path = (
        FOUND
        / f"{target.name.replace(' ', '-').replace(chr(39), '')}-{hashlib.sha256(text.encode()).hexdigest()[:8]}.json"
    )
    path.write_text(text + "\n", encoding="utf-8")
    return path


def main(arguments: list[str]) -> int:
    total = float(arguments[0]) if arguments else 60.0
    chosen = [one for one in TARGETS if not arguments[1:] or any(word in one.name for word in arguments[1:])]
    print(f"{'target':<20} {'examples':>9} {'seconds':>8}  {'found':<6} property")
    failed = False
    for target in chosen:
        outcome = attempt(target, total / len(chosen))
        found = "none" if outcome.failed is None else "FAULT"
        print(f"{target.name:<20} {outcome.examples:>9} {outcome.seconds:>8.1f}  {found:<6} {target.says}", flush=True)
        if outcome.failed is not None:
            failed = True
            print(f"    {outcome.failed[1]}\n    kept in {keep(target, outcome.failed[0]).relative_to(Path.cwd())}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
