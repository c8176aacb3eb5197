"""Erasing a person: at once nobody can act as them or see their name; a job takes the rest out of every table in
chunks. Either their texts go too (`text`; replies stay, under stubs), or the texts stay and are nobody's (`identity`).

The log says that somebody was erased and not who. So that the erased stay erased after a restore, jobs/erasure.py
writes a list outside of the database, of keyed hashes.
"""

import re
from collections.abc import Sequence
from html import escape
from typing import Any

import msgspec

from comments.actions.open_appeals import answer_open_appeal
from comments.actions.threads import change_of
from comments.core.errors import Malformed
from comments.core.events import (
    CommentReported,
    ErasureWanted,
    MemberRestricted,
    NoticesChanged,
    ReactionsChanged,
    StatusChanged,
    ThreadReset,
)
from comments.core.markup import render
from comments.core.moderation.findings import text_hash
from comments.core.site import ErasureMode, SiteSettings
from comments.core.status import Status
from comments.storage import comments as rows
from comments.storage import erasing
from comments.storage.audit import write_audit
from comments.storage.notices import close_complaints
from comments.storage.sites import site_by_id
from comments.storage.telling import forget_member, forget_names
from comments.storage.threads import find_comments
from comments.storage.transaction import Transaction

CHUNK = 50  # comments in one transaction
RESTRICTIONS = ("banned_at", "suspended_until", "restriction_reason", "premoderated", "premoderated_reason")
_BLANK = render("")
MENTION = re.compile(r'\["mention",\{"member":"(?P<member>[0-9]+)"\},(?P<name>"@(?:[^"\\]|\\.)+")\]')  # in a tree


def allowed_modes(settings: SiteSettings) -> tuple[ErasureMode, ...]:
    """What a member of this site may choose from."""
    return ("text", "identity") if settings.erasure == "choice" else (settings.erasure,)


def erase_member(tx: Transaction, member: Any, mode: ErasureMode, *, allowed: bool = False) -> int:
    """Begin to erase this (locked) member's row; the erasure's id. Their access ends and their name is gone when this
    commits. `allowed`: the operator does it, whatever the site lets members choose. Raises Malformed (mode).

    Who is banned or suspended is so under a new, empty row with the publisher's id alone: erasure lifts no ban.
    """
    site = site_by_id(tx.conn, member.site_id)
    if mode not in ("text", "identity") or (not allowed and mode not in allowed_modes(site.settings)):
        choice = " or ".join(allowed_modes(site.settings))
        raise Malformed(f"Here one is erased by {choice}.", field="mode")
    going_on = erasing.erasure_of(tx.conn, member.id)
    if going_on is not None:
        return int(going_on.id)
    total = erasing.count_of_member(tx.conn, member.id)
    erasure_id = erasing.insert_erasure(
        tx.conn, site_id=site.id, member_id=member.id, sub=member.sub, mode=mode, total=total, created_at=tx.now
    )  # fmt: skip
    gone = {"sub": f"erased:{erasure_id}", "name": None, "name_key": None, "avatar": None, "badges": "[]"}
    rows.update_member(tx.conn, member.id, epoch=member.epoch + 1, own_name=False, **gone)
    if member.banned_at is not None or (member.suspended_until or 0) > tx.now or member.premoderated:
        kept = {name: getattr(member, name) for name in RESTRICTIONS}
        rows.insert_member(tx.conn, site_id=site.id, sub=member.sub, created_at=tx.now, **kept)
    write_audit(tx.conn, "erase_member", ("site", site.id), tx.now, site_id=site.id, after={"mode": mode})
    if close_complaints(tx.conn, member.id, tx.now):
        tx.record(NoticesChanged(site.id))
    tx.record(MemberRestricted(site.id, member.id))
    tx.record(ErasureWanted(site.id, erasure_id))
    return erasure_id


def erase_some(tx: Transaction, erasure: Any) -> int:
    """The next comments of whom an erasure is about; how many. Fewer than CHUNK: they were the last."""
    ids = erasing.next_comments(tx.conn, erasure.member_id, CHUNK)
    seen = find_comments(tx.conn, ids)
    tx.lock_all(member_ids=[erasure.member_id], article_ids={row.article_id for row in seen})
    found = find_comments(tx.conn, ids, lock=True)
    if erasure.mode == "text":
        empty_comments(tx, found)
    elif found:
        erasing.detach_comments(tx.conn, [row.id for row in found])
        for article_id in sorted({row.article_id for row in found if row.status == Status.PUBLISHED}):
            tx.record(ThreadReset(erasure.site_id, article_id))
    return len(ids)


