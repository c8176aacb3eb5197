"""What is read most, as plain functions: who may read a site, the page of a thread, counts.

The views of threads.py and the prepared bytes in front of them (prepared.py) share these, so that both say the same.
"""

from collections import namedtuple
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import msgspec

from comments.actions.members import acting_member
from comments.core.errors import CommentsError
from comments.core.identity import NOBODY, Viewer
from comments.core.policy import THE_PUBLIC, Action, Subject, Visibility, require
from comments.core.present import Json, leading_back, present, present_article, present_site
from comments.core.thread import Cursor, Sort
from comments.http.request import Parts, read_bearer, site_named
from comments.http.snapshots import Made, Told
from comments.storage import tabs, threads
from comments.storage.sites import Site
from comments.storage.transaction import Connection

PAGE = 25  # roots on a first page
MOST_COUNTS = 100  # articles in one question for counts
KEPT_BY_ALL = "public, max-age=0, s-maxage=5, stale-while-revalidate=30"
BACK = {Sort.NEWEST: Sort.OLDEST, Sort.OLDEST: Sort.NEWEST}
COUNTED = {"Cache-Control": KEPT_BY_ALL, "Vary": "Accept-Encoding"}
KEPT_BY_READERS = "private, no-cache"  # the door is checked again before a browser may show it again


def caching(site: Site) -> dict[str, str]:
    """The headers of a page of this site: only what everybody may read may be kept by shared caches."""
    if site.settings.read == "everyone":
        return {"Cache-Control": KEPT_BY_ALL, "Vary": "Accept-Encoding"}
    return {"Cache-Control": KEPT_BY_READERS, "Vary": "Accept-Encoding, Authorization"}


def reader(parts: Parts, conn: Connection, site: Site, authorization: str) -> Viewer:
    """Who reads: the member of the token, or nobody. A token of another site counts for nothing here."""
    access = read_bearer(parts, authorization)
    if access is None or access.site_id != site.id:
        return NOBODY
    return acting_member(conn, access, parts.database.clock())[1]


def require_reading(parts: Parts, conn: Connection, site: Site, authorization: str) -> None:
    """Raise unless the asker may read this site; what is refused carries what the gate needs to say so."""
    try:
        viewer = reader(parts, conn, site, authorization)
        require(viewer, Action.READ, Subject(site.id, site.settings), parts.database.clock())
    except CommentsError as error:
        error.extras["site"] = present_site(site.key, site.name, site.settings)
        raise


@contextmanager
def telling_strangers(parts: Parts, site: str, article: str, told: Told | None = None) -> Iterator[None]:
    """Who is refused in this block is told how many comments there are, and given the site's taste of them: from
    prepared bytes, so that no crowd at a closed door asks the database. No connection may be held around it.
    """
    try:
        yield
    except CommentsError as error:
        if "site" in error.extras:
            told = told or parts.told(site, article)
            error.extras["site"] = leading_back(error.extras["site"], article)
            error.extras["total"] = told.total
            if told.taste:
                error.extras["taste"] = msgspec.Raw(told.taste)
        raise


def shown(rows: Any, seen_by: Visibility = THE_PUBLIC) -> list[Json]:
    """Rows as those with this visibility see them."""
    return [present(row, seen_by.admits(row.status, row.member_id, row.visible_children)) for row in plain(rows)]


def plain(rows: Sequence[Any]) -> list[Any]:
    """Rows as plain named tuples: asking one of SQLAlchemy's for a column takes ten times as long, and a page asks
    some thousand times.
    """
    return list(map(_plain_row(rows[0]._fields)._make, rows)) if rows else []


@lru_cache(maxsize=50)
def _plain_row(fields: tuple[str, ...]) -> Any:
    return namedtuple("_Row", fields)


def page_of(conn: Connection, site: Site, key: str, sort: Sort, cursor: Cursor | None = None, most: int = PAGE) -> Made:
    """A page of a thread: roots, each followed by its first replies. Only a first page tells of the site."""
    find = tabs.find_article_with_tabs if cursor is None else threads.find_article
    row = find(conn, site.id, key)  # seq first: the page never claims more than it shows
    rows, next_cursor = roots_of(conn, row.id, sort, cursor, most) if row else ([], None)
    comments = shown(rows)
    data: Json = {
        "article": present_article(row, key),
        "comments": comments,
        "next_cursor": next_cursor,
        "total": row.total if row else 0,
        "seq": row.seq if row else 0,
    }
    if cursor is None:
        data["site"] = leading_back(present_site(site.key, site.name, site.settings), key)
        if row and (row.picks or row.answers):
            data["tabs"] = {"picks": row.picks, "answers": row.answers}
    told = Told(data["total"], _taste(site, comments)) if cursor is None and sort is Sort.NEWEST else None
    shows = {row.id: row.seq} if row else {}
    body = msgspec.json.encode(data)
    return Made(body, site, caching(site), shows, is_whole=row is not None, is_cheap=not rows, article=key, told=told)


def roots_of(
    conn: Connection, article_id: int, sort: Sort, cursor: Cursor | None, most: int
) -> tuple[list[Any], str | None]:
    """Rows of a page as the public sees it: roots, each followed by its first replies; and the next cursor."""
    roots, next_cursor = threads.read_roots(conn, article_id, THE_PUBLIC, sort, cursor, most)
    below: dict[int, list[Any]] = {}
    for reply in threads.read_first_replies(conn, [root.id for root in roots], THE_PUBLIC):
        below.setdefault(reply.root_id, []).append(reply)
    return [comment for root in roots for comment in (root, *below.get(root.id, ()))], next_cursor


def cursor_before(conn: Connection, article_id: int, sort: Sort, first: Any, most: int) -> str | None:
    """The cursor of the page of roots that ends before this one, in an order by time; None: the first page."""
    at = Cursor(BACK[sort], first.created_at, first.id)
    rows, _ = threads.read_roots(conn, article_id, THE_PUBLIC, BACK[sort], at, most + 1)
    return Cursor(sort, rows[most].created_at, rows[most].id).encode() if len(rows) > most else None


def _taste(site: Site, comments: Sequence[Json]) -> bytes:
    """The newest roots that have a text, as many as the site shows those who may not read it; b"": none."""
    most = 0 if site.settings.read == "everyone" else site.settings.taste
    roots = [one for one in comments if one["depth"] == 0 and one["body"] is not None][:most]
    return msgspec.json.encode(roots) if roots else b""


def counts_of(conn: Connection, site: str, keys: Sequence[str]) -> Made:
    """How many comments these articles have; 0 for those that nobody has written under."""
    found = site_named(conn, site)
    rows = {row.key: row for row in threads.read_totals(conn, found.id, keys)}
    counts = {key: rows[key].total if key in rows else 0 for key in keys}
    stands = {row.id: row.seq for row in rows.values()}
    body = msgspec.json.encode({"counts": counts})
    return Made(body, found, COUNTED, stands, is_whole=len(rows) == len(counts), is_cheap=True)
