"""Pages that links in mails lead to: an address confirmed, mail given up, letters stopped. A link opens a page and does
nothing else; only its button, or a mail program's one click (RFC 8058), acts. Nobody needs a cookie for it: the link
says what it is for, signed by us.
"""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, g, request
from werkzeug.exceptions import HTTPException

from comments.actions import mail as actions
from comments.core.errors import CommentsError
from comments.core.mail import DIGEST, MailKind, read_link, stop_digest
from comments.core.words import Words, pick_language
from comments.http.headers import NO_SCRIPTS
from comments.http.members import claim_by_address
from comments.http.pages import HTML, say, style, template
from comments.http.request import about, limit, parts, unforeseen
from comments.spoken import house_texts
from comments.storage.mail import find_mailbox
from comments.storage.members import member_and_site, member_by_id
from comments.storage.sites import Site, site_by_id

blueprint = Blueprint("mail", __name__, url_prefix="/mail")

A_MINUTE = 60  # pages for one address
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; "
    f"form-action 'self'; frame-ancestors 'none'; {NO_SCRIPTS}",
}
Button = tuple[str, str]  # what it says, and the value of “kind” that it sends


@blueprint.get("/confirm")
def confirm() -> Response:
    site, words, _, address = _asked_to_confirm() or (None, None, 0, "")
    if site is None or words is None:
        return _broken()
    said = ("mail.page.confirm_text", "mail.page.confirm_old")
    text = " ".join(words.t(one, site=site.name, address=address) for one in said)
    return _page(site, words, "confirm", text, [(words.t("mail.confirm.button"), "")])


@blueprint.post("/confirm")
def do_confirm() -> Response:
    found = _asked_to_confirm()
    if found is None:
        return _broken()
    site, words, member_id, address = found
    with parts().database.transaction() as tx:
        done = actions.confirm_address(tx, member_id, address)
        if done:
            claim_by_address(tx, site, member_by_id(tx.conn, member_id), address)
    return _done(site, words, "confirmed") if done else _broken()


def _asked_to_confirm() -> tuple[Site, Words, int, str] | None:
    """The site, its words, the member and the address that a link names by its digest; None: not or no longer."""
    values = _values("confirm", int, str)
    if values is None:
        return None
    member_id, digest = values
    with parts().database.read() as conn:
        found = member_and_site(conn, member_id)
        mailbox = None if found is None else find_mailbox(conn, member_id)
    if found is None or mailbox is None:
        return None
    site = found[1]
    for address in (mailbox.pending, mailbox.address):
        if address is not None and stop_digest(parts().settings.secret_key, site.id, address) == digest:
            return site, _words(mailbox.language, site), member_id, address
    return None


@blueprint.get("/unsubscribe")
def unsubscribe() -> Response:
    found = _asked_to_unsubscribe()
    if found is None:
        return _broken()
    site, words, _, kind = found
    buttons = [(words.t("mail.page.unsubscribe_all", site=site.name), "")]
    if kind is not None:
        buttons.append((words.t("mail.page.only", kind=words.t(f"mail.kind.{kind}")), str(kind)))
    return _page(site, words, "unsubscribe", None, buttons)


@blueprint.post("/unsubscribe")
def do_unsubscribe() -> Response:
    """From the page, or from a mail program by itself: then all of it ends."""
    found = _asked_to_unsubscribe()
    if found is None:
        return _broken()
    site, words, member_id, kind = found
    only = [kind] if kind is not None and request.form.get("kind") == kind else list(MailKind)
    with parts().database.transaction() as tx:
        actions.unsubscribe(tx, member_id, only)
    return _done(site, words, "unsubscribed")


def _asked_to_unsubscribe() -> tuple[Site, Words, int, MailKind | None] | None:
    values = _values("unsubscribe", int, str)
    if values is None:
        return None
    member_id, kind = values
    with parts().database.read() as conn:
        found = member_and_site(conn, member_id)
        mailbox = None if found is None else find_mailbox(conn, member_id)
    if found is None:
        return None
    chosen = None if kind == DIGEST or kind not in set(MailKind) else MailKind(kind)
    return found[1], _words(mailbox and mailbox.language, found[1]), member_id, chosen


@blueprint.get("/stop")
def stop() -> Response:
    found = _asked_to_stop()
    if found is None:
        return _broken()
    site, words, _ = found
    return _page(site, words, "stop", None, [(words.t("mail.stop", site=site.name), "")])


@blueprint.post("/stop")
def do_stop() -> Response:
    found = _asked_to_stop()
    if found is None:
        return _broken()
    site, words, digest = found
    with parts().database.transaction() as tx:
        actions.stop_letters(tx, site, digest)
    return _done(site, words, "stopped")


def _asked_to_stop() -> tuple[Site, Words, str] | None:
    values = _values("stop", int, str)
    if values is None:
        return None
    with parts().database.read() as conn:
        site = site_by_id(conn, values[0])
    return site, _words(None, site), values[1]


def _values(purpose: str, *kinds: type) -> Any:
    """What this request's link carries; None if it is none of ours for this."""
    limit("mail_page", g.network, A_MINUTE)
    values = read_link(parts().settings.secret_key, purpose, request.values.get("t", ""))
    if values is None or len(values) != len(kinds):
        return None
    return values if all(isinstance(one, kind) for one, kind in zip(values, kinds, strict=True)) else None


def _words(wished: str | None, site: Site) -> Words:
    about(site)
    house = house_texts()
    return Words(pick_language([*([wished] if wished else []), site.settings.locale], house), house)


def _page(site: Site | None, words: Words, what: str, text: str | None, buttons: Sequence[Button] = ()) -> Response:
    body = template("mail.html").render(
        site=site, words=words, title=words.t(f"mail.page.{what}"), text=text, buttons=buttons,
        token=request.values.get("t", ""), here=request.path, style=style(),
    )  # fmt: skip
    headers = HEADERS | {"Content-Language": words.language}
    return Response(body, 404 if what == "bad" else 200, content_type=HTML, headers=headers)


def _done(site: Site, words: Words, what: str) -> Response:
    """What has happened, in title and heading."""
    return _page(site, words, what, words.t("mail.page.close"))


def _broken() -> Response:
    wished = [name for name, _ in request.accept_languages]
    return _page(None, Words(pick_language(wished, house_texts()), house_texts()), "bad", None)


@blueprint.errorhandler(CommentsError)
def refuse(error: CommentsError) -> Response:
    return say(error)


@blueprint.errorhandler(Exception)
def fail(error: Exception) -> Any:
    return error if isinstance(error, HTTPException) else say(unforeseen(error))
