"""How Alembic runs: on the application's engine, one of all who start at a time, each migration a transaction.

On PostgreSQL no statement waits longer than a moment for a lock: while it waits, everybody else would wait behind it.
The migration is taken back then and tried again.
"""

import contextlib
import fcntl
import logging
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import context
from flask import current_app
from sqlalchemy.exc import OperationalError

from comments.storage.fitting import WORKS_FROM

LOCK = 4_120_557_103  # any number of our own: a PostgreSQL advisory lock
LOCK_TIMEOUT = "500ms"  # that a statement may wait for a lock, and others behind it
PATIENCE = 120.0  # seconds in which a migration is tried again
log = logging.getLogger("comments.migrations")
database = current_app.extensions["migrate"].db


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """The full-text index is a migration's own: the tables in the code do not name it."""
    return kind != "table" or not (name or "").startswith(("comment_words", "member_words"))


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Nobody else migrates meanwhile, through the commits of all the migrations. On PostgreSQL a transaction that does
    nothing else holds the lock: it holds behind PgBouncer. On SQLite the file's folder is locked.
    """
    if database.engine.dialect.name == "sqlite":
        with folder_locked(Path(database.engine.url.database).parent):
            yield
    else:
        with database.engine.connect() as connection:
            connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            # Last, because it has no snapshot: that of the SELECT, still held, would make an index that is made
            # CONCURRENTLY wait for the end of this transaction, which waits for the index.
            connection.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            yield


@contextlib.contextmanager
def folder_locked(folder: Path) -> Iterator[None]:
    held = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def run() -> None:
    with alone():
        give_up = time.monotonic() + PATIENCE
        while True:
            try:
                migrate()
                return
            except OperationalError as error:
                if not is_held(error) or time.monotonic() > give_up:
                    raise
                log.info("a migration waits until others let go of the database or a table")
                time.sleep(random.uniform(0.1, 0.5))  # noqa: S311 - no secret


def is_held(error: OperationalError) -> bool:
    """By another process: a table of PostgreSQL, or SQLite's whole file."""
    return getattr(error.orig, "sqlstate", None) == "55P03" or "database is locked" in str(error)


def migrate() -> None:
    with database.engine.connect() as connection:
        try:
            migrate_over(connection)
        finally:
            connection.invalidate()  # its time limits go with it, also when it gives way: others use the pool


def migrate_over(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SET statement_timeout = 0"))
        connection.execute(sa.text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.commit()
    else:
        connection.connection.execute("PRAGMA busy_timeout = 5000")  # longer than those wait who post all the while
        connection.execution_options(write=True)  # BEGIN IMMEDIATE: it waits for those who post
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        compare_type=True,
        include_name=is_ours,
        transaction_per_migration=connection.dialect.name == "postgresql",
        on_version_apply=applied,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()


def applied(*, ctx: Any, step: Any, **_: Any) -> None:
    """After each step: what the next one is bounded by, also if this one wanted to wait for longer."""
    if ctx.connection.dialect.name == "postgresql":
        ctx.connection.execute(sa.text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    mark(ctx, step)


def mark(ctx: Any, step: Any) -> None:
    """After each step: from which version on processes can work with the tables; migrations that take something away
    say so by WORKS_FROM.
    """
    taken = getattr(step.up_revision.module, "WORKS_FROM", None)
    if taken is None or not step.is_upgrade:
        return
    there = sa.table("marks", sa.column("name"), sa.column("number"))
    ctx.connection.execute(sa.delete(there).where(there.c.name == WORKS_FROM))
    ctx.connection.execute(sa.insert(there).values(name=WORKS_FROM, number=int(taken)))


run()
