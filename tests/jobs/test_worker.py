"""The worker: real processes that share, die and stop, and the bulk work that it does piece by piece."""

import signal
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from comments.actions.moderation import CHUNK
from comments.jobs.upkeep import UPKEEP_EVERY
from comments.jobs.worker import Worker
from comments.storage.jobs import LEASE, Job, add_jobs, claim_jobs, fail_job, finish_job
from comments.storage.journal import KEPT
from comments.storage.tables import jobs, journal
from comments.storage.transaction import Database
from tests.conftest import Environ, FakeClock
from tests.jobs.conftest import StartWorker
from tests.live.conftest import second_process
from tests.live.paper import HELD, Paper, in_process
from tests.servers import wait_until


@pytest.fixture
def database(app: Flask) -> Database:
    found: Database = app.extensions["comments"].database
    return found


@pytest.fixture
def paper(client: FlaskClient, database: Database) -> Paper:
    return Paper.found(in_process(client), database)


@pytest.fixture
def real(environ: Environ) -> Iterator[Database]:
    """The database by the clock of the real world, as the real workers have it."""
    with second_process(environ) as database:
        yield database


def add(database: Database, *wanted: Job) -> None:
    with database.transaction() as tx:
        add_jobs(tx.conn, wanted, tx.now)


def rows(database: Database) -> list[sa.Row[tuple[object, ...]]]:
    with database.read() as conn:
        return list(conn.execute(sa.select(jobs).order_by(jobs.c.id)).all())


def test_two_workers_do_each_job_once(start_worker: StartWorker, real: Database, paper: Paper) -> None:
    """Each of these jobs raises the seq of one article by one: who did it twice has raised it twice."""
    members = [paper.member(f"member-{number}") for number in range(20)]
    for member in members:
        member.post(member.sub, "Words.")
    for _ in range(2):
        start_worker()
    add(real, *(Job("rename", {"member": int(member.id), "after": 0}) for member in members))
    wait_until(lambda: rows(real) == [], "all jobs to be done", 20)
    assert [paper.changes(member.sub, 1)["seq"] for member in members] == [2] * 20


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_claim_waits_for_nobody(real: Database) -> None:
    add(real, *(Job("unknown", {"number": number}) for number in range(4)))
    with real.transaction() as one, real.transaction() as two:
        first, second = claim_jobs(one.conn, one.now, 3), claim_jobs(two.conn, two.now, 3)
    assert [job.payload["number"] for job in first + second] == [0, 1, 2, 3]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_worker_that_is_killed_in_the_middle(
    start_worker: StartWorker, real: Database, paper: Paper, database: Database, clock: FakeClock
) -> None:
    """The job is blocked by a lock of ours, its worker killed; the lease ends, and another does the whole of it."""
    anna = paper.member("anna")
    anna.post("news", f"{HELD} of the killed.")
    paper.moderator().ban(anna)
    with real.transaction() as tx:
        tx.conn.execute(sa.text("SELECT id FROM members WHERE id = :id FOR UPDATE"), {"id": int(anna.id)})
        with second_connection(real) as conn:
            conn.execute(
                sa.insert(jobs).values(kind="reject_waiting", payload=f'{{"member":{anna.id}}}', run_at=0, created_at=0)
            )
        worker = start_worker()
        wait_until(
            lambda: rows(database)[0].locked_until > 0 and is_waiting(database), "the worker to be in the middle", 20
        )
        worker.kill()
        worker.wait()
    (job,) = rows(database)
    assert (job.attempts, job.error) == (1, None)
    clock.now = job.locked_until - 1
    assert Worker(database).work() == 0, "its lease holds"
    clock.now = job.locked_until
    assert Worker(database).work() == 1
    assert rows(database) == []
    assert [one["status"] for one in paper.member("anna").mine("news")["comments"]] == ["rejected"]


def second_connection(database: Database) -> sa.Connection:
    return database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def is_waiting(database: Database) -> bool:
    query = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    with database.read() as conn:
        return bool(conn.execute(query).scalar())


def test_who_lost_the_lease_neither_ends_nor_fails_the_job(database: Database, clock: FakeClock) -> None:
    add(database, Job("unknown"))
    with database.transaction() as tx:
        (slow,) = claim_jobs(tx.conn, tx.now, 1)
    clock.now += LEASE
    with database.transaction() as tx:
        (quick,) = claim_jobs(tx.conn, tx.now, 1)
    with database.transaction() as tx:
        finish_job(tx.conn, slow)
        assert not fail_job(tx.conn, slow, "too late", tx.now)
    (row,) = rows(database)
    assert (row.locked_until, row.attempts, row.error) == (quick.lease, 2, None)
    with database.transaction() as tx:
        finish_job(tx.conn, quick)
    add(database, Job("unknown"))  # SQLite gives the number again
    with database.transaction() as tx:
        finish_job(tx.conn, quick)
    assert len(rows(database)) == 1


