"""A copy of a SQLite database while others write to it: whole, of one moment, checked."""

import os
import sqlite3
from pathlib import Path

from comments.core.errors import CommentsError


class CopyError(CommentsError):
    """There is no copy, and nothing was left behind; the text says why."""

    def __init__(self, why: str) -> None:
        super().__init__("no_copy", why)


def copy_database(source: Path, target: Path) -> int:
    """Copy `source` to `target`, a new file that only we may read; its size in bytes. What was committed when it began
    is in it, writers go on meanwhile. CopyError if there is no room, no database, or the copy is not sound.
    """
    if target.exists():
        raise CopyError(f"{target} is there already, and is left alone: name a new file.")
    unchecked = target.with_name(f"{target.name}.part")
    try:
        os.close(os.open(unchecked, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError as error:
        raise CopyError(f"{unchecked} is there: another backup runs, or one was broken off; then delete it.") from error
    except OSError as error:
        raise CopyError(f"{unchecked} cannot be made: {error.strerror}.") from error
    try:
        _copy(source, unchecked)
        with unchecked.open("rb") as written:
            os.fsync(written.fileno())
        return unchecked.rename(target).stat().st_size
    except (OSError, sqlite3.Error) as error:
        raise CopyError(f"{target} was not made: {error}.") from error
    finally:
        for left in ("", "-journal", "-wal", "-shm"):
            unchecked.with_name(unchecked.name + left).unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    read_only = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
    copy = sqlite3.connect(target, isolation_level=None)
    try:
        read_only.backup(copy)  # in one go: in steps it begins anew whenever somebody writes
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        wrong = [text for (text,) in copy.execute("PRAGMA integrity_check(3)") if text != "ok"]
        if wrong:
            raise CopyError(f"{source} is damaged, its copy was not kept: {'; '.join(wrong)}. Use an older backup.")
        if not copy.execute("SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'").fetchone()[0]:
            raise CopyError(f"{source} is no database of this service.")
    finally:
        copy.close()
        read_only.close()
