"""The headers that tell browsers what an answer may be used for: a set for each kind of answer, and no answer without.

`API` for what programs read, `PAGE` for what people see; decision 18 says why each is what it is.
"""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Response

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]

HSTS = "max-age=31536000"  # a year; other hosts of the domain are not ours to bind
EVERY = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
API = EVERY | {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",  # pages of other origins read it, if CORS lets them
}
SHARED = EVERY | {  # what lies ready for pages of every origin
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Timing-Allow-Origin": "*",
}
PAGE = EVERY | {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
}
NO_SCRIPTS = "require-trusted-types-for 'script'; trusted-types 'none'"


def complete(response: Response) -> None:
    """What the view did not say, as the kind of its answer has it."""
    if response.calculate_content_length() == 0:
        response.headers.pop("Content-Type", None)  # of nothing
    for name, value in (PAGE if response.mimetype == "text/html" else API).items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")


def over_tls(app: Wsgi) -> Wsgi:
    """In front of everything where browsers reach the service by https: they are not to come another way again."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, ("Strict-Transport-Security", HSTS)], *rest)

        return app(environ, start)

    return answer
