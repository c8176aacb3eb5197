"""From the command to the first answer, on tables that are there, and what an idle service takes of memory."""

import time
from collections.abc import Iterator

from benchmarks.installation import Installation
from benchmarks.measuring import Figure, at_most
from benchmarks.processes import largest, processor_seconds

ROUNDS = 3
MEGABYTE = 1_000_000


def measure(setup: Installation) -> Iterator[Figure]:
    taken, memory, cpu, idle = [], [], [], []
    for _ in range(setup.pick(ROUNDS, 1)):
        began = time.perf_counter()
        with setup.serving() as served:
            taken.append(time.perf_counter() - began)
            cpu.append(processor_seconds(served.pid) * 1000)
            memory.append(largest(served.pid) / MEGABYTE)
            if not idle:
                idle.append(_idle(served.pid, setup.pick(3.0, 0.2)))
    figure = Figure(part="start", what="`comments serve` to the first answer", unit="s", rounds=taken, cpu=min(cpu))
    yield at_most(figure, 1.5, "≤ 1.5")
    figure = Figure(part="start", what="memory of the idle serving process", unit="MB", rounds=memory)
    yield at_most(figure, 130, "≤ 130")
    yield Figure(part="start", what="processor that an idle service takes", unit="% of a core", rounds=idle)


def _idle(pid: int, seconds: float) -> float:
    """Of all its processes, in percent of one core."""
    time.sleep(1)  # what a start leaves to do
    before = processor_seconds(pid)
    time.sleep(seconds)
    return (processor_seconds(pid) - before) / seconds * 100
