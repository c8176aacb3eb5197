"""What moderators lay upon a member, and lift again. Each leaves an entry in the audit log, and open widgets learn at
once: nothing of it is secret from the member.
"""

from typing import Any

from comments.actions.statements import state_lifted, state_restricted, state_taken_back
from comments.core.errors import Conflict, Malformed, NotFound
from comments.core.events import MemberRestricted
from comments.core.identity import Viewer
from comments.core.policy import Action, EverySection, Subject, require
from comments.core.times import time_text
from comments.storage import people
from comments.storage.audit import write_audit
from comments.storage.comments import update_member
from comments.storage.members import member_by_id
from comments.storage.sites import Site, site_by_id
from comments.storage.threads import article_of, find_comment
from comments.storage.transaction import Connection, Transaction


def ban(tx: Transaction, viewer: Viewer, member_id: int, reason: str, until: int | None, reject_waiting: bool) -> None:
    """Ban a member for good, or suspend them `until` (µs UTC); their waiting comments may be rejected along, by a
    job. Raises Conflict (banned) instead of suspending whoever is banned.
    """
    member, _ = _member(tx, viewer, Action.BAN, member_id)
    reason = _reason(reason)
    if until is not None and until <= tx.now:
        raise Malformed("The end of a suspension lies in the future.", field="until")
    if until is not None and member.banned_at is not None:
        raise Conflict("banned", "This member is banned: lift the ban first, then suspend them.")
    change = {"suspended_until": until} if until is not None else {"banned_at": tx.now, "suspended_until": None}
    # tokens stay what they are: rights are read from the row at every write, and the widget is to say why
    update_member(tx.conn, member.id, restriction_reason=reason, **change)
    action = "ban" if until is None else "suspend"
    after = {"until": time_text(until), "reject_waiting": reject_waiting}
    _audit(tx, viewer, member, action, _banned(member), after, reason=reason)
    state_restricted(tx, member, "ban" if until is None else "suspend", viewer.id, until=until, words=reason)
    tx.record(MemberRestricted(member.site_id, member.id, reject_waiting, action))


def lift_ban(tx: Transaction, viewer: Viewer, member_id: int) -> None:
    """End a ban or suspension here. Raises Conflict (banned_everywhere) if what holds is a ban on all sites."""
    member, site = _member(tx, viewer, Action.BAN, member_id)
    everywhere = people.find_ban(tx.conn, site.issuer, member.sub)
    if everywhere is not None and member.banned_at == everywhere.created_at:
        raise Conflict("banned_everywhere", "This ban holds on all sites: an administrator lifts it everywhere.")
    change: dict[str, Any] = {"banned_at": None, "suspended_until": None, "restriction_reason": None}
    if everywhere is not None:  # what was decided here ends, the other holds
        change |= {"banned_at": everywhere.created_at, "restriction_reason": everywhere.reason}
    update_member(tx.conn, member.id, **change)
    state_lifted(tx, member.id, "ban", "suspend")
    _audit(tx, viewer, member, "lift_ban", _banned(member), None)
    tx.record(MemberRestricted(member.site_id, member.id, measure="lift_ban"))


def ban_everywhere(tx: Transaction, viewer: Viewer, member_id: int, reason: str, reject_waiting: bool) -> None:
    """Ban a person on all sites whose publisher is the same, also on those where they come first later. Whoever does
    it administers all of them.
    """
    member, site = _person(tx, viewer, member_id)
    reason = _reason(reason)
    if people.find_ban(tx.conn, site.issuer, member.sub) is not None:
        raise Conflict("banned_everywhere", "This person is banned on all sites already.")
    row = {"issuer": site.issuer, "sub": member.sub, "reason": reason, "user_id": viewer.id, "created_at": tx.now}
    people.insert_ban(tx.conn, **row)
    for one in _everywhere(tx, site, member.sub):
        if one.banned_at is None:  # a ban of its own stays with its reason
            change = {"banned_at": tx.now, "suspended_until": None, "restriction_reason": reason}
            update_member(tx.conn, one.id, **change)
            state_restricted(tx, one, "ban", viewer.id, words=reason)
        _audit(
            tx, viewer, one, "ban_everywhere", _banned(one), {"reject_waiting": reject_waiting}, reason=reason
        )  # fmt: skip
        tx.record(MemberRestricted(one.site_id, one.id, reject_waiting, "ban_everywhere"))


