"""Legal notices, trusted flaggers and complaints as rows. Lists by keyset on indexes of their own, however long."""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from comments.core.thread import Cursor
from comments.storage.queues import COUNT_LIMIT
from comments.storage.tables import (
    Id,
    comments,
    complaints,
    flaggers,
    members,
    notice_comments,
    notices,
    sites,
    statements,
    users,
)

n, f, k, o = notices.c, flaggers.c, complaints.c, notice_comments.c
RANK = 55  # bits that a time has below the rank in a cursor
_WITH = sa.select(notices, f.name.label("flagger"), users.c.name.label("by"))
_WITH = _WITH.outerjoin(flaggers, f.id == n.flagger_id).outerjoin(users, users.c.id == n.user_id)


def insert_notice(conn: sa.Connection, found: Sequence[int], **columns: Any) -> int:
    """`found`: the ids of the comments that it is about."""
    notice_id = int(conn.execute(sa.insert(notices).values(**columns).returning(n.id)).scalar_one())
    if found:
        rows = [{"notice_id": notice_id, "comment_id": one, "site_id": columns["site_id"]} for one in found]
        conn.execute(sa.insert(notice_comments), rows)
    return notice_id


def find_notice(conn: sa.Connection, notice_id: int, *, lock: bool = False) -> Any:
    query = sa.select(notices).where(n.id == notice_id)
    return conn.execute(query.with_for_update() if lock else query).first()


def notice_by_reference(conn: sa.Connection, reference: str) -> Any:
    return conn.execute(sa.select(notices).where(n.reference == reference)).first()


def is_forgotten(notice: Any) -> bool:
    """Whether the site's `keep_notices` days are over: what was in it is gone."""
    return bool(notice.text == "")


def read_notice(conn: sa.Connection, notice_id: int) -> Any:
    """With the names of its flagger and of who decided it."""
    return conn.execute(_WITH.where(n.id == notice_id)).first()


def update_notice(conn: sa.Connection, notice_id: int, **change: Any) -> None:
    conn.execute(sa.update(notices).where(n.id == notice_id).values(version=n.version + 1, **change))


def open_notices(conn: sa.Connection, site_id: int, cursor: Cursor | None, limit: int) -> Sequence[Any]:
    """Trusted flaggers' first, then the oldest."""
    query = sa.select(n.id).where(n.site_id == site_id, n.decided_at.is_(None))
    if cursor is not None:
        there = (cursor.value >> RANK, cursor.value & ((1 << RANK) - 1), cursor.id)
        query = query.where(sa.tuple_(n.rank, n.created_at, n.id) > sa.tuple_(*(sa.literal(one, Id) for one in there)))
    return _page(conn, _WITH, n.id, query, (n.rank, n.created_at, n.id), limit)


def _page(
    conn: sa.Connection, whole: sa.Select[Any], key: Any, query: sa.Select[Any], order: Sequence[Any], limit: int
) -> Sequence[Any]:
    """What `query` finds first, as `whole` shows it. The ids come first: PostgreSQL takes a cursor to leave few rows,
    and would join all of a long queue before it takes the page.
    """
    ids = list(conn.execute(query.order_by(*order).limit(limit)).scalars())
    return [] if not ids else conn.execute(whole.where(key.in_(ids)).order_by(*order)).all()


def open_cursor(row: Any) -> str:
    return Cursor("notices", row.rank << RANK | row.created_at, row.id).encode()


def decided_notices(conn: sa.Connection, site_id: int, cursor: Cursor | None, limit: int) -> Sequence[Any]:
    """The last decided first."""
    query = sa.select(n.id).where(n.site_id == site_id, n.decided_at.is_not(None))
    if cursor is not None:
        there = sa.tuple_(sa.literal(cursor.value, Id), sa.literal(cursor.id, Id))
        query = query.where(sa.tuple_(n.decided_at, n.id) < there)
    return _page(conn, _WITH, n.id, query, (n.decided_at.desc(), n.id.desc()), limit)


