"""What was laid upon a member, as statements of reasons, and their complaints about it."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, request

from comments.actions import complaints as actions
from comments.actions.members import acting_member
from comments.core.law import author
from comments.core.law.clock import answer_due
from comments.core.law.statement import present
from comments.core.present import Json
from comments.core.site import SiteSettings
from comments.core.status import Status
from comments.core.thread import Cursor, read_cursor
from comments.core.times import time_text
from comments.core.words import Words, pick_language
from comments.http.openapi import operation
from comments.http.request import answer, bearer, check_own_origin, limit, parts, read_body, read_id, whole_number
from comments.http.schemas_law import NewComplaint, Statement, Statements
from comments.spoken import house_texts
from comments.storage.notices import told_about
from comments.storage.sites import Site, site_by_id
from comments.storage.statements import (
    MOST,
    complaints_of_statements,
    find_statement,
    standing_of_account,
    standing_of_comments,
    statements_of_member,
)

HIDDEN = (Status.WAITING, Status.REJECTED)

blueprint = Blueprint("statements", __name__, url_prefix="/api/v1")


@blueprint.get("/me/statements")
@operation(
    "Why something of one's own was restricted, newest first",
    security="bearer",
    query={"cursor": "where the page before ended", "limit": "how many at most", "lang": "of the sentences"},
    answers={200: Statements},
)
def statements() -> Response:
    access = bearer()
    most = whole_number("limit", 25, MOST)
    cursor = read_cursor(request.args.get("cursor"), "statements")
    with parts().database.read() as conn:
        member, _ = acting_member(conn, access, parts().database.clock())
        settings = site_by_id(conn, member.site_id).settings
        return answer(statements_page(conn, member.id, settings, cursor, most))


def statements_page(conn: Any, member_id: int, settings: SiteSettings, cursor: Cursor | None, most: int) -> Json:
    """A page of a member's statements with their complaints."""
    rows = statements_of_member(conn, member_id, None if cursor is None else cursor.id, most + 1)
    shown = present_statements(conn, rows[:most], settings)
    goes_on = len(rows) > most
    return {
        "statements": shown,
        "next_cursor": Cursor("statements", 0, rows[most - 1].id).encode() if goes_on else None,
    }


def standing_over(conn: Any, comments: Sequence[Any], settings: SiteSettings) -> dict[int, Json]:
    """The statements about what keeps these comments (rows) of one member from being public, by comment id."""
    found = standing_of_comments(conn, [row.id for row in comments if row.status in HIDDEN])
    return dict(zip(found, present_statements(conn, list(found.values()), settings), strict=True))


def standing_against(conn: Any, member_id: int, settings: SiteSettings) -> list[Json]:
    """The statements about what is laid upon a member's account now."""
    return present_statements(conn, standing_of_account(conn, member_id, parts().database.clock()), settings)


def complained_of(conn: Any, comments: Sequence[Any], site: Site) -> dict[int, Json]:
    """What the author of these comments (rows) is told of notices of defamation that they may answer, by comment id."""
    texts = {row.id: row for row in comments}
    contact = site.settings.law.uk_contact or site.settings.mail_reply_to or ""
    words, shown = _words(site.settings), {}
    for comment_id, notice in told_about(conn, list(texts)).items():
        params = author.params_of(notice, texts[comment_id], contact)
        shown[comment_id] = {
            "reference": notice.reference,
            "title": author.title(words, params),
            "text": author.paragraphs(words, params, site.name),
            "until": time_text(answer_due(notice.author_told_at)),
        }
    return shown


def _words(settings: SiteSettings) -> Words:
    wished = [request.args.get("lang", "")[:20], *(name for name, _ in request.accept_languages), settings.locale]
    return Words(pick_language(wished, house_texts()), house_texts())


def present_statements(conn: Any, rows: Sequence[Any], settings: SiteSettings) -> list[Json]:
    """For whom they are about, with their complaints, in a language that the request names."""
    complaints = complaints_of_statements(conn, [row.id for row in rows])
    words, now = _words(settings), parts().database.clock()
    return [present(row, complaints.get(row.id), words, now, redress=settings.law.redress) for row in rows]


@blueprint.post("/me/statements/<statement>/complaint")
@operation(
    "Complain about what was laid upon oneself; the same text again is the same complaint",
    security="bearer",
    body=NewComplaint,
    answers={201: Statement, 200: Statement},
)
def complain(statement: str) -> Response:
    access = bearer()
    statement_id = read_id(statement, "statement")
    body = read_body(NewComplaint)
    limit("react", access.member_id, parts().settings.reactions_per_minute)
    check_own_origin(access.site_id)
    with parts().database.transaction() as tx:
        is_new = actions.complain(tx, access, statement_id, body.text)
    with parts().database.read() as conn:
        row = find_statement(conn, statement_id)
        shown = present_statements(conn, [row], site_by_id(conn, row.site_id).settings)[0]
    return answer(shown, 201 if is_new else 200)
