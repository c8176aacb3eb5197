"""What moderators do: decide, ban, open and close articles. Each leaves an entry in the audit log."""

from dataclasses import dataclass
from typing import Any

from comments.actions.threads import change_of
from comments.core.errors import Conflict, Malformed, NotFound
from comments.core.events import ArticleChanged, MemberRestricted, StatusChanged
from comments.core.identity import Viewer
from comments.core.policy import Action, Subject, require
from comments.core.site import ARTICLE_MODES
from comments.core.status import Status, require_change
from comments.core.times import time_text
from comments.storage import comments as rows
from comments.storage.audit import write_audit
from comments.storage.members import member_by_id
from comments.storage.moderation import waiting_of_member
from comments.storage.sites import Site, site_by_id
from comments.storage.threads import find_comment
from comments.storage.transaction import Transaction

BECOMES = {"approve": Status.PUBLISHED, "reject": Status.REJECTED}
CHUNK = 50  # comments in one transaction of bulk work


@dataclass(frozen=True, slots=True)
class Decision:
    """What a moderator decided about the `version` of a comment that they saw."""

    decision: str
    version: int
    reason: str | None = None
    note: str | None = None


def decide(tx: Transaction, viewer: Viewer, comment_id: int, decision: Decision) -> int:
    """Approve or reject a comment; returns its site's id. Raises Conflict (changed_meanwhile) if it is another
    version now.
    """
    seen = find_comment(tx.conn, comment_id)
    if seen is None or not viewer.moderates(seen.site_id):
        raise NotFound("comment")
    site = site_by_id(tx.conn, seen.site_id)
    require(viewer, Action.DECIDE, Subject(site.id, site.settings, seen.member_id), tx.now)
    after = _outcome(site, decision)
    tx.lock(member_id=seen.member_id, article_id=seen.article_id)
    comment = find_comment(tx.conn, comment_id, lock=True)
    if comment.version != decision.version:
        raise Conflict("changed_meanwhile", "The comment changed meanwhile: look at it again.", version=comment.version)
    _apply(tx, comment, after, decision, viewer.id)
    return site.id


def _outcome(site: Site, decision: Decision) -> Status:
    if decision.decision not in BECOMES:
        raise Malformed(f"A decision is one of {', '.join(BECOMES)}.", field="decision")
    if decision.decision == "reject" and decision.reason not in site.settings.reject_reasons:
        raise Malformed(f"Reasons here are {', '.join(site.settings.reject_reasons)}.", field="reason")
    return BECOMES[decision.decision]


def _apply(tx: Transaction, comment: Any, after: Status, decision: Decision, user_id: int | None) -> None:
    require_change(Status(comment.status), after)
    rows.settle_reports(tx.conn, comment.id, tx.now)
    rows.supersede_findings(tx.conn, comment.id, tx.now, rule="decision")
    if after is Status.REJECTED:
        params = {"reason": decision.reason, "by": "moderator"}
        finding = {"rule": "decision", "kind": "refuse", "reason": "decision", "spans": [], "params": params}
        rows.insert_findings(tx.conn, comment.id, [finding], tx.now)
    rows.update_comment(tx.conn, comment.id, status=str(after), looked_at=tx.now, open_reports=0)
    write_audit(
        tx.conn,
        decision.decision,
        ("comment", comment.id),
        tx.now,
        site_id=comment.site_id,
        user_id=user_id,
        before={"status": comment.status},
        after={"status": str(after)},
        reason=decision.reason,
        note=decision.note,
    )
    tx.record(StatusChanged(**change_of(comment, after)))


