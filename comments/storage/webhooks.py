"""Rows of webhooks and of their log. Every list is by keyset, newest first."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from comments.storage.tables import webhook_attempts, webhook_deliveries, webhook_messages, webhooks

w, m, d, a = webhooks.c, webhook_messages.c, webhook_deliveries.c, webhook_attempts.c

_LOG = sa.select(webhook_deliveries, m.uid).join(webhook_messages, m.id == d.message_id)


def read_webhooks(conn: sa.Connection, site_id: int) -> Sequence[Any]:
    """A site's webhooks, oldest first, with their sealed secrets."""
    return conn.execute(sa.select(webhooks).where(w.site_id == site_id, w.deleted_at.is_(None)).order_by(w.id)).all()


def find_webhook(conn: sa.Connection, site_id: int, webhook_id: int, *, lock: bool = False) -> Any:
    query = sa.select(webhooks).where(w.id == webhook_id, w.site_id == site_id, w.deleted_at.is_(None))
    return conn.execute(query.with_for_update() if lock else query).first()


def insert_webhook(conn: sa.Connection, **columns: Any) -> int:
    return int(conn.execute(sa.insert(webhooks).values(**columns).returning(w.id)).scalar_one())


def update_webhook(conn: sa.Connection, webhook_id: int, **change: Any) -> None:
    conn.execute(sa.update(webhooks).where(w.id == webhook_id).values(**change))


def read_deliveries(
    conn: sa.Connection,
    webhook_id: int,
    *,
    state: str | None = None,
    type_: str | None = None,
    before_id: int | None = None,
    limit: int,
) -> Sequence[Any]:
    """A webhook's deliveries with the ids of their messages, newest first, from `before_id` on."""
    query = _LOG.where(d.webhook_id == webhook_id)
    if state is not None:
        query = query.where(d.state == state)
    if type_ is not None:
        query = query.where(d.type == type_)
    if before_id is not None:
        query = query.where(d.id < before_id)
    return conn.execute(query.order_by(d.id.desc()).limit(limit)).all()


def find_delivery(conn: sa.Connection, webhook_id: int, delivery_id: int) -> Any:
    """One delivery with its message's uid and payload, or None."""
    query = _LOG.add_columns(m.payload).where(d.id == delivery_id, d.webhook_id == webhook_id)
    return conn.execute(query).first()


def read_attempts(conn: sa.Connection, delivery_id: int) -> Sequence[Any]:
    """What came of each attempt, newest first: the last hundred."""
    query = sa.select(webhook_attempts).where(a.delivery_id == delivery_id)
    return conn.execute(query.order_by(a.id.desc()).limit(100)).all()


def begin_anew(conn: sa.Connection, webhook_id: int, ids: Sequence[int], now: int) -> int:
    """Deliver these of a webhook once more, from now on; how many it were. What does not exist any more is left out."""
    there = sa.exists().where(m.id == d.message_id, m.payload.is_not(None))
    change = {"state": "waiting", "attempts": 0, "next_at": now, "started_at": now, "ended_at": None, "error": None}
    ended = sa.or_(d.state.in_(("delivered", "failed")), sa.and_(d.state == "waiting", d.attempts > 0))
    query = sa.update(webhook_deliveries).where(d.webhook_id == webhook_id, d.id.in_(ids), ended, there).values(change)
    return conn.execute(query).rowcount


def failed_since(conn: sa.Connection, webhook_id: int, since: int, after_id: int, limit: int) -> list[int]:
    """Failed deliveries of messages that were written since then (µs UTC), oldest first."""
    query = sa.select(d.id).where(
        d.webhook_id == webhook_id, d.state == "failed", d.id > after_id, d.created_at >= since
    )
    return list(conn.execute(query.order_by(d.id).limit(limit)).scalars())
