"""Jobs as rows: written with what caused them, claimed once, tried again later and later, parked at last."""

import itertools
import logging
import threading
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.jobs import worker
from comments.jobs.worker import Worker
from comments.storage.jobs import (
    FIRST_RETRY,
    LEASE,
    MOST_ATTEMPTS,
    SECOND,
    Claimed,
    Job,
    add_jobs,
    claim_jobs,
    fail_job,
    finish_job,
    is_due,
    parked_jobs,
)
from comments.storage.tables import jobs
from comments.storage.transaction import Database
from tests.conftest import FakeClock
from tests.gazette import Gazette, good


@pytest.fixture
def database(app: Flask) -> Database:
    found: Database = app.extensions["comments"].database
    return found


def add(database: Database, *wanted: Job) -> None:
    with database.transaction() as tx:
        add_jobs(tx.conn, wanted, tx.now)


def claim(database: Database, limit: int = 10) -> list[Claimed]:
    with database.transaction() as tx:
        return claim_jobs(tx.conn, tx.now, limit)


def finish(database: Database, job: Claimed) -> None:
    with database.transaction() as tx:
        finish_job(tx.conn, job)


def due(database: Database) -> int | None:
    """When the next job can be claimed; the worker sees it then and not before."""
    soonest = min((max(job.run_at, job.locked_until) for job in rows(database) if job.parked_at is None), default=None)
    if soonest is not None:
        with database.read() as conn:
            assert (is_due(conn, soonest - 1), is_due(conn, soonest)) == (False, True)
    return soonest


def rows(database: Database) -> list[Any]:
    with database.read() as conn:
        return list(conn.execute(sa.select(jobs).order_by(jobs.c.id)).all())


def test_oldest_first_and_each_once(database: Database, clock: FakeClock) -> None:
    for number in range(5):
        add(database, Job("test", {"n": number}))
        clock.forward(1)
    first = claim(database, 3)
    assert [(job.kind, job.payload["n"], job.attempts) for job in first] == [("test", n, 1) for n in range(3)]
    assert [job.payload["n"] for job in claim(database)] == [3, 4]
    assert claim(database) == []
    for job in first:
        finish(database, job)
    assert len(rows(database)) == 2


def test_not_before_its_time(database: Database, clock: FakeClock) -> None:
    add(database, Job("later", delay=2 * SECOND))
    assert due(database) == clock.now + 2 * SECOND
    clock.forward(1.9)
    assert claim(database) == []
    clock.forward(0.1)
    assert [job.kind for job in claim(database)] == ["later"]
    assert due(database) == clock.now + LEASE


def test_one_of_a_kind_and_key_waits(database: Database) -> None:
    add(database, Job("test", {"n": 1}, key="a"), Job("test", {"n": 2}, key="a"), Job("test", {"n": 3}, key="b"))
    add(database, Job("test", {"n": 4}, key="a"), Job("other", {"n": 5}, key="a"), Job("test", {"n": 6}))
    assert [row.payload for row in rows(database)] == ['{"n":1}', '{"n":3}', '{"n":5}', '{"n":6}']
    assert len(claim(database)) == 4
    add(database, Job("test", {"n": 7}, key="a"))
    assert [job.payload for job in claim(database)] == [{"n": 7}], "what happens after the claim wants a job of its own"


def test_a_worker_that_died(database: Database, clock: FakeClock) -> None:
    add(database, Job("test"))
    (dead,) = claim(database)
    clock.forward(LEASE / SECOND - 0.001)
    assert claim(database) == []
    clock.forward(0.001)
    (again,) = claim(database)
    assert (again.id, again.attempts) == (dead.id, 2)


def test_later_and_later_then_parked(database: Database, clock: FakeClock) -> None:
    add(database, Job("test"))
    waits = []
    for _ in range(MOST_ATTEMPTS):
        (job,) = claim(database)
        began = clock.now
        with database.transaction() as tx:
            parked = fail_job(tx.conn, job, "x" * 5000, tx.now)
        waits.append((due(database) or began) - began)
        clock.now = max(clock.now, due(database) or 0)
    assert parked
    assert waits[:-1] == [min(FIRST_RETRY * 2**n, 3600 * SECOND) for n in range(MOST_ATTEMPTS - 1)]
    assert (claim(database), due(database)) == ([], None)
    with database.read() as conn:
        (row,) = parked_jobs(conn)
    assert (row.kind, row.error) == ("test", "x" * 2000)


