"""The moderators' queues: which comments are in them, in which order, sifted how, how many.

All by keyset on partial indexes: a queue's length costs nothing. What no index answers is sifted while walking along
the queue, and a walk ends after LOOKED rows: the page is then shorter than it might be, and its cursor goes on there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from comments.core.policy import Visibility
from comments.core.thread import Cursor
from comments.storage.tables import Id, appeals, articles, claims, comments, deferrals, findings
from comments.storage.threads import read_comments

c = comments.c

QUEUES = {
    "waiting": sa.text("comments.status = 'waiting'"),
    "reported": sa.text("comments.open_reports > 0"),
    "new": sa.text("comments.status = 'published' AND comments.looked_at IS NULL"),
    "appeals": sa.text("appeals.decided_at IS NULL"),
}
ORDERS = ("oldest", "newest", "risk")
COUNT_LIMIT = 1000  # more than a badge needs to say, and nothing to count at every change
LOOKED = 2000  # rows of a queue that one request walks along at most
STEP = 500  # rows of a walk that are read at once
RISK = 55  # bits that a time has below the risk in a cursor
_SITE = sa.bindparam("site", type_=Id)
_APPEALED = appeals.join(comments, c.id == appeals.c.comment_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Whose queue it is. `sections`: those that they look after, None: all; what they put aside is not in it; `free`:
    nor what colleagues have before them.
    """

    user_id: int
    sections: frozenset[str] | None
    now: int
    free: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which comments of a queue. `second_opinion`: those that colleagues want one on; times µs UTC."""

    section: str | None = None
    article_id: int | None = None
    rule: str | None = None
    language: str | None = None
    since: int | None = None
    until: int | None = None
    author_id: int | None = None
    second_opinion: bool = False


NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True)
class Found:
    """A page. `looked_through`: how many rows of the queue it took."""

    ids: list[int]
    next_cursor: str | None
    looked_through: int


def read_queue(
    conn: sa.Connection,
    site_id: int,
    queue: str,
    asker: Asker,
    visibility: Visibility,
    limit: int,
    *,
    order: str = "oldest",
    filters: Filters = NO_FILTERS,
    cursor: Cursor | None = None,
) -> tuple[Sequence[Any], Found]:
    """Up to `limit` comments of a queue in this order, and where it goes on."""
    found = find_in_queue(conn, site_id, queue, asker, limit, order=order, filters=filters, cursor=cursor)
    place = {comment_id: at for at, comment_id in enumerate(found.ids)}
    rows = read_comments(conn, found.ids, visibility) if found.ids else []
    return sorted(rows, key=lambda row: place[row.id]), found


def find_in_queue(
    conn: sa.Connection, site_id: int, queue: str, asker: Asker, limit: int, *, order: str = "oldest",
    filters: Filters = NO_FILTERS, cursor: Cursor | None = None, unclaimed: bool = False,
) -> Found:  # fmt: skip
    """The ids alone, in the queue's order. `unclaimed`: of those that nobody holds, not even the asker."""
    walk = _Walk(site_id, queue, asker, order, filters, unclaimed)
    fitting: list[Any] = []
    looked, last = 0, None
    for row in walk.rows(conn, cursor, limit + 1):
        looked += 1
        if row.fits and len(fitting) == limit:
            return Found([one.id for one in fitting], walk.cursor(fitting[-1]), looked)
        if row.fits:
            fitting.append(row)
        last = row
    goes_on = last is not None and not walk.ended
    return Found([one.id for one in fitting], walk.cursor(last) if goes_on else None, looked)


def cursor_name(queue: str, order: str) -> str:
    """What a cursor of this queue in this order is called."""
    return queue if order == "oldest" else f"{queue}, {order}"


