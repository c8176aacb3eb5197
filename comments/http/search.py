"""The console's search: comments by their words, members by name or by the publisher's id of them."""

import dataclasses
from typing import Any

from flask import Response, request

from comments.core.errors import Malformed
from comments.core.policy import Action, visibility
from comments.core.present import Json, present_article, present_private
from comments.core.search import FINDABLE, Query, marks, read_query, words_of
from comments.core.thread import Cursor, read_cursor
from comments.http import schemas
from comments.http.authors import authors
from comments.http.moderation import PAGING, moderated_site
from comments.http.openapi import operation
from comments.http.request import answer, parts, whole_number
from comments.http.sessions import console_blueprint
from comments.storage import threads
from comments.storage.members import subs_of
from comments.storage.search import search_comments, search_members

blueprint = console_blueprint("search")
KINDS = ("comments", "members")


@blueprint.get("/sites/<site>/search")
@operation(
    "Comments or members with these words, newest first",
    security="console",
    query={
        "q": "words, “phrases”, -not, author:, article:, status:",
        "kind": "comments or members",
        "status": "of comments; may be given several times",
    }
    | PAGING,
    answers={200: schemas.SearchPage},
)
def search(site: str) -> Response:
    kind = request.args.get("kind", "comments")
    if kind not in KINDS:
        raise Malformed("kind is comments or members.", field="kind")
    text = request.args.get("q", "")
    query = read_query(text)
    cursor = read_cursor(request.args.get("cursor"), f"search, {kind}")
    most, before = whole_number("limit", 25, 100), None if cursor is None else cursor.id
    query = _with_statuses(query)
    with parts().database.read() as conn:
        found, viewer = moderated_site(conn, site, Action.SEARCH)
        if kind == "members":
            page, after = search_members(conn, found.id, words_of(text), before, most) if words_of(text) else ([], None)
            shown: Json = {"comments": [], "members": _members(conn, page), "looked_through": len(page)}
        elif query.is_empty:
            shown, after = {"comments": [], "members": [], "looked_through": 0}, None
        else:
            seen = visibility(viewer, found.id)
            hits = search_comments(conn, found.id, viewer.sections, seen, query, before, most)
            shown = {
                "comments": _comments(conn, hits.rows, query),
                "members": [],
                "looked_through": hits.looked_through,
            }
            after = hits.before
    return answer(shown | {"next_cursor": None if after is None else Cursor(f"search, {kind}", 0, after).encode()})


def _with_statuses(query: Query) -> Query:
    """`status` in the address says it where the query does not; raises Malformed (status)."""
    asked = request.args.getlist("status")
    known = {str(status): status for status in FINDABLE}
    if unknown := [one for one in asked if one not in known]:
        raise Malformed(f"status is one of {', '.join(known)}, not {unknown[0][:40]!r}.", field="status")
    if not asked or query.statuses != FINDABLE:
        return query
    return dataclasses.replace(query, statuses=tuple(known[one] for one in dict.fromkeys(asked)))


def _comments(conn: Any, rows: Any, query: Query) -> list[Json]:
    if not rows:
        return []
    articles = threads.articles_of(conn, rows)
    findings = threads.read_findings(conn, rows)
    return [
        {
            "comment": present_private(row, findings[row.id], text=True) | {"risk": row.risk, "language": row.language},
            "article": present_article(articles[row.article_id], "") | {"section": articles[row.article_id].section},
            "marks": marks(query, row.text),
        }
        for row in rows
    ]


def _members(conn: Any, ids: list[int]) -> list[Json]:
    shown, subs = authors(conn, ids, parts().database.clock()), subs_of(conn, ids)
    return [{"author": shown[key], "sub": subs[key]} for key in ids]
