"""The sure way of the live path: the journal is read, whatever was lost on the quick ones.

Without Redis this brings to the readers what another process wrote (the worker, an import, the command line); with
Redis it repairs what Redis lost, and takes its place while it is gone. On SQLite `PRAGMA data_version` says cheaply
whether there is anything to read at all.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from comments.live.bus import Bus, Hints
from comments.storage.journal import last_entry, read_entries
from comments.storage.transaction import Connection, Database

log = logging.getLogger(__name__)

OFTEN, SELDOM = 0.25, 2.0  # seconds between two looks: alone, and behind a Redis that works
OVERLAP = 200  # ids are given before they are committed: look again at the latest ones
CHUNK = 1000


def hear(database: Database, bus: Bus, deliver: Callable[[Hints], None]) -> None:
    """From now on `deliver` what any process did. Called in the serving process, after the fork; its threads are
    greenlets where gevent serves.
    """
    bus.deliver = deliver
    listening = () if bus.redis_url is None else (bus.listen,)
    for run in (Relay(database, deliver, bus).run, *listening):
        threading.Thread(target=run, daemon=True).start()


class Relay:
    """Reads the journal for ever and delivers hints; a hint that was delivered already changes nothing."""

    def __init__(self, database: Database, deliver: Callable[[Hints], None], bus: Bus) -> None:
        self._database, self._deliver, self._bus = database, deliver, bus
        self._seen: dict[int, None] = {}
        self._last: int | None = None
        self._watch: Connection | None = None
        self._version: int | None = None

    def run(self) -> None:
        """A thread of every serving process."""
        while True:
            try:
                if self._last is None:
                    self._begin()
                elif self._something_new():
                    self._read()
            except Exception:  # a database that is away comes back; nothing is lost, the journal keeps
                log.exception("live: the journal could not be read")
                time.sleep(2)
            time.sleep(SELDOM if self._bus.hears else OFTEN)

    def _begin(self) -> None:
        with self._database.read() as conn:
            last = last_entry(conn)
            self._seen = dict.fromkeys(row.id for row in read_entries(conn, last - OVERLAP, CHUNK))
        self._last = last

    def _something_new(self) -> bool:
        if not self._database.is_sqlite:
            return True
        if self._watch is None:
            self._watch = self._database.engine.connect()
        cursor = self._watch.connection.cursor()  # no transaction: a snapshot would never see the version change
        try:
            version = cursor.execute("PRAGMA data_version").fetchone()[0]
        finally:
            cursor.close()
        before, self._version = self._version, version
        return bool(version != before)

    def _read(self) -> None:
        while self._take(CHUNK) == CHUNK:
            time.sleep(0)

    def _take(self, most: int) -> int:
        """Deliver what is new among the next rows; how many rows there were."""
        assert self._last is not None
        with self._database.read() as conn:
            rows = read_entries(conn, self._last - OVERLAP, most)
        fresh = [row for row in rows if row.id not in self._seen]
        for row in fresh:
            self._seen[row.id] = None
            self._last = max(self._last, row.id)
        for hints in _hints(fresh):
            self._deliver(hints)
        while len(self._seen) > 20 * OVERLAP:
            self._seen.pop(next(iter(self._seen)))
        return len(rows)


def _hints(rows: Sequence[Any]) -> list[Hints]:
    """What the journal says, as one hint."""
    if not rows:
        return []
    hints = Hints("journal", queues=sorted({row.site_id for row in rows}))
    for row in rows:
        if row.seq is not None:
            after, seq = hints.articles.get(row.article_id, (row.seq - 1, row.seq))
            hints.articles[row.article_id] = (min(after, row.seq - 1), max(seq, row.seq))
        if row.kind == "article" and row.article_id not in hints.changed_articles:
            hints.changed_articles.append(row.article_id)
        if row.kind == "own" and row.member_id is not None:
            hints.own.append((row.member_id, row.article_id, row.comment_id))
    return [hints]
