"""One's own page: how a member comes to it, with the publisher's token in a form, and who is there. The widget's
token is never taken here: scripts of the publisher's page can read it.

`own_blueprint`, `visiting_member` and `visitor` are for everything under /me/api; the page itself is frontend/me.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, g, request

from comments.actions import visits as actions
from comments.actions.members import Access, member_at_site
from comments.core.errors import CommentsError, Forbidden, NotFound, TooMany, Unauthenticated, Unavailable
from comments.core.policy import Action, Subject, require
from comments.core.site import is_site_key
from comments.core.words import Words, pick_language
from comments.http import pages
from comments.http.bundles import built
from comments.http.headers import NO_SCRIPTS
from comments.http.members import SESSIONS_PER_MINUTE, claim_by_address, identity_of, site_of
from comments.http.request import about, check_csrf, limit, parts, site_named
from comments.http.wording import message_of
from comments.spoken import house_texts
from comments.storage.members import viewer_of_member
from comments.storage.sites import Site, site_beside
from comments.storage.transaction import Connection
from comments.storage.visits import LONGEST, SEEN_EVERY, find_visit, see_visit

blueprint = Blueprint("me", __name__)
PATH = "/me"  # of the cookie, the pages and their API
LARGEST_TOKEN = 10_000  # characters


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody at their own page. `access`: for actions, as the widget's is; `csrf`: what unsafe calls carry."""

    id: int
    site: Site
    access: Access
    csrf: str


def _cookie(site: str) -> str:
    """A name for each site: one may be at home at several. They share a path, which __Host- would not allow."""
    return f"{'__Secure-' if parts().settings.is_https else ''}comments_me_{site}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def visit_at(key: str) -> Visit | None:
    """Whose visit of this site the request's cookie belongs to; None where there is none, or it is over."""
    token = request.cookies.get(_cookie(key), "")
    if not token:
        return None
    database = parts().database
    now = database.clock()
    with database.read() as conn:
        row = find_visit(conn, key, _digest(token), now)
    if row is None:
        return None
    if now - row.seen_at >= SEEN_EVERY:
        with suppress(Unavailable), database.transaction() as tx:  # a busy database is no reason to refuse to read
            see_visit(tx.conn, row.visit_id, tx.now)
    site = site_beside(row)
    about(site)
    csrf = hmac.new(parts().settings.secret_key, f"csrf of a visit:{token}".encode(), hashlib.sha256).hexdigest()
    return Visit(row.visit_id, site, Access(site.id, row.id, row.epoch, row.visiting_since + LONGEST), csrf)


def own_blueprint(name: str) -> Blueprint:
    """Views under /me/api/<site>: who has no visit there gets to none, and unsafe calls need its CSRF token."""
    made = Blueprint(name, __name__, url_prefix=f"{PATH}/api/<site>")
    made.before_request(_visiting)
    return made


def _visiting() -> None:
    visit = visit_at((request.view_args or {})["site"])
    if visit is None:
        raise Unauthenticated("signed_out", "Come to this page from the comments on the publisher's site.")
    g.visit = visit
    if request.method not in ("GET", "HEAD"):
        check_csrf(visit.csrf)
        limit("site_writes", visit.site.id, parts().settings.site_requests_per_minute)
        limit("react", visit.access.member_id, parts().settings.reactions_per_minute)


def visitor() -> Visit:
    """Who makes this request under /me/api."""
    visit: Visit = g.visit
    return visit


@contextmanager
def visiting_member() -> Iterator[tuple[Connection, Site, Any]]:
    """A connection for reading, the site and the row of the member whose page this is, as they are now. Not around an
    action: a request has one connection at a time. Raises Unauthenticated, Forbidden.
    """
    with parts().database.read() as conn:
        member, site = member_at_site(conn, visitor().access)
        now = parts().database.clock()
        require(viewer_of_member(member, now), Action.SEE_ONESELF, Subject(site.id, site.settings), now)
        yield conn, site, member


