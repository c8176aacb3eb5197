"""The one client for requests to the outside: a host is resolved once, private addresses are refused, size is bounded,
and time is: one deadline for the whole exchange, however slowly the other side drips.

Nobody else opens an outgoing HTTP connection (a lint rule and tests/test_architecture.py hold it). No redirects are
followed.
"""

import http.client
import io
import ipaddress
import json
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from comments.core.errors import Unavailable
from comments.core.tokens import Candidate, keys_from_jwks

log = logging.getLogger(__name__)

SECONDS = 5.0  # for a whole exchange, from looking the host up to the last byte
MOST_BYTES = 64 * 1024  # of an answer


class OutgoingError(Exception):
    """The request could not be made or was answered wrongly; the text says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said: status 200, its headers by lower-case name, its body."""

    headers: Mapping[str, str]
    body: bytes


def fetch(url: str, private_hosts: frozenset[str]) -> bytes:
    """GET a document of at most MOST_BYTES. `private_hosts` may have private addresses; everybody else may not."""
    return send("GET", url, private_hosts).body


def send(
    method: str,
    url: str,
    private_hosts: frozenset[str],
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
) -> Answer:
    """One request and its answer, within `seconds`. Raises OutgoingError for everything but 200 and a small body."""
    deadline = time.monotonic() + seconds
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        connection = http.client.HTTPConnection(host, port)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        named = {"Accept": "application/json", "User-Agent": "comments"} | dict(headers or {})
        with _connect(host, port, parts.scheme == "https", host in private_hosts, deadline) as opened:
            connection.sock = _Line(opened, deadline)
            connection.request(method, target, body, named)
            answer = connection.getresponse()
            if answer.status != 200:
                raise OutgoingError(f"{host} answered {answer.status}")
            found = answer.read(MOST_BYTES + 1)
            if answer.length and len(found) <= MOST_BYTES:
                raise OutgoingError(f"{host} ended its answer too early")
    except TimeoutError as error:
        raise OutgoingError(f"{host} did not answer within {seconds:g} s") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise OutgoingError(f"{host}: {error}") from error
    if len(found) > MOST_BYTES:
        raise OutgoingError(f"{host} answered with more than {MOST_BYTES} bytes")
    return Answer({name.lower(): value for name, value in answer.getheaders()}, found)


def _connect(host: str, port: int, secure: bool, private_is_fine: bool, deadline: float) -> socket.socket:
    """Resolve once and connect to exactly that address: a second look-up could answer otherwise."""
    error: OSError = OSError(f"{host} has no address")
    for address in _addresses(host, port, deadline):
        if not private_is_fine and not ipaddress.ip_address(address).is_global:
            raise OutgoingError(f"{host} is a private address; COMMENTS_PRIVATE_HOSTS can allow it")
        try:
            opened = socket.create_connection((address, port), timeout=_left(deadline))
        except OSError as failed:
            error = failed
            continue
        try:
            if secure:
                opened = ssl.create_default_context().wrap_socket(opened, server_hostname=host)
        except BaseException:
            opened.close()
            raise
        return opened
    raise error


def _addresses(host: str, port: int, deadline: float) -> list[str]:
    """The resolver knows no deadline: it is asked in a thread, which is left behind if it takes too long."""
    found: list[str] = []
    failed: list[OSError] = []

    def look_up() -> None:
        try:
            found.extend(str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            failed.append(error if isinstance(error, OSError) else OSError(f"{error}"))

    asking = threading.Thread(target=look_up, daemon=True)
    asking.start()
    asking.join(_left(deadline))
    if failed:
        raise failed[0]
    if asking.is_alive():
        raise TimeoutError
    return found


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Line:
    """What http.client needs of a socket; before every read and write it is given what is left of the time."""

    def __init__(self, opened: socket.socket, deadline: float) -> None:
        self._socket, self._deadline = opened, deadline

    def sendall(self, data: Any) -> None:
        self._socket.settimeout(_left(self._deadline))
        self._socket.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reading(self._socket, self._deadline))

    def close(self) -> None:
        """The socket itself is closed by who opened it: http.client does this before it has read the answer."""


class _Reading(io.RawIOBase):
    def __init__(self, opened: socket.socket, deadline: float) -> None:
        self._socket, self._deadline = opened, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._socket.settimeout(_left(self._deadline))
        return self._socket.recv_into(buffer)


@dataclass(slots=True)
class KeySet:
    """A publisher's keys, when they were fetched and when that was last tried (seconds of the cache's clock)."""

    keys: list[Candidate] = field(default_factory=list)
    fetched: float = float("-inf")
    tried: float = float("-inf")
    renewing: threading.Lock = field(default_factory=threading.Lock)

    def lacks(self, kid: str | None) -> bool:
        return not self.keys or (kid is not None and all(candidate.kid != kid for candidate in self.keys))


@dataclass(slots=True)
class JwksCache:
    """Publishers' key sets by URL. Fresh for a minute; one that cannot be renewed goes on counting for a day."""

    private_hosts: frozenset[str]
    clock: Callable[[], float] = time.monotonic
    _sets: dict[str, KeySet] = field(default_factory=dict)

    FRESH, RETRY, STALE = 60.0, 5.0, 86_400.0

    def keys(self, url: str, kid: str | None) -> list[Candidate]:
        """The keys of this URL; asked again when they are old or know no such `kid`. Raises Unavailable if none.

        Once, however many ask: who needs the answer waits for it, who has keys that may do goes on with them.
        """
        known = self._sets.setdefault(url, KeySet())
        if self._is_due(known, kid) and known.renewing.acquire(blocking=known.lacks(kid)):
            try:
                if self._is_due(known, kid):
                    self._renew(url, known)
            finally:
                known.renewing.release()
        if not known.keys or self.clock() - known.fetched > self.STALE:
            raise Unavailable("The publisher's keys cannot be fetched now.")
        return known.keys

    def _is_due(self, known: KeySet, kid: str | None) -> bool:
        now = self.clock()
        return (known.lacks(kid) or now - known.fetched > self.FRESH) and now - known.tried >= self.RETRY

    def _renew(self, url: str, known: KeySet) -> None:
        try:
            known.keys = keys_from_jwks(json.loads(fetch(url, self.private_hosts)))
            known.fetched = self.clock()
        except (OutgoingError, ValueError, RecursionError) as error:
            log.warning("publisher's keys could not be renewed: %s", error)
        finally:
            known.tried = self.clock()
