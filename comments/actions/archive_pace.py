"""How many comments an import writes in one transaction. For actions/archive.py.

A large batch costs less for each comment; but while it is written, nobody else can write on SQLite. So a batch is as
long as others can wait; where nobody else has written for a while, as from a command line before a site is opened, it
may be longer: the first one who comes waits that long once.
"""

import time

from comments.storage import archive as rows
from comments.storage.transaction import Connection

HOLDS = 0.03  # seconds that a batch is to hold SQLite's one lock; more than 0.05 is too long for everybody else
HOLDS_ALONE = 0.25
BUSY = 4  # so many times as long it may be where the processor is somebody else's for most of it
QUIET = 30.0  # seconds after which whoever wrote last is thought to be gone
LEAST, FIRST, MOST = 20, 100, 1000  # comments in one batch


class Pace:
    """`size`: of the next batch, fitted to the time that the last ones took. `beside`: others are served meanwhile."""

    def __init__(self, *, beside: bool) -> None:
        self.size = FIRST
        self._beside = beside
        self._version: int | None = None
        self._others_at = time.monotonic() - QUIET

    def look_around(self, conn: Connection) -> None:
        """Within each batch's transaction, while nobody can write: did anybody since the last one?"""
        version = rows.written_by_others(conn)
        if version != self._version and self._version is not None:
            self._others_at = time.monotonic()
        self._version = version

    def took(self, held: float, worked: float) -> None:
        """Seconds from the lock to its release, and how many of them this process itself worked."""
        if self._beside or time.monotonic() - self._others_at < QUIET:
            share = HOLDS / max(held, 0.001)
        else:  # where the machine has other work, smaller batches would make it no faster
            share = HOLDS_ALONE / max(worked, held / BUSY, 0.001)
        self.size = max(LEAST, min(MOST, int(self.size * min(1.5, max(0.1, share)))))
