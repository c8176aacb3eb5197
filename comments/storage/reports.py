"""Readers' reports: row by row, what one comment has of them, and what is known of those who made them."""

import secrets
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from comments.core.moderation.risk import risk_of
from comments.core.reports import DAY, source_of
from comments.storage.comments import insert_or_ignore
from comments.storage.tables import Id, comments, members, opinions, reports, salts
from comments.storage.threads import read_findings

r = reports.c
c = comments.c

MOST_SHOWN = 100  # reports of one comment that moderators are given
SALTS_KEPT, SOURCES_KEPT = 2, 30  # days
PRUNED = 1000  # rows in one statement

_OPEN = (
    sa.select(reports, members.c.name, members.c.created_at.label("first_seen"), members.c.last_comment_at)
    .join(members, members.c.id == r.member_id)
    .where(r.comment_id.in_(sa.bindparam("ids", type_=Id, expanding=True)), r.settled_at.is_(None))
    .order_by(r.id)
    .limit(sa.bindparam("most", type_=sa.Integer))
)


def insert_report(
    conn: sa.Connection, comment: Any, reporter: Any, reason: str, detail: str | None, now: int, *, weight: int,
    source: str | None,
) -> tuple[int, bool]:  # fmt: skip
    """A member's report of a (locked) comment: (id, whether it is new). A second one of the same member changes
    nothing. The comment counts it, with its weight, and is the riskier for it.
    """
    row = {"comment_id": comment.id, "member_id": reporter.id, "author_id": comment.member_id, "created_at": now}
    row |= {"reason": reason, "detail": detail, "weight": weight, "source": source}
    new = insert_or_ignore(conn, reports, row)
    if new:
        weighed = comment.report_weight + weight
        found = [msgspec.json.decode(finding) for finding in read_findings(conn, [comment])[comment.id]]
        risk = risk_of(found, report_weight=weighed, opinions=_scores(conn, comment))
        counted = {"open_reports": c.open_reports + 1, "report_weight": weighed, "risk": risk}
        conn.execute(sa.update(comments).where(c.id == comment.id).values(counted))
    key = sa.and_(r.comment_id == comment.id, r.member_id == reporter.id)
    return conn.execute(sa.select(r.id).where(key)).scalar_one(), new


def _scores(conn: sa.Connection, comment: Any) -> list[float]:
    """The highest score that counts of each classifier that was asked about the text as it is. Not by the version,
    which decisions and opinions raise too.
    """
    o = opinions.c
    asked = sa.select(o.classifier, o.scores, o.thresholds)
    asked = asked.where(o.comment_id == comment.id, o.created_at > (comment.edited_at or 0)).order_by(o.id)
    last = {row.classifier: row for row in conn.execute(asked)}
    said = [(msgspec.json.decode(row.scores), msgspec.json.decode(row.thresholds)) for row in last.values()]
    return [max((scores.get(label, 0.0) for label in counts), default=0.0) for scores, counts in said]


def fresh_reports(conn: sa.Connection, comment: Any, since: int) -> tuple[int, int]:
    """(how many, what they weigh): open reports made since then (µs UTC) and since the comment was looked at."""
    begun = max(since, (comment.looked_at or 0) + 1)
    fresh = sa.and_(r.comment_id == comment.id, r.settled_at.is_(None), r.created_at >= begun)
    row = conn.execute(sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(r.weight), 0)).where(fresh)).one()
    return int(row[0]), int(row[1])


def read_reports(conn: sa.Connection, ids: Sequence[int]) -> dict[int, list[Any]]:
    """Open reports on these comments with their makers, oldest first, by comment id; at most MOST_SHOWN each."""
    found: dict[int, list[Any]] = {}
    for row in conn.execute(_OPEN, {"ids": ids, "most": MOST_SHOWN * max(1, len(ids))}):
        some = found.setdefault(row.comment_id, [])
        if len(some) < MOST_SHOWN:
            some.append(row)
    return found


def read_reports_of(
    conn: sa.Connection, member_id: int, *, made: bool, before: int | None, limit: int
) -> Sequence[Any]:
    """Reports that a member made, or that were made about their comments; newest first, with the other's name."""
    mine, others = (r.member_id, r.author_id) if made else (r.author_id, r.member_id)
    query = sa.select(reports, members.c.name, others.label("other_id")).outerjoin(members, members.c.id == others)
    query = query.where(mine == member_id)
    if before is not None:
        query = query.where(r.id < before)
    return conn.execute(query.order_by(r.id.desc()).limit(limit)).all()


def source_today(conn: sa.Connection, address: str, now: int) -> str | None:
    """Where a report comes from, as nobody can turn back: see core.reports.source_of. The day's salt is made on
    demand.
    """
    today = now // DAY
    salt = sa.select(salts.c.salt).where(salts.c.day == today)
    found = conn.execute(salt).scalar()
    if found is None:
        insert_or_ignore(conn, salts, {"day": today, "salt": secrets.token_hex(32)})
        found = conn.execute(salt).scalar_one()
    return source_of(address, found)


def prune_salts(conn: sa.Connection, now: int) -> int:
    """Forget salts older than two days: from then on nobody can tell whether an address was a source."""
    conn.execute(sa.delete(salts).where(salts.c.day < now // DAY - SALTS_KEPT))
    return 0  # there is one a day: nothing is left for a second look


def forget_sources(conn: sa.Connection, now: int) -> int:
    """Forget where reports came from a month ago, some at a time; how many."""
    old = sa.select(r.id).where(sa.text("reports.source IS NOT NULL"), r.created_at < now - SOURCES_KEPT * DAY)
    ids = list(conn.execute(old.limit(PRUNED)).scalars())
    return conn.execute(sa.update(reports).where(r.id.in_(ids)).values(source=None)).rowcount if ids else 0


def reporters_of(conn: sa.Connection, comment_id: int) -> list[int]:
    """Who reported a comment, by id."""
    return list(conn.execute(sa.select(r.member_id).where(r.comment_id == comment_id).order_by(r.member_id)).scalars())


def _how_many(outcome: str) -> sa.ColumnElement[int]:
    return sa.func.count(sa.case((r.outcome == outcome, 1)))


_OUTCOMES = sa.select(_how_many("upheld"), _how_many("rejected")).where(r.member_id == sa.bindparam("member", type_=Id))


def recount_outcomes(conn: sa.Connection, member_id: int) -> None:
    """How often a (locked) member's reports were right and wrong, counted anew from the reports themselves."""
    upheld, rejected = conn.execute(_OUTCOMES, {"member": member_id}).one()
    change = {"reports_upheld": upheld, "reports_rejected": rejected}
    conn.execute(sa.update(members).where(members.c.id == member_id).values(change))
