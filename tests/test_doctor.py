"""`comments doctor` names every kind of damage, says nothing of what is right, and mends what can be counted again."""

import contextlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.actions.repairs import repair
from comments.doctor import integrity
from comments.storage.checks import CHECKS
from comments.storage.integrity import REFERENCES, WHOLE, snapshot
from comments.storage.tables import Base
from tests.conftest import FakeClock
from tests.gazette import Gazette

LATER = 10**10  # µs: hours
NOW = FakeClock().now
# What is planted: the beginning of what the doctor says, and the statements that spoil it.
DAMAGE = {
    "totals of articles": ["UPDATE articles SET total = total + 1"],
    "reply counts": ["UPDATE comments SET reply_count = 7 WHERE depth = 0"],
    "visible children": ["UPDATE comments SET visible_children = visible_children + 1"],
    "members' figures": ["UPDATE members SET published = 9"],
    "open reports": ["UPDATE comments SET open_reports = 3"],
    "weight of reports": ["UPDATE comments SET report_weight = 5"],
    "outcomes of reports": ["UPDATE members SET reports_upheld = 2"],
    "unseen warnings": ["UPDATE members SET unseen_warnings = 1"],
    "answers to questions": ["UPDATE comments SET answer_id = id"],
    "parents and roots": ["UPDATE comments SET root_id = id"],
    "sequences and journal": ["DELETE FROM journal WHERE seq = 2"],
    "open appeals": [
        "INSERT INTO appeals (site_id, comment_id, member_id, text, created_at)"
        " SELECT site_id, id, member_id, 'x', 1 FROM comments WHERE status = 'published' LIMIT 1"
    ],
    "accounts and their sites": [
        "INSERT INTO users (email, name, password_hash, role, sites, created_at)"
        " VALUES ('a@b', 'a', 'x', 'staff', '[77]', 1)"
    ],
    "one site, one article": ["UPDATE comments SET site_id = 77 WHERE depth = 0"],
    "journal and state": ["UPDATE comments SET seq = seq - 1 WHERE seq > 1"],
    "jobs that nobody does": [
        f"INSERT INTO jobs (kind, payload, run_at, created_at) VALUES ('x', '{{}}', {NOW - LATER}, 1)"
    ],
    "leases that never end": [
        "INSERT INTO jobs (kind, payload, run_at, created_at, locked_until)"
        f" VALUES ('x', '{{}}', {NOW}, 1, {NOW + LATER})"
    ],
    "1 jobs are parked": [
        "INSERT INTO jobs (kind, payload, run_at, created_at, parked_at, error)"
        f" VALUES ('x', '{{}}', {NOW}, 1, 1, 'no')"
    ],
    "claims that never end": [
        f"INSERT INTO claims (comment_id, site_id, user_id, until) SELECT id, 1, 1, {NOW + LATER} FROM comments LIMIT 1"
    ],
    "claims that are over": [
        "INSERT INTO claims (comment_id, site_id, user_id, until) SELECT id, 1, 1, 1 FROM comments"
    ],
    "used tokens that are over": ["INSERT INTO used_tokens (site_id, jti, expires_at) VALUES (1, 'x', 1)"],
    "figures": ["INSERT INTO figures (site_id, hour, name, key, number) VALUES (1, 0, 'x', '', -1)"],
}
ONE_ENGINE = {
    "sqlite": {"search": ["DELETE FROM comment_words_docsize WHERE id = 1"]},
    "postgresql": {
        "search": ["UPDATE comments SET text = 'other words'"],  # without its trigger
        "numbering": ["ALTER SEQUENCE members_id_seq RESTART"],
        "database structures": [
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_comments_picked'::regclass"
        ],
    },
}  # fmt: skip

OF_THE_FILE = {"database structures", "numbering"}  # SQLite: the first is tested below, the second cannot be wrong


@pytest.fixture
def paper(app: Flask, clock: FakeClock) -> Gazette:
    """A thread with replies, one of them withdrawn, a report and another thread."""
    paper = Gazette.make(app, clock)
    kiesel, bach = paper.reader("kiesel"), paper.reader("bach")
    root = kiesel.post("one")
    reply = bach.post("two", root["id"])
    kiesel.post("three", reply["id"])
    kiesel.post("elsewhere", article="2")
    assert bach.call("DELETE", f"/comments/{reply['id']}").status_code == 200
    paper.work()
    return paper


def let_everything_pass(conn: sa.Connection) -> None:
    """No constraint and no trigger holds from here on: a broken restore, a hand in the database."""
    if conn.dialect.name == "sqlite":
        conn.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]
    else:
        conn.exec_driver_sql("SET session_replication_role = replica")
        conn.exec_driver_sql("SET allow_system_table_mods = on")


@contextlib.contextmanager
def unguarded(paper: Gazette) -> Iterator[Callable[[str], Any]]:
    with paper.database.engine.connect() as conn:
        let_everything_pass(conn)
        yield conn.exec_driver_sql
        conn.commit()
        conn.invalidate()


