"""Exports: an administrator asks for one of a site, a member for one of all their own data; the worker makes it."""

from typing import Any, Literal

from comments.core.errors import Conflict
from comments.core.events import ExportFinished, ExportWanted
from comments.core.identity import Viewer
from comments.core.policy import Action, Subject, require
from comments.storage import exports as rows
from comments.storage.audit import write_audit
from comments.storage.sites import Site
from comments.storage.transaction import Transaction

EVERY = 60_000_000  # µs between two exports that one member asks for


def start_export(tx: Transaction, viewer: Viewer, site: Site, kind: Literal["archive", "csv"]) -> int:
    """Have the whole of a site made into a file; the export's id. Raises Conflict (export_running)."""
    require(viewer, Action.MANAGE_SITE, Subject(site.id, site.settings), tx.now)
    if rows.going_on(tx.conn, site.id, kind) is not None:
        raise Conflict("export_running", "Such an export is being made already.")
    export_id = rows.insert_export(tx.conn, site_id=site.id, user_id=viewer.id, kind=kind, created_at=tx.now)
    write_audit(
        tx.conn, "export", ("site", site.id), tx.now, site_id=site.id, user_id=viewer.id, after={"kind": kind}
    )  # fmt: skip
    tx.record(ExportWanted(site.id, export_id))
    return export_id


def export_member(tx: Transaction, member: Any) -> int:
    """Have all data of this (locked) member's row made into a file; the export's id. One that waits, is being made or
    was asked for within the last minute is the one.
    """
    last = rows.last_export_of(tx.conn, member.id)
    if last is not None and (last.state in ("waiting", "running") or tx.now - last.created_at < EVERY):
        return int(last.id)
    export_id = rows.insert_export(
        tx.conn, site_id=member.site_id, member_id=member.id, kind="member", created_at=tx.now
    )  # fmt: skip
    tx.record(ExportWanted(member.site_id, export_id))
    return export_id


def finish_export(tx: Transaction, export: Any, **result: Any) -> bool:
    """It lies ready (file, size, done) or failed (error); whether anybody still wants it."""
    state = "failed" if "error" in result else "done"
    wanted = rows.update_export(tx.conn, export.id, state=state, finished_at=tx.now, **result)
    if wanted:
        tx.record(ExportFinished(export.site_id, export.id, export.kind, state))
    return wanted


def download_name(export: Any, day: str) -> str:
    """What a file is called that somebody saves."""
    endings = {"archive": "ndjson", "csv": "csv", "member": "zip"}
    return f"{export.site}-{'my-data' if export.kind == 'member' else 'comments'}-{day}.{endings[export.kind]}"
