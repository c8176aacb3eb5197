"""What is counted of every request that Flask answers, of every post, and of this process's own state."""

import logging
import re
import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask, Response, g, request

from comments.core.events import CommentPosted, Event
from comments.http.request import comes_through_a_proxy, parts
from comments.http.snapshots import Snapshots
from comments.seen import counted, tracing
from comments.seen.logs import request_id
from comments.storage.engine import pool_figures
from comments.storage.transaction import Database, Ranges

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
log = logging.getLogger("comments.access")

WELL_FORMED = re.compile(r"[0-9a-f][0-9a-f-]{14,34}[0-9a-f]")  # as nginx makes them, or a UUID: nobody's name
NOWHERE = "(no such address)"


def register(app: Flask) -> None:
    """Before all other hooks: times and the request's id."""

    @app.before_request
    def _begin() -> None:
        g.began = time.monotonic()
        given = request.headers.get("X-Request-Id", "")
        is_known = WELL_FORMED.fullmatch(given) and comes_through_a_proxy(
            request.environ, parts().settings.trusted_proxies
        )
        g.request_id = given if is_known else secrets.token_hex(8)
        request_id.set(g.request_id)
        g.span = tracing.span(
            f"{_method()} {_endpoint()}",
            {"http.request.method": _method(), "http.route": _endpoint(), "comments.request": g.request_id},
        )
        g.span.__enter__()

    @app.after_request
    def _finish(response: Response) -> Response:
        endpoint, method = _endpoint(), _method()
        tracing.note("http.response.status_code", response.status_code)
        counted.REQUESTS.add(endpoint, method, f"{response.status_code // 100}xx")
        counted.REQUEST_SECONDS.observe(time.monotonic() - g.began, endpoint)
        if request.endpoint == "threads.create_comment" and response.status_code >= 400:
            counted.POSTS.add("refused")
        if log.isEnabledFor(logging.INFO):
            log.info("answered", extra=_line(endpoint, method, response))
        return response

    @app.teardown_request
    def _end(_error: BaseException | None) -> None:
        request_id.set("")
        if "span" in g:
            g.pop("span").__exit__(None, None, None)


def _endpoint() -> str:
    return request.url_rule.rule if request.url_rule is not None else NOWHERE


def _method() -> str:
    return request.method if request.method in METHODS else "other"


def _line(endpoint: str, method: str, response: Response) -> dict[str, Any]:
    """What a log says of a request: words of ours, numbers, and the key of a site that there is."""
    return {
        "method": method,
        "endpoint": endpoint,
        "status": response.status_code,
        "ms": round((time.monotonic() - g.began) * 1000, 1),
        "bytes": response.content_length,
        "site": g.get("site"),
    }


def count(events: Sequence[Event], _ranges: Ranges) -> None:
    """One of the transaction's publish functions."""
    for event in events:
        if isinstance(event, CommentPosted):
            counted.POSTS.add(str(event.after))


def gauge(database: Database, pages: Snapshots, hears: Callable[[], bool | None]) -> None:
    """What is read at a scrape from what is there anyway. `hears`: of Redis, None in a process that need not."""
    counted.PREPARED_BYTES.collect = lambda: [((), pages.size)]
    counted.POOL_USED.collect = lambda: [((), pool_figures(database.engine)[0])]
    counted.POOL_SIZE.collect = lambda: [((), pool_figures(database.engine)[1])]
    counted.REDIS_HEARD.collect = lambda: [((), bool(hears()))]
    counted.REDIS_WANTED.collect = lambda: [((), hears() is not None)]
