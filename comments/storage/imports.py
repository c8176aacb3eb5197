"""Files that are brought to be imported, as rows with how far they are, and the folder that they lie in."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from comments.storage.files import private_folder, prune_folder
from comments.storage.tables import sites, upload_lines, uploads, users

KEPT = 7 * 86_400  # seconds that a file lies there
FOLDER = "imports"  # in the data folder
PRUNED = 5  # with some thousand lines each
COUNTS = ("read", "imported", "already", "refused", "changed", "bytes_read")
OPEN = ("waiting", "running")
u, n = uploads.c, upload_lines.c

_SEEN = (
    sa.select(uploads, users.c.name.label("by"), sites.c.key.label("site"))
    .join(sites, sites.c.id == u.site_id)
    .outerjoin(users, users.c.id == u.user_id)
)


def insert_upload(conn: sa.Connection, **columns: Any) -> int:
    return int(conn.execute(sa.insert(uploads).values(**columns).returning(u.id)).scalar_one())


def find_upload(conn: sa.Connection, upload_id: int) -> Any:
    """The row with its site's key and who brought it (`by`), or None."""
    return conn.execute(_SEEN.where(u.id == upload_id)).first()


def read_uploads(conn: sa.Connection, site_id: int, before: int | None, limit: int) -> Sequence[Any]:
    """Those of the site, newest first."""
    query = _SEEN.where(u.site_id == site_id)
    if before is not None:
        query = query.where(u.id < before)
    return conn.execute(query.order_by(u.id.desc()).limit(limit)).all()


def any_open(conn: sa.Connection, site_id: int) -> bool:
    """Whether an import of the site waits or goes on."""
    query = sa.select(u.id).where(u.site_id == site_id, u.state.in_(OPEN)).limit(1)
    return conn.execute(query).first() is not None


def begin_upload(conn: sa.Connection, upload_id: int, *, dry_run: bool) -> None:
    """It waits for a worker; what was counted and listed before is forgotten."""
    conn.execute(sa.delete(upload_lines).where(n.upload_id == upload_id))
    anew = dict.fromkeys(COUNTS, 0) | {"error": None, "finished_at": None, "beat_at": 0}
    change = sa.update(uploads).where(u.id == upload_id)
    conn.execute(change.values(**anew, state="waiting", dry_run=dry_run, run=u.run + 1))


def take_upload(conn: sa.Connection, upload_id: int, now: int) -> int:
    """Begin to read it, from the start; the number that this run is known by. Who was at it before is not any more."""
    conn.execute(sa.delete(upload_lines).where(n.upload_id == upload_id))
    anew = dict.fromkeys(COUNTS, 0) | {"state": "running", "beat_at": now, "run": u.run + 1}
    return int(conn.execute(sa.update(uploads).where(u.id == upload_id).values(anew).returning(u.run)).scalar_one())


def tell_upload(conn: sa.Connection, upload_id: int, run: int, **change: Any) -> bool:
    """Write down how far this run is; False if it was stopped, or somebody else is at it."""
    mine = sa.and_(u.id == upload_id, u.run == run, u.state == "running")
    return conn.execute(sa.update(uploads).where(mine).values(**change)).rowcount == 1


def stop_upload(conn: sa.Connection, upload_id: int, now: int) -> bool:
    """Whether there was anything to stop."""
    change = sa.update(uploads).where(u.id == upload_id, u.state.in_(OPEN))
    return conn.execute(change.values(state="stopped", finished_at=now)).rowcount == 1


def delete_upload(conn: sa.Connection, upload_id: int) -> bool:
    """Forget one that does not go on, with what was listed of it; whether there was one. Its file: the caller."""
    if conn.execute(sa.select(u.id).where(u.id == upload_id, u.state.in_(OPEN))).first() is not None:
        return False
    conn.execute(sa.delete(upload_lines).where(n.upload_id == upload_id))
    return conn.execute(sa.delete(uploads).where(u.id == upload_id, u.state.not_in(OPEN))).rowcount == 1


def add_lines(conn: sa.Connection, upload_id: int, lines: Sequence[dict[str, Any]]) -> None:
    """Rows of what, line, key, reason."""
    if lines:
        conn.execute(sa.insert(upload_lines), [{"upload_id": upload_id} | line for line in lines])


def read_lines(conn: sa.Connection, upload_id: int, after: int, limit: int) -> Sequence[Any]:
    """What is listed, in the order in which it was met."""
    query = sa.select(upload_lines).where(n.upload_id == upload_id, n.id > after)
    return conn.execute(query.order_by(n.id).limit(limit)).all()


def prune(conn: sa.Connection, now: int) -> int:
    """Forget those of more than seven days ago, some at a time; how many. Their files go by `prune_files`."""
    old = sa.select(u.id).where(u.created_at < now - KEPT * 1_000_000, u.state.not_in(OPEN))
    ids = list(conn.execute(old.order_by(u.created_at).limit(PRUNED)).scalars())
    if ids:
        conn.execute(sa.delete(upload_lines).where(n.upload_id.in_(ids)))
        conn.execute(sa.delete(uploads).where(u.id.in_(ids)))
    return len(ids)


def path_of(data_dir: Path, upload: Any) -> Path:
    """Where the file lies, or is to lie; its folder is made."""
    return private_folder(data_dir, FOLDER) / str(upload.file)


def prune_files(data_dir: Path) -> None:
    """Delete files that lay there for seven days: on each machine."""
    prune_folder(data_dir / FOLDER, KEPT)
