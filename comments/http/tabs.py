"""What a thread's tabs show: the newsroom's picks, and what the article's author answered."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Response, request

from comments.core.thread import read_cursor
from comments.http import schemas
from comments.http.openapi import operation
from comments.http.reading import caching, require_reading, shown
from comments.http.request import answer, authorization, parts, read_article_key, site_named, whole_number
from comments.http.threads import ARTICLE, PAGING
from comments.storage.tabs import Tab, read_answers, read_picks
from comments.storage.threads import find_article

blueprint = Blueprint("tabs", __name__, url_prefix="/api/v1")
Read = Callable[..., tuple[Sequence[Any], str | None]]


@blueprint.get(f"{ARTICLE}/picks")
@operation("The newsroom's picks, newest first", security="optional", query=PAGING, answers={200: schemas.Flat})
def picks(site: str, article: str) -> Response:
    return _page(site, article, "picks", read_picks)


@blueprint.get(f"{ARTICLE}/answers")
@operation(
    "What the article's author wrote, newest first, each after the comment that it answers",
    security="optional",
    query=PAGING,
    answers={200: schemas.Flat},
)
def answers(site: str, article: str) -> Response:
    return _page(site, article, "answers", read_answers)


def _page(site: str, article: str, tab: Tab, read: Read) -> Response:
    key = read_article_key(article)
    cursor = read_cursor(request.args.get("cursor"), tab)
    most = whole_number("limit", 20, 50)
    with parts().database.read() as conn:
        found = site_named(conn, site)
        require_reading(parts(), conn, found, authorization())
        row = find_article(conn, found.id, key)
        rows, next_cursor = ([], None) if row is None else read(conn, row.id, cursor, most)
    return answer({"comments": shown(rows), "next_cursor": next_cursor}, headers=caching(found))
