"""The first page of a thread as prepared bytes, answered before Flask builds a request: far more people read than
write.

A snapshot is the public's page in one sort order. A change of the article drops it here at once; what other processes
change is noticed within STALE seconds, when its version (article, seq, version of the site) is compared again. It is
built once, however many wait for it, and a write during the building is never hidden: such a page is given, not kept.
"""

import gzip
import hashlib
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import brotli

from comments.core.errors import Unavailable
from comments.core.events import Event
from comments.core.site import is_site_key
from comments.core.thread import Sort, is_article_key
from comments.storage.threads import page_version
from comments.storage.transaction import Database, Ranges

PAGE = re.compile(r"/api/v1/sites/([^/]+)/articles/(.+)/comments")
STALE = 2.0  # seconds after which a snapshot's version is compared with the database
BUDGET = 64 * 1024 * 1024  # bytes of bodies in all encodings; the least recently used go first
SMALLEST = 600  # bytes; below it compressing gains nothing
CACHING = "public, max-age=0, s-maxage=5, stale-while-revalidate=30"

Key = tuple[str, str, str]  # site, article, sort
Version = tuple[int | None, int, int]  # article's id (None: nobody has written there), seq, version of the site
Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


@dataclass(slots=True)
class Snapshot:
    """One page in its encodings, and the version that it shows."""

    version: Version
    checked: float
    bodies: dict[str, bytes]
    tag: str

    @property
    def size(self) -> int:
        return sum(len(body) for body in self.bodies.values())


@dataclass(slots=True)
class Snapshots:
    """The snapshots of this process. `drop` is one of the transaction's publish functions."""

    database: Database
    rebuilt: int = 0  # how often a page was made, for tests and figures
    _kept: OrderedDict[Key, Snapshot] = field(default_factory=OrderedDict)
    _size: int = 0
    _keys: dict[int | None, set[Key]] = field(default_factory=dict)
    _building: dict[Key, threading.Lock] = field(default_factory=dict)
    _drops: int = 0

    def drop(self, events: Sequence[Event], ranges: Ranges) -> None:
        """The public sees something else under these articles from now on."""
        self.outdate(ranges)

    def outdate(self, ranges: Ranges) -> None:
        """These articles stand at a new seq, whichever process raised it; what shows it already stays."""
        self._drops += bool(ranges)
        for article_id, (_, seq) in ranges.items():
            for key in (*self._keys.get(article_id, ()), *self._keys.get(None, ())):
                if self._kept[key].version[1] < seq:
                    self._forget(key)

    def find(self, key: Key, make: Callable[[], bytes | None]) -> Snapshot | None:
        """The snapshot of this page, made if need be; None where there is no such public page."""
        kept = self._fresh(key)
        if kept is not None:
            return kept
        with self._building.setdefault(key, threading.Lock()):
            try:
                return self._fresh(key) or self._make(key, make)
            finally:
                self._building.pop(key, None)

    def _fresh(self, key: Key) -> Snapshot | None:
        kept = self._kept.get(key)
        if kept is None:
            return None
        now = time.monotonic()
        if now - kept.checked > STALE:
            kept.checked = now  # one request asks, those that come meanwhile are answered
            if self._version(key) != kept.version:
                self._forget(key)
                return None
        self._kept.move_to_end(key)
        return kept

    def _version(self, key: Key) -> Version | None:
        with self.database.read() as conn:
            return page_version(conn, key[0], key[1])

    def _make(self, key: Key, make: Callable[[], bytes | None]) -> Snapshot | None:
        drops, version = (
            self._drops,
            self._version(key),
        )  # read before the rows: the page never claims more than it shows
        body = make() if version is not None else None
        if version is None or body is None:
            return None
        self.rebuilt += 1
        tag = hashlib.blake2b(body, digest_size=9).hexdigest()
        made = Snapshot(version, time.monotonic(), _encoded(body), tag)
        if drops == self._drops:
            self._keep(key, made)
        return made

    def _keep(self, key: Key, made: Snapshot) -> None:
        self._forget(key)
        self._kept[key] = made
        self._keys.setdefault(made.version[0], set()).add(key)
        self._size += made.size
        while self._size > BUDGET and len(self._kept) > 1:
            self._forget(next(iter(self._kept)))

    def _forget(self, key: Key) -> None:
        gone = self._kept.pop(key, None)
        if gone is None:
            return
        self._size -= gone.size
        keys = self._keys[gone.version[0]]
        keys.discard(key)
        if not keys:
            del self._keys[gone.version[0]]


