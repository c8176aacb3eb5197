"""What there is once beside a comment that moderators get: its article, who has it before them, how many reports on it
were answered already. In one statement for all comments of a page.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from comments.storage.tables import Id, Micros, articles, claims, comments, reports, users

c = comments.c
r = reports.c

_SETTLED = (
    sa.select(sa.func.count())
    .where(r.comment_id == c.id, r.settled_at.is_not(None))
    .correlate(comments)
    .scalar_subquery()
)
_BESIDE = (
    sa.select(
        c.id.label("comment_id"), articles, _SETTLED.label("settled"), claims.c.user_id, claims.c.until, users.c.name
    )
    .join(articles, articles.c.id == c.article_id)
    .outerjoin(claims, sa.and_(claims.c.comment_id == c.id, claims.c.until > sa.bindparam("now", type_=Micros)))
    .outerjoin(users, users.c.id == claims.c.user_id)
    .where(c.id.in_(sa.bindparam("ids", type_=Id, expanding=True)))
)


def read_beside(conn: sa.Connection, ids: Sequence[int], now: int) -> dict[int, Any]:
    """By comment id: the article's columns; `settled`; `user_id`, `name` and `until` of the claim, None without one."""
    return {row.comment_id: row for row in conn.execute(_BESIDE, {"ids": ids, "now": now})}
