"""What a process takes of the machine; read from /proc at a scrape."""

import gc
import os
import resource
import time
from pathlib import Path

from comments.seen import counted

PAGE = os.sysconf("SC_PAGE_SIZE")


def tell(kind: str) -> None:
    """From now on this process tells of itself. `kind`: web, live, all or worker."""
    labels = (kind,)
    counted.PROCESSES.collect = lambda: [(labels, 1)]
    counted.RESIDENT.collect = lambda: [(labels, _resident())]
    counted.FILES.collect = lambda: [(labels, len(os.listdir("/proc/self/fd")))]  # noqa: PTH208
    counted.FILES_MOST.collect = lambda: [(labels, resource.getrlimit(resource.RLIMIT_NOFILE)[0])]
    counted.CPU.collect = lambda: [(labels, time.process_time())]
    counted.COLLECTIONS.collect = lambda: [
        ((str(number),), one["collections"]) for number, one in enumerate(gc.get_stats())
    ]


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE
