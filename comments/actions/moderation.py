"""What moderators decide about comments: each leaves an entry in the audit log. And what they claim meanwhile, which
leaves one only where it takes a comment out of a colleague's hands.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from comments.actions.notifications import tell_decided
from comments.actions.open_appeals import answer_open_appeal, require_another
from comments.actions.restrictions import is_restricted
from comments.actions.statements import state_removed, state_shown
from comments.actions.threads import change_of
from comments.core.entitlement import SECOND
from comments.core.errors import Conflict, Malformed, NotFound
from comments.core.events import ClaimsChanged, ReportsJudged, StatusChanged
from comments.core.identity import Viewer
from comments.core.law.statement import OWN, Grounds
from comments.core.policy import Action, Subject, require
from comments.core.present import present_holder
from comments.core.status import Status, require_change
from comments.core.times import time_text
from comments.storage import claims, decisions, deferrals
from comments.storage.audit import write_audit
from comments.storage.members import member_by_id
from comments.storage.moderation import waiting_of_member
from comments.storage.queues import NO_FILTERS, Asker, Filters, of_sections
from comments.storage.sites import Site, site_by_id
from comments.storage.threads import article_of, find_comment, find_comments
from comments.storage.transaction import Connection, Transaction

BECOMES = {"approve": Status.PUBLISHED, "reject": Status.REJECTED}
CLAIMED_FOR = 3 * 60 * SECOND  # µs; who still looks at a comment renews it
CHUNK = 50  # comments in one transaction of bulk work


@dataclass(frozen=True, slots=True)
class Decision:
    """What a moderator decided about the `version` of a comment that they saw."""

    decision: str
    version: int
    reason: str | None = None
    note: str | None = None
    take_over: bool = False  # also if a colleague has it before them
    message: str | None = None  # to the author, in the receipt; `note` is for moderators
    grounds: Grounds = OWN  # of a rejection: the law, a notice


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that was made (or had been made already, if it was sent twice), when (µs UTC), and at which site."""

    id: int
    at: int
    site_id: int


def decide(tx: Transaction, viewer: Viewer, comment_id: int, decision: Decision) -> Decided:
    """Approve or reject a comment; sent twice it is one decision. Raises Conflict: changed_meanwhile if it is another
    version now, claimed if a colleague has it before them, own_second_opinion if one of them is to decide.
    """
    seen = find_comment(tx.conn, comment_id)
    if seen is None:
        raise NotFound("comment")
    site, section = subject_of(tx, viewer, seen, Action.DECIDE)
    subject = Subject(site.id, site.settings, seen.member_id, section)
    after = outcome_of(site, decision.decision, decision.reason)
    tx.lock(member_id=seen.member_id, article_id=seen.article_id)
    comment = find_comment(tx.conn, comment_id, lock=True)
    if comment.version != decision.version:
        same = decisions.find_same(tx.conn, comment, viewer.id, decision.decision, decision.reason)
        if same is not None and comment.version == decision.version + 1:
            return Decided(same.id, same.created_at, site.id)
        raise Conflict("changed_meanwhile", "The comment changed meanwhile: look at it again.", version=comment.version)
    require_another(tx.conn, viewer, subject, comment_id, tx.now)
    if await_colleague(tx.conn, tx.now, viewer, site.id, {comment_id: section}):
        raise Conflict("own_second_opinion", "You asked a colleague about this comment: they decide.")
    take_claims(tx, viewer, site.id, [comment_id], decision.take_over)
    return Decided(apply_decision(tx, comment, after, decision, viewer.id), tx.now, site.id)


def subject_of(tx: Transaction, viewer: Viewer, comment: Any, action: Action) -> tuple[Site, str | None]:
    """Site and section of a comment, if this viewer may do this to it. Raises NotFound if they may not see it."""
    if not viewer.works_at(comment.site_id):
        raise NotFound("comment")
    site, section = site_by_id(tx.conn, comment.site_id), article_of(tx.conn, comment.article_id).section
    if not viewer.sees_section(section):
        raise NotFound("comment")
    require(viewer, action, Subject(site.id, site.settings, comment.member_id, section), tx.now)
    return site, section


