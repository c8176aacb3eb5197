"""Does the database answer, by a connection of its own and within a time: for /readyz, which must not wait with those
who wait for a connection of the pool.
"""

import os
import select
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from comments.storage.engine import schema_version
from comments.storage.fitting import misfit

SECONDS = 1.2  # for all questions; opening the connection has two seconds more, libpq's least
LEAST_FREE = 64 * 1024 * 1024  # bytes of the disk; a SQLite database with less is about to stop writing


@dataclass(frozen=True, slots=True)
class Probed:
    """`schema`: the migration it stands at. `misfit`: why this version cannot work with it, in a sentence; `trouble`:
    why nothing can be written. None: all is well.
    """

    schema: str | None
    misfit: str | None
    trouble: str | None


def prober(engine: sa.Engine) -> sa.Engine:
    """To be asked in place of the `engine`: opens a connection for each question and waits for no answer for long."""
    if engine.dialect.name == "sqlite":
        options: dict[str, Any] = {"connect_args": {"timeout": SECONDS}}
    else:
        arguments, named = engine.dialect.create_connect_args(engine.url)
        options = {"creator": lambda: _connect(arguments, named), "isolation_level": "AUTOCOMMIT"}
    return sa.create_engine(engine.url, poolclass=sa.pool.NullPool, hide_parameters=True, **options)


def probe(engine: sa.Engine) -> Probed:
    """Ask what `prober` made. Raises OSError or the driver's error if there is no answer in time."""
    with engine.connect() as conn:
        if engine.dialect.name == "sqlite":
            trouble = _disk_trouble(Path(str(engine.url.database)))
        else:
            is_read_only = conn.execute(sa.text("SELECT current_setting('transaction_read_only')")).scalar() == "on"
            trouble = "The database takes no writing." if is_read_only else None
        return Probed(schema_version(conn), misfit(conn), trouble)


def _disk_trouble(path: Path) -> str | None:
    disk = os.statvfs(path.parent)
    if disk.f_flag & os.ST_RDONLY or not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        return "The folder of the database cannot be written to."
    if disk.f_bavail * disk.f_frsize < LEAST_FREE:
        return "The disk with the database is full."
    return None


def _connect(arguments: Any, named: Any) -> Any:
    import psycopg  # noqa: PLC0415 - only where it is needed

    class InTime(psycopg.Connection[Any]):
        """psycopg waits for an answer for ever; here all answers together have SECONDS."""

        until = 0.0  # seconds of the monotonic clock

        def wait(self, gen: Any, interval: float = 0.0, timeout: float | None = None) -> Any:
            try:
                wanted = next(gen)
                while True:
                    socket = self.pgconn.socket
                    self.until = self.until or time.monotonic() + SECONDS
                    left = max(0.0, self.until - time.monotonic())
                    reads, writes, _ = select.select([socket] * (wanted & 1), [socket] * (wanted >> 1 & 1), [], left)
                    if not reads and not writes:
                        raise TimeoutError("the database does not answer in time")
                    wanted = gen.send(len(reads) | len(writes) << 1)
            except StopIteration as done:
                return done.value

    return InTime.connect(*arguments, **(named | {"connect_timeout": 2}))
