"""Imports in the console: an administrator brings a file, has it tried, has it imported, stops it; a worker does it."""

import secrets
from typing import Any

from comments.core.errors import Conflict
from comments.core.events import ImportWanted
from comments.core.identity import Viewer
from comments.core.policy import Action, Subject, require
from comments.storage import imports as rows
from comments.storage.audit import write_audit
from comments.storage.sites import Site
from comments.storage.transaction import Transaction


def begin_import(tx: Transaction, viewer: Viewer, site: Site, *, name: str, kind: str, size: int, articles: str) -> int:
    """A file of this size is going to come; its id. `articles`: CSV that says which article a name of theirs is."""
    _may(tx, viewer, site)
    columns = {"name": name, "format": kind, "size": size, "articles": articles}
    return rows.insert_upload(
        tx.conn, **columns, site_id=site.id, user_id=viewer.id, file=secrets.token_hex(16), created_at=tx.now
    )


def start_import(tx: Transaction, viewer: Viewer, site: Site, upload: Any, *, here: int, dry_run: bool) -> None:
    """Have it imported, or only tried, also after it was stopped. `here`: bytes of it that have come. Raises Conflict
    (upload_unfinished, import_running).
    """
    _may(tx, viewer, site)
    if here != upload.size:
        raise Conflict("upload_unfinished", f"Only {here} of {upload.size} bytes are here: send the rest first.")
    if rows.any_open(tx.conn, site.id):
        raise Conflict("import_running", "An import into this site is going on already: wait for it, or stop it.")
    rows.begin_upload(tx.conn, upload.id, dry_run=dry_run)
    if not dry_run:
        _audit(tx, viewer, site, "import", after=_about(upload))
    tx.record(ImportWanted(site.id, upload.id))


def stop_import(tx: Transaction, viewer: Viewer, site: Site, upload: Any) -> None:
    """End it within a second; what was imported stays. Raises Conflict (import_not_running)."""
    _may(tx, viewer, site)
    if not rows.stop_upload(tx.conn, upload.id, tx.now):
        raise Conflict("import_not_running", "This import is not going on.")
    _audit(tx, viewer, site, "stop_import", after=_about(upload))


def delete_import(tx: Transaction, viewer: Viewer, site: Site, upload: Any) -> None:
    """Forget a file, which the caller deletes afterwards; what was imported of it stays. Raises Conflict
    (import_running).
    """
    _may(tx, viewer, site)
    if not rows.delete_upload(tx.conn, upload.id):
        raise Conflict("import_running", "This import is going on: stop it first.")
    _audit(tx, viewer, site, "delete_import", before=_about(upload))


def _about(upload: Any) -> dict[str, str]:
    return {"format": upload.format, "name": upload.name}


def _audit(tx: Transaction, viewer: Viewer, site: Site, action: str, **change: Any) -> None:
    write_audit(tx.conn, action, ("site", site.id), tx.now, site_id=site.id, user_id=viewer.id, **change)


def _may(tx: Transaction, viewer: Viewer, site: Site) -> None:
    require(viewer, Action.MANAGE_SITE, Subject(site.id, site.settings), tx.now)
