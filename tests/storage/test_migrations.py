"""The migrations on both engines: up gives what storage/tables/ says, to the last index; down gives nothing."""

import contextlib
import json
import os
import subprocess
import time
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
from comments.storage.fitting import misfit
from comments.storage.rules import rules_of
from comments.storage.sites import find_site
from comments.storage.transaction import system_clock
from tests.conftest import postgresql_database
from tests.gazette import Gazette
from tests.served import COMMENTS
from tests.servers import ROOT, Run, wait_until

MIGRATIONS = str(ROOT / "migrations")
WRITES = "LOCK TABLE members IN ROW EXCLUSIVE MODE"  # as whoever posts does

# Triggers, and the full-text index that they keep, are the migrations' alone: storage/tables/ cannot say them.
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
def app_on(url: str, data_dir: Path, **more: str) -> Iterator[tuple[Flask, sa.Engine]]:
    from comments.app import create_app, with_migrations

    settings = read_settings({"COMMENTS_DATABASE_URL": url, "COMMENTS_DATA_DIR": str(data_dir)} | more)
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


@pytest.mark.parametrize("stands", ["9999", "ae10beefcafe"])
def test_every_command_refuses_what_is_not_for_it(environ: dict[str, str], tmp_path: Path, stands: str) -> None:
    """A database from the future, and another application's: one sentence, status 1, nothing changed."""
    with app_on(environ["COMMENTS_DATABASE_URL"], tmp_path) as (_, engine), engine.begin() as conn:
        conn.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{stands}'")
    why = "install the newer one" if stands.isdecimal() else "another application's"
    commands = (["serve"], ["worker"], ["migrate"], ["demo"], ["site", "list"], ["doctor", "--repair"])
    everything = environ | {
        "PATH": os.environ["PATH"],
        "COMMENTS_PORT": "0",
        "COMMENTS_PUBLIC_URL": "http://localhost:1",
    }
    started = [
        subprocess.Popen([COMMENTS, *command], env=everything, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
        for command in commands
    ]
    said = [one.communicate(timeout=60)[1] for one in started]
    assert [one.returncode for one in started] == [1] * len(commands), said
    assert all(why in text and "Traceback" not in text for text in said), said


def test_tables_of_others_are_left_alone(empty_urls: tuple[str, str], tmp_path: Path) -> None:
    from comments.app import migrate

    with app_on(empty_urls[0], tmp_path) as (app, engine):
        with engine.begin() as conn:
            conn.exec_driver_sql("CREATE TABLE comments (id integer)")
        with pytest.raises(SettingsError, match="another application's"):
            migrate(app)


def test_too_new_for_a_process_that_runs(app: Flask) -> None:
    """Its version's tables and more: ready, until a migration took something away that it reads."""
    database = app.extensions["comments"].database
    ready = app.test_client()
    with database.engine.begin() as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9998'")
    assert ready.get("/readyz").status_code == 200
    with database.engine.begin() as conn:
        conn.exec_driver_sql("UPDATE marks SET number = 9998 WHERE name = 'works_from'")
    wait_until(lambda: ready.get("/readyz").status_code == 503, "readyz to say so")  # it looks again after a moment
    with database.read() as conn:
        assert "too new" in (misfit(conn) or "")
    with database.engine.begin() as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '0013'")
    with database.read() as conn:
        assert "comments migrate" in (misfit(conn) or "")


def test_two_that_start_at_once_on_an_empty_database(empty_urls: tuple[str, str], tmp_path: Path) -> None:
    """Both come up: whoever is second waits, and finds everything done."""
    environ = {"COMMENTS_DATABASE_URL": empty_urls[0], "COMMENTS_DATA_DIR": str(tmp_path), "PATH": os.environ["PATH"]}
    started = [
        subprocess.Popen([COMMENTS, "migrate"], env=environ, stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    said = [one.communicate(timeout=60)[1] for one in started]
    assert [one.returncode for one in started] == [0, 0, 0], said


@pytest.mark.parametrize(("stands", "holds"), [("0013", "SELECT count(*) FROM users"), ("0014", WRITES)])
@pytest.mark.parametrize("empty_urls", ["postgresql"], indirect=True)
def test_a_migration_does_not_stand_in_front_of_everybody(
    empty_urls: tuple[str, str], tmp_path: Path, stands: str, holds: str
) -> None:
    """Somebody reads, or writes, for long: the migration asks for the table's lock, gives way, and asks again, so that
    others who want the same wait half a second at most.
    """
    environ = {"COMMENTS_DATABASE_URL": empty_urls[0], "COMMENTS_DATA_DIR": str(tmp_path), "PATH": os.environ["PATH"]}
    said = tmp_path / "said"
    with app_on(empty_urls[0], tmp_path) as (_, engine):
        flask_migrate.upgrade(MIGRATIONS, stands)
        with engine.connect() as holds_long, said.open("w") as stderr:
            holds_long.exec_driver_sql(holds)
            migrating = subprocess.Popen([COMMENTS, "migrate"], env=environ, stderr=stderr)
            longest = 0.0
            until = time.monotonic() + 90
            while longest < 0.3 and time.monotonic() < until and migrating.poll() is None:
                began = time.monotonic()
                with engine.connect() as conn:
                    conn.exec_driver_sql(holds)
                longest = max(longest, time.monotonic() - began)
            assert migrating.poll() is None, said.read_text()
            holds_long.rollback()
        assert migrating.wait(60) == 0, said.read_text()
    assert 0.3 < longest < 5, "it did wait for the lock, and let go of its place"


def test_posts_go_on_while_the_tables_change(empty_urls: tuple[str, str], tmp_path: Path) -> None:
    """From the tables of before, with rows of before, up to now: each post is answered 201, seq has no gap, and an
    account that was made before signs in afterwards.
    """
    from comments.storage.checks import CHECKS

    environ = {"COMMENTS_DATABASE_URL": empty_urls[0], "COMMENTS_DATA_DIR": str(tmp_path), "PATH": os.environ["PATH"]}
    with app_on(empty_urls[0], tmp_path, COMMENTS_POSTS_PER_MINUTE="1000000") as (app, engine):
        flask_migrate.upgrade(MIGRATIONS, "0018")  # the last that this version's posts need
        paper = Gazette.make(app, system_clock)
        member = paper.reader("kiesel")
        with engine.begin() as conn:
            conn.exec_driver_sql(
                "INSERT INTO users (email, name, password_hash, role, created_at)"
                " VALUES ('a@b.example', 'a', 'x', 'staff', 1)"
            )
        migrating = subprocess.Popen([COMMENTS, "migrate"], env=environ)
        answers, longest = [], 0.0
        while migrating.poll() is None or len(answers) < 20:
            began = time.monotonic()
            body = {"body": f"Number {len(answers)}, said meanwhile."}
            key = {"Idempotency-Key": f"number-{len(answers)}"}
            answers.append(member.call("POST", "/sites/gazette/articles/1/comments", body, **key).status_code)
            longest = max(longest, time.monotonic() - began)
            time.sleep(0.02)
        assert migrating.returncode == 0
        assert {*answers} == {201}
        assert longest < 15, "whoever posts waits for a moment"
        assert paper.changes(max(0, len(answers) - 20))["seq"] == len(answers)
        with engine.connect() as conn:
            assert {name: wrong for name, check in CHECKS.items() if (wrong := check(conn))} == {}
            account = conn.exec_driver_sql("SELECT totp_secret, totp_step, recovery_codes FROM users").one()
        assert tuple(account) == (None, 0, "[]")
