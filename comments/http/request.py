"""What every view needs of a request: the service's parts, the JSON body, who asks, rate limits, answers and problems.

A view parses, calls one action in a transaction, and answers with `answer`; whatever is wrong is raised and becomes
application/problem+json here.
"""

import ipaddress
import logging
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
from flask import Flask, Response, current_app, g, request
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
)
from comments.core.thread import is_article_key
from comments.core.tokens import read_access
from comments.http.limiter import Limiter
from comments.outgoing import JwksCache
from comments.settings import Network, Settings
from comments.storage.sites import Site, find_site, read_origins
from comments.storage.transaction import Database

log = logging.getLogger(__name__)

REFUSED = "comments.refused"  # in a request's environ: the error that was found before the application got it
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
    _origins: tuple[float, frozenset[str]] = field(default=(float("-inf"), frozenset()))

    def lists(self, origin: str) -> bool:
        """Whether any site has this origin, as of two seconds ago at most; a new site is known almost at once."""
        return origin in self._origins_within(2) or origin in self._origins_within(0.1)

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
    """The JSON body as this struct. Raises Malformed naming the field; unknown fields are refused."""
    if request.mimetype != "application/json":
        raise Malformed("Send JSON with “Content-Type: application/json”.", field="Content-Type")
    try:
        return msgspec.json.decode(request.get_data(cache=False), type=kind)
    except msgspec.ValidationError as error:
        raise Malformed(f"{error}", field=_field_of(str(error))) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"The body is no JSON: {error}") from error


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
    return site


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
    """The access token that this request needs; from a page of its own site only."""
    access = read_bearer(parts(), authorization())
    if access is None:
        raise Unauthenticated("token_missing", "Send an access token as “Authorization: Bearer …”.")
    return access


def check_origin(site: Site) -> None:
    """A browser's page must belong to the site (or to us); programs send no Origin."""
    origin = request.headers.get("Origin")
    if origin is not None and origin not in site.origins and origin != parts().settings.public_origin:
        raise Forbidden("origin", f"The site {site.key} does not list the origin {origin}.")


def limit(name: str, who: object, per_minute: int) -> None:
    parts().limiter.hit(name, str(who), per_minute)


def client_address(environ: dict[str, Any], trusted: tuple[Network, ...]) -> str:
    """The address of the client: the last hop that is not one of the operator's own proxies."""
    hops = [hop.strip() for hop in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    address = environ.get("REMOTE_ADDR") or "127.0.0.1"
    while hops and any(_inside(address, network) for network in trusted):
        address = hops.pop()
    return str(address)


def _inside(address: str, network: Network) -> bool:
    try:
        return ipaddress.ip_address(address) in network
    except ValueError:
        return False


def answer(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """JSON from plain values and msgspec.Raw."""
    response = Response(msgspec.json.encode(data), status, mimetype="application/json")
    response.headers.update(headers or {})
    return response


def problem(error: CommentsError) -> Response:
    """RFC 9457 problem details, one shape for everything that is refused."""
    shape = {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "code": error.code,
        "detail": error.detail,
    }
    response = answer(error.extras | shape, error.status)
    response.mimetype = "application/problem+json"
    if "retry_after" in error.extras:
        response.headers["Retry-After"] = str(error.extras["retry_after"])
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


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
        log.exception("request %s failed", g.get("request_id"))
        failed = Unavailable(f"Something went wrong here; it is logged as request {g.get('request_id')}.")
        failed.status, failed.code, failed.title = 500, "internal", "Internal error"  # type: ignore[misc]
        return problem(failed)

    @app.before_request
    def _begin() -> None:
        g.request_id = secrets.token_hex(8)
        g.address = client_address(request.environ, parts().settings.trusted_proxies)
        if REFUSED in request.environ:
            raise request.environ[REFUSED].with_traceback(None)

    @app.after_request
    def _finish(response: Response) -> Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin")
        response.headers["X-Request-Id"] = g.get("request_id", "")
        return response
