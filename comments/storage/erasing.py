"""Taking texts and people out of every table, some rows at a time. Called by the actions of erasure and retention.

What refers to a member is found in the tables' metadata: a reference that may be empty is emptied, a row that cannot be
without the member goes with them. So a new table forgets people by itself; what holds texts about a comment is named
here, and docs/privacy.md says of each column what becomes of it (a test compares).
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from comments.storage.archive import answer_questions
from comments.storage.comments import draft_columns
from comments.storage.tables import (
    Base,
    appeals,
    audit,
    bans,
    claims,
    comments,
    complaints,
    decisions,
    deferrals,
    edits,
    erasures,
    exports,
    findings,
    gathered,
    journal,
    mails,
    members,
    mutes,
    notifications,
    opinions,
    reactions,
    reports,
    site_picks,
    sites,
    statements,
    trials,
    webhook_messages,
)
from comments.storage.telling import forget_messages

ROWS = 300  # in one statement
LOOKED = 5_000  # numbers of a key that are looked through at once
NOTHING_BACK = '{"status":"erased","looked_at":null,"report_weight":0,"reports":[],"findings":[],"deferrals":[]}'

c = comments.c


def next_comments(conn: sa.Connection, member_id: int, most: int) -> list[int]:
    """Comments that are still this member's, the oldest first."""
    query = sa.select(c.id).where(c.member_id == member_id).order_by(c.created_at, c.id).limit(most)
    return list(conn.execute(query).scalars())


def count_of_member(conn: sa.Connection, member_id: int) -> int:
    query = sa.select(sa.func.count()).select_from(comments).where(c.member_id == member_id)
    return int(conn.execute(query).scalar_one())


def empty_comments(conn: sa.Connection, ids: Sequence[int], blank: Any, now: int) -> None:
    """These (locked) comments lose text, author and all that was found in or said about the text. `blank`: the draft of
    an empty text. What readers see of them, and counters, is the caller's.
    """
    columns = draft_columns(blank, compared=False) | {
        "status": "erased", "member_id": None, "idempotency_key": None, "request_hash": None, "language": None,
        "risk": 0, "picked_at": None, "question": False, "answer_id": None, "by_author": False, "open_reports": 0,
        "report_weight": 0, "looked_at": now,
    }  # fmt: skip
    conn.execute(sa.update(comments).where(c.id.in_(ids)).values(version=c.version + 1, **columns))
    forget_beside(conn, ids)
    for table in (edits, findings, opinions, claims, deferrals, notifications, gathered, reactions, site_picks):
        conn.execute(sa.delete(table).where(table.c.comment_id.in_(ids)))
    conn.execute(sa.update(comments).where(c.id.in_(ids)).values(reactions="{}", recommends=0))
    said = {"note": None, "before": NOTHING_BACK}
    conn.execute(sa.update(decisions).where(decisions.c.comment_id.in_(ids)).values(said))
    conn.execute(sa.update(appeals).where(appeals.c.comment_id.in_(ids)).values(text="", note=None))


def _parents(ids: Sequence[int]) -> sa.Select[Any]:
    reply = comments.alias("reply")
    return sa.select(reply.c.parent_id).where(reply.c.id.in_(ids))


def forget_beside(conn: sa.Connection, ids: Sequence[int]) -> None:
    """What others wrote about these comments: details of reports, whose author they name, and of the log; reasons of
    restrictions; messages to webhooks that say what stood there.
    """
    s, w = statements.c, webhook_messages.c
    conn.execute(sa.update(statements).where(s.comment_id.in_(ids)).values(why=None))
    forget_messages(conn, w.comment_id.in_(ids))
    conn.execute(sa.update(reports).where(reports.c.comment_id.in_(ids)).values(detail=None, author_id=None))
    forget_log(conn, "comment", ids)


def forget_log(conn: sa.Connection, subject: str, ids: Sequence[int]) -> None:
    """The entries of the log stay, that something was done and when; what it was about goes."""
    a = audit.c
    about = sa.and_(a.subject_type == subject, a.subject_id.in_(ids))
    conn.execute(sa.update(audit).where(about).values(before=None, after=None, reason=None, note=None))


