"""What moderators do with a comment besides deciding it: pick it, lock its thread, put it aside, ask a colleague, leave
a note. None of it raises the comment's version: a colleague's decision about the same text still holds.
"""

from typing import Any

from comments.actions.moderation import subject_of
from comments.actions.notifications import tell
from comments.core.entitlement import SECOND
from comments.core.errors import Conflict, Malformed, NotFound
from comments.core.events import ClaimsChanged, CommentMarked
from comments.core.identity import Viewer
from comments.core.notifications import Kind
from comments.core.policy import Action
from comments.core.status import Status
from comments.storage import claims
from comments.storage.audit import write_audit
from comments.storage.comments import mark_comment
from comments.storage.deferrals import put_deferral
from comments.storage.notifications import forget
from comments.storage.site_picks import put_site_pick
from comments.storage.threads import find_comment
from comments.storage.transaction import Transaction

ANSWER_WITHIN = 7 * 86_400 * SECOND  # µs; a colleague who has not answered by then is not waited for
LONGEST_DEFERRAL = 1440  # minutes


def pick(tx: Transaction, viewer: Viewer, comment_id: int, on: bool) -> None:
    """Show a published comment as the newsroom's choice, or no longer."""
    comment = _found(tx, viewer, comment_id, Action.PICK)
    if comment.status != Status.PUBLISHED and on:
        raise Conflict("status", "Only a published comment can be picked.", comment_status=comment.status)
    if _mark(tx, viewer, comment, "picked_at", on, "pick" if on else "unpick"):
        put_site_pick(tx.conn, comment, tx.now if on else None)
        forget(tx.conn, [comment.id], [Kind.PICKED])
        if on and comment.member_id is not None:
            tell(tx, comment, {comment.member_id: Kind.PICKED})


def lock_thread(tx: Transaction, viewer: Viewer, comment_id: int, on: bool) -> None:
    """Let the thread of a root take no more replies, or open it again."""
    comment = _found(tx, viewer, comment_id, Action.LOCK)
    if comment.depth > 0:
        raise Malformed("A thread is locked at its root.", field="comment")
    _mark(tx, viewer, comment, "locked_at", on, "lock" if on else "unlock")


def _mark(tx: Transaction, viewer: Viewer, comment: Any, column: str, on: bool, action: str) -> bool:
    """Whether that changed anything."""
    if (getattr(comment, column) is not None) == on:
        return False
    mark_comment(tx.conn, comment.id, **{column: tx.now if on else None})
    _log(tx, viewer, comment, action)
    tx.record(
        CommentMarked(
            site_id=comment.site_id,
            article_id=comment.article_id,
            comment_id=comment.id,
            status=Status(comment.status),
            children=comment.visible_children,
        )
    )
    return True


def defer(tx: Transaction, viewer: Viewer, comment_id: int, minutes: int) -> int:
    """Put a comment aside: it leaves one's own queues for so long, colleagues go on seeing it. Until when (µs UTC)."""
    if not 5 <= minutes <= LONGEST_DEFERRAL:
        raise Malformed(f"A comment is put aside for 5 to {LONGEST_DEFERRAL} minutes.", field="minutes")
    comment = _found(tx, viewer, comment_id, Action.DECIDE)
    until = tx.now + minutes * 60 * SECOND
    _put_aside(tx, viewer, comment, until)
    return until


def ask_second_opinion(tx: Transaction, viewer: Viewer, comment_id: int, note: str) -> None:
    """Leave a comment to a colleague: it leaves one's own queues, and another moderator decides it."""
    comment = _found(tx, viewer, comment_id, Action.DECIDE)
    if not note.strip():
        raise Malformed("Say what you want to know.", field="note")
    _put_aside(tx, viewer, comment, tx.now + ANSWER_WITHIN, second_opinion=True, note=note.strip())
    _log(tx, viewer, comment, "second_opinion", note.strip())


def _put_aside(tx: Transaction, viewer: Viewer, comment: Any, until: int, **more: Any) -> None:
    if viewer.id is None:
        raise Malformed("Only somebody with an account of the console puts comments aside.")
    row = {"comment_id": comment.id, "user_id": viewer.id, "site_id": comment.site_id, "until": until}
    put_deferral(tx.conn, row | {"second_opinion": False, "note": None, "created_at": tx.now} | more)
    if claims.release(tx.conn, [comment.id], viewer.id):
        tx.record(ClaimsChanged(comment.site_id, (comment.id,)))


def note(tx: Transaction, viewer: Viewer, comment_id: int, text: str) -> None:
    """Leave a note on a comment, for colleagues alone."""
    comment = _found(tx, viewer, comment_id, Action.NOTE)
    if not text.strip():
        raise Malformed("Write something.", field="text")
    _log(tx, viewer, comment, "note", text.strip())


def _found(tx: Transaction, viewer: Viewer, comment_id: int, action: Action) -> Any:
    """The comment, locked with its article."""
    seen = find_comment(tx.conn, comment_id)
    if seen is None:
        raise NotFound("comment")
    subject_of(tx, viewer, seen, action)
    tx.lock(article_id=seen.article_id)
    return find_comment(tx.conn, comment_id, lock=True)


def _log(tx: Transaction, viewer: Viewer, comment: Any, action: str, text: str | None = None) -> None:
    about = {"site_id": comment.site_id, "user_id": viewer.id, "note": text}
    write_audit(tx.conn, action, ("comment", comment.id), tx.now, **about)
