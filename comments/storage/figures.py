"""Figures: the hours of all sites, counted by the worker and kept as sums, so that who looks at them counts nothing.

Names and keys of the table `figures`; an hour is UTC. Comments count in the hour in which they were written:
  posted      published | waiting (what the rules first said) | imported (nobody knows what was said of them)
  held        rule: whose comments it ever held, at once or later; '' for those before rules were written down
  reported    '': reports, in the hour of the report
  decided     approve | reject (by somebody) | service (what the service rejected along with a ban)
  reason      reason: rejections
  moderator   id of the account: decisions
  waited      bucket (core.figures): how long those that somebody decided had been in the queue
  overturned, overturned_reason, overturned_moderator: decisions of this hour that an appeal overturned since
  appealed    open | upheld | overturned: appeals, in the hour of the appeal
Decisions that were undone count nowhere.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from comments.core.figures import HOUR, bucket_of, hour_of
from comments.storage.tables import (
    Id,
    Micros,
    appeals,
    comments,
    decisions,
    figures,
    findings,
    jobs,
    marks,
    reports,
    sites,
    users,
)

CHUNK = 1000  # rows of one statement that counts
IDS = 10_000  # ids of one statement that looks for new rows of old hours
MOST_IDS = 50 * IDS  # … of one pass; what is beyond is looked at in the next one

Counted = Counter[tuple[int, str, str]]  # (site, name, key)

c, d, f = comments.c, decisions.c, figures.c


def count_hour(conn: sa.Connection, hour: int) -> Counted:
    """All that happened on all sites in this hour, in statements that read CHUNK rows each."""
    counted: Counted = Counter()
    _count_comments(conn, hour, counted)
    for site_id in conn.execute(sa.select(sites.c.id)).scalars().all():
        _count_decisions(conn, site_id, hour, counted)
    about = sa.select(c.site_id, sa.func.count()).join_from(reports, comments, c.id == reports.c.comment_id)
    for row in conn.execute(about.where(_within(reports.c.created_at, hour)).group_by(c.site_id)):
        counted[row.site_id, "reported", ""] += row[1]
    asked = sa.select(appeals.c.site_id, appeals.c.outcome, sa.func.count())
    asked = asked.where(_within(appeals.c.created_at, hour)).group_by(appeals.c.site_id, appeals.c.outcome)
    for row in conn.execute(asked):
        counted[row.site_id, "appealed", row.outcome or "open"] += row[2]
    return counted


def _within(column: sa.ColumnElement[int], hour: int) -> sa.ColumnElement[bool]:
    return sa.and_(column >= hour, column < hour + HOUR)


def _comments_after(place: tuple[int, int, int] | None, hour: int) -> sa.Select[Any]:
    """The next comments of an hour with what held each: a row for each finding, one if there is none."""
    order = (c.created_at, c.site_id, c.id)
    some = sa.select(*order, c.archive_key).where(_within(c.created_at, hour))
    if place is not None:
        some = some.where(sa.tuple_(*order) > place)
    these = some.order_by(*order).limit(CHUNK).subquery()
    holds = sa.and_(findings.c.comment_id == these.c.id, findings.c.finding.like('%"kind":"hold"%'))
    query = sa.select(these, findings.c.id.label("finding"), findings.c.rule, findings.c.created_at.label("found_at"))
    return query.select_from(these.outerjoin(findings, holds))


def _count_comments(conn: sa.Connection, hour: int, counted: Counted) -> None:
    place = None
    while rows := conn.execute(_comments_after(place, hour)).all():
        posted: dict[tuple[int, int, int], str] = {}
        rules = set()
        for row in rows:
            key = (row.created_at, row.site_id, row.id)
            known = posted.setdefault(key, "published" if row.archive_key is None else "imported")
            if row.finding is not None:
                rules.add((row.site_id, row.id, row.rule or ""))
                if known == "published" and row.found_at == row.created_at:
                    posted[key] = "waiting"
        counted.update((site_id, "held", rule) for site_id, _, rule in rules)
        counted.update((site_id, "posted", first) for (_, site_id, _), first in posted.items())
        place = max(posted)


def _count_decisions(conn: sa.Connection, site_id: int, hour: int, counted: Counted) -> None:
    place = (hour, 0)
    query = sa.select(d.id, d.created_at, d.decision, d.reason, d.user_id, d.waited, d.overturned_at, d.undone_at)
    query = query.where(d.site_id == site_id, d.created_at < hour + HOUR).order_by(d.created_at, d.id).limit(CHUNK)
    while rows := conn.execute(query.where(sa.tuple_(d.created_at, d.id) > place)).all():
        place = (rows[-1].created_at, rows[-1].id)
        for row in rows:
            if row.undone_at is None:
                counted.update((site_id, name, key) for name, key in _told(row))


def _told(row: Any) -> Iterable[tuple[str, str]]:
    """What one decision counts as."""
    yield "decided", row.decision if row.user_id is not None else "service"
    if row.decision == "reject":
        yield "reason", row.reason or ""
    if row.user_id is not None:
        yield "moderator", str(row.user_id)
        if row.waited is not None:
            yield "waited", str(bucket_of(row.waited))
    if row.overturned_at is not None:
        yield "overturned", ""
        if row.decision == "reject":
            yield "overturned_reason", row.reason or ""
        if row.user_id is not None:
            yield "overturned_moderator", str(row.user_id)


def write_hour(conn: sa.Connection, hour: int, counted: Counted) -> None:
    """Put what was counted in the place of what was there."""
    own = sa.select(sites.c.id)
    conn.execute(sa.delete(figures).where(f.site_id.in_(own), f.hour == hour))
    if counted:
        rows = [
            {"site_id": site_id, "hour": hour, "name": name, "key": key, "number": number}
            for (site_id, name, key), number in counted.items()
        ]
        insert = (postgresql if conn.dialect.name == "postgresql" else sqlite).insert(figures)
        # another worker may count the same hour at the same time
        same = insert.on_conflict_do_update(
            index_elements=["site_id", "hour", "name", "key"], set_={"number": insert.excluded.number}
        )
        conn.execute(same, rows)


def first_hour(conn: sa.Connection, since: int) -> int | None:
    """The hour of the oldest comment since then."""
    found = conn.execute(sa.select(sa.func.min(c.created_at)).where(c.created_at >= since)).scalar()
    return None if found is None else hour_of(found)


def newest_id(conn: sa.Connection, table: sa.Table, after: int) -> int:
    """The newest id of a table, but no more than a pass looks at."""
    newest = conn.execute(sa.select(sa.func.max(table.c.id))).scalar() or 0
    return min(newest, after + MOST_IDS)


def hours_of_new(conn: sa.Connection, table: sa.Table, after: int, upto: int, since: int, before: int) -> set[int]:
    """Hours between these times of comments with these ids, or with findings with these ids: what an import wrote into
    the past, what was held later.
    """
    hours: set[int] = set()
    for first in range(after, upto, IDS):
        ids = sa.and_(table.c.id > first, table.c.id <= min(first + IDS, upto))
        query = sa.select(_hour(c.created_at)).where(ids, c.created_at >= since, c.created_at < before).distinct()
        if table is findings:
            query = query.join_from(findings, comments, c.id == findings.c.comment_id)
        hours.update(conn.execute(query).scalars())
    return hours


def _hour(column: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    return column - column % sa.literal(HOUR, Micros)


def hours_touched(conn: sa.Connection, after: int, since: int) -> set[int]:
    """Hours, not before `since`, of decisions that were undone or overturned, and of appeals decided, after a time."""
    hours: set[int] = set()
    for when, changed in ((d.created_at, d.undone_at), (d.created_at, d.overturned_at),
                          (appeals.c.created_at, appeals.c.decided_at)):  # fmt: skip
        query = sa.select(_hour(when)).where(changed >= after, when >= since).distinct()
        hours.update(conn.execute(query).scalars())
    return hours


def read_marks(conn: sa.Connection) -> dict[str, int]:
    """How far the figures are; see jobs/figures.py."""
    return {row.name: row.number for row in conn.execute(sa.select(marks))}


def claim_pass(conn: sa.Connection, looked: int | None, now: int) -> bool:
    """Whether this worker is the one to look now; `looked`: when it was last done, as this worker read it."""
    if looked is None:
        insert = (postgresql if conn.dialect.name == "postgresql" else sqlite).insert(marks)
        made = insert.values(name="looked", number=now).on_conflict_do_nothing()
        return conn.execute(made.returning(marks.c.name)).first() is not None
    mine = sa.update(marks).where(marks.c.name == "looked", marks.c.number == looked).values(number=now)
    return conn.execute(mine).rowcount == 1


def write_marks(conn: sa.Connection, values: Mapping[str, int]) -> None:
    insert = (postgresql if conn.dialect.name == "postgresql" else sqlite).insert(marks)
    change = insert.on_conflict_do_update(index_elements=["name"], set_={"number": insert.excluded.number})
    conn.execute(change, [{"name": name, "number": number} for name, number in values.items()])


_SITE, _START, _END = (sa.bindparam(name, type_=Id) for name in ("site", "start", "end"))
_OF_SPAN = (f.site_id == _SITE, f.hour >= _START, f.hour < _END)
_BY_HOUR = sa.select(f.hour, f.name, f.key, f.number).where(*_OF_SPAN)
_SUMMED = sa.select(f.name, f.key, sa.cast(sa.func.sum(f.number), sa.BigInteger).label("number"))
_SUMMED = _SUMMED.where(*_OF_SPAN).group_by(f.name, f.key)


def read_hours(conn: sa.Connection, site_id: int, start: int, end: int) -> Sequence[Any]:
    """A site's figures from `start` to before `end`, hour by hour."""
    return conn.execute(_BY_HOUR, {"site": site_id, "start": start, "end": end}).all()


def read_sums(conn: sa.Connection, site_id: int, start: int, end: int) -> Sequence[Any]:
    """A site's figures from `start` to before `end`, added up."""
    return conn.execute(_SUMMED, {"site": site_id, "start": start, "end": end}).all()


def hours_to_count(conn: sa.Connection) -> int:
    """How many hours wait to be counted."""
    return int(conn.execute(sa.select(sa.func.count()).where(jobs.c.kind == "figures")).scalar_one())


def read_names(conn: sa.Connection, ids: Iterable[int]) -> dict[int, str]:
    """The names of these accounts."""
    found = conn.execute(sa.select(users.c.id, users.c.name).where(users.c.id.in_(list(ids))))
    return {row.id: row.name for row in found}
