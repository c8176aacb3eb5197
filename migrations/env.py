"""How Alembic runs: on the application's engine, whoever else starts one at a time, all of it in one transaction."""

from alembic import context
from flask import current_app
from sqlalchemy import text

LOCK = 4_120_557_103  # any number of our own: a PostgreSQL advisory lock

database = current_app.extensions["migrate"].db


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """The full-text index is a migration's own: the tables in the code do not name it."""
    return kind != "table" or not (name or "").startswith(("comment_words", "member_words"))


def run() -> None:
    with database.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        else:
            connection.execution_options(write=True)  # BEGIN IMMEDIATE: whoever comes second waits
        context.configure(
            connection=connection, target_metadata=database.metadata, compare_type=True, include_name=is_ours
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
