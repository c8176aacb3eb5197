"""Complaints (DSA, Article 20): of members against what was laid upon them, and the answers to these and to those of
people who gave notice. A person decides, another than who decided first where there is one; what was wrong is reversed.
Comments have their appeals (actions/appeals.py).
"""

from typing import Any

from comments.actions import restrictions
from comments.actions.members import Access, acting_member
from comments.actions.notices import complaint_text, somebody_else, tell_complained
from comments.core.characters import clean
from comments.core.errors import Conflict, Forbidden, Malformed, NotFound
from comments.core.events import NoticesChanged
from comments.core.identity import Viewer
from comments.core.law.statement import may_complain
from comments.core.policy import Action, Subject, require
from comments.storage import notices as rows
from comments.storage.audit import write_audit
from comments.storage.members import member_by_id
from comments.storage.people import find_ban
from comments.storage.sites import Site, site_by_id
from comments.storage.statements import complaints_of_statements, end_statement, find_statement, warning_of
from comments.storage.transaction import Transaction

OUTCOMES = {"upheld": "uphold_complaint", "overturned": "overturn_complaint"}  # and their names in the log


def complain(tx: Transaction, access: Access, statement_id: int, text: str) -> bool:
    """A member complains about what was laid upon them; whether that is new (the same text again is not). Raises
    NotFound, Malformed, Conflict: complaint_exists, no_complaint.
    """
    said = complaint_text(text)
    member, viewer = acting_member(tx.conn, access, tx.now, lock=True)
    statement = find_statement(tx.conn, statement_id)
    if statement is None or statement.member_id != member.id:
        raise NotFound("statement")
    site = site_by_id(tx.conn, member.site_id)
    require(viewer, Action.APPEAL, Subject(site.id, site.settings, member.id), tx.now)
    if not site.settings.law.redress:
        raise NotFound("statement")
    earlier = complaints_of_statements(tx.conn, [statement.id]).get(statement.id)
    if earlier is not None and earlier.text == said:
        return False
    if earlier is not None:
        raise Conflict("complaint_exists", "You have complained already: there is one complaint about a decision.")
    if not may_complain(statement, earlier, tx.now):
        raise Conflict("no_complaint", "There is nothing to complain about here, or no longer.")
    rows.insert_complaint(
        tx.conn, site_id=site.id, statement_id=statement.id, member_id=member.id, against_id=statement.user_id,
        text=said, created_at=tx.now,
    )  # fmt: skip
    tx.record(NoticesChanged(site.id))
    return True


def decide_complaint(
    tx: Transaction, viewer: Viewer, site: Site, complaint_id: int, outcome: str, note: str, key: bytes
) -> None:  # fmt: skip
    """Uphold what was decided, or overturn it, which takes it back. Raises NotFound, Malformed, Forbidden:
    own_decision, Conflict: complaint_decided.
    """
    require(viewer, Action.DECIDE_NOTICE, Subject(site.id, site.settings), tx.now)
    said = clean(note).strip()
    if outcome not in OUTCOMES:
        raise Malformed(f"An outcome is one of {', '.join(OUTCOMES)}.", field="outcome")
    if not said:
        raise Malformed("Say why: whoever complained is told.", field="note")
    seen = rows.find_complaint(tx.conn, complaint_id)
    if seen is None or seen.site_id != site.id:
        raise NotFound("complaint")
    if seen.member_id is not None:
        member_by_id(tx.conn, seen.member_id, lock=True)
    complaint = rows.find_complaint(tx.conn, complaint_id, lock=True)
    if complaint.decided_at is not None:
        raise Conflict("complaint_decided", "This complaint has been decided.")
    if complaint.against_id is not None and complaint.against_id == viewer.id and somebody_else(tx, viewer, site):
        raise Forbidden("own_decision", "A colleague decides about complaints against your own decisions.")
    if outcome == "overturned":
        _reverse(tx, viewer, site, complaint)
    tx.record(NoticesChanged(site.id))
    rows.settle_complaint(tx.conn, complaint.id, outcome, viewer.id, said, tx.now)
    if complaint.notice_id is not None:
        tell_complained(tx, site, complaint.notice_id, key)
    about = "statement" if complaint.notice_id is None else "notice"
    subject = {"about": about, "id": str(complaint.statement_id or complaint.notice_id)}
    write_audit(
        tx.conn, OUTCOMES[outcome], ("complaint", complaint.id), tx.now, site_id=site.id, user_id=viewer.id,
        after=subject, note=said,
    )  # fmt: skip


def _reverse(tx: Transaction, viewer: Viewer, site: Site, complaint: Any) -> None:
    """A notice is open again; what was laid upon a member is lifted."""
    if complaint.notice_id is not None:
        rows.update_notice(tx.conn, complaint.notice_id, decided_at=None, outcome=None, answer=None, user_id=None)
        return
    statement = find_statement(tx.conn, complaint.statement_id)
    member = member_by_id(tx.conn, complaint.member_id)
    if statement.ended_at is None:
        _lift(tx, viewer, site, member, statement)
    end_statement(tx.conn, statement.id, "overturned", tx.now)


def _lift(tx: Transaction, viewer: Viewer, site: Site, member: Any, statement: Any) -> None:
    if statement.measure == "premoderate":
        restrictions.lift_premoderation(tx, viewer, member.id)
    elif statement.measure == "warn":
        warning = warning_of(tx.conn, statement)
        if warning is not None:
            restrictions.forget_warning(tx, viewer, member, warning)
    else:
        everywhere = find_ban(tx.conn, site.issuer, member.sub)
        if everywhere is not None and member.banned_at == everywhere.created_at:
            restrictions.lift_ban_everywhere(tx, viewer, member.id)
        else:
            restrictions.lift_ban(tx, viewer, member.id)
