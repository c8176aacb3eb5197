"""Answers as prepared bytes, kept in this process: what makes them, when they are over, how much memory they take.

An answer is over at once when an article that it shows changes and this process hears of it; what it does not hear of
it finds by comparing versions, so that nothing older than STALE is ever given. It is made once however many wait for
it, and a write during the making is never hidden: who asked before the write may get the page without it, who asks
after it does not. All of this may run on greenlets and on threads.
"""

import gzip
import hashlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import brotli

from comments.core.events import Event
from comments.http.headers import PAGE, SHARED
from comments.seen import counted
from comments.storage.sites import Site
from comments.storage.transaction import Connection, Database, Ranges

log = logging.getLogger(__name__)

STALE = 2.0  # seconds; nothing that was compared with the database longer ago is given
RECHECK = 1.0  # seconds after which one request compares; the others are answered meanwhile
SMALLEST = 600  # bytes; below it compressing gains nothing
OVERHEAD, PER_ENCODING, PER_ADDRESS, PER_ARTICLE = 3_000, 1_200, 300, 400  # bytes besides the texts; a test compares
ADDRESSES = 4  # spellings of one question that are known by heart
CHEAP = 8  # what shows no comments (counts, threads that nobody has written in) gets an eighth of the memory

Address = tuple[str, str]  # path and query as they came
Headers = list[tuple[str, str]]
Stand = tuple[int, dict[int, int]]  # version of the site, and seq by article's id


@dataclass(frozen=True, slots=True)
class Told:
    """What a page tells those who may not read it: how many comments there are, and some of them as JSON, or b""."""

    total: int
    taste: bytes


@dataclass(frozen=True, slots=True)
class Made:
    """An answer fresh from the database. `shows`: the seq of each article that it tells of, by the article's id."""

    body: bytes
    site: Site
    headers: dict[str, str]  # who may keep it
    shows: dict[int, int]
    is_whole: bool  # False: it also tells of articles that nobody has written under
    is_cheap: bool  # not worth much memory: it shows no comment
    article: str | None = None  # whose page it is; None: what everybody may know
    told: Told | None = None  # to those who may not read it
    kind: str = "application/json"

    @property
    def stand(self) -> Stand:
        """What it shows, for comparing."""
        return self.site.version, self.shows


class Question(Protocol):
    """What an answer is kept under; a tuple of plain values, so that looking it up is one step for threads too."""

    @property
    def name(self) -> str:
        """Of its kind, in figures."""

    @property
    def weight(self) -> int:
        """Bytes of memory."""

    def stand(self, conn: Connection) -> Stand:
        """What an answer made now would show."""

    def make(self, conn: Connection) -> Made: ...

    def __hash__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Ready:
    """One encoding of an answer with its headers, those of a 304 among them."""

    body: bytes
    tag: str
    headers: Headers
    unchanged: Headers


