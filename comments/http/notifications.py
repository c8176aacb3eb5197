"""What one was told of, and what is new in what one follows: the widget's API."""

from typing import Any

from flask import Blueprint, Response, request

from comments.actions import notifications as actions
from comments.actions.members import acting_member
from comments.core.entitlement import may_read
from comments.core.notifications import excerpt
from comments.core.present import Json, present_author
from comments.core.times import time_text
from comments.http import schemas
from comments.http.openapi import operation
from comments.http.request import (
    answer,
    bearer,
    check_origin,
    check_own_origin,
    limit,
    parts,
    read_body,
    whole_number,
)  # fmt: skip
from comments.storage.follows import read_news
from comments.storage.notifications import count_unread, read_page
from comments.storage.sites import site_by_id

blueprint = Blueprint("notifications", __name__, url_prefix="/api/v1")
PAGE, MOST = 20, 50
MOST_FOLLOWED = 100  # of what one followed last, in which something new is looked for
AT_THE_END = 2**62  # an id that no notification has yet


@blueprint.get("/me/notifications")
@operation(
    "What one was told of, newest first; on the first page also what is new in what one follows",
    security="bearer",
    query={"cursor": "where the page before ended", "limit": "how many at most"},
    answers={200: schemas.Notifications},
)
def notifications() -> Response:
    access = bearer()
    before = whole_number("cursor", AT_THE_END, AT_THE_END)
    most = whole_number("limit", PAGE, MOST)
    now = parts().database.clock()
    with parts().database.read() as conn:
        site = site_by_id(conn, access.site_id)
        check_origin(site)
        member, viewer = acting_member(conn, access, now)
        rows, more = read_page(conn, member.id, before, most)
        followed = read_news(conn, member.id, MOST_FOLLOWED) if "cursor" not in request.args else []
        unread = count_unread(conn, member)
    reads = may_read(site.settings, viewer.state)
    return answer(
        {
            "notifications": [present_notification(row, member, reads) for row in rows],
            "followed": [_followed(row) for row in followed] if reads else [],
            "unread": unread,
            "next_cursor": None if more is None else str(more),
        }
    )


@blueprint.post("/me/notifications/seen")
@operation(
    "Say that one has seen what one was told of, up to one of them",
    security="bearer",
    body=schemas.SeenUntil,
    answers={200: schemas.Unread},
)
def see() -> Response:
    access = bearer()
    body = read_body(schemas.SeenUntil)
    limit("react", access.member_id, parts().settings.reactions_per_minute)
    check_own_origin(access.site_id)
    with parts().database.transaction() as tx:
        member = actions.see(tx, access, int(body.until))
    with parts().database.read() as conn:
        return answer({"unread": count_unread(conn, member)})


def present_notification(row: Any, member: Any, reads: bool) -> Json:
    """Of others' comments nothing for whom reading is not."""
    shown = reads or row.member_id == member.id
    return {
        "id": str(row.id),
        "kind": row.kind,
        "created_at": time_text(row.created_at),
        "seen": row.id <= member.notified_until,
        "comment": present_in_short(row) if shown else None,
        "article": present_its_article(row),
    }


def _followed(row: Any) -> Json:
    return {
        "article": present_its_article(row),
        "comment": None if row.comment_id is None else present_in_short(row),
        "new": row.new,
    }


def present_in_short(row: Any) -> Json:
    """A comment that is spoken of elsewhere, with its author."""
    return {"id": str(row.comment_id), "author": present_author(row), "excerpt": excerpt(row.text)}


def present_its_article(row: Any) -> Json:
    """The article that something is under."""
    return {"id": row.key, "title": row.title, "url": row.url}
