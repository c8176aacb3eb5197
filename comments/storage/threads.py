"""Reading threads: pages, replies, ancestors, one's own. Every read takes a Visibility; none loads a whole thread or
uses OFFSET.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from comments.core.policy import PUBLIC, Visibility
from comments.core.status import Status
from comments.core.thread import FIRST_REPLIES, Cursor, Sort
from comments.storage.tables import (
    Id,
    articles,
    comments,
    edits,
    findings,
    members,
    reactions,
    sites,
)

c = comments.c

SHOWN = (
    c.id, c.site_id, c.article_id, c.member_id, c.parent_id, c.root_id, c.depth, c.tree, c.source, c.text, c.status,
    c.created_at, c.edited_at, c.looked_at, c.reply_count, c.visible_children, c.recommends, c.reactions,
    c.open_reports, c.report_weight, c.picked_at, c.locked_at, c.question, c.answer_id, c.by_author, c.seq, c.version,
    c.risk, c.language, members.c.name, members.c.avatar, members.c.badges,
)  # fmt: skip
_BY = {
    Sort.NEWEST: c.created_at,
    Sort.OLDEST: c.created_at,
    Sort.RECOMMENDED: c.recommends,
    Sort.REPLIED: c.reply_count,
}
RANKED = (Sort.RECOMMENDED, Sort.REPLIED)  # many roots have the same rank
_IS_ROOT, _IS_REPLY = sa.text("comments.depth = 0"), sa.text("comments.depth > 0")  # as the partial indexes say it
FROM = comments.outerjoin(members, members.c.id == c.member_id)

# Built once: for statements that every post or page runs, building costs more than running.
_COMMENT = (
    sa.select(*SHOWN, c.request_hash, c.text_hash).select_from(FROM).where(c.id == sa.bindparam("comment", type_=Id))
)
_COMMENT_LOCKED = _COMMENT.with_for_update(of=comments, key_share=True)
_ARTICLE = sa.select(articles).where(articles.c.id == sa.bindparam("article", type_=Id))
_ARTICLES = sa.select(articles).where(articles.c.id.in_(sa.bindparam("ids", type_=Id, expanding=True)))
ARTICLE_BY_KEY = sa.select(articles).where(
    articles.c.site_id == sa.bindparam("site", type_=Id), articles.c.key == sa.bindparam("key", type_=sa.Text())
)

_IDS = sa.bindparam("ids", type_=Id, expanding=True)
_FINDINGS = (
    sa.select(findings.c.comment_id, findings.c.finding, findings.c.created_at)
    .where(findings.c.comment_id.in_(_IDS), findings.c.superseded_at.is_(None))
    .order_by(findings.c.id)
)

_HTML = sa.select(c.id, c.html).where(c.id.in_(_IDS))

THERE = sa.tuple_(sa.bindparam("value", type_=Id), sa.bindparam("id", type_=Id))  # where a cursor points
ANCESTORS = 1000  # a chain longer than this is shown from its nearest part


def admitted(visibility: Visibility) -> sa.ColumnElement[bool]:
    """The SQL of `visibility.admits(…) != "absent"`; tests/test_one_policy.py proves that the two agree."""
    others = _seen(visibility.others)
    if visibility.member_id is None:
        return sa.and_(others)
    mine = sa.func.coalesce(c.member_id == visibility.member_id, sa.false())
    return sa.or_(sa.and_(sa.not_(mine), others), sa.and_(mine, _seen(visibility.own)))


def _seen(table: Sequence[tuple[Status, str]]) -> sa.ColumnElement[bool] | sa.TextClause:
    if table == PUBLIC:
        return sa.text("comments.shown")  # as the partial indexes say it
    full = [_is(status) for status, sight in table if sight == "full"]
    stub = [_is(status) for status, sight in table if sight == "stub"]
    return sa.or_(sa.false(), *full, sa.and_(sa.or_(sa.false(), *stub), c.visible_children > 0))


def _is(status: Status) -> sa.ColumnElement[bool]:
    """The word itself and no parameter: planners see it, and a statement of 25 parts has no list to expand."""
    return c.status == sa.literal_column(f"'{status}'")


def find_article(conn: sa.Connection, site_id: int, key: str) -> Any:
    """The article's row, or None."""
    return conn.execute(ARTICLE_BY_KEY, {"site": site_id, "key": key}).first()


