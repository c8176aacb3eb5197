"""The one client for requests to the outside: a host is resolved once, private addresses are refused, size and time
are bounded.

Nobody else opens an outgoing HTTP connection (a lint rule and tests/test_architecture.py hold it). No redirects are
followed.
"""

import http.client
import ipaddress
import json
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from comments.core.errors import Unavailable
from comments.core.tokens import Candidate, keys_from_jwks

log = logging.getLogger(__name__)

TIMEOUT = 5.0  # seconds for connecting and for each read
MOST_BYTES = 64 * 1024


class OutgoingError(Exception):
    """The request could not be made or was answered wrongly; the text says why."""


def fetch(url: str, private_hosts: frozenset[str]) -> bytes:
    """GET a document of at most MOST_BYTES. `private_hosts` may have private addresses; everybody else may not."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
    try:
        connection.sock = _connect(host, port, host in private_hosts)
        if parts.scheme == "https":
            connection.sock = ssl.create_default_context().wrap_socket(connection.sock, server_hostname=host)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", target, headers={"Accept": "application/json", "User-Agent": "comments"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise OutgoingError(f"{url} answered {answer.status}")
        body = answer.read(MOST_BYTES + 1)
    except (OSError, http.client.HTTPException) as error:
        raise OutgoingError(f"{url}: {error}") from error
    finally:
        connection.close()
    if len(body) > MOST_BYTES:
        raise OutgoingError(f"{url} is larger than {MOST_BYTES} bytes")
    return body


def _connect(host: str, port: int, private_is_fine: bool) -> socket.socket:
    """Resolve once and connect to exactly that address: a second look-up could answer otherwise."""
    error: OSError = OSError(f"{host} has no address")
    for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        if not private_is_fine and not ipaddress.ip_address(address[0]).is_global:
            raise OutgoingError(f"{host} is a private address; COMMENTS_PRIVATE_HOSTS can allow it")
        try:
            return socket.create_connection((str(address[0]), port), timeout=TIMEOUT)
        except OSError as failed:
            error = failed
    raise error


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
