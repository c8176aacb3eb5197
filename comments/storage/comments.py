"""Writing comments and what hangs on them, row by row. Called by actions inside a Transaction; decides nothing."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from comments.core.language import language_of
from comments.core.moderation.findings import Draft, text_hash
from comments.core.moderation.likeness import simhash
from comments.storage.tables import (
    Id,
    Micros,
    articles,
    comments,
    edits,
    findings,
    gathered,
    members,
    mutes,
    reactions,
    reports,
)
from comments.storage.threads import find_article

c = comments.c

_INSERT, _INSERT_FINDING = sa.insert(comments), sa.insert(findings)


def _ground(next_id: sa.ColumnElement[int]) -> sa.Select[Any]:
    earlier, parent, same = comments.alias("earlier"), comments.alias("parent"), comments.alias("same")
    root, muted = comments.alias("root"), mutes.alias("muted")
    article_key, key = sa.bindparam("article", type_=sa.Text()), sa.bindparam("key", type_=sa.Text())
    same_text_at = sa.select(sa.func.max(same.c.created_at)).where(
        same.c.member_id == members.c.id,
        same.c.created_at >= sa.bindparam("since", type_=Micros),
        same.c.text_hash == sa.bindparam("hash", type_=sa.Text()),
    )
    return (
        sa.select(
            articles.c.id,
            articles.c.url,
            articles.c.mode,
            articles.c.section,
            articles.c.rules_id,
            earlier.c.id.label("earlier"),
            earlier.c.request_hash.label("earlier_hash"),
            parent.c.article_id.label("parent_article"),
            parent.c.status.label("parent_status"),
            parent.c.root_id.label("parent_root"),
            parent.c.depth.label("parent_depth"),
            parent.c.member_id.label("parent_author"),
            parent.c.question.label("parent_asks"),
            muted.c.member_id.label("muted_by_parent"),
            root.c.locked_at,
            same_text_at.scalar_subquery().label("same_text_at"),
            next_id.label("next_id"),
        )
        .select_from(members)
        .outerjoin(articles, sa.and_(articles.c.site_id == members.c.site_id, articles.c.key == article_key))
        .outerjoin(earlier, sa.and_(earlier.c.member_id == members.c.id, earlier.c.idempotency_key == key))
        .outerjoin(parent, parent.c.id == sa.bindparam("parent", type_=Id))
        .outerjoin(root, root.c.id == parent.c.root_id)
        .outerjoin(muted, sa.and_(muted.c.member_id == parent.c.member_id, muted.c.muted_id == members.c.id))
        .where(members.c.id == sa.bindparam("member", type_=Id))
    )


# Built once: for statements that every post runs, building costs more than running. The id is taken before the row is
# there, so that a root can name itself; on SQLite nobody else writes meanwhile.
_GROUND = {
    "sqlite": _ground(sa.select(sa.func.coalesce(sa.func.max(c.id), 0) + 1).scalar_subquery()),
    "postgresql": _ground(sa.func.nextval(sa.func.pg_get_serial_sequence("comments", "id"), type_=sa.BigInteger())),
}


def insert_or_ignore(conn: sa.Connection, table: sa.Table, row: dict[str, Any]) -> bool:
    """Insert a row unless one with its key is there; whether it was inserted."""
    dialect = postgresql if conn.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(table).values(row).on_conflict_do_nothing()
    return conn.execute(insert.returning(sa.literal(1))).first() is not None


def article_for(conn: sa.Connection, site_id: int, key: str, now: int) -> Any:
    """The article's row; made if nobody has written under it yet."""
    row = find_article(conn, site_id, key)
    if row is None:
        insert_or_ignore(conn, articles, {"site_id": site_id, "key": key, "created_at": now})
        row = find_article(conn, site_id, key)
    return row


def update_article(conn: sa.Connection, article_id: int, **change: Any) -> None:
    conn.execute(sa.update(articles).where(articles.c.id == article_id).values(**change))


def draft_columns(draft: Draft, *, compared: bool = True) -> dict[str, Any]:
    """A draft as columns of `comments`. `compared`: whether what its author writes next may be told to be like it."""
    return {
        "source": draft.source,
        "html": draft.html,
        "tree": tree_column(draft),
        "text": draft.text,
        "text_hash": text_hash(draft.text),
        "language": language_of(draft.text),
        "simhash": simhash(draft.text) if compared else None,
    }


def tree_column(draft: Draft) -> str:
    return msgspec.json.encode(draft.tree).decode()


def read_ground(
    conn: sa.Connection, member: Any, article_key: str, parent_id: int | None, key: str, text_hash: str, since: int
) -> Any:
    """All that a new comment of this (locked) member stands on, in one read: the article (id None: there is none yet),
    an `earlier` comment with this idempotency key, the comment to reply to and whether its thread is locked, when they
    last said the same since `since` (µs UTC), and the `next_id`, which nobody else gets.
    """
    asked = {"member": member.id, "article": article_key, "parent": parent_id, "key": key}
    return conn.execute(_GROUND[conn.dialect.name], asked | {"hash": text_hash, "since": since}).one()


def insert_comment(conn: sa.Connection, columns: dict[str, Any]) -> None:
    conn.execute(_INSERT, columns)


