"""Which pages of other origins may call: public reads everybody, everything else exactly the sites' origins, the
console nobody.
"""

from flask import Flask, Response, request

from comments.http.request import parts

PREFIX, CONSOLE = "/api/v1/", "/api/v1/console/"
PUBLIC_READS = frozenset(
    {"threads.page", "threads.replies", "threads.context", "threads.changes", "threads.counts", "openapi.document"}
)
ALLOWED_HEADERS = "Authorization, Content-Type, Idempotency-Key, If-None-Match"
METHODS = "GET, POST, PUT, PATCH, DELETE"


def register(app: Flask) -> None:
    """Answer preflights and mark answers."""

    @app.before_request
    def _preflight() -> Response | None:
        if request.method != "OPTIONS" or not _ours():
            return None
        response = Response(status=204)
        response.headers["Access-Control-Allow-Methods"] = METHODS
        response.headers["Access-Control-Allow-Headers"] = ALLOWED_HEADERS
        response.headers["Access-Control-Max-Age"] = "7200"
        return response

    @app.after_request
    def _mark(response: Response) -> Response:
        if not _ours():
            return response
        origin = request.headers.get("Origin")
        if request.endpoint in PUBLIC_READS and request.method in ("GET", "HEAD"):
            response.headers["Access-Control-Allow-Origin"] = "*"
        elif origin is not None and parts().lists(origin):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.vary.add("Origin")
        response.headers["Access-Control-Expose-Headers"] = "Retry-After, ETag, X-Request-Id"
        return response


def _ours() -> bool:
    return request.path.startswith(PREFIX) and not request.path.startswith(CONSOLE)
