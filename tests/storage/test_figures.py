"""The figures' hours against a count of everything, after a random play with hours between; and the pure parts."""

import random
from collections import Counter
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from flask import Flask

from comments.core.figures import HOUR, bucket_of
from comments.core.identity import Role, Viewer
from comments.jobs.figures import EVERY, REACH, plan_hours
from comments.storage.figures import read_hours, read_sums
from comments.storage.tables import appeals, comments, decisions, figures, findings, jobs, marks, reports
from tests.conftest import FakeClock
from tests.gazette import Gazette, good
from tests.storage.play import Play

Counted = Counter[tuple[int, int, str, str]]  # (site, hour, name, key)
MINUTE = 60


def counted_again(conn: sa.Connection) -> Counted:
    """All rows read and counted one by one, by the definitions in storage/figures.py."""
    found: Counted = Counter()
    holds: dict[int, list[Any]] = {}
    for row in conn.execute(sa.select(findings)):
        finding = msgspec.json.decode(row.finding)
        if finding["kind"] == "hold":
            holds.setdefault(row.comment_id, []).append((finding["rule"], row.created_at))
    site_of = {}
    for row in conn.execute(sa.select(comments)):
        site_of[row.id] = row.site_id
        first = "waiting" if any(at == row.created_at for _, at in holds.get(row.id, ())) else "published"
        found[
            row.site_id, row.created_at // HOUR * HOUR, "posted", first if row.archive_key is None else "imported"
        ] += 1
        for rule in {rule for rule, _ in holds.get(row.id, ())}:
            found[row.site_id, row.created_at // HOUR * HOUR, "held", rule] += 1
    for row in conn.execute(sa.select(reports)):
        found[site_of[row.comment_id], row.created_at // HOUR * HOUR, "reported", ""] += 1
    for row in conn.execute(sa.select(appeals)):
        found[row.site_id, row.created_at // HOUR * HOUR, "appealed", row.outcome or "open"] += 1
    for row in conn.execute(sa.select(decisions).where(decisions.c.undone_at.is_(None))):
        _count_decision(row, found)
    return found


def _count_decision(row: Any, found: Counted) -> None:
    def count(name: str, key: Any) -> None:
        found[row.site_id, row.created_at // HOUR * HOUR, name, str(key)] += 1

    person, rejected, overturned = row.user_id is not None, row.decision == "reject", row.overturned_at is not None
    count("decided", row.decision if person else "service")
    if rejected:
        count("reason", row.reason)
    if person:
        count("moderator", row.user_id)
        if row.waited is not None:
            count("waited", bucket_of(row.waited))
    if overturned:
        count("overturned", "")
        if rejected:
            count("overturned_reason", row.reason)
        if person:
            count("overturned_moderator", row.user_id)


def kept(conn: sa.Connection) -> Counted:
    return Counter({(row.site_id, row.hour, row.name, row.key): row.number for row in conn.execute(sa.select(figures))})


def decide_some(play: Play, users: list[int]) -> None:
    """Decisions of persons and of the service, some undone, some overturned, some appealed against."""
    rows_of = play.paper
    chance = play.random
    with rows_of.database.transaction() as tx:
        there = tx.conn.execute(sa.select(comments.c.id, comments.c.member_id, comments.c.version)).all()
        for row in chance.sample(there, min(3, len(there))):
            decision = chance.choice(("approve", "reject"))
            tx.conn.execute(sa.insert(decisions).values(
                site_id=rows_of.id, comment_id=row.id, member_id=row.member_id,
                user_id=chance.choice([*users, None]), decision=decision,
                reason=chance.choice(("spam", "abuse")) if decision == "reject" else None, before="{}",
                version=row.version, waited=chance.choice([None, 0, 10**6, chance.randrange(10**11)]),
                created_at=tx.now,
            ))  # fmt: skip
        made = tx.conn.execute(sa.select(decisions.c.id).where(decisions.c.undone_at.is_(None))).scalars().all()
        for column in ("undone_at", "overturned_at"):
            if made and chance.random() < 0.7:
                of = decisions.c.id == chance.choice(made)
                tx.conn.execute(sa.update(decisions).where(of).values({column: tx.now}))
        _appeal(tx, play, there)


def _appeal(tx: Any, play: Play, there: Any) -> None:
    open_ones = tx.conn.execute(sa.select(appeals.c.id).where(appeals.c.decided_at.is_(None))).scalars().all()
    if open_ones and play.random.random() < 0.5:
        outcome = {"decided_at": tx.now, "outcome": play.random.choice(("upheld", "overturned"))}
        tx.conn.execute(sa.update(appeals).where(appeals.c.id == play.random.choice(open_ones)).values(outcome))
    taken = set(tx.conn.execute(sa.select(appeals.c.comment_id)).scalars())
    for row in there[-1:]:
        if row.id not in taken:
            tx.conn.execute(sa.insert(appeals).values(
                site_id=play.paper.id, comment_id=row.id, member_id=row.member_id, text="Why?", created_at=tx.now,
            ))  # fmt: skip


def count_all(paper: Gazette, clock: FakeClock) -> None:
    """A pass as the worker makes it each minute, and then all that it found to do."""
    clock.forward(MINUTE + 1)
    plan_hours(paper.database)
    clock.forward(5)
    for _ in range(3):
        paper.work()
        clock.forward(30)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_hours_are_what_a_count_of_everything_says(app: Flask, clock: FakeClock, seed: int) -> None:
    play = Play.begin(app, clock, seed)
    herald = Gazette.make(app, clock, "herald")
    users = [int(desk.get("/session")["user"]["id"]) for desk in (play.paper.desk(), play.paper.desk())]
    play.moderator = Viewer(role=Role.MODERATOR, id=users[0], sites=None)
    chance = random.Random(seed)
    bad = play.paper.reader("writer").post("Something to report")["id"]  # the dice may leave it out
    good(play.paper.reader("reporter").report(bad), 201)
    for _ in range(20):
        for _ in range(chance.randrange(18)):
            play.act()
        herald.reader("elsewhere").post(f"Elsewhere {chance.random()}")
        decide_some(play, users)
        if chance.random() < 0.6:
            count_all(play.paper, clock)
        clock.forward(chance.choice((60, 600, 3600, 3 * 3600, 26 * 3600)))
    count_all(play.paper, clock)
    count_all(play.paper, clock)
    with play.paper.read() as conn:
        expected = counted_again(conn)
        assert kept(conn) == expected
        assert len({name for _, _, name, _ in expected}) == 11, "the play has something of everything"
        assert {key for _, _, name, key in expected if name == "posted"} == {"published", "waiting"}


def test_what_is_imported_into_the_past(app: Flask, clock: FakeClock) -> None:
    paper = Gazette.make(app, clock)
    kiesel = paper.reader("kiesel")
    kiesel.post("now")
    count_all(paper, clock)
    long_ago, too_long_ago = clock.now - 40 * 24 * HOUR, clock.now - REACH - 2 * HOUR
    for key, at in (("a-0", long_ago), ("a-1", too_long_ago)):
        comment = int(kiesel.post(f"then: {key}")["id"])
        change = sa.update(comments).where(comments.c.id == comment).values(created_at=at, archive_key=key)
        paper.change(lambda conn, change=change: conn.execute(change))
    copied = sa.select(*(column for column in comments.c if column.name in NEEDED)).where(
        comments.c.archive_key == "a-0"
    )
    with paper.database.transaction() as tx:
        row = dict(tx.conn.execute(copied).one()._mapping)
        tx.conn.execute(sa.insert(comments), [row | {"archive_key": f"b-{number}"} for number in range(2499)])
    count_all(paper, clock)
    with paper.read() as conn:
        sums = {(row.name, row.key): row.number for row in read_sums(conn, paper.id, 0, clock.now)}
        assert sums["posted", "imported"] == 2500, "an hour of several chunks; what lies too far back is left"
        hours = {row.hour for row in read_hours(conn, paper.id, 0, clock.now) if row.key == "imported"}
        assert hours == {long_ago // HOUR * HOUR}


NEEDED = {
    "site_id", "article_id", "member_id", "root_id", "depth", "source", "html", "tree", "text", "text_hash", "status",
    "created_at",
}  # fmt: skip


def test_one_pass_a_minute_whoever_makes_it(app: Flask, clock: FakeClock) -> None:
    paper = Gazette.make(app, clock)
    assert plan_hours(paper.database) == 2, "the hour that runs and the one before it"
    assert plan_hours(paper.database) == 0
    clock.now += EVERY - 1
    assert plan_hours(paper.database) == 0
    clock.now += 1
    assert plan_hours(paper.database) == 2
    with paper.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(jobs)).scalar() == 2, "they wait already"


def test_hours_missed_are_caught_up(app: Flask, clock: FakeClock) -> None:
    paper = Gazette.make(app, clock)
    count_all(paper, clock)
    for _ in range(5):
        clock.forward(3600)
        paper.reader("kiesel").post(f"at {clock.now}")
    clock.forward(30 * 24 * 3600)
    plan_hours(paper.database)
    clock.forward(3600)
    paper.work()
    with paper.read() as conn:
        assert sum(row.number for row in read_sums(conn, paper.id, 0, clock.now) if row.name == "posted") == 5


def test_the_first_fill_goes_back_to_the_first_comment(app: Flask, clock: FakeClock) -> None:
    paper = Gazette.make(app, clock)
    paper.reader("kiesel").post("first")
    clock.forward(10 * 3600)
    assert plan_hours(paper.database) == 11
    clock.forward(200 * 24 * 3600)
    paper.change(lambda conn: conn.execute(sa.delete(marks)))
    assert plan_hours(paper.database) == 2, "never further than 92 days"
