"""What every view needs of a request: the service's parts, the JSON body, who asks, rate limits, answers and problems.

A view parses, calls one action in a transaction, and answers with `answer`; whatever is wrong is raised and becomes
application/problem+json here.
"""

import hmac
import json
import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, TypeVar

import msgspec
from flask import Flask, Response, current_app, g, has_request_context, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing import BaseConverter

from comments.actions.members import Access
from comments.core.errors import (
    CommentsError,
    Forbidden,
    Malformed,
    NotFound,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Unsupported,
)
from comments.core.thread import is_article_key
from comments.core.tokens import read_access
from comments.http.headers import complete
from comments.http.limiter import Limiter
from comments.http.snapshots import Told
from comments.http.waits import Waits
from comments.http.wording import message_of, speak_of
from comments.outgoing import JwksCache
from comments.settings import Network, Settings
from comments.storage.sites import Site, find_site, read_origins, site_by_id
from comments.storage.transaction import Database

log = logging.getLogger(__name__)

REFUSED = "comments.refused"  # in a request's environ: the error that was found before the application got it
HOP = re.compile(r"\[([^\]]+)\](?::\d{1,5})?|([^:]+)(?::\d{1,5})?|(.*)")
LARGEST_REQUEST = 256 * 1024  # bytes; 40 kB of text take more as JSON escapes
T = TypeVar("T")


@dataclass(slots=True)
class Parts:
    """What create_app hands to the views."""

    settings: Settings
    database: Database
    limiter: Limiter
    jwks: JwksCache
    hears: Callable[[], bool] = lambda: False  # whether other processes are heard over Redis now
    waits: Waits = field(default_factory=Waits)  # after failures to sign in
    told: Callable[[str, str], Told] = lambda _site, _article: Told(0, b"")  # to those who may not read this thread
    _origins: tuple[float, frozenset[str]] = field(default=(float("-inf"), frozenset()))

    def lists(self, origin: str) -> bool:
        """Whether any site has this origin, as of two seconds ago at most; a new site is known almost at once."""
        return origin in self._origins_within(2) or origin in self._origins_within(0.1)

    def listed(self, origin: str) -> bool:
        """Whether a site had this origin when the database was last asked."""
        return origin in self._origins[1]

    def _origins_within(self, seconds: float) -> frozenset[str]:
        asked, known = before = self._origins
        if time.monotonic() - asked > seconds:
            if known:  # one asks, those who come meanwhile are answered: a thousand may come at once
                self._origins = (time.monotonic(), known)
            try:
                with self.database.read() as conn:
                    self._origins = (time.monotonic(), read_origins(conn))
            except BaseException:
                self._origins = before
                raise
        return self._origins[1]


def parts() -> Parts:
    found: Parts = current_app.extensions["comments"]
    return found


def read_body(kind: type[T]) -> T:
    """The JSON body as this struct. Raises Malformed naming the field; unknown fields are refused, also those that are
    there twice.
    """
    if request.mimetype != "application/json":
        raise Malformed("Send JSON with “Content-Type: application/json”.", field="Content-Type")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Unsupported("Send the body as it is, not compressed.", "Content-Encoding")
    sent = whole_body()
    try:
        found = msgspec.json.decode(sent, type=kind)
        json.loads(sent, object_pairs_hook=_without_doubles)
        return found
    except msgspec.ValidationError as error:
        raise Malformed(f"{error}", field=_field_of(str(error))) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"The body is no JSON: {error}") from error


def whole_body() -> bytes:
    """The bytes that were sent. Raises RequestEntityTooLarge."""
    sent = request.get_data(cache=False)
    # what has no length is cut off at the limit
    if len(sent) == LARGEST_REQUEST and request.content_length is None and request.environ["wsgi.input"].read(1):
        raise RequestEntityTooLarge
    return sent


