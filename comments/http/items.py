"""Comments as moderators get them: with everything that a decision needs, on one screen."""

from collections.abc import Sequence
from typing import Any

import msgspec

from comments.core.errors import NotFound
from comments.core.identity import Viewer
from comments.core.policy import visibility
from comments.core.present import Json, present_article, present_holder, present_private
from comments.core.times import time_text
from comments.http.authors import authors, present_brigading, present_report
from comments.http.receipts import present_appeals, present_receipts
from comments.http.request import parts
from comments.storage import moderation, reports, threads
from comments.storage.appeals import read_appeals, standings_with
from comments.storage.beside import read_beside
from comments.storage.deferrals import read_second_opinions
from comments.storage.opinions import read_opinions
from comments.storage.sites import Site, site_by_id


def items(conn: Any, rows: Sequence[Any], viewer: Viewer, site: Site) -> list[Json]:
    """Comments with everything that a decision needs, in a fixed number of queries."""
    if not rows:
        return []
    seen, now = visibility(viewer, site.id), parts().database.clock()
    ids = [row.id for row in rows]
    findings, pleas = threads.stored_findings(conn, ids), read_appeals(conn, ids)
    told = reports.read_reports(conn, ids)
    decisions = moderation.read_decisions(conn, ids)
    writers = authors(conn, sorted({row.member_id for row in rows if row.member_id is not None}), now)
    parents = {
        row.id: row
        for row in threads.read_comments(
            conn, sorted({row.parent_id for row in rows if row.parent_id is not None}), seen
        )
    }
    beside = read_beside(conn, ids, now)
    opinions = read_opinions(conn, ids)
    receipts = present_receipts(standings_with(conn, rows, findings, pleas), site, now)
    appeals = present_appeals(conn, pleas, beside, viewer, site, now)
    asked = read_second_opinions(conn, ids, now)
    return [
        {
            "comment": present_private(row, _found(findings.get(row.id, ())), text=True)
            | {"receipt": receipts[row.id], "risk": row.risk, "language": row.language},
            "article": present_article(beside[row.id], "")
            | {"key_id": str(row.article_id), "section": beside[row.id].section},
            "parent": present_private(parents[row.parent_id], []) if row.parent_id in parents else None,
            "reports": [present_report(report) for report in told.get(row.id, ())],
            "reports_before": beside[row.id].settled,
            "brigading": present_brigading(told.get(row.id, ())),
            "author": writers.get(row.member_id),
            "decisions": [present_decision(entry) for entry in decisions.get(row.id, ())],
            "claimed_by": present_holder(beside[row.id] if beside[row.id].user_id is not None else None),
            "opinions": [_opinion(one) for one in opinions.get(row.id, ())],
            "appeal": appeals.get(row.id),
            "second_opinion": _second_opinion(asked.get(row.id), viewer),
        }
        for row in rows
    ]


def _found(stored: Sequence[Any]) -> list[msgspec.Raw]:
    return [msgspec.Raw(one.finding.encode()) for one in stored]


def _opinion(one: Any) -> Json:
    return {
        "classifier": one.classifier,
        "kind": one.kind,
        "model": one.model,
        "model_version": one.model_version,
        "version": one.comment_version,
        "scores": msgspec.Raw(one.scores.encode()),
        "thresholds": msgspec.Raw(one.thresholds.encode()),
        "outcome": one.outcome,
        "at": time_text(one.created_at),
        "took_ms": None if one.took is None else round(one.took / 1000),
        "error": one.error,
    }


def _second_opinion(asked: Sequence[Any] | None, viewer: Viewer) -> Json | None:
    """Who last asked a colleague, and what; `by_me`: this moderator asked."""
    if not asked:
        return None
    last = asked[-1]
    mine = any(one.user_id == viewer.id for one in asked)
    return {"by": last.name, "by_me": mine, "note": last.note or "", "at": time_text(last.created_at)}


def present_decision(entry: Any) -> Json:
    return {
        "id": str(entry.id),
        "action": entry.action,
        "by": entry.by,
        "at": time_text(entry.created_at),
        "reason": entry.reason,
        "note": entry.note,
    }


def item_of(conn: Any, comment_id: int, viewer: Viewer) -> tuple[Any, Json]:
    """A comment's row and item; what a moderator of sections does not look after is not there for them."""
    row = threads.find_comment(conn, comment_id)
    if row is None or not viewer.works_at(row.site_id):
        raise NotFound("comment")
    if not viewer.sees_section(threads.article_of(conn, row.article_id).section):
        raise NotFound("comment")
    return row, items(conn, [row], viewer, site_by_id(conn, row.site_id))[0]
