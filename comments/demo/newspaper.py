"""The demo newspaper: two publications on two host names, with log-in, subscriptions and signed tokens.

It stands for somebody else's site: it imports nothing of the service. Each page carries the script tag and a strict
content security policy.
"""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, abort, jsonify, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from comments.demo.config import GAZETTE, PUBLICATIONS, DemoConfig, Publication
from comments.demo.kept import kept
from comments.demo.notice import tell
from comments.demo.pages import archive_paper, read_paper
from comments.demo.readers import Reader, Readers
from comments.demo.tokens import jwks, sign

PER_PAGE = 60  # articles of an archive on one page
View = Callable[..., Any]


class Newspaper:
    """The two publications with their content and readers."""

    def __init__(self, config: DemoConfig) -> None:
        self.config = config
        # the days of the articles are counted back from the first start, as those of the comments are
        began = date.fromisoformat(kept(config.data_dir / "began", lambda: datetime.now(UTC).date().isoformat()))
        self.papers = {publication: read_paper(publication.key, began) for publication in PUBLICATIONS}
        if config.archive is not None:
            self.papers[GAZETTE] = archive_paper(self.papers[GAZETTE], config.archive_list)
        self.readers = {
            publication: Readers(config.data_dir / f"{publication.key}-readers.json") for publication in PUBLICATIONS
        }

    def publication(self) -> Publication | None:
        """Whose host name the request came to."""
        host = request.host.partition(":")[0].lower()
        return next((publication for publication in PUBLICATIONS if publication.host == host), None)

    def reader(self, publication: Publication) -> Reader | None:
        return self.readers[publication].find(session.get("reader"))

    def token(self, publication: Publication, reader: Reader) -> str:
        return sign(self.config, publication, reader, time.time())


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
    )
    newspaper = Newspaper(config)
    _secure(app, config)
    _add_keys(app, newspaper)
    _add_pages(app, newspaper)
    _add_accounts(app, newspaper)
    return app


def _secure(app: Flask, config: DemoConfig) -> None:
    """A strict policy: nothing inline, one foreign origin. Forms come from our own pages only."""
    service = config.service_url
    socket = service.replace("http", "ws", 1)
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {service}",
            f"connect-src 'self' {service} {socket}",
            f"img-src 'self' {service}",
            "style-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
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
        response.headers["Referrer-Policy"] = "same-origin"
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response


def _add_keys(app: Flask, newspaper: Newspaper) -> None:
    @app.get("/.well-known/jwks.json")
    def keys() -> Response:
        return jsonify(jwks(newspaper.config))

    @app.get("/healthz")
    def healthz() -> Response:
        return jsonify(ok=True)


def _of_a_publication(newspaper: Newspaper, view: View) -> View:
    """A view that is given the publication of the host name; elsewhere there is no such page."""

    @wraps(view)
    def with_publication(**values: Any) -> Any:
        publication = newspaper.publication()
        if publication is None:
            abort(404)
        return view(publication, **values)

    return with_publication


def _render(newspaper: Newspaper, publication: Publication, template: str, **values: Any) -> str:
    reader = newspaper.reader(publication)
    return render_template(
        template,
        site=publication.key,
        paper=newspaper.papers[publication],
        service=newspaper.config.service_url,
        reader=reader,
        state=None if reader is None else reader.state(time.time()),
        here=request.full_path.rstrip("?"),
        **values,
    )


def _add_pages(app: Flask, newspaper: Newspaper) -> None:
    @app.get("/")
    def front() -> str:
        publication = newspaper.publication()
        if publication is None:
            papers = [(newspaper.papers[one], newspaper.config.origin(one)) for one in PUBLICATIONS]
            return render_template("landing.html", papers=papers)
        articles = list(newspaper.papers[publication].articles.values())
        number = max(request.args.get("page", 1, type=int), 1)
        shown = articles[(number - 1) * PER_PAGE : number * PER_PAGE]
        more = number + 1 if len(articles) > number * PER_PAGE else None
        written = publication is not GAZETTE or newspaper.config.archive is None
        return _render(newspaper, publication, "front.html", articles=shown, number=number, more=more, written=written)

    def article(publication: Publication, article_id: str) -> str:
        found = newspaper.papers[publication].articles.get(article_id)
        if found is None:
            abort(404)
        address = newspaper.config.origin(publication) + url_for("article", article_id=found.id)
        return _render(newspaper, publication, "article.html", article=found, address=address)

    app.add_url_rule("/articles/<path:article_id>", "article", _of_a_publication(newspaper, article))


def _add_accounts(app: Flask, newspaper: Newspaper) -> None:
    def token(publication: Publication) -> AnyResponse:
        """What the widget's token-url answers: a fresh token for whoever is logged in here, null for everybody else.

        A 401 would do as well, but browsers write it into the console as an error.
        """
        reader = newspaper.reader(publication)
        return jsonify(token=None if reader is None else newspaper.token(publication, reader))

    def login(publication: Publication) -> AnyResponse | str:
        back = local_path(request.values.get("return"), newspaper.config.origin(publication))
        readers = newspaper.readers[publication]
        problem = None
        if request.method == "POST":
            if "name" in request.form:
                reader = readers.sign_up(request.form["name"])
                problem = None if reader else "There are too many readers here already."
            else:
                reader = readers.find(request.form.get("sub"))
                problem = None if reader else "There is no such reader."
            if reader is not None:
                session.clear()
                session["reader"] = reader.sub
                return redirect(back, 303)
        return _render(newspaper, publication, "login.html", readers=readers.ready_made(), back=back, problem=problem)

    def logout(publication: Publication) -> AnyResponse:
        session.clear()
        return redirect(local_path(request.form.get("return"), newspaper.config.origin(publication)), 303)

    def subscription(publication: Publication) -> AnyResponse | str:
        origin = newspaper.config.origin(publication)
        back = local_path(request.values.get("return"), origin)
        reader = newspaper.reader(publication)
        if request.method == "GET":
            return _render(newspaper, publication, "subscription.html", back=back)
        if reader is None:
            here = url_for("subscription") + "?" + urlencode({"return": back})
            return redirect(url_for("login") + "?" + urlencode({"return": here}), 303)
        plan = request.form.get("plan")
        if plan not in ("trial", "full", "cancelled"):
            abort(400, "A plan is trial, full or cancelled.")
        reader = newspaper.readers[publication].subscribe(reader, plan, time.time())  # type: ignore[arg-type]
        tell(newspaper.config.service_url, publication.key, reader.sub, newspaper.token(publication, reader))
        here = url_for("subscription") + "?" + urlencode({"return": back})
        return redirect(here if plan == "cancelled" else back, 303)

    rules: list[tuple[str, View, list[str]]] = [
        ("/token", token, ["GET"]),
        ("/login", login, ["GET", "POST"]),
        ("/logout", logout, ["POST"]),
        ("/subscription", subscription, ["GET", "POST"]),
    ]
    for path, view, methods in rules:
        app.add_url_rule(path, view.__name__, _of_a_publication(newspaper, view), methods=methods)


def local_path(text: str | None, origin: str) -> str:
    """Where to go back to: a path of this very site, whatever was asked for; of a full address of ours, its path."""
    text = text or "/"
    if text.startswith(origin + "/"):
        text = text.removeprefix(origin)
    parts = urlsplit(text)
    plain = text.isprintable() and text.isascii() and "\\" not in text and not text.startswith("//")
    return text if text.startswith("/") and plain and not parts.scheme and not parts.netloc else "/"
