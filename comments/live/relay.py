"""What another process wrote (the worker, an import, the command line) reaches the readers here without Redis: the
journal is read.

On SQLite `PRAGMA data_version` says cheaply whether there is anything to read at all.
"""

import logging
from collections.abc import Callable
from typing import Any

import gevent

from comments.live.broadcast import Hints
from comments.storage.journal import last_entry, read_entries
from comments.storage.transaction import Connection, Database

log = logging.getLogger(__name__)

EVERY = 0.25  # seconds
OVERLAP = 200  # ids are given before they are committed: look again at the latest ones


class Relay:
    """Reads the journal for ever and delivers hints; a hint that was delivered already changes nothing."""

    def __init__(self, database: Database, deliver: Callable[[Hints], None]) -> None:
        self._database = database
        self._deliver = deliver
        self._seen: dict[int, None] = {}
        self._last = 0
        self._version: int | None = None

    def run(self) -> None:
        """A greenlet of every live process that has no Redis."""
        with self._database.read() as conn:
            self._last = last_entry(conn)
            self._seen = dict.fromkeys(row.id for row in read_entries(conn, self._last - OVERLAP))
        watch = self._database.engine.connect() if self._database.is_sqlite else None
        while True:
            gevent.sleep(EVERY)
            try:
                if watch is None or self._something_new(watch):
                    self._read()
            except Exception:  # a database that is away comes back; nothing is lost, the journal keeps
                log.exception("live: the journal could not be read")
                gevent.sleep(2)

    def _something_new(self, watch: Connection) -> bool:
        cursor = watch.connection.cursor()  # no transaction: a snapshot would never see the version change
        try:
            version = cursor.execute("PRAGMA data_version").fetchone()[0]
        finally:
            cursor.close()
        changed, self._version = bool(version != self._version), version
        return changed

    def _read(self) -> None:
        with self._database.read() as conn:
            rows = [row for row in read_entries(conn, self._last - OVERLAP) if row.id not in self._seen]
        for row in rows:
            self._seen[row.id] = None
            self._last = max(self._last, row.id)
            self._deliver(_hints(row))
        while len(self._seen) > 20 * OVERLAP:
            self._seen.pop(next(iter(self._seen)))


def _hints(row: Any) -> Hints:
    hints = Hints("journal", queues=[row.site_id])
    if row.seq is not None:
        hints.articles[row.article_id] = (row.seq - 1, row.seq)
    if row.kind == "article":
        hints.changed_articles.append(row.article_id)
    if row.kind == "own" and row.member_id is not None:
        hints.own.append((row.member_id, row.article_id, row.comment_id))
    return hints
