"""What members follow: threads and comments. What is new in them is counted when they ask, from counters that are kept
anyway; nothing is written when somebody comments.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from comments.storage.tables import articles, comments, follows, members

f, a, c = follows.c, articles.c, comments.c


def put_follow(
    conn: sa.Connection, member_id: int, article_id: int, comment_id: int | None, seen: int, now: int
) -> None:
    """Follow, or, where it is followed already, say what was seen up to now."""
    dialect = postgresql if conn.dialect.name == "postgresql" else sqlite
    row = {"member_id": member_id, "article_id": article_id, "comment_id": comment_id, "seen": seen, "created_at": now}
    what = ("article_id", "comment_id IS NULL") if comment_id is None else ("comment_id", "comment_id IS NOT NULL")
    insert = dialect.insert(follows).values(row)
    conn.execute(
        insert.on_conflict_do_update(
            index_elements=["member_id", what[0]], index_where=sa.text(what[1]), set_={"seen": seen}
        )
    )


def drop_follow(conn: sa.Connection, member_id: int, article_id: int, comment_id: int | None) -> None:
    is_it = f.comment_id.is_(None) if comment_id is None else f.comment_id == comment_id
    conn.execute(sa.delete(follows).where(f.member_id == member_id, f.article_id == article_id, is_it))


def count_follows(conn: sa.Connection, member_id: int, most: int) -> int:
    """How many a member has, `most` at most."""
    some = sa.select(f.id).where(f.member_id == member_id).limit(most).subquery()
    return int(conn.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())


def is_following(conn: sa.Connection, member_id: int, article_id: int, comment_id: int | None) -> bool:
    is_it = f.comment_id.is_(None) if comment_id is None else f.comment_id == comment_id
    query = sa.select(f.id).where(f.member_id == member_id, f.article_id == article_id, is_it)
    return conn.execute(query.limit(1)).first() is not None


def read_news(conn: sa.Connection, member_id: int, most: int) -> Sequence[Any]:
    """Of the last `most` things that a member follows those in which something is new: `new`, the article's columns
    and, for a comment that is public, its id, text and author.
    """
    followed = sa.select(follows).where(f.member_id == member_id).order_by(f.id.desc()).limit(most).subquery("followed")
    by_now = sa.case((followed.c.comment_id.is_(None), a.total), else_=c.reply_count)
    is_shown = sa.or_(followed.c.comment_id.is_(None), c.status == "published")
    query = (
        sa.select(
            followed.c.comment_id, (by_now - followed.c.seen).label("new"), a.key, a.title, a.url, c.text,
            c.member_id, members.c.name, members.c.badges, members.c.avatar,
        )
        .select_from(
            followed.join(articles, a.id == followed.c.article_id)
            .outerjoin(comments, c.id == followed.c.comment_id)
            .outerjoin(members, members.c.id == c.member_id)
        )
        .where(by_now > followed.c.seen, is_shown)
        .order_by(followed.c.id.desc())
    )  # fmt: skip
    return conn.execute(query).all()