def detach_comments(conn: sa.Connection, ids: Sequence[int]) -> None:
    """These comments are nobody's any more; their texts stay, earlier texts go."""
    was = sa.select(c.id).where(c.id.in_(ids), c.by_author)
    answered = list(conn.execute(was).scalars())
    conn.execute(sa.update(comments).where(c.id.in_(ids)).values(member_id=None, idempotency_key=None, by_author=False))
    asked = sa.and_(c.id.in_(_parents(answered)), c.answer_id.in_(answered))
    conn.execute(sa.update(comments).where(asked).values(answer_id=None))
    answer_questions(conn, answered)
    conn.execute(sa.delete(edits).where(edits.c.comment_id.in_(ids)))
    conn.execute(sa.update(decisions).where(decisions.c.comment_id.in_(ids)).values(note=None))
    forget_beside(conn, ids)


def next_reports(conn: sa.Connection, member_id: int, most: int) -> Sequence[Any]:
    """Reports that this member made, with the place of the comment."""
    r = reports.c
    query = sa.select(r.id, r.comment_id, r.weight, r.settled_at, c.article_id, c.site_id)
    query = query.join(comments, c.id == r.comment_id).where(r.member_id == member_id)
    return conn.execute(query.order_by(r.id).limit(most)).all()


def delete_reports(conn: sa.Connection, found: Sequence[Any]) -> None:
    """Reports go, and their comments no longer count those that were open."""
    for row in found:
        if row.settled_at is None:
            less = {"open_reports": c.open_reports - 1, "report_weight": c.report_weight - row.weight}
            conn.execute(sa.update(comments).where(c.id == row.comment_id).values(less))
    conn.execute(sa.delete(reports).where(reports.c.id.in_([row.id for row in found])))


def next_reactions(conn: sa.Connection, member_id: int, most: int) -> Sequence[Any]:
    """Reactions that this member gave, with the comments' place and counts."""
    r = reactions.c
    query = sa.select(r.comment_id, r.kind, c.article_id, c.site_id, c.status)
    query = query.join(comments, c.id == r.comment_id).where(r.member_id == member_id)
    return conn.execute(query.order_by(r.article_id, r.comment_id, r.kind).limit(most)).all()


def take_reactions(conn: sa.Connection, member_id: int, found: Sequence[Any]) -> None:
    """These reactions go, and their comments no longer count them."""
    ids = {row.comment_id for row in found}
    stored = conn.execute(sa.select(c.id, c.reactions).where(c.id.in_(ids)))
    counts = {row.id: msgspec.json.decode(row.reactions, type=dict[str, int]) for row in stored}
    for row in found:
        counts[row.comment_id][row.kind] = counts[row.comment_id].get(row.kind, 0) - 1
    for comment_id, numbers in counts.items():
        left = {kind: number for kind, number in numbers.items() if number > 0}
        change = {"reactions": msgspec.json.encode(left).decode(), "recommends": left.get("recommend", 0)}
        conn.execute(sa.update(comments).where(c.id == comment_id).values(change))
    r = reactions.c
    these = sa.tuple_(r.comment_id, r.kind).in_([(row.comment_id, row.kind) for row in found])
    mine = sa.and_(r.member_id == member_id, these)
    conn.execute(sa.delete(reactions).where(mine))


def next_mentions(conn: sa.Connection, member_id: int, most: int) -> Sequence[Any]:
    """Comments that this member was told of: where others mention them, most of all."""
    n = notifications.c
    query = sa.select(c.id, c.site_id, c.article_id, c.source, c.html, c.text, c.tree, n.id.label("told"))
    query = query.join(comments, c.id == n.comment_id).where(n.member_id == member_id)
    return conn.execute(query.order_by(n.id).limit(most)).all()


def forget_told(conn: sa.Connection, ids: Sequence[int]) -> None:
    conn.execute(sa.delete(notifications).where(notifications.c.id.in_(ids)))


GONE_WITH_THEM = {exports.name, mails.name}  # although their member may be empty: a file, an address
# what has a way of its own: comments are erased one by one, an erasure is what this is
OF_THEIR_OWN = {comments.name, erasures.name, reactions.name, reports.name}
SAID: dict[str, dict[str, str | None]] = {  # what goes where a member is no longer named: it says something of them
    statements.name: {"why": None},
    complaints.name: {"text": "", "note": None},
    webhook_messages.name: {"payload": None},
}
LOOKED_THROUGH = {  # columns without an index that may name a member, each with a key along which they are found
    journal.c.member_id: journal.c.id,
    decisions.c.member_id: decisions.c.id,
    mutes.c.muted_id: mutes.c.member_id,
}


def _references() -> list[sa.Column[Any]]:
    """The columns of all tables that name a member."""
    return [
        column
        for table in reversed(Base.metadata.sorted_tables)  # what refers to other rows goes before them
        for column in table.columns
        if table.name not in OF_THEIR_OWN
        and column not in LOOKED_THROUGH
        and any(key.column.table is members for key in column.foreign_keys)
    ] + [reports.c.author_id]


