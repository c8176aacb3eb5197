"""What one's own page shows and does: one's comments with receipts and appeals, what one was told, whom one mutes, what
one follows, one's names. For who has a visit (me.py), whatever their subscription or standing.
"""

from collections.abc import Sequence
from typing import Any

from flask import Response, request

from comments.actions import appeals, complaints, members, notifications, threads, visits
from comments.core.entitlement import may_read
from comments.core.errors import Malformed
from comments.core.policy import own_page
from comments.core.present import Json, chosen_by, present_author, present_former_name, present_site
from comments.core.status import Status
from comments.core.thread import read_cursor
from comments.core.times import time_text
from comments.http import schemas, schemas_me
from comments.http.me import forget, own_blueprint, visiting_member, visitor
from comments.http.members import viewer_info
from comments.http.notifications import (
    AT_THE_END,
    MOST,
    PAGE,
    present_in_short,
    present_its_article,
    present_notification,
)
from comments.http.openapi import operation
from comments.http.receipts import present_own
from comments.http.request import answer, limit, parts, read_body, read_id, whole_number
from comments.http.schemas_law import NewComplaint, Statement
from comments.http.statements import complained_of, present_statements, standing_against, standing_over
from comments.storage import visits as rows
from comments.storage.members import viewer_of_member
from comments.storage.notifications import count_unread, read_page
from comments.storage.people import read_history
from comments.storage.sites import Site
from comments.storage.statements import find_statement
from comments.storage.threads import articles_of, find_comment

blueprint = own_blueprint("me_api")
LISTED = (Status.PUBLISHED, Status.WAITING, Status.REJECTED, Status.WITHDRAWN)
PAGING = {"cursor": "where the page before ended", "limit": "how many at most"}


@blueprint.get("/visit")
@operation("Who is at their own page", security="me", answers={200: schemas_me.OwnVisit})
def visit(site: str) -> Response:
    with visiting_member() as (conn, found, member):
        viewer = viewer_info(conn, found, member, parts().database.clock())
        laid_upon = standing_against(conn, member.id, found.settings)
    here = visitor()
    return answer(
        {
            "csrf": here.csrf,
            "site": present_site(found.key, found.name, found.settings),
            "viewer": viewer,
            "statements": laid_upon,
            "since": time_text(here.access.expires - rows.LONGEST),
            "until": time_text(here.access.expires),
        }
    )


@blueprint.delete("/visit")
@operation("Leave one's own page", security="me", answers={204: None})
def leave(site: str) -> Response:
    with parts().database.transaction() as tx:
        visits.end_visit(tx, visitor().id)
    return forget(Response(status=204), visitor().site)


@blueprint.get("/comments")
@operation(
    "What one wrote, newest first, with receipts",
    security="me",
    query={"status": "one of " + ", ".join(LISTED)} | PAGING,
    answers={200: schemas_me.OwnComments},
)
def comments(site: str) -> Response:
    status = request.args.get("status") or None
    if status is not None and status not in LISTED:
        raise Malformed(f"status is one of {', '.join(LISTED)}.", field="status")
    cursor = read_cursor(request.args.get("cursor"), "history")
    most = whole_number("limit", PAGE, MOST)
    with visiting_member() as (conn, found, member):
        written, next_cursor = read_history(
            conn, member.id, own_page(member.id), status=status, sections=None, cursor=cursor, limit=most
        )
        return answer({"comments": _own(conn, written, found), "next_cursor": next_cursor})


def _own(conn: Any, written: Sequence[Any], site: Site) -> list[Json]:
    """One's comments (rows), each with its article and the statement of reasons about what keeps it from the public."""
    if not written:
        return []
    shown = present_own(conn, written, site.settings, parts().database.clock())
    stated = standing_over(conn, written, site.settings)
    complained = complained_of(conn, written, site)
    articles = articles_of(conn, written)
    return [
        {
            "comment": comment,
            "article": present_its_article(articles[row.article_id]),
            "statement": stated.get(row.id),
            "complaint": complained.get(row.id),
        }
        for comment, row in zip(shown, written, strict=True)
    ]


@blueprint.delete("/comments/<comment>")
@operation("Withdraw one's own comment", security="me", answers={200: schemas_me.OwnComment})
def withdraw(site: str, comment: str) -> Response:
    comment_id = read_id(comment, "comment")
    with parts().database.transaction() as tx:
        threads.withdraw_comment(tx, visitor().access, comment_id)
    return answer(_own_comment(comment_id))


@blueprint.post("/comments/<comment>/appeal")
@operation(
    "Appeal against the rejection or the hold of one's own comment; the same text again is the same appeal",
    security="me",
    body=schemas.NewAppeal,
    answers={201: schemas_me.OwnComment, 200: schemas_me.OwnComment},
)
def appeal(site: str, comment: str) -> Response:
    comment_id = read_id(comment, "comment")
    body = read_body(schemas.NewAppeal)
    with parts().database.transaction() as tx:
        is_new = appeals.appeal_comment(tx, visitor().access, comment_id, body.text)
    return answer(_own_comment(comment_id), 201 if is_new else 200)


def _own_comment(comment_id: int) -> Json:
    """One of one's comments as the list has it, after a change."""
    with visiting_member() as (conn, found, _):
        return _own(conn, [find_comment(conn, comment_id)], found)[0]


@blueprint.post("/statements/<statement>/complaint")
@operation(
    "Complain about what was laid upon oneself; the same text again is the same complaint",
    security="me",
    body=NewComplaint,
    answers={201: Statement, 200: Statement},
)
def complain(site: str, statement: str) -> Response:
    statement_id = read_id(statement, "statement")
    body = read_body(NewComplaint)
    with parts().database.transaction() as tx:
        is_new = complaints.complain(tx, visitor().access, statement_id, body.text)
    with visiting_member() as (conn, found, _):
        shown = present_statements(conn, [find_statement(conn, statement_id)], found.settings)[0]
    return answer(shown, 201 if is_new else 200)


@blueprint.get("/notifications")
@operation(
    "What one was told of, newest first", security="me", query=PAGING, answers={200: schemas_me.OwnNotifications}
)
def told(site: str) -> Response:
    before = whole_number("cursor", AT_THE_END, AT_THE_END)
    most = whole_number("limit", PAGE, MOST)
    with visiting_member() as (conn, found, member):
        page, more = read_page(conn, member.id, before, most)
        unread = count_unread(conn, member)
    reads = may_read(found.settings, viewer_of_member(member, parts().database.clock()).state)
    listed = [present_notification(row, member, reads) for row in page]
    return answer({"notifications": listed, "unread": unread, "next_cursor": None if more is None else str(more)})


@blueprint.post("/notifications/seen")
@operation(
    "Say that one has seen what one was told of, up to one of them",
    security="me",
    body=schemas.SeenUntil,
    answers={200: schemas.Unread},
)
def see(site: str) -> Response:
    body = read_body(schemas.SeenUntil)
    with parts().database.transaction() as tx:
        notifications.see(tx, visitor().access, int(body.until))
    with visiting_member() as (conn, _, member):
        return answer({"unread": count_unread(conn, member)})


@blueprint.get("/mutes")
@operation("Whom one has muted", security="me", query=PAGING, answers={200: schemas_me.OwnMutes})
def mutes(site: str) -> Response:
    after = whole_number("cursor", 0, AT_THE_END, 0)
    most = whole_number("limit", MOST, MOST)
    with visiting_member() as (conn, _, member):
        page, more = rows.read_mutes(conn, member.id, after, most)
    listed = [{"member": present_author(row), "muted_at": time_text(row.muted_at)} for row in page]
    return answer({"mutes": listed, "next_cursor": None if more is None else str(more)})


@blueprint.delete("/mutes/<member>")
@operation("Hear a muted member again", security="me", answers={204: None})
def unmute(site: str, member: str) -> Response:
    muted_id = read_id(member, "member")
    with parts().database.transaction() as tx:
        members.mute(tx, visitor().site, visitor().access, muted_id, False)
    return Response(status=204)


@blueprint.get("/follows")
@operation("What one follows, the last first", security="me", query=PAGING, answers={200: schemas_me.OwnFollows})
def follows(site: str) -> Response:
    before = whole_number("cursor", AT_THE_END, AT_THE_END)
    most = whole_number("limit", MOST, MOST)
    with visiting_member() as (conn, found, member):
        page, more = rows.read_follows(conn, member.id, before, most)
    reads = may_read(found.settings, viewer_of_member(member, parts().database.clock()).state)
    listed = [_follow(row, reads) for row in page]
    return answer({"follows": listed, "next_cursor": None if more is None else str(more)})


def _follow(row: Any, reads: bool) -> Json:
    """Of others' comments nothing for whom reading is not."""
    return {
        "id": str(row.id),
        "kind": "thread" if row.comment_id is None else "comment",
        "since": time_text(row.created_at),
        "article": present_its_article(row),
        "comment": present_in_short(row) if reads and row.shown_id is not None else None,
    }


@blueprint.delete("/follows/<follow>")
@operation("Follow something no longer", security="me", answers={204: None})
def let_go(site: str, follow: str) -> Response:
    follow_id = read_id(follow, "follow")
    with parts().database.transaction() as tx:
        visits.let_go(tx, visitor().access, follow_id)
    return Response(status=204)


@blueprint.get("/names")
@operation("What one is called, and was before", security="me", answers={200: schemas_me.OwnNames})
def names(site: str) -> Response:
    return answer(_names())


@blueprint.put("/name")
@operation("Choose one's display name", security="me", body=schemas.NewName, answers={200: schemas_me.OwnNames})
def name_oneself(site: str) -> Response:
    body = read_body(schemas.NewName)
    limit("name", visitor().access.member_id, 5)
    with parts().database.transaction() as tx:
        members.name_oneself(tx, visitor().site, visitor().access, body.name)
    return answer(_names())


def _names() -> Json:
    with visiting_member() as (conn, _, member):
        former = rows.read_names(conn, member.id)
    by = None if member.name is None else chosen_by(member.own_name)
    return {"name": member.name, "by": by, "former": [present_former_name(row) for row in former]}
