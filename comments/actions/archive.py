"""Importing: the one place that writes what an importer reads. Order, dry run, resumption and listing live here.

Twice is once: a comment is known by site and archive key, so a broken import is simply run again. A reply whose parent
is missing is kept as a thread of its own, and listed. What cannot be kept is listed with line and reason, and the rest
goes on. A reply may stand before its parent; only such replies are held in memory.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from typing import Any, BinaryIO

from comments.actions.archive_batch import DigestAddress, Prepared, parent_found, prepare, write
from comments.actions.archive_pace import Pace
from comments.actions.reading import Beside, Ready
from comments.actions.rendering import Rendered, rendered, text_of
from comments.core.archive import BadLine, Found, wrong_times
from comments.core.errors import Malformed
from comments.core.fingerprints import Fingerprints
from comments.core.lineage import ParentsFirst
from comments.core.pseudonyms import address_digest
from comments.storage import archive as rows
from comments.storage.engine import without_waiting_for_disk
from comments.storage.sites import Site
from comments.storage.transaction import Database

MOST_LETTERS = 1_000_000  # in the texts of one batch
MOST_RENDERED = 5000  # texts that wait for their parents
MET, SETTLED = 1, 2  # how far a key is; from SETTLED on: there, or about to be
KEPT = 1000  # of what is listed, in a report


Tell = Callable[[str, BadLine], None]  # ("changed" or "not imported", what is listed)


@dataclass(slots=True)
class ImportReport:
    """What an import did so far. `refused`: not imported, and why; `changed`: not as the file says, and how: the first
    KEPT of each; all of them are counted (`refusals`, `changes`) and told to `tell`.

    `read`: records and bad lines; `already`: known from before; `resumed`: how far an earlier, broken run came (line);
    `broken`: why the file could not be read to its end.
    """

    read: int = 0
    imported: int = 0
    already: int = 0
    refused: list[BadLine] = field(default_factory=list)
    changed: list[BadLine] = field(default_factory=list)
    refusals: int = 0
    changes: int = 0
    dry_run: bool = False
    resumed: int = 0
    seconds: float = 0.0
    broken: Malformed | None = None
    tell: Tell = lambda _what, _line: None

    def refuse(self, line: BadLine) -> None:
        self.refusals += 1
        if len(self.refused) < KEPT:
            self.refused.append(line)
        self.tell("not imported", line)

    def change(self, lines: Iterable[BadLine]) -> None:
        for line in lines:
            self.changes += 1
            if len(self.changed) < KEPT:
                self.changed.append(line)
            self.tell("changed", line)

    @property
    def rate(self) -> float:
        """Comments a second."""
        return (self.imported + self.already) / self.seconds if self.seconds else 0.0


def import_comments(
    database: Database,
    site: Site,
    records: Iterable[Found | BadLine] | Beside,
    *,
    digest: str,
    dry_run: bool = False,
    progress: Callable[[ImportReport], None] | None = None,
    tell: Tell | None = None,
    address_key: bytes = b"",
    beside: bool = True,
) -> ImportReport:
    """Import into `site` what a reader yields, here or in a process of its own; a dry run does all but writing.
    `digest` tells one file from another (`digest_of`). `address_key`: what digests of addresses are made with
    (core.pseudonyms.pseudonym_key), without it none are kept. `beside`: others are served meanwhile, who must not wait
    for a batch; without it nothing waits for SQLite's disk but the end.

    `progress` is called after each batch with the report so far, `tell` with each line that is listed. A file that
    cannot be read to its end is imported as far as it goes, and the report says why. Raises Malformed where nothing of
    it can be read, and what the database raises; what was written until then stays, and the same import run again goes
    on from there.
    """
    digest_address = partial(address_digest, address_key) if address_key else None
    run = _Import(database, site, digest, progress or (lambda _report: None), digest_address, Pace(beside=beside))
    run.report.dry_run = dry_run
    run.report.tell = tell or run.report.tell
    # A batch and the mark of how far the import is are one transaction: a power cut takes both, and the import goes on
    # before them. The last transaction, in `end`, waits until the disk has it and all before it.
    with nullcontext() if beside else without_waiting_for_disk(database.engine):
        run.run(records)
    return run.end()


def digest_of(stream: BinaryIO) -> str:
    """What tells this file from others: SHA-256 of what follows. The stream is at its beginning again afterwards."""
    digest = hashlib.sha256()
    while part := stream.read(1024 * 1024):
        digest.update(part)
    stream.seek(0)
    return digest.hexdigest()


class _Import:
    """One run: read, rendered, put in order, written."""

    def __init__(
        self,
        database: Database,
        site: Site,
        digest: str,
        progress: Callable[[ImportReport], None],
        digest_address: DigestAddress | None,
        pace: Pace,
    ) -> None:
        self.report = ImportReport()
        self._digest_address = digest_address
        self._database, self._site, self._digest, self._progress = database, site, digest, progress
        self._order = ParentsFirst()
        self._met = Fingerprints()  # keys of this file: MET, or SETTLED and the number of their article
        self._articles: dict[str, int] = {}
        self._made: set[str] = set()  # articles that were not there before
        self._rendered: dict[str, Rendered] = {}  # beside, of records that are to be written, or wait for their parents
        self._is_first = False  # nothing that could be known already
        self._pace = pace
        self._began = time.monotonic()
        self._line = 0

    def run(self, records: Iterable[Found | BadLine] | Beside) -> None:
        """All but the end."""
        with self._database.read() as conn:
            self.report.resumed = rows.lines_done(conn, self._site.id, self._digest)
            self._is_first = not rows.any_archived(conn, self._site.id)
        if isinstance(records, Beside):
            with closing(records.records(after=self.report.resumed)) as found:
                self._run(found)
        else:
            self._run(iter(records))

    def _run(self, records: Iterator[Found | BadLine | Ready]) -> None:
        records = self._as_far_as_it_goes(records)
        while chunk := self._next(records):
            self._take_in(chunk)
            self._tell()
        rest = chain.from_iterable(self._order.rest())
        while chunk_of_rest := list(islice(rest, self._pace.size)):
            self._write(chunk_of_rest)
            self._tell()

    def end(self) -> ImportReport:
        """Mark how far it came, and whether that was the end of the file."""
        if not self.report.dry_run:
            with self._database.transaction() as tx:
                finished = self.report.broken is None
                rows.save_progress(tx.conn, self._site.id, self._digest, tx.now, self._line, finished=finished)
        self._tell()
        return self.report

    def _as_far_as_it_goes(self, records: Iterator[Found | BadLine | Ready]) -> Iterator[Found | BadLine | Ready]:
        any_read = False
        try:
            for one in records:
                any_read = True
                yield one
        except Malformed as error:
            if not any_read:
                raise
            self.report.broken = error

    def _next(self, records: Iterator[Found | BadLine | Ready]) -> list[Found | BadLine | Ready]:
        """Records for a batch, fewer where they are long."""
        chunk, letters = [], 0
        for one in islice(records, self._pace.size):
            chunk.append(one)
            found = one.found if isinstance(one, Ready) else one
            letters += len(found.comment.body) if isinstance(found, Found) else 0
            if letters > MOST_LETTERS:
                break
        return chunk

    def _tell(self) -> None:
        self.report.seconds = time.monotonic() - self._began
        self._progress(self.report)

    def _take_in(self, chunk: Sequence[Found | BadLine | Ready]) -> None:
        """Write what can be written of a chunk, with those who waited for it."""
        records = self._readable(chunk)
        known = set(self._look_up({found.comment.key for found in records}))
        last = chunk[-1]
        self._line = (last.found if isinstance(last, Ready) else last).line
        self._write(self._ready(records, known))
        if len(self._rendered) > MOST_RENDERED:  # of those who wait: done again when their parents come
            self._rendered.clear()

    def _readable(self, chunk: Sequence[Found | BadLine | Ready]) -> list[Found]:
        """The records of a chunk that may be imported and were not met in this file before."""
        readable = []
        now = self._database.clock()
        for given in chunk:
            self.report.read += 1
            one, result = given if isinstance(given, Ready) else (given, None)
            if isinstance(one, BadLine):
                self.report.refuse(one)
                continue
            key = one.comment.key
            reason = wrong_times(one.comment, now)
            if self._met.get(key) is None:
                self._met.put(key, MET)
            else:
                reason = "its key stands on an earlier line already"
            if reason is None:
                readable.append(one)
                if result is not None:
                    self._rendered[key] = result
            else:
                self.report.refuse(BadLine(one.line, reason, key))
        return readable

    def _look_up(self, keys: set[str]) -> Mapping[str, Any]:
        """Comments that were there before this run, by key."""
        own = f"{self._site.key}:"
        keys = {key for key in keys if key.startswith(own)} if self._is_first else keys
        if not keys:
            return {}
        with self._database.read() as conn:
            return rows.find_by_archive_keys(conn, self._site.id, keys)

    def _ready(self, records: Sequence[Found], known: set[str]) -> list[Found]:
        """What can be written now, parents first: new records whose parents are there, and who waited for them."""
        parents = {
            found.comment.parent
            for found in records
            if found.comment.parent is not None and found.comment.key not in known
        }
        before = self._look_up({key for key in parents if (self._met.get(key) or MET) == MET})

        def is_settled(key: str) -> bool:
            return (self._met.get(key) or MET) != MET or key in before

        ready: list[Found] = []
        for found in records:
            if found.comment.key in known:
                self.report.already += 1
                self._rendered.pop(found.comment.key, None)
                free = self._order.release(found)
                self._settled(free)
                ready += free[1:]
            else:
                free = self._order.add(found, is_settled)
                self._settled(free)
                ready += free
        return ready

    def _settled(self, free: Sequence[Found]) -> None:
        for found in free:
            article = self._articles.setdefault(found.comment.article.id, len(self._articles))
            self._met.put(found.comment.key, SETTLED + article)

    def _write(self, ready: Sequence[Found]) -> None:
        at = 0
        while at < len(ready):
            some, at = ready[at : at + self._pace.size], at + self._pace.size
            batch = [prepared for prepared in map(self._prepare, some) if prepared is not None]
            if self.report.dry_run:
                self._pretend(batch)
            elif batch:
                self._write_batch(batch)

    def _prepare(self, found: Found) -> Prepared | None:
        result = self._rendered.pop(found.comment.key, None)
        prepared = prepare(found, rendered(text_of(found.comment)) if result is None else result)
        if isinstance(prepared, BadLine):
            self.report.refuse(prepared)
            self._met.put(found.comment.key, MET)  # its replies have no parent
            return None
        self.report.change(prepared.changed)
        return prepared

    def _write_batch(self, batch: Sequence[Prepared]) -> None:
        with self._database.transaction() as tx:
            began, work = time.monotonic(), time.process_time()
            self._pace.look_around(tx.conn)
            written, changed = write(tx, self._site, batch, self._order.circular, self._digest_address, self._made)
            rows.save_progress(tx.conn, self._site.id, self._digest, tx.now, self._line)
        self._pace.took(time.monotonic() - began, time.process_time() - work)
        self.report.imported += written
        self.report.already += len(batch) - written
        self.report.change(changed)

    def _pretend(self, batch: Sequence[Prepared]) -> None:
        """What `write` would list, without writing."""
        parents = {one.parent for one in batch if one.parent is not None}
        before: dict[str, str] = {}
        if parents and not self._is_first:
            with self._database.read() as conn:
                before = rows.articles_by_archive_keys(conn, self._site.id, parents)
        for one in batch:
            if one.parent is not None:
                number = (self._met.get(one.parent) or MET) - SETTLED
                if number < 0:
                    article = before.get(one.parent)
                else:
                    article = one.article if number == self._articles.get(one.article) else ""
                if article != one.article:
                    self.report.change([parent_found(one, article, self._order.circular)])
            self._settled([one.found])  # also who waited in vain or in a circle, one by one
        self.report.imported += len(batch)
