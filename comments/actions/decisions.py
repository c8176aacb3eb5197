"""Decisions taken back and decisions about many comments at once. One comment alone: moderation.py."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from comments.actions.moderation import Decision, apply_to_all, await_colleague, outcome_of, reports_judged
from comments.actions.statements import state_undone
from comments.actions.threads import change_of
from comments.core.entitlement import SECOND
from comments.core.errors import CommentsError, Conflict, Forbidden, NotFound
from comments.core.events import StatusChanged
from comments.core.identity import Viewer
from comments.core.policy import Action, Subject, require
from comments.core.status import BECOMES, Status
from comments.storage import claims, decisions
from comments.storage.comments import reopen_reports
from comments.storage.deferrals import restore_deferrals
from comments.storage.notifications import forget
from comments.storage.sites import Site, site_by_id
from comments.storage.threads import articles_of, find_comments
from comments.storage.transaction import Connection, Transaction

UNDO_FOR = 10 * SECOND  # µs; as long as the console offers it
GRACE = 5 * SECOND  # µs more, for the way


@dataclass(slots=True)
class Bulk:
    """What a decision about many comments touches: those it decides, and why it leaves out the others."""

    found: list[Any] = field(default_factory=list)
    left_out: dict[int, str] = field(default_factory=dict)  # comment → code of the reason
    written: dict[int, int] = field(default_factory=dict)  # comment → decision


def undo(tx: Transaction, viewer: Viewer, decision_id: int) -> int:
    """Take back one's own decision within its time; the comment's id. Raises Conflict if it is too late, or the comment
    changed since.
    """
    site_id, made = _own(tx, viewer, [decision_id])
    comments, refusals = _undoable(tx, viewer, made)
    for refusal in refusals.values():
        raise refusal
    _take_back(tx, viewer, site_id, comments)
    return int(made[0].comment_id)


def undo_bulk(tx: Transaction, viewer: Viewer, site: Site, ids: Sequence[int]) -> tuple[list[int], dict[int, str]]:
    """Take back a bulk decision in one step: the comments that are back, and what could not be, comment → why."""
    _, made = _own(tx, viewer, ids, site.id)
    comments, refusals = _undoable(tx, viewer, made)
    _take_back(tx, viewer, site.id, comments)
    back = [comment.id for _, comment in comments]
    return back, {comment_id: refusal.code for comment_id, refusal in refusals.items()}


def _own(tx: Transaction, viewer: Viewer, ids: Sequence[int], site_id: int | None = None) -> tuple[int, Sequence[Any]]:
    """These decisions of one site, locked with what they are about."""
    seen = decisions.read_some(tx.conn, ids)
    sites = {one.site_id for one in seen}
    if len(seen) != len(set(ids)) or len(sites) != 1 or site_id not in (None, *sites):
        raise NotFound("decision")
    (site_id,) = sites
    if not viewer.works_at(site_id):
        raise NotFound("decision")
    require(viewer, Action.DECIDE, Subject(site_id, site_by_id(tx.conn, site_id).settings), tx.now)
    if any(one.user_id != viewer.id for one in seen):
        raise Forbidden("forbidden", "Only who decided takes it back.")
    tx.lock_all(
        member_ids=[one.member_id for one in seen if one.member_id is not None],
        article_ids=[one.article_id for one in seen],
    )
    return site_id, seen


def _undoable(
    tx: Transaction, viewer: Viewer, made: Sequence[Any]
) -> tuple[list[tuple[Any, Any]], dict[int, CommentsError]]:
    """(decision, its locked comment) of those that can be taken back now, and why the others cannot. What was taken
    back already is neither.
    """
    rows = {row.id: row for row in find_comments(tx.conn, [one.comment_id for one in made], lock=True)}
    able: list[tuple[Any, Any]] = []
    refusals: dict[int, CommentsError] = {}
    for one in decisions.read_some(tx.conn, [one.id for one in made], lock=True):
        refusal = _why_not(one, rows[one.comment_id], tx.now)
        if one.undone_at is not None:
            continue
        if refusal is not None:
            refusals[one.comment_id] = refusal
        else:
            able.append((one, rows[one.comment_id]))
    return able, refusals


def _why_not(made: Any, comment: Any, now: int) -> CommentsError | None:
    if now > made.created_at + UNDO_FOR + GRACE:
        return Conflict("undo_too_late", "A decision can be taken back for some seconds only: decide again.")
    if made.appealed_at is not None and (made.appealed_at >= made.created_at or made.answered_at == made.created_at):
        return Conflict("appealed", "The author has appealed, and was answered or will be: decide anew.")
    if comment.version != made.version:
        return Conflict("changed_meanwhile", "The comment changed since the decision.", version=comment.version)
    return None


def _take_back(tx: Transaction, viewer: Viewer, site_id: int, able: Sequence[tuple[Any, Any]]) -> None:
    if not able:
        return
    befores = {comment.id: msgspec.json.decode(one.before) for one, comment in able}
    reports = reopen_reports(tx.conn, [report for before in befores.values() for report in before["reports"]])
    decisions.put_back(tx.conn, befores, reports, tx.now)
    restore_deferrals(tx.conn, site_id, {key: before["deferrals"] for key, before in befores.items()})
    decisions.mark_undone(tx.conn, [one.id for one, _ in able], tx.now)
    state_undone(tx, [comment.id for _, comment in able])
    reports_judged(tx, site_id, (report.member_id for report in reports))
    rows = [comment for _, comment in able]
    after = {key: before["status"] for key, before in befores.items()}
    why = {"user_id": viewer.id, "created_at": tx.now, "reason": None, "note": None}
    decisions.log_each(tx.conn, "undo", rows, after, why)
    forget(tx.conn, [comment.id for comment in rows])
    for comment in rows:
        tx.record(StatusChanged(**change_of(comment, Status(after[comment.id]))))


def look_over(
    conn: Connection,
    now: int,
    viewer: Viewer,
    site: Site,
    decision: Decision,
    items: dict[int, int],
    *,
    lock: bool = False,
) -> Bulk:
    """What a decision about these comments (id → version that was seen) would touch. Changes nothing."""
    require(viewer, Action.DECIDE, Subject(site.id, site.settings), now)
    after = outcome_of(site, decision.decision, decision.reason)
    seen = [row for row in find_comments(conn, list(items), lock=lock) if row.site_id == site.id]
    sections = {key: article.section for key, article in articles_of(conn, seen).items()} if seen else {}
    seen = [row for row in seen if viewer.sees_section(sections[row.article_id])]
    asked = await_colleague(conn, now, viewer, site.id, {row.id: sections[row.article_id] for row in seen})
    held = claims.read_claims(conn, site.id, list(items), now, lock=lock)
    appealed = decisions.open_appeals(conn, list(items), now)  # answered one by one
    bulk = Bulk(left_out=dict.fromkeys(items, "not_found"))
    for row in seen:
        if row.version != items[row.id]:
            bulk.left_out[row.id] = "changed_meanwhile"
        elif row.id in held and held[row.id].user_id != viewer.id:
            bulk.left_out[row.id] = "claimed"
        elif row.id in appealed:
            bulk.left_out[row.id] = "appealed"
        elif row.id in asked:
            bulk.left_out[row.id] = "own_second_opinion"
        elif after != row.status and after not in BECOMES[Status(row.status)]:
            bulk.left_out[row.id] = "status"
        else:
            bulk.found.append(row)
            del bulk.left_out[row.id]
    return bulk


def decide_bulk(tx: Transaction, viewer: Viewer, site: Site, decision: Decision, items: dict[int, int]) -> Bulk:
    """Decide all of these comments that still are as they were seen, in one transaction. What changed meanwhile, or a
    colleague has before them, is left out and named, never overwritten and never silently.
    """
    require(viewer, Action.DECIDE, Subject(site.id, site.settings), tx.now)
    seen = [row for row in find_comments(tx.conn, list(items)) if row.site_id == site.id]
    members, articles = {row.member_id for row in seen} - {None}, {row.article_id for row in seen}
    tx.lock_all(member_ids=members, article_ids=articles)
    items_here = {row.id: items[row.id] for row in seen}
    bulk = look_over(tx.conn, tx.now, viewer, site, decision, items_here, lock=True)
    bulk.left_out |= dict.fromkeys(items.keys() - items_here.keys(), "not_found")
    if bulk.found:
        after = outcome_of(site, decision.decision, decision.reason)
        bulk.written = apply_to_all(tx, bulk.found, after, decision, viewer.id)
    return bulk