def count_open(conn: sa.Connection, site_id: int) -> tuple[int, int]:
    """How many notices and complaints wait, up to COUNT_LIMIT each."""
    found = []
    for table in (notices, complaints):
        one: sa.Select[Any] = sa.select(sa.literal_column("1")).where(
            table.c.site_id == site_id, table.c.decided_at.is_(None)
        )
        found.append(sa.select(sa.func.count()).select_from(one.limit(COUNT_LIMIT).subquery()).scalar_subquery())
    row = conn.execute(sa.select(*found)).one()
    return int(row[0]), int(row[1])


_WAITING = [
    sa.select(sa.func.count())
    .select_from(
        sa.select(sa.literal_column("1"))
        .where(table.c.site_id == sites.c.id, table.c.decided_at.is_(None))
        .limit(COUNT_LIMIT)
        .correlate(sites)
        .subquery()
    )
    .correlate(sites)
    .scalar_subquery()
    for table in (notices, complaints)
]
_WAITING_AT = sa.select(sites.c.id, sum(_WAITING[1:], _WAITING[0]).label("waiting"))


def count_waiting(conn: sa.Connection, site_ids: Collection[int]) -> dict[int, int]:
    """How many notices and complaints together wait at each of these sites, counted as `count_open` does."""
    query = _WAITING_AT.where(sites.c.id.in_(site_ids))
    return {row.id: int(row.waiting) for row in conn.execute(query)}


def comments_of(conn: sa.Connection, ids: Sequence[int]) -> dict[int, list[int]]:
    """Ids of the comments that these notices are about, by notice."""
    named: dict[int, list[int]] = {}
    if ids:
        query = sa.select(o.notice_id, o.comment_id).where(o.notice_id.in_(ids))
        for row in conn.execute(query.order_by(o.notice_id, o.comment_id)):
            named.setdefault(row.notice_id, []).append(row.comment_id)
    return named


def told_about(conn: sa.Connection, ids: Sequence[int]) -> dict[int, Any]:
    """The open notices of which the authors of these comments were told, by comment id: of several the last."""
    if not ids:
        return {}
    query = sa.select(notices, o.comment_id).join(notice_comments, o.notice_id == n.id)
    query = query.where(o.comment_id.in_(ids), n.author_told_at.is_not(None), n.decided_at.is_(None))
    return {row.comment_id: row for row in conn.execute(query.order_by(n.id))}


def of_site(conn: sa.Connection, site_id: int, ids: Sequence[int]) -> list[int]:
    """Those of these comments that are the site's, in order."""
    if not ids:
        return []
    query = sa.select(comments.c.id).where(comments.c.id.in_(ids), comments.c.site_id == site_id)
    there = set(conn.execute(query).scalars())
    return [one for one in dict.fromkeys(ids) if one in there]


def insert_flagger(conn: sa.Connection, **columns: Any) -> int:
    return int(conn.execute(sa.insert(flaggers).values(**columns).returning(f.id)).scalar_one())


def find_flagger(conn: sa.Connection, site_id: int, digest: str) -> Any:
    """The trusted flagger with this key, if the site still trusts them."""
    query = sa.select(flaggers).where(f.digest == digest, f.site_id == site_id, f.removed_at.is_(None))
    return conn.execute(query).first()


def flagger_by_id(conn: sa.Connection, site_id: int, flagger_id: int) -> Any:
    query = sa.select(flaggers).where(f.id == flagger_id, f.site_id == site_id, f.removed_at.is_(None))
    return conn.execute(query).first()


def read_flaggers(conn: sa.Connection, site_id: int) -> Sequence[Any]:
    """Those whom the site trusts."""
    query = sa.select(flaggers).where(f.site_id == site_id, f.removed_at.is_(None)).order_by(f.id)
    return conn.execute(query.limit(COUNT_LIMIT)).all()


