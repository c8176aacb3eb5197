"""Trials of rules: what was asked, what came of it, and the comments that rules are tried on."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from comments.storage.tables import articles, comments, members, opinions, trials, users

KEPT = 7 * 86_400 * 1_000_000  # µs
PRUNED = 100  # at once: a result may have some 50 kB
CHUNK = 500  # comments asked for by their ids

c = comments.c
READ = (  # of a comment that is judged again: neither source nor HTML
    c.id, c.article_id, c.member_id, c.parent_id, c.tree, c.text, c.text_hash, c.status, c.created_at, c.simhash,
    c.language,
)  # fmt: skip


def insert_trial(
    conn: sa.Connection, site_id: int, article_id: int | None, user_id: int | None, rules: str, most: int, now: int
) -> int:
    row = {"site_id": site_id, "article_id": article_id, "user_id": user_id, "rules": rules, "most": most}
    made = sa.insert(trials).values(row | {"created_at": now}).returning(trials.c.id)
    return int(conn.execute(made).scalar_one())


def find_trial(conn: sa.Connection, trial_id: int) -> Any:
    """The trial with its article's key and who asked for it, or None."""
    query = sa.select(trials, articles.c.key.label("article_key"), users.c.name.label("by"))
    query = query.outerjoin(articles, articles.c.id == trials.c.article_id)
    query = query.outerjoin(users, users.c.id == trials.c.user_id)
    return conn.execute(query.where(trials.c.id == trial_id)).first()


def finish_trial(conn: sa.Connection, trial_id: int, now: int, *, result: str | None, error: str | None) -> None:
    """What came of it; one that is finished stays as it is."""
    mine = sa.and_(trials.c.id == trial_id, trials.c.finished_at.is_(None))
    conn.execute(sa.update(trials).where(mine).values(result=result, error=error, finished_at=now))


def prune(conn: sa.Connection, now: int) -> int:
    """Forget trials of more than seven days ago, some at a time; how many went."""
    old = sa.select(trials.c.id).where(trials.c.created_at < now - KEPT).order_by(trials.c.created_at).limit(PRUNED)
    ids = list(conn.execute(old).scalars())
    return conn.execute(sa.delete(trials).where(trials.c.id.in_(ids))).rowcount if ids else 0


def read_past(conn: sa.Connection, site_id: int, most: int, article: Any = None) -> list[Any]:
    """The last `most` comments of a site or an article, newest first, whatever became of them; erased ones are gone."""
    query = sa.select(*READ).where(c.site_id == site_id, c.status != "erased", c.member_id.is_not(None))
    if article is not None:
        first = sa.select(sa.func.min(c.created_at)).where(c.article_id == article.id, c.depth == 0, c.shown)
        since = min(article.created_at, conn.execute(first).scalar() or article.created_at)  # moved in: older than it
        query = query.where(c.article_id == article.id, c.created_at >= since)
    rows = conn.execute(query.order_by(c.created_at.desc()).limit(most)).all()
    return sorted(rows, key=lambda row: (row.created_at, row.id), reverse=True)


def read_articles(conn: sa.Connection, ids: Sequence[int]) -> dict[int, Any]:
    return {row.id: row for part in _parts(ids) for row in conn.execute(_among(articles, part))}


def read_members(conn: sa.Connection, ids: Sequence[int]) -> dict[int, Any]:
    return {row.id: row for part in _parts(ids) for row in conn.execute(_among(members, part))}


def _among(table: sa.Table, ids: Sequence[int]) -> sa.Select[Any]:
    return sa.select(table).where(table.c.id.in_(ids))


def read_opinions(conn: sa.Connection, ids: Sequence[int]) -> dict[int, list[Any]]:
    """The last opinion of each classifier on these comments, by comment id."""
    found: dict[int, dict[str, Any]] = {}
    o = opinions.c
    columns = (o.comment_id, o.classifier, o.model, o.scores)
    for part in _parts(ids):
        query = sa.select(*columns).where(o.comment_id.in_(part), o.outcome != "failed").order_by(o.id)
        for row in conn.execute(query):
            found.setdefault(row.comment_id, {})[row.classifier] = row
    return {comment_id: list(rows.values()) for comment_id, rows in found.items()}


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for first in range(0, len(ids), CHUNK):
        yield ids[first : first + CHUNK]
