"""Which pages of other origins may call: public reads everybody, everything else exactly the sites' origins, the
console nobody.
"""

from collections.abc import Container

from flask import Flask, Response, g, request

from comments.core.errors import Unavailable
from comments.http.request import parts

PREFIX, CONSOLE = "/api/v1/", "/api/v1/console/"
PUBLIC_READS = frozenset(
    {
        "threads.page", "threads.replies", "threads.context", "threads.changes", "threads.counts", "tabs.picks",
        "tabs.answers", "openapi.document", "teasers.most_discussed", "teasers.picks",
    }
)  # fmt: skip
ALLOWED_HEADERS = "Authorization, Content-Type, Idempotency-Key, If-None-Match"


def register(app: Flask) -> None:
    """Answer preflights and mark answers."""

    @app.before_request
    def _preflight() -> Response | None:
        if request.method != "OPTIONS" or not _ours() or request.routing_exception is not None:
            return None
        methods = sorted(app.create_url_adapter(request).allowed_methods())  # type: ignore[union-attr]
        response = Response(status=204, headers={"Allow": ", ".join(methods)})
        if "Access-Control-Request-Method" in request.headers:
            asked = [method for method in methods if method not in ("HEAD", "OPTIONS")]
            response.headers["Access-Control-Allow-Methods"] = ", ".join(asked)
            response.headers["Access-Control-Allow-Headers"] = ALLOWED_HEADERS
            response.headers["Access-Control-Max-Age"] = "7200"
        return response

    @app.after_request
    def _mark(response: Response) -> Response:
        if not _ours():
            return response
        if request.endpoint in PUBLIC_READS and request.method in ("GET", "HEAD"):
            response.headers["Access-Control-Allow-Origin"] = "*"
        else:
            response.vary.add("Origin")
            origin = request.headers.get("Origin")
            if origin is not None and _may_read(origin):
                response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = "Retry-After, ETag, X-Request-Id"
        return response


def _may_read(origin: str) -> bool:
    """Pages of the site that the answer is about. Where it is about none (yet), it says nothing of any: then those of
    every site, so that they can tell what was wrong.
    """
    origins: Container[str] | None = g.get("site_origins")
    if origins is not None:
        return origin in origins
    try:
        return parts().lists(origin)
    except Unavailable:  # a page must be able to read that it is to come again: what was known last will do
        return parts().listed(origin)


def _ours() -> bool:
    return request.path.startswith(PREFIX) and not request.path.startswith(CONSOLE)
