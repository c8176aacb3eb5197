"""The console's API about imports into a site, for administrators: bring a file in chunks, try it, import it, see how
far it is and what is listed, stop it, delete it.

The size of the file that lies here says how much of it has come, so that an upload goes on where it was broken off.
"""

import os
import shutil
from pathlib import Path
from typing import Any

from flask import Response, request

from comments.actions import imports as actions
from comments.core.errors import Conflict, FileElsewhere, Malformed, NotFound, Unavailable, Unsupported
from comments.core.policy import Action
from comments.core.present import Json
from comments.core.times import time_text
from comments.http import schemas_imports as schemas
from comments.http.moderation import PAGING, moderated_site
from comments.http.openapi import operation
from comments.http.request import LARGEST_REQUEST, answer, limit, parts, read_body, read_id, whole_body, whole_number
from comments.http.sessions import console_blueprint
from comments.storage import imports as rows

blueprint = console_blueprint("imports", "/sites/<site>/imports")
PER_MINUTE = 30
CHUNK = LARGEST_REQUEST  # bytes: what every proxy lets pass that lets our other requests pass
SPARE = 64 * 1024**2  # bytes that stay free on the disk


def present_import(row: Any) -> Json:
    here = received(row)
    same = ("name", "format", "size", "state", "dry_run", *rows.COUNTS, "error", "by")
    return {name: getattr(row, name) for name in same} | {
        "id": str(row.id),
        "chunk_size": CHUNK,
        "chunks": chunks_of(row.size) if here == row.size else here // CHUNK,
        "received": here,
        "created_at": time_text(row.created_at),
        "finished_at": time_text(row.finished_at),
        "expires_at": time_text(row.created_at + rows.KEPT * 1_000_000),
    }


