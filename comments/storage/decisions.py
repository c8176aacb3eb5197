"""What moderators decided, as rows: to undo it, to appeal against it, and for the figures. All of it in a fixed number
of statements, however many comments are decided at once: on SQLite everybody waits meanwhile.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from comments.storage.comments import settle_reports
from comments.storage.deferrals import drop_deferrals
from comments.storage.tables import Id, Micros, appeals, audit, comments, decisions, findings

a, c, d, f = appeals.c, comments.c, decisions.c, findings.c


NOT_PUT_BACK = ("waited", "reporters", "appealed")


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def put_aside(conn: sa.Connection, found: Sequence[Any], now: int, outcome: str | None) -> dict[int, dict[str, Any]]:
    """Settle the reports on these comments, supersede earlier decisions' findings, end deferrals: for each comment
    what an undo puts back, who made those reports (`reporters`), whether its author `appealed`, and how long it
    `waited` in a queue (µs; None: it was in none).
    """
    ids = [comment.id for comment in found]
    reports = _by_comment(settle_reports(conn, ids, now, outcome))
    appealed = open_appeals(conn, ids, now)
    superseded = _by_comment(conn.execute(_SUPERSEDE, {"ids": ids, "now": now}).all())
    deferred = _by_comment(drop_deferrals(conn, ids))
    put: dict[int, dict[str, Any]] = {}
    for comment in found:
        settled = reports.get(comment.id, [])
        came = [report.created_at for report in settled] + appealed.get(comment.id, [])
        put[comment.id] = {
            "status": comment.status,
            "looked_at": comment.looked_at,
            "report_weight": comment.report_weight,
            "reports": [report.id for report in settled],
            "reporters": [report.member_id for report in settled],
            "findings": [finding.id for finding in superseded.get(comment.id, ())],
            "deferrals": [_deferral(row) for row in deferred.get(comment.id, ())],
            "appealed": comment.id in appealed,
            "waited": _waited(comment, came, now),
        }
    return put


_IDS, _NOW = sa.bindparam("ids", type_=Id, expanding=True), sa.bindparam("now", type_=Micros)
_OF_DECISIONS = '%"rule":"decision"%'
# Built once: every decision sends them, and building costs more than running.
_SUPERSEDE = (
    sa.update(findings)
    .where(f.comment_id.in_(_IDS), f.superseded_at.is_(None), f.finding.like(_OF_DECISIONS))
    .values(superseded_at=_NOW)
    .returning(f.id, f.comment_id)
)
_OPEN_APPEALS = sa.select(a.comment_id, a.created_at).where(
    a.comment_id.in_(_IDS), sa.or_(a.decided_at.is_(None), a.decided_at == _NOW)
)
_SETTLE = (
    sa.update(comments)
    .where(c.id.in_(_IDS))
    .values(
        version=c.version + 1,
        status=sa.bindparam("becomes", type_=sa.Text()),
        looked_at=_NOW,
        open_reports=0,
        report_weight=0,
    )
)


def _waited(comment: Any, came: list[int], now: int) -> int | None:
    is_new = comment.status == "published" and comment.looked_at is None
    if comment.status == "waiting" or is_new:
        came = [*came, comment.created_at, comment.edited_at or 0]
    return max(0, now - max(came)) if came else None


def _deferral(row: Any) -> dict[str, Any]:
    return {"user_id": row.user_id, "until": row.until, "second_opinion": row.second_opinion, "note": row.note,
            "created_at": row.created_at}  # fmt: skip


def _by_comment(rows: Sequence[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.comment_id, []).append(row)
    return found


def open_appeals(conn: sa.Connection, ids: Sequence[int], now: int) -> dict[int, list[int]]:
    """When the appeals were made that these decisions answer, or that are being decided with them."""
    return {row.comment_id: [row.created_at] for row in conn.execute(_OPEN_APPEALS, {"ids": ids, "now": now})}


def settle_comments(conn: sa.Connection, ids: Sequence[int], status: str, now: int) -> None:
    """These comments are decided: no open report is left on them."""
    conn.execute(_SETTLE, {"ids": ids, "becomes": status, "now": now})


def insert_finding_on(conn: sa.Connection, ids: Sequence[int], finding: dict[str, Any], now: int) -> None:
    """The same finding on each of these comments."""
    row = {"rule": finding["rule"], "finding": _json(finding), "created_at": now}
    conn.execute(sa.insert(findings), [row | {"comment_id": comment_id} for comment_id in ids])


def write_decisions(
    conn: sa.Connection,
    found: Sequence[Any],
    put: dict[int, dict[str, Any]],
    now: int,
    decision: str,
    status: str,
    user_id: int | None,
    reason: str | None,
    note: str | None,
    message: str | None,
) -> dict[int, int]:
    """A row of `decisions` and an entry in the log for each comment; the ids of the decisions by comment."""
    why = {"user_id": user_id, "reason": reason, "note": note, "created_at": now}
    rows = [
        why
        | {
            "site_id": comment.site_id,
            "comment_id": comment.id,
            "note": message,
            "member_id": comment.member_id,
            "decision": decision,
            "before": _json({name: value for name, value in put[comment.id].items() if name not in NOT_PUT_BACK}),
            "version": comment.version + 1,
            "waited": put[comment.id]["waited"],
        }
        for comment in found
    ]
    insert = sa.insert(decisions).returning(d.id, d.comment_id)
    written = {row.comment_id: row.id for row in conn.execute(insert, rows)}
    log_each(conn, decision, found, {comment.id: status for comment in found}, why)
    return written


def log_each(
    conn: sa.Connection, action: str, found: Sequence[Any], after: dict[int, str], why: dict[str, Any]
) -> None:
    """One entry in the log for each comment: the status that it had and the one that it has."""
    entries = [
        why
        | {
            "site_id": comment.site_id,
            "action": action,
            "subject_type": "comment",
            "subject_id": comment.id,
            "before": _json({"status": comment.status}),
            "after": _json({"status": after[comment.id]}),
        }
        for comment in found
    ]
    conn.execute(sa.insert(audit), entries)


def read_some(conn: sa.Connection, ids: Sequence[int], *, lock: bool = False) -> Sequence[Any]:
    """These decisions, each with the article and author of its comment, in the order of the comments."""
    query = (
        sa.select(decisions, c.article_id, a.created_at.label("appealed_at"), a.decided_at.label("answered_at"))
        .join(comments, c.id == d.comment_id)
        .outerjoin(appeals, a.comment_id == d.comment_id)
        .where(d.id.in_(ids))
        .order_by(d.comment_id, d.id)
    )
    return conn.execute(query.with_for_update(of=decisions) if lock else query).all()


def find_same(conn: sa.Connection, comment: Any, user_id: int | None, decision: str, reason: str | None) -> Any:
    """The decision that made this comment what it is, if it was this moderator's and this one: what was sent twice."""
    query = sa.select(decisions).where(
        d.comment_id == comment.id, d.version == comment.version, d.undone_at.is_(None), d.decision == decision
    )
    found = conn.execute(query.order_by(d.id.desc()).limit(1)).first()
    is_same = found is not None and (found.user_id, found.reason) == (user_id, reason)
    return found if is_same else None


