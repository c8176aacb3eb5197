"""How the engine is made for each database: pragmas, BEGIN IMMEDIATE, time limits. Called once, by create_app and the
worker.
"""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

BUSY_MS = (
    20  # SQLite's own wait sleeps in C and would stop every greenlet: keep it short, transaction.py waits in Python
)
PACKAGE = Path(__file__).parent.parent
MIGRATIONS = next(
    (path for path in (PACKAGE.parent / "migrations", PACKAGE / "_migrations") if (path / "env.py").exists()), PACKAGE
)
STATEMENT_TIMEOUT_MS = 30_000


def engine_options(url: str) -> dict[str, Any]:
    """What Flask-SQLAlchemy is to pass to create_engine for this URL."""
    if url.startswith("sqlite"):
        return {
            "poolclass": sa.pool.QueuePool,
            "pool_size": 10,
            "max_overflow": 50,
            "connect_args": {"timeout": BUSY_MS / 1000, "check_same_thread": False, "cached_statements": 500},
        }
    return {
        "pool_size": 10,
        "max_overflow": 20,
        "pool_timeout": 10,
        "pool_pre_ping": True,
        "connect_args": {
            "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c timezone=UTC",
            "connect_timeout": 5,
            "prepare_threshold": None,  # behind PgBouncer the next transaction may run on another connection
        },
    }


def prepare(engine: sa.Engine, synchronous: str) -> None:
    """Attach the listeners that a SQLite engine needs: WAL, foreign keys, and transactions that begin when we say
    so.
    """
    if engine.dialect.name != "sqlite":
        return

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


def newest_migration() -> str:
    """The revision that this version's tables stand at: migrations are numbered in their file names."""
    return max(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def schema_version(conn: sa.Connection) -> str | None:
    """The migration that this database stands at; None if it was never migrated."""
    if not sa.inspect(conn).has_table("alembic_version"):
        return None
    return conn.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def is_up_to_date(url: str) -> bool:
    """Whether the database has this version's tables; False also where there is none, or none that answers."""
    engine = sa.create_engine(url, **engine_options(url))
    try:
        with engine.connect() as conn:
            return schema_version(conn) == newest_migration()
    except sa.exc.SQLAlchemyError:
        return False
    finally:
        engine.dispose()