def forget_member(conn: sa.Connection, member_id: int) -> int:
    """Take some of what still refers to a member out of the tables; how many rows that were, 0: nothing is left."""
    for column in _references():
        table = column.table
        keys = list(table.primary_key.columns)
        some = sa.select(*keys).where(column == member_id).limit(ROWS)
        found = conn.execute(some).all()
        if not found:
            continue
        these = sa.tuple_(*keys).in_([tuple(row) for row in found])
        if table is complaints:
            forget_log(conn, "complaint", [row.id for row in found])
        if column.nullable and table.name not in GONE_WITH_THEM:
            conn.execute(sa.update(table).where(these).values({column.name: None, **SAID.get(table.name, {})}))
        else:
            conn.execute(sa.delete(table).where(these))
        return len(found)
    return 0


def look_through(conn: sa.Connection, named: sa.Column[Any], member_id: int, after: int) -> int | None:
    """Look through some of a column of LOOKED_THROUGH for a member's number; where to go on, None at the end."""
    key = LOOKED_THROUGH[named]
    last = conn.execute(sa.select(sa.func.max(key))).scalar() or 0
    if after >= last:
        return None
    here = sa.and_(key > after, key <= after + LOOKED, named == member_id)
    gone = sa.update(named.table).values({named.name: None}) if named.nullable else sa.delete(named.table)
    conn.execute(gone.where(here))
    return after + LOOKED


def delete_member(conn: sa.Connection, member_id: int, sub: str, site_id: int) -> None:
    """The row itself, lifted bans on all sites, and trials of rules, whose examples may be theirs."""
    forget_log(conn, "member", [member_id])
    conn.execute(sa.delete(trials).where(trials.c.site_id == site_id, trials.c.finished_at.is_not(None)))
    issuer = sa.select(sites.c.issuer).where(sites.c.id == site_id).scalar_subquery()
    b = bans.c
    conn.execute(sa.delete(bans).where(b.issuer == issuer, b.sub == sub, b.lifted_at.is_not(None)))
    conn.execute(sa.delete(members).where(members.c.id == member_id))


def squeeze_words(conn: sa.Connection, begin: bool) -> bool:
    """SQLite keeps words of deleted texts in its index until it merges it: do a part of that; whether more is left."""
    if conn.dialect.name != "sqlite":
        return False
    more = False
    for index in ("comment_words", "member_words"):
        before = conn.exec_driver_sql("SELECT total_changes()").scalar_one()
        pages = -200 if begin else 200
        conn.exec_driver_sql(f"INSERT INTO {index}({index}, rank) VALUES ('merge', {pages})")  # noqa: S608
        more = more or conn.exec_driver_sql("SELECT total_changes()").scalar_one() - before >= 2
    return more


def read_subs(conn: sa.Connection, site_id: int, after: int, most: int) -> Sequence[Any]:
    """Members of a site by id: id, sub, created_at."""
    m = members.c
    query = sa.select(m.id, m.sub, m.created_at).where(m.site_id == site_id, m.id > after)
    return conn.execute(query.order_by(m.id).limit(most)).all()


def insert_erasure(conn: sa.Connection, **columns: Any) -> int:
    return int(conn.execute(sa.insert(erasures).values(**columns).returning(erasures.c.id)).scalar_one())


def find_erasure(conn: sa.Connection, erasure_id: int) -> Any:
    return conn.execute(sa.select(erasures).where(erasures.c.id == erasure_id)).first()


def erasure_of(conn: sa.Connection, member_id: int) -> Any:
    """The erasure of this member that goes on, or None."""
    return conn.execute(sa.select(erasures).where(erasures.c.member_id == member_id)).first()


def update_erasure(conn: sa.Connection, erasure_id: int, **change: Any) -> None:
    conn.execute(sa.update(erasures).where(erasures.c.id == erasure_id).values(**change))


def files_of(conn: sa.Connection, site_id: int, member_id: int) -> Sequence[Any]:
    """Exports that hold what this member wrote: their own and those of the whole site. They are deleted as rows."""
    e = exports.c
    theirs = sa.or_(e.member_id == member_id, sa.and_(e.site_id == site_id, e.member_id.is_(None)))
    gone = sa.delete(exports).where(theirs, e.state.in_(("done", "failed"))).returning(e.file)
    return [name for name in conn.execute(gone).scalars() if name is not None]
