"""The one JSON shape of a comment, an article, a site and a viewer: for HTTP, live, webhooks and exports."""

from collections.abc import Sequence
from typing import Any, Protocol
from urllib.parse import quote

import msgspec

from comments.core.entitlement import may_read
from comments.core.identity import Role, Viewer
from comments.core.limits import limits_of
from comments.core.moderation.ruleset import RuleSet
from comments.core.policy import Sight, gate
from comments.core.site import SiteSettings
from comments.core.times import time_text

Json = dict[str, Any]


class CommentRow(Protocol):
    """The columns that a presented comment needs; rows of `storage.threads` have them."""

    id: int
    parent_id: int | None
    root_id: int
    depth: int
    status: str
    tree: str
    source: str
    text: str
    created_at: int
    edited_at: int | None
    reactions: str
    reply_count: int
    seq: int
    version: int
    picked_at: int | None
    locked_at: int | None
    question: bool
    answer_id: int | None
    by_author: bool
    member_id: int | None
    name: str | None
    avatar: str | None
    badges: str | None


def present(row: CommentRow, sight: Sight) -> Json:
    """A comment as everybody who sees it in this way sees it; `sight` is "full" or "stub". What is true of few
    is there only where it is so: a page has many comments.
    """
    full = sight == "full"
    shown = {
        "id": str(row.id),
        "parent_id": None if row.parent_id is None else str(row.parent_id),
        "root_id": str(row.root_id),
        "depth": row.depth,
        "author": present_author(row) if full else None,
        "body": msgspec.Raw(row.tree.encode()) if full else None,
        "status": row.status,
        "created_at": time_text(row.created_at),
        "edited_at": time_text(row.edited_at) if full else None,
        "reactions": msgspec.Raw(row.reactions.encode()) if full else {},
        "reply_count": row.reply_count,
        "seq": row.seq,
    }
    if full and row.picked_at is not None:
        shown["picked"] = True
    if full and row.question:
        shown["question"] = True
        if row.answer_id is not None:
            shown["answer_id"] = str(row.answer_id)
    if full and row.by_author:
        shown["by_author"] = True
    if row.locked_at is not None:
        shown["locked"] = True
    return shown


def present_private(row: CommentRow, findings: Sequence[Any], *, text: bool = False) -> Json:
    """A comment for its author and for moderators: with source, findings (JSON values) and version; with its plain
    `text` on request.
    """
    shown = present(row, "full") | {"source": row.source, "findings": findings, "version": row.version}
    return shown | {"text": row.text} if text else shown


def present_author(row: CommentRow) -> Json | None:
    if row.member_id is None:
        return None
    badges = msgspec.Raw((row.badges or "[]").encode())
    return {"id": str(row.member_id), "name": row.name or "", "badges": badges, "avatar": row.avatar}


def present_holder(claim: Any) -> Json | None:
    """The moderator who has a comment before them, and until when; None: nobody."""
    if claim is None:
        return None
    return {"id": str(claim.user_id), "name": claim.name, "until": time_text(claim.until)}


class ArticleRow(Protocol):
    """The columns that a presented article needs."""

    key: str
    title: str | None
    url: str | None
    mode: str
    opens_at: int | None
    closes_at: int | None


def present_article(row: ArticleRow | None, key: str) -> Json:
    """An article; one that nobody has written under yet is open and has neither title nor address."""
    if row is None:
        return {"id": key, "title": None, "url": None, "mode": "open"}
    shown: Json = {"id": row.key, "title": row.title, "url": row.url, "mode": row.mode}
    planned = {"opens_at": row.opens_at, "closes_at": row.closes_at}
    return shown | {name: time_text(at) for name, at in planned.items() if at is not None}


def present_site(key: str, name: str, settings: SiteSettings) -> Json:
    """What the widget needs to know of a site; nothing of its rules."""
    public = ("locale", "read", "write", "login_url", "subscribe_url", "max_depth", "max_length", "min_length")
    also = ("edit_window", "reactions", "report_reasons", "gate_words", "ask_author")
    named = {"key": key, "name": name, "notices": f"/notice/{key}?url=" if settings.law.notices else None}
    return named | {field: getattr(settings, field) for field in public + also}


def leading_back(site: Json, article: str | None) -> Json:
    """A presented site whose links to log in and to subscribe say which article they stand under, where they have the
    place `{ref}` for it.
    """
    ref = quote(article or "", safe="")
    steps = {name: site[name].replace("{ref}", ref) for name in ("login_url", "subscribe_url") if site.get(name)}
    return site | steps


def present_viewer(
    viewer: Viewer, member: Any, settings: SiteSettings, rules: RuleSet, unseen: Sequence[Any], now: int
) -> Json:
    """A member as their own widget sees them: what they may, the gate that says why not, what limits them, and the
    `unseen` warnings to read first.
    """
    assert viewer.role is Role.MEMBER
    why = gate(viewer, settings, now)
    free = not viewer.banned and why != "suspended"
    return {
        "id": str(viewer.id),
        "name": viewer.name,
        "badges": msgspec.Raw(member.badges.encode()),
        "avatar": member.avatar,
        "state": str(viewer.state),
        "state_until": time_text(viewer.state_until),
        "can": {
            "read": may_read(settings, viewer.state),
            "write": why is None,
            "react": free and may_read(settings, viewer.state),
            "report": not viewer.banned,
        },
        "gate": why,
        "suspended_until": time_text(viewer.suspended_until) if why == "suspended" else None,
        "restriction_reason": member.restriction_reason if why in ("suspended", "banned") else None,
        "limits": limits_of(member, rules, now),
        "warnings": [present_warning(warning) for warning in unseen],
    }


def present_warning(row: Any) -> Json:
    """A warning as its member reads it."""
    return {
        "id": str(row.id),
        "reason": row.reason,
        "text": row.text,
        "comment_id": None if row.comment_id is None else str(row.comment_id),
        "created_at": time_text(row.created_at),
    }


def present_former_name(row: Any) -> Json:
    """A name that a member had, for themselves and for moderators."""
    return {"name": row.name, "by": chosen_by(row.own_name), "until": time_text(row.until)}


def chosen_by(own: bool) -> str:
    """Who chose a name: its member, here, or the publisher, in its token."""
    return "member" if own else "publisher"
