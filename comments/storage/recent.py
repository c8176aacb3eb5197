"""Recent comments in the order in which they came: for feeds, and for what is discussed most.

A table of its own, because the index that this needs would cost every post more than the worker's copying does. What
was written longer ago than REACH is in the threads alone.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from comments.storage.tables import articles, comments, discussed, published, recent

DAY = 86_400 * 1_000_000  # µs
REACH = 92 * DAY
IDS = 5000  # of comments that one statement looks at
MOST = 50  # articles that a site's list keeps, by each of the two orders
SPANS = {"day": DAY, "week": 7 * DAY}
CHUNK = 1000

c, r, d = comments.c, recent.c, discussed.c


def copy_recent(conn: sa.Connection, after: int, upto: int, since: int) -> None:
    """Take in the comments with these ids that were written since; those that are there already stay."""
    columns = ["comment_id", "site_id", "article_id", "created_at"]
    new = sa.select(c.id, c.site_id, c.article_id, c.created_at)
    new = new.where(c.id > after, c.id <= upto, c.created_at >= since)
    insert = (postgresql if conn.dialect.name == "postgresql" else sqlite).insert(recent)
    conn.execute(insert.from_select(columns, new).on_conflict_do_nothing())


def prune(conn: sa.Connection, now: int) -> int:
    """Forget a chunk of what is too old; how many."""
    old = sa.select(r.comment_id).where(r.created_at < now - REACH).order_by(r.created_at).limit(CHUNK)
    ids = list(conn.execute(old).scalars())
    return conn.execute(sa.delete(recent).where(r.comment_id.in_(ids))).rowcount if ids else 0


def newest_of(conn: sa.Connection, site_id: int, article_id: int | None) -> int:
    """The id of the newest comment that is taken in; 0: none."""
    query = sa.select(r.comment_id).where(_of(site_id, article_id)).order_by(r.comment_id.desc()).limit(1)
    return conn.execute(query).scalar() or 0


def read_ids(
    conn: sa.Connection, site_id: int, article_id: int | None, before: int | None, most: int
) -> tuple[list[int], set[int], int | None]:
    """Up to `most` ids of an article's or a whole site's comments, newest first, those of their articles, and where the
    next page begins. Of any status: what the public sees of them the caller asks.
    """
    query = sa.select(r.comment_id, r.article_id).where(_of(site_id, article_id))
    if before is not None:
        query = query.where(r.comment_id < before)
    rows = conn.execute(query.order_by(r.comment_id.desc()).limit(most + 1)).all()
    ids = [row.comment_id for row in rows[:most]]
    return ids, {row.article_id for row in rows[:most]}, ids[-1] if len(rows) > most else None


def place_before(conn: sa.Connection, site_id: int, article_id: int | None, first: int, most: int) -> int | None:
    """Where the page before one that begins at `first` begins; None: with the newest."""
    query = sa.select(r.comment_id).where(_of(site_id, article_id), r.comment_id >= first)
    ids = list(conn.execute(query.order_by(r.comment_id).limit(most + 1)).scalars())
    return ids[most] if len(ids) > most else None


def _of(site_id: int, article_id: int | None) -> sa.ColumnElement[bool]:
    return r.site_id == site_id if article_id is None else r.article_id == article_id


def count_discussed(conn: sa.Connection, since: int) -> dict[int, list[Any]]:
    """By site: the articles with most published comments since then, and those with most people who wrote them.

    The time stands in the statement itself: PostgreSQL takes a parameter to let through a third of all, and then reads
    every comment that there is.
    """
    nothing: sa.ColumnElement[int] = sa.literal_column(
        "0"
    )  # else SQLite groups by an index of these, and walks over all that there is
    site, article = (r.site_id + nothing).label("site_id"), (r.article_id + nothing).label("article_id")
    each = (
        sa.select(
            site, article, sa.func.count().label("comments"),
            sa.func.count(sa.distinct(c.member_id)).label("readers"),
        )
        .select_from(recent.join(comments, c.id == r.comment_id))
        .where(r.created_at >= sa.literal_column(str(int(since))), sa.text(published("comments")))
        .group_by(site, article)
        .subquery()
    )  # fmt: skip
    ranks = [
        sa.func.row_number().over(partition_by=each.c.site_id, order_by=(column.desc(), each.c.article_id.desc()))
        for column in (each.c.comments, each.c.readers)
    ]
    ranked = sa.select(each, ranks[0].label("by_comments"), ranks[1].label("by_readers")).subquery()
    best = sa.select(ranked).where(sa.or_(ranked.c.by_comments <= MOST, ranked.c.by_readers <= MOST))
    found: dict[int, list[Any]] = {}
    for row in conn.execute(best):
        found.setdefault(row.site_id, []).append(row)
    return found


def sites_discussed(conn: sa.Connection, span: str) -> set[int]:
    """The sites that have a list."""
    return set(conn.execute(sa.select(d.site_id).where(d.span == span).distinct()).scalars())


def write_discussed(conn: sa.Connection, site_id: int, span: str, rows: Sequence[Any], now: int) -> None:
    """Put a site's list in the place of the one that was there."""
    conn.execute(sa.delete(discussed).where(d.site_id == site_id, d.span == span))
    if rows:
        about = {"site_id": site_id, "span": span, "counted_at": now}
        new = [about | {"article_id": one.article_id, "comments": one.comments, "readers": one.readers} for one in rows]
        conn.execute(sa.insert(discussed), new)


def read_discussed(conn: sa.Connection, site_id: int, span: str) -> Sequence[Any]:
    """A site's list with the articles, as many as there are kept."""
    a = articles.c
    query = sa.select(d.article_id, d.comments, d.readers, d.counted_at, a.key, a.url, a.title, a.section, a.total)
    query = query.select_from(discussed.join(articles, a.id == d.article_id))
    return conn.execute(query.where(d.site_id == site_id, d.span == span, a.mode != "off")).all()


def discussed_at(conn: sa.Connection, site_id: int, span: str) -> int:
    """When it was counted; 0: never, or there is nothing in it."""
    query = sa.select(sa.func.max(d.counted_at)).where(d.site_id == site_id, d.span == span)
    return conn.execute(query).scalar() or 0