def test_a_worker_stops_when_asked(start_worker: StartWorker, real: Database) -> None:
    add(real, Job("rename", {"member": 10**9, "after": 0}))
    worker = start_worker()
    wait_until(lambda: rows(real) == [], "the worker to work", 20)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(5) == 0


def test_gathered_reactions_are_published_by_the_worker(paper: Paper, database: Database, clock: FakeClock) -> None:
    anna, bert, carla = (paper.member(name) for name in ("anna", "bert", "carla"))
    one, two = anna.post("news", "One.")["id"], anna.post("news", "Two.")["id"]
    clock.forward(5)
    bert.recommend(one)
    clock.forward(0.2)
    carla.recommend(one)
    bert.recommend(two)
    worker = Worker(database)
    clock.forward(0.7)
    assert (worker.work(), paper.page("news")["seq"]) == (0, 3)
    clock.forward(0.4)
    assert (worker.work(), paper.page("news")["seq"]) == (1, 4)
    changed = {change["comment"]["id"]: change["comment"] for change in paper.changes("news", 3)["changes"]}
    assert {key: (value["reactions"], value["seq"]) for key, value in changed.items()} == {
        one: ({"recommend": 2}, 4),
        two: ({"recommend": 1}, 4),
    }


def test_what_waits_of_the_banned_is_rejected_piece_by_piece(paper: Paper, database: Database) -> None:
    anna, bert, moderator = paper.member("anna"), paper.member("bert"), paper.moderator()
    published = anna.post("news", "Already there.")
    number = CHUNK + 3
    for n in range(number):
        anna.post(f"article-{n % 4}", f"{HELD} number {n}")
    held = bert.post("news", f"{HELD} by somebody else")
    moderator.ban(anna, reject_waiting=True)
    while Worker(database).work():
        pass
    statuses = [one["status"] for n in range(4) for one in anna.mine(f"article-{n}")["comments"]]
    assert statuses == ["rejected"] * number
    assert [one["id"] for one in bert.mine("news")["comments"] if one["status"] == "waiting"] == [held["id"]]
    assert [one["id"] for one in paper.page("news")["comments"]] == [published["id"]]
    entries = moderator.call("GET", f"/sites/{paper.key}/audit?limit=100").expect(200)["entries"]
    assert [entry["action"] for entry in entries].count("reject") == number


def test_a_ban_that_was_lifted_meanwhile_rejects_nothing(paper: Paper, database: Database) -> None:
    anna, moderator = paper.member("anna"), paper.moderator()
    anna.post("news", f"{HELD}, but forgiven")
    moderator.ban(anna, reject_waiting=True)
    moderator.call("DELETE", f"/members/{anna.id}/ban").expect(200)
    while Worker(database).work():
        pass
    assert [one["status"] for one in anna.mine("news")["comments"]] == ["waiting"]


def test_a_new_name_resets_every_thread_with_a_comment_of_theirs(paper: Paper, database: Database) -> None:
    anna, bert = paper.member("anna"), paper.member("bert")
    articles = [f"article-{number}" for number in range(CHUNK + 5)]
    for article in articles:
        anna.post(article, "Signed, anna.")
    bert.post("elsewhere", "Nothing of hers.")
    anna.rename("Annabel")
    while Worker(database).work():
        pass
    for article in articles:
        assert paper.changes(article, 1)["reset"]
        page = paper.page(article)
        assert (page["seq"], page["comments"][0]["author"]["name"]) == (2, "Annabel")
    assert paper.page("elsewhere")["seq"] == 1


def test_the_journal_is_forgotten_after_its_time_but_for_the_last(
    paper: Paper, database: Database, clock: FakeClock
) -> None:
    anna = paper.member("anna")
    for number in range(3):
        anna.post("old", f"Number {number}.")
        clock.forward(1)
    run_for_a_moment(database)
    assert not paper.changes("old", 0)["reset"]
    clock.now += KEPT
    run_for_a_moment(database)
    assert paper.changes("old", 0)["reset"]
    assert not paper.changes("old", 2)["reset"]
    with database.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(journal)).scalar() == 1
    clock.now += UPKEEP_EVERY + 1
    anna = paper.member("anna")
    anna.post("old", "One more.")
    assert paper.changes("old", 3)["changes"][0]["kind"] == "added"


def run_for_a_moment(database: Database) -> None:
    """A worker's run with its upkeep: it is told to stop as soon as there is nothing to do."""
    from comments.jobs.upkeep import sweep

    while Worker(database).work():
        pass
    sweep(database)
