"""The figures' hours: which ones to count again, each a job of its own, and counting one.

Once a minute the hour that runs and the one before it; after a downtime those between; and every older hour in which
something changed: new rows of old hours (an import, a hold that came later) are found by their ids, decisions undone
or overturned by the time of that. Each looks back to the pass before the last: what was not yet committed then is.
"""

from typing import Any

from comments.core.figures import HOUR, hour_of
from comments.storage import figures
from comments.storage.jobs import SECOND, Job, add_jobs
from comments.storage.tables import comments, findings
from comments.storage.transaction import Connection, Database

EVERY = 60 * SECOND
REACH = 92 * 24 * HOUR  # what lies further back is never counted again
APART = SECOND // 5  # between two hours of the past: other jobs come in between
WATCHED = {"comments": comments, "findings": findings}

Marks = dict[str, int]


def plan_hours(database: Database) -> int:
    """Write a job for each hour that is to be counted; how many. Less than a minute after the last time, none."""
    now = database.clock()
    with database.read() as conn:
        marks = figures.read_marks(conn)
        if now - marks.get("looked", 0) < EVERY:
            return 0
        hours, after = _hours(conn, marks, now)
    with database.transaction() as tx:
        if not figures.claim_pass(tx.conn, marks.get("looked"), now):
            return 0  # another worker was first
        figures.write_marks(tx.conn, after)
        add_jobs(tx.conn, [_job(hour, number) for number, hour in enumerate(hours)], tx.now)
    return len(hours)


def _job(hour: int, number: int) -> Job:
    return Job("figures", {"hour": hour}, key=str(hour), delay=max(0, number - 1) * APART)


def _hours(conn: Connection, marks: Marks, now: int) -> tuple[list[int], Marks]:
    """Hours to count, newest first, and the marks of this pass."""
    current, since = hour_of(now), hour_of(now) - REACH
    begun = marks.get("hours") or figures.first_hour(conn, since) or current
    hours = set(range(max(min(begun, current - HOUR), since), current + HOUR, HOUR))
    after = {"hours": current - HOUR, "looked_before": marks.get("looked", now)}
    for name, table in WATCHED.items():
        looked = marks.get(name)
        upto = figures.newest_id(conn, table, looked or 0) if looked is not None else _newest(conn, table)
        if looked is not None:
            hours |= figures.hours_of_new(conn, table, marks[f"{name}_before"], upto, since, current - HOUR)
        after |= {name: upto, f"{name}_before": upto if looked is None else looked}
    hours |= figures.hours_touched(conn, marks.get("looked_before", now), since)
    return sorted(hours, reverse=True), after


def _newest(conn: Connection, table: Any) -> int:
    """At the first pass: all older ones are counted anyway."""
    return figures.newest_id(conn, table, 2**62)


def count_hour(database: Database, payload: dict[str, Any]) -> None:
    """Count an hour of all sites again: what is read at leisure is written at once."""
    hour, now = int(payload["hour"]), database.clock()
    with database.read() as conn:
        counted = figures.count_hour(conn, hour)
    with database.transaction() as tx:
        figures.write_hour(tx.conn, hour, counted)
        if hour == hour_of(now):
            figures.write_marks(tx.conn, {"counted": now})
