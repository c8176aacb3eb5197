"""Members as moderators get them: history, standing, restrictions; and what readers reported."""

from collections.abc import Sequence
from typing import Any

from comments.core.present import Json
from comments.core.reports import Told, brigading
from comments.core.standing import History, standing_of
from comments.core.times import time_text
from comments.storage import people


def authors(conn: Any, ids: Sequence[int], now: int) -> dict[int, Json]:
    """These members for the console, by id, in one query."""
    if not ids:
        return {}
    return {row.id: _author(row, people.history_of(row, now)) for row in people.read_people(conn, ids, now)}


def _author(author: Any, history: History) -> Json:
    standing = standing_of(history)
    parts = [{"name": part.name, "count": part.count, "points": part.points} for part in standing.parts]
    return {
        "published": author.published,
        "rejected": author.rejected,
        "waiting": author.waiting,
        "withdrawn": author.withdrawn,
        "id": str(author.id),
        "name": author.name,
        "state": author.state,
        "first_seen": time_text(author.created_at),
        "banned": author.banned_at is not None,
        "suspended_until": time_text(author.suspended_until),
        "restriction_reason": author.restriction_reason,
        "premoderated": author.premoderated,
        "premoderated_reason": author.premoderated_reason,
        "warnings": history.warnings,
        "unseen_warnings": author.unseen_warnings,
        "standing": {"level": standing.level, "score": standing.score, "parts": parts},
    }


def present_report(report: Any) -> Json:
    """An open report with whoever made it."""
    return {
        "id": str(report.id),
        "reason": report.reason,
        "detail": report.detail,
        "created_at": time_text(report.created_at),
        "by": {"id": str(report.member_id), "name": report.name or ""},
        "weight": report.weight,
    }


def present_brigading(reports: Sequence[Any]) -> Json:
    """Whether the open reports on one comment look arranged."""
    told = [
        Told(
            at=report.created_at,
            weight=report.weight,
            first_seen=report.first_seen,
            has_commented=report.last_comment_at is not None,
            source=report.source,
        )
        for report in reports
    ]
    found = brigading(told)
    return {"suspected": found.suspected, "why": list(found.why)}
