"""Signing in to the console: Flask-Login on a cookie that only the console's addresses read; CSRF tokens; nothing for
the widget.
"""

import functools
import hmac
import secrets
from typing import Any

import argon2
import gevent
from flask import Blueprint, Flask, Request, Response, g, request, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from comments.core.errors import Forbidden, Unauthenticated
from comments.core.identity import Viewer
from comments.core.keys import present_keys
from comments.core.policy import granted
from comments.core.present import Json
from comments.http import schemas
from comments.http.openapi import operation
from comments.http.request import answer, limit, parts, read_body
from comments.storage.sites import find_user, read_sites, viewer_of_user

blueprint = Blueprint("sessions", __name__, url_prefix="/api/v1/console")
COOKIE_PATHS = ("/api/v1/console", "/socket.io")
ATTEMPTS_PER_MINUTE = 10

hasher = argon2.PasswordHasher()


@functools.cache
def _nobodys_hash() -> str:
    """An unknown address takes as long as a wrong password. Made on first use: it takes 64 MB and a while."""
    return hasher.hash(secrets.token_hex(16))


def _fits(password_hash: str, password: str) -> bool:
    try:
        return hasher.verify(password_hash, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


class ConsoleUser(UserMixin):  # type: ignore[misc]
    """What Flask-Login keeps of a console account: the id carries the epoch, so that raising it signs out
    everywhere.
    """

    def __init__(self, row: Any) -> None:
        self.row = row
        self.viewer: Viewer = viewer_of_user(row)

    def get_id(self) -> str:
        return f"{self.row.id}.{self.row.epoch}"


class ConsoleCookies(SecureCookieSessionInterface):
    """A session for the console's addresses alone: everywhere else cookies are neither read nor set."""

    def open_session(self, app: Flask, request: Request) -> Any:
        if request.path.startswith(COOKIE_PATHS):
            return super().open_session(app, request)
        return self.make_null_session(app)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if session.modified or session.accessed:
            super().save_session(app, session, response)


def register(app: Flask) -> None:
    """Set up Flask-Login and the cookie."""
    settings = parts_of(app)
    app.session_interface = ConsoleCookies()
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-comments_console" if settings.is_https else "comments_console",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_SAMESITE="Strict",
        PERMANENT_SESSION_LIFETIME=12 * 3600,
    )
    manager = LoginManager()
    manager.session_protection = (
        None  # the address of a moderator changes on the train; the epoch and 12 hours bound a session
    )
    manager.init_app(app)

    @manager.user_loader  # type: ignore[untyped-decorator]
    def _load(key: str) -> ConsoleUser | None:
        user_id, _, epoch = key.partition(".")
        with parts().database.read() as conn:
            row = find_user(conn, user_id=int(user_id))
        return ConsoleUser(row) if row is not None and str(row.epoch) == epoch else None


def parts_of(app: Flask) -> Any:
    return app.extensions["comments"].settings


def console_viewer() -> Viewer:
    """The moderator who asks. Raises Unauthenticated; Forbidden where an unsafe request lacks the CSRF token."""
    if not current_user.is_authenticated:
        raise Unauthenticated("signed_out", "Sign in to the console.")
    if request.method not in ("GET", "HEAD"):
        sent, kept = request.headers.get("X-CSRF-Token", ""), session.get("csrf", "")
        if not kept or not hmac.compare_digest(sent.encode(), kept.encode()):
            raise Forbidden("csrf", "Send the session's csrf value as X-CSRF-Token.")
        _check_own_origin()
    viewer: Viewer = current_user.viewer
    return viewer


def _check_own_origin() -> None:
    origin = request.headers.get("Origin")
    if origin is not None and origin != parts().settings.public_origin:
        raise Forbidden("origin", f"The console is served from {parts().settings.public_origin} alone.")


@blueprint.post("/session")
@operation("Sign in to the console", security="none", body=schemas.SignIn, answers={200: schemas.ConsoleSession})
def sign_in() -> Response:
    body = read_body(schemas.SignIn)
    _check_own_origin()
    limit("sign_in", g.address, ATTEMPTS_PER_MINUTE)
    limit("sign_in", body.email.lower(), ATTEMPTS_PER_MINUTE)
    with parts().database.read() as conn:
        row = find_user(conn, email=body.email)
    nobodys = _nobodys_hash()
    # in a thread: tens of milliseconds in which this process goes on answering others
    fits = gevent.get_hub().threadpool.apply(_fits, (nobodys if row is None else row.password_hash, body.password))
    if row is None or not fits:
        raise Unauthenticated("bad_credentials", "This e-mail address and password do not fit.")
    session.clear()
    session.permanent = True
    session["csrf"] = secrets.token_urlsafe(24)
    login_user(ConsoleUser(row))
    return answer(_session(ConsoleUser(row)))


@blueprint.get("/session")
@operation("Who is signed in to the console", security="console", answers={200: schemas.ConsoleSession})
def who() -> Response:
    console_viewer()
    return answer(_session(current_user))


def _session(user: Any) -> Json:
    with parts().database.read() as conn:
        sites = read_sites(conn, user.viewer.sites)
    viewer: Viewer = user.viewer
    shown = {
        "id": str(user.row.id),
        "email": user.row.email,
        "name": user.row.name,
        "role": user.row.role,
        "sections": None if viewer.sections is None else sorted(viewer.sections),
        "can": granted(viewer),
    }
    return {
        "user": shown,
        "csrf": session["csrf"],
        "sites": [{"key": site.key, "name": site.name} for site in sites],
        "keys": present_keys(user.row.preferences),
    }


@blueprint.delete("/session")
@operation("Sign out of the console", security="console", answers={204: None})
def sign_out() -> Response:
    console_viewer()
    logout_user()
    session.clear()
    return Response(status=204)