def _without_doubles(pairs: list[tuple[str, Any]]) -> None:
    """Of two fields with one name readers take the first or the last, as they please: we take neither."""
    if len(pairs) > 1 and len(pairs) != len(dict(pairs)):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise Malformed("This field is there twice.", field=double[:100])


def _field_of(message: str) -> str | None:
    named = re.search(r"field `([^`]+)`", message) or re.search(r"at `\$\.([^`]+)`", message)
    return named.group(1) if named else None


def whole_number(name: str, default: int, most: int, least: int = 1) -> int:
    """A whole number from the query string. Raises Malformed."""
    text = request.args.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,18}", text) or not least <= int(text) <= most:
        raise Malformed(f"{name} must be a whole number from {least} to {most}.", field=name)
    return int(text)


def read_id(text: str, what: str) -> int:
    """An id from a path or a body; what is no id names nothing."""
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise NotFound(what)
    return int(text)


def read_article_key(text: str) -> str:
    """The publisher's article id from a path or query. Raises Malformed."""
    if not is_article_key(text):
        raise Malformed("An article id has 1 to 255 printable characters.", field="article")
    return text


def site_named(conn: Any, key: str) -> Site:
    site = find_site(conn, key)
    if site is None:
        raise NotFound("site")
    about(site)
    return site


def about(site: Site) -> None:
    """This request is about this site: in its language, for pages of its origins, and so in the line in the log."""
    speak_of(site.settings.locale)
    if has_request_context():
        g.site, g.site_origins = site.key, site.origins


def authorization() -> str:
    """The header of this request. Cookies are never looked at here."""
    return request.headers.get("Authorization", "")


def read_bearer(parts: Parts, authorization: str) -> Access | None:
    """What the access token in this header says; None if there is none. Raises Unauthenticated."""
    if not authorization:
        return None
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("token_invalid", "Send “Authorization: Bearer TOKEN”.")
    claims = read_access(parts.settings.secret_key, token.strip(), parts.database.clock())
    return Access(claims["site"], claims["member"], claims["epoch"], claims["exp"] * 1_000_000)


def bearer() -> Access:
    """The access token that this request needs; from a page of its own site only. What changes something counts for
    its site.
    """
    access = read_bearer(parts(), authorization())
    if access is None:
        raise Unauthenticated("token_missing", "Send an access token as “Authorization: Bearer …”.")
    if request.method not in ("GET", "HEAD"):
        limit("site_writes", access.site_id, parts().settings.site_requests_per_minute)
    return access


def check_origin(site: Site) -> None:
    """A browser's page must belong to the site (or to us); programs send no Origin."""
    about(site)
    origin = request.headers.get("Origin")
    if origin is not None and origin not in site.origins and origin != parts().settings.public_origin:
        raise Forbidden("origin", f"The site {site.key} does not list the origin {origin}.")


def check_own_origin(site_id: int) -> None:
    """The same for calls that name no site: a member's own."""
    if request.headers.get("Origin") is not None:
        with parts().database.read() as conn:
            check_origin(site_by_id(conn, site_id))


def check_served_origin() -> None:
    """What a cookie opens is called from our own pages alone."""
    origin = request.headers.get("Origin")
    if origin is not None and origin != parts().settings.public_origin:
        raise Forbidden("origin", f"This is served from {parts().settings.public_origin} alone.")


def check_csrf(kept: str) -> None:
    """An unsafe call by cookie carries what only our own page was told (`kept`, "" for nothing). Raises Forbidden."""
    sent = request.headers.get("X-CSRF-Token", "")
    if not kept or not hmac.compare_digest(sent.encode(), kept.encode()):
        raise Forbidden("csrf", "Send the session's csrf value as X-CSRF-Token.")
    check_served_origin()


def limit(name: str, who: object, per_minute: int) -> None:
    parts().limiter.hit(name, str(who), per_minute)


