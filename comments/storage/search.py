"""Full-text search over comments and members, the newest first: one interface, SQLite's FTS5 and PostgreSQL's tsvector
behind it.

The index is kept by triggers (migration 0008) and holds whose a text is beside its words, so that a search in one site,
of one author or under one article reads nothing else. What only the comment's row says (its status, its article's
section) is sifted afterwards, SOUGHT hits at most in one request.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY

from comments.core.policy import Visibility
from comments.core.search import Query, Term
from comments.storage.queues import in_sections
from comments.storage.tables import articles, comments
from comments.storage.threads import read_comments

c = comments.c

SOUGHT = 2000  # hits that one request sifts at most
STEP = 200  # of them at once
NEWEST = 2000  # rows that PostgreSQL looks through by themselves before it asks the index for all hits
AUTHORS = 50  # members of one name, the newest
_LAST = 2**62


@dataclass(frozen=True, slots=True)
class Hits:
    """A page, the newest first; `before`: the id to go on with, None at the end."""

    rows: Sequence[Any]
    before: int | None
    looked_through: int


def search_comments(
    conn: sa.Connection, site_id: int, sections: frozenset[str] | None, visibility: Visibility, query: Query,
    before: int | None, limit: int,
) -> Hits:  # fmt: skip
    """Comments of the site, and of a moderator's `sections` (None: of all), that the query finds."""
    places = _places(conn, site_id, query)
    if places is None:
        return Hits([], None, 0)
    found: list[int] = []
    here, looked, ended, most = before or _LAST, 0, False, limit + 1
    while len(found) <= limit and looked < SOUGHT and not ended:
        ids = _matching(conn, "comment_words", places, query.terms, here, most)
        looked, ended, most = looked + len(ids), len(ids) < most, STEP
        here = ids[-1] if ids else here
        found += _sifted(conn, site_id, sections, query, ids)
    page, more = found[:limit], len(found) > limit
    place = {comment_id: at for at, comment_id in enumerate(page)}
    rows = sorted(read_comments(conn, page, visibility), key=lambda row: place[row.id])
    full = [row for row in rows if visibility.admits(row.status, row.member_id, row.visible_children) == "full"]
    return Hits(full, page[-1] if more else None if ended else here, looked)


def search_members(
    conn: sa.Connection, site_id: int, words: Sequence[str], before: int | None, limit: int
) -> tuple[list[int], int | None]:
    """Ids of the site's members whose name or `sub` has these words, the last one perhaps unfinished; and the id to go
    on with.
    """
    terms = [Term((word,), begins=at == len(words) - 1) for at, word in enumerate(words)]
    ids = _matching(conn, "member_words", [[f"s{site_id}"]], terms, before or _LAST, limit + 1)
    return ids[:limit], ids[limit - 1] if len(ids) > limit else None


def _places(conn: sa.Connection, site_id: int, query: Query) -> list[list[str]] | None:
    """Where to look: one of each list. None: nowhere."""
    places = [[f"s{site_id}"]]
    if query.author is not None:
        people, _ = search_members(conn, site_id, query.author, None, AUTHORS)
        places.append([f"m{member_id}" for member_id in people])
    if query.article is not None:
        key = sa.select(articles.c.id).where(articles.c.site_id == site_id, articles.c.key == query.article)
        places.append([f"a{article_id}" for article_id in conn.execute(key).scalars()])
    return places if all(places) else None


def _sifted(
    conn: sa.Connection, site_id: int, sections: frozenset[str] | None, query: Query, ids: Sequence[int]
) -> list[int]:
    """Those of the comments that are to be seen. Asked for by their ids alone, which no planner gets wrong."""
    theirs = sa.true() if sections is None else in_sections(sections)
    asked = sa.select(c.id, c.site_id, c.status, theirs.label("theirs")).where(c.id.in_(ids))
    rows = conn.execute(asked).all() if ids else []
    fitting = {row.id for row in rows if row.site_id == site_id and row.status in query.statuses and row.theirs}
    return [comment_id for comment_id in ids if comment_id in fitting]


def _matching(
    conn: sa.Connection, index: str, places: Sequence[Sequence[str]], terms: Sequence[Term], before: int, most: int
) -> list[int]:
    """Up to `most` ids below `before`, the highest first."""
    if conn.dialect.name == "sqlite":
        return _matching_sqlite(conn, index, _fts5(places, terms), before, most)
    return _matching_postgresql(conn, index, _tsquery(places, terms), before, most)


def _matching_sqlite(conn: sa.Connection, index: str, query: str, before: int, most: int) -> list[int]:
    """FTS5 gives what matches in the order of the rows, from the end as well: nothing is gathered and sorted."""
    rowid = sa.literal_column("rowid", sa.BigInteger)
    found = sa.select(rowid).select_from(sa.table(index)).where(sa.literal_column(index).op("MATCH")(query))
    return list(conn.execute(found.where(rowid < before).order_by(rowid.desc()).limit(most)).scalars())


def _fts5(places: Sequence[Sequence[str]], terms: Sequence[Term]) -> str:
    """In FTS5's language. Every word stands in quotation marks, and no word holds one."""
    wanted = [f"place : ({' OR '.join(_quoted(place) for place in either)})" for either in places]
    wanted += [f"text : {_in_a_row(term)}" for term in terms if not term.without]
    unwanted = [f"text : {_in_a_row(term)}" for term in terms if term.without]
    return " AND ".join(wanted) + "".join(f" NOT ({one})" for one in unwanted)


def _in_a_row(term: Term) -> str:
    return _quoted(" ".join(term.words)) + (" *" if term.begins else "")


def _quoted(words: str) -> str:
    return '"' + words.replace('"', " ") + '"'


def _matching_postgresql(
    conn: sa.Connection, index: str, query: sa.ColumnElement[Any], before: int, most: int
) -> list[int]:
    """GIN gives its hits in no order: all are gathered and sorted, which is dear for a word in every second comment.
    Such a word stands in the newest ones, so those are looked through first.
    """
    words = sa.table(index, sa.column("id", sa.BigInteger), sa.column("words"))
    newest = sa.select(words).where(words.c.id < before).order_by(words.c.id.desc()).limit(NEWEST).subquery()
    lowest = sa.select(sa.func.min(newest.c.id)).scalar_subquery()
    first = sa.select(newest.c.id).where(newest.c.words.op("@@")(query)).order_by(newest.c.id.desc()).limit(most)
    ids = list(conn.execute(first).scalars())
    if len(ids) == most:
        return ids
    rest = sa.select(words.c.id).where(words.c.words.op("@@")(query)).cte("hits").prefix_with("MATERIALIZED")
    older = sa.select(rest.c.id).where(rest.c.id < lowest).order_by(rest.c.id.desc()).limit(most - len(ids))
    return ids + list(conn.execute(older).scalars())


def _tsquery(places: Sequence[Sequence[str]], terms: Sequence[Term]) -> sa.ColumnElement[Any]:
    """Words go through the same function as the texts did."""
    either = (" | ".join(f"'{place[0]}:{place[1:]}'" for place in some) for some in places)
    query: sa.ColumnElement[Any] = sa.cast(" & ".join(f"({one})" for one in either), TSQUERY)
    for term in terms:
        words = sa.func.concat("'", sa.func.words_folded(" ".join(term.words)), "':*" if term.begins else "'")
        found = sa.func.to_tsquery(sa.literal_column("'simple'"), words)
        query = query.op("&&")(sa.func.tsquery_not(found) if term.without else found)
    return query
