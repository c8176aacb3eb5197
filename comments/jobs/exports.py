"""Making an export's file: of one snapshot, saying once a second how far it is; it has its name once it is whole."""

import logging
import secrets
import time
from collections.abc import Callable
from typing import Any, BinaryIO

from comments.actions.archive_lines import pieces
from comments.actions.exports import finish_export
from comments.actions.own_data import write_own_data
from comments.core.errors import Unavailable
from comments.jobs.erasure import SILENT, Place
from comments.jobs.plan import AGAIN
from comments.storage import exports as rows
from comments.storage.archived import count_comments
from comments.storage.erasing import count_of_member
from comments.storage.files import new_private_file
from comments.storage.integrity import snapshot
from comments.storage.jobs import Job, add_jobs
from comments.storage.members import member_by_id
from comments.storage.sites import site_by_id
from comments.storage.transaction import Database

log = logging.getLogger(__name__)

TELLS_EVERY = 1.0  # seconds
ENDINGS = {"archive": "ndjson", "csv": "csv", "member": "zip"}


def make_export(database: Database, place: Place, payload: dict[str, Any]) -> None:
    """The job. A worker that died in it is known by its silence; another one begins anew."""
    export_id = payload["export"]
    with database.transaction() as tx:
        export = rows.find_export(tx.conn, export_id)
        if export is None or export.state in ("done", "failed"):
            return
        if tx.now - export.beat_at < SILENT:
            add_jobs(tx.conn, [Job("export", payload, key=str(export_id), delay=AGAIN)], tx.now)
            return
        rows.update_export(tx.conn, export_id, state="running", beat_at=tx.now)
    name = f"{secrets.token_hex(16)}.{ENDINGS[export.kind]}"
    result: dict[str, Any]
    try:
        with new_private_file(rows.folder_in(place.data_dir) / name) as stream:
            done = _write(database, export, stream)
            result = {"file": name, "size": stream.tell(), "done": done, "total": done}
    except Unavailable:
        raise
    except _Unwanted:
        return
    except OSError as error:
        result = {"error": f"The file could not be written: {error.strerror or error}."}
    except Exception as error:
        log.exception("export %s failed", export_id)
        result = {"error": type(error).__name__}
    with database.transaction() as tx:
        wanted = finish_export(tx, export, **result)
    if not wanted:
        rows.delete_file(place.data_dir, name)


class _Unwanted(Exception):
    """Its row is gone: an erasure took it."""


def _write(database: Database, export: Any, stream: BinaryIO) -> int:
    tell = _teller(database, export.id)
    with snapshot(database) as conn:
        site = site_by_id(conn, export.site_id)
        if export.kind == "member":
            member = member_by_id(conn, export.member_id)
            tell(0, count_of_member(conn, member.id))
            return write_own_data(conn, site.key, member, stream, tell)
        tell(0, count_comments(conn, site.id))
        done = 0
        for number, data in pieces(conn, site, export.kind):
            stream.write(data)
            done += number
            tell(done)
    return done


def _teller(database: Database, export_id: int) -> Callable[..., None]:
    """Writes down how far it is, once a second and whenever the total becomes known."""
    told = 0.0

    def tell(done: int, total: int | None = None) -> None:
        nonlocal told
        if total is None and time.monotonic() - told < TELLS_EVERY:
            return
        told = time.monotonic()
        known = {} if total is None else {"total": total}
        with database.transaction() as tx:
            if not rows.update_export(tx.conn, export_id, done=done, beat_at=tx.now, **known):
                raise _Unwanted

    return tell
