"""Deliveries in a worker's hands: which are due, taking some, what came of them, and forgetting the old.

Whoever takes a delivery moves its next attempt a lease ahead; the new time is what they hold it by. A worker that dies
leaves it due again when the lease ends: it is delivered once more, under the same id, and never lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from comments.core.webhooks import OVER_AFTER, SECOND
from comments.storage.tables import Micros, webhook_attempts, webhook_deliveries, webhook_messages, webhooks

LEASE = 60 * SECOND  # several times what an attempt may take
KEPT = 14 * 86_400 * SECOND  # the log
FIRST_TRIES = 2  # so often an earlier message of the same comment is waited for
MOST = 200  # webhooks that are looked at for one look

w, m, d, a = webhooks.c, webhook_messages.c, webhook_deliveries.c, webhook_attempts.c
_WAITING = sa.text("webhook_deliveries.state = 'waiting'")  # as the partial indexes say it
_NOW = sa.bindparam("now", type_=Micros)
_IS_DUE = sa.exists().where(d.webhook_id == w.id, _WAITING, d.next_at <= _NOW).correlate(webhooks)
_DUE = sa.select(w.id).where(w.enabled, w.resting_until <= _NOW, _IS_DUE).limit(MOST)
_TESTS = (
    sa.select(d.id, d.webhook_id)
    .where(_WAITING, sa.text("webhook_deliveries.type = 'webhook.test'"), d.next_at <= _NOW)
    .order_by(d.next_at)
    .limit(10)
)


@dataclass(frozen=True, slots=True)
class Taken:
    """A delivery that this worker holds until its lease (µs UTC) ends, with what is to be sent where."""

    id: int
    webhook_id: int
    lease: int
    attempts: int
    uid: str
    type: str
    payload: str | None
    site_id: int
    url: str
    secrets: str


def due_tests(conn: sa.Connection, now: int) -> list[tuple[int, int]]:
    """(delivery, webhook) of messages that somebody tries a webhook with: they wait for nothing else."""
    return [(row.id, row.webhook_id) for row in conn.execute(_TESTS, {"now": now})]


def due_webhooks(conn: sa.Connection, now: int) -> list[int]:
    """Webhooks that something waits for. Looking takes no lock from those who write."""
    return list(conn.execute(_DUE, {"now": now}).scalars())


def take(conn: sa.Connection, now: int, webhook_id: int, limit: int) -> list[Taken]:
    """Up to `limit` due deliveries of a webhook, oldest first; nobody else gets them until the lease ends. What is
    about one comment goes in order, as long as the earlier message is not in trouble of its own.
    """
    earlier = webhook_deliveries.alias("earlier")
    e = earlier.c
    waits = sa.exists().where(
        e.comment_id == d.comment_id, e.webhook_id == d.webhook_id, e.id < d.id,
        sa.text("earlier.state = 'waiting'"), e.attempts < FIRST_TRIES,
    )  # fmt: skip
    due = sa.select(d.id).where(d.webhook_id == webhook_id, _WAITING, d.next_at <= now, ~waits)
    due = due.order_by(d.next_at, d.id).limit(limit).with_for_update(skip_locked=True, of=webhook_deliveries)
    return take_these(conn, now, list(conn.execute(due).scalars()))


def take_these(conn: sa.Connection, now: int, ids: Sequence[int]) -> list[Taken]:
    """These deliveries, as far as they wait and are due."""
    if not ids:
        return []
    held = sa.update(webhook_deliveries).where(d.id.in_(ids), _WAITING, d.next_at <= now).values(next_at=now + LEASE)
    mine = list(conn.execute(held.returning(d.id)).scalars())
    joined = webhook_deliveries.join(webhook_messages, m.id == d.message_id).join(webhooks, w.id == d.webhook_id)
    query = sa.select(
        d.id, d.webhook_id, d.next_at.label("lease"), d.attempts, m.uid, d.type, m.payload, w.site_id, w.url, w.secrets
    ).select_from(joined)
    return [Taken(**row._mapping) for row in conn.execute(query.where(d.id.in_(mine)).order_by(d.id))]


def _held(one: Taken) -> sa.ColumnElement[bool]:
    return sa.and_(d.id == one.id, _WAITING, d.next_at == one.lease)


def settle(conn: sa.Connection, one: Taken, **change: Any) -> bool:
    """What became of it; whether it was still this worker's to say."""
    return conn.execute(sa.update(webhook_deliveries).where(_held(one)).values(change)).rowcount == 1


def log_attempt(conn: sa.Connection, one: Taken, excerpt: str | None = None, **columns: Any) -> None:
    """`excerpt`: of the answer. It may repeat what was sent: not if somebody in that was erased meanwhile."""
    if excerpt is not None:
        sent = sa.select(m.id).where(m.uid == one.uid, m.payload == one.payload)
        excerpt = excerpt if conn.execute(sent).first() else None
    conn.execute(sa.insert(webhook_attempts).values(delivery_id=one.id, excerpt=excerpt, **columns))


def is_well(conn: sa.Connection, webhook_id: int, now: int) -> None:
    """The receiver took a message."""
    well = {"failing_since": None, "resting_until": 0, "delivered_at": now}
    conn.execute(sa.update(webhooks).where(w.id == webhook_id).values(well))


def is_failing(conn: sa.Connection, webhook_id: int, now: int, rest: int) -> Any:
    """It did not, and perhaps wants to be left alone for `rest` µs; the row as it is now."""
    resting = {"resting_until": now + rest} if rest else {}
    change = {"failing_since": sa.func.coalesce(w.failing_since, now)} | resting
    return conn.execute(sa.update(webhooks).where(w.id == webhook_id).values(change).returning(*webhooks.c)).one()


def give_up(conn: sa.Connection, now: int, limit: int = 500) -> int:
    """What waits for so long has failed, however often it was tried; how many."""
    old = list(conn.execute(sa.select(d.id).where(_WAITING, d.started_at < now - OVER_AFTER).limit(limit)).scalars())
    error = "It could not be delivered within a day."
    change = {"state": "failed", "ended_at": now, "error": sa.func.coalesce(d.error, error)}
    return conn.execute(sa.update(webhook_deliveries).where(d.id.in_(old)).values(change)).rowcount


def prune(conn: sa.Connection, now: int, limit: int = 100) -> int:
    """Forget messages that are older than the log is kept, with their deliveries; how many messages went."""
    ids = list(
        conn.execute(sa.select(m.id).where(m.created_at < now - KEPT).order_by(m.created_at).limit(limit)).scalars()
    )
    if not ids:
        return _prune_deleted(conn)
    of_them = list(conn.execute(sa.select(d.id).where(d.message_id.in_(ids))).scalars())
    conn.execute(sa.delete(webhook_attempts).where(a.delivery_id.in_(of_them)))
    conn.execute(sa.delete(webhook_deliveries).where(d.id.in_(of_them)))
    return conn.execute(sa.delete(webhook_messages).where(m.id.in_(ids))).rowcount


def _prune_deleted(conn: sa.Connection) -> int:
    """Removed webhooks without a log go at last."""
    empty = ~sa.exists().where(d.webhook_id == w.id)
    conn.execute(sa.delete(webhooks).where(w.deleted_at.is_not(None), empty))
    return 0
