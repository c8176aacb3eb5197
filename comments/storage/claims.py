"""Claims: which moderator has which comment before them. A claim ends by itself; the database alone says who was first.

Whoever claims writes one statement that leaves alone what somebody else holds, so that it holds across workers and
machines. Comments are claimed in the order of their ids: two who claim many at once never wait for each other in turn.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from comments.storage.queues import NO_FILTERS, Asker, Filters, find_in_queue, holder, none
from comments.storage.tables import Id, Micros, claims, comments, users

TRIES = 3  # others who claim at the same moment may leave us with nothing although more waits
SPARE = 20  # comments that others may be claiming at the same moment
PRUNED = 1000  # rows in one statement

c = comments.c


def claim(conn: sa.Connection, user_id: int, site_id: int, ids: Sequence[int], now: int, until: int) -> list[int]:
    """Claim these comments of the site, as far as nobody else holds them; the ids of those that are now this
    moderator's. What they held already is renewed.
    """
    chosen = sa.select(c.id).where(c.id.in_(ids), c.site_id == site_id).subquery()
    return _claim(conn, chosen, user_id, site_id, now, until)


def claim_next(
    conn: sa.Connection, asker: Asker, site_id: int, queue: str, limit: int, until: int, *, order: str = "oldest",
    filters: Filters = NO_FILTERS,
) -> list[int]:  # fmt: skip
    """Claim the first `limit` comments of a queue in this order that nobody holds, not even this moderator; their ids
    in that order.
    """
    for _ in range(TRIES):
        found = find_in_queue(conn, site_id, queue, asker, limit + SPARE, order=order, filters=filters, unclaimed=True)
        free = (
            sa.select(c.id)
            .where(c.id.in_(found.ids), none(holder(asker.now)))
            .order_by(sa.case({key: at for at, key in enumerate(found.ids)}, value=c.id))
            .limit(limit)
            .with_for_update(of=comments, skip_locked=True, key_share=True)
            .subquery()
        )
        if not found.ids:
            return []
        claimed = set(_claim(conn, free, asker.user_id, site_id, asker.now, until))
        if claimed:
            return [key for key in found.ids if key in claimed]
    return []


def _claim(conn: sa.Connection, chosen: sa.Subquery, user_id: int, site_id: int, now: int, until: int) -> list[int]:
    row = sa.select(chosen.c.id, sa.literal(site_id, Id), sa.literal(user_id, Id), sa.literal(until, Micros))
    row = row.where(chosen.c.id.is_not(None)).order_by(chosen.c.id)  # SQLite takes ON CONFLICT only after a WHERE
    insert = (postgresql if conn.dialect.name == "postgresql" else sqlite).insert(claims)
    insert = insert.from_select(["comment_id", "site_id", "user_id", "until"], row)
    new = insert.excluded
    take = insert.on_conflict_do_update(
        index_elements=["comment_id"],
        set_={"user_id": new.user_id, "until": new.until},
        where=sa.or_(claims.c.until <= now, claims.c.user_id == new.user_id),
    )
    return sorted(conn.execute(take.returning(claims.c.comment_id)).scalars())


def read_claims(
    conn: sa.Connection, site_id: int, ids: Sequence[int], now: int, *, lock: bool = False
) -> dict[int, Any]:
    """Who holds these comments of the site now, by comment id: user_id, name, until (µs UTC)."""
    asked = {"ids": ids, "site": site_id, "now": now}
    return {row.comment_id: row for row in conn.execute(_HELD_LOCKED if lock else _HELD, asked)}


_HELD = (  # built once, as building costs more than running
    sa.select(claims.c.comment_id, claims.c.user_id, claims.c.until, users.c.name)
    .join(users, users.c.id == claims.c.user_id)
    .where(
        claims.c.comment_id.in_(sa.bindparam("ids", type_=Id, expanding=True)),
        claims.c.site_id == sa.bindparam("site", type_=Id),
        claims.c.until > sa.bindparam("now", type_=Micros),
    )
    .order_by(claims.c.comment_id)
)
_HELD_LOCKED = _HELD.with_for_update(of=claims)


def release(conn: sa.Connection, ids: Sequence[int], user_id: int | None = None) -> list[int]:
    """End the claims on these comments, or only this moderator's; the ids of those that there were."""
    gone = sa.delete(claims).where(claims.c.comment_id.in_(ids))
    if user_id is not None:
        gone = gone.where(claims.c.user_id == user_id)
    return sorted(conn.execute(gone.returning(claims.c.comment_id)).scalars())


def release_all(conn: sa.Connection, user_id: int) -> dict[int, list[int]]:
    """End all claims of a moderator: the comments by site. They are few, and the whole table is what is claimed now."""
    gone = sa.delete(claims).where(claims.c.user_id == user_id).returning(claims.c.site_id, claims.c.comment_id)
    ended: dict[int, list[int]] = {}
    for site_id, comment_id in conn.execute(gone):
        ended.setdefault(site_id, []).append(comment_id)
    return ended


def prune(conn: sa.Connection, now: int) -> int:
    """Forget claims that have ended, some at a time, and none that somebody is taking up again; how many went."""
    ended = sa.select(claims.c.comment_id).where(claims.c.until <= now).limit(PRUNED)
    ids = list(conn.execute(ended.with_for_update(skip_locked=True)).scalars())
    return conn.execute(sa.delete(claims).where(claims.c.comment_id.in_(ids))).rowcount if ids else 0