def update_comment(conn: sa.Connection, comment_id: int, **change: Any) -> None:
    """Change columns and raise the version."""
    conn.execute(sa.update(comments).where(c.id == comment_id).values(version=c.version + 1, **change))


def mark_comment(conn: sa.Connection, comment_id: int, **change: Any) -> None:
    """Change columns that no decision is about: the version stays."""
    conn.execute(sa.update(comments).where(c.id == comment_id).values(**change))


def insert_findings(conn: sa.Connection, comment_id: int, found: Sequence[Any], now: int) -> None:
    """Store findings: their JSON is what the queue, the author and a replay read."""
    if found:
        rows = [
            {
                "comment_id": comment_id,
                "rule": finding["rule"],
                "finding": msgspec.json.encode(finding).decode(),
                "created_at": now,
            }
            for finding in found
        ]
        conn.execute(_INSERT_FINDING, rows if len(rows) > 1 else rows[0])


def supersede_findings(conn: sa.Connection, comment_id: int, now: int, *, rule: str | None = None) -> None:
    """Put aside the findings that stand on a comment: all of them, or those of one rule."""
    f = findings.c
    change = sa.update(findings).where(f.comment_id == comment_id, f.superseded_at.is_(None))
    if rule is not None:
        change = change.where(f.finding.like(f'%"rule":"{rule}"%'))
    conn.execute(change.values(superseded_at=now))


def insert_edit(conn: sa.Connection, comment_id: int, source: str, now: int) -> None:
    conn.execute(sa.insert(edits).values(comment_id=comment_id, source=source, edited_at=now))


def set_reaction(conn: sa.Connection, comment: Any, member_id: int, kind: str, on: bool, now: int) -> bool:
    """Set or take back one reaction and count it on the comment; whether anything changed."""
    if on:
        row = {
            "comment_id": comment.id,
            "member_id": member_id,
            "kind": kind,
            "article_id": comment.article_id,
            "created_at": now,
        }
        changed = insert_or_ignore(conn, reactions, row)
    else:
        r = reactions.c
        gone = sa.delete(reactions).where(r.comment_id == comment.id, r.member_id == member_id, r.kind == kind)
        changed = conn.execute(gone).rowcount == 1
    if changed:
        counts = msgspec.json.decode(comment.reactions, type=dict[str, int])
        counts[kind] = counts.get(kind, 0) + (1 if on else -1)
        counts = {name: count for name, count in counts.items() if count > 0}
        change = {"reactions": msgspec.json.encode(counts).decode(), "recommends": counts.get("recommend", 0)}
        conn.execute(sa.update(comments).where(c.id == comment.id).values(change))
    return changed


def gather(conn: sa.Connection, article_id: int, comment_id: int) -> None:
    insert_or_ignore(conn, gathered, {"article_id": article_id, "comment_id": comment_id})


def take_gathered(conn: sa.Connection, article_id: int, now: int) -> list[int]:
    """The comments whose reactions take the next seq; the article remembers when. What was hidden since takes none."""
    taken = conn.execute(
        sa.delete(gathered).where(gathered.c.article_id == article_id).returning(gathered.c.comment_id)
    )
    shown = sa.select(c.id).where(c.id.in_(list(taken.scalars())), c.status == "published").order_by(c.id)
    ids = list(conn.execute(shown).scalars())
    if ids:
        update_article(conn, article_id, reactions_at=now)
    return ids


def settle_reports(conn: sa.Connection, ids: Sequence[int], now: int, outcome: str | None = None) -> Sequence[Any]:
    """A decision answers all open reports on these comments; which they were. `outcome`: upheld | rejected, nothing
    where nobody judged them.
    """
    r = reports.c
    settle = sa.update(reports).where(r.comment_id.in_(ids), r.settled_at.is_(None))
    settle = settle.values(settled_at=now, outcome=outcome)
    return conn.execute(settle.returning(r.id, r.comment_id, r.member_id, r.created_at)).all()


def reopen_reports(conn: sa.Connection, ids: Sequence[int]) -> Sequence[Any]:
    """An undone decision leaves these reports open again; whose they are, with the outcome that they had."""
    if not ids:
        return []
    r = reports.c
    had = conn.execute(sa.select(r.id, r.comment_id, r.member_id, r.outcome).where(r.id.in_(ids))).all()
    conn.execute(sa.update(reports).where(r.id.in_(ids)).values(settled_at=None, outcome=None))
    return had


def set_mute(conn: sa.Connection, member_id: int, muted_id: int, on: bool, now: int) -> None:
    if on:
        insert_or_ignore(conn, mutes, {"member_id": member_id, "muted_id": muted_id, "created_at": now})
    else:
        conn.execute(sa.delete(mutes).where(mutes.c.member_id == member_id, mutes.c.muted_id == muted_id))


def update_member(conn: sa.Connection, member_id: int, **change: Any) -> None:
    conn.execute(sa.update(members).where(members.c.id == member_id).values(**change))


def insert_member(conn: sa.Connection, **columns: Any) -> bool:
    """A new member, unless another request made them at the same time; whether it was inserted."""
    return insert_or_ignore(conn, members, columns)
