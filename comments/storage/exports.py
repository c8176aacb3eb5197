"""Exports as rows, with how far they are, and the folder with their files. A member's data, table by table."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from comments.storage.files import private_folder, prune_folder
from comments.storage.tables import (
    appeals,
    articles,
    comments,
    complaints,
    decisions,
    edits,
    exports,
    follows,
    former_names,
    mailboxes,
    mails,
    members,
    mutes,
    notifications,
    reactions,
    reports,
    sites,
    statements,
    users,
    visits,
    warnings,
)

KEPT = 7 * 86_400  # seconds that a file lies ready
FOLDER = "exports"  # in the data folder
CHUNK = 500  # comments of one read
PRUNED = 100
e, c = exports.c, comments.c

_SEEN = (
    sa.select(exports, users.c.name.label("by"), sites.c.key.label("site"))
    .join(sites, sites.c.id == e.site_id)
    .outerjoin(users, users.c.id == e.user_id)
)
_ARTICLE_OF_COMMENT = comments.join(articles, articles.c.id == c.article_id)


def insert_export(conn: sa.Connection, **columns: Any) -> int:
    return int(conn.execute(sa.insert(exports).values(**columns).returning(e.id)).scalar_one())


def find_export(conn: sa.Connection, export_id: int) -> Any:
    """The export with its site's key and who asked (`by`), or None."""
    return conn.execute(_SEEN.where(e.id == export_id)).first()


def read_exports(conn: sa.Connection, site_id: int, before: int | None, limit: int) -> Sequence[Any]:
    """Exports of the whole site, newest first."""
    query = _SEEN.where(e.site_id == site_id, e.member_id.is_(None))
    if before is not None:
        query = query.where(e.id < before)
    return conn.execute(query.order_by(e.id.desc()).limit(limit)).all()


def last_export_of(conn: sa.Connection, member_id: int) -> Any:
    """A member's newest export, or None."""
    return conn.execute(_SEEN.where(e.member_id == member_id).order_by(e.id.desc()).limit(1)).first()


def going_on(conn: sa.Connection, site_id: int, kind: str) -> Any:
    """An export of the whole site of this kind that is not finished, or None."""
    waits = sa.and_(e.site_id == site_id, e.member_id.is_(None), e.kind == kind, e.state.in_(("waiting", "running")))
    return conn.execute(_SEEN.where(waits).order_by(e.id).limit(1)).first()


def update_export(conn: sa.Connection, export_id: int, **change: Any) -> bool:
    """Whether it is still there."""
    return conn.execute(sa.update(exports).where(e.id == export_id).values(**change)).rowcount == 1


def prune(conn: sa.Connection, now: int) -> int:
    """Forget exports of more than seven days ago, some at a time; how many. Their files go by `prune_files`."""
    old = sa.select(e.id).where(e.created_at < now - KEPT * 1_000_000).order_by(e.created_at).limit(PRUNED)
    ids = list(conn.execute(old).scalars())
    return conn.execute(sa.delete(exports).where(e.id.in_(ids))).rowcount if ids else 0


def folder_in(data_dir: Path) -> Path:
    """Where the files lie; made if it is not there."""
    return private_folder(data_dir, FOLDER)


def delete_file(data_dir: Path, name: str) -> None:
    (data_dir / FOLDER / name).unlink(missing_ok=True)


def prune_files(data_dir: Path) -> None:
    """Delete files that lay there for seven days, half-made ones of workers that died among them: on each machine."""
    prune_folder(data_dir / FOLDER, KEPT)


_AT, _ID, _MEMBER = (sa.bindparam(name, type_=sa.BigInteger()) for name in ("at", "id", "member"))
_OWN_COMMENTS = (
    sa.select(
        c.id, c.parent_id, c.status, c.created_at, c.edited_at, c.source, c.text, c.reactions, c.reply_count,
        c.question, c.picked_at, articles.c.key.label("article"), articles.c.url, articles.c.title,
    )
    .select_from(_ARTICLE_OF_COMMENT)
    .where(c.member_id == _MEMBER, sa.tuple_(c.created_at, c.id) > sa.tuple_(_AT, _ID))
    .order_by(c.created_at, c.id)
    .limit(CHUNK)
)  # fmt: skip


