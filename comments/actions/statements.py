"""A statement of reasons from every restriction, in the transaction that restricts: called by what decides about
comments and by what is laid upon members. Sites may do without (law.statements).
"""

from collections.abc import Collection, Sequence
from typing import Any

from comments.core.law.statement import OWN, Grounds, Measure, automation
from comments.storage import statements as rows
from comments.storage.sites import site_by_id
from comments.storage.transaction import Transaction


def state_removed(
    tx: Transaction, found: Sequence[Any], reason: str | None, user_id: int | None, grounds: Grounds = OWN
) -> None:
    """These comments of one site were rejected; `user_id` None: by the service itself, along with a ban."""
    _of_comments(tx, found, "remove", reason, user_id, grounds, rows.pointed_at(tx.conn, [one.id for one in found]))


def state_hidden(tx: Transaction, comment: Any, reason: str, *, by_readers: bool) -> None:
    """A published comment was sent back to the queue by readers' reports, or by a machine's opinion."""
    pointed = () if by_readers else (comment.id,)
    _of_comments(tx, [comment], "hide", reason, None, OWN, pointed, by_readers=by_readers)


def state_shown(tx: Transaction, ids: Sequence[int], how: str = "lifted") -> None:
    """Nothing restricts these comments any more; `how`: lifted or overturned."""
    rows.end_of_comments(tx.conn, ids, how, tx.now)


def state_undone(tx: Transaction, ids: Sequence[int]) -> None:
    """Decisions about these comments were taken back at once."""
    rows.undo_of_comments(tx.conn, ids, tx.now)


def _of_comments(
    tx: Transaction, found: Sequence[Any], measure: Measure, reason: str | None, user_id: int | None,
    grounds: Grounds, pointed: Collection[int], *, by_readers: bool = False,
) -> None:  # fmt: skip
    if not found:
        return
    rows.end_of_comments(tx.conn, [one.id for one in found], "lifted", tx.now)
    if not site_by_id(tx.conn, found[0].site_id).settings.law.statements:
        return
    made = []
    for one in found:
        detected, decided = automation(one.id in pointed, user_id)
        about = {"comment_id": one.id, "member_id": one.member_id, "language": one.language}
        about |= {"content_at": one.created_at, "automated_detection": detected, "automated_decision": decided}
        made.append(_row(tx, one.site_id, measure, reason, user_id, grounds) | about)
    if by_readers:
        made = [one | {"source": "reports"} for one in made]
    rows.insert_statements(tx.conn, made)


def state_restricted(
    tx: Transaction, member: Any, measure: Measure, user_id: int | None,
    *, reason: str | None = None, until: int | None = None, words: str | None = None,
) -> None:  # fmt: skip
    """A moderator warned, suspended, banned or pre-moderated a member. `reason`: one of the site's; `words`: their own,
    to the member.
    """
    if measure in LIFTS:
        rows.end_of_member(tx.conn, member.id, LIFTS[measure], "lifted", tx.now)
    if not site_by_id(tx.conn, member.site_id).settings.law.statements:
        return
    row = _row(tx, member.site_id, measure, reason, user_id, OWN)
    row |= {"member_id": member.id, "until": until, "why": words, "language": None, "content_at": None}
    rows.insert_statements(
        tx.conn, [row | {"comment_id": None, "automated_detection": False, "automated_decision": "no"}]
    )


LIFTS = {
    "ban": ("ban", "suspend"),
    "suspend": ("suspend",),
    "premoderate": ("premoderate",),
}  # what comes in whose place


def state_lifted(tx: Transaction, member_id: int, *measures: Measure, how: str = "lifted") -> None:
    """What was laid upon a member is taken from them."""
    rows.end_of_member(tx.conn, member_id, measures, how, tx.now)


def state_taken_back(tx: Transaction, member_id: int, made_at: int) -> None:
    """A warning of that moment was taken back before its member saw it."""
    rows.end_of_member(tx.conn, member_id, ("warn",), "undone", tx.now, made_at=made_at)


def _row(
    tx: Transaction, site_id: int, measure: Measure, reason: str | None, user_id: int | None, grounds: Grounds
) -> dict[str, Any]:
    return {
        "site_id": site_id,
        "measure": measure,
        "notice_id": grounds.notice_id,
        "user_id": user_id,
        "reason": reason,
        "ground": "terms" if grounds.law is None else "law",
        "law": grounds.law,
        "why": grounds.why,
        "about": grounds.about,
        "source": grounds.source,
        "until": None,
        "created_at": tx.now,
    }
