"""What changed since: the catch-up of a thread, and what another process wrote. The journal has statuses and ids,
never text.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from comments.core.policy import THE_PUBLIC, Sight
from comments.core.present import Json, present, present_article
from comments.storage.tables import comments, journal
from comments.storage.threads import read_comments

LONGEST = 200  # a larger range is answered with a reset
KEPT = 7 * 86_400 * 1_000_000  # µs

j = journal.c


@dataclass(slots=True)
class Changes:
    """What the public saw change in a thread after `after` up to `seq`. With `reset` the page is to be loaded again."""

    after: int
    seq: int
    total: int
    reset: bool = False
    changes: list[Json] = field(default_factory=list)
    article: Json | None = None


def read_changes(conn: sa.Connection, article: Any, after: int) -> Changes:
    """`article` is the row as read first on this connection: its seq is what the answer claims, the rows may be
    newer.
    """
    answer = Changes(after, article.seq, article.total)
    if after == article.seq:
        return answer
    if not 0 <= article.seq - after <= LONGEST:
        answer.reset = True
        return answer
    query = sa.select(j.seq, j.kind, j.comment_id, j.before)
    query = query.where(j.article_id == article.id, j.seq > after, j.seq <= article.seq).order_by(j.seq, j.id)
    rows = conn.execute(query).all()
    is_whole = len({row.seq for row in rows}) == article.seq - after  # forgetting by time may leave holes
    if not is_whole or any(row.kind == "reset" for row in rows):
        answer.reset = True
        return answer
    if any(row.kind == "article" for row in rows):
        answer.article = present_article(article, article.key)
    answer.changes = _touched(conn, [row for row in rows if row.comment_id is not None])
    return answer


def _touched(conn: sa.Connection, rows: Sequence[Any]) -> list[Json]:
    """For each comment of the range its present public form, or `gone`; in the order in which they were first
    touched.
    """
    before: dict[int, Sight] = {}
    last: dict[int, int] = {}
    seen: set[int] = set()
    for row in rows:
        before.setdefault(row.comment_id, row.before)
        last[row.comment_id] = row.seq
        if row.before != "absent":
            seen.add(row.comment_id)
    present_rows = {row.id: row for row in read_comments(conn, sorted(before), THE_PUBLIC)}
    changes: list[Json] = []
    gone: list[int] = []
    for comment_id, sight in before.items():
        row = present_rows.get(comment_id)
        if row is not None:
            shown = present(row, THE_PUBLIC.admits(row.status, row.member_id, row.visible_children))
            changes.append({"kind": "added" if sight == "absent" else "changed", "comment": shown})
        elif comment_id in seen:
            gone.append(comment_id)
    return changes + _gone(conn, gone, last)


def _gone(conn: sa.Connection, ids: Sequence[int], last: dict[int, int]) -> list[Json]:
    if not ids:
        return []
    query = sa.select(comments.c.id, comments.c.root_id, comments.c.parent_id).where(comments.c.id.in_(ids))
    return [
        {
            "kind": "gone",
            "comment": {
                "id": str(row.id),
                "root_id": str(row.root_id),
                "parent_id": None if row.parent_id is None else str(row.parent_id),
                "seq": last[row.id],
            },
        }
        for row in conn.execute(query.order_by(comments.c.id))
    ]


def last_entry(conn: sa.Connection) -> int:
    return int(conn.execute(sa.select(sa.func.coalesce(sa.func.max(j.id), 0))).scalar_one())


def read_entries(conn: sa.Connection, after_id: int, limit: int = 1000) -> Sequence[Any]:
    """Journal rows that another process may have written, oldest first."""
    query = sa.select(j.id, j.site_id, j.article_id, j.comment_id, j.seq, j.kind, j.member_id, j.created_at)
    return conn.execute(query.where(j.id > after_id).order_by(j.id).limit(limit)).all()


def prune(conn: sa.Connection, now: int, limit: int = 5000) -> int:
    """Forget the oldest entries beyond seven days, whole transactions, some `limit` rows; how many went.

    The last one stays: SQLite goes on numbering from it, and the relay goes by the numbers.
    """
    last = sa.select(j.created_at).where(j.id == sa.select(sa.func.max(j.id)).scalar_subquery()).scalar_subquery()
    is_old = sa.and_(j.created_at < now - KEPT, j.created_at < last)
    old = sa.select(j.created_at).where(is_old).order_by(j.created_at).limit(limit).subquery()
    until = sa.select(sa.func.max(old.c.created_at)).scalar_subquery()
    return conn.execute(sa.delete(journal).where(j.created_at <= until)).rowcount