_PUT_BACK = (
    sa.update(comments)
    .where(c.id == sa.bindparam("comment", type_=Id))
    .values(
        version=c.version + 1,
        status=sa.bindparam("was", type_=sa.Text()),
        looked_at=sa.bindparam("was_looked_at", type_=Micros),
        open_reports=c.open_reports + sa.bindparam("reopened", type_=sa.Integer()),
        report_weight=c.report_weight + sa.bindparam("weighing", type_=sa.Integer()),
    )
)


def put_back(conn: sa.Connection, befores: dict[int, dict[str, Any]], reports: Sequence[Any], now: int) -> None:
    """Undo what was done to comments: status, when it was looked at, findings; and count `reports` that are open
    again. `befores`: by comment, as `put_aside` gave them.
    """
    mine = sa.update(findings).where(f.comment_id.in_(list(befores)), f.superseded_at.is_(None), f.rule == "decision")
    conn.execute(mine.values(superseded_at=now))
    back = [finding for before in befores.values() for finding in before["findings"]]
    if back:
        conn.execute(sa.update(findings).where(f.id.in_(back)).values(superseded_at=None))
    reopened = Counter(report.comment_id for report in reports)
    changes = [
        {
            "comment": comment_id,
            "was": before["status"],
            "was_looked_at": before["looked_at"],
            "reopened": reopened[comment_id],
            "weighing": before["report_weight"],
        }
        for comment_id, before in befores.items()
    ]
    conn.execute(_PUT_BACK, changes)


def mark_undone(conn: sa.Connection, ids: Sequence[int], now: int) -> None:
    conn.execute(sa.update(decisions).where(d.id.in_(ids)).values(undone_at=now))