def read_own_comments(conn: sa.Connection, member_id: int) -> Iterator[Sequence[Any]]:
    """All that a member wrote, whatever became of it, oldest first, chunk by chunk."""
    here = {"at": -(2**62), "id": 0}
    while rows := conn.execute(_OWN_COMMENTS, here | {"member": member_id}).all():
        yield rows
        here = {"at": rows[-1].created_at, "id": rows[-1].id}


def read_own_edits(conn: sa.Connection, comment_ids: Sequence[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in conn.execute(sa.select(edits).where(edits.c.comment_id.in_(comment_ids)).order_by(edits.c.id)):
        found.setdefault(row.comment_id, []).append(row)
    return found


def _own(member_id: int) -> dict[str, sa.Select[Any]]:
    r, a, d, w = reports.c, appeals.c, decisions.c, warnings.c
    n, f, m, x = notifications.c, follows.c, mutes.c, reactions.c
    s, k, b, t, v = statements.c, complaints.c, mailboxes.c, mails.c, visits.c
    article = articles.c.key.label("article")
    of_article = {table: table.join(articles, articles.c.id == table.c.article_id) for table in (reactions, follows)}
    decided = sa.select(d.comment_id, d.decision, d.reason, d.created_at, d.undone_at, d.overturned_at)
    muted = sa.select(members.c.name, m.created_at).join(members, members.c.id == m.muted_id)
    return {
        "reactions": sa.select(x.comment_id, article, x.kind, x.created_at)
        .select_from(of_article[reactions]).where(x.member_id == member_id).order_by(x.created_at),
        "former_names": sa.select(former_names.c.name, former_names.c.own_name, former_names.c.until)
        .where(former_names.c.member_id == member_id).order_by(former_names.c.id),
        "reports": sa.select(r.comment_id, r.reason, r.detail, r.created_at, r.settled_at, r.outcome)
        .where(r.member_id == member_id).order_by(r.id),
        "decisions": decided.join(comments, c.id == d.comment_id).where(c.member_id == member_id).order_by(d.id),
        "appeals": sa.select(a.comment_id, a.text, a.created_at, a.decided_at, a.outcome, a.note)
        .where(a.member_id == member_id).order_by(a.id),
        "warnings": sa.select(w.comment_id, w.reason, w.text, w.created_at, w.seen_at)
        .where(w.member_id == member_id).order_by(w.id),
        "notifications": sa.select(n.kind, n.comment_id, n.created_at).where(n.member_id == member_id).order_by(n.id),
        "follows": sa.select(article, f.comment_id, f.created_at)
        .select_from(of_article[follows]).where(f.member_id == member_id).order_by(f.id),
        "statements": sa.select(
            s.puid, s.measure, s.comment_id, s.reason, s.ground, s.law, s.why, s.source, s.automated_detection,
            s.automated_decision, s.until, s.created_at, s.ended_at, s.ended_by,
        ).where(s.member_id == member_id, sa.func.coalesce(s.ended_by, "") != "undone").order_by(s.id),
        "complaints": sa.select(s.puid, k.text, k.created_at, k.decided_at, k.outcome, k.note)
        .join(statements, s.id == k.statement_id).where(k.member_id == member_id).order_by(k.id),
        "mailboxes": sa.select(
            b.address, b.vouched, b.pending, b.pending_at, b.language, b.replies, b.mentions, b.follows, b.decisions,
            b.appeals, b.failed_at, b.failure, b.created_at,
        ).where(b.member_id == member_id),
        "mails": sa.select(t.kind, t.template, t.address, t.state, t.created_at, t.sent_at)
        .where(t.member_id == member_id).order_by(t.id),
        "visits": sa.select(v.created_at, v.seen_at).where(v.member_id == member_id).order_by(v.id),
        "mutes": muted.where(m.member_id == member_id).order_by(m.created_at),
    }  # fmt: skip


def read_own(conn: sa.Connection, member_id: int) -> Iterator[tuple[str, Iterator[Any]]]:
    """All else that is known of a member, by what it is."""
    for name, query in _own(member_id).items():
        yield name, iter(conn.execution_options(yield_per=CHUNK).execute(query))
