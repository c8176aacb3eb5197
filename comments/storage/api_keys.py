"""Rows of the keys of the publishers' API, each with the account by which what it does is written down."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from comments.core.api_keys import Scope
from comments.core.identity import Role, Viewer
from comments.storage.sites import KEYS_ACCOUNT
from comments.storage.tables import api_keys, users

k = api_keys.c
USED_EVERY = 60 * 1_000_000  # µs: `used_at` is written once a minute at most
_BY_DIGEST = sa.select(api_keys).where(k.digest == sa.bindparam("digest", type_=sa.Text()))


def find_by_digest(conn: sa.Connection, digest: str) -> Any:
    """The key with this digest, also one that is revoked or over; None where there is none."""
    return conn.execute(_BY_DIGEST, {"digest": digest}).first()


def viewer_of_key(row: Any) -> Viewer:
    """What a key is to the policy."""
    scopes = frozenset(msgspec.json.decode(row.scopes, type=list[Scope]))
    return Viewer(role=Role.KEY, id=row.user_id, sites=frozenset({row.site_id}), scopes=scopes, name=row.name)


def read_api_keys(conn: sa.Connection, site_id: int, before_id: int | None, limit: int) -> Sequence[Any]:
    """A site's keys, the revoked among them, newest first, with who made each (`by`)."""
    query = sa.select(api_keys, users.c.name.label("by")).outerjoin(users, users.c.id == k.made_by)
    query = query.where(k.site_id == site_id)
    if before_id is not None:
        query = query.where(k.id < before_id)
    return conn.execute(query.order_by(k.id.desc()).limit(limit)).all()


def living_keys(conn: sa.Connection, site_id: int, now: int) -> Sequence[Any]:
    """A site's keys that count."""
    counts = sa.and_(k.revoked_at.is_(None), sa.or_(k.expires_at.is_(None), k.expires_at > now))
    return conn.execute(sa.select(api_keys).where(k.site_id == site_id, counts)).all()


def insert_api_key(conn: sa.Connection, called: str, **columns: Any) -> Any:
    """A key with its account, which is called so; its row."""
    account = {
        "email": KEYS_ACCOUNT + columns["digest"][:32],
        "name": called,
        "password_hash": "",
        "role": Role.STAFF,  # what the version before knows; the key's scopes say what it may
        "sites": msgspec.json.encode([columns["site_id"]]).decode(),
        "created_at": columns["created_at"],
    }
    user_id = conn.execute(sa.insert(users).values(account).returning(users.c.id)).scalar_one()
    return conn.execute(sa.insert(api_keys).values(columns | {"user_id": user_id}).returning(api_keys)).one()


def lock_api_key(conn: sa.Connection, site_id: int, key_id: int) -> Any:
    """A key of this site, locked until the end; None where there is none."""
    return conn.execute(sa.select(api_keys).where(k.id == key_id, k.site_id == site_id).with_for_update()).first()


def revoke_api_key(conn: sa.Connection, row: Any, now: int) -> None:
    conn.execute(sa.update(api_keys).where(k.id == row.id).values(revoked_at=now))
    conn.execute(sa.update(users).where(users.c.id == row.user_id).values(disabled_at=now))


def use_api_key(conn: sa.Connection, key_id: int, now: int) -> None:
    """It was used just now. Written again only after a minute, whoever else wrote it meanwhile."""
    used = sa.update(api_keys).where(k.id == key_id, sa.or_(k.used_at.is_(None), k.used_at <= now - USED_EVERY))
    conn.execute(used.values(used_at=now))
