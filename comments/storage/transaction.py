"""One change of the world, whole or not at all: the only way to write.

Leaving the block: job rows, members' and articles' counters, `seq` and the journal last of all (their row locks are
held only from there to the commit), what webhooks are told of it where there are any, COMMIT, then publish. Locks are
taken in one order everywhere: members, articles (by id), comments.
"""

import logging
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from comments.core.errors import Unavailable
from comments.core.events import Event
from comments.seen import counted, tracing
from comments.storage import counting, telling
from comments.storage.jobs import Job, add_jobs
from comments.storage.tables import articles, members

log = logging.getLogger(__name__)

READ_ONLY = "25006"  # PostgreSQL: after a failover to a server that does not take writes
WAIT = 10.0  # seconds that a writer waits for SQLite's lock before it answers 503

Connection = sa.Connection  # for those who hold one and write no SQL
Plan = Callable[[Event, int], Sequence[Job]]
Ranges = dict[int, tuple[int, int]]  # article's id: (seq before, seq after) of one transaction
Publish = Callable[[Sequence[Event], Ranges], None]
Clock = Callable[[], int]


def system_clock() -> int:
    """Microseconds UTC."""
    return time.time_ns() // 1000


def _passes(error: Exception) -> bool:
    """Whether what failed may work later, unchanged: the server is gone, the disk is full or may only be read."""
    if isinstance(error, (OperationalError, PoolTimeout)):
        return True
    if type(error) is DatabaseError:  # SQLite, of a file that it cannot make sense of: its disk does not give it
        return True
    is_read_only = getattr(getattr(error, "orig", None), "sqlstate", None) == READ_ONLY
    return is_read_only or bool(getattr(error, "connection_invalidated", False))


@dataclass(slots=True)
class Transaction:
    """What an action gets: the connection, the time, and `record` for what it did."""

    conn: sa.Connection
    now: int
    events: list[Event] = field(default_factory=list)
    ranges: Ranges = field(default_factory=dict)

    def record(self, event: Event) -> None:
        self.events.append(event)

    def seq_of(self, article_id: int) -> int:
        """After the end: the last seq that this transaction took in the article, 0 if it took none."""
        return self.ranges.get(article_id, (0, 0))[1]

    def lock(self, *, member_id: int | None = None, article_id: int | None = None) -> None:
        """Lock a member's and then an article's row, for actions that change an existing comment."""
        for table, key in ((members, member_id), (articles, article_id)):
            if key is not None:
                self.conn.execute(sa.select(table.c.id).where(table.c.id == key).with_for_update(key_share=True))

    def lock_all(self, *, member_ids: Iterable[int], article_ids: Iterable[int]) -> None:
        """The same for bulk work: each kind in the order of its ids."""
        for table, keys in ((members, set(member_ids)), (articles, set(article_ids))):
            if keys:
                rows = sa.select(table.c.id).where(table.c.id.in_(keys)).order_by(table.c.id)
                self.conn.execute(rows.with_for_update(key_share=True))


@dataclass(slots=True)
class Database:
    """The engine with what a transaction is given from above: `plan` (event → jobs) and the `publish` functions."""

    engine: sa.Engine
    clock: Clock = system_clock
    plan: Plan = lambda _event, _now: ()
    publish: tuple[Publish, ...] = ()
    commit: Callable[[sa.Connection], None] = sa.Connection.commit  # a serving process waits for the disk in a thread
    _one_writer: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection for reading: one snapshot on SQLite, one statement at a time on PostgreSQL (read `seq`
        first).
        """
        with self._connected() as conn:
            yield conn if self.is_sqlite else conn.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def _connected(self) -> Iterator[sa.Connection]:
        try:
            asked = time.monotonic()
            with self.engine.connect() as conn:
                counted.POOL_SECONDS.observe(time.monotonic() - asked)
                yield conn
        except (DBAPIError, PoolTimeout) as error:
            if not _passes(error):
                raise
            counted.DATABASE_ERRORS.add()
            log.error("the database does not answer: %s", getattr(error, "orig", error))
            raise Unavailable("The database does not answer now.") from error

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Everything in the block is committed with its counters, journal and jobs, or nothing is; then it is
        published.
        """
        with tracing.span("transaction"):
            yield from self._in_transaction()

    def _in_transaction(self) -> Iterator[Transaction]:
        began = time.monotonic()
        if self.is_sqlite:
            # one writer: a greenlet that yields inside BEGIN IMMEDIATE while another waits freezes the process; with
            # this lock the others wait here, and the commit may leave the processor to them while the disk is busy
            with self._one_writer, self._connected() as conn:
                tx = self._begin_immediate(conn)
                counted.LOCK_SECONDS.observe(time.monotonic() - began)
                yield from self._finish(tx)
        else:
            with self._connected() as conn:
                tx = Transaction(conn, self.clock())
                yield from self._finish(tx)
        counted.TRANSACTION_SECONDS.observe(time.monotonic() - began)
        with tracing.span("publish"):
            self._publish(tx)

    def _begin_immediate(self, conn: sa.Connection) -> Transaction:
        conn = conn.execution_options(write=True)
        give_up = time.monotonic() + WAIT
        while True:
            try:
                conn.begin()
                return Transaction(conn, self.clock())
            except OperationalError as error:
                conn.rollback()
                if "locked" not in str(error) or time.monotonic() > give_up:
                    raise Unavailable("The database is busy.") from error
                time.sleep(random.uniform(0.002, 0.02))  # noqa: S311 - another process writes # nosec B311

    def _finish(self, tx: Transaction) -> Iterator[Transaction]:
        try:
            yield tx
            add_jobs(tx.conn, [job for event in tx.events for job in self.plan(event, tx.now)], tx.now)
            tx.ranges, hooked = counting.settle(tx.conn, tx.events, tx.now)
            telling.tell_webhooks(tx.conn, tx.events, tx.now, hooked=hooked)
            self.commit(tx.conn)
        except BaseException:
            tx.conn.rollback()
            raise

    def _publish(self, tx: Transaction) -> None:
        for publish in self.publish if tx.events else ():
            try:
                publish(tx.events, tx.ranges)
            except Exception:  # the change is saved; readers catch up by seq
                log.exception("publishing failed")
