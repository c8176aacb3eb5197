"""Whether this version can work with the tables of a database: asked by `/readyz`, by every command and by the doctor.

A database may be newer than a process that runs: migrations keep what the version before reads. The mark `works_from`
says from which migration on a version can work with it; migrations/env.py sets it.
"""

import sqlalchemy as sa

from comments.storage.engine import schema_version
from comments.storage.tables import marks
from comments.storage.version import is_ours, newest_migration

WORKS_FROM = "works_from"
EMPTY = "The database has no tables yet: start “comments serve” once."
TABLES = "tables of its own"


def misfit(conn: sa.Connection) -> str | None:
    """Why this version cannot work with this database, in a sentence; None where it can."""
    stands, newest = schema_version(conn), newest_migration()
    if stands is None:
        return foreigner(TABLES) if has_other_tables(conn) else EMPTY
    if not is_ours(stands):
        return foreigner(f"the migration {stands!r}")
    if stands < newest:
        return f"The database is at migration {stands}, this version needs {newest}: run “comments migrate”."
    works_from = conn.execute(sa.select(marks.c.number).where(marks.c.name == WORKS_FROM)).scalar() or 0
    if int(newest) < works_from:
        return f"The database is at migration {stands}, too new for this version: install the newer one."
    return None


def foreigner(has: str) -> str:
    return f"The database is another application's (it has {has}): give the comments one of their own."


def has_other_tables(conn: sa.Connection) -> bool:
    """Whether there are tables with our names although the database was never migrated."""
    # in this order: another process may be making them just now, and says with them that it has
    ours = {*sa.inspect(conn).get_table_names()} & {*marks.metadata.tables}
    return bool(ours) and schema_version(conn) is None
