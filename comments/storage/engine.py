"""How the engine is made for each database: pragmas, BEGIN IMMEDIATE, time limits. Called once, by create_app and the
worker.
"""

import sys
import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

BUSY_MS = (
    20  # SQLite's own wait sleeps in C and would stop every greenlet: keep it short, transaction.py waits in Python
)
STATEMENT_TIMEOUT_MS = 30_000
CONNECTIONS = 10  # of one process to PostgreSQL, kept open: each has to be opened, warmed and scheduled
IDLE = 1.0  # seconds after which a connection is asked whether it still stands before it is used


def engine_options(url: str, pooler: bool = False) -> dict[str, Any]:
    """What Flask-SQLAlchemy is to pass to create_engine for this URL. `pooler`: each transaction may run in another
    session of PostgreSQL, so that nothing can be prepared or set in one.
    """
    if url.startswith("sqlite"):
        return {
            "poolclass": sa.pool.QueuePool,
            "pool_size": CONNECTIONS,
            "max_overflow": 50,
            "pool_use_lifo": True,
            "connect_args": {"timeout": BUSY_MS / 1000, "check_same_thread": False, "cached_statements": 500},
        }
    session = {"options": f"-c statement_timeout={STATEMENT_TIMEOUT_MS}"}
    return {
        "pool_size": CONNECTIONS,
        "max_overflow": 0,
        "pool_timeout": 10,
        "pool_use_lifo": True,
        "connect_args": {"connect_timeout": 5} | ({"prepare_threshold": None} if pooler else session),
    }


def prepare(engine: sa.Engine, synchronous: str) -> None:
    """Attach the listeners: SQLite's pragmas and BEGIN, or the question whether PostgreSQL is still there."""
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, synchronous)
    else:
        _ask_the_idle(engine)
        _wait_with_gevent(engine)


def _ask_the_idle(engine: sa.Engine) -> None:
    """A connection that stood still is tried before it is used, and all are made anew if it is dead: asking each time
    would cost a round trip of a busy service, which finds out by itself.
    """

    @event.listens_for(engine, "checkin")
    def _put_back(_connection: Any, record: Any) -> None:
        record.info["since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _take(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("since", time.monotonic()) < IDLE:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise sa.exc.InvalidatePoolError from error


def _wait_with_gevent(engine: sa.Engine) -> None:
    gevent = sys.modules.get("gevent.monkey")
    if gevent is None or not gevent.is_module_patched("select"):
        return
    from comments.storage.waiting import GeventConnection  # noqa: PLC0415 - only serving processes have it

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: Any, _record: Any, arguments: Any, options: Any) -> Any:
        return GeventConnection.connect(*arguments, **options)


def _prepare_sqlite(engine: sa.Engine, synchronous: str) -> None:
    """WAL, foreign keys, and transactions that begin when we say so."""

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_MS}",
            "temp_store=MEMORY",
            "cache_size=-16000",
            "mmap_size=268435456",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        immediate = connection.get_execution_options().get("write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def schema_version(conn: sa.Connection) -> str | None:
    """The migration that this database stands at; None if it was never migrated."""
    if not sa.inspect(conn).has_table("alembic_version"):
        return None
    return conn.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
