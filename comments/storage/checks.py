"""Counters against a recount, and what must hold between tables. For `comments doctor` and for tests; reads whole
tables.
"""

from collections.abc import Callable

import sqlalchemy as sa

from comments.core.status import STUBS
from comments.storage.tables import appeals, articles, comments, decisions, jobs, journal, members, reports, warnings

c = comments.c
other = comments.alias("other")
o = other.c
IS_SEEN = sa.or_(o.status == "published", sa.and_(o.status.in_(sorted(STUBS)), o.visible_children > 0))  # by the public


def _count(conn: sa.Connection, query: sa.Select[int]) -> int:
    return int(conn.execute(query).scalar_one())


def _differs(
    figure: sa.ColumnElement[int], key: sa.ColumnElement[int], of: sa.ColumnElement[int], *where: sa.ColumnElement[bool]
) -> sa.Select[int]:
    """How many rows have another figure than there are rows `where` with this key: counted in one pass over each table,
    because a long thread must not be counted again for each of its comments.
    """
    found = sa.select(of.label("key"), sa.func.count().label("number")).where(*where).group_by(of).subquery()
    both = figure.table.outerjoin(found, found.c.key == key)
    return sa.select(sa.func.count()).select_from(both).where(figure != sa.func.coalesce(found.c.number, 0))


def totals(conn: sa.Connection) -> int:
    """Articles whose total is not the number of their published comments."""
    return _count(conn, _differs(articles.c.total, articles.c.id, o.article_id, o.status == "published"))


def reply_counts(conn: sa.Connection) -> int:
    """Comments whose reply_count is not that of their published descendants (roots) or direct replies (others)."""
    below = _differs(c.reply_count, c.id, o.root_id, o.depth > 0, o.status == "published").where(c.depth == 0)
    direct = _differs(c.reply_count, c.id, o.parent_id, o.status == "published").where(c.depth > 0)
    return _count(conn, below) + _count(conn, direct)


def visible_children(conn: sa.Connection) -> int:
    """Comments whose number of children that the public sees is another."""
    return _count(conn, _differs(c.visible_children, c.id, o.parent_id, IS_SEEN))


def members_figures(conn: sa.Connection) -> int:
    """Members whose published or rejected comments are another number."""
    m = members.c
    return sum(
        _count(conn, _differs(figure, m.id, o.member_id, o.status == status))
        for figure, status in ((m.published, "published"), (m.rejected, "rejected"))
    )


def open_reports(conn: sa.Connection) -> int:
    return _count(conn, _differs(c.open_reports, c.id, reports.c.comment_id, reports.c.settled_at.is_(None)))


def report_weights(conn: sa.Connection) -> int:
    """Comments whose open reports weigh something else."""
    r = reports.c
    weighed = sa.select(r.comment_id, sa.func.sum(r.weight).label("weight")).where(r.settled_at.is_(None))
    found = weighed.group_by(r.comment_id).subquery()
    both = comments.outerjoin(found, found.c.comment_id == c.id)
    wrong = c.report_weight != sa.func.coalesce(found.c.weight, 0)
    return _count(conn, sa.select(sa.func.count()).select_from(both).where(wrong))


def report_outcomes(conn: sa.Connection) -> int:
    """Members whose reports were right or wrong another number of times, and whom no job is about to count anew."""
    m, r = members.c, reports.c
    planned = sa.select(jobs.c.key).where(jobs.c.kind == "recount_reporter", jobs.c.key.is_not(None))
    settled = sa.cast(m.id, sa.Text).not_in(planned)
    figures = ((m.reports_upheld, "upheld"), (m.reports_rejected, "rejected"))
    wrong = (_differs(figure, m.id, r.member_id, r.outcome == what).where(settled) for figure, what in figures)
    return sum(_count(conn, query) for query in wrong)


def unseen_warnings(conn: sa.Connection) -> int:
    m, w = members.c, warnings.c
    return _count(conn, _differs(m.unseen_warnings, m.id, w.member_id, w.seen_at.is_(None)))


def answers(conn: sa.Connection) -> int:
    """Questions whose answer is none of the author's that everybody sees, or that have one and do not know it; and what
    is no question and has an answer.
    """
    told = _count(conn, sa.select(sa.func.count()).select_from(comments).where(c.answer_id.is_not(None)))
    right = sa.and_(o.id == c.answer_id, o.parent_id == c.id, o.by_author, o.status == "published", c.question)
    good = _count(conn, sa.select(sa.func.count()).select_from(comments.join(other, right)))
    unknown = sa.and_(o.parent_id == c.id, o.by_author, o.status == "published")
    lost = sa.select(sa.func.count(c.id.distinct())).select_from(comments.join(other, unknown))
    return told - good + _count(conn, lost.where(c.question, c.answer_id.is_(None)))


def threads(conn: sa.Connection) -> int:
    """Comments whose parent or root lies elsewhere: another article, or not where depth says."""
    parent = comments.outerjoin(other, o.id == c.parent_id)
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
    newest = sa.select(o.article_id, sa.func.max(o.seq).label("seq")).group_by(o.article_id).subquery()
    j = journal.c
    first, last, number = sa.func.min(j.seq), sa.func.max(j.seq), sa.func.count(j.seq.distinct())
    told = sa.select(j.article_id, first.label("first"), last.label("last"), number.label("number"))
    told_of = told.group_by(j.article_id).subquery()
    all_of = articles.outerjoin(newest, newest.c.article_id == articles.c.id)
    all_of = all_of.outerjoin(told_of, told_of.c.article_id == articles.c.id)
    t = told_of.c
    gap = sa.func.coalesce(t.number, 0) != sa.func.coalesce(t.last - t.first + 1, 0)
    wrong = sa.or_(articles.c.seq < sa.func.coalesce(newest.c.seq, 0), t.last > articles.c.seq, gap)
    return _count(conn, sa.select(sa.func.count()).select_from(all_of).where(wrong))


def open_appeals(conn: sa.Connection) -> int:
    """Appeals that are open although their comment is public or gone, or overturned without a mark on the decision."""
    a, d = appeals.c, decisions.c
    both = appeals.join(comments, c.id == a.comment_id).outerjoin(decisions, d.id == a.decision_id)
    wrong = sa.or_(
        sa.and_(a.decided_at.is_(None), c.status.not_in(("waiting", "rejected"))),
        a.decided_at.is_(None) != a.outcome.is_(None),
        sa.and_(a.outcome == "overturned", d.id.is_not(None), d.overturned_at.is_(None)),
    )
    return _count(conn, sa.select(sa.func.count()).select_from(both).where(wrong))


CHECKS: dict[str, Callable[[sa.Connection], int]] = {
    "totals of articles": totals,
    "reply counts": reply_counts,
    "visible children": visible_children,
    "members' figures": members_figures,
    "open reports": open_reports,
    "weight of reports": report_weights,
    "outcomes of reports": report_outcomes,
    "unseen warnings": unseen_warnings,
    "answers to questions": answers,
    "parents and roots": threads,
    "sequences and journal": sequences,
    "open appeals": open_appeals,
}
