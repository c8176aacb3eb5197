"""How long queues are and how late jobs, of all sites together, for the operator's figures: by index, and bounded."""

from collections import Counter
from dataclasses import dataclass

import sqlalchemy as sa

from comments.storage.queues import QUEUES
from comments.storage.tables import appeals, comments, jobs, sites

SECOND = 1_000_000
MOST_COMMENTS, MOST_JOBS = 10_000, 5_000  # that are counted


@dataclass(frozen=True, slots=True)
class Depths:
    """By queue: how many, and the age of the oldest in seconds. Due jobs by kind, and how late the oldest is."""

    lengths: dict[str, int]
    oldest: dict[str, float]
    due: dict[str, int]
    oldest_due: float


def read_depths(conn: sa.Connection, now: int) -> Depths:
    rows = {name: _queue(name) for name in QUEUES}
    lengths = {name: int(conn.execute(_length(name)).scalar_one()) for name in rows}
    first = {name: conn.execute(query).scalar() for name, query in rows.items()}
    oldest = {name: 0.0 if at is None else max(0.0, (now - at) / SECOND) for name, at in first.items()}
    waiting = sa.select(jobs.c.kind, jobs.c.run_at).where(jobs.c.parked_at.is_(None), jobs.c.run_at <= now)
    due = conn.execute(waiting.order_by(jobs.c.run_at).limit(MOST_JOBS)).all()
    late = (now - due[0].run_at) / SECOND if due else 0.0
    return Depths(lengths, oldest, dict(Counter(row.kind for row in due)), late)


def _queue(name: str) -> sa.Select[int]:
    """When the oldest came (µs UTC): of each site's queue the first, by index."""
    if name == "appeals":
        return sa.select(sa.func.min(appeals.c.created_at)).where(QUEUES[name])
    c = comments.c
    mine = sa.select(c.created_at).where(c.site_id == sites.c.id, QUEUES[name])
    first = mine.order_by(c.created_at, c.id).limit(1).correlate(sites).scalar_subquery()
    return sa.select(sa.func.min(first)).select_from(sites)


def _length(name: str) -> sa.Select[int]:
    table = appeals if name == "appeals" else comments
    some = sa.select(sa.literal(1).label("one")).select_from(table).where(QUEUES[name]).limit(MOST_COMMENTS).subquery()
    return sa.select(sa.func.count()).select_from(some)


def count_parked(conn: sa.Connection) -> int:
    """Jobs that were given up. Walks over the jobs that there are: not for every scrape."""
    some = sa.select(jobs.c.id).where(jobs.c.parked_at.is_not(None)).limit(MOST_JOBS).subquery()
    return int(conn.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())
