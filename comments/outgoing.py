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
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
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
class JwksCache:
    """Publishers' key sets by URL. Fresh for a minute; one that cannot be renewed goes on counting for a day."""

    private_hosts: frozenset[str]
    clock: Callable[[], float] = time.monotonic
    _sets: dict[str, tuple[float, float, list[Candidate]]] = field(default_factory=dict)  # url: (fetched, tried, keys)

    FRESH, RETRY, STALE = 60.0, 5.0, 86_400.0

    def keys(self, url: str, kid: str | None) -> list[Candidate]:
        """The keys of this URL; asked again when they are old or know no such `kid`. Raises Unavailable if there are
        none.
        """
        now = self.clock()
        fetched, tried, known = self._sets.get(url, (0.0, -self.RETRY, []))
        missing = kid is not None and all(candidate.kid != kid for candidate in known)
        if (not known or missing or now - fetched > self.FRESH) and now - tried >= self.RETRY:
            self._sets[url] = (fetched, now, known)
            fetched, known = self._renew(url, fetched, known, now)
        if not known or now - fetched > self.STALE:
            raise Unavailable("The publisher's keys cannot be fetched now.")
        return known

    def _renew(self, url: str, fetched: float, known: list[Candidate], now: float) -> tuple[float, list[Candidate]]:
        try:
            keys: Any = keys_from_jwks(json.loads(fetch(url, self.private_hosts)))
        except (OutgoingError, ValueError, RecursionError) as error:
            log.warning("publisher's keys could not be renewed: %s", error)
            return fetched, known
        self._sets[url] = (now, now, keys)
        return now, keys