def outcome_of(site: Site, decision: str, reason: str | None) -> Status:
    """What a comment becomes by this decision. Raises Malformed."""
    if decision not in BECOMES:
        raise Malformed(f"A decision is one of {', '.join(BECOMES)}.", field="decision")
    if decision == "reject" and reason not in site.settings.reject_reasons:
        raise Malformed(f"Reasons here are {', '.join(site.settings.reject_reasons)}.", field="reason")
    return BECOMES[decision]


def await_colleague(
    conn: Connection, now: int, viewer: Viewer, site_id: int, sections: dict[int, str | None]
) -> set[int]:
    """Of these comments (with their sections) those about which this moderator asked a colleague who can answer."""
    asked = deferrals.read_second_opinions(conn, list(sections), now)
    waits = set()
    for comment_id, asking in asked.items():
        askers = [one.user_id for one in asking]
        if viewer.id in askers and deferrals.somebody_else_decides(conn, site_id, sections[comment_id], askers):
            waits.add(comment_id)
    return waits


def apply_decision(tx: Transaction, comment: Any, after: Status, decision: Decision, user_id: int | None) -> int:
    """Decide one comment, read under its lock; the decision's id."""
    return apply_to_all(tx, [comment], after, decision, user_id)[comment.id]


def apply_to_all(
    tx: Transaction, found: Sequence[Any], after: Status, decision: Decision, user_id: int | None
) -> dict[int, int]:
    """Decide comments that were read under their locks; the decisions' ids by comment. Colleagues are not told that
    claims ended: the comments leave their queues.
    """
    for comment in found:
        require_change(Status(comment.status), after)
    ids = [comment.id for comment in found]
    judged = "upheld" if after is Status.REJECTED else "rejected"  # what a ban rejects along nobody has looked at
    put = decisions.put_aside(tx.conn, found, tx.now, None if user_id is None else judged)
    if after is Status.REJECTED:
        params = {"reason": decision.reason, "by": "moderator"}
        finding = {"rule": "decision", "kind": "refuse", "reason": "decision", "spans": [], "params": params}
        decisions.insert_finding_on(tx.conn, ids, finding, tx.now)
    decisions.settle_comments(tx.conn, ids, str(after), tx.now)
    why = (user_id, decision.reason, decision.note, decision.message)
    written = decisions.write_decisions(tx.conn, found, put, tx.now, decision.decision, str(after), *why)
    if after is Status.REJECTED:
        grounds = replace(decision.grounds, why=decision.grounds.why or decision.message)
        state_removed(tx, found, decision.reason, user_id, grounds)
    else:
        state_shown(tx, ids, "overturned" if any(put[key]["appealed"] for key in ids) else "lifted")
    claims.release(tx.conn, ids)
    for comment in found:
        if put[comment.id]["appealed"]:
            answer_open_appeal(tx, comment, after, user_id)
        tx.record(StatusChanged(**change_of(comment, after)))
    tell_decided(tx, found, after, [] if user_id is None else [key for key, one in put.items() if one["appealed"]])
    reports_judged(tx, found[0].site_id, (one for comment in found for one in put[comment.id]["reporters"]))
    return written


def reports_judged(tx: Transaction, site_id: int, reporters: Iterable[int]) -> None:
    """Have those counted anew whose reports a decision or its undoing has judged."""
    ids = tuple(sorted(set(reporters)))
    if ids:
        tx.record(ReportsJudged(site_id, ids))


