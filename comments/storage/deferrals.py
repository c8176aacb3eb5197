"""What moderators put aside for a while, and what they ask a colleague about."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from comments.core.identity import CONSOLE, Role
from comments.storage.sites import viewer_of_user
from comments.storage.tables import Id, Micros, deferrals, users

PRUNED = 1000  # rows in one statement

p = deferrals.c

_SECOND_OPINIONS = (
    sa.select(p.comment_id, p.user_id, users.c.name, p.note, p.created_at)
    .join(users, users.c.id == p.user_id)
    .where(
        p.comment_id.in_(sa.bindparam("ids", type_=Id, expanding=True)),
        p.second_opinion,
        p.until > sa.bindparam("now", type_=Micros),
    )
    .order_by(p.created_at, p.user_id)
)


def put_deferral(conn: sa.Connection, row: dict[str, Any]) -> None:
    """Put a comment aside, or change until when."""
    insert = (postgresql if conn.dialect.name == "postgresql" else sqlite).insert(deferrals).values(row)
    new = insert.excluded
    change = {name: new[name] for name in ("until", "second_opinion", "note", "created_at")}
    conn.execute(insert.on_conflict_do_update(index_elements=["comment_id", "user_id"], set_=change))


def restore_deferrals(conn: sa.Connection, site_id: int, kept: dict[int, list[dict[str, Any]]]) -> None:
    """What a decision had ended is there again, by comment."""
    for comment_id, rows in kept.items():
        for row in rows:
            put_deferral(conn, row | {"comment_id": comment_id, "site_id": site_id})


def drop_deferrals(conn: sa.Connection, ids: Sequence[int]) -> Sequence[Any]:
    """A decision ends what anybody had put aside about these comments; what that was."""
    return conn.execute(sa.delete(deferrals).where(p.comment_id.in_(ids)).returning(*p)).all()


def read_second_opinions(conn: sa.Connection, ids: Sequence[int], now: int) -> dict[int, list[Any]]:
    """Who asks a colleague about these comments, oldest first, by comment: user_id, name, note, created_at."""
    found: dict[int, list[Any]] = {}
    for row in conn.execute(_SECOND_OPINIONS, {"ids": ids, "now": now}):
        found.setdefault(row.comment_id, []).append(row)
    return found


def somebody_else_decides(conn: sa.Connection, site_id: int, section: str | None, asked: Sequence[int]) -> bool:
    """Whether anybody but these moderators may decide about comments of this site and section."""
    deciding = sorted(CONSOLE - {Role.STAFF})
    query = sa.select(users).where(users.c.disabled_at.is_(None), users.c.role.in_(deciding), users.c.id.not_in(asked))
    others = map(viewer_of_user, conn.execute(query))
    return any(one.works_at(site_id) and one.sees_section(section) for one in others)


def prune(conn: sa.Connection, now: int) -> int:
    """Forget what is over, some at a time; how many went."""
    over = sa.select(p.comment_id, p.user_id).where(p.until <= now).limit(PRUNED)
    rows = conn.execute(over.with_for_update(skip_locked=True)).all()
    keys = sa.tuple_(p.comment_id, p.user_id).in_([tuple(row) for row in rows])
    return conn.execute(sa.delete(deferrals).where(keys)).rowcount if rows else 0
