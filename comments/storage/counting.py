"""The end of every transaction: members' figures, an article's `total` and `seq`, counters and seq on comments, the
journal.

Called by transaction.py alone, right before COMMIT. Members first, then articles by id, then comments: the order of
all locks.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from comments.core.events import (
    AppealChanged,
    ArticleChanged,
    CommentChange,
    CommentMarked,
    CommentPosted,
    CommentReported,
    Event,
    MemberNotified,
    ReactionsChanged,
    StatusChanged,
    ThreadReset,
)
from comments.core.policy import THE_PUBLIC, Sight
from comments.core.status import STUBS, Status
from comments.storage.tables import Id, Micros, articles, comments, journal, members, published

Row = dict[str, Any]


# Built once: for statements that every post runs, building costs more than running.
_COUNT_MEMBER = (
    sa.update(members)
    .where(members.c.id == sa.bindparam("member", type_=Id))
    .values(
        published=members.c.published + sa.bindparam("published_by", type_=sa.Integer()),
        rejected=members.c.rejected + sa.bindparam("rejected_by", type_=sa.Integer()),
    )
)
_COUNT_POST = _COUNT_MEMBER.values(last_comment_at=sa.bindparam("posted_at", type_=Micros))
_TAKE_SEQ = (
    sa.update(articles)
    .where(articles.c.id == sa.bindparam("article", type_=Id))
    .values(
        seq=articles.c.seq + sa.bindparam("seq_by", type_=sa.Integer()),
        total=articles.c.total + sa.bindparam("total_by", type_=sa.Integer()),
    )
    .returning(articles.c.seq)
)
_SET_SEQ = (
    sa.update(comments)
    .where(comments.c.id == sa.bindparam("comment", type_=Id))
    .values(seq=sa.bindparam("new_seq", type_=sa.BigInteger()))
)
_IS_THE_REPLY = comments.c.id == sa.bindparam("comment", type_=Id)
_IS_THE_PARENT = comments.c.id == sa.bindparam("parent", type_=Id)
_COUNT_ABOVE = (
    sa.update(comments)
    .where(sa.or_(_IS_THE_REPLY, _IS_THE_PARENT, comments.c.id == sa.bindparam("root", type_=Id)))
    .values(
        seq=sa.bindparam("new_seq", type_=sa.BigInteger()),
        reply_count=comments.c.reply_count
        + sa.case((_IS_THE_REPLY, 0), else_=sa.bindparam("replies_by", type_=sa.Integer())),
        visible_children=comments.c.visible_children
        + sa.case((_IS_THE_PARENT, sa.bindparam("shown_by", type_=sa.Integer())), else_=0),
    )
    .returning(comments.c.id, comments.c.status, comments.c.visible_children, comments.c.parent_id)
)
_answer = comments.alias("answer")
_ANSWERED = (  # the first answer that the public sees stays the one
    sa.update(comments)
    .where(
        comments.c.id == sa.bindparam("parent", type_=Id),
        comments.c.question,
        comments.c.answer_id.is_(None),
    )
    .values(answer_id=sa.bindparam("comment", type_=Id))
)
_UNANSWERED = (
    sa.update(comments)
    .where(comments.c.id == sa.bindparam("parent", type_=Id), comments.c.answer_id == sa.bindparam("comment", type_=Id))
    .values(
        answer_id=sa.select(_answer.c.id)
        .where(
            _answer.c.parent_id == comments.c.id,
            sa.text(f"answer.by_author AND {published('answer')}"),
        )
        .order_by(_answer.c.created_at, _answer.c.id)
        .limit(1)
        .correlate(comments)
        .scalar_subquery()
    )
)
_HOOKED = sa.literal_column("EXISTS (SELECT 1 FROM webhooks WHERE webhooks.site_id = journal.site_id)", sa.Boolean())
_JOURNAL = sa.insert(journal).returning(_HOOKED)  # along with what is written anyway: a post costs no question more


def settle(conn: sa.Connection, events: Sequence[Event], now: int) -> tuple[dict[int, tuple[int, int]], bool]:
    """Write what these events change; for each article that took seq the one before and the last, and whether their
    site has webhooks.
    """
    _count_members(conn, events, now)
    rows: list[Row] = []
    ranges: dict[int, tuple[int, int]] = {}
    of_article: dict[int, list[Event]] = {}
    for event in events:
        if (article_id := getattr(event, "article_id", None)) is not None:
            of_article.setdefault(article_id, []).append(event)
    for article_id in sorted(of_article):
        some, taken = _settle_article(conn, of_article[article_id])
        rows += some
        if taken is not None:
            ranges[article_id] = taken
    written = [row | {"created_at": now} for row in rows]
    hooked = bool(rows) and any(conn.execute(_JOURNAL, written if len(written) > 1 else written[0]).scalars())
    return ranges, hooked


def _count_members(conn: sa.Connection, events: Sequence[Event], now: int) -> None:
    published: Counter[int] = Counter()
    rejected: Counter[int] = Counter()
    posted: set[int] = set()
    for event in events:
        if not isinstance(event, CommentChange) or event.member_id is None:
            continue
        published[event.member_id] += (event.after is Status.PUBLISHED) - (event.before is Status.PUBLISHED)
        rejected[event.member_id] += (event.after is Status.REJECTED) - (event.before is Status.REJECTED)
        if isinstance(event, CommentPosted):
            posted.add(event.member_id)
    changes = [
        {"member": member_id, "published_by": published[member_id], "rejected_by": rejected[member_id]}
        for member_id in sorted(set(published) | set(rejected))
        if published[member_id] or rejected[member_id] or member_id in posted
    ]
    _each(conn, _COUNT_MEMBER, [change for change in changes if change["member"] not in posted])
    _each(conn, _COUNT_POST, [change | {"posted_at": now} for change in changes if change["member"] in posted])


def _each(conn: sa.Connection, statement: sa.Insert | sa.Update, changes: Sequence[Row]) -> None:
    """All of them in one go: a decision about a hundred comments makes hundreds, and others wait for it."""
    if changes:
        conn.execute(statement, changes if len(changes) > 1 else changes[0])


def _settle_article(conn: sa.Connection, events: Sequence[Any]) -> tuple[list[Row], tuple[int, int] | None]:
    takes_seq = [event for event in events if _is_public(event)]
    own = {  # once for whom a decision and the notification of it concern
        (event.comment_id, getattr(event, "member_id", None)): event for event in events if _is_own(event)
    }
    rows = [_row(event, None, comment_id, "own", "absent", member_id) for (comment_id, member_id), event in own.items()]
    if not takes_seq:
        return rows, None
    total = sum(_difference(event) for event in takes_seq if isinstance(event, CommentChange))
    taken = {"article": takes_seq[0].article_id, "seq_by": len(takes_seq), "total_by": total}
    last = conn.execute(_TAKE_SEQ, taken).scalar_one()
    first = last - len(takes_seq)
    alone: list[Row] = []  # seqs to set of comments that nothing above counts
    for seq, event in enumerate(takes_seq, first + 1):
        if isinstance(event, CommentChange) and not _counts_above(event):
            rows.append(_row(event, seq, event.comment_id, "comment", _sight(event.before, event.children)))
            alone.append({"comment": event.comment_id, "new_seq": seq})
            continue
        _each(conn, _SET_SEQ, alone)  # before a later one, which may be the same comment's
        alone = []
        rows += _settle_event(conn, event, seq)
    _each(conn, _SET_SEQ, alone)
    return rows, (first, last)


def _is_public(event: Any) -> bool:
    if isinstance(event, StatusChanged) and event.before is event.after:
        return False  # a decision that confirms: nobody but the moderators is to know
    if isinstance(event, CommentChange):
        before, after = _sight(event.before, event.children), _sight(event.after, event.children)
        if event.before is event.after and after == "stub":
            return False  # an edit of what the public sees no text of
        return before != "absent" or after != "absent"
    if isinstance(event, CommentMarked):
        return _sight(event.status, event.children) != "absent"
    return isinstance(event, ReactionsChanged | ArticleChanged | ThreadReset)


def _is_own(event: Any) -> bool:
    """What the author or the moderators are told besides: everything but a plain published comment."""
    return isinstance(event, CommentReported | AppealChanged | MemberNotified) or (
        isinstance(event, CommentChange) and not event.is_plain
    )


def _sight(status: Status | str | None, children: int) -> Sight:
    return "absent" if status is None else THE_PUBLIC.admits(Status(status), None, children)


def _difference(event: CommentChange) -> int:
    return (event.after is Status.PUBLISHED) - (event.before is Status.PUBLISHED)


def _row(
    event: Any, seq: int | None, comment_id: int | None, kind: str, before: str, member_id: int | None = None
) -> Row:
    return {
        "site_id": event.site_id,
        "article_id": event.article_id,
        "comment_id": comment_id,
        "seq": seq,
        "kind": kind,
        "before": before,
        "member_id": member_id,
    }


def _settle_event(conn: sa.Connection, event: Any, seq: int) -> list[Row]:
    if isinstance(event, ArticleChanged):
        return [_row(event, seq, None, "article", "full")]
    if isinstance(event, ThreadReset):
        return [_row(event, seq, None, "reset", "full")]
    if isinstance(event, ReactionsChanged):
        _set_seq(conn, event.comment_ids, seq)
        return [_row(event, seq, comment_id, "comment", "full") for comment_id in event.comment_ids]
    if isinstance(event, CommentMarked):
        _set_seq(conn, [event.comment_id], seq)
        return [_row(event, seq, event.comment_id, "comment", _sight(event.status, event.children))]
    return _settle_comment(conn, event, seq)


def _set_seq(conn: sa.Connection, ids: Sequence[int], seq: int) -> None:
    _each(conn, _SET_SEQ, [{"comment": comment_id, "new_seq": seq} for comment_id in sorted(ids)])


def _shown_more(event: CommentChange) -> int:
    """1 where the public sees the comment now and did not before, -1 the other way round."""
    before, after = _sight(event.before, event.children), _sight(event.after, event.children)
    return (after != "absent") - (before != "absent")


def _counts_above(event: CommentChange) -> bool:
    return event.parent_id is not None and bool(_difference(event) or _shown_more(event))


def _settle_comment(conn: sa.Connection, event: CommentChange, seq: int) -> list[Row]:
    """Of one that counts above: own seq; root's and parent's reply_count; the parent's visible children, and up the
    chain while stubs come or go. And the question that it answers, or did.
    """
    replies, shown = _difference(event), _shown_more(event)
    rows = [_row(event, seq, event.comment_id, "comment", _sight(event.before, event.children))]
    counted = _count_above(conn, event, replies, shown, seq)
    assert event.parent_id is not None
    if event.by_author and replies:
        conn.execute(
            _ANSWERED if replies > 0 else _UNANSWERED, {"comment": event.comment_id, "parent": event.parent_id}
        )
    for key, row in counted.items():
        children = row.visible_children - (shown if key == event.parent_id else 0)
        rows.append(_row(event, seq, key, "comment", _sight(row.status, children)))
    return rows + _climb(conn, event, counted[event.parent_id], shown, seq)


def _count_above(conn: sa.Connection, event: CommentChange, replies: int, shown: int, seq: int) -> dict[int, Any]:
    """Parent and root as they are now, by id."""
    change = {
        "comment": event.comment_id,
        "parent": event.parent_id,
        "root": event.root_id,
        "new_seq": seq,
        "replies_by": replies,
        "shown_by": shown,
    }
    return {row.id: row for row in conn.execute(_COUNT_ABOVE, change) if row.id != event.comment_id}


def _climb(conn: sa.Connection, event: CommentChange, parent: Any, shown: int, seq: int) -> list[Row]:
    """A stub appears with its first visible child and goes with the last: its own parent then counts one more or
    less.
    """
    rows: list[Row] = []
    c = comments.c
    while shown and parent.parent_id is not None and parent.status in STUBS:
        if parent.visible_children != (1 if shown > 0 else 0):
            break
        change = (
            sa.update(comments)
            .where(c.id == parent.parent_id)
            .values(visible_children=c.visible_children + shown, seq=seq)
            .returning(c.id, c.status, c.visible_children, c.parent_id)
        )
        parent = conn.execute(change).one()
        rows.append(_row(event, seq, parent.id, "comment", _sight(parent.status, parent.visible_children - shown)))
    return rows
