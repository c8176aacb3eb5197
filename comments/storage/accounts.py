"""Accounts of the console while they are at work: their sessions, one a browser, and their second factor."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from comments.core.entitlement import SECOND
from comments.storage.tables import Id, Micros, console_sessions, users

s = console_sessions.c
u = users.c
IDLE = 60 * 60 * SECOND  # µs without a request of a person: docs/decisions/0016
LONGEST = 12 * 3600 * SECOND  # µs since signing in
SEEN_EVERY = 60 * SECOND  # µs: `seen_at` is written once a minute at most
LISTED = 50  # sessions of an account that are shown
CHUNK = 500

_OPEN = sa.and_(
    s.seen_at > sa.bindparam("idle_since", type_=Micros),
    s.created_at > sa.bindparam("oldest", type_=Micros),
)
_SESSION = (
    sa.select(
        users, s.id.label("session_id"), s.created_at.label("signed_in_at"), s.seen_at.label("seen_at"),
        s.proved_at.label("proved_at"),
    )
    .join(console_sessions, s.user_id == u.id)
    .where(s.digest == sa.bindparam("digest", type_=sa.Text()), u.disabled_at.is_(None), _OPEN)
)  # fmt: skip
_LIVING = (
    sa.select(s.id)
    .join(users, s.user_id == u.id)
    .where(s.id.in_(sa.bindparam("ids", type_=Id, expanding=True)), u.disabled_at.is_(None), _OPEN)
)


def _limits(now: int) -> dict[str, int]:
    return {"idle_since": now - IDLE, "oldest": now - LONGEST}


def find_session(conn: sa.Connection, digest: str, now: int) -> Any:
    """The account whose session has this digest, with the session's id and times; None where it is over."""
    return conn.execute(_SESSION, {"digest": digest, **_limits(now)}).first()


def living_sessions(conn: sa.Connection, ids: Iterable[int], now: int) -> frozenset[int]:
    """Those of these sessions that are not over."""
    return frozenset(conn.execute(_LIVING, {"ids": list(ids), **_limits(now)}).scalars())


def read_sessions(conn: sa.Connection, user_id: int, now: int) -> Sequence[Any]:
    """An account's open sessions, the last seen first."""
    query = sa.select(s.id, s.agent, s.created_at, s.seen_at).where(s.user_id == user_id, _OPEN)
    return conn.execute(query.order_by(s.seen_at.desc(), s.id.desc()).limit(LISTED), _limits(now)).all()


def insert_session(conn: sa.Connection, user_id: int, digest: str, agent: str, now: int) -> None:
    row = {"user_id": user_id, "digest": digest, "agent": agent}
    times = dict.fromkeys(("created_at", "seen_at", "proved_at"), now)
    conn.execute(sa.insert(console_sessions).values(row | times))


def update_session(conn: sa.Connection, session_id: int, **change: Any) -> None:
    conn.execute(sa.update(console_sessions).where(s.id == session_id).values(**change))


def see_session(conn: sa.Connection, session_id: int, now: int) -> None:
    """Somebody is there. Written again only after a minute, whoever else wrote it meanwhile."""
    seen = sa.update(console_sessions).where(s.id == session_id, s.seen_at <= now - SEEN_EVERY)
    conn.execute(seen.values(seen_at=now))


def delete_sessions(conn: sa.Connection, user_id: int, *, only: int | None = None, but: int | None = None) -> int:
    """End an account's sessions, or `only` one, or all `but` one; how many they were."""
    query = sa.delete(console_sessions).where(s.user_id == user_id)
    if only is not None:
        query = query.where(s.id == only)
    if but is not None:
        query = query.where(s.id != but)
    return conn.execute(query).rowcount


def prune(conn: sa.Connection, now: int) -> int:
    """Forget sessions that are over; returns how many, at most a chunk."""
    over = sa.select(s.id).where(sa.or_(s.seen_at <= now - IDLE, s.created_at <= now - LONGEST)).limit(CHUNK)
    return conn.execute(sa.delete(console_sessions).where(s.id.in_(over))).rowcount


def lock_user(conn: sa.Connection, user_id: int) -> Any:
    """The account's row, locked until the end; None where it is disabled."""
    query = sa.select(users).where(u.id == user_id, u.disabled_at.is_(None))
    return conn.execute(query.with_for_update(key_share=True)).first()


def recovery_digests(user: Any) -> list[str]:
    """Digests of the recovery codes that are not used yet."""
    found: list[str] = msgspec.json.decode(user.recovery_codes, type=list[str])
    return found
