"""Counters made right from what they count, a thread or a member at a time, under the locks of everybody who writes.

Called by actions/repairs.py in a transaction. What was written (comments, decisions, reports) is never touched.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from comments.storage.checks import IS_SEEN, o, other
from comments.storage.tables import articles, comments, journal, members, reports, warnings

a, c, m = articles.c, comments.c, members.c


def _how_many(*where: sa.ColumnElement[bool], of: sa.FromClause = other) -> sa.ScalarSelect[int]:
    query = sa.select(sa.func.count()).select_from(of).where(*where)
    return query.correlate_except(of).scalar_subquery()


def _weight() -> sa.ColumnElement[int]:
    r = reports.c
    query = sa.select(sa.func.sum(r.weight)).where(r.comment_id == c.id, r.settled_at.is_(None))
    return sa.func.coalesce(query.correlate(comments).scalar_subquery(), 0)


_of_comment: dict[str, sa.ColumnElement[int]] = {
    "reply_count": sa.case(
        (c.depth == 0, _how_many(o.root_id == c.id, o.depth > 0, o.status == "published")),
        else_=_how_many(o.parent_id == c.id, o.status == "published"),
    ),
    "visible_children": _how_many(o.parent_id == c.id, IS_SEEN),
    "open_reports": _how_many(reports.c.comment_id == c.id, reports.c.settled_at.is_(None), of=reports),
    "report_weight": _weight(),
}
_of_member: dict[str, sa.ColumnElement[int]] = {
    "published": _how_many(o.member_id == m.id, o.status == "published"),
    "rejected": _how_many(o.member_id == m.id, o.status == "rejected"),
    "unseen_warnings": _how_many(warnings.c.member_id == m.id, warnings.c.seen_at.is_(None), of=warnings),
}
_TOTAL = _how_many(o.article_id == a.id, o.status == "published")
_NEWEST = sa.select(sa.func.coalesce(sa.func.max(o.seq), 0)).where(o.article_id == a.id).correlate(articles)
_TOLD = sa.select(sa.func.coalesce(sa.func.max(journal.c.seq), 0)).where(journal.c.article_id == a.id)
_TOLD = _TOLD.correlate(articles)


def articles_after(conn: sa.Connection, article_id: int, limit: int) -> Sequence[Any]:
    """The next articles by id: id, site_id."""
    query = sa.select(a.id, a.site_id).where(a.id > article_id).order_by(a.id).limit(limit)
    return conn.execute(query).all()


def members_after(conn: sa.Connection, member_id: int, limit: int) -> Sequence[int]:
    return conn.execute(sa.select(m.id).where(m.id > member_id).order_by(m.id).limit(limit)).scalars().all()


def recount_thread(conn: sa.Connection, article_id: int) -> int:
    """Of a locked article: counters of its comments, its total and seq; how many figures were wrong."""
    wrong = 0
    for name, right in _of_comment.items():
        change = sa.update(comments).where(c.article_id == article_id, c[name] != right).values({name: right})
        while changed := conn.execute(change).rowcount:  # a stub that appears is one more for what is above it
            wrong += changed
    change = sa.update(articles).where(a.id == article_id, a.total != _TOTAL).values(total=_TOTAL)
    wrong += conn.execute(change).rowcount
    for at_least in (_NEWEST.scalar_subquery(), _TOLD.scalar_subquery()):
        behind = sa.update(articles).where(a.id == article_id, a.seq < at_least).values(seq=at_least)
        wrong += conn.execute(behind).rowcount
    return wrong


def recount_members(conn: sa.Connection, ids: Sequence[int]) -> int:
    """Of locked members; how many figures were wrong."""
    changes = (
        sa.update(members).where(m.id.in_(ids), m[name] != right).values({name: right})
        for name, right in _of_member.items()
    )
    return sum(conn.execute(change).rowcount for change in changes)