def page_version(conn: sa.Connection, site: str, article: str) -> tuple[int | None, int, int] | None:
    """(article's id, seq, version of the site): what a page of this thread shows; None if there is no such site."""
    query = sa.select(articles.c.id, articles.c.seq, sites.c.version).select_from(
        sites.outerjoin(articles, sa.and_(articles.c.site_id == sites.c.id, articles.c.key == article))
    )
    row = conn.execute(query.where(sites.c.key == site)).first()
    return None if row is None else (row.id, row.seq or 0, row.version)


def article_of(conn: sa.Connection, article_id: int) -> Any:
    return conn.execute(_ARTICLE, {"article": article_id}).one()


def articles_by_id(conn: sa.Connection, ids: Sequence[int]) -> Sequence[Any]:
    """The rows of those of these articles that there are."""
    return conn.execute(_ARTICLES, {"ids": ids}).all()


def articles_of(conn: sa.Connection, rows: Sequence[Any]) -> dict[int, Any]:
    """The articles of these comments, by id."""
    found = conn.execute(sa.select(articles).where(articles.c.id.in_({row.article_id for row in rows})))
    return {row.id: row for row in found}


def find_comment(conn: sa.Connection, comment_id: int, *, lock: bool = False) -> Any:
    """One comment's row whoever asks (the caller asks the policy), or None. `lock` for those who are going to change
    it.
    """
    return conn.execute(_COMMENT_LOCKED if lock else _COMMENT, {"comment": comment_id}).first()


def find_comments(conn: sa.Connection, ids: Sequence[int], *, lock: bool = False) -> Sequence[Any]:
    """These comments' rows whoever asks, in the order of their ids, which is that of their locks."""
    query = sa.select(*SHOWN).select_from(FROM).where(c.id.in_(ids)).order_by(c.id)
    return conn.execute(query.with_for_update(of=comments, key_share=True) if lock else query).all()


def read_roots(
    conn: sa.Connection, article_id: int, visibility: Visibility, sort: Sort, cursor: Cursor | None, limit: int
) -> tuple[Sequence[Any], str | None]:
    """Up to `limit` roots after the cursor in this order, and the next cursor where there is more."""
    values = {"article_id": article_id, "most": limit + 1}
    if cursor is not None:
        values |= {"value": cursor.value, "id": cursor.id}
    ranked = cursor is not None and sort in RANKED and conn.dialect.name == "sqlite"
    query = _ranked_roots(visibility, sort) if ranked else _roots(visibility, sort, cursor is not None)
    rows = conn.execute(query, values).all()
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], Cursor(sort, getattr(last, _BY[sort].name), last.id).encode()


@lru_cache(maxsize=64)  # to build a statement costs more than to run it
def _roots(visibility: Visibility, sort: Sort, goes_on: bool) -> sa.Select[Any]:
    column = _BY[sort]
    ahead = sort is Sort.OLDEST
    query = sa.select(*SHOWN).select_from(FROM).where(c.article_id == sa.bindparam("article_id"), _IS_ROOT)
    query = query.where(admitted(visibility))
    if goes_on:
        here = sa.tuple_(column, c.id)
        query = query.where(here > THERE if ahead else here < THERE)
    order = (column.asc(), c.id.asc()) if ahead else (column.desc(), c.id.desc())
    return query.order_by(*order).limit(sa.bindparam("most", type_=sa.Integer()))