@dataclass(slots=True)
class _Walk:
    """Along one queue's index, a few rows at a time."""

    site_id: int
    queue: str
    asker: Asker
    order: str
    filters: Filters
    unclaimed: bool = False
    ended: bool = False

    def rows(self, conn: sa.Connection, cursor: Cursor | None, first: int) -> Iterator[Any]:
        """At most LOOKED rows after the cursor; `ended` says afterwards whether there are no more."""
        most, looked = STEP if self._sifts else first, 0
        while looked < LOOKED:
            rows = conn.execute(self._query(cursor, most)).all()
            yield from rows
            looked += len(rows)
            if len(rows) < most:
                self.ended = True
                return
            cursor, most = self._at(rows[-1]), STEP

    @property
    def _sifts(self) -> bool:
        """Whether rows are passed over: then more of them are read at once."""
        return len(self._chosen(c.created_at)[1]) > 1

    def cursor(self, row: Any) -> str:
        return self._at(row).encode()

    def _at(self, row: Any) -> Cursor:
        value = row.risk << RISK | row.at if self.order == "risk" else row.at
        return Cursor(cursor_name(self.queue, self.order), value, row.key)

    def _query(self, cursor: Cursor | None, most: int) -> sa.Select[Any]:
        table: sa.FromClause = _APPEALED if self.queue == "appeals" else comments
        at, key = (appeals.c.created_at, appeals.c.id) if self.queue == "appeals" else (c.created_at, c.id)
        chosen, rest = self._chosen(at)
        fits = sa.and_(*rest).label("fits")
        query = sa.select(c.id, at.label("at"), key.label("key"), c.risk, fits).select_from(table)
        query = query.where(QUEUES[self.queue], *chosen, *_of(self.asker))
        if self.unclaimed:
            query = query.where(none(holder(self.asker.now)))
        here: tuple[sa.ColumnElement[Any], ...] = (c.risk, at, key) if self.order == "risk" else (at, key)
        if cursor is not None:
            there = sa.tuple_(*(sa.literal(value, Id) for value in self._values(cursor)))
            query = query.where(sa.tuple_(*here) > there if self.order == "oldest" else sa.tuple_(*here) < there)
        ordered = here if self.order == "oldest" else tuple(one.desc() for one in here)
        return query.order_by(*ordered).limit(most)

    def _values(self, cursor: Cursor) -> tuple[int, ...]:
        if self.order != "risk":
            return (cursor.value, cursor.id)
        return (cursor.value >> RISK, cursor.value & ((1 << RISK) - 1), cursor.id)

    def _chosen(self, at: sa.ColumnElement[int]) -> tuple[list[sa.ColumnElement[bool]], list[sa.ColumnElement[bool]]]:
        """What an index answers, and what is looked at row by row."""
        filters, by_age = self.filters, self.order != "risk"
        chosen: list[sa.ColumnElement[bool]] = []
        # The waiting ones of an article and of a member have an index of their own, which the site's id would hide.
        if self.queue == "waiting" and by_age and filters.article_id is not None:
            chosen.append(c.article_id == filters.article_id)
            filters = replace(filters, article_id=None)
        elif self.queue == "waiting" and by_age and filters.author_id is not None:
            chosen.append(c.member_id == filters.author_id)
            filters = replace(filters, author_id=None)
        else:
            chosen.append((appeals.c.site_id if self.queue == "appeals" else c.site_id) == self.site_id)
        rest: list[sa.ColumnElement[bool]] = [c.site_id == self.site_id, *_sifted(filters, self.asker)]
        times = [at >= filters.since] if filters.since is not None else []
        times += [at < filters.until] if filters.until is not None else []
        (chosen if by_age else rest).extend(times)
        return chosen, rest


def _of(asker: Asker) -> Iterator[sa.ColumnElement[bool]]:
    """What is left out whatever is looked for. As values, not joins: one look by the primary key for each row."""
    d = deferrals.c
    aside = sa.select(d.until).where(d.comment_id == c.id, d.user_id == asker.user_id, d.until > asker.now)
    yield none(aside.correlate(comments).scalar_subquery())
    if asker.free:
        yield none(sa.func.nullif(holder(asker.now), asker.user_id))