def said(paper: Gazette) -> list[str]:
    """What the doctor finds wrong."""
    with snapshot(paper.database) as conn:
        return [text for fine, text in integrity(conn, paper.database.clock()) if not fine]


def test_every_kind_of_damage_is_named(paper: Gazette) -> None:
    engine = paper.database.engine.dialect.name
    planted = DAMAGE | ONE_ENGINE[engine]
    can_be_planted = {name for name in (CHECKS | WHOLE) if not (engine == "sqlite" and name in OF_THE_FILE)}
    assert can_be_planted <= {*planted}, "a check that nobody can trip is no check"
    assert said(paper) == []
    unnoticed = [name for name, statements in planted.items() if not _is_noticed(paper, name, statements)]
    assert unnoticed == []


def _is_noticed(paper: Gazette, name: str, statements: list[str]) -> bool:
    """Planted, looked at and taken back in one transaction."""
    with paper.database.engine.connect() as conn:
        let_everything_pass(conn)
        for statement in statements:
            conn.exec_driver_sql(statement)
        noticed = any(text.startswith(name) for fine, text in integrity(conn, NOW) if not fine)
        conn.rollback()
        conn.invalidate()
    return noticed


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_broken_index_of_sqlite_is_named(paper: Gazette, database_url: str) -> None:
    paper.database.engine.dispose()
    with contextlib.closing(sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)) as file:
        file.execute("PRAGMA writable_schema = ON")
        spoil = "UPDATE sqlite_master SET sql = replace(sql, ' = ', ' <> ') WHERE name = 'ix_comments_people'"
        assert file.execute(spoil).rowcount == 1
    assert [text for text in said(paper) if text.startswith("database structures")]


def test_figures_of_the_future_are_wrong_unless_a_comment_is_of_then(paper: Gazette) -> None:
    """As after a clock that was ahead for a while: what was written then is counted in its hour."""
    later = paper.database.clock() + 4 * 3_600_000_000
    with unguarded(paper) as execute:
        execute(f"INSERT INTO figures (site_id, hour, name, key, number) VALUES (1, {later}, 'x', '', 1)")
    assert [text for text in said(paper) if text.startswith("figures")]
    with unguarded(paper) as execute:
        execute(f"UPDATE comments SET created_at = {later} WHERE id = (SELECT max(id) FROM comments)")
    assert not [text for text in said(paper) if text.startswith("figures")]


def test_references_without_a_target_are_named(paper: Gazette) -> None:
    """Of every column that names a row, also those without a constraint: 77 is nobody."""
    wanted = {name: name.split(".") for name in REFERENCES}
    with unguarded(paper) as execute:
        for table in Base.metadata.sorted_tables:
            mine = {column for of, column in wanted.values() if of == table.name}
            row = {
                column.name: 77 if column.name in mine else ("'x'" if isinstance(column.type, sa.Text) else 1)
                for column in table.columns
                if column.computed is None and (not column.nullable or column.name in mine)
            }
            booleans = {column.name for column in table.columns if isinstance(column.type, sa.Boolean)}
            if mine:
                values = ", ".join("true" if name in booleans else str(value) for name, value in row.items())
                if "id" in row:
                    values = values.replace("1", "9001", 1)
                names = ", ".join(f'"{name}"' for name in row)
                execute(f"INSERT INTO {table.name} ({names}) VALUES ({values})")
    with snapshot(paper.database) as conn:
        assert [name for name, check in REFERENCES.items() if check(conn) == 0] == []


def test_counters_are_made_right(paper: Gazette) -> None:
    """… and readers are told to load the thread again."""
    before = paper.changes(0)["seq"]
    with unguarded(paper) as execute:
        for name in ("totals of articles", "reply counts", "visible children", "open reports", "weight of reports",
                     "members' figures", "unseen warnings"):  # fmt: skip
            for statement in DAMAGE[name]:
                execute(statement)
    assert len(said(paper)) >= 7
    told = list(repair(paper.database))
    assert said(paper) == []
    assert "of 2 threads" in told[0]
    assert paper.changes(before)["reset"] is True
    assert next(iter(repair(paper.database))).startswith("0 figures of 0 threads")


def test_no_false_alarm_while_others_write(paper: Gazette) -> None:
    """One snapshot: what is counted first and what it is compared with later are of the same moment."""
    done = threading.Event()
    kiesel = paper.reader("kiesel")

    def write() -> None:
        parent = None
        while not done.is_set():
            parent = kiesel.post("more", parent)["id"]

    writing = threading.Thread(target=write)
    writing.start()
    try:
        wrong = [said(paper) for _ in range(6)]
    finally:
        done.set()
        writing.join()
    assert wrong == [[]] * 6


def test_the_answers_as_json(environ: dict[str, str], paper: Gazette) -> None:
    from tests.test_cli import run

    done = run(environ, "doctor", "--json")
    answers = json.loads(done.stdout)
    assert {"ok", "text"} == {*answers[0]} and len(answers) > 20
    assert done.returncode == (0 if all(one["ok"] for one in answers) else 1)
