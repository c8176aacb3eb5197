"""What moderators lay upon a member, and lift again. Each leaves an entry in the audit log, and open widgets learn at
once.
"""

from typing import Any

from comments.core.errors import Malformed, NotFound
from comments.core.events import MemberRestricted
from comments.core.identity import Viewer
from comments.core.policy import Action, Subject, require
from comments.core.times import time_text
from comments.storage.audit import write_audit
from comments.storage.comments import update_member
from comments.storage.members import member_by_id
from comments.storage.sites import site_by_id
from comments.storage.transaction import Transaction


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
    update_member(tx.conn, member.id, restriction_reason=reason.strip(), **change)
    action = "ban" if until is None else "suspend"
    _audit_member(tx, viewer, member, action, {"until": time_text(until), "reject_waiting": reject_waiting}, reason)
    tx.record(MemberRestricted(member.site_id, member.id, reject_waiting))


def lift_ban(tx: Transaction, viewer: Viewer, member_id: int) -> None:
    """End a ban or suspension."""
    member = _member_to_restrict(tx, viewer, member_id)
    update_member(tx.conn, member.id, banned_at=None, suspended_until=None, restriction_reason=None)
    _audit_member(tx, viewer, member, "lift_ban", None, None)
    tx.record(MemberRestricted(member.site_id, member.id))


def is_restricted(member: Any, now: int) -> bool:
    """Whether this member (a row) is banned, or suspended at `now`."""
    return member.banned_at is not None or (member.suspended_until or 0) > now


def _member_to_restrict(tx: Transaction, viewer: Viewer, member_id: int) -> Any:
    member = member_by_id(tx.conn, member_id, lock=True)
    if member is None or not viewer.works_at(member.site_id):
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
