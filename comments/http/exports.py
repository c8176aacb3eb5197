"""The console's API about exports of a site, for administrators: start one, see how far it is, fetch the file.

Fetching needs the session (or a key of the API) like everything else: no address opens a file by itself.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Response, request

from comments.actions import exports as actions
from comments.core.errors import FileElsewhere, NotFound
from comments.core.policy import Action
from comments.core.present import Json
from comments.core.times import time_text
from comments.http import schemas_exports as schemas
from comments.http.moderation import PAGING, moderated_site
from comments.http.openapi import operation
from comments.http.request import answer, limit, parts, read_body, read_id, whole_number
from comments.http.sessions import console_blueprint
from comments.storage import exports as rows

blueprint = console_blueprint("exports", "/sites/<site>/exports")
PER_MINUTE = 10
PART = 64 * 1024  # bytes
TYPES = {"archive": "application/x-ndjson", "csv": "text/csv; charset=utf-8", "member": "application/zip"}


def present_export(row: Any) -> Json:
    return {
        "id": str(row.id),
        "kind": row.kind,
        "state": row.state,
        "done": row.done,
        "total": row.total,
        "error": row.error,
        "size": row.size,
        "by": row.by,
        "created_at": time_text(row.created_at),
        "finished_at": time_text(row.finished_at),
        "expires_at": time_text(row.created_at + rows.KEPT * 1_000_000),
    }


@blueprint.get("")
@operation("Exports of a site, newest first", security="console", query=PAGING, answers={200: schemas.Exports})
def exports(site: str) -> Response:
    before = whole_number("cursor", 0, 10**18) if request.args.get("cursor") else None
    most = whole_number("limit", 20, 100)
    with parts().database.read() as conn:
        found, _ = moderated_site(conn, site, Action.MANAGE_SITE)
        listed = rows.read_exports(conn, found.id, before, most + 1)
    more = str(listed[most - 1].id) if len(listed) > most else None
    return answer({"exports": [present_export(row) for row in listed[:most]], "next_cursor": more})


@blueprint.post("")
@operation(
    "Have a site's comments made into a file, by a worker",
    security="console",
    body=schemas.NewExport,
    answers={201: schemas.Export},
)
def start(site: str) -> Response:
    kind = read_body(schemas.NewExport).kind
    with parts().database.read() as conn:
        found, viewer = moderated_site(conn, site, Action.MANAGE_SITE)
    limit("exports", found.id, PER_MINUTE)
    with parts().database.transaction() as tx:
        export_id = actions.start_export(tx, viewer, found, kind)
        row = rows.find_export(tx.conn, export_id)
    return answer(present_export(row), 201)


def _one(conn: Any, site: str, export: str) -> Any:
    export_id = read_id(export, "export")
    found, _ = moderated_site(conn, site, Action.MANAGE_SITE)
    row = rows.find_export(conn, export_id)
    if row is None or row.site_id != found.id or row.member_id is not None:
        raise NotFound("export")
    return row


@blueprint.get("/<export>")
@operation("An export and how far it is", security="console", answers={200: schemas.Export})
def export(site: str, export: str) -> Response:
    with parts().database.read() as conn:
        row = _one(conn, site, export)
    return answer(present_export(row))


@blueprint.get("/<export>/file")
@operation("The file of an export that is done", security="console", answers={200: bytes | str})
def file(site: str, export: str) -> Response:
    with parts().database.read() as conn:
        row = _one(conn, site, export)
    return send_export(row)


def send_export(row: Any) -> Response:
    """The file of an export's row, to be saved; whoever calls has looked whether they may have it. Raises NotFound,
    FileElsewhere.
    """
    if row.state != "done" or row.file is None or row.created_at + rows.KEPT * 1_000_000 < parts().database.clock():
        raise NotFound("file")
    path = rows.folder_in(parts().settings.data_dir) / row.file
    if not path.is_file():
        raise FileElsewhere
    day = f"{datetime.fromtimestamp(row.created_at / 1_000_000, UTC):%Y-%m-%d}"
    headers = {
        "Content-Disposition": f"attachment; filename={actions.download_name(row, day)}",
        "Content-Length": str(path.stat().st_size),
        "Cache-Control": "no-store",
    }
    return Response(_parts_of(path), content_type=TYPES[row.kind], headers=headers)


def _parts_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while part := stream.read(PART):
            yield part
