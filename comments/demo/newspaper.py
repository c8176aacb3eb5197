"""The demo newspaper: publications on host names of their own, with log-in, subscriptions and signed tokens.

It stands for somebody else's site: it imports nothing of the service. Each page carries the script tag and a strict
content security policy. What is read lies in reading.py, what readers have in accounts.py.
"""

import hashlib
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from comments.demo.accounts import add_accounts
from comments.demo.config import DemoConfig, Publication
from comments.demo.house import Newspaper, local_path
from comments.demo.reading import add_pages
from comments.demo.tokens import jwks

STATIC = Path(__file__).parent / "static"
YEAR = 365 * 86_400  # seconds
COLOURS = ("auto", "light", "dark")


def create_newspaper(config: DemoConfig) -> Flask:
    """The newspaper's application. It keeps its readers and keys in `config.data_dir`."""
    app = Flask(__name__)
    app.url_map.merge_slashes = False  # an archive's article ids may hold anything
    app.secret_key = config.secret("newspaper-session-key")
    app.config.update(
        SESSION_COOKIE_NAME="newspaper",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=64 * 1024,
        SEND_FILE_MAX_AGE_DEFAULT=YEAR,
    )
    newspaper = Newspaper(config)
    _secure(app, config)
    _add_assets(app)
    _add_colours(app, newspaper)
    _add_keys(app, newspaper)
    add_pages(app, newspaper)
    add_accounts(app, newspaper)
    return app


def _secure(app: Flask, config: DemoConfig) -> None:
    """A strict policy: nothing inline, one foreign origin, Trusted Types. Forms come from our own pages only."""
    service = config.service_url
    socket = service.replace("http", "ws", 1)
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {service}",
            f"connect-src 'self' {service} {socket}",
            f"img-src 'self' {service}",
            "style-src 'self'",
            f"form-action 'self' {service}",  # to one's own page
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )

    @app.before_request
    def _own_forms_only() -> None:
        if request.method == "POST" and request.headers.get("Origin") != request.host_url.rstrip("/"):
            abort(403, "A form of another site.")

    @app.after_request
    def _mark(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"  # forms to the service name us
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response


def _add_assets(app: Flask) -> None:
    """`asset("x.css")` in templates: an address that changes with the file, which may be kept for a year."""
    digests = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:8] for path in STATIC.iterdir() if path.is_file()
    }
    app.jinja_env.globals["asset"] = lambda name: url_for("static", filename=name, v=digests[name])


def _add_colours(app: Flask, newspaper: Newspaper) -> None:
    """Light or dark, as chosen, in a cookie: the page comes in its colours, and no script has to hurry."""

    @app.context_processor
    def _colours() -> dict[str, Any]:
        chosen = request.cookies.get("colours")
        return {"colours": chosen if chosen in COLOURS else "auto", "all_colours": COLOURS}

    def choose(publication: Publication) -> AnyResponse:
        chosen = request.form.get("colours")
        if chosen not in COLOURS:
            abort(400, f"Colours are {', '.join(COLOURS)}.")
        response = redirect(local_path(request.form.get("return"), newspaper.config.origin(publication)), 303)
        response.set_cookie("colours", chosen, max_age=YEAR, samesite="Lax")  # newspaper.js writes it, too
        return response

    app.add_url_rule("/colours", "choose_colours", newspaper.of_a_publication(choose), methods=["POST"])


def _add_keys(app: Flask, newspaper: Newspaper) -> None:
    @app.get("/.well-known/jwks.json")
    def keys() -> Response:
        return jsonify(jwks(newspaper.config))

    @app.get("/healthz")
    def healthz() -> Response:
        return jsonify(ok=True)
