"""Facts for the rules, and the moderators' queues. All by keyset on partial indexes: a queue's length costs nothing."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from comments.core.entitlement import SECOND
from comments.core.moderation.findings import Draft, Facts, text_hash
from comments.core.moderation.ruleset import RuleSet
from comments.core.policy import Visibility
from comments.core.site import SiteSettings
from comments.core.thread import Cursor
from comments.storage.tables import Id, Micros, audit, comments, members, users
from comments.storage.threads import SHOWN, THERE, admitted

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
RECENT = 20  # comments of an author that a new one is compared with
COUNT_LIMIT = 1000  # more than a badge needs to say, and nothing to count at every change
_SITE = sa.bindparam("site", type_=Id)


def facts_for(
    conn: sa.Connection, draft: Draft, settings: SiteSettings, rules: RuleSet, member: Any, article: Any, now: int,
    *, edited: Any = None, since: int | None = None, same_text_at: int | None = None,
) -> Facts:  # fmt: skip
    """What the rules are to know of the author and the article. `edited`: the comment's row before this edit;
    `same_text_at`: what was read already, looking back to `since` (µs UTC).
    """
    edited_id = None if edited is None else edited.id
    if since is None or since != repeats_since(rules, now):
        same = {"member": member.id, "since": repeats_since(rules, now), "hash": text_hash(draft.text)}
        same_text_at = conn.execute(_SAME_TEXT, same | {"edited": edited_id or 0}).scalar()
    return Facts(
        settings=settings,
        rules=rules,
        article_mode=article.mode,
        section=article.section,
        now=now,
        is_edit=edited is not None,
        recent_texts=_recent_texts(conn, member.id, edited_id) if rules.near_repeat_percent else (),
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


def repeats_since(rules: RuleSet, now: int) -> int:
    """From when on (µs UTC) the same text is a repetition."""
    return now - rules.repeat_hours * 3600 * SECOND if rules.repeat_hours else NEVER


def _recent_texts(conn: sa.Connection, member_id: int, edited: int | None) -> tuple[int, ...]:
    """Simhashes of a member's last comments but `edited`, newest first."""
    query = sa.select(c.simhash).where(c.member_id == member_id, c.id != (edited or 0), c.simhash.is_not(None))
    return tuple(conn.execute(query.order_by(c.created_at.desc(), c.id.desc()).limit(RECENT)).scalars())


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
    values = {"site": site_id, "most": limit + 1}
    if cursor is not None:
        values |= {"value": cursor.value, "id": cursor.id}
    query = _queue(queue, visibility, cursor is not None)
    rows = conn.execute(query if only is None else query.where(only), values).all()
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], Cursor(queue, last.created_at, last.id).encode()


@lru_cache(maxsize=64)
def _queue(queue: str, visibility: Visibility, goes_on: bool) -> sa.Select[Any]:
    source = comments.outerjoin(members, members.c.id == c.member_id)
    query = sa.select(*SHOWN).select_from(source).where(c.site_id == _SITE, QUEUES[queue], admitted(visibility))
    if goes_on:
        query = query.where(sa.tuple_(c.created_at, c.id) > THERE)
    return query.order_by(c.created_at, c.id).limit(sa.bindparam("most", type_=sa.Integer()))


def some(*where: sa.ColumnElement[bool] | sa.TextClause, of: sa.FromClause | None = None) -> sa.ScalarSelect[int]:
    """How many comments there are like this, up to COUNT_LIMIT: no more are looked at. `of`: for each row of it."""
    found: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(comments).where(*where)
    # in the order of the indexes: else PostgreSQL gathers all of them before it counts some
    found = found.order_by(c.created_at, c.id).limit(sa.literal_column(f"{COUNT_LIMIT}"))
    if of is not None:
        found = found.correlate(of)
    return sa.select(sa.func.count()).select_from(found.subquery()).scalar_subquery()


def count_queues(conn: sa.Connection, site_id: int) -> dict[str, int]:
    """How long each queue is, up to COUNT_LIMIT."""
    return dict(conn.execute(_queues_counted(site_id)).one()._mapping)


@lru_cache(maxsize=1000)
def _queues_counted(site_id: int) -> sa.Select[Any]:
    """With the site's id itself: planning for any site, PostgreSQL takes queues to be short and sorts a long one."""
    site = c.site_id == sa.literal_column(f"{site_id:d}", Id)
    counted = [some(site, belongs).label(queue) for queue, belongs in QUEUES.items()]
    return sa.select(*counted)  # type: ignore[return-value]


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
    """Members' rows with how many of their comments wait and were withdrawn (up to COUNT_LIMIT), by member id."""
    query = sa.select(
        members,
        *(
            some(c.member_id == members.c.id, sa.text(f"comments.status = '{status}'"), of=members).label(status)
            for status in ("waiting", "withdrawn")
        ),
    )
    return {row.id: dict(row._mapping) for row in conn.execute(query.where(members.c.id.in_(ids)))}


def waiting_of_member(conn: sa.Connection, member_id: int, limit: int) -> list[int]:
    """A member's waiting comments, oldest first."""
    query = sa.select(c.id).where(c.member_id == member_id, QUEUES["waiting"]).order_by(c.created_at, c.id)
    return list(conn.execute(query.limit(limit)).scalars())
