"""Which migration this version's tables stand at, and whether a database stands there: asked before anything serves,
so without SQLAlchemy, which takes longer to load than all else that is needed to ask.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

PACKAGE = Path(__file__).parent.parent
MIGRATIONS = next(
    (path for path in (PACKAGE.parent / "migrations", PACKAGE / "_migrations") if (path / "env.py").exists()), PACKAGE
)


def newest_migration() -> str:
    """The revision that this version's tables stand at: migrations are numbered in their file names."""
    return max(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def is_ours(revision: str) -> bool:
    """Whether a migration's name can be one of ours, of this version or a later one."""
    return len(revision) == 4 and revision.isdecimal()


def is_up_to_date(url: str) -> bool:
    """Whether the database has this version's tables; False also where there is none, or none that answers."""
    found = _sqlite_version if url.startswith("sqlite") else _postgresql_version
    return found(url.partition("://")[2]) == newest_migration()


def _sqlite_version(path: str) -> str | None:
    if not Path(path[1:]).exists():
        return None
    try:
        with closing(sqlite3.connect(path[1:], timeout=1)) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        return None
    return None if row is None else str(row[0])


def _postgresql_version(address: str) -> str | None:
    import psycopg  # noqa: PLC0415 - only where it is needed

    try:
        with psycopg.connect(f"postgresql://{address}", connect_timeout=5) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except psycopg.Error:
        return None
    return None if row is None else str(row[0])
