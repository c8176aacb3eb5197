"""Members: people known to us by site and the publisher's `sub`."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from comments.core.entitlement import PAYING, Entitlement, State
from comments.core.identity import Role, Viewer
from comments.core.status import Status
from comments.storage.sites import BESIDE, Site, site_beside
from comments.storage.tables import Id, comments, members, sites
from comments.storage.threads import THERE

_MEMBER = sa.select(members).where(members.c.id == sa.bindparam("member", type_=Id))
_MEMBER_LOCKED = _MEMBER.with_for_update(key_share=True)
_WITH_SITE = (
    sa.select(members, *BESIDE)
    .join(sites, sites.c.id == members.c.site_id)
    .where(members.c.id == sa.bindparam("member", type_=Id))
)
_WITH_SITE_LOCKED = _WITH_SITE.with_for_update(of=members, key_share=True)

_STANDING = sa.select(
    members.c.id,
    members.c.epoch,
    members.c.state,
    members.c.state_until,
    members.c.banned_at,
    members.c.suspended_until,
    members.c.unseen_warnings,
    members.c.premoderated,
).where(members.c.id.in_(sa.bindparam("ids", type_=Id, expanding=True)))

_WRITTEN = (
    sa.select(comments.c.article_id, comments.c.status, comments.c.created_at, comments.c.id)
    .where(
        comments.c.member_id == sa.bindparam("member", type_=Id),
        sa.tuple_(comments.c.created_at, comments.c.id) > THERE,
    )
    .order_by(comments.c.created_at, comments.c.id)
    .limit(200)
)


def find_member(conn: sa.Connection, site_id: int, sub: str, *, lock: bool = False) -> Any:
    """The member's row, or None."""
    query = sa.select(members).where(members.c.site_id == site_id, members.c.sub == sub)
    return conn.execute(query.with_for_update(key_share=True) if lock else query).first()


def read_members(conn: sa.Connection, site_id: int, sub: str | None, after: str | None, limit: int) -> Sequence[Any]:
    """A site's members by the publisher's ids, in their order; with `sub` the one who is called so."""
    query = sa.select(members).where(members.c.site_id == site_id)
    if sub is not None:
        query = query.where(members.c.sub == sub)
    if after is not None:
        query = query.where(members.c.sub > after)
    return conn.execute(query.order_by(members.c.sub).limit(limit)).all()


def member_by_id(conn: sa.Connection, member_id: int, *, lock: bool = False) -> Any:
    """The member's row, or None. `lock` serialises what one member writes, so that pace and repeat cannot be raced."""
    return conn.execute(_MEMBER_LOCKED if lock else _MEMBER, {"member": member_id}).first()


def member_and_site(conn: sa.Connection, member_id: int, *, lock: bool = False) -> tuple[Any, Site] | None:
    """The row of a member and the site that they belong to, in one read; None if there is no such member. `lock`: the
    member's row.
    """
    row = conn.execute(_WITH_SITE_LOCKED if lock else _WITH_SITE, {"member": member_id}).first()
    return None if row is None else (row, site_beside(row))


def read_standings(conn: sa.Connection, ids: Sequence[int]) -> Sequence[Any]:
    """What these members' rights depend on: id, epoch, restrictions, entitlement; in one read."""
    return conn.execute(_STANDING, {"ids": ids}).all()


def name_is_taken(conn: sa.Connection, site_id: int, name_key: str, but: int) -> bool:
    query = sa.select(members.c.id).where(
        members.c.site_id == site_id, members.c.name_key == name_key, members.c.id != but
    )
    return conn.execute(query.limit(1)).first() is not None


def viewer_of_member(member: Any, now: int) -> Viewer:
    """What a member is to the policy at `now` (µs UTC)."""
    entitlement = Entitlement(State(member.state), member.state_until).at(now)
    return Viewer(
        role=Role.MEMBER,
        id=member.id,
        site_id=member.site_id,
        name=member.name,
        state=entitlement.state,
        state_until=entitlement.until if entitlement.state in PAYING else None,
        banned=member.banned_at is not None,
        suspended_until=member.suspended_until,
        unseen_warnings=member.unseen_warnings,
    )


def subs_of(conn: sa.Connection, ids: Sequence[int]) -> dict[int, str]:
    """What the publisher calls these members, by id."""
    query = sa.select(members.c.id, members.c.sub).where(members.c.id.in_(ids))
    return {row.id: row.sub for row in conn.execute(query)} if ids else {}


def articles_of_member(conn: sa.Connection, member_id: int) -> list[int]:
    """Articles that show a comment of the member, by id. Read in pages: somebody may have written thousands."""
    found: set[int] = set()
    here = (0, 0)
    while rows := conn.execute(_WRITTEN, {"member": member_id, "value": here[0], "id": here[1]}).all():
        found.update(row.article_id for row in rows if row.status == Status.PUBLISHED)
        here = (rows[-1].created_at, rows[-1].id)
    return sorted(found)


def end_tokens(conn: sa.Connection, site_id: int, after: int, most: int) -> Sequence[int]:
    """Raise the epochs of the site's next members after this id, in the order of their ids; which."""
    next_ones = sa.select(members.c.id).where(members.c.site_id == site_id, members.c.id > after)
    ids = conn.execute(next_ones.order_by(members.c.id).limit(most).with_for_update(key_share=True)).scalars().all()
    if ids:
        change = sa.update(members).where(members.c.id.in_(ids)).values(epoch=members.c.epoch + 1)
        conn.execute(change)
    return ids
