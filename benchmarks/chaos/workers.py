"""The worker is killed before every single statement of its jobs, between the job and its mark too; two workers at
once. Each job is done at least once, and what it did is there once.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from benchmarks.chaos.scene import Row
from benchmarks.chaos.stage import Stage, kill, stage
from comments.storage.tables import articles, comments, decisions, gathered, jobs
from deploy.rehearsal.load import ARTICLE
from tests.live.paper import HELD

ROOT = Path(__file__).resolve().parents[2]
LEASE = 61  # seconds that each next worker's clock is ahead: who died is known to be dead
ENDLESS = 400


def run(engine: str, quick: bool) -> Iterator[Row]:
    with stage(engine) as on:
        kill(on.processes("jobs"), signal.SIGSTOP)  # the jobs are for those that die
        row = Row("worker killed before every statement", engine)
        _plan(on)
        step = 7 if quick else 1
        died, ahead, at = 0, 2, 1
        while at < ENDLESS and _work(on, at, ahead):
            died, ahead, at = died + 1, ahead + LEASE, at + step
        _work(on, 0, ahead + LEASE)
        row.note = f"{died} deaths"
        _judge(on, row)
        yield row
        yield _two_at_once(on, 3 if quick else 10)


def _plan(on: Stage) -> None:
    """Jobs of several kinds: gathered reactions, the waiting comments of somebody banned, figures, another name."""
    paper, moderator = on.paper, on.paper.moderator()
    author, banned = paper.member("author"), paper.member("banned")
    for number in range(3):
        comment = author.post(ARTICLE, f"Number {number}.")["id"]
        for reader in ("one", "two", "three"):
            paper.member(reader).recommend(comment)
        paper.member("one").report(comment)
        banned.post(ARTICLE, f"{HELD}, number {number}")
    moderator.ban(banned, reject_waiting=True)
    author.rename("Somebody else")


def _environment(on: Stage) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | on.environ


def _work(on: Stage, statement: int, ahead: int) -> bool:
    """Whether this worker died before it had done everything."""
    command = [sys.executable, "-m", "benchmarks.chaos.dying", str(statement), str(ahead)]
    done = subprocess.run(command, cwd=ROOT, env=_environment(on), text=True, capture_output=True, check=False)
    if done.returncode not in (0, -signal.SIGKILL):
        raise RuntimeError(done.stderr)
    return done.returncode != 0


def _judge(on: Stage, row: Row) -> None:
    with on.database.read() as conn:
        count = lambda query: conn.execute(query).scalar_one()  # noqa: E731
        number = sa.func.count()
        waiting = count(sa.select(number).select_from(comments).where(comments.c.status == "waiting"))
        rejected = count(sa.select(number).select_from(comments).where(comments.c.status == "rejected"))
        parked = count(sa.select(number).select_from(jobs).where(jobs.c.parked_at.is_not(None)))
        gathering = count(sa.select(number).select_from(gathered))
        twice = conn.execute(
            sa.select(decisions.c.comment_id).group_by(decisions.c.comment_id).having(number > 1)
        ).all()
    row.accepted, row.found = 3, rejected
    row.lost, row.doubled = waiting + gathering, len(twice)
    if rejected != 3 or parked:
        row.fails.append(f"{rejected} of 3 waiting comments are rejected, {parked} jobs parked")
    row.doctor = on.doctor()


def _two_at_once(on: Stage, kills: int) -> Row:
    """Two real workers under `kill -9`, while reactions are gathered for them to publish."""
    row = Row("two workers, one killed again and again", on.engine)
    kill(on.processes("jobs"), signal.SIGCONT)
    members = [on.paper.member(f"reacting-{number}") for number in range(4)]
    comment = on.paper.member("author").post("busy", "Recommend this.")["id"]
    command = [sys.executable, "-m", "comments.cli", "worker"]
    for _ in range(kills):
        other = subprocess.Popen(command, env=_environment(on), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for turn in range(20):
            random.choice(members).recommend(comment, on=turn % 2 == 0)
        time.sleep(random.uniform(0.5, 2.0))
        other.kill()
        other.wait()
    for member in members:
        member.recommend(comment)
    row.accepted = len(members)
    time.sleep(3)
    shown = on.paper.page("busy")["comments"][0]["reactions"].get("recommend", 0)
    row.found, row.lost, row.doubled = shown, max(0, row.accepted - shown), max(0, shown - row.accepted)
    row.note, row.doctor = f"{kills} kills", on.doctor()
    with on.database.read() as conn:
        if conn.execute(sa.select(articles.c.id).join(gathered, gathered.c.article_id == articles.c.id)).first():
            row.fails.append("reactions are gathered and not published")
    return row
