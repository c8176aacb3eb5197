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
from comments.storage import claims, moderation, reports, threads
from comments.storage.deferrals import read_second_opinions
from comments.storage.opinions import read_opinions
from comments.storage.sites import site_by_id


def items(conn: Any, rows: Sequence[Any], viewer: Viewer, site_id: int) -> list[Json]:
    """Comments with everything that a decision needs, in a fixed number of queries."""
    if not rows:
        return []
    seen = visibility(viewer, site_id)
    ids = [row.id for row in rows]
    findings = threads.read_findings(conn, rows)
    told = reports.read_reports(conn, ids)
    before = reports.count_settled(conn, ids)
    decisions = moderation.read_decisions(conn, ids)
    now = parts().database.clock()
    writers = authors(conn, sorted({row.member_id for row in rows if row.member_id is not None}), now)
    parents = {
        row.id: row
        for row in threads.read_comments(
            conn, sorted({row.parent_id for row in rows if row.parent_id is not None}), seen
        )
    }
    articles = threads.articles_of(conn, rows)
    opinions = read_opinions(conn, ids)
    held = claims.read_claims(conn, site_id, ids, now)
    site = site_by_id(conn, site_id)
    receipts = present_receipts(conn, rows, site, now)
    appeals = present_appeals(conn, rows, articles, viewer, site, now)
    asked = read_second_opinions(conn, ids, now)
    return [
        {
            "comment": present_private(row, findings[row.id], text=True)
            | {"receipt": receipts[row.id], "risk": row.risk, "language": row.language},
            "article": present_article(articles[row.article_id], "")
            | {"key_id": str(row.article_id), "section": articles[row.article_id].section},
            "parent": present_private(parents[row.parent_id], []) if row.parent_id in parents else None,
            "reports": [present_report(report) for report in told.get(row.id, ())],
            "reports_before": before.get(row.id, 0),
            "brigading": present_brigading(told.get(row.id, ())),
            "author": writers.get(row.member_id),
            "decisions": [present_decision(entry) for entry in decisions.get(row.id, ())],
            "claimed_by": present_holder(held.get(row.id)),
            "opinions": [_opinion(one) for one in opinions.get(row.id, ())],
            "appeal": appeals.get(row.id),
            "second_opinion": _second_opinion(asked.get(row.id), viewer),
        }
        for row in rows
    ]


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
    return row, items(conn, [row], viewer, row.site_id)[0]
