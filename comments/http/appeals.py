"""Appeals: the author's side, and the moderators' answer."""

from flask import Blueprint, Response

from comments.actions import appeals as actions
from comments.core.characters import clean
from comments.core.errors import Conflict
from comments.http import schemas
from comments.http.items import item_of
from comments.http.openapi import operation
from comments.http.request import answer, bearer, check_own_origin, limit, parts, read_body, read_id
from comments.http.sessions import console_viewer
from comments.http.threads import own
from comments.storage.appeals import find_appeal
from comments.storage.queues import count_queues

blueprint = Blueprint("appeals", __name__, url_prefix="/api/v1")


@blueprint.post("/comments/<comment>/appeal")
@operation(
    "Appeal against the rejection or the hold of one's own comment; the same text again is the same appeal",
    security="bearer",
    body=schemas.NewAppeal,
    answers={201: schemas.Comment, 200: schemas.Comment},
)
def appeal_comment(comment: str) -> Response:
    access = bearer()
    comment_id = read_id(comment, "comment")
    body = read_body(schemas.NewAppeal)
    limit("react", access.member_id, parts().settings.reactions_per_minute)
    check_own_origin(access.site_id)
    with parts().database.transaction() as tx:
        is_new = actions.appeal_comment(tx, access, comment_id, body.text)
    return answer(own(comment_id), 201 if is_new else 200)


@blueprint.post("/console/appeals/<appeal>/decision")
@operation(
    "Uphold or overturn what an author appeals against",
    security="console",
    body=schemas.AppealDecision,
    answers={200: schemas.AppealDecided},
)
def decide_appeal(appeal: str) -> Response:
    viewer = console_viewer()
    appeal_id = read_id(appeal, "appeal")
    body = read_body(schemas.AppealDecision)
    note = clean(body.note).strip() or None if body.note else None
    asked = actions.Answer(body.outcome, body.version, note, body.reason, body.take_over)
    try:
        with parts().database.transaction() as tx:
            site_id, comment_id = actions.decide_appeal(tx, viewer, appeal_id, asked)
    except Conflict as error:
        with parts().database.read() as conn:
            error.extras["item"] = item_of(conn, find_appeal(conn, appeal_id).comment_id, viewer)[1]
        raise
    with parts().database.read() as conn:
        item = item_of(conn, comment_id, viewer)[1]
        return answer({"item": item, "counts": count_queues(conn, site_id, viewer.sections)})
