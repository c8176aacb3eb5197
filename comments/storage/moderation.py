"""Facts for the rules, and the moderators' queues. All by keyset on partial indexes: a queue's length costs nothing."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from comments.core.entitlement import SECOND
from comments.core.moderation.findings import Draft, Facts, text_hash
from comments.core.policy import Visibility
from comments.core.site import ArticleMode, SiteSettings
from comments.core.thread import Cursor
from comments.storage.tables import Id, Micros, audit, comments, members, reports, users
from comments.storage.threads import SHOWN, admitted

c = comments.c

QUEUES = {
    "waiting": sa.text("comments.status = 'waiting'"),
    "reported": sa.text("comments.open_reports > 0"),
    "new": sa.text("comments.status = 'published' AND comments.looked_at IS NULL"),
}
_SAME_TEXT = sa.select(sa.func.max(c.created_at)).where(
    c.member_id == sa.bindparam("member", type_=Id),
    c.created_at >= sa.bindparam("since", type_=Micros),
    c.text_hash == sa.bindparam("hash", type_=sa.Text()),
    c.id != sa.bindparam("edited", type_=Id),
)
NEVER = 2**62  # µs
COUNT_LIMIT = 10_000  # "more than 10,000" is all that a badge says


def facts_for(
    conn: sa.Connection, draft: Draft, settings: SiteSettings, member: Any, mode: ArticleMode, now: int, edited: Any
) -> Facts:
    """What the rules are to know of the author and the article. `edited`: the comment's row before this edit."""
    same = {
        "member": member.id,
        "since": repeats_since(settings, now),
        "hash": text_hash(draft.text),
        "edited": edited.id,
    }
    same_text_at = conn.execute(_SAME_TEXT, same).scalar()
    return facts_of(settings, member, mode, now, same_text_at, edit=True, reply=edited.parent_id is not None)


def repeats_since(settings: SiteSettings, now: int) -> int:
    """From when on (µs UTC) the same text is a repetition."""
    return now - settings.repeat_hours * 3600 * SECOND if settings.repeat_hours else NEVER


def facts_of(
    settings: SiteSettings,
    member: Any,
    mode: ArticleMode,
    now: int,
    same_text_at: int | None,
    *,
    edit: bool = False,
    reply: bool = False,
) -> Facts:
    """The same of what was read already."""
    return Facts(
        settings=settings,
        article_mode=mode,
        now=now,
        is_edit=edit,
        is_reply=reply,
        author_banned=member.banned_at is not None,
        author_ban_reason=member.restriction_reason,
        author_suspended_until=member.suspended_until,
        author_premoderated=member.premoderated,
        author_published=member.published,
        author_rejected=member.rejected,
        author_first_seen=member.created_at,
        last_comment_at=member.last_comment_at,
        same_text_at=same_text_at,
    )


def read_queue(
    conn: sa.Connection,
    site_id: int,
    queue: str,
    visibility: Visibility,
    cursor: Cursor | None,
    limit: int,
    only: sa.ColumnElement[bool] | None = None,
) -> tuple[Sequence[Any], str | None]:
    """Up to `limit` comments of a queue, oldest first, and the next cursor where there is more. `only`: which of them
    at all.
    """
    source = comments.outerjoin(members, members.c.id == c.member_id)
    query = sa.select(*SHOWN).select_from(source).where(c.site_id == site_id, QUEUES[queue], admitted(visibility))
    if only is not None:
        query = query.where(only)
    if cursor is not None:
        query = query.where(sa.tuple_(c.created_at, c.id) > sa.tuple_(sa.literal(cursor.value), sa.literal(cursor.id)))
    rows = conn.execute(query.order_by(c.created_at, c.id).limit(limit + 1)).all()
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], Cursor(queue, last.created_at, last.id).encode()


def count_queues(conn: sa.Connection, site_id: int) -> dict[str, int]:
    """How long each queue is, up to COUNT_LIMIT."""
    counts = {}
    for queue, belongs in QUEUES.items():
        some = sa.select(c.id).where(c.site_id == site_id, belongs).limit(COUNT_LIMIT).subquery()
        counts[queue] = conn.execute(sa.select(sa.func.count()).select_from(some)).scalar_one()
    return counts


def read_reports(conn: sa.Connection, ids: Sequence[int]) -> dict[int, list[Any]]:
    """Open reports on these comments, oldest first, by comment id."""
    found: dict[int, list[Any]] = {}
    query = (
        sa.select(reports, members.c.name)
        .join(members, members.c.id == reports.c.member_id)
        .where(reports.c.comment_id.in_(ids), reports.c.settled_at.is_(None))
    )
    for row in conn.execute(query.order_by(reports.c.id).limit(1000)):
        found.setdefault(row.comment_id, []).append(row)
    return found


def read_decisions(conn: sa.Connection, ids: Sequence[int]) -> dict[int, list[Any]]:
    """What moderators decided about these comments, oldest first, by comment id."""
    found: dict[int, list[Any]] = {}
    query = (
        sa.select(audit, users.c.name.label("by"))
        .outerjoin(users, users.c.id == audit.c.user_id)
        .where(audit.c.subject_type == "comment", audit.c.subject_id.in_(ids))
    )
    for row in conn.execute(query.order_by(audit.c.id).limit(1000)):
        found.setdefault(row.subject_id, []).append(row)
    return found


def read_authors(conn: sa.Connection, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Members' rows with the figures of all their comments by status, by member id."""
    rows = {row.id: dict(row._mapping) for row in conn.execute(sa.select(members).where(members.c.id.in_(ids)))}
    query = sa.select(c.member_id, c.status, sa.func.count().label("n")).where(c.member_id.in_(ids))
    for row in conn.execute(query.group_by(c.member_id, c.status)):
        rows[row.member_id][f"count_{row.status}"] = row.n
    return rows


def waiting_of_member(conn: sa.Connection, member_id: int, limit: int) -> list[int]:
    """A member's waiting comments, oldest first."""
    query = (
        sa.select(c.id).where(c.member_id == member_id, c.status == "waiting").order_by(c.created_at, c.id).limit(limit)
    )
    return list(conn.execute(query).scalars())
