"""Writing an archive's comments many at a time, and how far an import came. Called by the actions of importing alone.

Everything is set-based and the ids are known before the rows are written, so that a batch is a handful of statements.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from comments.core.archive import read_own_key
from comments.storage.tables import articles, comments, edits, imports, members, published, sites

Row = dict[str, Any]

c = comments.c
LENGTHS = (250, 25, 1)  # rows in one statement
LACKING = ("url", "title", "section")  # what an article is told that has none
PLACE = (c.id, c.archive_key, c.article_id, c.parent_id, c.root_id, c.depth, c.status, c.visible_children)


def written_by_others(conn: sa.Connection) -> int:
    """A number that is another one when another connection has written; on PostgreSQL, where nobody waits, always 0."""
    if conn.dialect.name != "sqlite":
        return 0
    version: int = conn.exec_driver_sql("PRAGMA data_version").scalar_one()
    return version


def insert_or_ignore(conn: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Rows that are not there yet."""
    if rows and conn.dialect.name == "sqlite":
        _insert_as_they_are(conn, table, rows, "ON CONFLICT DO NOTHING")
    elif rows:
        conn.execute(postgresql.insert(table).on_conflict_do_nothing(), rows)


def _insert_as_they_are(conn: sa.Connection, table: sa.Table, rows: Sequence[Row], otherwise: str = "") -> None:
    """Into SQLite, without SQLAlchemy's look at each value: numbers, texts and truths, which it takes as they are.

    Many rows in one statement: at the end of each, the index of words is written out (its triggers act for each row,
    FTS5's savepoint for each statement). Statements of few lengths, so that they stay prepared.
    """
    names = list(rows[0])
    values = itemgetter(*names)
    one, at = f"({', '.join('?' * len(names))})", 0
    for size in LENGTHS:
        statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES {', '.join([one] * size)} {otherwise}"  # noqa: S608 - columns' names # nosec B608
        while len(rows) - at >= size:
            some, at = rows[at : at + size], at + size
            conn.exec_driver_sql(statement, tuple(chain.from_iterable(map(values, some))))


def find_by_archive_keys(conn: sa.Connection, site_id: int, keys: Collection[str]) -> dict[str, Any]:
    """Comments of the site that came from an archive under these keys, or were written here and have gone into an
    archive under them: where they stand, by key.
    """
    if not keys:
        return {}
    query = sa.select(*PLACE).where(c.site_id == site_id, c.archive_key.in_(sorted(keys)))
    return {row.archive_key: row for row in conn.execute(query)} | _written_here(conn, site_id, keys)


def _written_here(conn: sa.Connection, site_id: int, keys: Collection[str]) -> dict[str, Any]:
    site = conn.execute(sa.select(sites.c.key).where(sites.c.id == site_id)).scalar_one()
    named = {found: key for key in keys if (found := read_own_key(site, key)) is not None}
    if not named:
        return {}
    query = sa.select(*PLACE, c.created_at).where(c.id.in_([comment_id for comment_id, _ in sorted(named)]))
    here = conn.execute(query.where(c.site_id == site_id, c.archive_key.is_(None))).all()
    return {named[row.id, row.created_at]: row for row in here if (row.id, row.created_at) in named}


def any_archived(conn: sa.Connection, site_id: int) -> bool:
    """Whether an archive was imported into the site before."""
    return conn.execute(sa.select(imports.c.id).where(imports.c.site_id == site_id).limit(1)).first() is not None


def articles_by_archive_keys(conn: sa.Connection, site_id: int, keys: Collection[str]) -> dict[str, str]:
    """The articles' keys of comments that came from an archive, by their own key."""
    query = sa.select(c.archive_key, articles.c.key).join(articles, articles.c.id == c.article_id)
    return {row[0]: row[1] for row in conn.execute(query.where(c.site_id == site_id, c.archive_key.in_(sorted(keys))))}


def read_places(conn: sa.Connection, ids: Collection[int]) -> Sequence[Any]:
    """Where these comments stand."""
    return conn.execute(sa.select(*PLACE).where(c.id.in_(sorted(ids)))).all() if ids else []


def authors_for(conn: sa.Connection, site_id: int, wanted: Mapping[str, Row], now: int) -> dict[str, Any]:
    """Id and name of the members with these `sub`s; who is missing is made with the columns given (name, name_key)."""
    found = _read_authors(conn, site_id, wanted)
    missing = [sub for sub in wanted if sub not in found]
    if missing:
        rows = [{"site_id": site_id, "sub": sub, "created_at": now} | wanted[sub] for sub in sorted(missing)]
        insert_or_ignore(conn, members, rows)
        found |= _read_authors(conn, site_id, missing)
    return found


def _read_authors(conn: sa.Connection, site_id: int, subs: Collection[str]) -> dict[str, Any]:
    query = sa.select(members.c.id, members.c.sub, members.c.name)
    query = query.where(members.c.site_id == site_id, members.c.sub.in_(sorted(subs)))
    return {row.sub: row for row in conn.execute(query)}


