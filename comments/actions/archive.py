"""Importing: the one place that writes what an importer reads. Order, dry run, resumption and listing live here.

Twice is once: a comment is known by site and archive key, so a broken import is simply run again. A reply whose parent
is missing is kept as a thread of its own, and listed. What cannot be kept is listed with line and reason, and the rest
goes on. A reply may stand before its parent; only such replies are held in memory.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from comments.actions.archive_batch import Prepared, parent_found, prepare, write
from comments.core.archive import BadLine, Found, wrong_times
from comments.core.lineage import ParentsFirst
from comments.storage import archive as rows
from comments.storage.sites import Site
from comments.storage.transaction import Database

HOLDS = 0.025  # seconds that a batch is to hold SQLite's one lock; more than 0.05 is too long for everybody else
LEAST, FIRST, MOST = 20, 40, 400  # comments in one batch: fitted to HOLDS while it runs


@dataclass(slots=True)
class ImportReport:
    """What an import did so far. `refused`: not imported, and why; `changed`: not as the file says, and how.

    `read`: records and bad lines; `already`: known from before; `resumed`: how far an earlier, broken run came (line).
    """

    read: int = 0
    imported: int = 0
    already: int = 0
    refused: list[BadLine] = field(default_factory=list)
    changed: list[BadLine] = field(default_factory=list)
    dry_run: bool = False
    resumed: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Comments a second."""
        return (self.imported + self.already) / self.seconds if self.seconds else 0.0


def import_comments(
    database: Database,
    site: Site,
    records: Iterable[Found | BadLine],
    *,
    digest: str,
    dry_run: bool = False,
    progress: Callable[[ImportReport], None] | None = None,
) -> ImportReport:
    """Import into `site` what a reader yields; a dry run does all but writing. `digest` tells one file from another.

    `progress` is called after each batch with the report so far. Raises what the reader or the database raises; what
    was written until then stays, and the same import run again goes on from there.
    """
    run = _Import(database, site, digest, progress or (lambda _report: None))
    run.report.dry_run = dry_run
    return run.run(iter(records))


class _Import:
    """One run."""

    def __init__(self, database: Database, site: Site, digest: str, progress: Callable[[ImportReport], None]) -> None:
        self.report = ImportReport()
        self._database, self._site, self._digest, self._progress = database, site, digest, progress
        self._order = ParentsFirst()
        self._seen: set[int] = set()  # hashes of the keys that were read: the keys of a large file would take too much
        self._pretended: dict[str, str] = {}  # dry run: key → article of what would have been written
        self._size = FIRST
        self._line = 0

    def run(self, records: Iterator[Found | BadLine]) -> ImportReport:
        began = time.monotonic()
        with self._database.read() as conn:
            self.report.resumed = rows.lines_done(conn, self._site.id, self._digest)
        while chunk := list(islice(records, self._size)):
            self._write(self._ready(self._readable(chunk)))
            self._tell(began)
        rest = chain.from_iterable(self._order.rest())
        while chunk_of_rest := list(islice(rest, self._size)):
            self._write(chunk_of_rest)
            self._tell(began)
        if not self.report.dry_run:
            with self._database.transaction() as tx:
                rows.save_progress(tx.conn, self._site.id, self._digest, tx.now, self._line, finished=True)
        self._tell(began)
        return self.report

    def _tell(self, began: float) -> None:
        self.report.seconds = time.monotonic() - began
        self._progress(self.report)

    def _readable(self, chunk: Sequence[Found | BadLine]) -> list[Found]:
        """The records of a chunk that may be imported and were not met in this file before."""
        readable = []
        now = self._database.clock()
        for one in chunk:
            self.report.read += 1
            self._line = one.line
            if isinstance(one, BadLine):
                self.report.refused.append(one)
                continue
            key = hash(one.comment.key)
            reason = "its key stands on an earlier line already" if key in self._seen else wrong_times(one.comment, now)
            self._seen.add(key)
            if reason is None:
                readable.append(one)
            else:
                self.report.refused.append(BadLine(one.line, reason, one.comment.key))
        return readable

    def _ready(self, records: Sequence[Found]) -> list[Found]:
        """What can be written now, parents first: new records whose parents are there, and who waited for them."""
        keys = {key for found in records for key in (found.comment.key, found.comment.parent) if key is not None}
        with self._database.read() as conn:
            there = rows.find_by_archive_keys(conn, self._site.id, keys).keys()
        settled = set(there) | (self._pretended.keys() & keys)
        ready: list[Found] = []
        for found in records:
            if found.comment.key in there:
                self.report.already += 1
                free = self._order.release(found)[1:]
            else:
                free = self._order.add(found, settled.__contains__)
            settled.update(one.comment.key for one in free)
            ready += free
        return ready

    def _write(self, ready: Sequence[Found]) -> None:
        at = 0
        while at < len(ready):
            some, at = ready[at : at + self._size], at + self._size
            batch = [prepared for prepared in map(self._prepare, some) if prepared is not None]
            if self.report.dry_run:
                self._pretend(batch)
            elif batch:
                self._write_batch(batch)

    def _prepare(self, found: Found) -> Prepared | None:
        prepared = prepare(found)
        if isinstance(prepared, BadLine):
            self.report.refused.append(prepared)
            return None
        self.report.changed += prepared.changed
        return prepared

    def _write_batch(self, batch: Sequence[Prepared]) -> None:
        began = time.monotonic()
        with self._database.transaction() as tx:
            began = time.monotonic()
            written, changed = write(tx, self._site, batch, self._order.circular)
            rows.save_progress(tx.conn, self._site.id, self._digest, tx.now, self._line)
        held = max(time.monotonic() - began, 0.001)
        self._size = max(LEAST, min(MOST, int(self._size * min(1.5, max(0.3, HOLDS / held)))))
        self.report.imported += written
        self.report.already += len(batch) - written
        self.report.changed += changed

    def _pretend(self, batch: Sequence[Prepared]) -> None:
        """What `write` would list, without writing."""
        parents = {one.parent for one in batch if one.parent is not None}
        with self._database.read() as conn:
            known = rows.articles_by_archive_keys(conn, self._site.id, parents) | self._pretended
        for one in batch:
            if one.parent is not None and known.get(one.parent) != one.article:
                self.report.changed.append(parent_found(one, known.get(one.parent), self._order.circular))
            self._pretended[one.key] = known[one.key] = one.article
        self.report.imported += len(batch)
