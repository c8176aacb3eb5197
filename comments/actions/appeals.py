"""Appeals: an author asks that another person looks at why their comment is not public, and a moderator answers."""

from dataclasses import dataclass
from typing import Any

from comments.actions.members import Access
from comments.actions.moderation import Decision, apply_decision, subject_of, take_claims
from comments.actions.notifications import tell_decided
from comments.actions.open_appeals import record_appeal, require_another
from comments.actions.threads import own_comment
from comments.core.characters import clean, count
from comments.core.errors import Conflict, Malformed, NotFound
from comments.core.identity import Viewer
from comments.core.policy import Action, Subject
from comments.core.receipt import MAX_APPEAL, may_appeal
from comments.core.status import Status
from comments.storage import appeals as rows
from comments.storage.audit import write_audit
from comments.storage.claims import release
from comments.storage.comments import update_comment
from comments.storage.sites import Site
from comments.storage.threads import find_comment
from comments.storage.transaction import Transaction

OUTCOMES = {"upheld": "uphold_appeal", "overturned": "overturn_appeal"}  # and their names in the log


def appeal_comment(tx: Transaction, access: Access, comment_id: int, text: str) -> bool:
    """Appeal against a rejection or a hold of one's own comment; whether the appeal is new (the same text again is
    not). Raises Malformed, NotFound, Conflict: appeal_exists, no_appeal.
    """
    text = clean(text).strip()
    if not 0 < count(text) <= MAX_APPEAL:
        raise Malformed(f"An appeal has 1 to {MAX_APPEAL} characters.", field="text")
    _, _, comment = own_comment(tx, access, comment_id, Action.APPEAL)
    earlier = rows.appeal_of(tx.conn, comment.id)
    if earlier is not None and earlier.outcome != "closed":
        if earlier.text == text:
            return False
        raise Conflict("appeal_exists", "You have appealed already: there is one appeal for a comment.")
    if not may_appeal(rows.standings_of(tx.conn, [comment])[comment.id], tx.now):
        raise Conflict("no_appeal", "There is nothing to appeal against here, or no longer.")
    last = rows.last_decisions(tx.conn, [comment.id]).get(comment.id)
    against = last.id if comment.status == Status.REJECTED and last is not None else None
    rows.put_appeal(tx.conn, comment, against, text, tx.now)
    update_comment(tx.conn, comment.id)  # another version: who decides has to have seen the appeal
    record_appeal(tx, comment)
    return True


@dataclass(frozen=True, slots=True)
class Answer:
    """What a moderator answers to the appeal of a comment whose `version` they saw. `note`: to its author; `reason`:
    for a comment that only a machine held, which an upheld appeal rejects.
    """

    outcome: str
    version: int
    note: str | None = None
    reason: str | None = None
    take_over: bool = False


def decide_appeal(tx: Transaction, viewer: Viewer, appeal_id: int, answer: Answer) -> tuple[int, int]:
    """Uphold or overturn; the ids of site and comment. Raises NotFound, Malformed, Forbidden: own_decision, Conflict:
    appeal_decided, changed_meanwhile, claimed.
    """
    appeal = rows.find_appeal(tx.conn, appeal_id)
    if appeal is None:
        raise NotFound("appeal")
    seen = find_comment(tx.conn, appeal.comment_id)
    site, section = subject_of(tx, viewer, seen, Action.DECIDE_APPEAL)
    subject = Subject(site.id, site.settings, seen.member_id, section)
    if answer.outcome not in OUTCOMES:
        raise Malformed(f"An outcome is one of {', '.join(OUTCOMES)}.", field="outcome")
    tx.lock(member_id=seen.member_id, article_id=seen.article_id)
    comment = find_comment(tx.conn, seen.id, lock=True)
    appeal = rows.find_appeal(tx.conn, appeal_id)
    if appeal.decided_at is not None:
        raise Conflict("appeal_decided", "This appeal has been decided.", version=comment.version)
    if comment.version != answer.version:
        raise Conflict("changed_meanwhile", "The comment changed meanwhile: look at it again.", version=comment.version)
    own = require_another(tx.conn, viewer, subject, comment.id, tx.now)
    take_claims(tx, viewer, site.id, [comment.id], answer.take_over)
    after = _answer(tx, viewer, site, comment, appeal, answer)
    _log(tx, viewer, comment, after, answer, own)
    return site.id, comment.id


def _answer(tx: Transaction, viewer: Viewer, site: Site, comment: Any, appeal: Any, answer: Answer) -> Status:
    """What becomes of the comment."""
    after = Status(comment.status)
    if answer.outcome == "overturned":
        after = Status.PUBLISHED
        apply_decision(tx, comment, after, Decision("approve", answer.version), viewer.id)
    elif after is Status.WAITING:  # a machine held it and a person has looked: it does not wait again
        if answer.reason not in site.settings.reject_reasons:
            raise Malformed(f"Reasons here are {', '.join(site.settings.reject_reasons)}.", field="reason")
        after = Status.REJECTED
        apply_decision(tx, comment, after, Decision("reject", answer.version, answer.reason), viewer.id)
    else:
        update_comment(tx.conn, comment.id, looked_at=tx.now)
        release(tx.conn, [comment.id])
        tell_decided(tx, [comment], after, [comment.id])
    rows.settle_appeal(tx.conn, appeal, answer.outcome, tx.now, user_id=viewer.id, note=answer.note)
    record_appeal(tx, comment)
    return after


def _log(tx: Transaction, viewer: Viewer, comment: Any, after: Status, answer: Answer, own: bool) -> None:
    write_audit(
        tx.conn,
        OUTCOMES[answer.outcome],
        ("comment", comment.id),
        tx.now,
        site_id=comment.site_id,
        user_id=viewer.id,
        before={"status": comment.status},
        after={"status": str(after)} | ({"own_decision": True} if own else {}),
        reason=answer.reason,
        note=answer.note,
    )
