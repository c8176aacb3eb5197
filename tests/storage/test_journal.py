"""The journal's edges: what is too old, too much, not yet there, and what it forgets after seven days."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.jobs.upkeep import sweep
from comments.storage.checks import sequences
from comments.storage.journal import KEPT, LONGEST, last_entry, prune, read_changes, read_entries
from comments.storage.tables import articles, comments, journal
from comments.storage.threads import find_article
from tests.conftest import FakeClock
from tests.gazette import Gazette, Reader, good

DAY = 86_400


@pytest.fixture
def paper(app: Flask, clock: FakeClock) -> Gazette:
    return Gazette.make(app, clock)


@pytest.fixture
def kiesel(paper: Gazette) -> Reader:
    return paper.reader("kiesel")


def columns(paper: Gazette) -> set[str]:
    with paper.read() as conn:
        return set(conn.execute(sa.select(journal)).keys())


def test_it_keeps_no_text(paper: Gazette, kiesel: Reader) -> None:
    good(kiesel.edit(kiesel.post("CANARY one")["id"], "CANARY two"))
    with paper.read() as conn:
        rows = conn.execute(sa.select(journal)).all()
    assert len(rows) == 2
    assert "CANARY" not in str(rows)
    assert columns(paper) == {
        "id", "site_id", "article_id", "comment_id", "seq", "kind", "before", "member_id", "created_at",
    }  # fmt: skip


def test_where_nothing_is_new(paper: Gazette, kiesel: Reader) -> None:
    seq = kiesel.post("one")["seq"]
    assert paper.changes(seq) == {"seq": 1, "changes": [], "total": 1, "reset": False}


def test_whoever_stands_beyond_the_end_loads_again(paper: Gazette, kiesel: Reader) -> None:
    assert paper.changes(1) == {"seq": 0, "changes": [], "total": 0, "reset": True}
    kiesel.post("one")
    assert paper.changes(2) == {"seq": 1, "changes": [], "total": 1, "reset": True}


def test_more_than_two_hundred_is_a_reset(paper: Gazette, kiesel: Reader) -> None:
    first = kiesel.post("one")["id"]
    for number in range(LONGEST + 1):
        good(kiesel.edit(first, f"text {number}"))
    assert paper.changes(0)["reset"]
    assert paper.changes(1)["reset"]
    just = paper.changes(2)
    assert (just["reset"], just["seq"], len(just["changes"])) == (False, LONGEST + 2, 1)


def test_an_article_is_told_only_where_it_changed(paper: Gazette, kiesel: Reader) -> None:
    kiesel.post("one")
    good(paper.desk().call("PATCH", f"{paper.article()}", {"mode": "closed"}))
    shown = {"id": "1", "title": None, "url": None, "mode": "closed"}
    assert paper.changes(1) == {"seq": 2, "changes": [], "total": 1, "reset": False, "article": shown}
    assert paper.changes(0)["article"] == shown
    assert "article" not in paper.changes(2)


def test_after_seven_days_it_forgets(paper: Gazette, kiesel: Reader, clock: FakeClock) -> None:
    kiesel.post("old")
    clock.forward(KEPT / 1_000_000 - DAY)
    kiesel = paper.reader("kiesel")
    kiesel.post("newer")
    clock.forward(DAY)
    sweep(paper.database)
    assert [paper.changes(after)["reset"] for after in (0, 1)] == [False, False], "not a moment too early"
    clock.forward(1)
    sweep(paper.database)
    assert [paper.changes(after)["reset"] for after in (0, 1, 2)] == [True, False, False]
    with paper.read() as conn:
        assert sequences(conn) == 0


def entries(paper: Gazette, article: int, made: dict[int, int]) -> None:
    """Journal entries by hand: seq → µs. Times are taken when a transaction begins, seqs when it ends."""

    def write(conn: sa.Connection) -> None:
        base: dict[str, Any] = {"site_id": paper.id, "article_id": article, "kind": "comment", "before": "full"}
        comment = conn.execute(sa.select(comments.c.id)).scalars().first()
        conn.execute(sa.delete(journal))
        rows = [base | {"comment_id": comment, "seq": seq, "created_at": time} for seq, time in made.items()]
        conn.execute(sa.insert(journal), rows)
        conn.execute(sa.update(articles).values(seq=max(made)))

    paper.change(write)


def test_a_hole_is_a_reset(paper: Gazette, kiesel: Reader, clock: FakeClock) -> None:
    """Of two transactions the one that began first may end last: forgetting by time then leaves a hole."""
    kiesel.post("one")
    with paper.read() as conn:
        article = find_article(conn, paper.id, "1")
    old = clock.now - KEPT
    entries(paper, article.id, {1: old - 5, 2: old + 1, 3: old - 1, 4: old + 2})
    sweep(paper.database)
    assert [paper.changes(after)["reset"] for after in range(5)] == [True, True, True, False, False]


def test_a_transaction_is_forgotten_whole(paper: Gazette, kiesel: Reader, clock: FakeClock) -> None:
    """A chunk never ends within what one seq changed: half of it would look like all of it."""
    root = kiesel.post("root")["id"]
    kiesel.post("reply", root)
    clock.forward(KEPT / 1_000_000 + 1)
    with paper.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(journal)).scalar_one() == 3
    paper.reader("bach").post("the last, which stays")
    with paper.database.transaction() as tx:
        assert prune(tx.conn, tx.now, limit=2) == 3
    assert paper.changes(1)["reset"]


def test_another_process_reads_what_was_written(paper: Gazette, kiesel: Reader) -> None:
    with paper.read() as conn:
        before = last_entry(conn)
    root = kiesel.post("root")["id"]
    kiesel.post("reply", root)
    with paper.read() as conn:
        rows = read_entries(conn, before)
        assert [(row.seq, row.kind) for row in rows] == [(1, "comment"), (2, "comment"), (2, "comment")]
        assert read_entries(conn, rows[-1].id) == []
        assert [row.id for row in read_entries(conn, before, limit=2)] == [row.id for row in rows[:2]]
        assert last_entry(conn) == rows[-1].id


def test_rows_newer_than_the_article_change_nothing(paper: Gazette, kiesel: Reader) -> None:
    """PostgreSQL shows each statement what is committed by then: seq is read first, and nothing above it is claimed."""
    first = kiesel.post("one")["id"]
    with paper.read() as conn:
        article = find_article(conn, paper.id, "1")
    kiesel.post("two")
    good(kiesel.edit(first, "one, corrected"))
    with paper.read() as conn:
        since = read_changes(conn, article, 0)
    assert (since.seq, since.total, since.reset) == (1, 1, False)
    assert [change["comment"]["id"] for change in since.changes] == [first]
