"""Counters against a recount, and what must hold between tables. For `comments doctor` and for tests; reads whole
tables.
"""

from collections.abc import Callable

import sqlalchemy as sa

from comments.core.status import STUBS
from comments.storage.tables import articles, comments, journal, members, reports

c = comments.c
_other = comments.alias("other")
o = _other.c


def _count(conn: sa.Connection, query: sa.Select[int]) -> int:
    return int(conn.execute(query).scalar_one())


def _number(*where: sa.ColumnElement[bool], table: sa.FromClause = _other) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).select_from(table).where(*where).scalar_subquery()


def totals(conn: sa.Connection) -> int:
    """Articles whose total is not the number of their published comments."""
    published = _number(o.article_id == articles.c.id, o.status == "published")
    return _count(conn, sa.select(sa.func.count()).select_from(articles).where(articles.c.total != published))


def reply_counts(conn: sa.Connection) -> int:
    """Comments whose reply_count is not that of their published descendants (roots) or direct replies (others)."""
    below = _number(o.root_id == c.id, o.depth > 0, o.status == "published")
    direct = _number(o.parent_id == c.id, o.status == "published")
    wrong = sa.or_(sa.and_(c.depth == 0, c.reply_count != below), sa.and_(c.depth > 0, c.reply_count != direct))
    return _count(conn, sa.select(sa.func.count()).select_from(comments).where(wrong))


def visible_children(conn: sa.Connection) -> int:
    """Comments whose number of children that the public sees is another."""
    seen = sa.or_(o.status == "published", sa.and_(o.status.in_(sorted(STUBS)), o.visible_children > 0))
    number = _number(o.parent_id == c.id, seen)
    return _count(conn, sa.select(sa.func.count()).select_from(comments).where(c.visible_children != number))


def members_figures(conn: sa.Connection) -> int:
    """Members whose published or rejected comments are another number."""
    wrong = sa.or_(
        members.c.published != _number(o.member_id == members.c.id, o.status == "published"),
        members.c.rejected != _number(o.member_id == members.c.id, o.status == "rejected"),
    )
    return _count(conn, sa.select(sa.func.count()).select_from(members).where(wrong))


def open_reports(conn: sa.Connection) -> int:
    number = _number(reports.c.comment_id == c.id, reports.c.settled_at.is_(None), table=reports)
    return _count(conn, sa.select(sa.func.count()).select_from(comments).where(c.open_reports != number))


def threads(conn: sa.Connection) -> int:
    """Comments whose parent or root lies elsewhere: another article, or not where depth says."""
    parent = comments.outerjoin(_other, o.id == c.parent_id)
    wrong = sa.or_(
        sa.and_(c.depth == 0, c.root_id != c.id),
        c.root_id.is_(None),
        sa.and_(c.parent_id.is_not(None), o.article_id != c.article_id),
        sa.and_(c.depth > 0, c.parent_id.is_(None)),
        sa.and_(c.parent_id.is_not(None), o.root_id != c.root_id),
    )
    return _count(conn, sa.select(sa.func.count()).select_from(parent).where(wrong))


def sequences(conn: sa.Connection) -> int:
    """Articles whose seq is behind a comment's or the journal's, or whose journal has a gap."""
    newest = sa.select(sa.func.coalesce(sa.func.max(o.seq), 0)).where(o.article_id == articles.c.id).scalar_subquery()
    j = journal.c
    last = sa.select(sa.func.max(j.seq)).where(j.article_id == articles.c.id).scalar_subquery()
    first = sa.select(sa.func.min(j.seq)).where(j.article_id == articles.c.id).scalar_subquery()
    number = sa.select(sa.func.count(j.seq.distinct())).where(j.article_id == articles.c.id).scalar_subquery()
    wrong = sa.or_(articles.c.seq < newest, last > articles.c.seq, number != sa.func.coalesce(last - first + 1, 0))
    return _count(conn, sa.select(sa.func.count()).select_from(articles).where(wrong))


CHECKS: dict[str, Callable[[sa.Connection], int]] = {
    "totals of articles": totals,
    "reply counts": reply_counts,
    "visible children": visible_children,
    "members' figures": members_figures,
    "open reports": open_reports,
    "parents and roots": threads,
    "sequences and journal": sequences,
}