@dataclass(slots=True, eq=False)
class Snapshot:
    """One answer in the encodings that were asked for so far."""

    question: Question
    made: Made
    checked: float  # when it was last known to show what the database has
    firsts: int  # how many articles had got their first comment by then
    tally: counted.Tally  # of the answers to such questions
    ready: dict[str, Ready] = field(default_factory=dict)
    addresses: list[Address] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Bytes of memory, rather too many than too few; a test compares."""
        return (
            OVERHEAD
            + len(self.made.body)
            + (len(self.made.told.taste) if self.made.told else 0)
            + sum(PER_ENCODING + len(one.body) for name, one in self.ready.items() if name != "identity")
            + self.question.weight
            + sum(PER_ADDRESS + len(path) + len(query) for path, query in self.addresses)
            + PER_ARTICLE * len(self.made.shows)
        )

    def misses(self, ranges: Ranges) -> bool:
        """Whether these articles stand further than it shows."""
        for article_id, (before, seq) in ranges.items():
            stands = self.made.shows.get(article_id)
            if seq > stands if stands is not None else before == 0 and not self.made.is_whole:
                return True
        return False


@dataclass(slots=True)
class Making:
    """An answer being made, for all who want it. `heard`: what changed meanwhile; `good_for`: those who came before
    so many changes.
    """

    done: threading.Event = field(default_factory=threading.Event)
    heard: list[Ranges] = field(default_factory=list)
    made: Snapshot | None = None
    error: Exception | None = None
    good_for: int = 0
    waiting: int = 0


class Shelf:
    """The order and the weight of answers within a budget of bytes; the least recently used go first."""

    def __init__(self, budget: int) -> None:
        self.budget, self.size = budget, 0
        self.order: OrderedDict[Question, int] = OrderedDict()

    def put(self, question: Question, size: int) -> None:
        """Add it, or weigh it again."""
        self.remove(question)
        self.order[question] = size
        self.size += size

    def remove(self, question: Question) -> None:
        self.size -= self.order.pop(question, 0)

    def too_many(self) -> Iterator[Question]:
        while self.size > self.budget:
            yield next(iter(self.order))


class Snapshots:
    """The snapshots of this process. `drop` is one of the transaction's publish functions."""

    def __init__(self, database: Database, megabytes: int) -> None:
        budget = megabytes * 1024 * 1024
        self.rebuilt = 0  # how often an answer was made, for tests and figures
        self._database = database
        self._lock = threading.Lock()  # held for a moment, never while the database is asked
        self._kept: dict[Question, Snapshot] = {}
        self._shelves = {True: Shelf(budget // CHEAP), False: Shelf(budget - budget // CHEAP)}
        self._addresses: dict[Address, Snapshot] = {}
        self._by_article: dict[int, set[Question]] = {}
        self._makings: dict[Question, Making] = {}
        self._firsts = 0

    @property
    def size(self) -> int:
        """Bytes of memory that are taken."""
        return sum(shelf.size for shelf in self._shelves.values())

    def drop(self, events: Sequence[Event], ranges: Ranges) -> None:
        """The public sees something else under these articles from now on."""
        self.outdate(ranges)

    def outdate(self, ranges: Ranges) -> None:
        """These articles stand at a new seq, whichever process raised it; what shows it already stays."""
        if not ranges:
            return
        with self._lock:
            self._firsts += any(before == 0 for before, _ in ranges.values())
            for making in self._makings.values():
                making.heard.append(ranges)
            for question in [one for key in ranges for one in self._by_article.get(key, ())]:
                snapshot = self._kept.get(question)
                if snapshot is not None and snapshot.misses(ranges):
                    self._forget(question)

    def at(self, address: Address) -> Snapshot | None:
        """The snapshot for an address that was asked for before, if it needs no comparing. Takes no lock."""
        found = self._addresses.get(address)
        if found is None or not self._is_young(found, RECHECK):
            return None
        try:
            self._shelves[found.made.is_cheap].order.move_to_end(found.question)
        except KeyError:  # another thread has just dropped it
            return None
        return found

    def has(self, question: Question) -> bool:
        """Whether the answer needs neither making nor comparing."""
        kept = self._kept.get(question)
        return kept is not None and self._is_young(kept, RECHECK)

    def find(self, question: Question, address: Address) -> Snapshot:
        """The answer, made if need be. Raises what making it raises."""
        while True:
            with self._lock:
                kept, making = self._kept.get(question), self._makings.get(question)
                if kept is not None and self._is_young(kept, STALE if making else RECHECK):
                    self._know(address, kept)
                    return kept
                mine = making is None
                making = self._makings.setdefault(question, making or Making())
                came_after = len(making.heard)
                making.waiting += not mine
            if mine:
                return self._make(question, making, kept)
            making.done.wait()  # without a connection: however many wait, one asks the database
            if came_after <= making.good_for:
                if making.error is not None:
                    raise making.error
                if making.made is not None:
                    return making.made

    def ready(self, snapshot: Snapshot, encoding: str) -> Ready:
        """The answer in this encoding, made when it is first asked for."""
        if len(snapshot.made.body) < SMALLEST:
            encoding = "identity"
        found = snapshot.ready.get(encoding)
        if found is None:
            made = _ready(snapshot.made, encoding)
            with self._lock:
                found = snapshot.ready.setdefault(encoding, made)
                if self._kept.get(snapshot.question) is snapshot:
                    self._keep(snapshot)  # it weighs more now
        return found

    def _is_young(self, snapshot: Snapshot, seconds: float) -> bool:
        return time.monotonic() - snapshot.checked < seconds and (
            snapshot.made.is_whole or snapshot.firsts == self._firsts
        )

    def _make(self, question: Question, making: Making, kept: Snapshot | None) -> Snapshot:
        """Compare what is kept, or make it anew, for all who wait."""
        try:
            making.made = self._renewed(question, kept)
            return making.made
        except Exception as error:
            making.error = error
            raise
        finally:
            with self._lock:
                del self._makings[question]
                self._settle(making, kept)
            making.done.set()

    def _renewed(self, question: Question, kept: Snapshot | None) -> Snapshot:
        now, firsts = time.monotonic(), self._firsts  # both before the rows are read
        with self._database.read() as conn:
            if kept is not None and question.stand(conn) == kept.made.stand:
                kept.checked, kept.firsts = now, firsts
                counted.PREPARED_COMPARED.add()
                return kept
            made = question.make(conn)
        self.rebuilt += 1
        counted.PREPARED_MADE.add()
        log.debug("made a %s", question.name)
        return Snapshot(question, made, now, firsts, counted.PREPARED[question.name])

    def _settle(self, making: Making, kept: Snapshot | None) -> None:
        """Keep what was made unless a change that it does not show was heard meanwhile."""
        making.good_for = len(making.heard)
        if making.made is None:
            return
        missed = [number for number, ranges in enumerate(making.heard) if making.made.misses(ranges)]
        if missed:
            making.good_for = missed[0]
            self._forget(making.made.question)
        elif making.made is not kept:
            self._keep(making.made)

    def _keep(self, snapshot: Snapshot) -> None:
        if self._kept.get(snapshot.question) is not snapshot:
            self._forget(snapshot.question)
        self._kept[snapshot.question] = snapshot
        for article_id in snapshot.made.shows:
            self._by_article.setdefault(article_id, set()).add(snapshot.question)
        shelf = self._shelves[snapshot.made.is_cheap]
        shelf.put(snapshot.question, snapshot.size)
        for question in shelf.too_many():
            self._forget(question)

    def _know(self, address: Address, snapshot: Snapshot) -> None:
        if address not in snapshot.addresses and len(snapshot.addresses) < ADDRESSES:
            snapshot.addresses.append(address)
            self._addresses[address] = snapshot
            self._keep(snapshot)  # it weighs more now

    def _forget(self, question: Question) -> None:
        snapshot = self._kept.pop(question, None)
        if snapshot is None:
            return
        self._shelves[snapshot.made.is_cheap].remove(question)
        for address in snapshot.addresses:
            del self._addresses[address]
        for article_id in snapshot.made.shows:
            self._by_article[article_id].discard(question)
            if not self._by_article[article_id]:
                del self._by_article[article_id]


def _ready(made: Made, encoding: str) -> Ready:
    tag = f'"{hashlib.blake2b(made.body, digest_size=9).hexdigest()}-{encoding}"'
    body = made.body
    if encoding == "br":
        body = brotli.compress(body, mode=brotli.MODE_TEXT, quality=5)
    elif encoding == "gzip":
        body = gzip.compress(body, 6, mtime=0)
    every = PAGE if made.kind.startswith("text/html") else SHARED
    unchanged = [("ETag", tag), *made.headers.items(), *every.items()]
    content = [("Content-Type", made.kind), ("Content-Length", str(len(body)))]
    if encoding != "identity":
        content.append(("Content-Encoding", encoding))
    return Ready(body, tag, [*unchanged, *content], unchanged)