def _encoded(body: bytes) -> dict[str, bytes]:
    bodies = {"identity": body}
    if len(body) >= SMALLEST:
        bodies["br"] = brotli.compress(body, mode=brotli.MODE_TEXT, quality=5)
        bodies["gzip"] = gzip.compress(body, 6, mtime=0)
    return bodies


def in_front(snapshots: Snapshots, app: Wsgi) -> Wsgi:
    """The WSGI layer: nobody's requests for first pages of public threads from snapshots, all else to the app."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        key = _key(environ)
        if key is None:
            return app(environ, start_response)
        try:
            found = snapshots.find(key, lambda: _page(app, environ))
        except Unavailable:  # the application says so in its own words
            found = None
        if found is None:
            return app(environ, start_response)
        return _send(found, environ, start_response)

    return answer


def _key(environ: dict[str, Any]) -> Key | None:
    """Which page is asked for; None if it is no first page, or somebody signed in asks."""
    match = PAGE.fullmatch(environ["PATH_INFO"])
    if match is None or environ["REQUEST_METHOD"] != "GET" or "HTTP_AUTHORIZATION" in environ:
        return None
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    sort = query.pop("sort", [str(Sort.NEWEST)])
    if query or len(sort) != 1 or sort[0] not in list(Sort):
        return None
    try:
        article = match[2].encode("latin-1").decode()
    except UnicodeDecodeError:
        return None
    return (match[1], article, sort[0]) if is_site_key(match[1]) and is_article_key(article) else None


def _page(app: Wsgi, environ: dict[str, Any]) -> bytes | None:
    """What the application itself answers; None unless it is a page that everybody may read and keep."""
    told: list[tuple[str, dict[str, str]]] = []

    def start(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Callable[[bytes], object]:
        told.append((status, {name.lower(): value for name, value in headers}))
        return lambda _data: None

    asked = {name: value for name, value in environ.items() if name != "HTTP_IF_NONE_MATCH"}
    chunks = app(asked, start)
    try:
        body = b"".join(chunks)
    finally:
        getattr(chunks, "close", lambda: None)()
    status, headers = told[0]
    return body if status.startswith("200") and headers.get("cache-control", "").startswith("public") else None


def _send(found: Snapshot, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    encoding = _encoding(environ.get("HTTP_ACCEPT_ENCODING", ""), found.bodies)
    tag = f'"{found.tag}-{encoding}"'
    headers = [
        ("ETag", tag),
        ("Cache-Control", CACHING),
        ("Vary", "Accept-Encoding"),
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Expose-Headers", "ETag"),
        ("Cross-Origin-Resource-Policy", "cross-origin"),
        ("X-Content-Type-Options", "nosniff"),
        ("Timing-Allow-Origin", "*"),
    ]
    if tag in environ.get("HTTP_IF_NONE_MATCH", ""):
        start_response("304 Not Modified", headers)
        return []
    body = found.bodies[encoding]
    if encoding != "identity":
        headers.append(("Content-Encoding", encoding))
    start_response("200 OK", [*headers, ("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def _encoding(accepted: str, bodies: dict[str, bytes]) -> str:
    offered = {
        part.split(";")[0].strip()
        for part in accepted.split(",")
        if ";q=0" not in part.replace(" ", "") or "q=0." in part
    }
    return next((encoding for encoding in ("br", "gzip") if encoding in offered and encoding in bodies), "identity")
