"""Statements of reasons as rows: written with what they explain, ended with it, read by whom they are about and for the
Transparency Database.
"""

import secrets
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from comments.core.receipt import APPEALS_FOR
from comments.storage.tables import Id, Micros, complaints, findings, statements, warnings

s, k = statements.c, complaints.c
CHUNK = 500
MOST = 100  # of a member on one page
STANDING = 20  # that restrict an account at one time, warnings among them
_IDS = sa.bindparam("ids", type_=Id, expanding=True)
_FOUND = sa.select(findings.c.comment_id).where(
    findings.c.comment_id.in_(_IDS),
    findings.c.rule.not_in(("reports", "decision", "premoderated", "newcomer", "")),
    findings.c.superseded_at.is_(None),
)
_END = (
    sa.update(statements)
    .where(s.comment_id.in_(_IDS), s.comment_id.is_not(None), s.ended_at.is_(None))
    .values(ended_at=sa.bindparam("now", type_=Micros), ended_by=sa.bindparam("how", type_=sa.Text()))
)


def pointed_at(conn: sa.Connection, ids: Sequence[int]) -> set[int]:
    """Those of these comments at which a rule or a classifier pointed: what stands on them, holds and hints."""
    return set(conn.execute(_FOUND, {"ids": list(ids)}).scalars())


def insert_statements(conn: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Columns of statements; each gets an identifier that says nothing."""
    conn.execute(sa.insert(statements), [{"puid": secrets.token_hex(16)} | row for row in rows])


def end_of_comments(conn: sa.Connection, ids: Sequence[int], how: str, now: int) -> None:
    """What restricted these comments holds no more. `how`: undone, lifted or overturned."""
    conn.execute(_END, {"ids": list(ids), "how": how, "now": now})


def end_of_member(
    conn: sa.Connection, member_id: int, measures: Sequence[str], how: str, now: int, *, made_at: int | None = None
) -> None:
    """The same for what restricted an account; `made_at`: of that moment alone."""
    ended = sa.update(statements).where(
        s.member_id == member_id, s.measure.in_(measures), s.comment_id.is_(None), s.ended_at.is_(None)
    )
    if made_at is not None:
        ended = ended.where(s.created_at == made_at)
    conn.execute(ended.values(ended_at=now, ended_by=how))


def undo_of_comments(conn: sa.Connection, ids: Sequence[int], now: int) -> None:
    """A decision was taken back within seconds: its statement ends, and what it had ended holds again."""
    conn.execute(_END, {"ids": list(ids), "how": "undone", "now": now})
    last = sa.select(sa.func.max(s.ended_at)).where(s.comment_id.in_(ids), s.ended_by == "lifted").scalar_subquery()
    again = sa.update(statements).where(s.comment_id.in_(ids), s.ended_by == "lifted", s.ended_at == last)
    conn.execute(again.values(ended_at=None, ended_by=None))


def find_statement(conn: sa.Connection, statement_id: int, *, lock: bool = False) -> Any:
    query = sa.select(statements).where(s.id == statement_id)
    return conn.execute(query.with_for_update() if lock else query).first()


def end_statement(conn: sa.Connection, statement_id: int, how: str, now: int) -> None:
    """`how` counts, also where it ended just before."""
    ended = sa.update(statements).where(s.id == statement_id)
    conn.execute(ended.values(ended_at=sa.func.coalesce(s.ended_at, now), ended_by=how))


def warning_of(conn: sa.Connection, statement: Any) -> Any:
    """The warning that a statement is about, if it is still there."""
    w = warnings.c
    query = sa.select(warnings).where(w.member_id == statement.member_id, w.created_at == statement.created_at)
    return conn.execute(query.order_by(w.id).limit(1)).first()


def statements_of_member(conn: sa.Connection, member_id: int, before: int | None, limit: int) -> Sequence[Any]:
    """Newest first, before this id; undone ones never were."""
    query = sa.select(statements).where(s.member_id == member_id, sa.func.coalesce(s.ended_by, "") != "undone")
    if before is not None:
        query = query.where(s.id < before)
    return conn.execute(query.order_by(s.id.desc()).limit(limit)).all()


def standing_of_comments(conn: sa.Connection, ids: Sequence[int]) -> dict[int, Any]:
    """What restricts these comments now, by comment id; those that nothing restricts are not in it."""
    if not ids:
        return {}
    query = sa.select(statements).where(s.comment_id.in_(_IDS), s.comment_id.is_not(None), s.ended_at.is_(None))
    return {row.comment_id: row for row in conn.execute(query.order_by(s.id), {"ids": list(ids)})}


def standing_of_account(conn: sa.Connection, member_id: int, now: int) -> Sequence[Any]:
    """What restricts a member's account now, the last first; warnings for as long as one may complain about them."""
    query = sa.select(statements).where(
        s.member_id == member_id,
        s.comment_id.is_(None),
        s.member_id.is_not(None),
        s.ended_at.is_(None),
        sa.or_(s.until.is_(None), s.until > now),
        sa.or_(s.measure != "warn", s.created_at >= now - APPEALS_FOR),
    )
    return conn.execute(query.order_by(s.id.desc()).limit(STANDING)).all()


def complaints_of_statements(conn: sa.Connection, ids: Sequence[int]) -> dict[int, Any]:
    """By statement id."""
    if not ids:
        return {}
    return {row.statement_id: row for row in conn.execute(sa.select(complaints).where(k.statement_id.in_(ids)))}


def walk(conn: sa.Connection, site_id: int, since: int, until: int) -> Iterator[Any]:
    """A site's statements of a time, by when they were made, without those that were undone; few at once in memory."""
    place = (since, 0)
    while True:
        query = sa.select(statements).where(
            s.site_id == site_id,
            sa.tuple_(s.created_at, s.id) >= sa.tuple_(*(sa.literal(one, Id) for one in place)),
            s.created_at < until,
        )
        rows = conn.execute(query.order_by(s.created_at, s.id).limit(CHUNK)).all()
        yield from (row for row in rows if row.ended_by != "undone")
        if len(rows) < CHUNK:
            return
        place = (rows[-1].created_at, rows[-1].id + 1)
