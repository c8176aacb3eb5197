"""How the engine is made for each database: pragmas, BEGIN IMMEDIATE, time limits. Called once, by create_app and the
worker.
"""

import contextlib
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from comments.seen import tracing

BUSY_MS = (
    20  # SQLite's own wait sleeps in C and would stop every greenlet: keep it short, transaction.py waits in Python
)
STATEMENT_TIMEOUT_MS = 30_000
CONNECTIONS = 10  # of one process to PostgreSQL, kept open: each has to be opened, warmed and scheduled
MAPPED = 256 * 1024**2  # bytes of SQLite's file that are read where they lie, which counts as our memory
FEW = 16  # statements that a connection keeps prepared where memory counts
IDLE = 1.0  # seconds after which a connection is asked whether it still stands before it is used


def engine_options(url: str, pooler: bool = False) -> dict[str, Any]:
    """What Flask-SQLAlchemy is to pass to create_engine for this URL. `pooler`: each transaction may run in another
    session of PostgreSQL, so that nothing can be prepared or set in one.
    """
    if url.startswith("sqlite"):
        return {
            "poolclass": sa.pool.QueuePool,
            "hide_parameters": True,  # errors are logged; what people wrote is not
            "pool_size": CONNECTIONS,
            "max_overflow": 50,
            "pool_use_lifo": True,
            "connect_args": {"timeout": BUSY_MS / 1000, "check_same_thread": False, "cached_statements": 500},
        }
    # a machine that is gone without a word is noticed, also while an answer is awaited
    line = {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
    line |= {"tcp_user_timeout": 15_000}
    session = {"options": f"-c statement_timeout={STATEMENT_TIMEOUT_MS}"}
    return {
        "hide_parameters": True,
        "pool_size": CONNECTIONS,
        "max_overflow": 0,
        "pool_timeout": 10,
        "pool_use_lifo": True,
        "connect_args": line | ({"prepare_threshold": None} if pooler else session),
    }


def trace_statements(engine: sa.Engine) -> None:
    """A span for each statement, without its values."""

    @event.listens_for(engine, "before_cursor_execute")
    def _begin(_conn: Any, _cursor: Any, statement: str, _values: Any, context: Any, _many: bool) -> None:
        verb = statement.split(None, 1)[0][:20] if statement else ""
        context.span = tracing.span(
            f"SQL {verb}", {"db.system.name": engine.dialect.name, "db.query.text": statement[:2000]}
        )
        context.span.__enter__()

    @event.listens_for(engine, "after_cursor_execute")
    def _end(_conn: Any, _cursor: Any, _statement: str, _values: Any, context: Any, _many: bool) -> None:
        context.span.__exit__(None, None, None)

    @event.listens_for(engine, "handle_error")
    def _failed(failure: Any) -> None:
        if (begun := getattr(failure.execution_context, "span", None)) is not None:
            error = failure.original_exception
            with contextlib.suppress(type(error)):
                begun.__exit__(type(error), error, None)


def pool_figures(engine: sa.Engine) -> tuple[int, int]:
    """(connections in use, connections that there may be)"""
    pool = engine.pool
    assert isinstance(pool, sa.pool.QueuePool)
    return pool.checkedout(), pool.size() + pool._max_overflow


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
            "busy_timeout=5000",  # for the next one alone: several processes may begin on a new file at once
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_MS}",
            "temp_store=MEMORY",
            "cache_size=-16000",
            f"mmap_size={MAPPED}",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        immediate = connection.get_execution_options().get("write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


@contextmanager
def without_waiting_for_disk(engine: sa.Engine) -> Iterator[None]:
    """Meanwhile a commit on SQLite is whole, and outlives the process, but a power cut may take the last ones, from
    some point on; the first commit afterwards waits for all of them. Nor is the file mapped, and few statements are
    kept, so that memory does not grow with it: those of large batches are hundreds of kB, and rarely the same twice.
    On PostgreSQL nothing is otherwise. Nobody else may use the engine.
    """
    if engine.dialect.name != "sqlite":
        yield
        return
    usual: dict[int, int] = {}

    def take(connection: Any, _record: Any, _proxy: Any) -> None:
        usual[id(connection)] = connection.execute("PRAGMA synchronous").fetchone()[0]
        for pragma in ("synchronous=NORMAL", "mmap_size=0"):
            connection.execute(f"PRAGMA {pragma}").close()

    def put_back(connection: Any, _record: Any) -> None:
        if connection is not None and (level := usual.pop(id(connection), None)) is not None:
            for pragma in (f"synchronous={level}", f"mmap_size={MAPPED}"):
                connection.execute(f"PRAGMA {pragma}").close()

    def keep_few(_dialect: Any, _record: Any, _arguments: Any, options: Any) -> None:
        options["cached_statements"] = FEW

    listeners: dict[str, Any] = {"checkout": take, "checkin": put_back, "do_connect": keep_few}
    engine.dispose()
    for name, listener in listeners.items():
        event.listen(engine, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners.items():
            event.remove(engine, name, listener)
        engine.dispose()


def schema_version(conn: sa.Connection) -> str | None:
    """The migration that this database stands at; None if it was never migrated."""
    if not sa.inspect(conn).has_table("alembic_version"):
        return None
    return conn.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
