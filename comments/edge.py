"""What stands before the application: gunicorn's worker, whose own refusals are problem documents too and which does
not say what it is; and bodies that must have come within a time.

What reaches the application is well-formed HTTP of bounded size; all that is wrong with its meaning is said there.
"""

import json
import logging
import re
import time
from typing import Any

import gevent
from gunicorn.http import errors, wsgi
from gunicorn.workers.ggevent import GeventWorker

from comments.core.errors import Malformed, TooSlow

log = logging.getLogger(__name__)

BODY_WITHIN = 10.0  # seconds that a request's whole body may take
TAKEN_WITHIN = 30.0  # seconds in which whoever asked must have taken the answer
LEFT_OVER = 256 * 1024  # bytes of a refused body that are still read, so that the answer is not lost with it
LEFT_WITHIN = 2.0  # seconds
REFUSALS = (  # of what exception, the answer: status line, code, sentence
    (errors.LimitRequestLine, "414 URI Too Long", "uri_too_long", "The address is too long."),
    (errors.LimitRequestHeaders, "431 Request Header Fields Too Large", "headers_too_large", "The headers are too "
     "many or too long."),
    (errors.ExpectationFailed, "417 Expectation Failed", "malformed", "Expect is 100-continue or nothing."),
    (errors.ParseException, "400 Bad Request", "malformed", "This is no plain HTTP/1.1 request."),
)  # fmt: skip
DISGUISED = re.compile(r"%(2[ef]|5c|00)", re.IGNORECASE)  # a dot, a slash, a backslash, NUL
FAILED = ("500 Internal Server Error", "internal", "Something went wrong here; it is logged.")


class EdgeWorker(GeventWorker):  # type: ignore[misc]
    """gunicorn's gevent worker with our answers."""

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> Any:
        """… and then no more of a body that nobody wanted than is decent: the connection ends instead."""
        if not _says_plainly_what_it_wants(req):
            raise errors.InvalidRequestLine(req.uri)
        sock.settimeout(TAKEN_WITHIN)
        try:
            goes_on = super().handle_request(listener_name, req, sock, addr)
        except TimeoutError:  # whoever asks and does not read
            raise StopIteration from None
        if getattr(req.body.reader, "length", None) == 0 or _is_read_to_the_end(req.body):
            return goes_on
        raise StopIteration

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer what cannot be read as a request, or failed outside of the application. Nobody's address is logged."""
        ours = isinstance(exc, (errors.InvalidResponseHeader, errors.InvalidResponseHeaderName))
        said = None if ours else next((rest for kind, *rest in REFUSALS if isinstance(exc, kind)), None)
        if said is None:
            log.error("a request failed outside of the application", exc_info=exc)
        try:
            client.sendall(refusal(*(said or FAILED)))
        except OSError:
            log.debug("whoever sent what is no request has gone")


def _says_plainly_what_it_wants(req: Any) -> bool:
    """HTTP/1.1 names a host, once. And what stands before an article's id is not disguised: a proxy in front, which
    reads paths as they are, would take it for something else.
    """
    if req.version >= (1, 1) and sum(name == "HOST" for name, _ in req.headers) != 1:
        return False
    path = req.path or ""
    return "%" not in path or DISGUISED.search(path.partition("/articles/")[0]) is None


def refusal(status: str, code: str, detail: str) -> bytes:
    """A whole answer that says no, and ends the connection."""
    number, _, title = status.partition(" ")
    shape = {"type": "about:blank", "title": title, "status": int(number), "code": code, "detail": detail}
    body = json.dumps(shape).encode()
    headers = (
        f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n"
        f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n"
    )
    return headers.encode() + body


def _is_read_to_the_end(body: Any) -> bool:
    """After reading what little may be left of it. False: where the next request begins is unknown."""
    if body.failed:
        return False
    with gevent.Timeout(LEFT_WITHIN, False):
        try:
            return len(body.read(LEFT_OVER)) < LEFT_OVER
        except (errors.ParseException, OSError):
            return False
    return False


class TimedBody:
    """A request's body, all of which must have come BODY_WITHIN seconds after the request's head."""

    def __init__(self, body: Any) -> None:
        self._body = body
        self._until = time.monotonic() + BODY_WITHIN

    def read(self, size: int = -1) -> bytes:
        """Raises TooSlow, and Malformed for chunks that are none and a body that ends early."""
        late = gevent.Timeout.start_new(max(0.001, self._until - time.monotonic()))
        try:
            data: bytes = self._body.read(size)
        except gevent.Timeout as error:
            if error is not late:
                raise
            raise TooSlow(f"A body must have come within {BODY_WITHIN:.0f} s.") from None
        except (errors.ParseException, OSError) as error:
            raise Malformed("The body ends early, or is not chunked as RFC 9112 has it.") from error
        finally:
            late.close()
        return data


def _nameless_headers(response: Any, told: Any = wsgi.Response.default_headers) -> list[str]:
    return [line for line in told(response) if not line.startswith("Server:")]


wsgi.Response.default_headers = _nameless_headers  # nobody needs to know what serves, or in which version