@lru_cache(maxsize=64)
def _ranked_roots(visibility: Visibility, sort: Sort) -> sa.Select[Any]:
    """What stands after a place among many of the same rank, for SQLite: it finds the rank alone by index, and would
    walk over all that share it. So first the rest of them, then the lower ranks.
    """
    most, of_article = sa.bindparam("most", type_=sa.Integer()), c.article_id == sa.bindparam("article_id")
    column, value, here = _BY[sort], sa.bindparam("value", type_=Id), sa.bindparam("id", type_=Id)
    roots = sa.select(c.id).where(of_article, _IS_ROOT, admitted(visibility))
    parts = (
        roots.where(column == value, c.id < here).order_by(c.id.desc()),
        roots.where(column < value).order_by(column.desc(), c.id.desc()),
    )
    ids = sa.union_all(*(sa.select(part.limit(most).subquery().c.id) for part in parts))
    query = sa.select(*SHOWN).select_from(FROM).where(c.id.in_(ids))
    return query.order_by(column.desc(), c.id.desc()).limit(most)


def read_first_replies(conn: sa.Connection, root_ids: Sequence[int], visibility: Visibility) -> Sequence[Any]:
    """The first replies under each of these roots, oldest first, in one query whose cost is that of the rows it
    gives.
    """
    if not root_ids:
        return []
    if conn.dialect.name == "postgresql":
        return conn.execute(_first_replies_of_each(visibility), {"roots": list(root_ids)}).all()
    values = {f"root_{number}": root_id for number, root_id in enumerate(root_ids)}
    return conn.execute(_first_replies(visibility, len(root_ids)), values).all()


@lru_cache(maxsize=8)
def _first_replies_of_each(visibility: Visibility) -> sa.Select[Any]:
    """For PostgreSQL: one part is planned, not one for each root."""
    ids = sa.bindparam("roots", type_=ARRAY(sa.BigInteger()))
    roots = sa.func.unnest(ids).table_valued("id", name="roots").render_derived()
    first = sa.select(*SHOWN).select_from(FROM).where(c.root_id == roots.c.id, _IS_REPLY, admitted(visibility))
    each = first.order_by(c.created_at, c.id).limit(FIRST_REPLIES).lateral("each")
    return sa.select(each).select_from(roots.join(each, sa.true())).order_by(each.c.created_at, each.c.id)


@lru_cache(maxsize=128)
def _first_replies(visibility: Visibility, roots: int) -> sa.Select[Any]:
    """For SQLite, which knows no LATERAL."""
    firsts = [
        sa.select(
            sa.select(c.id)
            .where(c.root_id == sa.bindparam(f"root_{number}"), _IS_REPLY, admitted(visibility))
            .order_by(c.created_at, c.id)
            .limit(FIRST_REPLIES)
            .subquery()
            .c.id
        )
        for number in range(roots)
    ]
    query = sa.select(*SHOWN).select_from(FROM).where(c.id.in_(sa.union_all(*firsts)))
    return query.order_by(c.created_at, c.id)


def read_replies(
    conn: sa.Connection, comment: Any, visibility: Visibility, cursor: Cursor | None, limit: int
) -> tuple[Sequence[Any], str | None]:
    """Replies, oldest first: all descendants of a root, the direct replies of any other comment."""
    values = {"comment": comment.id, "most": limit + 1}
    if cursor is not None:
        values |= {"value": cursor.value, "id": cursor.id}
    rows = conn.execute(_replies(visibility, comment.depth == 0, cursor is not None), values).all()
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], Cursor("replies", last.created_at, last.id).encode()


@lru_cache(maxsize=64)
def _replies(visibility: Visibility, of_root: bool, goes_on: bool) -> sa.Select[Any]:
    above = c.root_id if of_root else c.parent_id
    query = sa.select(*SHOWN).select_from(FROM).where(above == sa.bindparam("comment", type_=Id), _IS_REPLY)
    query = query.where(admitted(visibility))
    if goes_on:
        query = query.where(sa.tuple_(c.created_at, c.id) > THERE)
    return query.order_by(c.created_at, c.id).limit(sa.bindparam("most", type_=sa.Integer()))