def lift_ban_everywhere(tx: Transaction, viewer: Viewer, member_id: int) -> None:
    """End a ban on all sites; what a site had banned by itself stays. Raises Conflict (not_banned) if there is none."""
    member, site = _person(tx, viewer, member_id)
    found = people.find_ban(tx.conn, site.issuer, member.sub)
    if found is None:
        raise Conflict("not_banned", "This person is not banned on all sites.")
    people.end_ban(tx.conn, found.id, tx.now)
    for one in _everywhere(tx, site, member.sub):
        if one.banned_at == found.created_at:
            update_member(tx.conn, one.id, banned_at=None, restriction_reason=None)
            state_lifted(tx, one.id, "ban")
        _audit(tx, viewer, one, "lift_ban_everywhere", _banned(one), None)
        tx.record(MemberRestricted(one.site_id, one.id, measure="lift_ban_everywhere"))


def _person(tx: Transaction, viewer: Viewer, member_id: int) -> tuple[Any, Site]:
    """The member and their site, if this account administers every site of its publisher. Locks nothing yet: the rows
    of one person are locked together, in one order.
    """
    member, site = _member(tx, viewer, Action.BAN_EVERYWHERE, member_id, lock=False)
    for site_id in people.site_ids_of(tx.conn, site.issuer):
        require(viewer, Action.BAN_EVERYWHERE, Subject(site_id, site.settings), tx.now)
    return member, site


def _everywhere(tx: Transaction, site: Site, sub: str) -> Any:
    return people.members_everywhere(tx.conn, people.site_ids_of(tx.conn, site.issuer), sub)


def apply_bans(tx: Transaction, site: Site, member: Any) -> bool:
    """Somebody opens a session: a ban on all sites holds here too, also where they come first. Whether one was new
    here.
    """
    found = None if member.banned_at is not None else people.find_ban(tx.conn, site.issuer, member.sub)
    if found is None:
        return False
    change = {"banned_at": found.created_at, "suspended_until": None, "restriction_reason": found.reason}
    update_member(tx.conn, member.id, **change)
    write_audit(
        tx.conn, "ban_everywhere", ("member", member.id), tx.now, site_id=site.id, user_id=found.user_id,
        before=_banned(member), reason=found.reason,
    )  # fmt: skip
    state_restricted(tx, member, "ban", found.user_id, words=found.reason)
    return True


def premoderate(tx: Transaction, viewer: Viewer, member_id: int, reason: str) -> None:
    """From now on every comment of this member waits for a moderator; the member is told why."""
    member, _ = _member(tx, viewer, Action.PREMODERATE, member_id)
    reason = _reason(reason)
    update_member(tx.conn, member.id, premoderated=True, premoderated_reason=reason)
    _audit(tx, viewer, member, "premoderate", _premoderated(member), {"premoderated": True}, reason=reason)
    state_restricted(tx, member, "premoderate", viewer.id, words=reason)
    tx.record(MemberRestricted(member.site_id, member.id, measure="premoderate"))


def lift_premoderation(tx: Transaction, viewer: Viewer, member_id: int) -> None:
    """What this member writes appears again as the rules say. What waits goes on waiting."""
    member, _ = _member(tx, viewer, Action.PREMODERATE, member_id)
    update_member(tx.conn, member.id, premoderated=False, premoderated_reason=None)
    state_lifted(tx, member.id, "premoderate")
    _audit(tx, viewer, member, "lift_premoderation", _premoderated(member), {"premoderated": False})
    tx.record(MemberRestricted(member.site_id, member.id, measure="lift_premoderation"))


def warn(tx: Transaction, viewer: Viewer, member_id: int, reason: str, text: str | None, comment_id: int | None) -> int:
    """Warn a member, perhaps on account of a comment: they read it before they post again. Returns its id."""
    section = _section_of(tx.conn, viewer, comment_id, member_id)
    member, site = _member(tx, viewer, Action.WARN, member_id, section=section)
    if reason not in site.settings.reject_reasons:
        raise Malformed(f"Reasons here are {', '.join(site.settings.reject_reasons)}.", field="reason")
    row = {"site_id": site.id, "member_id": member.id, "comment_id": comment_id, "user_id": viewer.id}
    row |= {"reason": reason, "text": (text or "").strip() or None, "created_at": tx.now}
    warning_id = people.insert_warning(tx.conn, **row)
    update_member(tx.conn, member.id, unseen_warnings=member.unseen_warnings + 1)
    after = {"warning": str(warning_id), "comment": None if comment_id is None else str(comment_id)}
    _audit(tx, viewer, member, "warn", None, after, reason=reason, note=row["text"])
    state_restricted(tx, member, "warn", viewer.id, reason=reason, words=row["text"])
    tx.record(MemberRestricted(member.site_id, member.id, measure="warn"))
    return warning_id


