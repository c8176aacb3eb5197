"""Appeals: one for a comment. And what receipts are made of: findings with their times, the decision that stands, the
appeal, in a fixed number of queries for however many comments.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from comments.core.identity import Viewer
from comments.core.receipt import Plea, Ruling, Standing
from comments.storage.sites import OF_PEOPLE, viewer_of_user
from comments.storage.tables import Id, appeals, comments, decisions, users
from comments.storage.threads import stored_findings

a, d = appeals.c, decisions.c
HIDDEN = ("waiting", "rejected")
_IDS = sa.bindparam("ids", type_=Id, expanding=True)
_DECISIONS = (
    sa.select(decisions, users.c.name.label("by"))
    .outerjoin(users, users.c.id == d.user_id)
    .where(d.comment_id.in_(_IDS), d.undone_at.is_(None))
    .order_by(d.id)
)
_APPEALS = (
    sa.select(appeals, d.user_id.label("against_id"), d.reason.label("against_reason"), users.c.name.label("against"))
    .outerjoin(decisions, d.id == a.decision_id)
    .outerjoin(users, users.c.id == d.user_id)
    .where(a.comment_id.in_(_IDS))
)
SHOWN_FOR = 30 * 86_400 * 1_000_000  # µs: so long its author finds the outcome beside a comment that is public again


def standings_of(conn: sa.Connection, rows: Sequence[Any]) -> dict[int, Standing]:
    """What the authors of these comments are to be told, by comment id; for public ones there is nothing to look up."""
    ids = [row.id for row in rows if row.status in HIDDEN]
    return standings_with(conn, rows, stored_findings(conn, ids), read_appeals(conn, ids))


def standings_with(
    conn: sa.Connection, rows: Sequence[Any], stored: Mapping[int, Sequence[Any]], pleas: Mapping[int, Any]
) -> dict[int, Standing]:
    """The same where the findings that stand and the appeals are at hand, by comment id."""
    rulings = last_decisions(conn, [row.id for row in rows if row.status == "rejected"])
    return {
        row.id: Standing(row.status, row.text, row.created_at)
        if row.status not in HIDDEN
        else Standing(
            row.status, row.text, row.created_at,
            [(msgspec.json.decode(one.finding), one.created_at) for one in stored.get(row.id, ())],
            ruling_of(rulings.get(row.id)), plea_of(pleas[row.id]) if row.id in pleas else None,
        )
        for row in rows
    }  # fmt: skip


def ruling_of(decision: Any) -> Ruling | None:
    """A decision as its author is told of it; an approval is none."""
    if decision is None or decision.decision != "reject":
        return None
    return Ruling(decision.created_at, decision.reason, decision.note)


def plea_of(appeal: Any) -> Plea:
    return Plea(appeal.text, appeal.created_at, appeal.decided_at, appeal.outcome, appeal.note)


def last_decisions(conn: sa.Connection, ids: Sequence[int]) -> dict[int, Any]:
    """The last decision that was not undone, with the name of who made it, by comment id."""
    if not ids:
        return {}
    return {row.comment_id: row for row in conn.execute(_DECISIONS, {"ids": ids})}


def read_appeals(conn: sa.Connection, ids: Sequence[int]) -> dict[int, Any]:
    """The appeals of these comments, with the decision that each is against, by comment id."""
    if not ids:
        return {}
    return {row.comment_id: row for row in conn.execute(_APPEALS, {"ids": ids})}


def find_appeal(conn: sa.Connection, appeal_id: int) -> Any:
    return conn.execute(sa.select(appeals).where(a.id == appeal_id)).first()


def appeal_of(conn: sa.Connection, comment_id: int) -> Any:
    """The appeal of a comment, or None. Who changes one holds its comment's lock."""
    return conn.execute(sa.select(appeals).where(a.comment_id == comment_id)).first()


def put_appeal(conn: sa.Connection, comment: Any, decision_id: int | None, text: str, now: int) -> int:
    """The one appeal of a comment; it takes the place of one that was closed undecided."""
    row = {"decision_id": decision_id, "text": text, "created_at": now}
    again = sa.update(appeals).where(a.comment_id == comment.id, a.outcome == "closed")
    again = again.values(**row, decided_at=None, outcome=None, user_id=None, note=None)
    known = conn.execute(again.returning(a.id)).scalar()
    if known is not None:
        return int(known)
    new = row | {"site_id": comment.site_id, "comment_id": comment.id, "member_id": comment.member_id}
    return int(conn.execute(sa.insert(appeals).values(new).returning(a.id)).scalar_one())


def settle_appeal(
    conn: sa.Connection, appeal: Any, outcome: str, now: int, *, user_id: int | None = None, note: str | None = None
) -> None:
    """An appeal ends: upheld, overturned (which marks the decision it was against), or closed."""
    change = {"decided_at": now, "outcome": outcome, "user_id": user_id, "note": note}
    conn.execute(sa.update(appeals).where(a.id == appeal.id).values(change))
    if outcome == "overturned" and appeal.decision_id is not None:
        conn.execute(sa.update(decisions).where(d.id == appeal.decision_id).values(overturned_at=now))


def read_outcomes(conn: sa.Connection, article_id: int, member_id: int, now: int) -> Sequence[Any]:
    """A member's appeals under an article that put their comment back, of the last weeks."""
    query = sa.select(appeals).join(comments, comments.c.id == a.comment_id)
    query = query.where(
        a.member_id == member_id, comments.c.article_id == article_id, comments.c.status == "published",
        a.outcome == "overturned", a.decided_at > now - SHOWN_FOR,
    )  # fmt: skip
    return conn.execute(query.order_by(a.id).limit(100)).all()


def colleagues_of(conn: sa.Connection, user_id: int) -> list[Viewer]:
    """All other people's accounts of the console that are not disabled, as the policy sees them."""
    query = sa.select(users).where(users.c.disabled_at.is_(None), OF_PEOPLE, users.c.id != user_id).order_by(users.c.id)
    return [viewer_of_user(row) for row in conn.execute(query)]
