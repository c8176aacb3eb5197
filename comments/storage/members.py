"""Members: people known to us by site and the publisher's `sub`."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from comments.core.entitlement import Entitlement, State
from comments.core.identity import Role, Viewer
from comments.core.status import Status
from comments.storage.sites import BESIDE, Site, site_beside
from comments.storage.tables import Id, comments, members, sites
from comments.storage.threads import THERE

_MEMBER = sa.select(members).where(members.c.id == sa.bindparam("member", type_=Id))
_MEMBER_LOCKED = _MEMBER.with_for_update(key_share=True)
_WRITER = (
    sa.select(members, *BESIDE)
    .join(sites, sites.c.id == members.c.site_id)
    .where(members.c.id == sa.bindparam("member", type_=Id))
    .with_for_update(of=members, key_share=True)
)

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


def member_by_id(conn: sa.Connection, member_id: int, *, lock: bool = False) -> Any:
    """The member's row, or None. `lock` serialises what one member writes, so that pace and repeat cannot be raced."""
    return conn.execute(_MEMBER_LOCKED if lock else _MEMBER, {"member": member_id}).first()


def lock_member_and_site(conn: sa.Connection, member_id: int) -> tuple[Any, Site] | None:
    """The locked row of a member and the site that they belong to, in one read; None if there is no such member."""
    row = conn.execute(_WRITER, {"member": member_id}).first()
    return None if row is None else (row, site_beside(row))


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