def empty_comments(tx: Transaction, found: Sequence[Any]) -> None:
    """These (locked) comments become erased: no text, no author; replies stay."""
    left = [row for row in found if row.status != Status.ERASED]
    if not left:
        return
    ids = [row.id for row in left]
    for row in left:
        answer_open_appeal(tx, row, Status.ERASED)
    rows.settle_reports(tx.conn, ids, tx.now)
    erasing.empty_comments(tx.conn, ids, _BLANK, tx.now)
    for row in left:
        tx.record(StatusChanged(**change_of(row, Status.ERASED)))


def erase_reactions(tx: Transaction, member_id: int) -> bool:
    """The next reactions that they gave; whether there were any, as in the steps below."""
    seen = erasing.next_reactions(tx.conn, member_id, CHUNK)
    tx.lock_all(member_ids=[member_id], article_ids={row.article_id for row in seen})
    found = erasing.next_reactions(tx.conn, member_id, CHUNK)
    found = [row for row in found if row.article_id in {one.article_id for one in seen}]
    if found:
        erasing.take_reactions(tx.conn, member_id, found)
    by_article: dict[tuple[int, int], set[int]] = {}
    for row in found:
        if row.status == Status.PUBLISHED:
            by_article.setdefault((row.site_id, row.article_id), set()).add(row.comment_id)
    for (site_id, article_id), ids in sorted(by_article.items()):
        tx.record(ReactionsChanged(site_id, article_id, tuple(sorted(ids))))
    return bool(seen)


def erase_reports(tx: Transaction, member_id: int) -> bool:
    """The next reports that they made; the queues count them no more."""
    seen = erasing.next_reports(tx.conn, member_id, CHUNK)
    tx.lock_all(member_ids=[member_id], article_ids={row.article_id for row in seen})
    found = [row for row in erasing.next_reports(tx.conn, member_id, CHUNK) if row.id in {one.id for one in seen}]
    if found:
        erasing.delete_reports(tx.conn, found)
    for row in found:
        if row.settled_at is None:
            tx.record(CommentReported(row.site_id, row.article_id, row.comment_id))
    return bool(seen)


def erase_messages(tx: Transaction, member_id: int) -> bool:
    """The next messages to webhooks that they stand in; who has not heard them does not hear them any more."""
    return forget_member(tx.conn, member_id, tx.now)


def erase_mentions(tx: Transaction, member_id: int) -> bool:
    """Others' comments that mention them no longer lead to them, nor say the name that the mention said."""
    seen = erasing.next_mentions(tx.conn, member_id, CHUNK)
    tx.lock_all(member_ids=(), article_ids={row.article_id for row in seen})
    named = [row for row in seen if f'["mention",{{"member":"{member_id}"}}' in row.tree]
    for row in named:
        rows.mark_comment(tx.conn, row.id, **without_mentions(row, member_id))
    forget_names(tx.conn, {row.id: names_in(row, member_id) for row in named})
    erasing.forget_told(tx.conn, [row.told for row in seen])
    for site_id, article_id in sorted({(row.site_id, row.article_id) for row in named}):
        tx.record(ThreadReset(site_id, article_id))
    return bool(seen)


def names_in(row: Any, member_id: int) -> set[str]:
    """How a comment's mentions of this member say their name, each with its @."""
    own = [found for found in MENTION.finditer(row.tree) if found["member"] == str(member_id)]
    return {msgspec.json.decode(found["name"], type=str) for found in own}


def without_mentions(row: Any, member_id: int) -> dict[str, str]:
    """The columns of a comment with “@…” where it mentions this member; who else it mentions stays."""
    own = [found for found in MENTION.finditer(row.tree) if found["member"] == str(member_id)]
    columns = {"source": row.source, "html": row.html, "text": row.text, "tree": row.tree}
    for node in {found[0] for found in own}:
        columns["tree"] = columns["tree"].replace(node, '"@…"')
    for name in names_in(row, member_id):
        columns["source"] = columns["source"].replace(name, "@…")
        columns["text"] = columns["text"].replace(name, "@…")
        columns["html"] = columns["html"].replace(escape(name, quote=False), "@…")
    return columns | {"text_hash": text_hash(columns["text"])}


def erase_rest(tx: Transaction, member_id: int) -> bool:
    """Some of all other rows that name them."""
    tx.lock_all(member_ids=[member_id], article_ids=())
    return erasing.forget_member(tx.conn, member_id) > 0


def finish_erasure(tx: Transaction, erasure: Any) -> None:
    """The row itself; from now on nothing says who it was."""
    erasing.delete_member(tx.conn, erasure.member_id, erasure.sub, erasure.site_id)
    erasing.update_erasure(
        tx.conn, erasure.id, member_id=None, sub=None, state="done", finished_at=tx.now, done=erasure.total or 0
    )  # fmt: skip