def test_a_transaction_that_fails_leaves_no_job(app: Flask, clock: FakeClock, database: Database) -> None:
    paper = Gazette.make(app, clock)
    member = int(paper.reader("kiesel").id)
    from comments.core.events import MemberRestricted

    with pytest.raises(ZeroDivisionError), database.transaction() as tx:
        tx.record(MemberRestricted(paper.id, member, reject_waiting=True))
        raise ZeroDivisionError
    assert rows(database) == []
    with database.transaction() as tx:
        tx.record(MemberRestricted(paper.id, member, reject_waiting=True))
    assert [row.kind for row in rows(database)] == ["reject_waiting"]


def test_many_workers_share(database: Database) -> None:
    """Real threads on the real engine: none does what another has."""
    add(database, *(Job("test", {"n": number}) for number in range(60)))
    taken: list[int] = []
    barrier = threading.Barrier(6)

    def work() -> None:
        barrier.wait()
        while some := claim(database, 4):
            taken.extend(job.payload["n"] for job in some)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(60))


def test_the_worker_does_what_is_due_and_no_more(app: Flask, clock: FakeClock) -> None:
    paper = Gazette.make(app, clock)
    kiesel, bach = paper.reader("kiesel"), paper.reader("bach")
    first, second = kiesel.post("one")["id"], kiesel.post("two")["id"]
    good(bach.react(first))
    seq = paper.page()["seq"]
    clock.forward(0.5)
    good(bach.react(second))
    for _ in range(2):
        paper.work()
        assert (paper.page()["seq"], len(rows(paper.database))) == (seq, 1)
        clock.forward(0.5)
    paper.work()
    assert (paper.page()["seq"], rows(paper.database)) == (seq + 1, [])


def test_reactions_take_one_seq_a_second(app: Flask, clock: FakeClock) -> None:
    """However many and whenever the worker looks: a page's readers hear of reactions at most once a second."""
    paper = Gazette.make(app, clock)
    comments = [paper.reader("kiesel").post(f"number {number}")["id"] for number in range(3)]
    readers = [paper.reader(f"r{number}") for number in range(8)]
    clock.forward(10)
    raised: list[int] = []
    seq = paper.page()["seq"]
    for step in range(40):
        good(readers[step % 8].react(comments[step % 3], "PUT" if step < 24 else "DELETE"))
        paper.work()
        if (now := paper.page()["seq"]) != seq:
            assert now == seq + 1
            raised.append(clock.now)
            seq = now
        clock.forward(0.13)
    assert len(raised) >= 4
    assert all(later - sooner >= SECOND for sooner, later in itertools.pairwise(raised))


def test_a_job_that_fails_leaves_the_others_alone(
    database: Database, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    add(database, Job("no such kind"), Job("rename", {"member": 10**9, "after": 0}))
    with caplog.at_level(logging.CRITICAL):
        assert Worker(database).work() == 2
    (left,) = rows(database)
    assert (left.kind, left.attempts, left.parked_at) == ("no such kind", 1, None)
    assert left.error.startswith("KeyError")
    assert left.run_at > clock.now


def test_every_planned_kind_can_be_done() -> None:
    from comments.core.events import (
        CommentReported,
        HoursPlanned,
        MemberRenamed,
        MemberRestricted,
        OldCommentsClaimed,
        ReactionGathered,
        ReportsJudged,
    )  # fmt: skip
    from comments.jobs.plan import jobs_for

    events = (
        ReactionGathered(1, 2), MemberRestricted(1, 2, reject_waiting=True), MemberRenamed(1, 2),
        CommentReported(1, 2, 3, True), ReportsJudged(1, (2,)), HoursPlanned(1, 2, 3, None, "open"),
        OldCommentsClaimed(1, 2),
    )  # fmt: skip
    planned = {job.kind for event in events for job in jobs_for(event, 0)}
    by_themselves = {"figures", "retention", "try_rules"}  # by the hour, by the day, and when asked for
    assert planned | by_themselves == set(worker.DOES)
    assert list(jobs_for(CommentReported(1, 2, 3), 0)) == []
    assert list(jobs_for(MemberRestricted(1, 2), 0)) == []
