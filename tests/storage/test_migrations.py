"""The migrations on both engines: up gives what storage/tables.py says, to the last trigger; down gives nothing."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from comments.settings import read_settings
from comments.storage import tables
from tests.conftest import postgresql_database
from tests.servers import ROOT, Run

MIGRATIONS = str(ROOT / "migrations")

EVERYTHING = {
    "sqlite": ["SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"],
    "postgresql": [
        "SELECT table_name, column_name, data_type, is_nullable, column_default, is_identity, collation_name"
        " FROM information_schema.columns WHERE table_schema = 'public'",
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace",
        "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    ],
}


@contextlib.contextmanager
def app_on(url: str, data_dir: Path) -> Iterator[tuple[Flask, sa.Engine]]:
    from comments.app import create_app

    app = create_app(read_settings({"COMMENTS_DATABASE_URL": url, "COMMENTS_DATA_DIR": str(data_dir)}))
    with app.app_context():
        engine = app.extensions["comments"].database.engine
        yield app, engine
        engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_urls(request: pytest.FixtureRequest, run: Run, worker_id: str, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Two databases without a single table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'migrated.db'}", f"sqlite:///{tmp_path / 'made.db'}"
        return
    admin: psycopg.Connection = request.getfixturevalue("postgresql")
    with contextlib.ExitStack() as stack:
        names = (f"migrated_{worker_id}", f"made_{worker_id}")
        migrated, made = (stack.enter_context(postgresql_database(run, admin, name, "template1")) for name in names)
        yield migrated, made


def contents(engine: sa.Engine) -> set[tuple[object, ...]]:
    """Every table, column, index, constraint, trigger and function, as the database itself describes it."""
    with engine.connect() as conn:
        rows = [row for query in EVERYTHING[engine.dialect.name] for row in conn.exec_driver_sql(query)]
    plain = {tuple(" ".join(cell.split()) if isinstance(cell, str) else cell for cell in row) for row in rows}
    return {row for row in plain if "alembic_version" not in str(row)}


def make_all(engine: sa.Engine) -> None:
    """What the migrations ought to make, made straight from storage/tables.py."""
    with engine.begin() as conn:
        tables.Base.metadata.create_all(conn)
        for statement in tables.APPEND_ONLY[engine.dialect.name]:
            conn.exec_driver_sql(statement)


def test_up_gives_the_tables_and_down_gives_nothing(empty_urls: tuple[str, str], tmp_path: Path) -> None:
    migrated_url, made_url = empty_urls
    with app_on(made_url, tmp_path) as (_, engine):
        make_all(engine)
        wanted = contents(engine)
    assert wanted
    with app_on(migrated_url, tmp_path) as (_, engine):
        flask_migrate.upgrade(MIGRATIONS)
        assert contents(engine) == wanted
        flask_migrate.downgrade(MIGRATIONS, "base")
        assert not contents(engine)
        flask_migrate.upgrade(MIGRATIONS)
        assert contents(engine) == wanted


def test_autogenerate_finds_nothing_to_do(database_url: str, tmp_path: Path) -> None:
    with app_on(database_url, tmp_path) as (_, engine), engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, tables.Base.metadata) == []
