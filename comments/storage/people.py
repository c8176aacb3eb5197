"""What a site knows of a member: what their standing is made of, warnings, bans on all sites, what was decided about
them, what they wrote.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from comments.core.entitlement import SECOND
from comments.core.policy import Visibility
from comments.core.standing import YEAR, History
from comments.core.status import Status
from comments.core.thread import Cursor
from comments.storage.queues import COUNT_LIMIT, some
from comments.storage.tables import (
    Id,
    Micros,
    articles,
    audit,
    bans,
    comments,
    decisions,
    members,
    reports,
    sites,
    users,
    warnings,
)
from comments.storage.threads import SHOWN, admitted

m = members.c
c = comments.c
w = warnings.c
b = bans.c

DAY = 86_400 * SECOND
RESTRICTS = ("suspend", "ban", "ban_everywhere")  # in the log
_SINCE = sa.bindparam("since", type_=Micros)


def _people() -> sa.Select[Any]:
    complaints = sa.select(reports.c.comment_id).where(reports.c.author_id == m.id, reports.c.outcome == "upheld")
    warned = sa.select(w.id).where(w.member_id == m.id, w.created_at > _SINCE)
    restricted = sa.select(audit.c.id).where(
        audit.c.subject_type == "member", audit.c.subject_id == m.id, audit.c.action.in_(RESTRICTS)
    )
    overturned = sa.select(decisions.c.id).where(
        decisions.c.member_id == m.id, sa.text("decisions.overturned_at IS NOT NULL")
    )
    counted = {
        "complaints": complaints.distinct(),
        "warnings": warned,
        "restrictions": restricted.where(audit.c.created_at > _SINCE),
        "overturned": overturned,
    }
    theirs = {
        status: some(c.member_id == m.id, sa.text(f"comments.status = '{status}'"), of=members)
        for status in ("waiting", "withdrawn")
    }
    numbers = {name: _number(found) for name, found in counted.items()} | theirs
    query = sa.select(members, *(number.label(name) for name, number in numbers.items()))
    return query.where(m.id.in_(sa.bindparam("ids", type_=Id, expanding=True)))


def _number(found: sa.Select[Any]) -> sa.ScalarSelect[int]:
    some = found.limit(sa.literal_column(f"{COUNT_LIMIT}")).correlate(members).subquery()
    return sa.select(sa.func.count()).select_from(some).scalar_subquery()


_PEOPLE = _people()  # built once: it is dear to build


def read_people(conn: sa.Connection, ids: Sequence[int], now: int) -> Sequence[Any]:
    """Members' rows with how many of their comments wait and were withdrawn, and what their standing is made of;
    nothing is counted beyond COUNT_LIMIT.
    """
    return conn.execute(_PEOPLE, {"ids": ids, "since": now - YEAR}).all()


def history_of(row: Any, now: int) -> History:
    """Of a row of `read_people`."""
    return History(
        published=row.published,
        rejected=row.rejected,
        complaints=row.complaints,
        reports_upheld=row.reports_upheld,
        reports_rejected=row.reports_rejected,
        warnings=row.warnings,
        restrictions=row.restrictions,
        overturned=row.overturned,
        days=max(0, (now - row.created_at) // DAY),
    )


def insert_warning(conn: sa.Connection, **columns: Any) -> int:
    return int(conn.execute(sa.insert(warnings).values(**columns).returning(w.id)).scalar_one())


def find_warning(conn: sa.Connection, warning_id: int) -> Any:
    """The warning's row, or None."""
    return conn.execute(sa.select(warnings).where(w.id == warning_id)).first()


def see_warning(conn: sa.Connection, warning_id: int, now: int) -> None:
    conn.execute(sa.update(warnings).where(w.id == warning_id).values(seen_at=now))


def delete_warning(conn: sa.Connection, warning_id: int) -> None:
    conn.execute(sa.delete(warnings).where(w.id == warning_id))