def client_address(environ: dict[str, Any], trusted: tuple[Network, ...]) -> str:
    """The address of the client: the last hop that is not one of the operator's own proxies. What is no address is no
    hop: then it is whoever was the last to say so.
    """
    found = _address(environ.get("REMOTE_ADDR", "")) or _address("127.0.0.1")
    assert found is not None
    hops = environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if trusted else []
    while hops and any(found in network for network in trusted):
        hop = _address(hops.pop())
        if hop is None:
            break
        found = hop
    return str(found)


def comes_through_a_proxy(environ: dict[str, Any], trusted: tuple[Network, ...]) -> bool:
    """Whether one of the operator's own proxies sent this."""
    found = _address(environ.get("REMOTE_ADDR", ""))
    return found is not None and any(found in network for network in trusted)


def network_of(environ: dict[str, Any], trusted: tuple[Network, ...]) -> str:
    """What limits count as one client: an address, and of IPv6 the /64 that one subscriber has to themselves."""
    found = _address(client_address(environ, trusted))
    assert found is not None
    return str(found) if found.version == 4 else str(ip_network((int(found) >> 64 << 64, 64)))


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """An address as proxies write it, with a port or without, in brackets or not, of IPv4 in IPv6's; without a zone."""
    match = HOP.fullmatch(text.strip()[:100])
    try:
        found = ip_address((match[1] or match[2] or match[3]).partition("%")[0]) if match else None
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def answer(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """JSON from plain values and msgspec.Raw."""
    response = Response(msgspec.json.encode(data), status, mimetype="application/json")
    response.headers.update(headers or {})
    return response


def problem(error: CommentsError) -> Response:
    """RFC 9457 problem details, one shape for everything that is refused."""
    shape: dict[str, Any] = {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "code": error.code,
        "detail": error.detail,
    }
    message = message_of(error)
    if message is not None:
        shape["message"] = message
    response = answer(error.extras | shape, error.status)
    response.mimetype = "application/problem+json"
    if "retry_after" in error.extras:
        response.headers["Retry-After"] = str(error.extras["retry_after"])
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def unforeseen(error: Exception) -> CommentsError:
    """What is said of an error that nobody foresaw. Logs it."""
    log.error("the request failed", exc_info=error)
    failed = Unavailable(f"Something went wrong here; it is logged as request {g.get('request_id')}.")
    failed.status, failed.code, failed.title = 500, "internal", "Internal error"  # type: ignore[misc]
    return failed


class ArticleId(BaseConverter):
    """The publisher's article id in a path: slashes belong to it, also the first (Werkzeug's `path` refuses that)."""

    regex = ".+?"
    part_isolating = False


def register(app: Flask) -> None:
    """Problems for every error, request ids, and the headers that every answer has."""
    app.url_map.converters["article"] = ArticleId
    app.url_map.merge_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST

    @app.errorhandler(CommentsError)
    def _ours(error: CommentsError) -> Response:
        return problem(error)

    @app.errorhandler(HTTPException)
    def _werkzeug(error: HTTPException) -> Response:
        if isinstance(error, RequestEntityTooLarge):
            return problem(TooLarge(f"A request has at most {LARGEST_REQUEST} bytes.", LARGEST_REQUEST))
        if error.code == 404:
            return problem(NotFound("address"))
        status = error.code or 500
        shape = {
            "type": "about:blank",
            "title": error.name,
            "status": status,
            "code": "http",
            "detail": error.description,
        }
        response = answer(shape, status)
        response.mimetype = "application/problem+json"
        if error.code == 405:
            response.headers["Allow"] = ", ".join(getattr(error, "valid_methods", None) or [])
        return response

    @app.errorhandler(Exception)
    def _unexpected(error: Exception) -> Response:
        return problem(unforeseen(error))

    @app.before_request
    def _begin() -> None:
        g.network = network_of(request.environ, parts().settings.trusted_proxies)
        if REFUSED in request.environ:
            raise request.environ[REFUSED].with_traceback(None)

    @app.after_request
    def _finish(response: Response) -> Response:
        complete(response)
        response.headers["X-Request-Id"] = g.get("request_id", "")
        return response