def none(value: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """There is no such id or time. Not IS NULL: PostgreSQL takes that to hold for one row in two hundred, and would
    rather sort a whole queue than walk it.
    """
    return sa.func.coalesce(value, 0) <= 0


def holder(now: int) -> sa.ScalarSelect[int]:
    """Who has a comment of the query around it before them."""
    held = sa.select(claims.c.user_id).where(claims.c.comment_id == c.id, claims.c.until > now)
    return held.correlate(comments).scalar_subquery()


def _sifted(filters: Filters, asker: Asker) -> Iterator[sa.ColumnElement[bool]]:
    if filters.section is not None or asker.sections is not None:
        yield in_sections(asker.sections, filters.section)
    if filters.article_id is not None:
        yield c.article_id == filters.article_id
    if filters.author_id is not None:
        yield sa.func.coalesce(c.member_id, 0) == filters.author_id
    if filters.language is not None:
        yield sa.func.coalesce(c.language, "") == filters.language
    if filters.rule is not None:
        f = findings.c
        stands = sa.select(f.id).where(f.comment_id == c.id, f.superseded_at.is_(None), f.rule == filters.rule)
        yield _any(stands)
    if filters.second_opinion:
        d = deferrals.c
        asked = sa.and_(d.second_opinion, d.until > asker.now, d.user_id != asker.user_id)
        yield _any(sa.select(d.user_id).where(d.comment_id == c.id, asked))


def _any(query: sa.Select[Any]) -> sa.ColumnElement[bool]:
    """Not EXISTS: PostgreSQL would hash the whole table for it."""
    return query.correlate(comments).limit(sa.literal_column("1")).scalar_subquery().is_not(None)


def in_sections(sections: frozenset[str] | None, section: str | None = None) -> sa.ColumnElement[bool]:
    """For queries on comments: whether the article is in one of these sections (None: any), and in `section`."""
    of = sa.select(articles.c.section).where(articles.c.id == c.article_id).correlate(comments).scalar_subquery()
    wanted = {section} if section is not None else set(sections or ())
    if section is not None and sections is not None and section not in sections:
        return sa.false()
    return sa.func.coalesce(of, "").in_(sorted(wanted - {""}))


def of_sections(conn: sa.Connection, sections: frozenset[str] | None, ids: Sequence[int]) -> Sequence[int]:
    """Those of these comments that a moderator of `sections` (None: of all) looks after."""
    if sections is None or not ids:
        return ids
    return list(conn.execute(sa.select(c.id).where(c.id.in_(ids), in_sections(sections)).order_by(c.id)).scalars())


def sections_of(conn: sa.Connection, ids: Sequence[int]) -> dict[str, list[int]]:
    """These comments by their articles' sections, without those that are in none."""
    query = sa.select(articles.c.section, c.id).join(articles, articles.c.id == c.article_id)
    found: dict[str, list[int]] = {}
    for section, comment_id in conn.execute(query.where(c.id.in_(ids), articles.c.section.is_not(None)).order_by(c.id)):
        found.setdefault(section, []).append(comment_id)
    return found


def some(*where: sa.ColumnElement[bool] | sa.TextClause, of: sa.FromClause | None = None) -> sa.ScalarSelect[int]:
    """How many comments there are like this, up to COUNT_LIMIT: no more are looked at. `of`: for each row of it."""
    found: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(comments).where(*where)
    # in the order of the indexes: else PostgreSQL gathers all of them before it counts some
    found = found.order_by(c.created_at, c.id).limit(sa.literal_column(f"{COUNT_LIMIT}"))
    if of is not None:
        found = found.correlate(of)
    return sa.select(sa.func.count()).select_from(found.subquery()).scalar_subquery()


def count_queues(conn: sa.Connection, site_id: int, sections: frozenset[str] | None) -> dict[str, int]:
    """How long each queue is, up to COUNT_LIMIT; for a moderator of sections what is theirs among the first LOOKED."""
    query = _queues_counted(site_id) if sections is None else _queues_of_sections_counted(site_id, sections)
    return dict(conn.execute(query).one()._mapping)


@lru_cache(maxsize=1000)
def _queues_counted(site_id: int) -> sa.Select[Any]:
    """With the site's id itself: planning for any site, PostgreSQL takes queues to be short and sorts a long one."""
    counted = [some(*_belongs(queue, site_id)) if queue != "appeals" else _appeals(site_id) for queue in QUEUES]
    return sa.select(*(one.label(queue) for queue, one in zip(QUEUES, counted, strict=True)))  # type: ignore[return-value]


def _belongs(queue: str, site_id: int) -> tuple[sa.ColumnElement[bool] | sa.TextClause, ...]:
    site = appeals.c.site_id if queue == "appeals" else c.site_id
    return (site == sa.literal_column(f"{site_id:d}", Id), QUEUES[queue])


def _appeals(site_id: int) -> sa.ScalarSelect[int]:
    found: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(appeals).where(*_belongs("appeals", site_id))
    found = found.order_by(appeals.c.created_at, appeals.c.id).limit(sa.literal_column(f"{COUNT_LIMIT}"))
    return sa.select(sa.func.count()).select_from(found.subquery()).scalar_subquery()


@lru_cache(maxsize=1000)
def _queues_of_sections_counted(site_id: int, sections: frozenset[str]) -> sa.Select[Any]:
    counted = []
    for queue in QUEUES:
        source, at = (_APPEALED, appeals.c) if queue == "appeals" else (comments, c)
        first = sa.select(c.article_id).select_from(source).where(*_belongs(queue, site_id))
        walk = first.order_by(at.created_at, at.id).limit(sa.literal_column(f"{LOOKED}")).subquery()
        theirs = walk.join(articles, articles.c.id == walk.c.article_id)
        found: sa.Select[Any] = (
            sa.select(sa.literal_column("1")).select_from(theirs).where(articles.c.section.in_(sorted(sections)))
        )
        some_of = found.limit(sa.literal_column(f"{COUNT_LIMIT}")).subquery()
        counted.append(sa.select(sa.func.count()).select_from(some_of).scalar_subquery().label(queue))
    return sa.select(*counted)
