"""Faults of `make chaos` once and small: nothing lost, nothing doubled, nothing answered wrongly. The others need more
time than a run of the tests has: `make chaos`.
"""

import contextlib
from collections.abc import Callable, Iterator

import pytest

from benchmarks.chaos import databases, disks, kills, power
from benchmarks.chaos.scene import Row

Run = Callable[[str, bool], Iterator[Row]]
pytestmark = pytest.mark.timeout(300)
mounts = pytest.mark.skipif(bool(power.why_not()), reason=power.why_not() or "-")


@pytest.mark.parametrize(
    ("run", "engine"),
    [
        pytest.param(kills.run, "sqlite", id="kill"),
        pytest.param(power.run, "sqlite", id="power", marks=mounts),
        pytest.param(databases.run, "postgresql", id="postgresql"),
        pytest.param(disks.run, "sqlite", id="disk", marks=mounts),
    ],
)
def test_nothing_that_was_accepted_is_lost(run: Run, engine: str) -> None:
    with contextlib.closing(run(engine, True)) as rows:  # whatever was started ends here, also when a row is wrong
        for row in rows:
            assert row.accepted > 0, row
            assert row.is_fine, row
