"""In front of the sockets: who may open one at all. What is refused here costs next to nothing."""

import logging
import resource
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from comments.core.errors import TooMany, Unavailable
from comments.live.engine import Engine, Environ
from comments.seen.counted import REFUSALS, SOCKETS_MOST

log = logging.getLogger(__name__)

PATH = "/socket.io"
OTHER_FILES = 2_500  # that a process has open besides its sockets: requests, the database, its own
FULL, AWAY = 30, 5  # seconds after which to try again: whom we have no room for, and while the database is away
CROWDED = 60  # … who has so many open
Wsgi = Callable[[Environ, Any], Iterable[bytes]]


def room_for(sockets: int) -> int:
    """How many of so many wanted sockets this process can hold: each counts as an open file. Raises that limit as far
    as it may.
    """
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard == resource.RLIM_INFINITY or hard - OTHER_FILES >= sockets:
        return sockets
    room = max(0, hard - OTHER_FILES)
    log.warning("%d files may be open: %d sockets are let in, not the %d of COMMENTS_SOCKETS", hard, room, sockets)
    return room


@dataclass(slots=True)
class Addresses:
    """Where those who hold sockets here come from. `address_of` a request; `limit` counts a newcomer and raises
    TooMany; `most`: sockets of one address.
    """

    address_of: Callable[[Environ], str]
    limit: Callable[[str], None]
    most: int
    _open: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def holding(self, environ: Environ) -> Iterator[None]:
        """In the block one more socket is open. Raises TooMany instead."""
        where = self.address_of(environ)
        if self._open[where] >= self.most:
            raise TooMany(CROWDED)
        self.limit(where)
        self._open[where] += 1
        try:
            yield
        finally:
            self._open[where] -= 1
            if not self._open[where]:
                del self._open[where]


def guard(wsgi_app: Wsgi, engine: Engine, most: int, is_listed: Callable[[str], bool], addresses: Addresses) -> Wsgi:
    """In front of the handshake: websocket only, from a listed Origin, so many a minute and so many at a time."""
    SOCKETS_MOST.collect = lambda: [((), most)]

    def guarded(environ: Environ, start_response: Any) -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith(PATH):
            return wsgi_app(environ, start_response)
        if not _is_websocket(environ):
            return _refuse(start_response, "400 Bad Request")
        try:
            if not is_listed(environ.get("HTTP_ORIGIN", "")):
                return _refuse(start_response, "403 Forbidden")
        except Unavailable:  # the database does not answer
            return _refuse(start_response, "503 Service Unavailable", AWAY)
        if len(engine.sockets) >= most:
            return _refuse(start_response, "503 Service Unavailable", FULL)
        try:
            with addresses.holding(environ):
                engine.serve(environ)
        except TooMany as error:
            return _refuse(start_response, "429 Too Many Requests", error.extras["retry_after"])
        raise StopIteration  # gunicorn's word for: it is answered, and the connection is over

    return guarded


def _is_websocket(environ: Environ) -> bool:
    """A complete websocket handshake of Engine.IO 4 for a new session: nothing else may reach the libraries."""
    query = parse_qs(environ.get("QUERY_STRING", ""))
    return (
        environ.get("REQUEST_METHOD") == "GET"
        and (query.get("EIO"), query.get("transport"), query.get("sid")) == (["4"], ["websocket"], None)
        and environ.get("HTTP_UPGRADE", "").lower() == "websocket"
        and "upgrade" in environ.get("HTTP_CONNECTION", "").lower()
        and environ.get("HTTP_SEC_WEBSOCKET_VERSION") == "13"
        and len(environ.get("HTTP_SEC_WEBSOCKET_KEY", "")) == 24
    )


def _refuse(start_response: Any, status: str, retry_after: int | None = None) -> Iterable[bytes]:
    REFUSALS.add(status)
    again = [] if retry_after is None else [("Retry-After", str(retry_after))]
    start_response(status, [("Content-Length", "0"), *again])
    return []
