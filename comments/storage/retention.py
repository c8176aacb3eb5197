"""What is old, by kind: found along the indexes, forgotten some rows at a time. For jobs/retention.py alone."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from comments.core.mail import State
from comments.storage.erasing import forget_log
from comments.storage.tables import (
    Id,
    audit,
    comments,
    complaints,
    edits,
    findings,
    mails,
    marks,
    notices,
    reports,
    statements,
    warnings,
)

ROWS = 2_000  # ids that one statement looks at
c = comments.c

_AFTER = sa.tuple_(sa.bindparam("member", type_=Id), sa.bindparam("at", type_=Id), sa.bindparam("id", type_=Id))


def next_hidden(conn: sa.Connection, status: str, after: tuple[int, int, int], most: int) -> Sequence[Any]:
    """Rejected or withdrawn comments of members along their partial index: id, site_id, member_id, created_at,
    edited_at, looked_at, article_id.
    """
    query = sa.select(c.id, c.site_id, c.member_id, c.article_id, c.created_at, c.edited_at, c.looked_at)
    query = query.where(sa.text(f"comments.status = '{status}'"), sa.tuple_(c.member_id, c.created_at, c.id) > _AFTER)
    query = query.order_by(c.member_id, c.created_at, c.id).limit(most)
    return conn.execute(query, dict(zip(("member", "at", "id"), after, strict=True))).all()


def _of_site(column: Any, site_id: int) -> sa.ColumnElement[bool]:
    return sa.exists().where(c.id == column, c.site_id == site_id)


def _edits(conn: sa.Connection, site_id: int, before: int, here: Any) -> None:
    e = edits.c
    conn.execute(sa.delete(edits).where(here(e.id), e.edited_at < before, _of_site(e.comment_id, site_id)))


def _findings(conn: sa.Connection, site_id: int, before: int, here: Any) -> None:
    f = findings.c
    conn.execute(sa.delete(findings).where(here(f.id), f.superseded_at < before, _of_site(f.comment_id, site_id)))


def _reports(conn: sa.Connection, site_id: int, before: int, here: Any) -> None:
    r = reports.c
    old = sa.and_(here(r.id), r.settled_at < before, r.detail.is_not(None), _of_site(r.comment_id, site_id))
    conn.execute(sa.update(reports).where(old).values(detail=None))


def _warnings(conn: sa.Connection, site_id: int, before: int, here: Any) -> None:
    w = warnings.c
    old = sa.and_(here(w.id), w.site_id == site_id, w.seen_at < before, w.text.is_not(None))
    conn.execute(sa.update(warnings).where(old).values(text=None))


def _log(conn: sa.Connection, site_id: int, before: int, here: Any) -> None:
    a = audit.c
    told = sa.or_(a.before.is_not(None), a.after.is_not(None), a.note.is_not(None), a.reason.is_not(None))
    old = sa.and_(here(a.id), a.site_id == site_id, a.created_at < before, told)
    conn.execute(sa.update(audit).where(old).values(before=None, after=None, reason=None, note=None))


def _notices(conn: sa.Connection, site_id: int, before: int, here: Any) -> None:
    """That there was one stays, for the figures of Article 15; who gave it, what they wrote and the answer go."""
    n, k = notices.c, complaints.c
    going = sa.or_(k.decided_at.is_(None), k.decided_at >= before)
    disputed = sa.exists().where(k.notice_id == n.id, going)
    old = sa.and_(here(n.id), n.site_id == site_id, n.decided_at < before, n.text != "", ~disputed)
    gone = {"text": "", "urls": "[]", "details": "{}", "name": None, "email": None, "answer": None, "escalation": None}
    ids = list(conn.execute(sa.update(notices).where(old).values(gone).returning(n.id)).scalars())
    if ids:
        forget_log(conn, "notice", ids)


def _complaints(conn: sa.Connection, site_id: int, before: int, here: Any) -> None:
    k = complaints.c
    old = sa.and_(here(k.id), k.site_id == site_id, k.decided_at < before, k.text != "")
    ids = list(conn.execute(sa.update(complaints).where(old).values(text="", note=None).returning(k.id)).scalars())
    if ids:
        forget_log(conn, "complaint", ids)


def _statements(conn: sa.Connection, site_id: int, before: int, here: Any) -> None:
    """Why, in the decider's words. Of an account's restriction not before it is over: its member may ask."""
    s, k = statements.c, complaints.c
    over = sa.or_(s.comment_id.is_not(None), s.measure == "warn", s.ended_at < before, s.until < before)
    disputed = sa.exists().where(k.statement_id == s.id, k.decided_at.is_(None))
    old = sa.and_(here(s.id), s.site_id == site_id, s.created_at < before, s.why.is_not(None), over, ~disputed)
    conn.execute(sa.update(statements).where(old).values(why=None))


def _mails(conn: sa.Connection, site_id: int, before: int, here: Any) -> None:
    """The log of mail; what has not gone out yet stays, however old."""
    m = mails.c
    is_done = m.state.not_in([State.WAITING, State.TAKEN, State.SENDING])
    conn.execute(sa.delete(mails).where(here(m.id), m.site_id == site_id, m.created_at < before, is_done))


class Kind(NamedTuple):
    """`setting`: of a site, in days. `does`: forgets rows of the table before a time (µs UTC) within a span of ids."""

    setting: str
    table: sa.Table
    does: Callable[[sa.Connection, int, int, Any], None]


KINDS = {
    "edits": Kind("keep_edits", edits, _edits),
    "findings": Kind("keep_findings", findings, _findings),
    "reports": Kind("keep_reports", reports, _reports),
    "warnings": Kind("keep_warnings", warnings, _warnings),
    "notices": Kind("keep_notices", notices, _notices),
    "complaints": Kind("keep_notices", complaints, _complaints),
    "statements": Kind("keep_notices", statements, _statements),
    "mails": Kind("keep_mails", mails, _mails),
    "log": Kind("keep_log", audit, _log),
}


def forget(conn: sa.Connection, kind: str, site_id: int, before: int, after: int) -> int | None:
    """Forget what is older than `before` (µs UTC) among the next rows; where to go on, None at the end."""
    _, table, does = KINDS[kind]
    last = conn.execute(sa.select(sa.func.max(table.c.id))).scalar() or 0
    if after >= last:
        return None
    does(conn, site_id, before, lambda column: sa.and_(column > after, column <= after + ROWS))
    return after + ROWS


def swept_at(conn: sa.Connection) -> int:
    """When this was last done (µs UTC)."""
    return int(conn.execute(sa.select(marks.c.number).where(marks.c.name == "retention")).scalar() or 0)


def set_swept(conn: sa.Connection, now: int) -> None:
    if conn.execute(sa.update(marks).where(marks.c.name == "retention").values(number=now)).rowcount == 0:
        conn.execute(sa.insert(marks).values(name="retention", number=now))