def claim_comments(
    tx: Transaction, viewer: Viewer, site: Site, ids: Sequence[int], *, take_over: bool = False
) -> list[int]:
    """Claim comments of a site, or renew the claims on them; the ids of those that are now this moderator's.
    `take_over`: also what colleagues have before them.
    """
    require(viewer, Action.CLAIM, Subject(site.id, site.settings), tx.now)
    ids = of_sections(tx.conn, viewer.sections, ids)
    if take_over:
        take_claims(tx, viewer, site.id, ids, take_over)
    return _claimed(tx, site, claims.claim(tx.conn, _user(viewer), site.id, ids, tx.now, tx.now + CLAIMED_FOR))


def claim_next(
    tx: Transaction, viewer: Viewer, site: Site, queue: str, limit: int, order: str = "oldest",
    filters: Filters = NO_FILTERS,
) -> list[int]:  # fmt: skip
    """Claim the next comments of a queue, in this order and of these, that nobody has before them and this moderator
    has not put aside: no two moderators are given the same one.
    """
    require(viewer, Action.CLAIM, Subject(site.id, site.settings), tx.now)
    asker, until = Asker(user_id=_user(viewer), sections=viewer.sections, now=tx.now), tx.now + CLAIMED_FOR
    ids = claims.claim_next(tx.conn, asker, site.id, queue, limit, until, order=order, filters=filters)
    return _claimed(tx, site, ids)


def release_claims(tx: Transaction, viewer: Viewer, site: Site, ids: Sequence[int]) -> None:
    """Let go what this moderator has claimed among these comments."""
    require(viewer, Action.CLAIM, Subject(site.id, site.settings), tx.now)
    _claimed(tx, site, claims.release(tx.conn, ids, _user(viewer)))


def release_all(tx: Transaction, viewer: Viewer) -> None:
    """A moderator signs out: colleagues get all that they had before them."""
    for site_id, ids in claims.release_all(tx.conn, _user(viewer)).items():
        tx.record(ClaimsChanged(site_id, tuple(ids)))


def _claimed(tx: Transaction, site: Site, ids: list[int]) -> list[int]:
    if ids:
        tx.record(ClaimsChanged(site.id, tuple(ids)))
    return ids


def _user(viewer: Viewer) -> int:
    if viewer.id is None:
        raise Malformed("Only somebody with an account of the console claims comments.")
    return viewer.id


def take_claims(tx: Transaction, viewer: Viewer, site_id: int, ids: Sequence[int], take_over: bool) -> None:
    """End others' claims on these comments, with an entry in the log each. Raises Conflict (claimed) if not
    `take_over`.
    """
    held = claims.read_claims(tx.conn, site_id, ids, tx.now, lock=True)
    others = {key: claim for key, claim in held.items() if claim.user_id != viewer.id}
    for comment_id, claim in others.items():
        if not take_over:
            until = time_text(claim.until)
            detail = f"{claim.name} is looking at this comment until {until}: take it over to decide."
            raise Conflict("claimed", detail, claimed_by=present_holder(claim))
        write_audit(
            tx.conn,
            "take_over",
            ("comment", comment_id),
            tx.now,
            site_id=site_id,
            user_id=viewer.id,
            before={"claimed_by": claim.name},
            after={"claimed_by": viewer.name},
        )
    if others:
        claims.release(tx.conn, list(others))


def reject_waiting(tx: Transaction, member_id: int, limit: int = CHUNK) -> int:
    """Reject up to `limit` waiting comments of a banned member; how many it were. The bulk part of a ban."""
    member = member_by_id(tx.conn, member_id, lock=True)
    ids = waiting_of_member(tx.conn, member_id, limit) if member is not None and is_restricted(member, tx.now) else []
    tx.lock_all(member_ids=(), article_ids={row.article_id for row in find_comments(tx.conn, ids)})
    waiting = [row for row in find_comments(tx.conn, ids, lock=True) if row.status == Status.WAITING]
    if waiting:
        apply_to_all(tx, waiting, Status.REJECTED, Decision("reject", 0, reason="banned_author"), None)
    return len(ids)
