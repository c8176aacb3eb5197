"""New migrations hold up nobody: what each of them sends to PostgreSQL is looked at, statement by statement."""

import re
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa

from comments.storage.version import newest_migration
from tests.servers import ROOT
from tests.storage.test_migrations import MIGRATIONS, app_on, empty_urls  # noqa: F401 - a fixture

RULED_FROM = "0014"  # those before were made before anybody ran the service
HEAVY = (  # what is wrong with a statement about a table that was there before, and how it looks
    ("an index of a table that is in use is made CONCURRENTLY", r"CREATE (UNIQUE )?INDEX (?!CONCURRENTLY)"),
    ("a try that was broken off leaves half an index, and this keeps it", r"INDEX CONCURRENTLY IF NOT EXISTS"),
    (
        "a column that is computed for each row writes the table anew",
        r"ADD COLUMN .*(GENERATED ALWAYS AS \(|nextval|random\(|now\(|clock_timestamp)",
    ),
    ("a column without a default cannot be NOT NULL", r"ADD COLUMN (?!.*DEFAULT).*NOT NULL"),
    ("another type writes the table anew", r"ALTER COLUMN \S+ (SET DATA )?TYPE"),
    ("NOT NULL reads the whole table under a lock", r"SET NOT NULL"),
    ("a constraint is added NOT VALID and validated later", r"ADD CONSTRAINT (?!.*(NOT VALID|USING INDEX))"),
    ("rows are filled in chunks by a job", r"^(UPDATE|DELETE FROM) (?!alembic_version|marks)"),
    ("it rewrites the table", r"^(VACUUM FULL|CLUSTER|REINDEX (?!.*CONCURRENTLY))"),
)
TAKES_AWAY = r"DROP COLUMN|DROP TABLE|RENAME"
FINE = (
    "CREATE TABLE things (id BIGSERIAL NOT NULL, PRIMARY KEY (id))", "CREATE INDEX ix_things ON things (id)",
    "ALTER TABLE comments ADD COLUMN mood TEXT", "ALTER TABLE comments ADD COLUMN mood TEXT DEFAULT '' NOT NULL",
    "CREATE INDEX CONCURRENTLY ix_mood ON comments (mood)", "UPDATE alembic_version SET version_num='1'",
    "ALTER TABLE comments ADD CONSTRAINT x CHECK (mood IS NOT NULL) NOT VALID",
)  # fmt: skip
WRONG = (
    "CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_mood ON comments (mood)",
    "CREATE INDEX ix_mood ON comments (mood)", "CREATE UNIQUE INDEX ix_mood ON comments (mood)",
    "ALTER TABLE comments ADD COLUMN at TIMESTAMP DEFAULT clock_timestamp()",
    "ALTER TABLE comments ADD COLUMN twice INTEGER GENERATED ALWAYS AS (depth * 2) STORED",
    "ALTER TABLE comments ADD COLUMN mood TEXT NOT NULL", "ALTER TABLE comments ALTER COLUMN depth TYPE BIGINT",
    "ALTER TABLE comments ALTER COLUMN text SET NOT NULL", "UPDATE comments SET mood = 'good'",
    "ALTER TABLE comments ADD CONSTRAINT x CHECK (depth > 0)", "DELETE FROM journal",
    "ALTER TABLE comments DROP COLUMN mood", "DROP TABLE follows", "ALTER TABLE comments RENAME COLUMN text TO body",
)  # fmt: skip


def objections(statements: list[str], works_from: str | None = None) -> list[str]:
    """What is wrong with a migration of these statements; a table that it makes itself is empty."""
    own = set(re.findall(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)", " ".join(statements)))
    found = []
    for statement in (" ".join(one.split()) for one in statements):
        on = re.search(r"(?:\bON|ALTER TABLE|UPDATE|DELETE FROM) (\w+)", statement)
        if on and on[1] in own:
            continue
        found += [f"{why}: {statement}" for why, shape in HEAVY if re.search(shape, statement, re.IGNORECASE)]
        if re.search(TAKES_AWAY, statement, re.IGNORECASE) and works_from is None:
            found.append(f"what the version before reads goes: say WORKS_FROM: {statement}")
    return found


def test_the_rules_refuse_what_holds_others_up() -> None:
    assert objections(list(FINE)) == []
    assert [one for one in WRONG if not objections([one])] == []


@pytest.fixture
def sent() -> Iterator[list[str]]:
    """What any engine is sent in this test."""
    statements: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    yield statements
    sa.event.remove(sa.Engine, "before_cursor_execute", note)


@pytest.mark.parametrize("empty_urls", ["postgresql"], indirect=True)
def test_new_migrations_hold_up_nobody(empty_urls: tuple[str, str], tmp_path: Path, sent: list[str]) -> None:  # noqa: F811
    with app_on(empty_urls[0], tmp_path):
        flask_migrate.upgrade(MIGRATIONS, "0013")
        for number in range(int(RULED_FROM), int(newest_migration()) + 1):
            sent.clear()
            flask_migrate.upgrade(MIGRATIONS, f"{number:04}")
            assert any("alembic_version" in one for one in sent)
            (file,) = (ROOT / "migrations" / "versions").glob(f"{number:04}_*.py")
            works_from = re.search(r'^WORKS_FROM = "(\d{4})"', file.read_text(), re.MULTILINE)
            assert objections(sent, works_from and works_from[1]) == [], file.name