def outcomes_of(conn: sa.Connection, flagger_id: int) -> dict[str, int]:
    """Of a flagger's last COUNT_LIMIT notices: how many are open, restricted, no_action."""
    last = sa.select(n.outcome).where(n.flagger_id == flagger_id).order_by(n.id.desc()).limit(COUNT_LIMIT).subquery()
    query = sa.select(sa.func.coalesce(last.c.outcome, "open").label("name"), sa.func.count().label("number"))
    return {row.name: row.number for row in conn.execute(query.select_from(last).group_by("name"))}


def remove_flagger(conn: sa.Connection, flagger_id: int, now: int) -> None:
    conn.execute(sa.update(flaggers).where(f.id == flagger_id).values(removed_at=now, email=""))


def insert_complaint(conn: sa.Connection, **columns: Any) -> int:
    return int(conn.execute(sa.insert(complaints).values(**columns).returning(k.id)).scalar_one())


_COMPLAINTS = (
    sa.select(
        complaints,
        statements.c.measure,
        statements.c.reason,
        statements.c.why,
        statements.c.created_at.label("against_at"),
        statements.c.ended_at.label("statement_ended_at"),
        n.reference,
        n.about,
        members.c.name.label("member"),
        users.c.name.label("against"),
    )
    .outerjoin(statements, statements.c.id == k.statement_id)
    .outerjoin(notices, n.id == k.notice_id)
    .outerjoin(members, members.c.id == k.member_id)
    .outerjoin(users, users.c.id == k.against_id)
)


def find_complaint(conn: sa.Connection, complaint_id: int, *, lock: bool = False) -> Any:
    query = sa.select(complaints).where(k.id == complaint_id)
    return conn.execute(query.with_for_update() if lock else query).first()


def read_complaint(conn: sa.Connection, complaint_id: int) -> Any:
    return conn.execute(_COMPLAINTS.where(k.id == complaint_id)).first()


def complaint_about(conn: sa.Connection, notice_id: int) -> Any:
    return conn.execute(sa.select(complaints).where(k.notice_id == notice_id)).first()


def open_complaints(conn: sa.Connection, site_id: int, cursor: Cursor | None, limit: int) -> Sequence[Any]:
    """Oldest first."""
    query = sa.select(k.id).where(k.site_id == site_id, k.decided_at.is_(None))
    if cursor is not None:
        there = sa.tuple_(sa.literal(cursor.value, Id), sa.literal(cursor.id, Id))
        query = query.where(sa.tuple_(k.created_at, k.id) > there)
    return _page(conn, _COMPLAINTS, k.id, query, (k.created_at, k.id), limit)


def decided_complaints(conn: sa.Connection, site_id: int, cursor: Cursor | None, limit: int) -> Sequence[Any]:
    """The last decided first."""
    query = sa.select(k.id).where(k.site_id == site_id, k.decided_at.is_not(None))
    if cursor is not None:
        there = sa.tuple_(sa.literal(cursor.value, Id), sa.literal(cursor.id, Id))
        query = query.where(sa.tuple_(k.decided_at, k.id) < there)
    return _page(conn, _COMPLAINTS, k.id, query, (k.decided_at.desc(), k.id.desc()), limit)


def settle_complaint(
    conn: sa.Connection, complaint_id: int, outcome: str, user_id: int | None, note: str | None, now: int
) -> None:
    change = {"outcome": outcome, "user_id": user_id, "note": note, "decided_at": now}
    conn.execute(sa.update(complaints).where(k.id == complaint_id).values(change))


def close_complaints(conn: sa.Connection, member_id: int, now: int) -> bool:
    """A member is erased: nobody waits for an answer to what they complained of. Whether there was anything open."""
    is_open = sa.and_(k.member_id == member_id, k.decided_at.is_(None))
    return conn.execute(sa.update(complaints).where(is_open).values(outcome="closed", decided_at=now)).rowcount > 0


def urls_of(row: Any) -> list[str]:
    return msgspec.json.decode(row.urls, type=list[str])