def read_warnings(conn: sa.Connection, ids: Sequence[int], *, unseen: bool = False) -> dict[int, list[Any]]:
    """Warnings of these members with who wrote them, oldest first, by member id."""
    query = sa.select(warnings, users.c.name.label("by")).outerjoin(users, users.c.id == w.user_id)
    query = query.where(w.member_id.in_(ids))
    if unseen:
        query = query.where(w.seen_at.is_(None))
    found: dict[int, list[Any]] = {}
    for row in conn.execute(query.order_by(w.id).limit(COUNT_LIMIT)):
        found.setdefault(row.member_id, []).append(row)
    return found


def find_ban(conn: sa.Connection, issuer: str, sub: str) -> Any:
    """The ban that holds for this person on all sites with the issuer, or None."""
    query = sa.select(bans).where(b.issuer == issuer, b.sub == sub, b.lifted_at.is_(None))
    return conn.execute(query.order_by(b.id).limit(1)).first()


def insert_ban(conn: sa.Connection, **columns: Any) -> None:
    conn.execute(sa.insert(bans).values(**columns))


def end_ban(conn: sa.Connection, ban_id: int, now: int) -> None:
    conn.execute(sa.update(bans).where(b.id == ban_id).values(lifted_at=now))


def site_ids_of(conn: sa.Connection, issuer: str) -> list[int]:
    """The sites whose readers this issuer names, by id."""
    return list(conn.execute(sa.select(sites.c.id).where(sites.c.issuer == issuer).order_by(sites.c.id)).scalars())


def members_everywhere(conn: sa.Connection, site_ids: Sequence[int], sub: str) -> Sequence[Any]:
    """The rows of one person on these sites, locked in the order of all locks."""
    query = sa.select(members).where(m.site_id.in_(site_ids), m.sub == sub).order_by(m.id)
    return conn.execute(query.with_for_update(key_share=True)).all()


def read_log_of(conn: sa.Connection, member_id: int, limit: int) -> Sequence[Any]:
    """What was decided about a member, notes among it, newest first, with who did it."""
    query = sa.select(audit, users.c.name.label("by")).outerjoin(users, users.c.id == audit.c.user_id)
    query = query.where(audit.c.subject_type == "member", audit.c.subject_id == member_id)
    return conn.execute(query.order_by(audit.c.id.desc()).limit(limit)).all()


def read_history(
    conn: sa.Connection,
    member_id: int,
    visibility: Visibility,
    *,
    status: str | None,
    sections: frozenset[str] | None,
    cursor: Cursor | None,
    limit: int,
) -> tuple[Sequence[Any], str | None]:
    """A member's comments, newest first, of one status or all, of some sections or all; and the next cursor.

    Whose they are is asked as a span of one, and ordered by: else PostgreSQL knows that the order by time needs no
    member, and for whoever wrote much walks over everybody's comments.
    """
    query = sa.select(*SHOWN).select_from(comments.outerjoin(members, m.id == c.member_id))
    query = query.where(c.member_id >= member_id, admitted(visibility))
    if status is not None:
        query = query.where(sa.text(f"comments.status = '{Status(status)}'"))  # as the partial indexes say it
    if sections is not None:
        mine = sa.select(articles.c.id).where(articles.c.id == c.article_id, articles.c.section.in_(sorted(sections)))
        query = query.where(mine.correlate(comments).exists())
    # with a place, that alone bounds SQLite's search, which goes by one of the two; PostgreSQL is told the span's end,
    # too: else it takes them for a third of all, and an index whose rows it has to sort
    if cursor is None or conn.dialect.name == "postgresql":
        query = query.where(c.member_id <= member_id)
    if cursor is not None:
        there = sa.tuple_(*(sa.literal(one, Id) for one in (member_id, cursor.value, cursor.id)))
        query = query.where(sa.tuple_(c.member_id, c.created_at, c.id) < there)
    newest = (c.member_id.desc(), c.created_at.desc(), c.id.desc())
    rows = conn.execute(query.order_by(*newest).limit(limit + 1)).all()
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], Cursor("history", last.created_at, last.id).encode()
