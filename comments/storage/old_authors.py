"""Authors of imported comments who may claim them by their old address, and the comments going over to them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from comments.storage.archive import insert_or_ignore
from comments.storage.tables import comments, decisions, members, old_addresses, reports

o, c, m = old_addresses.c, comments.c, members.c


def remember_addresses(conn: sa.Connection, site_id: int, digests: Mapping[int, str], now: int) -> None:
    """By which address each of these old authors (id → digest) may be claimed."""
    rows = [{"member_id": key, "site_id": site_id, "digest": digests[key], "created_at": now} for key in digests]
    insert_or_ignore(conn, old_addresses, rows)


def claim(conn: sa.Connection, site_id: int, digest: str, member_id: int, now: int) -> int:
    """Let the member have what wrote whoever had this address and is neither banned nor suspended; how many authors."""
    restricted = sa.select(m.id).where(
        m.id == o.member_id, sa.or_(m.banned_at.is_not(None), sa.func.coalesce(m.suspended_until, 0) > now)
    )
    free = sa.and_(o.claimed_by.is_(None), o.member_id != member_id, ~restricted.exists())
    change = sa.update(old_addresses).where(o.site_id == site_id, o.digest == digest, free)
    return conn.execute(change.values(claimed_by=member_id)).rowcount


def claimed_author(conn: sa.Connection, member_id: int) -> Any:
    """One of the old authors whose comments are going over to the member: id, site_id."""
    query = sa.select(o.member_id, o.site_id).where(o.claimed_by == member_id).order_by(o.member_id).limit(1)
    return conn.execute(query).first()


def comments_of(conn: sa.Connection, author_id: int, limit: int) -> Sequence[Any]:
    """Some comments of an author: id, article_id, status, created_at."""
    query = sa.select(c.id, c.article_id, c.status, c.created_at).where(c.member_id == author_id)
    return conn.execute(query.order_by(c.created_at, c.id).limit(limit)).all()


def hand_over(conn: sa.Connection, ids: Collection[int], author_id: int, member_id: int) -> None:
    """These comments are the member's from now on, and so is what was decided and reported about them."""
    d, r = decisions.c, reports.c
    for change, column in (
        (sa.update(comments).where(c.id.in_(ids)), c.member_id),
        (sa.update(decisions).where(d.comment_id.in_(ids)), d.member_id),
        (sa.update(reports).where(r.comment_id.in_(ids)), r.author_id),
    ):
        conn.execute(change.where(column == author_id).values({column: member_id}))


def forget_author(conn: sa.Connection, author_id: int) -> None:
    """Nothing is left to claim: neither address nor name of the old author stays."""
    conn.execute(sa.delete(old_addresses).where(o.member_id == author_id))
    conn.execute(sa.update(members).where(m.id == author_id).values(name=None, name_key=None, last_comment_at=None))
