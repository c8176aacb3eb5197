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

from comments.core.errors import Malformed, Unavailable
from comments.core.site import is_http_url
from comments.core.tokens import Candidate, keys_from_jwks
from comments.seen import counted, tracing

log = logging.getLogger(__name__)

SECONDS = 5.0  # for a whole exchange, from looking the host up to the last byte
MOST_BYTES = 64 * 1024  # of an answer
MOST_WITH_HEADERS = 2 * MOST_BYTES  # that are read at all
INNER = "{} is a private address; COMMENTS_PRIVATE_HOSTS can allow it"
MOST_LEFT_BEHIND = 2  # look-ups of one host that hang: as long as they do, it is not looked up again


class OutgoingError(Exception):
    """The request could not be made or was answered wrongly; the text says why."""

    speaks_of_machines = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said: its headers by lower-case name, its body, its status."""

    headers: Mapping[str, str]
    body: bytes
    status: int = 200


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
    return _counted(lambda: exchange(method, url, private_hosts, body, headers or {}, seconds), method)


def deliver(
    url: str, private_hosts: frozenset[str], *, body: bytes, headers: Mapping[str, str], seconds: float, most: int
) -> Answer:
    """POST and the answer whatever its status, with the first `most` bytes of its body. Raises OutgoingError if there
    is none in time.
    """
    return _counted(lambda: _exchange(Asked("POST", url, body, headers, most), private_hosts, seconds), "POST")


def _counted(does: Callable[[], Answer], method: str) -> Answer:
    began, result = time.monotonic(), "failed"
    try:
        with tracing.span("outgoing", {"http.request.method": method}):
            answer = does()
        result = "answered"
    except OutgoingError as error:
        result = "late" if isinstance(error.__cause__, TimeoutError) else "failed"
        raise
    finally:
        counted.OUTGOING.add(result)
        counted.OUTGOING_SECONDS.observe(time.monotonic() - began)
    return answer


def exchange(
    method: str,
    url: str,
    private_hosts: frozenset[str],
    body: bytes | None,
    headers: Mapping[str, str],
    seconds: float = SECONDS,
) -> Answer:
    """The same as `send`, neither counted nor traced: traces themselves are sent so."""
    answer = _exchange(Asked(method, url, body, headers, MOST_BYTES + 1), private_hosts, seconds)
    host = urlsplit(url).hostname
    if answer.status != 200:
        raise OutgoingError(f"{host} answered {answer.status}")
    if len(answer.body) > MOST_BYTES:
        raise OutgoingError(f"{host} answered with more than {MOST_BYTES} bytes")
    return answer


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, and how many bytes of the answer's body are read at most."""

    method: str
    url: str
    body: bytes | None
    headers: Mapping[str, str]
    most: int


def _exchange(asked: Asked, private_hosts: frozenset[str], seconds: float) -> Answer:
    """Raises OutgoingError if there is no answer, or it ends before what is read of it."""
    deadline = time.monotonic() + seconds
    if not is_http_url(asked.url) or urlsplit(asked.url).port == 0:
        raise OutgoingError("The address is no absolute http(s) URL without userinfo.")
    try:
        parts = urlsplit(asked.url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        connection = http.client.HTTPConnection(host, port)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        named = {"Accept": "application/json", "User-Agent": "comments"} | dict(asked.headers)
        with _connect(host, port, parts.scheme == "https", host in private_hosts, deadline) as opened:
            connection.sock = _Line(opened, deadline)
            connection.request(asked.method, target, asked.body, named)
            answer = connection.getresponse()
            found = answer.read(asked.most)
            if answer.length and len(found) < asked.most:
                raise OutgoingError(f"{host} ended its answer too early")
    except TimeoutError as error:
        raise OutgoingError(f"{host} did not answer within {seconds:g} s") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise OutgoingError(f"{host}: {error}") from error
    return Answer({name.lower(): value for name, value in answer.getheaders()}, found, answer.status)


def _connect(host: str, port: int, secure: bool, private_is_fine: bool, deadline: float) -> socket.socket:
    """Resolve once and connect to exactly that address: a second look-up could answer otherwise. A name that has a
    private address among others is not asked at all: no honest one is both.
    """
    error: OSError = OSError(f"{host} has no address")
    addresses = _addresses(host, port, deadline)
    if not private_is_fine and not all(map(is_public, addresses)):
        raise OutgoingError(INNER.format(host))
    for address in addresses:
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


NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: how a network without IPv4 says an IPv4 address
UNICAST = ipaddress.ip_network("2000::/3")  # of IPv6, all that was ever given out
NEVER = tuple(map(ipaddress.ip_network, ("2002::/16", "3fff::/20", "192.88.99.0/24", "192.0.0.0/24")))
# 6to4 and its relays lead into IPv4 again; documentation; protocols' own: what older Pythons' `is_global` lets through


def is_public(address: str) -> bool:
    """Whether an address, as the resolver gave it, is one of the open internet: unicast, of nobody's inner network,
    and not such a one in IPv6's clothes.
    """
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in NAT64:
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        if ip not in UNICAST:
            return False
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in NEVER)