@blueprint.post(f"{PATH}/<site>")
def enter(site: str) -> Response:
    """The form of a page of the publisher's: the token that its reader has there opens a visit here."""
    limit("session", g.network, SESSIONS_PER_MINUTE)
    found = site_of(site)
    g.own_page = found
    _check_page(found)
    token = request.form.get("token", "")
    if not token or len(token) > LARGEST_TOKEN:
        raise Unauthenticated("token_missing", "Send the publisher's token in the form's field “token”.")
    identity = identity_of(found, token)
    if identity.expires <= parts().database.clock():  # accepted by the leeway for clocks alone, as in members.py
        raise Unauthenticated("token_expired", "The token is over.", claim="exp")
    limit("site_writes", found.id, parts().settings.site_requests_per_minute)
    value = secrets.token_urlsafe(32)
    with parts().database.transaction() as tx:
        member = actions.open_visit(tx, found, identity, _digest(value))
        claim_by_address(tx, found, member, identity.email)
    lang = request.form.get("lang", "")[:20]
    there = _leading(_page(found.key) + (f"?{urlencode({'lang': lang})}" if lang else ""), 303)
    https = parts().settings.is_https
    there.set_cookie(_cookie(found.key), value, path=PATH, secure=https, httponly=True, samesite="Lax")
    return there


def _check_page(site: Site) -> None:
    """Only pages of the site send readers here: another one could send somebody to a page that is not theirs. A browser
    always says which page a form is on, but for “null” where that page lets nobody know.
    """
    origin = request.headers.get("Origin")
    if origin is None or (origin not in site.origins and origin != parts().settings.public_origin):
        raise Forbidden("origin", f"The site {site.key} does not list the origin {origin}.")


def _page(site: str) -> str:
    return f"{PATH}/{site}/"


def forget(response: Response, site: Site) -> Response:
    """Take this browser's cookie away."""
    https = parts().settings.is_https
    response.delete_cookie(_cookie(site.key), PATH, secure=https, httponly=True, samesite="Lax")
    return response


@blueprint.get(f"{PATH}/<site>")
def without_slash(site: str) -> Response:
    if not is_site_key(site):
        raise NotFound("site")
    return _leading(_page(site), 308)


def _leading(path: str, status: int) -> Response:
    return Response(status=status, headers={"Location": path})


@blueprint.get(f"{PATH}/<site>/")
def page(site: str) -> Response:
    """The page for who is there; for everybody else how to come."""
    visit = visit_at(site)
    if visit is None:
        with parts().database.read() as conn:
            return _door(site_named(conn, site), None)
    words = _words(visit.site)
    nonce = secrets.token_urlsafe(18)
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'nonce-{nonce}'; "
        f"connect-src 'self'; img-src 'self' https: data:; base-uri 'none'; form-action 'none'; "
        f"frame-ancestors 'none'; {NO_SCRIPTS}"
    )
    body = pages.template("me.html").render(
        site=visit.site,
        words=words,
        nonce=nonce,
        script=built("me.js"),
        style=built("me.css"),
        texts=built(f"me-{words.language}.js"),
    )
    headers = {"Content-Security-Policy": policy, "Content-Language": words.language}
    return Response(body, content_type=pages.HTML, headers=headers)


def _words(site: Site) -> Words:
    wished = [request.args.get("lang", "")[:20], request.form.get("lang", "")[:20]]
    wished += [name for name, _ in request.accept_languages][:20]
    return Words(pick_language([*wished, site.settings.locale], house_texts()), house_texts())


def _door(site: Site, error: CommentsError | None) -> Response:
    """How one comes to one's own page: by the publisher's log-in, and from its comments. `error`: why not now."""
    back = quote(site.origins[0] if site.origins else "", safe="")
    login = site.settings.login_url
    body = pages.template("me_door.html").render(
        site=site,
        words=_words(site),
        style=pages.style(),
        why=None if error is None else message_of(error) or error.detail,
        login=login and login.replace("{url}", back),
        home=site.origins[0] if site.origins else None,
    )
    headers = {"Content-Security-Policy": pages.POLICY, "Cache-Control": "no-store"}
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.extras["retry_after"])
    return Response(body, 200 if error is None else error.status, content_type=pages.HTML, headers=headers)


@blueprint.errorhandler(CommentsError)
def say(error: CommentsError) -> Response:
    """What is wrong with coming, on the page that says how; without a site there is nothing to come to."""
    site: Site | None = g.get("own_page")
    if site is None or isinstance(error, NotFound):
        return pages.say(error)
    return _door(site, error)


blueprint.register_error_handler(Exception, pages.fail)
