"""Signing in to the console and out of it: Flask-Login on a cookie that only the console's addresses read, the session
itself in the database; CSRF tokens; nothing for the widget. Programs show a key in place of a session: keyholders.py.
"""

import functools
import hashlib
import logging
import secrets
from contextlib import suppress
from typing import Any

import argon2
import gevent
from flask import Blueprint, Flask, Request, Response, g, request, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from comments.actions import accounts as actions
from comments.actions.accounts import Given, Signed
from comments.actions.moderation import release_all
from comments.core.browsers import browser_of
from comments.core.errors import Forbidden, Unauthenticated, Unavailable
from comments.core.identity import Viewer
from comments.core.keys import present_keys
from comments.core.policy import granted
from comments.core.present import Json
from comments.http import known, schemas
from comments.http.keyholders import keyholder
from comments.http.limits import count_account
from comments.http.openapi import operation
from comments.http.request import (
    answer,
    authorization,
    check_csrf,
    check_served_origin,
    limit,
    parts,
    read_body,
)
from comments.storage import accounts
from comments.storage.sites import find_user, read_sites, viewer_of_user

log = logging.getLogger(__name__)

blueprint = Blueprint("sessions", __name__, url_prefix="/api/v1/console")
COOKIE_PATHS = ("/api/v1/console", "/socket.io")
ATTEMPTS_PER_MINUTE = 10  # of one network; what one account takes: waits.py
PROVED = 600 * 1_000_000  # µs in which a password counts for what asks for it again
WITHOUT_A_SECOND_FACTOR = frozenset({"sessions", "accounts"})  # what is open to those who are to enrol one first

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
    """An account with its session: `row` of storage.accounts.find_session, `token` of the cookie."""

    def __init__(self, row: Any, token: str) -> None:
        self.row, self.token = row, token
        self.viewer: Viewer = viewer_of_user(row)

    @property
    def signed(self) -> Signed:
        return Signed(self.row.id, self.row.session_id)

    def get_id(self) -> str:
        return self.token


class ConsoleCookies(SecureCookieSessionInterface):
    """A session for the console's addresses alone: everywhere else cookies are neither read nor set."""

    def open_session(self, app: Flask, request: Request) -> Any:
        if request.path.startswith(COOKIE_PATHS):
            return super().open_session(app, request)
        return self.make_null_session(app)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if session.modified or session.accessed:
            super().save_session(app, session, response)
        if "entered" in g:  # after the session's own cookie, which some programs expect first
            known.remember(response, g.entered)


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
        PERMANENT_SESSION_LIFETIME=accounts.LONGEST // 1_000_000,
        SESSION_REFRESH_EACH_REQUEST=False,  # an answer under way would put back the id that was just replaced
    )
    manager = LoginManager()
    manager.session_protection = (
        None  # the address of a moderator changes on the train; rows and limits bound a session
    )
    manager.init_app(app)
    manager.user_loader(_load)


def parts_of(app: Flask) -> Any:
    return app.extensions["comments"].settings


def digest_of(token: str) -> str:
    """What the database holds of a cookie: whoever reads it there cannot sign in with it."""
    return hashlib.sha256(token.encode()).hexdigest()


def _load(token: str) -> ConsoleUser | None:
    database = parts().database
    now = database.clock()
    with database.read() as conn:
        row = accounts.find_session(conn, digest_of(token), now)
    if row is None:
        return None
    if _is_somebody_there() and now - row.seen_at >= accounts.SEEN_EVERY:
        with suppress(Unavailable), database.transaction() as tx:  # a busy database is no reason to refuse to read
            accounts.see_session(tx.conn, row.session_id, tx.now)
    return ConsoleUser(row, token)


def _is_somebody_there() -> bool:
    """An open console asks by itself, too, and says so where nobody touched it for a minute; a socket says nothing of
    anybody.
    """
    return request.path.startswith(blueprint.url_prefix or "") and "X-Unattended" not in request.headers