def refuse_inner(url: str, private_hosts: frozenset[str], field: str) -> None:
    """Raises Malformed where an http(s) URL names an inner address by its number, however a resolver lets it be spelt:
    nothing would ever be sent there. Nothing is looked up: where a name leads is asked when something is sent.
    """
    host = urlsplit(url).hostname or ""
    if host in private_hosts:
        return
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return  # a name
    if not all(is_public(str(one[4][0])) for one in found):
        raise Malformed(INNER.format(host), field=field)


_left_behind: dict[str, int] = {}  # host → look-ups of it that hang


def _addresses(host: str, port: int, deadline: float) -> list[str]:
    """The resolver knows no deadline: it is asked in a thread, which is left behind if it takes too long. The process
    has few such threads, so a host whose look-ups hang gets no more of them: others are looked up.
    """
    if _left_behind.get(host, 0) >= MOST_LEFT_BEHIND:
        raise TimeoutError
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
        _leave_behind(host, asking)
        raise TimeoutError
    return found


def _leave_behind(host: str, asking: threading.Thread) -> None:
    def until_it_ends() -> None:
        asking.join()
        _left_behind[host] -= 1
        if not _left_behind[host]:
            del _left_behind[host]

    _left_behind[host] = _left_behind.get(host, 0) + 1
    threading.Thread(target=until_it_ends, daemon=True).start()


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
    """Headers count, too: http.client alone would take six megabytes of them."""

    def __init__(self, opened: socket.socket, deadline: float) -> None:
        self._socket, self._deadline, self._bytes = opened, deadline, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._socket.settimeout(_left(self._deadline))
        read = self._socket.recv_into(buffer)
        self._bytes += read
        if self._bytes > MOST_WITH_HEADERS:
            raise OSError(f"more than {MOST_WITH_HEADERS} bytes of answer and headers")
        return read


@dataclass(slots=True)
class KeySet:
    """A publisher's keys, when they were fetched and when that was last tried (seconds of the cache's clock)."""

    keys: list[Candidate] = field(default_factory=list)
    fetched: float = float("-inf")
    tried: float = float("-inf")
    failed: bool = False  # when it was last tried
    renewing: threading.Lock = field(default_factory=threading.Lock)

    def lacks(self, kid: str | None) -> bool:
        return not self.keys or (kid is not None and all(candidate.kid != kid for candidate in self.keys))


@dataclass(slots=True)
class JwksCache:
    """Publishers' key sets by URL. A key that is gone from its set counts for MOST_AGE at most; a set that cannot be
    renewed goes on counting for a day. One publisher's trouble is waited for by nobody else's readers.
    """

    private_hosts: frozenset[str]
    clock: Callable[[], float] = time.monotonic
    _sets: dict[str, KeySet] = field(default_factory=dict)

    FRESH, MOST_AGE, RETRY, STALE = 50.0, 59.0, 5.0, 86_400.0

    def keys(self, url: str, kid: str | None) -> list[Candidate]:
        """The keys of this URL; asked again when they are old or know no such `kid`. Raises Unavailable if none.

        Once, however many ask: who needs the answer waits for it, who has keys that may do goes on with them. Old keys
        do not, unless the publisher's server failed when it was last asked.
        """
        known = self._sets.setdefault(url, KeySet())
        if self._is_due(known, kid) and known.renewing.acquire(blocking=known.lacks(kid) or self._is_doubtful(known)):
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

    def _is_doubtful(self, known: KeySet) -> bool:
        return self.clock() - known.fetched > self.MOST_AGE and not known.failed

    def _renew(self, url: str, known: KeySet) -> None:
        try:
            known.keys = keys_from_jwks(json.loads(fetch(url, self.private_hosts)))
            known.fetched, known.failed = self.clock(), False
        except (OutgoingError, ValueError, RecursionError) as error:
            known.failed = True
            log.warning("publisher's keys could not be renewed: %s", error)
        finally:
            known.tried = self.clock()
