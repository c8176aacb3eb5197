"""Sites, their keys and settings, and the users of the console."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec
import sqlalchemy as sa

from comments.core.identity import Role, Viewer
from comments.core.site import SiteSettings, is_site_key, read_stored
from comments.storage.queues import QUEUES, some
from comments.storage.tables import Id, articles, audit, comments, members, site_keys, sites, users

KEYS_SHOWN = 100  # of a site, the revoked among them


@dataclass(frozen=True, slots=True)
class Site:
    """One site with its settings decoded."""

    id: int
    key: str
    name: str
    issuer: str
    origins: tuple[str, ...]
    products: tuple[str, ...]
    settings: SiteSettings
    version: int
    rules_id: int | None
    created_at: int


COLUMNS = (
    "id",
    "key",
    "name",
    "issuer",
    "origins",
    "products",
    "settings",
    "version",
    "rules_id",
    "created_at",
)  # what a Site is made of


@lru_cache(maxsize=1000)
def _decoded(settings: str, origins: str, products: str) -> tuple[SiteSettings, tuple[str, ...], tuple[str, ...]]:
    return (
        read_stored(settings),
        tuple(msgspec.json.decode(origins)),
        tuple(msgspec.json.decode(products)),
    )


def _site(row: Any) -> Site:
    settings, origins, products = _decoded(row.settings, row.origins, row.products)
    return Site(
        row.id, row.key, row.name, row.issuer, origins, products, settings, row.version, row.rules_id, row.created_at
    )  # fmt: skip


def site_beside(row: Any) -> Site:
    """The site of a row that was read together with it, its columns named `of_site_…`."""
    settings, origins, products = _decoded(row.of_site_settings, row.of_site_origins, row.of_site_products)
    return Site(
        row.of_site_id, row.of_site_key, row.of_site_name, row.of_site_issuer,
        origins, products, settings, row.of_site_version, row.of_site_rules_id, row.of_site_created_at,
    )  # fmt: skip


BESIDE = tuple(sites.c[name].label(f"of_site_{name}") for name in COLUMNS)
_SITE = sa.select(sites).where(sites.c.id == sa.bindparam("site", type_=Id))
_SITE_BY_KEY = sa.select(sites).where(sites.c.key == sa.bindparam("key", type_=sa.Text()))


def find_site(conn: sa.Connection, key: str) -> Site | None:
    row = conn.execute(_SITE_BY_KEY, {"key": key}).first() if is_site_key(key) else None
    return None if row is None else _site(row)


def site_by_id(conn: sa.Connection, site_id: int) -> Site:
    return _site(conn.execute(_SITE, {"site": site_id}).one())


def lock_site(conn: sa.Connection, site_id: int) -> None:
    """Before members' locks: one at a time writes an import into a site, or takes a name there; posts go on."""
    conn.execute(sa.select(sites.c.id).where(sites.c.id == site_id).with_for_update(key_share=True))


def read_sites(conn: sa.Connection, only: frozenset[int] | None = None) -> list[Site]:
    """All sites, or those with these ids, by key."""
    query = sa.select(sites).order_by(sites.c.key)
    if only is not None:
        query = query.where(sites.c.id.in_(only))
    return [_site(row) for row in conn.execute(query)]


def read_origins(conn: sa.Connection) -> frozenset[str]:
    """The origins of all sites: who may open a socket at all."""
    return frozenset(
        origin for text in conn.execute(sa.select(sites.c.origins)).scalars() for origin in msgspec.json.decode(text)
    )


def read_keys(conn: sa.Connection, site_id: int) -> Sequence[Any]:
    """The site's keys that are not revoked, newest first: kid, kind, value."""
    query = sa.select(site_keys.c.id, site_keys.c.kid, site_keys.c.kind, site_keys.c.value)
    return conn.execute(
        query.where(site_keys.c.site_id == site_id, site_keys.c.revoked_at.is_(None)).order_by(site_keys.c.id.desc())
    ).all()


KEYS_ACCOUNT = "api-key:"  # what addresses of keys' accounts begin with, by which nobody can sign in
OF_PEOPLE = users.c.email.not_like(KEYS_ACCOUNT + "%")


def find_user(conn: sa.Connection, *, user_id: int | None = None, email: str | None = None) -> Any:
    """A person's account of the console that is not disabled, by id or by e-mail address, or None."""
    query = sa.select(users).where(users.c.disabled_at.is_(None), OF_PEOPLE)
    query = query.where(users.c.id == user_id) if email is None else query.where(users.c.email == email.lower())
    return conn.execute(query).first()


def read_users(conn: sa.Connection) -> Sequence[Any]:
    """All console accounts of people, by e-mail address."""
    return conn.execute(sa.select(users).where(OF_PEOPLE).order_by(users.c.email)).all()


