"""What must hold besides counters: references, the journal against what it tells of, the index of words, what should
have ended long ago, the database's own structures. For `comments doctor`; each check counts what is wrong.

Bounded memory: the database compares, we are told numbers. All of them only read, in one snapshot.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec
import sqlalchemy as sa

from comments.core.policy import THE_PUBLIC
from comments.core.status import Status
from comments.storage.tables import (
    Base,
    articles,
    claims,
    comments,
    erasures,
    figures,
    follows,
    jobs,
    journal,
    members,
    notifications,
    reports,
    rule_sets,
    sites,
    used_tokens,
    users,
)
from comments.storage.transaction import Database

Check = Callable[[sa.Connection], int]
SECOND = 1_000_000
OVERDUE = 600 * SECOND  # a job that is due for so long: no worker is there, or all are stuck
LONGEST_LEASE = 3600 * SECOND  # leases and claims are of minutes
FORGOTTEN = 86_400 * SECOND  # what the sweep should have taken away since
c, j = comments.c, journal.c


@contextmanager
def snapshot(database: Database) -> Iterator[sa.Connection]:
    """The database as it is at one moment, however long we look and whoever writes meanwhile."""
    with database.engine.connect() as conn:
        if conn.dialect.name == "postgresql":
            conn.execution_options(isolation_level="REPEATABLE READ")
            conn.execute(sa.text("SET LOCAL statement_timeout = 0"))
        yield conn
        conn.rollback()


def _number(conn: sa.Connection, table: sa.FromClause, *where: sa.ColumnElement[bool]) -> int:
    return int(conn.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one())


def _dangling(column: sa.Column[int], target: sa.Table) -> Check:
    """Rows whose `column` names no row of `target`."""
    there = target.alias("there")

    def check(conn: sa.Connection) -> int:
        both = column.table.outerjoin(there, there.c.id == column)
        return _number(conn, both, column.is_not(None), there.c.id.is_(None))

    return check


def _references() -> dict[str, Check]:
    """One check for each column that names a row of another table, with a constraint or without."""
    found = [
        (column, key.column.table)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        for key in column.foreign_keys
    ]
    unbound = [
        (sites.c.rules_id, rule_sets), (articles.c.rules_id, rule_sets), (c.root_id, comments),
        (c.answer_id, comments), (j.member_id, members), (reports.c.author_id, members),
        (erasures.c.member_id, members),
    ]  # fmt: skip
    return {f"{column.table.name}.{column.name}": _dangling(column, target) for column, target in [*found, *unbound]}


REFERENCES = _references()


def sites_of_users(conn: sa.Connection) -> int:
    """Accounts of the console that are for a site which is not there."""
    known = set(conn.execute(sa.select(sites.c.id)).scalars())
    named = conn.execute(sa.select(users.c.sites).where(users.c.sites.is_not(None))).scalars()
    return sum(not {*msgspec.json.decode(text, type=list[int])} <= known for text in named)


def one_site(conn: sa.Connection) -> int:
    """Comments of another site than their article or their author, and rows about a comment of another article."""
    n, f = notifications.c, follows.c
    return (
        _number(conn, comments.join(articles, articles.c.id == c.article_id), articles.c.site_id != c.site_id)
        + _number(conn, comments.join(members, members.c.id == c.member_id), members.c.site_id != c.site_id)
        + _number(conn, notifications.join(comments, c.id == n.comment_id), n.article_id != c.article_id)
        + _number(conn, follows.join(comments, c.id == f.comment_id), f.article_id != c.article_id)
        + _number(conn, journal.join(comments, c.id == j.comment_id), j.article_id != c.article_id)
    )


def journal_and_state(conn: sa.Connection) -> int:
    """Comments that stand at another seq than the journal last tells of them, and those that it says came and that
    nobody sees. And articles that stand elsewhere than at the end of their journal.
    """
    last = sa.select(j.comment_id, sa.func.max(j.seq).label("seq")).where(j.seq.is_not(None), j.comment_id.is_not(None))
    told = last.group_by(j.comment_id).subquery()
    both = comments.join(told, told.c.comment_id == c.id)
    came = both.join(journal, sa.and_(j.comment_id == c.id, j.seq == told.c.seq))
    seen = [status for status in Status if THE_PUBLIC.admits(status, None, 0) != "absent"]
    nobody_sees = sa.and_(c.status.not_in(seen), c.visible_children == 0)
    ends = sa.select(j.article_id, sa.func.max(j.seq).label("seq")).where(j.seq.is_not(None)).group_by(j.article_id)
    end = ends.subquery()
    standing = articles.join(end, end.c.article_id == articles.c.id)
    return (
        _number(conn, both, told.c.seq != c.seq)
        + _number(conn, came, j.before == "absent", nobody_sees)
        + _number(conn, standing, end.c.seq != articles.c.seq)
    )


def words(conn: sa.Connection) -> int:
    """Comments and members that the search does not know, and what it knows and is not there; on PostgreSQL also those
    whose words are others by now.
    """
    return sum(
        _words(conn, index, table) for index, table in (("comment_words", "comments"), ("member_words", "members"))
    )


_INDEXED = {
    "comments": "words_of('s:' || t.site_id || ' a:' || t.article_id || ' m:' || coalesce(t.member_id, 0), t.text)",
    "members": "words_of('s:' || t.site_id, coalesce(t.name, '') || ' ' || t.sub)",
}


def _words(conn: sa.Connection, index: str, table: str) -> int:
    if conn.dialect.name == "sqlite":
        index, differs = f"{index}_docsize", "0"
    else:
        differs = f"w.words IS DISTINCT FROM {_INDEXED[table]}"
    unknown = f"SELECT count(*) FROM {table} t LEFT JOIN {index} w ON w.id = t.id WHERE w.id IS NULL OR {differs}"  # noqa: S608
    gone = f"SELECT count(*) FROM {index} w LEFT JOIN {table} t ON t.id = w.id WHERE t.id IS NULL"  # noqa: S608
    return sum(int(conn.execute(sa.text(query)).scalar_one()) for query in (unknown, gone))


def sequences_behind(conn: sa.Connection) -> int:
    """PostgreSQL: tables whose next number is taken already, as after a restore without sequences."""
    if conn.dialect.name == "sqlite":
        return 0
    behind = 0
    for table in Base.metadata.sorted_tables:
        if "id" in table.c and table.c.id.primary_key:
            sequence = conn.execute(sa.text(f"SELECT pg_get_serial_sequence('{table.name}', 'id')")).scalar()
            if sequence is not None:
                taken = f"SELECT coalesce((SELECT max(id) FROM {table.name}), 0) > last_value FROM {sequence}"  # noqa: S608
                behind += bool(conn.execute(sa.text(taken)).scalar_one())
    return behind


def structures(conn: sa.Connection) -> int:
    """SQLite: what its own check finds in file and indexes; PostgreSQL: indexes and constraints that do not count, and
    pages whose checksum was wrong.
    """
    if conn.dialect.name == "sqlite":
        said = [row[0] for row in conn.exec_driver_sql("PRAGMA integrity_check(100)")]
        return 0 if said == ["ok"] else len(said)
    queries = (
        "SELECT count(*) FROM pg_index i JOIN pg_class k ON k.oid = i.indexrelid"
        " WHERE NOT i.indisvalid AND k.relnamespace = current_schema()::regnamespace",
        "SELECT count(*) FROM pg_constraint WHERE NOT convalidated AND connamespace = current_schema()::regnamespace",
        "SELECT coalesce(checksum_failures, 0) FROM pg_stat_database WHERE datname = current_database()",
    )
    return sum(int(conn.execute(sa.text(query)).scalar_one()) for query in queries)


WHOLE: dict[str, Check] = {
    "accounts and their sites": sites_of_users,
    "one site, one article": one_site,
    "journal and state": journal_and_state,
    "search": words,
    "numbering": sequences_behind,
    "database structures": structures,
}


def overdue(conn: sa.Connection, now: int) -> dict[str, int]:
    """What should have happened or ended long ago, by its name."""
    k = jobs.c
    waits = sa.and_(k.parked_at.is_(None), k.run_at < now - OVERDUE, k.locked_until < now - OVERDUE)
    f = figures.c
    ahead = sa.exists().where(c.created_at >= f.hour)  # written while the clock was ahead: counted where they stand
    return {
        "jobs that nobody does": _number(conn, jobs, waits),
        "leases that never end": _number(conn, jobs, k.locked_until > now + LONGEST_LEASE),
        "claims that never end": _number(conn, claims, claims.c.until > now + LONGEST_LEASE),
        "claims that are over": _number(conn, claims, claims.c.until < now - FORGOTTEN),
        "used tokens that are over": _number(conn, used_tokens, used_tokens.c.expires_at < now - FORGOTTEN),
        "figures": _number(conn, figures, sa.or_(f.number < 0, sa.and_(f.hour > now, ~ahead))),
    }
