"""The console's API about members: what is laid upon them and lifted again."""

from flask import Blueprint, Response

from comments.actions import restrictions as actions
from comments.core.errors import Malformed
from comments.core.times import time_micros
from comments.http import schemas
from comments.http.items import present_author_history
from comments.http.openapi import operation
from comments.http.request import answer, parts, read_body, read_id
from comments.http.sessions import console_viewer
from comments.storage import moderation

blueprint = Blueprint("people", __name__, url_prefix="/api/v1/console")


@blueprint.before_request
def _signed_in() -> None:
    """Nobody else gets to a view here; and the account is read before a view takes its one connection."""
    console_viewer()


@blueprint.post("/members/<member>/ban")
@operation("Ban or suspend a member", security="console", body=schemas.BanRequest, answers={200: schemas.Restricted})
def ban(member: str) -> Response:
    viewer = console_viewer()
    member_id = read_id(member, "member")
    body = read_body(schemas.BanRequest)
    try:
        until = time_micros(body.until) if body.until else None
    except ValueError as error:
        raise Malformed("until must be a time such as 2026-12-24T18:00:00Z.", field="until") from error
    with parts().database.transaction() as tx:
        actions.ban(tx, viewer, member_id, body.reason, until, body.reject_waiting)
    return _restricted(member_id)


@blueprint.delete("/members/<member>/ban")
@operation("Lift a ban or suspension", security="console", answers={200: schemas.Restricted})
def lift_ban(member: str) -> Response:
    viewer = console_viewer()
    member_id = read_id(member, "member")
    with parts().database.transaction() as tx:
        actions.lift_ban(tx, viewer, member_id)
    return _restricted(member_id)


def _restricted(member_id: int) -> Response:
    with parts().database.read() as conn:
        return answer({"author": present_author_history(moderation.read_authors(conn, [member_id])[member_id])})
