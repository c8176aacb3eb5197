"""Members on their own page: visits, one a browser, and the names that they had."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from comments.core.entitlement import SECOND
from comments.storage.sites import BESIDE
from comments.storage.tables import Micros, follows, former_names, members, mutes, sites, visits
from comments.storage.tables import articles as article_rows
from comments.storage.tables import comments as comment_rows

v, n, f, u = visits.c, former_names.c, follows.c, mutes.c
IDLE = 30 * 60 * SECOND  # µs without a request: docs/decisions/0023
LONGEST = 8 * 3600 * SECOND  # µs since the publisher's token was shown
SEEN_EVERY = 60 * SECOND  # µs: `seen_at` is written once a minute at most
NAMES = 50  # former names that are kept of one member
CHUNK = 500

_VISIT = (
    sa.select(
        members, *BESIDE, v.id.label("visit_id"), v.seen_at.label("seen_at"), v.created_at.label("visiting_since")
    )
    .join(visits, v.member_id == members.c.id)
    .join(sites, sites.c.id == members.c.site_id)
    .where(
        v.digest == sa.bindparam("digest", type_=sa.Text()),
        sites.c.key == sa.bindparam("site", type_=sa.Text()),
        v.epoch == members.c.epoch,
        v.seen_at > sa.bindparam("idle_since", type_=Micros),
        v.created_at > sa.bindparam("oldest", type_=Micros),
    )
)


def find_visit(conn: sa.Connection, site: str, digest: str, now: int) -> Any:
    """The member whose visit at this site has this digest, with the site beside and the visit's `visit_id`, `seen_at`
    and `visiting_since`; None where it is over.
    """
    asked = {"site": site, "digest": digest, "idle_since": now - IDLE, "oldest": now - LONGEST}
    return conn.execute(_VISIT, asked).first()


def insert_visit(conn: sa.Connection, member: Any, digest: str, now: int) -> None:
    row = {"member_id": member.id, "epoch": member.epoch, "digest": digest}
    conn.execute(sa.insert(visits).values(**row, created_at=now, seen_at=now))


def see_visit(conn: sa.Connection, visit_id: int, now: int) -> None:
    """Somebody is there. Written again only after a minute, whoever else wrote it meanwhile."""
    conn.execute(sa.update(visits).where(v.id == visit_id, v.seen_at <= now - SEEN_EVERY).values(seen_at=now))


def delete_visit(conn: sa.Connection, visit_id: int) -> None:
    conn.execute(sa.delete(visits).where(v.id == visit_id))


def prune(conn: sa.Connection, now: int) -> int:
    """Forget visits that nobody was seen at for as long as any lasts; how many, at most a chunk."""
    over = sa.select(v.id).where(v.seen_at <= now - LONGEST).order_by(v.seen_at).limit(CHUNK)
    return conn.execute(sa.delete(visits).where(v.id.in_(over))).rowcount


def keep_name(conn: sa.Connection, member: Any, now: int) -> None:
    """A member is about to be called otherwise: write down how they were called; the oldest beyond NAMES go."""
    row = {"member_id": member.id, "name": member.name, "own_name": member.own_name, "until": now}
    conn.execute(sa.insert(former_names).values(row))
    kept = sa.select(n.id).where(n.member_id == member.id).order_by(n.id.desc()).limit(NAMES).subquery()
    oldest = sa.select(sa.func.min(kept.c.id)).scalar_subquery()
    conn.execute(sa.delete(former_names).where(n.member_id == member.id, n.id < oldest))


def read_names(conn: sa.Connection, member_id: int) -> Sequence[Any]:
    """A member's former names, newest first: name, own_name, until."""
    query = sa.select(n.name, n.own_name, n.until).where(n.member_id == member_id)
    return conn.execute(query.order_by(n.id.desc()).limit(NAMES)).all()


def read_mutes(conn: sa.Connection, member_id: int, after: int, limit: int) -> tuple[Sequence[Any], int | None]:
    """Whom a member muted, by id: member_id, name, badges, avatar, muted_at; and where the next page begins."""
    query = (
        sa.select(
            members.c.id.label("member_id"), members.c.name, members.c.badges, members.c.avatar,
            u.created_at.label("muted_at"),
        )
        .join(mutes, u.muted_id == members.c.id)
        .where(u.member_id == member_id, u.muted_id > after)
        .order_by(u.muted_id)
        .limit(limit + 1)
    )  # fmt: skip
    rows = conn.execute(query).all()
    return rows[:limit], rows[limit - 1].member_id if len(rows) > limit else None


def read_follows(conn: sa.Connection, member_id: int, before: int, limit: int) -> tuple[Sequence[Any], int | None]:
    """What a member follows, the last first: id, since, the article's columns and, for a comment that is public, its
    id, text and author; and where the next page begins.
    """
    c = comment_rows.c
    page = (
        sa.select(follows)
        .where(f.member_id == member_id, f.id < before)
        .order_by(f.id.desc())
        .limit(limit + 1)
        .subquery("followed")
    )
    shown = sa.and_(c.id == page.c.comment_id, c.status == "published")
    query = (
        sa.select(
            page.c.id, page.c.created_at, page.c.comment_id, c.id.label("shown_id"), c.text, c.member_id,
            members.c.name, members.c.badges, members.c.avatar,
            article_rows.c.key, article_rows.c.title, article_rows.c.url,
        )
        .select_from(
            page.join(article_rows, article_rows.c.id == page.c.article_id)
            .outerjoin(comment_rows, shown)
            .outerjoin(members, members.c.id == c.member_id)
        )
        .order_by(page.c.id.desc())
    )  # fmt: skip
    rows = conn.execute(query).all()
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def drop_follow(conn: sa.Connection, member_id: int, follow_id: int) -> bool:
    """Whether there was such a follow of this member."""
    return conn.execute(sa.delete(follows).where(f.id == follow_id, f.member_id == member_id)).rowcount == 1
