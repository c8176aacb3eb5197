"""Facts for the rules, and what a decision needs of a comment besides itself."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from comments.core.entitlement import SECOND
from comments.core.moderation.findings import Draft, Facts, text_hash
from comments.core.moderation.ruleset import RuleSet
from comments.core.site import SiteSettings
from comments.storage.queues import QUEUES
from comments.storage.tables import Id, Micros, audit, comments, users

c = comments.c

_SAME_TEXT = sa.select(sa.func.max(c.created_at)).where(
    c.member_id == sa.bindparam("member", type_=Id),
    c.created_at >= sa.bindparam("since", type_=Micros),
    c.text_hash == sa.bindparam("hash", type_=sa.Text()),
    c.id != sa.bindparam("edited", type_=Id),
)
_DECISIONS = (
    sa.select(audit, users.c.name.label("by"))
    .outerjoin(users, users.c.id == audit.c.user_id)
    .where(audit.c.subject_type == "comment", audit.c.subject_id.in_(sa.bindparam("ids", type_=Id, expanding=True)))
    .order_by(audit.c.id)
    .limit(1000)
)
NEVER = 2**62  # µs
RECENT = 20  # comments of an author that a new one is compared with


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
    """Simhashes of a member's last comments but `edited`, newest first. Those without one are read and left out: to
    look further for others would take as long as the member has written short comments.
    """
    query = sa.select(c.simhash).where(c.member_id == member_id, c.id != (edited or 0))
    last = conn.execute(query.order_by(c.created_at.desc(), c.id.desc()).limit(RECENT)).scalars()
    return tuple(bits for bits in last if bits is not None)


def read_decisions(conn: sa.Connection, ids: Sequence[int]) -> dict[int, list[Any]]:
    """What moderators decided about these comments, oldest first, by comment id."""
    found: dict[int, list[Any]] = {}
    for row in conn.execute(_DECISIONS, {"ids": ids}):
        found.setdefault(row.subject_id, []).append(row)
    return found


def waiting_of_member(conn: sa.Connection, member_id: int, limit: int) -> list[int]:
    """A member's waiting comments, oldest first."""
    query = sa.select(c.id).where(c.member_id == member_id, QUEUES["waiting"]).order_by(c.created_at, c.id)
    return list(conn.execute(query.limit(limit)).scalars())