def ban(tx: Transaction, viewer: Viewer, member_id: int, reason: str, until: int | None, reject_waiting: bool) -> None:
    """Ban a member for good, or suspend them `until` (µs UTC); their waiting comments may be rejected along, by a
    job.
    """
    member = _member_to_restrict(tx, viewer, member_id)
    if not reason.strip():
        raise Malformed("Say why: the member is told.", field="reason")
    if until is not None and until <= tx.now:
        raise Malformed("The end of a suspension lies in the future.", field="until")
    change = {"suspended_until": until} if until is not None else {"banned_at": tx.now, "suspended_until": None}
    # tokens stay what they are: rights are read from the row at every write, and the widget is to say why
    rows.update_member(tx.conn, member.id, restriction_reason=reason.strip(), **change)
    action = "ban" if until is None else "suspend"
    _audit_member(tx, viewer, member, action, {"until": time_text(until), "reject_waiting": reject_waiting}, reason)
    tx.record(MemberRestricted(member.site_id, member.id, reject_waiting))


def lift_ban(tx: Transaction, viewer: Viewer, member_id: int) -> None:
    """End a ban or suspension."""
    member = _member_to_restrict(tx, viewer, member_id)
    rows.update_member(tx.conn, member.id, banned_at=None, suspended_until=None, restriction_reason=None)
    _audit_member(tx, viewer, member, "lift_ban", None, None)
    tx.record(MemberRestricted(member.site_id, member.id))


def _member_to_restrict(tx: Transaction, viewer: Viewer, member_id: int) -> Any:
    member = member_by_id(tx.conn, member_id, lock=True)
    if member is None or not viewer.moderates(member.site_id):
        raise NotFound("member")
    site = site_by_id(tx.conn, member.site_id)
    require(viewer, Action.BAN, Subject(site.id, site.settings, member.id), tx.now)
    return member


def _audit_member(tx: Transaction, viewer: Viewer, member: Any, action: str, after: Any, reason: str | None) -> None:
    before = {"banned_at": time_text(member.banned_at), "suspended_until": time_text(member.suspended_until)}
    write_audit(
        tx.conn,
        action,
        ("member", member.id),
        tx.now,
        site_id=member.site_id,
        user_id=viewer.id,
        before=before,
        after=after,
        reason=reason,
    )


def reject_waiting(tx: Transaction, member_id: int, limit: int = CHUNK) -> int:
    """Reject up to `limit` waiting comments of a banned member; how many it were. The bulk part of a ban."""
    member = member_by_id(tx.conn, member_id, lock=True)
    ids = waiting_of_member(tx.conn, member_id, limit) if member is not None and _is_restricted(member, tx.now) else []
    seen = [find_comment(tx.conn, comment_id) for comment_id in ids]
    for article_id in sorted({row.article_id for row in seen}):
        tx.lock(article_id=article_id)
    for comment_id in ids:
        comment = find_comment(tx.conn, comment_id, lock=True)
        if comment.status == Status.WAITING:
            decision = Decision("reject", comment.version, reason="banned_author")
            _apply(tx, comment, Status.REJECTED, decision, None)
    return len(ids)


def _is_restricted(member: Any, now: int) -> bool:
    return member.banned_at is not None or (member.suspended_until or 0) > now


def set_mode(tx: Transaction, viewer: Viewer, site: Site, article_key: str, mode: str) -> None:
    """Open, pre-moderate, close, freeze or switch off an article's thread."""
    require(viewer, Action.SET_MODE, Subject(site.id, site.settings), tx.now)
    if mode not in ARTICLE_MODES:
        raise Malformed(f"A mode is one of {', '.join(ARTICLE_MODES)}.", field="mode")
    article = rows.article_for(tx.conn, site.id, article_key, tx.now)
    if article.mode == mode:
        return
    tx.lock(article_id=article.id)
    rows.update_article(tx.conn, article.id, mode=mode)
    write_audit(
        tx.conn,
        "set_mode",
        ("article", article.id),
        tx.now,
        site_id=site.id,
        user_id=viewer.id,
        before={"mode": article.mode},
        after={"mode": mode},
    )
    tx.record(ArticleChanged(site.id, article.id))
