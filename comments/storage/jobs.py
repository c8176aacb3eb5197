"""Jobs as rows, written in the transaction that caused them; claimed by workers, parked when they keep failing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from comments.seen.logs import request_id
from comments.storage.tables import jobs

SECOND = 1_000_000
REQUEST = "request"  # in a payload: who planned it
LEASE = 60 * SECOND  # a worker that says nothing for so long has died: the job is free again
SKEW = 300 * SECOND  # by which the clocks of machines may differ
FIRST_RETRY, MOST_ATTEMPTS = 2 * SECOND, 12  # 2 s, 4 s, … about an hour until it is parked


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do later. Of one kind and `key` at most one waits. `delay` in µs."""

    kind: str
    payload: dict[str, Any] = field(default_factory=dict)
    key: str | None = None
    delay: int = 0


@dataclass(frozen=True, slots=True)
class Kinds:
    """Jobs of these kinds alone, or of all but these: what waits for others must not stand before what does not."""

    names: tuple[str, ...]
    others: bool = False

    def where(self) -> sa.ColumnElement[bool]:
        return jobs.c.kind.not_in(self.names) if self.others else jobs.c.kind.in_(self.names)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job that this worker holds until its lease ends (µs UTC); who claims it then has another lease."""

    id: int
    kind: str
    payload: dict[str, Any]
    attempts: int
    lease: int
    request: str = ""  # the id of the request that planned it, for log lines


def add_jobs(conn: sa.Connection, wanted: Sequence[Job], now: int) -> None:
    """Write the rows; one with the key of a waiting job is already there and is left as it is."""
    if not wanted:
        return
    request = request_id.get()
    planned_by = {REQUEST: request} if request else {}
    insert = (postgresql if conn.dialect.name == "postgresql" else sqlite).insert(jobs).on_conflict_do_nothing()
    rows = [
        {
            "kind": job.kind,
            "key": job.key,
            "payload": msgspec.json.encode(job.payload | planned_by).decode(),
            "run_at": now + job.delay,
            "created_at": now,
        }
        for job in wanted
    ]
    conn.execute(insert, rows)


def take_back_job(conn: sa.Connection, kind: str, key: str) -> dict[str, Any] | None:
    """Have a job that waits not done at all; what it was to do, None if none waits."""
    gone = sa.delete(jobs).where(jobs.c.kind == kind, jobs.c.key == key).returning(jobs.c.payload)
    payload = conn.execute(gone).scalar()
    return None if payload is None else dict(msgspec.json.decode(payload))


def _due(now: int, kinds: Kinds | None) -> sa.Select[Any]:
    """By the index of those that are not parked; it walks over jobs in hand and of other kinds alone."""
    # nobody holds a job for much longer than LEASE: one that seems to be held was so before the clock was set back
    held = sa.and_(jobs.c.locked_until > now, jobs.c.locked_until <= now + LEASE + SKEW)
    free = sa.and_(jobs.c.run_at <= now, sa.not_(held))
    if kinds is not None:
        free = sa.and_(free, kinds.where())
    return sa.select(jobs.c.id).where(jobs.c.parked_at.is_(None), free).order_by(jobs.c.run_at)


def is_due(conn: sa.Connection, now: int, kinds: Kinds | None = None) -> bool:
    """Whether there is anything to claim. Looking takes no lock from those who write."""
    return conn.execute(_due(now, kinds).limit(1)).first() is not None


def claim_jobs(conn: sa.Connection, now: int, limit: int, kinds: Kinds | None = None) -> list[Claimed]:
    """Take up to `limit` due jobs, oldest first; nobody else gets them until the lease ends."""
    due = _due(now, kinds).limit(limit).with_for_update(skip_locked=True)
    ids = list(conn.execute(due).scalars())
    if not ids:
        return []
    take = (
        sa.update(jobs)
        .where(jobs.c.id.in_(ids))
        # the key is given up with the claim: what happens from now on wants a job of its own
        .values(locked_until=now + LEASE, attempts=jobs.c.attempts + 1, key=None)
        .returning(jobs.c.id, jobs.c.kind, jobs.c.payload, jobs.c.attempts, jobs.c.locked_until)
    )
    rows = sorted(conn.execute(take), key=lambda row: ids.index(row.id))
    return [_claimed(row) for row in rows]


def _claimed(row: Any) -> Claimed:
    payload = msgspec.json.decode(row.payload)
    request = payload.pop(REQUEST, "")
    return Claimed(row.id, row.kind, payload, row.attempts, row.locked_until, request)


def _held(job: Claimed) -> sa.ColumnElement[bool]:
    """Still this worker's: ids are given again, and a job whose lease ended may be somebody else's by now."""
    return sa.and_(jobs.c.id == job.id, jobs.c.locked_until == job.lease)


def finish_job(conn: sa.Connection, job: Claimed) -> bool:
    """It is done; whether it was still this worker's to do."""
    return conn.execute(sa.delete(jobs).where(_held(job))).rowcount == 1


def put_back(conn: sa.Connection, job: Claimed, run_at: int, error: str | None = None) -> None:
    """To be done later (µs UTC), however often it was tried; for jobs that know themselves when to give up."""
    change = {"locked_until": 0, "run_at": run_at} | ({} if error is None else {"error": error[:2000]})
    conn.execute(sa.update(jobs).where(_held(job)).values(change))


def fail_job(conn: sa.Connection, job: Claimed, error: str, now: int) -> bool:
    """Put a failed job back with exponential delay, or park it after the last attempt; True if it was parked."""
    parked = job.attempts >= MOST_ATTEMPTS
    delay = min(FIRST_RETRY * 2 ** (job.attempts - 1), 3600 * SECOND)
    change = {"error": error[:2000], "locked_until": 0, "run_at": now + delay, "parked_at": now if parked else None}
    return conn.execute(sa.update(jobs).where(_held(job)).values(change)).rowcount == 1 and parked


def parked_jobs(conn: sa.Connection) -> Sequence[Any]:
    """Jobs that were given up, newest first: id, kind, error, parked_at (µs UTC)."""
    query = sa.select(jobs.c.id, jobs.c.kind, jobs.c.error, jobs.c.parked_at).where(jobs.c.parked_at.is_not(None))
    return conn.execute(query.order_by(jobs.c.parked_at.desc()).limit(100)).all()