def console_viewer() -> Viewer:
    """The moderator who asks, or the key: where there is one, no cookie counts. Raises Unauthenticated; Forbidden where
    an unsafe request lacks the CSRF token, or where a second factor has to come first.
    """
    if authorization():
        if "keyholder" not in g:  # views ask again
            g.keyholder = keyholder(authorization(), request.path)
        holder: Viewer = g.keyholder
        return holder
    if not current_user.is_authenticated:
        raise Unauthenticated("signed_out", "Sign in to the console.")
    if request.method not in ("GET", "HEAD"):
        check_csrf(session.get("csrf", ""))
    if lacks_second_factor(current_user.row) and request.blueprint not in WITHOUT_A_SECOND_FACTOR:
        raise Forbidden("second_factor_needed", "Accounts here need a second factor: set one up first.")
    viewer: Viewer = current_user.viewer
    return viewer


def lacks_second_factor(row: Any) -> bool:
    return parts().settings.require_totp and row.totp_secret is None


def require_proof() -> None:
    """For what an unattended console must not do: the password, and the code where there is a second factor, were given
    within the last ten minutes. Raises Forbidden (proof_needed), which says whether a code is asked for. A key has
    nobody to ask: its scopes decide.
    """
    if authorization():
        return
    row = current_user.row
    if parts().database.clock() - row.proved_at > PROVED:
        detail = "Give your password once more: POST /api/v1/console/account/proof."
        raise Forbidden("proof_needed", detail, second_factor=row.totp_secret is not None)


def console_blueprint(name: str, below: str = "") -> Blueprint:
    """Views of the console: who is not signed in gets to none, and the account is read before a view takes its one
    connection. `below`: what their addresses have in common.
    """
    made = Blueprint(name, __name__, url_prefix=f"/api/v1/console{below}")
    made.before_request(_signed_in)
    return made


def _signed_in() -> None:
    count_account(console_viewer().id)


def given(email: str, password: str, code: str) -> Given:
    """Compare a password; what an action needs of it. Limited by network and by account; takes as long for an unknown
    address. Raises TooMany, Unauthenticated (bad_credentials).
    """
    limit("sign_in", g.network, ATTEMPTS_PER_MINUTE)
    parts().waits.begin(known.tries_of(email))
    with parts().database.read() as conn:
        row = find_user(conn, email=email)
    nobodys = _nobodys_hash()
    # in a thread: tens of milliseconds in which this process goes on answering others
    fits = gevent.get_hub().threadpool.apply(_fits, (nobodys if row is None else row.password_hash, password))
    if row is None or not fits:
        log.warning("a sign-in was refused: %s", "no such account" if row is None else f"password of account {row.id}")
        raise Unauthenticated("bad_credentials", "This e-mail address and password do not fit.")
    return Given(row.id, row.epoch, code)


@blueprint.post("/session")
@operation("Sign in to the console", security="none", body=schemas.SignIn, answers={200: schemas.ConsoleSession})
def sign_in() -> Response:
    body = read_body(schemas.SignIn)
    check_served_origin()
    email = body.email.lower()
    before = current_user.signed if current_user.is_authenticated else None
    fitting = given(email, body.password, body.code)
    token, agent = secrets.token_urlsafe(32), browser_of(request.headers.get("User-Agent", ""))
    with parts().database.transaction() as tx:
        actions.sign_in(tx, parts().settings.secret_key, fitting, digest_of(token), agent, before)
    parts().waits.succeeded(known.tries_of(email))
    log.info("account %s signed in", fitting.user_id)
    g.entered = email
    return enter(token)


def enter(token: str) -> Response:
    """Give this browser a session that is in the database now, under this id and with a new CSRF token."""
    with parts().database.read() as conn:
        row = accounts.find_session(conn, digest_of(token), parts().database.clock())
    if row is None:  # ended from elsewhere in this moment
        raise Unauthenticated("signed_out", "Sign in to the console.")
    session.clear()
    session.permanent = True
    session["csrf"] = secrets.token_urlsafe(24)
    user = ConsoleUser(row, token)
    login_user(user)
    return answer(_session(user))


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
        "second_factor": _second_factor(user.row),
    }


def _second_factor(row: Any) -> str:
    if row.totp_secret is not None:
        return "on"
    return "needed" if lacks_second_factor(row) else "off"


@blueprint.delete("/session")
@operation("Sign out of the console", security="console", answers={204: None})
def sign_out() -> Response:
    viewer = console_viewer()
    with parts().database.transaction() as tx:
        release_all(tx, viewer)
        actions.sign_out(tx, current_user.signed)
    return leave()


def leave() -> Response:
    """Take this browser's cookie away."""
    logout_user()
    session.clear()
    return Response(status=204)