def chunks_of(size: int) -> int:
    return -(-size // CHUNK)


def received(row: Any) -> int:
    """Bytes of a file that are here, from its start on."""
    try:
        return min(_path(row).stat().st_size, int(row.size))
    except FileNotFoundError:
        return 0


def _path(row: Any) -> Path:
    return rows.path_of(parts().settings.data_dir, row)


@blueprint.get("")
@operation("Imports into a site, newest first", security="console", query=PAGING, answers={200: schemas.Imports})
def imports(site: str) -> Response:
    before = whole_number("cursor", 0, 10**18) if request.args.get("cursor") else None
    most = whole_number("limit", 20, 100)
    with parts().database.read() as conn:
        found, _ = moderated_site(conn, site, Action.MANAGE_SITE)
        listed = rows.read_uploads(conn, found.id, before, most + 1)
    more = str(listed[most - 1].id) if len(listed) > most else None
    return answer({"imports": [present_import(row) for row in listed[:most]], "next_cursor": more})


@blueprint.post("")
@operation(
    "Announce a file that is to be imported; its chunks follow",
    security="console",
    body=schemas.NewImport,
    answers={201: schemas.Import},
)
def begin(site: str) -> Response:
    sent = read_body(schemas.NewImport)
    with parts().database.read() as conn:
        found, viewer = moderated_site(conn, site, Action.MANAGE_SITE)
    limit("imports", found.id, PER_MINUTE)
    data_dir = parts().settings.data_dir
    data_dir.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(data_dir).free
    if sent.size + SPARE > free:
        raise Malformed(f"The file has {sent.size} bytes, and {free} are free on the service's disk.", field="size")
    with parts().database.transaction() as tx:
        upload_id = actions.begin_import(
            tx, viewer, found, name=sent.name, kind=sent.format, size=sent.size, articles=sent.articles
        )
        row = rows.find_upload(tx.conn, upload_id)
    return answer(present_import(row), 201)


def _one(conn: Any, site: str, upload: str) -> tuple[Any, Any, Any]:
    """(row, site, viewer)"""
    upload_id = read_id(upload, "import")
    found, viewer = moderated_site(conn, site, Action.MANAGE_SITE)
    row = rows.find_upload(conn, upload_id)
    if row is None or row.site_id != found.id:
        raise NotFound("import")
    return row, found, viewer


@blueprint.get("/<upload>")
@operation("An import and how far it is", security="console", answers={200: schemas.Import})
def one(site: str, upload: str) -> Response:
    with parts().database.read() as conn:
        row, _, _ = _one(conn, site, upload)
    return answer(present_import(row))


@blueprint.put("/<upload>/chunks/<number>")
@operation(
    "Send a chunk of the file: `chunk_size` bytes as they are, the last one what remains; in order, and as often as "
    "is needed",
    security="console",
    body=bytes,
    answers={200: schemas.Import},
)
def send_chunk(site: str, upload: str, number: str) -> Response:
    at = read_id(number, "chunk")
    with parts().database.read() as conn:
        row, _, _ = _one(conn, site, upload)
    if at >= chunks_of(row.size):
        raise NotFound("chunk")
    if row.state != "uploading":
        raise Conflict("upload_finished", "All of this file is here, and it was imported or tried already.")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Unsupported("Send the bytes as they are, not compressed on the way.", "Content-Encoding")
    sent, expected = whole_body(), min(CHUNK, row.size - at * CHUNK)
    if len(sent) != expected:
        raise Malformed(f"Chunk {at} has {expected} bytes, not {len(sent)}.", field="body")
    if at * CHUNK > received(row):
        elsewhere = "" if received(row) else f" If it was sent: {FileElsewhere.DETAIL}"
        detail = f"Send chunk {received(row) // CHUNK} first: chunks come in order.{elsewhere}"
        raise Conflict("chunk_missing", detail)
    try:
        _write(_path(row), at * CHUNK, sent)
    except OSError as error:
        raise Unavailable(f"The chunk could not be written: {error.strerror or error}.", 30) from error
    return answer(present_import(row))


def _write(path: Path, offset: int, data: bytes) -> None:
    file = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        while data:
            written = os.pwrite(file, data, offset)
            data, offset = data[written:], offset + written
    finally:
        os.close(file)


@blueprint.post("/<upload>/start")
@operation(
    "Have a file that is here imported by a worker, or only tried; again, too",
    security="console",
    body=schemas.StartImport,
    answers={200: schemas.Import},
)
def start(site: str, upload: str) -> Response:
    dry_run = read_body(schemas.StartImport).dry_run
    with parts().database.transaction() as tx:
        row, found, viewer = _one(tx.conn, site, upload)
        if row.state != "uploading" and not _path(row).exists():
            raise FileElsewhere
        actions.start_import(tx, viewer, found, row, here=received(row), dry_run=dry_run)
        row = rows.find_upload(tx.conn, row.id)
    return answer(present_import(row))


@blueprint.post("/<upload>/stop")
@operation("End an import; what it brought stays", security="console", answers={200: schemas.Import})
def stop(site: str, upload: str) -> Response:
    with parts().database.transaction() as tx:
        row, found, viewer = _one(tx.conn, site, upload)
        actions.stop_import(tx, viewer, found, row)
        row = rows.find_upload(tx.conn, row.id)
    return answer(present_import(row))


@blueprint.delete("/<upload>")
@operation("Delete a file that was brought; what was imported of it stays", security="console", answers={204: None})
def delete(site: str, upload: str) -> Response:
    with parts().database.transaction() as tx:
        row, found, viewer = _one(tx.conn, site, upload)
        actions.delete_import(tx, viewer, found, row)
    _path(row).unlink(missing_ok=True)
    return Response(status=204)


@blueprint.get("/<upload>/lines")
@operation(
    "What is not imported, or not as the file says, with the line; in the order of the file",
    security="console",
    query=PAGING,
    answers={200: schemas.ImportLines},
)
def lines(site: str, upload: str) -> Response:
    after = whole_number("cursor", 0, 10**18, 0)
    most = whole_number("limit", 100, 100)
    with parts().database.read() as conn:
        row, _, _ = _one(conn, site, upload)
        listed = rows.read_lines(conn, row.id, after, most + 1)
    more = str(listed[most - 1].id) if len(listed) > most else None
    shown = [{name: getattr(one, name) for name in ("what", "line", "key", "reason")} for one in listed[:most]]
    return answer({"lines": shown, "next_cursor": more})