def articles_for(
    conn: sa.Connection, site_id: int, wanted: Mapping[str, Row], now: int, made: set[str]
) -> dict[str, Any]:
    """The articles with these keys, locked in the order of their ids; what they lack (row, url, title) is given.
    `made`: the keys of those that this import makes, which are as old as their first comment (`created_at` of those
    wanted); who was there before stays as old as it was.
    """
    query = (
        sa.select(articles)
        .where(articles.c.site_id == site_id, articles.c.key.in_(sorted(wanted)))
        .order_by(articles.c.id)
    )
    query = query.with_for_update(key_share=True)
    found = {row.key: row for row in conn.execute(query)}
    missing = [
        {"site_id": site_id, "key": key} | row | {"created_at": min(now, row["created_at"])}
        for key, row in wanted.items()
        if key not in found
    ]
    if missing:
        made.update(wanted.keys() - found.keys())
        insert_or_ignore(conn, articles, missing)
        found = {row.key: row for row in conn.execute(query)}
    bare = [
        row
        for row in found.values()
        if (row.key in made and wanted[row.key]["created_at"] < row.created_at)
        or any(getattr(row, name) is None and wanted[row.key].get(name) for name in LACKING)
    ]
    for row in bare:
        change = {name: getattr(row, name) or wanted[row.key].get(name) for name in LACKING}
        if row.key in made:
            change["created_at"] = min(row.created_at, wanted[row.key]["created_at"])
        conn.execute(sa.update(articles).where(articles.c.id == row.id).values(change))
    return found


def reserve_ids(conn: sa.Connection, number: int) -> list[int]:
    """Ids for new comments, in order. On SQLite they are free because nobody else can write during this transaction."""
    if conn.dialect.name == "postgresql":
        sequence = "SELECT nextval(pg_get_serial_sequence('comments', 'id')) AS id FROM generate_series(1, :number)"
        return sorted(conn.execute(sa.text(sequence), {"number": number}).scalars())
    last: int = conn.execute(sa.select(sa.func.coalesce(sa.func.max(c.id), 0))).scalar_one()
    return list(range(last + 1, last + 1 + number))


def insert_comments(conn: sa.Connection, rows: Sequence[Row]) -> None:
    """Whole rows, parents first."""
    if conn.dialect.name == "sqlite":
        _insert_as_they_are(conn, comments, rows)
    else:
        conn.execute(sa.insert(comments), rows)


def insert_edits(conn: sa.Connection, rows: Sequence[Row]) -> None:
    """Earlier texts: rows of comment_id, source, edited_at (µs UTC)."""
    if rows:
        conn.execute(sa.insert(edits), rows)


def answer_questions(conn: sa.Connection, ids: Sequence[int]) -> None:
    """These replies are the author's: a question without an answer has its first published one."""
    if not ids:
        return
    answer, asked = comments.alias("answer"), comments.alias("asked")
    first = (
        sa.select(answer.c.id)
        .where(answer.c.parent_id == comments.c.id, answer.c.by_author, sa.text(published("answer")))
        .order_by(answer.c.created_at, answer.c.id)
        .limit(1)
    )
    parents = sa.select(asked.c.parent_id).where(asked.c.id.in_(ids))
    change = sa.update(comments).where(c.id.in_(parents), c.question, c.answer_id.is_(None))
    conn.execute(change.values(answer_id=first.correlate(comments).scalar_subquery()))


def count_above(conn: sa.Connection, changes: Sequence[Row]) -> None:
    """Add to the counters of comments that were there before: rows of above, replies, children, new_seq."""
    children = c.visible_children + sa.bindparam("children")
    seen = sa.or_(c.status == "published", children > 0)
    change = (
        sa.update(comments)
        .where(c.id == sa.bindparam("above"))
        .values(
            reply_count=c.reply_count + sa.bindparam("replies"),
            visible_children=children,
            seq=sa.case((seen, sa.bindparam("new_seq")), else_=c.seq),
        )
    )
    if changes:
        conn.execute(change, changes)


def count_authors(conn: sa.Connection, changes: Sequence[Row]) -> None:
    """Add to what members have written: rows of author, add_published, add_rejected, first, last (µs UTC)."""
    m = members.c
    first, last = sa.bindparam("first", type_=sa.BigInteger), sa.bindparam("last", type_=sa.BigInteger)
    change = (
        sa.update(members)
        .where(m.id == sa.bindparam("author"))
        .values(
            published=m.published + sa.bindparam("add_published"),
            rejected=m.rejected + sa.bindparam("add_rejected"),
            created_at=sa.case((m.created_at > first, first), else_=m.created_at),
            last_comment_at=sa.case((sa.func.coalesce(m.last_comment_at, 0) < last, last), else_=m.last_comment_at),
        )
    )
    if changes:
        conn.execute(change, changes)


def count_published(conn: sa.Connection, totals: Mapping[int, int]) -> None:
    """Add to the totals of articles that are locked already."""
    change = sa.update(articles).where(articles.c.id == sa.bindparam("article"))
    change = change.values(total=articles.c.total + sa.bindparam("published"))
    rows = [{"article": article_id, "published": number} for article_id, number in sorted(totals.items()) if number]
    if rows:
        conn.execute(change, rows)


def lines_done(conn: sa.Connection, site_id: int, digest: str) -> int:
    """Up to which line an earlier run of this import wrote everything; 0 if there was none."""
    query = sa.select(imports.c.done).where(imports.c.site_id == site_id, imports.c.digest == digest)
    return conn.execute(query).scalar() or 0


def save_progress(
    conn: sa.Connection, site_id: int, digest: str, now: int, done: int, *, finished: bool = False
) -> None:
    """Remember that everything up to the line `done` was written."""
    insert_or_ignore(conn, imports, [{"site_id": site_id, "digest": digest, "created_at": now}])
    i = imports.c
    change = sa.update(imports).where(i.site_id == site_id, i.digest == digest)
    higher = sa.case((i.done < done, done), else_=i.done)
    conn.execute(change.values(done=higher, finished_at=now if finished else i.finished_at))
