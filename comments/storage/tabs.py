"""What an article's thread shows besides itself: the newsroom's picks, and what the article's author answered."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

import sqlalchemy as sa

from comments.core.policy import THE_PUBLIC
from comments.core.thread import Cursor
from comments.storage.tables import Id, articles, comments, published
from comments.storage.threads import ARTICLE_BY_KEY, FROM, SHOWN, THERE, read_comments

MOST_COUNTED = 100  # as many of each a page tells of

Tab = Literal["picks", "answers"]
c = comments.c
_FLAGGED = {"picks": "comments.picked_at IS NOT NULL", "answers": "comments.by_author"}  # as the partial indexes say it
_ORDER = {"picks": c.picked_at, "answers": c.created_at}
_IS_PUBLISHED = sa.text(published("comments"))


def _number(tab: Tab) -> sa.ScalarSelect[int]:
    of_article = sa.select(c.id).where(c.article_id == articles.c.id, sa.text(_FLAGGED[tab]), _IS_PUBLISHED)
    some = of_article.correlate(articles).limit(MOST_COUNTED).subquery()
    return sa.select(sa.func.count()).select_from(some).scalar_subquery()


# Built once: every first page begins with it.
_ARTICLE_WITH_TABS = ARTICLE_BY_KEY.add_columns(_number("picks").label("picks"), _number("answers").label("answers"))


def find_article_with_tabs(conn: sa.Connection, site_id: int, key: str) -> Any:
    """The article's row with how many `picks` and `answers` there are (up to MOST_COUNTED), or None."""
    return conn.execute(_ARTICLE_WITH_TABS, {"site": site_id, "key": key}).first()


def read_picks(
    conn: sa.Connection, article_id: int, cursor: Cursor | None, limit: int
) -> tuple[Sequence[Any], str | None]:
    """What the newsroom picked and everybody sees, the newest pick first; and the next cursor where there is more."""
    return _read(conn, "picks", article_id, cursor, limit)


def read_answers(
    conn: sa.Connection, article_id: int, cursor: Cursor | None, limit: int
) -> tuple[Sequence[Any], str | None]:
    """What the article's author wrote, newest first, each after what it answers: a question stands once on a page,
    before all answers to it.
    """
    rows, after = _read(conn, "answers", article_id, cursor, limit)
    by_id = {row.id: row for row in rows}
    above = {row.parent_id for row in rows if row.parent_id is not None} - by_id.keys()
    asked = {row.id: row for row in read_comments(conn, sorted(above), THE_PUBLIC)}
    groups: dict[int, list[Any]] = {}  # by what stands on top of them
    for row in rows:
        top = row
        while top.parent_id in by_id:
            top = by_id[top.parent_id]
        groups.setdefault(top.parent_id if top.parent_id in asked else top.id, []).append(row)
    shown: list[Any] = []
    for key, answers in groups.items():
        shown += [asked[key]] if key in asked else []
        shown += reversed(answers)
    return shown, after


def _read(
    conn: sa.Connection, tab: Tab, article_id: int, cursor: Cursor | None, limit: int
) -> tuple[Sequence[Any], str | None]:
    values = {"article": article_id, "most": limit + 1}
    if cursor is not None:
        values |= {"value": cursor.value, "id": cursor.id}
    rows = conn.execute(_page(tab, cursor is not None), values).all()
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], Cursor(tab, last.picked_at if tab == "picks" else last.created_at, last.id).encode()


@lru_cache(maxsize=4)
def _page(tab: Tab, goes_on: bool) -> sa.Select[Any]:
    query = sa.select(*SHOWN).select_from(FROM).where(c.article_id == sa.bindparam("article", type_=Id))
    query = query.where(sa.text(_FLAGGED[tab]), _IS_PUBLISHED)
    if goes_on:
        query = query.where(sa.tuple_(_ORDER[tab], c.id) < THERE)
    return query.order_by(_ORDER[tab].desc(), c.id.desc()).limit(sa.bindparam("most", type_=sa.Integer()))
