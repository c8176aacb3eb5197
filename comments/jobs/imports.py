"""Importing a file that was brought in the console: once a second it is said how far it is and what is listed.

A worker that died in it is known by its silence; another one reads the file from its start, and what is there already
is passed over. Whoever was stopped, or replaced, finds out when it next says how far it is, and ends.
"""

import io
import logging
import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, BinaryIO, cast

from comments.actions.archive import KEPT, ImportReport, digest_of, import_comments
from comments.actions.reading import BUFFER, WORTH, Beside, Watched
from comments.core.archive import BadLine, Found
from comments.core.errors import FileElsewhere, Malformed, Unavailable
from comments.core.pseudonyms import pseudonym, pseudonym_key
from comments.jobs.erasure import SILENT, Place
from comments.jobs.plan import AGAIN
from comments.storage import imports as rows
from comments.storage.jobs import Job, add_jobs
from comments.storage.sites import site_by_id
from comments.storage.transaction import Database

log = logging.getLogger(__name__)

TELLS_EVERY = 1.0  # seconds
AT_ONCE = 500  # lines that are written down in one transaction
LONGEST = 500  # characters of a reason

# (format, file, mapping as CSV, pseudonym) → records: comments.importers.read_file, handed down
ReadFile = Callable[[str, BinaryIO, str, Callable[[str], str]], Iterator[Found | BadLine]]


class _Stopped(Exception):
    """Somebody stopped it, or another worker is at it."""


def import_upload(place: Place, read_file: ReadFile, database: Database, payload: dict[str, Any]) -> None:
    """The job."""
    with database.transaction() as tx:
        upload = rows.find_upload(tx.conn, payload["upload"])
        if upload is None or upload.state not in rows.OPEN:
            return
        if tx.now - upload.beat_at < SILENT:
            add_jobs(tx.conn, [Job("import", payload, delay=AGAIN)], tx.now)
            return
        run = rows.take_upload(tx.conn, upload.id, tx.now)
    telling = _Telling(database, upload.id, run)
    try:
        result = _result(database, place, read_file, upload, telling)
        telling.end(result)
    except _Stopped:
        log.info("import %s was stopped", upload.id)


def _result(database: Database, place: Place, read_file: ReadFile, upload: Any, telling: "_Telling") -> dict[str, Any]:
    """How it ended: state, and the error if there is one."""
    try:
        broken = _import(database, place, read_file, upload, telling).broken
    except (Unavailable, _Stopped):
        raise
    except Malformed as error:
        broken = error
    except FileNotFoundError:
        return {"state": "failed", "error": FileElsewhere.DETAIL}
    except OSError as error:
        return {"state": "failed", "error": f"The file could not be read: {error.strerror or error}."}
    except Exception as error:
        log.exception("import %s failed", upload.id)
        return {"state": "failed", "error": type(error).__name__}
    return (
        {"state": "done", "bytes_read": upload.size}
        if broken is None
        else {"state": "failed", "error": _plain(broken.detail)}
    )


def _import(database: Database, place: Place, read_file: ReadFile, upload: Any, telling: "_Telling") -> ImportReport:
    with database.read() as conn:
        site = site_by_id(conn, upload.site_id)
    key = pseudonym_key(place.secret_key, site.key)
    path = rows.path_of(place.data_dir, upload)
    read = partial(_read, read_file, upload.format, upload.articles, key)
    with Watched(path, telling.beat) as raw, io.BufferedReader(raw, BUFFER) as stream:
        digest = digest_of(cast(BinaryIO, stream))
        telling.is_reading = True
        is_worth = upload.size > WORTH and (os.cpu_count() or 1) > 1
        return import_comments(
            database, site, Beside(path, read, telling.beat) if is_worth else read(cast(BinaryIO, stream)),
            digest=digest, dry_run=upload.dry_run, address_key=key,
            progress=telling.progress, tell=telling.listed,
        )  # fmt: skip


def _read(read_file: ReadFile, kind: str, articles: str, key: bytes, stream: BinaryIO) -> Iterator[Found | BadLine]:
    """What the file holds: also in a process beside, which takes no function that is made on the way."""
    return read_file(kind, stream, articles, partial(pseudonym, key))


class _Telling:
    """Writes down how far an import is, once a second, with what was listed since. Raises _Stopped."""

    def __init__(self, database: Database, upload_id: int, run: int) -> None:
        self._database, self._upload_id, self._run = database, upload_id, run
        self._told = time.monotonic()
        self._counts: dict[str, int] = {}
        self._lines: list[dict[str, Any]] = []
        self._listed = {"refused": 0, "changed": 0}
        self.is_reading = False  # before, the file is only looked at: whether it is the same as another time

    def beat(self, bytes_read: int) -> None:
        if self.is_reading:
            self._counts["bytes_read"] = bytes_read
        if time.monotonic() - self._told >= TELLS_EVERY:
            self._write()

    def progress(self, report: ImportReport) -> None:
        self._counts |= {
            "read": report.read, "imported": report.imported, "already": report.already,
            "refused": report.refusals, "changed": report.changes,
        }  # fmt: skip
        if time.monotonic() - self._told >= TELLS_EVERY:
            self._write()

    def listed(self, what: str, line: BadLine) -> None:
        """Keep the first of each."""
        what = "changed" if what == "changed" else "refused"
        self._listed[what] += 1
        if self._listed[what] <= KEPT:
            key = None if line.key is None else _plain(line.key)
            self._lines.append({"what": what, "line": line.line, "key": key, "reason": _plain(line.reason)})

    def end(self, result: dict[str, Any]) -> None:
        while len(self._lines) > AT_ONCE:
            self._write()
        self._write(**result)

    def _write(self, **result: Any) -> None:
        self._told = time.monotonic()
        lines, self._lines = self._lines[:AT_ONCE], self._lines[AT_ONCE:]
        with self._database.transaction() as tx:
            change = {"beat_at": tx.now} | self._counts | (result | {"finished_at": tx.now} if result else {})
            if not rows.tell_upload(tx.conn, self._upload_id, self._run, **change):
                raise _Stopped
            rows.add_lines(tx.conn, self._upload_id, lines)


def _plain(text: str) -> str:
    """What a database and a page take: one line, of a bounded length."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text[:LONGEST])
