"""What processes take of processor and memory, and how full the cores are, read from /proc (Linux)."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.served import descendants

PAGE = os.sysconf("SC_PAGE_SIZE")
CORES = sorted(os.sched_getaffinity(0))
SERVER, LOAD = CORES[0], CORES[-1]  # the service has one core, with its database; the load the other
FULL = 0.95


def processor_seconds(pid: int) -> float:
    """Of a process and all below it: of their threads that live, since their starts, to the microsecond."""
    return sum(_nanoseconds(one) for one in {pid, *descendants(pid)}) / 1e9


def _nanoseconds(pid: int) -> int:
    spent = 0
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended, as a thread of it may
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                spent += int((thread / "schedstat").read_text().split()[0])
    return spent


def largest(pid: int) -> int:
    """Bytes of memory of the largest of a process and all below it."""
    return max(int(Path(f"/proc/{one}/statm").read_text().split()[1]) * PAGE for one in {pid, *descendants(pid)})


@dataclass(slots=True)
class Cores:
    """How full the service's core and the load's were in one round, by whatever ran there: 0 to 1."""

    service: float = 0.0
    load: float = 0.0

    @property
    def load_was_the_limit(self) -> bool:
        """The service had time left, the load had none: such a round says nothing of the service."""
        return SERVER != LOAD and self.load > FULL > self.service

    @contextlib.contextmanager
    def watched(self) -> Iterator["Cores"]:
        """Filled in at the end of the block."""
        before = _times()
        yield self
        after = _times()
        self.service, self.load = (_share(before[core], after[core]) for core in (SERVER, LOAD))


def _times() -> dict[int, tuple[int, int]]:
    """Of each core: ticks that it worked, ticks altogether."""
    lines = [line.split() for line in Path("/proc/stat").read_text().splitlines()]
    times = {int(name[3:]): [*map(int, ticks)] for name, *ticks in lines if name.startswith("cpu") and name != "cpu"}
    # user nice system idle iowait irq softirq steal: what follows is counted in user already
    return {core: (sum(ticks[:8]) - ticks[3] - ticks[4], sum(ticks[:8])) for core, ticks in times.items()}


def _share(before: tuple[int, int], after: tuple[int, int]) -> float:
    return (after[0] - before[0]) / max(1, after[1] - before[1])
