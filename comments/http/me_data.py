"""What a member may do with all that is theirs: take it with them as a file, and be erased."""

from typing import Any

from flask import Response

from comments.actions import erasure, exports
from comments.actions.members import acting_writer
from comments.core.errors import Malformed, NotFound
from comments.core.identity import name_key
from comments.core.policy import Action, Subject, require
from comments.core.present import Json
from comments.core.times import time_text
from comments.http import schemas_me
from comments.http.exports import send_export
from comments.http.me import forget, own_blueprint, visiting_member, visitor
from comments.http.openapi import operation
from comments.http.request import answer, parts, read_body
from comments.storage import exports as rows

blueprint = own_blueprint("me_data")


def _shown(site: Any, export: Any) -> Json:
    shown = None
    if export is not None:
        shown = {name: getattr(export, name) for name in ("state", "done", "total", "size")}
        shown["expires_at"] = time_text(export.created_at + rows.KEPT * 1_000_000)
    return {"export": shown, "erasure": list(erasure.allowed_modes(site.settings))}


@blueprint.get("/data")
@operation("How far the last export of one's data is, and how one may be erased", security="me",
           answers={200: schemas_me.OwnData})  # fmt: skip
def data(site: str) -> Response:
    with visiting_member() as (conn, found, member):
        return answer(_shown(found, rows.last_export_of(conn, member.id)))


@blueprint.post("/export")
@operation("Have all of one's data made into a file", security="me", answers={201: schemas_me.OwnData})
def export(site: str) -> Response:
    with parts().database.transaction() as tx:
        writer = acting_writer(tx, visitor().access)
        require(writer.viewer, Action.SEE_ONESELF, Subject(writer.site.id, writer.site.settings), tx.now)
        exports.export_member(tx, writer.member)
    with visiting_member() as (conn, found, member):
        return answer(_shown(found, rows.last_export_of(conn, member.id)), 201)


@blueprint.get("/export/file")
def file(site: str) -> Response:
    """The file with all of one's data: a link of the page, so that the document leaves it out."""
    with visiting_member() as (conn, _, member):
        row = rows.last_export_of(conn, member.id)
    if row is None:
        raise NotFound("file")
    return send_export(row)


@blueprint.post("/erasure")
@operation("Be erased, for good: “name” is one's name as it is now, or the site's where one has none", security="me",
           body=schemas_me.NewErasure, answers={204: None})  # fmt: skip
def erase(site: str) -> Response:
    body = read_body(schemas_me.NewErasure)
    with parts().database.transaction() as tx:
        writer = acting_writer(tx, visitor().access)
        require(writer.viewer, Action.SEE_ONESELF, Subject(writer.site.id, writer.site.settings), tx.now)
        if name_key(body.name) != name_key(writer.member.name or writer.site.name):
            raise Malformed("Send your name as it is now: nobody is erased by mistake.", field="name")
        erasure.erase_member(tx, writer.member, body.mode)
    return forget(Response(status=204), visitor().site)