def _section_of(conn: Connection, viewer: Viewer, comment_id: int | None, member_id: int) -> str | EverySection | None:
    """The section of the comment that a warning is about. Raises NotFound if it is not the member's, or not there for
    this moderator.
    """
    if comment_id is None:
        return EverySection.ALL
    comment = find_comment(conn, comment_id)
    if comment is None or comment.member_id != member_id:
        raise NotFound("comment")
    section: str | None = article_of(conn, comment.article_id).section
    if not viewer.sees_section(section):
        raise NotFound("comment")
    return section


def take_back_warning(tx: Transaction, viewer: Viewer, member_id: int, warning_id: int) -> None:
    """A warning that its member has not seen yet is as if it had not been, but for the log. Raises Conflict (seen)."""
    member, _ = _member(tx, viewer, Action.WARN, member_id)
    warning = people.find_warning(tx.conn, warning_id)
    if warning is None or warning.member_id != member.id:
        raise NotFound("warning")
    if warning.seen_at is not None:
        raise Conflict("seen", "The member has read this warning.")
    people.delete_warning(tx.conn, warning.id)
    update_member(tx.conn, member.id, unseen_warnings=member.unseen_warnings - 1)
    state_taken_back(tx, member.id, warning.created_at)
    _audit(tx, viewer, member, "take_back_warning", {"warning": str(warning.id)}, None, reason=warning.reason)
    tx.record(MemberRestricted(member.site_id, member.id, measure="take_back_warning"))


def forget_warning(tx: Transaction, viewer: Viewer, member: Any, warning: Any) -> None:
    """A warning that was overturned on complaint counts no more, read or not. The log keeps it."""
    people.delete_warning(tx.conn, warning.id)
    if warning.seen_at is None:
        update_member(tx.conn, member.id, unseen_warnings=member.unseen_warnings - 1)
    _audit(tx, viewer, member, "forget_warning", {"warning": str(warning.id)}, None, reason=warning.reason)
    tx.record(MemberRestricted(member.site_id, member.id, measure="take_back_warning"))


def note_member(tx: Transaction, viewer: Viewer, member_id: int, text: str) -> None:
    """Write down something about a member for colleagues; the log keeps it."""
    member, _ = _member(tx, viewer, Action.NOTE, member_id)
    if not text.strip():
        raise Malformed("A note says something.", field="note")
    _audit(tx, viewer, member, "note", None, None, note=text.strip())


def is_restricted(member: Any, now: int) -> bool:
    """Whether this member (a row) is banned, or suspended at `now`."""
    return member.banned_at is not None or (member.suspended_until or 0) > now


def _member(
    tx: Transaction,
    viewer: Viewer,
    action: Action,
    member_id: int,
    *,
    section: str | EverySection | None = EverySection.ALL,
    lock: bool = True,
) -> tuple[Any, Site]:
    """The member's row and their site, if this account may do this to them; other sites' members are not there."""
    member = member_by_id(tx.conn, member_id, lock=lock)
    if member is None or not viewer.works_at(member.site_id):
        raise NotFound("member")
    site = site_by_id(tx.conn, member.site_id)
    require(viewer, action, Subject(site.id, site.settings, member.id, section), tx.now)
    return member, site


def _reason(text: str) -> str:
    if not text.strip():
        raise Malformed("Say why: the member is told.", field="reason")
    return text.strip()


def _banned(member: Any) -> dict[str, str | None]:
    return {"banned_at": time_text(member.banned_at), "suspended_until": time_text(member.suspended_until)}


def _premoderated(member: Any) -> dict[str, bool]:
    return {"premoderated": member.premoderated}


def _audit(
    tx: Transaction, viewer: Viewer, member: Any, action: str, before: Any, after: Any, **why: str | None
) -> None:
    write_audit(
        tx.conn, action, ("member", member.id), tx.now, site_id=member.site_id, user_id=viewer.id,
        before=before, after=after, **why,
    )  # fmt: skip
