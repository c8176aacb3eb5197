"""The migrations on both engines: up gives what storage/tables.py says, to the last index; down gives nothing."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask

from comments.core.moderation.ruleset import RuleSet
from comments.core.site import SiteSettings
from comments.settings import SettingsError, read_settings
from comments.storage import tables
from comments.storage.rules import rules_of
from comments.storage.sites import find_site
from tests.conftest import postgresql_database
from tests.servers import ROOT, Run

MIGRATIONS = str(ROOT / "migrations")

# Triggers, and the full-text index that they keep, are the migrations' alone: storage/tables.py cannot say them.
WORDS = ("comment_words", "member_words")
TABLES = {
    "sqlite": ["SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND type <> 'trigger'"],
    "postgresql": [
        "SELECT table_name, column_name, data_type, is_nullable, column_default, is_identity, collation_name"
        " FROM information_schema.columns WHERE table_schema = 'public'",
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace",
    ],
}
REST = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view')"
    " OR name IN ('comment_words', 'member_words')",
    "postgresql": "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    " UNION ALL SELECT relname FROM pg_class WHERE relname IN ('comment_words', 'member_words')",
}


@contextlib.contextmanager
def app_on(url: str, data_dir: Path) -> Iterator[tuple[Flask, sa.Engine]]:
    from comments.app import create_app, with_migrations

    settings = read_settings({"COMMENTS_DATABASE_URL": url, "COMMENTS_DATA_DIR": str(data_dir)})
    app = with_migrations(create_app(settings))
    with app.app_context():
        engine = app.extensions["comments"].database.engine
        try:
            yield app, engine
        finally:
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


def described(engine: sa.Engine) -> set[str]:
    """Every table, column, index and constraint, as the database itself describes it, in a form to compare."""
    with engine.connect() as conn:
        rows = [row for query in TABLES[engine.dialect.name] for row in conn.exec_driver_sql(query)]
    texts = {" | ".join(" ".join(str(cell).split()) for cell in row) for row in rows}
    return {in_any_order(text) for text in texts if "alembic_version" not in text and not is_of_words(text)}


def is_of_words(text: str) -> bool:
    return any(word in text.partition("|")[0] for word in WORDS)


def in_any_order(text: str) -> str:
    """SQLite keeps CREATE TABLE as it was written: here in an order that does not depend on who wrote it."""
    head, _, body = text.partition(" ( ")
    return f"{head} ( " + ", ".join(sorted(body.removesuffix(" )").split(", "))) if "CREATE TABLE" in text else text


def test_up_gives_the_tables_and_down_gives_nothing(empty_urls: tuple[str, str], tmp_path: Path) -> None:
    migrated_url, made_url = empty_urls
    with app_on(made_url, tmp_path) as (_, engine):
        tables.Base.metadata.create_all(engine)
        wanted = described(engine)
    assert wanted
    with app_on(migrated_url, tmp_path) as (_, engine):
        flask_migrate.upgrade(MIGRATIONS)
        assert sorted(described(engine) ^ wanted) == []
        flask_migrate.downgrade(MIGRATIONS, "base")
        assert not described(engine)
        with engine.connect() as conn:
            assert not conn.exec_driver_sql(REST[conn.dialect.name]).all()
        flask_migrate.upgrade(MIGRATIONS)
        assert sorted(described(engine) ^ wanted) == []


def test_autogenerate_finds_nothing_to_do(database_url: str, tmp_path: Path) -> None:
    with app_on(database_url, tmp_path) as (_, engine), engine.connect() as conn:
        opts = {"compare_type": True, "compare_server_default": True, "include_name": is_ours}
        context = MigrationContext.configure(conn, opts=opts)
        assert compare_metadata(context, tables.Base.metadata) == []


def test_rules_that_were_settings_are_rules_afterwards(empty_urls: tuple[str, str], tmp_path: Path) -> None:
    """Also while the version before still reads the settings: they stay as they are."""
    stored = {"read": "registered", "max_links": 7, "banned_words": ["weasel"]}
    rows = [
        {"key": key, "name": key, "issuer": "x", "origins": "[]", "products": "[]", "created_at": 1, "settings": text}
        for key, text in (("herald", json.dumps(stored)), ("gazette", "{}"))
    ]
    with app_on(empty_urls[0], tmp_path) as (_, engine):
        flask_migrate.upgrade(MIGRATIONS, "0003")
        with engine.begin() as conn:
            names = ", ".join(rows[0])
            values = ", ".join(f":{name}" for name in rows[0])
            conn.execute(sa.text(f"INSERT INTO sites ({names}) VALUES ({values})"), rows)
        flask_migrate.upgrade(MIGRATIONS)
        with engine.connect() as conn:
            herald, gazette = find_site(conn, "herald"), find_site(conn, "gazette")
            assert herald is not None and gazette is not None
            assert herald.settings == SiteSettings(read="registered")
            assert rules_of(conn, herald) == RuleSet(max_links=7, banned_words=("weasel",))
            assert (gazette.rules_id, rules_of(conn, gazette)) == (None, RuleSet())
            assert (
                json.loads(conn.execute(sa.text("SELECT settings FROM sites ORDER BY id LIMIT 1")).scalar_one())
                == stored
            )


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or not is_of_words(name or "")


@pytest.mark.parametrize("change", ["UPDATE audit SET note = 'x'", "DELETE FROM audit"])
def test_the_audit_log_only_grows(database_url: str, tmp_path: Path, change: str) -> None:
    entry = {"action": "test", "subject_type": "site", "subject_id": 1, "created_at": 1}
    with app_on(database_url, tmp_path) as (_, engine):
        with engine.begin() as conn:
            conn.execute(sa.insert(tables.audit).values(entry))
        with engine.connect() as conn, pytest.raises(sa.exc.DBAPIError, match="append-only"):
            conn.exec_driver_sql(change)


def test_a_database_from_the_future_is_refused(database_url: str, tmp_path: Path) -> None:
    from comments.app import migrate

    with app_on(database_url, tmp_path) as (app, engine):
        with engine.begin() as conn:
            conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(SettingsError, match="install the newer one"):
            migrate(app)


def test_the_newest_migration_is_the_last_of_the_chain() -> None:
    from comments.storage.version import newest_migration

    assert ScriptDirectory(MIGRATIONS).get_current_head() == newest_migration()
