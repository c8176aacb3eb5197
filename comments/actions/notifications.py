"""Telling members what happened to them and to what they wrote, in the transaction in which it happens. Never of one's
own acts, never of what the receiver does not see, never of people whom they muted, and once only.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from comments.actions.mail import plan_mail
from comments.actions.members import Access, acting_member
from comments.core.entitlement import SECOND
from comments.core.events import MemberNotified
from comments.core.mentions import mentioned
from comments.core.notifications import Kind
from comments.core.status import Status
from comments.storage import notifications as rows
from comments.storage.transaction import Transaction

SEEN_ANYWAY = 60 * SECOND  # µs: who posted so lately is still there and sees their comment appear


def tell(tx: Transaction, comment: Any, receivers: Mapping[int, Kind]) -> None:
    """Tell these members something about a comment (its row, or what was just posted)."""
    tell_all(tx, [(comment, member, kind) for member, kind in receivers.items()])


def tell_all(tx: Transaction, news: Sequence[tuple[Any, int, Kind]]) -> None:
    """(comment, receiver, what) in one statement."""
    if not news:
        return
    about = {"created_at": tx.now}
    rows.tell(
        tx.conn,
        [
            about | {"member_id": member, "kind": str(kind), "comment_id": one.id, "article_id": one.article_id}
            for one, member, kind in news
        ],
    )
    plan_mail(tx, {one.id for one, _, _ in news})
    for one, member, _ in news:
        tx.record(MemberNotified(one.site_id, one.article_id, one.id, member))


def receivers_of(answered: tuple[int, bool] | None, named: Iterable[int], by: int | None) -> dict[int, Kind]:
    """Who hears of a comment that is public now, each once: whom it mentions, and first of all whom it answers (with
    whether that is the answer of the article's author to a question).
    """
    told = dict.fromkeys(named, Kind.MENTION)
    if answered is not None:
        told[answered[0]] = Kind.ANSWERED if answered[1] else Kind.REPLY
    return {member: kind for member, kind in told.items() if member != by}


def tell_of_public(tx: Transaction, found: Sequence[Any]) -> None:
    """These comments became public otherwise than by being posted: tell whom they answer and mention."""
    replies = [one.id for one in found if one.parent_id is not None]
    answered = rows.read_answered(tx.conn, replies) if replies else {}
    news = [
        (one, member, kind)
        for one in found
        for member, kind in receivers_of(answered.get(one.id), _named(one), one.member_id).items()
    ]
    if news:
        muted = rows.read_muted(tx.conn, {member for _, member, _ in news}, {one.member_id for one, _, _ in news})
        tell_all(tx, [one for one in news if (one[1], one[0].member_id) not in muted])


def _named(comment: Any) -> list[int]:
    return mentioned(msgspec.json.decode(comment.tree)) if '"mention"' in comment.tree else []


def tell_decided(tx: Transaction, found: Sequence[Any], after: Status, appealed: Iterable[int]) -> None:
    """A decision about these comments (rows as they were before), in answer to an appeal where there was one: their
    authors hear of it, and of those that are public now whom they concern.
    """
    answered = set(appealed)
    own = {one.id: _what(one, after, one.id in answered) for one in found if one.member_id is not None}
    rows.forget(tx.conn, [one.id for one in found])
    tell_all(tx, [(one, one.member_id, kind) for one in found if (kind := own.get(one.id)) is not None])
    if after is Status.PUBLISHED:
        tell_of_public(tx, [one for one in found if one.status != Status.PUBLISHED])


def _what(comment: Any, after: Status, appealed: bool) -> Kind | None:
    if appealed:
        return Kind.RESTORED if after is Status.PUBLISHED else Kind.UPHELD
    if comment.status == after:
        return None
    return Kind.PUBLISHED if after is Status.PUBLISHED else Kind.REJECTED


def tell_appeared(tx: Transaction, comment: Any) -> None:
    """A comment that waited for a machine alone is public."""
    if comment.member_id is not None and tx.now - comment.created_at > SEEN_ANYWAY:
        tell(tx, comment, {comment.member_id: Kind.PUBLISHED})
    tell_of_public(tx, [comment])


def see(tx: Transaction, access: Access, until: int) -> Any:
    """A member has looked at their notifications up to this one; their row."""
    member, _ = acting_member(tx.conn, access, tx.now, lock=True)
    rows.see(tx.conn, member, until)
    return acting_member(tx.conn, access, tx.now)[0]