def staff_names(conn: sa.Connection, site_id: int) -> list[str]:
    """What those who work in the console of this site are called there."""
    query = sa.select(users.c.name, users.c.sites).where(users.c.disabled_at.is_(None), OF_PEOPLE)
    rows = conn.execute(query).all()
    return [row.name for row in rows if row.sites is None or site_id in msgspec.json.decode(row.sites, type=list[int])]


def viewer_of_user(user: Any) -> Viewer:
    """What a console account is to the policy."""
    own = None if user.sites is None else frozenset(msgspec.json.decode(user.sites, type=list[int]))
    sections = None if user.sections is None else frozenset(msgspec.json.decode(user.sections, type=list[str]))
    return Viewer(role=Role(user.role), id=user.id, sites=own, sections=sections, name=user.name)


def read_articles(
    conn: sa.Connection, site_id: int, sections: frozenset[str] | None, search: str, before_id: int | None, limit: int
) -> Sequence[Any]:
    """A site's articles of these sections (None: all), newest first, with how many comments wait (up to COUNT_LIMIT);
    `search` in key and title.
    """
    waiting = some(comments.c.article_id == articles.c.id, QUEUES["waiting"], of=articles)
    query = sa.select(articles, waiting.label("waiting")).where(articles.c.site_id == site_id)
    if sections is not None:
        query = query.where(articles.c.section.in_(sorted(sections)))
    if search:
        pattern = "%" + search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        query = query.where(
            sa.or_(articles.c.key.ilike(pattern, escape="\\"), articles.c.title.ilike(pattern, escape="\\"))
        )
    if before_id is not None:
        query = query.where(articles.c.id < before_id)
    return conn.execute(query.order_by(articles.c.id.desc()).limit(limit)).all()


def read_audit(conn: sa.Connection, site_id: int, before_id: int | None, limit: int) -> Sequence[Any]:
    """The site's log, newest first, with who did it and a label of what it was done to."""
    query = (
        sa.select(
            audit,
            users.c.name.label("by"),
            members.c.name.label("member_name"),
            articles.c.title.label("article_title"),
            articles.c.key.label("article_key"),
        )
        .outerjoin(users, users.c.id == audit.c.user_id)
        .outerjoin(members, sa.and_(audit.c.subject_type == "member", members.c.id == audit.c.subject_id))
        .outerjoin(articles, sa.and_(audit.c.subject_type == "article", articles.c.id == audit.c.subject_id))
        .where(audit.c.site_id == site_id)
    )
    if before_id is not None:
        query = query.where(audit.c.id < before_id)
    return conn.execute(query.order_by(audit.c.id.desc()).limit(limit)).all()


def insert_site(conn: sa.Connection, **columns: Any) -> int:
    return int(conn.execute(sa.insert(sites).values(**columns).returning(sites.c.id)).scalar_one())


def read_all_keys(conn: sa.Connection, site_id: int) -> Sequence[Any]:
    """The site's keys with the last that were revoked, KEYS_SHOWN at most, oldest first, without what they are."""
    k = site_keys.c
    shown = sa.case((k.kind == "jwks", k.value)).label("url")
    query = sa.select(k.id, k.kid, k.kind, shown, k.created_at, k.revoked_at)
    those_that_count_first = query.where(k.site_id == site_id).order_by(k.revoked_at.is_not(None), k.id.desc())
    return sorted(conn.execute(those_that_count_first.limit(KEYS_SHOWN)), key=lambda row: row.id)


def insert_key(conn: sa.Connection, site_id: int, kind: str, value: str, now: int, kid: str | None = None) -> int:
    row = {"site_id": site_id, "kid": kid, "kind": kind, "value": value, "created_at": now}
    return int(conn.execute(sa.insert(site_keys).values(row).returning(site_keys.c.id)).scalar_one())


def revoke_key(conn: sa.Connection, key_id: int, now: int) -> None:
    conn.execute(sa.update(site_keys).where(site_keys.c.id == key_id).values(revoked_at=now))


def raise_version(conn: sa.Connection, site_id: int) -> None:
    conn.execute(sa.update(sites).where(sites.c.id == site_id).values(version=sites.c.version + 1))


def update_site(conn: sa.Connection, site_id: int, **columns: Any) -> None:
    """Another name, origins or products, as columns; raises the site's version."""
    conn.execute(sa.update(sites).where(sites.c.id == site_id).values(**columns, version=sites.c.version + 1))


def update_settings(conn: sa.Connection, site_id: int, settings: str) -> None:
    """New settings raise the site's version."""
    conn.execute(sa.update(sites).where(sites.c.id == site_id).values(settings=settings, version=sites.c.version + 1))


def insert_user(conn: sa.Connection, **columns: Any) -> int:
    return int(conn.execute(sa.insert(users).values(**columns).returning(users.c.id)).scalar_one())


def update_user(conn: sa.Connection, user_id: int, **change: Any) -> None:
    conn.execute(sa.update(users).where(users.c.id == user_id).values(**change))