def read_ancestors(conn: sa.Connection, comment: Any, visibility: Visibility) -> Sequence[Any]:
    """The visible comments above this one, root first, in one query."""
    if comment.parent_id is None:
        return []
    return conn.execute(_ancestors(visibility), {"parent": comment.parent_id}).all()


@lru_cache(maxsize=64)
def _ancestors(visibility: Visibility) -> sa.Select[Any]:
    up = (
        sa.select(c.id, c.parent_id, sa.literal(0).label("step"))
        .where(c.id == sa.bindparam("parent", type_=Id))
        .cte("up", recursive=True)
    )
    above = comments.alias()
    up = up.union_all(
        sa.select(above.c.id, above.c.parent_id, up.c.step + 1).where(
            above.c.id == up.c.parent_id, up.c.step < ANCESTORS
        )
    )
    query = sa.select(*SHOWN).select_from(FROM.join(up, up.c.id == c.id)).where(admitted(visibility))
    return query.order_by(up.c.step.desc())


def read_comments(conn: sa.Connection, ids: Sequence[int], visibility: Visibility) -> Sequence[Any]:
    """These comments as far as they are visible, in the order of their ids."""
    if not ids:
        return []
    return conn.execute(_comments_seen(visibility), {"ids": ids}).all()


@lru_cache(maxsize=100)
def _comments_seen(visibility: Visibility) -> sa.Select[Any]:
    return sa.select(*SHOWN).select_from(FROM).where(c.id.in_(_IDS), admitted(visibility)).order_by(c.id)


def read_html(conn: sa.Connection, ids: Sequence[int]) -> dict[int, str]:
    """The sanitised HTML of these comments, for pages without JavaScript; whom they are shown to the caller knows."""
    return {row.id: row.html for row in conn.execute(_HTML, {"ids": ids})} if ids else {}


def read_own_hidden(conn: sa.Connection, article_id: int, member_id: int) -> Sequence[Any]:
    """A member's own waiting and rejected comments under an article, newest first."""
    query = sa.select(*SHOWN).select_from(FROM)
    query = query.where(
        c.article_id == article_id, c.member_id == member_id, sa.text("comments.status IN ('waiting', 'rejected')")
    )
    return conn.execute(query.order_by(c.created_at.desc(), c.id.desc()).limit(100)).all()


def read_findings(conn: sa.Connection, rows: Sequence[Any]) -> dict[int, list[msgspec.Raw]]:
    """The findings that stand on these comments, as JSON by comment id."""
    stored = stored_findings(conn, [row.id for row in rows])
    return {row.id: [msgspec.Raw(one.finding.encode()) for one in stored.get(row.id, ())] for row in rows}


def stored_findings(conn: sa.Connection, ids: Sequence[int]) -> dict[int, list[Any]]:
    """The findings that stand on these comments, as they are stored: finding, created_at; by comment id."""
    found: dict[int, list[Any]] = {}
    if ids:
        for row in conn.execute(_FINDINGS, {"ids": ids}):
            found.setdefault(row.comment_id, []).append(row)
    return found


def read_reactions_of(conn: sa.Connection, comment_id: int, member_id: int) -> list[str]:
    query = sa.select(reactions.c.kind).where(reactions.c.comment_id == comment_id, reactions.c.member_id == member_id)
    return list(conn.execute(query.order_by(reactions.c.kind)).scalars())


def read_edits(conn: sa.Connection, comment_id: int) -> Sequence[Any]:
    """What stood in the comment before each edit, oldest first."""
    query = sa.select(edits.c.source, edits.c.edited_at).where(edits.c.comment_id == comment_id)
    return conn.execute(query.order_by(edits.c.id).limit(100)).all()


def read_totals(conn: sa.Connection, site_id: int, keys: Sequence[str]) -> Sequence[Any]:
    """id, key, total and seq of those of these articles that somebody has written under."""
    a = articles.c
    return conn.execute(sa.select(a.id, a.key, a.total, a.seq).where(a.site_id == site_id, a.key.in_(keys))).all()
