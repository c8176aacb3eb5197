"""What other actions do to an appeal that is open, and who may decide it."""

from contextlib import suppress
from typing import Any

from comments.core.errors import Forbidden, NotFound
from comments.core.events import AppealChanged
from comments.core.identity import Viewer
from comments.core.policy import Action, Subject, require
from comments.core.status import Status
from comments.storage import appeals as rows
from comments.storage.transaction import Connection, Transaction


def record_appeal(tx: Transaction, comment: Any) -> None:
    tx.record(AppealChanged(comment.site_id, comment.article_id, comment.id, comment.member_id))


def answer_open_appeal(
    tx: Transaction, comment: Any, after: Status, user_id: int | None = None, note: str | None = None
) -> None:
    """A decision about a comment answers its appeal: publishing overturns what it was against, rejecting upholds it.
    What was withdrawn, erased or published by an edit leaves nothing to decide.
    """
    appeal = rows.appeal_of(tx.conn, comment.id)
    if appeal is None or appeal.decided_at is not None:
        return
    by_a_person = "overturned" if after is Status.PUBLISHED else "upheld"
    outcome = "closed" if user_id is None else by_a_person
    rows.settle_appeal(tx.conn, appeal, outcome, tx.now, user_id=user_id, note=note)
    record_appeal(tx, comment)


def require_another(conn: Connection, viewer: Viewer, subject: Subject, comment_id: int, now: int) -> bool:
    """A comment with an open appeal is decided by another moderator than the decision that the appeal is against, where
    there is one; whether it is their own nevertheless. Raises Forbidden: own_decision.
    """
    appeal = rows.read_appeals(conn, [comment_id]).get(comment_id)
    if appeal is None or appeal.decided_at is not None:
        return False
    is_own: bool = appeal.against_id is not None and appeal.against_id == viewer.id
    if is_own and somebody_else(conn, viewer, subject, now):
        raise Forbidden("own_decision", "A colleague decides about appeals against your own decisions.")
    return is_own


def somebody_else(conn: Connection, viewer: Viewer, subject: Subject, now: int) -> bool:
    """Whether anybody but this moderator may decide about appeals there."""
    for colleague in rows.colleagues_of(conn, viewer.id or 0):
        with suppress(Forbidden, NotFound):
            require(colleague, Action.DECIDE_APPEAL, subject, now)
            return True
    return False
