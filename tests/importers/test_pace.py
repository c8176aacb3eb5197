"""How large batches are, and when SQLite's disk is waited for."""

import gc
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from comments.actions.archive_pace import HOLDS, HOLDS_ALONE, LEAST, MOST, Pace
from comments.core.archive import BadLine, Found
from comments.storage.engine import FEW, without_waiting_for_disk
from comments.storage.tables import imports
from comments.storage.transaction import Database
from tests.importers.conftest import Importing, assert_counters_equal_a_recount, record


def after(pace: Pace, batches: int, each: float) -> int:
    """The size after so many batches, of which each comment takes so long."""
    for _ in range(batches):
        pace.took(pace.size * each, pace.size * each)
    return pace.size


def test_beside_a_service_a_batch_is_as_long_as_others_can_wait() -> None:
    assert after(Pace(beside=True), 20, 0.0003) == pytest.approx(HOLDS / 0.0003, rel=0.05)
    assert after(Pace(beside=False), 20, 0.0003) == pytest.approx(HOLDS_ALONE / 0.0003, rel=0.05)
    assert (after(Pace(beside=True), 20, 1.0), after(Pace(beside=False), 20, 0.00001)) == (LEAST, MOST)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_writes_beside_an_import_is_noticed(database: Database) -> None:
    pace, file = Pace(beside=False), str(database.engine.url.database)
    with closing(sqlite3.connect(Path(file), timeout=10)) as other:
        for is_alone in (True, True, False, False):
            if not is_alone:
                other.execute("INSERT INTO salts (day, salt) VALUES (abs(random()), 1)")
                other.commit()
            with database.transaction() as tx:
                pace.look_around(tx.conn)
                tx.conn.execute(sa.delete(imports).where(imports.c.digest == "none"))
            size = after(pace, 20, 0.0003)
            assert size == pytest.approx((HOLDS_ALONE if is_alone else HOLDS) / 0.0003, rel=0.05)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("beside", [True, False])
def test_the_end_of_an_import_waits_for_the_disk(importing: Importing, database: Database, beside: bool) -> None:
    """FULL is 2, NORMAL is 1: what a commit is made under. Foreign keys are looked at all the while."""
    levels: list[int] = []

    def look(conn: Any) -> None:
        cursor = conn.connection.dbapi_connection  # its own, not SQLAlchemy's
        assert cursor.execute("PRAGMA foreign_keys").fetchone()[0] == 1
        levels.append(cursor.execute("PRAGMA synchronous").fetchone()[0])

    def many() -> Iterator[Found | BadLine]:
        yield from (record(line, f"c{line}") for line in range(2, 302))

    sa.event.listen(database.engine, "commit", look)
    assert importing(many(), beside=beside).imported == 300
    sa.event.remove(database.engine, "commit", look)
    during, end = levels[:-1], levels[-1]
    assert end == 2 and during and set(during) == ({2} if beside else {1})
    assert_counters_equal_a_recount(database)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_import_keeps_few_statements_however_many_it_makes(database: Database) -> None:
    """Batches are of any size, so that their statements are hardly ever the same; the usual work keeps its own."""
    engine = database.engine

    def kept_of(number: int) -> int:
        before = prepared()
        with engine.connect() as conn:
            for size in range(1, number + 1):
                conn.execute(sa.select(imports.c.id).where(imports.c.id.in_(range(size)))).all()
            return prepared() - before

    with without_waiting_for_disk(engine):
        assert kept_of(100) <= FEW
    assert kept_of(100) >= 100


def prepared() -> int:
    """How many statements the connections of this process keep prepared."""
    return sum(str(type(one)) == "<class 'sqlite3.Statement'>" for one in gc.get_objects())
