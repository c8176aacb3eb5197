"""The console's queues: how long they are, a page of one, and what its filters can be set to."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response, request

from comments.core.errors import Malformed, NotFound
from comments.core.identity import Viewer
from comments.core.policy import Action, Subject, may, visibility
from comments.core.thread import is_article_key, read_cursor
from comments.core.times import time_micros
from comments.http import schemas, schemas_law
from comments.http.items import items
from comments.http.moderation import PAGING, moderated_site
from comments.http.openapi import operation
from comments.http.request import answer, parts, whole_number
from comments.http.sessions import console_blueprint
from comments.storage.menus import read_menus
from comments.storage.notices import count_open
from comments.storage.queues import ORDERS, QUEUES, Asker, Filters, count_queues, cursor_name, read_queue
from comments.storage.threads import find_article

blueprint = console_blueprint("queues")
T = TypeVar("T")
LONGEST = 100  # characters of a section, a rule or a language
SIFTING = {
    "order": "oldest, newest or risk",
    "section": "of the article",
    "article": "the publisher's id",
    "rule": "one of its findings that stand",
    "language": "as it was recognised",
    "since": "written at this time or later",
    "until": "written before this time",
    "author": "a member's id",
    "second_opinion": "1: what colleagues want a second opinion on",
}
FREE = {"free": "1: without what colleagues have before them"}


@blueprint.get("/sites/<site>/queues")
@operation("How long the queues are", security="console", answers={200: schemas_law.CountsWithNotices})
def queue_counts(site: str) -> Response:
    with parts().database.read() as conn:
        found, viewer = moderated_site(conn, site, Action.SEE_QUEUES)
        sees = may(viewer, Action.SEE_NOTICES, Subject(found.id, found.settings), parts().database.clock())
        waiting = sum(count_open(conn, found.id)) if sees else None
        return answer(count_queues(conn, found.id, viewer.sections) | {"notices": waiting})


@blueprint.get("/sites/<site>/queues/<queue>")
@operation("A page of a queue", security="console", query=SIFTING | FREE | PAGING, answers={200: schemas.QueuePage})
def queue(site: str, queue: str) -> Response:
    order = read_order(queue)
    cursor = read_cursor(request.args.get("cursor"), cursor_name(queue, order))
    most, free = whole_number("limit", 25, 100), whole_number("free", 0, 1, 0) == 1
    with parts().database.read() as conn:
        found, viewer = moderated_site(conn, site, Action.SEE_QUEUES)
        filters = read_filters(conn, found.id)
        asker = asker_of(viewer, free=free)
        rows, page = read_queue(
            conn, found.id, queue, asker, visibility(viewer, found.id), most, order=order, filters=filters,
            cursor=cursor,
        )  # fmt: skip
        shown = {
            "items": items(conn, rows, viewer, found),
            "next_cursor": page.next_cursor,
            "looked_through": page.looked_through,
            "counts": count_queues(conn, found.id, viewer.sections),
        }
    return answer(shown)


@blueprint.get("/sites/<site>/filters")
@operation("What the filters of the queues can be set to", security="console", answers={200: schemas.FilterMenus})
def filters(site: str) -> Response:
    with parts().database.read() as conn:
        found, viewer = moderated_site(conn, site, Action.SEE_QUEUES)
        return answer(read_menus(conn, found.id, viewer.sections))


def asker_of(viewer: Viewer, *, free: bool = False) -> Asker:
    return Asker(user_id=viewer.id or 0, sections=viewer.sections, now=parts().database.clock(), free=free)


def read_order(queue: str) -> str:
    """The order that was asked for; raises NotFound (queue) or Malformed (order)."""
    if queue not in QUEUES:
        raise NotFound("queue")
    order = request.args.get("order", "oldest")
    known = [one for one in ORDERS if queue != "appeals" or one != "risk"]
    if order not in known:
        raise Malformed(f"order here is one of {', '.join(known)}.", field="order")
    return order


def read_filters(conn: Any, site_id: int) -> Filters:
    """The filters in the query string. Raises Malformed naming the one that is none."""
    return Filters(
        section=_given("section", _line),
        article_id=_article(conn, site_id),
        rule=_given("rule", _line),
        language=_given("language", _line),
        since=_given("since", _time),
        until=_given("until", _time),
        author_id=whole_number("author", 0, 10**18) or None,
        second_opinion=whole_number("second_opinion", 0, 1, 0) == 1,
    )


def _given(name: str, read: Callable[[str, str], T]) -> T | None:
    text = request.args.get(name)
    return read(name, text) if text else None


def _line(name: str, text: str) -> str:
    if len(text) > LONGEST or not text.isprintable():
        raise Malformed(f"{name} has at most {LONGEST} printable characters.", field=name)
    return text


def _time(name: str, text: str) -> int:
    try:
        return time_micros(text)
    except ValueError as error:
        raise Malformed(f"{name} must be a time such as 2026-12-24T18:00:00Z.", field=name) from error


def _article(conn: Any, site_id: int) -> int | None:
    key = request.args.get("article")
    if not key:
        return None
    if not is_article_key(key):
        raise Malformed("An article id has 1 to 255 printable characters.", field="article")
    article = find_article(conn, site_id, key)
    return 0 if article is None else article.id
