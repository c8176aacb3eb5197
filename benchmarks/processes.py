"""What processes take of processor and memory, read from /proc (Linux)."""

import os
from pathlib import Path

from tests.served import descendants

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def processor_seconds(pid: int) -> float:
    """Of a process and all below it that live, since their starts."""
    return sum(_ticks(one) for one in {pid, *descendants(pid)}) / TICKS


def _ticks(pid: int) -> int:
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return int(user) + int(system)


def largest(pid: int) -> int:
    """Bytes of memory of the largest of a process and all below it."""
    return max(int(Path(f"/proc/{one}/statm").read_text().split()[1]) * PAGE for one in {pid, *descendants(pid)})
