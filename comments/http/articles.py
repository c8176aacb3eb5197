"""The API of one article by the publisher's own id: as it stands, and set up before anybody wrote under it."""

from typing import Any

import msgspec
from flask import Response

from comments.actions import articles as actions
from comments.core.errors import Malformed
from comments.core.markup import clean_line
from comments.core.policy import Action, Subject, require
from comments.core.present import Json, present_article
from comments.core.times import time_micros
from comments.http import schemas_sites as schemas
from comments.http.matching import check_match, tag_of
from comments.http.moderation import moderated_site
from comments.http.openapi import operation
from comments.http.request import answer, parts, read_article_key, read_body
from comments.http.sessions import console_blueprint
from comments.storage.threads import find_article

blueprint = console_blueprint("articles", "/sites/<site>/articles/<article:article>")
IF_MATCH = {"If-Match": "the ETag of what you read; if it is another now, nothing changes (412)"}


def _article(conn: Any, site_id: int, key: str) -> Json:
    row = find_article(conn, site_id, key)
    return present_article(row, key) | {"section": None if row is None else row.section}


@blueprint.get("")
@operation(
    "An article as it stands; one that nobody wrote under or set up yet is open and has no title",
    security="console",
    answers={200: schemas.ArticleShown},
)
def article(site: str, article: str) -> Response:
    key = read_article_key(article)
    with parts().database.read() as conn:
        found, viewer = moderated_site(conn, site, Action.SEE_QUEUES)
        row = find_article(conn, found.id, key)
        about = Subject(found.id, found.settings, section=None if row is None else row.section)
        require(viewer, Action.SEE_QUEUES, about, parts().database.clock())
        shown = _article(conn, found.id, key)
    return answer(shown, headers={"ETag": tag_of(shown)})


@blueprint.put("")
@operation(
    "Set up an article: address, title, section, mode and hours; 201 where it was not known before",
    security="console",
    body=schemas.ArticleSetup,
    answers={200: schemas.ArticleShown, 201: schemas.ArticleShown},
    may_send=IF_MATCH,
)
def set_up(site: str, article: str) -> Response:
    key = read_article_key(article)
    with parts().database.read() as conn:
        found, viewer = moderated_site(conn, site, Action.SET_MODE)
    body = read_body(schemas.ArticleSetup)
    change = msgspec.structs.asdict(body)
    given = {name: value for name, value in change.items() if value is not msgspec.UNSET}
    for name in given.keys() & {"opens_at", "closes_at"}:
        given[name] = _moment(name, given[name])
    for name, longest in (("title", 300), ("section", 100)):
        if name in given:
            given[name] = clean_line(given[name] or "", longest) or None
    with parts().database.transaction() as tx:
        known = find_article(tx.conn, found.id, key) is not None
        check_match(_article(tx.conn, found.id, key))
        actions.set_up_article(tx, viewer, found, key, given)
    with parts().database.read() as conn:
        shown = _article(conn, found.id, key)
    return answer(shown, 200 if known else 201, headers={"ETag": tag_of(shown)})


def _moment(name: str, text: str | None) -> int | None:
    try:
        return None if text is None else time_micros(text)
    except ValueError as error:
        raise Malformed(f"{name} is no RFC 3339 time with an offset: {text}", field=name) from error
