"""What members are told of, as rows: once each for a kind and a comment. Whoever reads them looks at the comments
again: what the receiver may not see any more is not told.
"""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from comments.core.notifications import STATES, Kind
from comments.storage.tables import Id, articles, comments, members, mutes, notifications

MOST_UNREAD = 100  # is counted no further
KEPT = 180 * 86_400 * 1_000_000  # µs: half a year, as long as one may appeal (core/receipt.py)
Row = dict[str, Any]

n, c = notifications.c, comments.c

_MEMBER = sa.bindparam("member", type_=Id)
IS_TOLD = sa.or_(  # one's own as long as it is there; others' as long as everybody sees them and one wants to hear them
    sa.and_(c.member_id == _MEMBER, c.status.in_(("published", "waiting", "rejected"))),
    sa.and_(
        c.status == "published",
        ~sa.exists().where(mutes.c.member_id == _MEMBER, mutes.c.muted_id == c.member_id),
    ),
)
_NEWEST = (n.member_id.desc(), n.id.desc())
_UNTIL = sa.bindparam("until", type_=Id)
# Along the member's own index: of an equality and an order of ids PostgreSQL may make a walk back over everybody's,
# of a pair SQLite a walk over all of the member's.
_UP_TO = {
    "sqlite": sa.and_(n.member_id == _MEMBER, n.id <= _UNTIL),
    "postgresql": sa.and_(sa.tuple_(n.member_id, n.id) <= sa.tuple_(_MEMBER, _UNTIL), n.member_id >= _MEMBER),
}
_NEWEST_UNREAD = (
    sa.select(n.comment_id)
    .where(n.member_id == _MEMBER, n.id > _UNTIL)
    .order_by(*_NEWEST)
    .limit(MOST_UNREAD)
    .subquery()
)
_UNREAD = (
    sa.select(sa.func.count())
    .select_from(_NEWEST_UNREAD.join(comments, c.id == _NEWEST_UNREAD.c.comment_id))
    .where(IS_TOLD)
)


def count_unread(conn: sa.Connection, member: Any) -> int:
    """How many of the last 100 notifications a member has not seen, of what they still may see."""
    return int(conn.execute(_UNREAD, {"member": member.id, "until": member.notified_until}).scalar_one())


_TELL = {
    "sqlite": sqlite.insert(notifications).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(notifications).on_conflict_do_nothing(),
}


def tell(conn: sa.Connection, rows: Sequence[Row]) -> None:
    """Write notifications; what somebody was told already they are not told again."""
    conn.execute(_TELL[conn.dialect.name], rows if len(rows) > 1 else rows[0])


def forget(conn: sa.Connection, comment_ids: Collection[int], kinds: Collection[Kind] = STATES) -> None:
    """What was told of these comments is so no longer, or something newer takes its place."""
    conn.execute(sa.delete(notifications).where(n.comment_id.in_(comment_ids), n.kind.in_(kinds)))


_LAST = sa.select(n.id).order_by(*_NEWEST).limit(1)


def last_notification(conn: sa.Connection, member_id: int, until: int = 2**62) -> int:
    """The id of a member's newest notification, of those up to `until`; 0: there is none."""
    return conn.execute(_LAST.where(_UP_TO[conn.dialect.name]), {"member": member_id, "until": until}).scalar() or 0


def see(conn: sa.Connection, member: Any, until: int) -> None:
    """A member has seen everything up to this notification of theirs."""
    last = last_notification(conn, member.id, until)
    if last > member.notified_until:
        conn.execute(sa.update(members).where(members.c.id == member.id).values(notified_until=last))


def read_answered(conn: sa.Connection, comment_ids: Collection[int]) -> dict[int, tuple[int, bool]]:
    """Whom these comments, which are replies, answer: comment → the author of what is above it, and whether it is the
    answer of the article's author to a question.
    """
    above = comments.alias("above")
    query = sa.select(c.id, above.c.member_id, sa.and_(c.by_author, above.c.question).label("answers"))
    query = query.join(above, above.c.id == c.parent_id).where(c.id.in_(comment_ids))
    return {row.id: (row.member_id, row.answers) for row in conn.execute(query) if row.member_id is not None}


def read_muted(conn: sa.Connection, receivers: Collection[int], writers: Collection[int]) -> set[tuple[int, int]]:
    """(who, whom) of the mutes between these members."""
    u = mutes.c
    query = sa.select(u.member_id, u.muted_id).where(u.member_id.in_(receivers), u.muted_id.in_(writers))
    return {(row.member_id, row.muted_id) for row in conn.execute(query)}


_PAGE = (
    sa.select(
        n.id, n.kind, n.created_at, c.id.label("comment_id"), c.text, c.member_id, c.status,
        members.c.name, members.c.badges, members.c.avatar, articles.c.key, articles.c.title, articles.c.url,
        IS_TOLD.label("is_told"),
    )
    .select_from(
        notifications.join(comments, c.id == n.comment_id)
        .join(articles, articles.c.id == n.article_id)
        .outerjoin(members, members.c.id == c.member_id)
    )
    .order_by(*_NEWEST)
    .limit(sa.bindparam("most", type_=sa.Integer()))
)  # fmt: skip


def read_page(conn: sa.Connection, member_id: int, before: int, limit: int) -> tuple[Sequence[Any], int | None]:
    """Notifications, newest first, each with its comment, whose author and the article, and where the next page begins;
    `limit` are looked at, those left out of which the receiver may not see the comment any more.
    """
    rows = conn.execute(
        _PAGE.where(_UP_TO[conn.dialect.name]), {"member": member_id, "until": before - 1, "most": limit + 1}
    ).all()
    more = rows[limit - 1].id if len(rows) > limit else None
    return [row for row in rows[:limit] if row.is_told], more


def prune(conn: sa.Connection, now: int, limit: int = 5000) -> int:
    """Forget the oldest notifications, some `limit` rows; how many went. They were numbered in the order of time."""
    oldest = sa.select(n.id, n.created_at).where(n.id > 0).order_by(n.id).limit(limit).subquery()
    old = sa.select(sa.func.max(oldest.c.id)).where(oldest.c.created_at < now - KEPT)
    last = conn.execute(old).scalar()
    return 0 if last is None else conn.execute(sa.delete(notifications).where(n.id <= last)).rowcount
