"""The notice form of Article 16 of the Digital Services Act: a plain page outside every paywall, without JavaScript,
cookies or an account; the page behind the secret link, which shows what became of a notice; and both as JSON.

What slows programs down costs people nothing: a form is good some seconds after it was given out, and a network sends a
few a minute.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, g, redirect, request

from comments.actions import notices as actions
from comments.actions.notices import Given
from comments.core.errors import CommentsError, Malformed, NotFound, TooLarge, TooMany, Unavailable
from comments.core.law import notice as law
from comments.core.law.categories import ABOUT, DEFAMATION
from comments.core.receipt import APPEALS_FOR
from comments.core.words import Words, pick_language
from comments.http.headers import NO_SCRIPTS
from comments.http.openapi import operation
from comments.http.pages import HTML, style, template
from comments.http.request import LARGEST_REQUEST, answer, limit, parts, read_body, site_named, unforeseen
from comments.http.schemas_law import NewLegalNotice, NoticeGiven
from comments.spoken import house_texts
from comments.storage import notices as stored
from comments.storage.sites import Site

blueprint = Blueprint("notices", __name__)
A_MINUTE = 6  # notices and complaints of one network
SECOND = 1_000_000  # µs
QUICKEST, LONGEST = 3 * SECOND, 24 * 3600 * SECOND  # µs between a form and what comes back of it
MOST_TEXT = 20_000  # characters of one field
POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    f"{NO_SCRIPTS}"
)
HEADERS = {"Cache-Control": "no-store", "Content-Security-Policy": POLICY}
FIELDS = ("urls", "about", "text", "name", "email", "meaning", "wrong", "flagger_key")


@dataclass(slots=True)
class Form:
    """What stands in the form. `wrong`: the field that is; `refused`: the key of a sentence about all of it, which may
    be sent again as it is, after `retry_after` seconds.
    """

    values: dict[str, str] = field(default_factory=dict)
    ticked: frozenset[str] = frozenset()
    wrong: str | None = None
    refused: str | None = None
    retry_after: int = 0
    status: int = 200


@blueprint.get("/notice/<site>")
def form(site: str) -> Response:
    with parts().database.read() as conn:
        found = _open_site(conn, site)
    urls = "\n".join(one[:2000] for one in request.args.getlist("url")[: law.MOST_URLS])
    about = request.args.get("about", "")
    return _form(found, Form({"urls": urls, "about": about if about in ABOUT else ""}))


@blueprint.post("/notice/<site>")
def send(site: str) -> Response:
    with parts().database.read() as conn:
        found = _open_site(conn, site)
    sent = request.form
    values = {name: sent.get(name, "")[:MOST_TEXT] for name in FIELDS}
    ticked = frozenset(name for name in ("good_faith", "author_unknown", "may_be_named") if sent.get(name))
    filled = Form(values, ticked)
    filled.refused = _haste(found.key, sent.get("ticket", ""))
    if filled.refused is not None:
        filled.status = 400
        return _form(found, filled)
    five = law.Complaint5(values["meaning"], values["wrong"], "author_unknown" in ticked, "may_be_named" in ticked)
    new = law.NewNotice(
        about=values["about"], text=values["text"], urls=tuple(values["urls"].splitlines()), name=values["name"],
        email=values["email"], good_faith="good_faith" in ticked, defamation=five,
    )  # fmt: skip
    language = _words(found).language
    try:
        limit("notice", g.network, A_MINUTE)
        reference = _give(found, new, language, values["flagger_key"].strip())
    except Malformed as error:
        filled.wrong, filled.status = str(error.extras.get("field", "text")), 400
        return _form(found, filled)
    except (TooMany, Unavailable) as error:
        return _form(found, _refused(filled, error))
    return redirect(f"{path_of(found, reference)}?lang={language}", 303)  # type: ignore[return-value]


def _refused(filled: Form, error: TooMany | Unavailable) -> Form:
    filled.refused, filled.status, filled.retry_after = f"error.{error.code}", error.status, error.extras["retry_after"]
    return filled


def _give(site: Site, new: law.NewNotice, language: str, flagger_key: str) -> str:
    given = Given(parts().settings.public_url, language, flagger_key, parts().settings.secret_key)
    with parts().database.transaction() as tx:
        return actions.give_notice(tx, site, new, given)


def path_of(site: Site, reference: str) -> str:
    """Where whoever gave a notice sees what became of it. Nobody else is told."""
    return law.path_of(parts().settings.secret_key, site.key, reference)


@blueprint.get("/notice/<site>/<reference>/<secret>")
def state(site: str, reference: str, secret: str) -> Response:
    return _state(site, reference, secret)


@blueprint.post("/notice/<site>/<reference>/<secret>")
def complain(site: str, reference: str, secret: str) -> Response:
    with parts().database.read() as conn:
        found, notice = _known(conn, site, reference, secret)
    text = request.form.get("text", "")[:MOST_TEXT]
    try:
        limit("notice", g.network, A_MINUTE)
        with parts().database.transaction() as tx:
            actions.complain(tx, found, notice.reference, text)
    except Malformed:
        return _state(site, reference, secret, Form({"text": text}, wrong="complaint", status=400))
    except (TooMany, Unavailable) as error:
        return _state(site, reference, secret, _refused(Form({"text": text}), error))
    return redirect(f"{path_of(found, reference)}?lang={_words(found).language}", 303)  # type: ignore[return-value]


def _known(conn: Any, key: str, reference: str, secret: str) -> tuple[Site, Any]:
    """The site and its notice, for who has the link. Raises NotFound."""
    site = site_named(conn, key)
    if not law.REFERENCE.fullmatch(reference) or not law.is_secret(parts().settings.secret_key, reference, secret):
        raise NotFound("notice")
    notice = stored.notice_by_reference(conn, reference)
    if notice is None or notice.site_id != site.id or stored.is_forgotten(notice):
        raise NotFound("notice")
    return site, notice


def _state(key: str, reference: str, secret: str, form: Form | None = None) -> Response:
    filled = form or Form()
    with parts().database.read() as conn:
        site, notice = _known(conn, key, reference, secret)
        complaint = stored.complaint_about(conn, notice.id)
    now = parts().database.clock()
    redress = site.settings.law.redress
    return _page(
        "notice_state.html", site, filled, notice=notice, urls=stored.urls_of(notice), complaint=complaint,
        possible=redress and law.may_complain(notice, complaint, now), redress=redress,
        until=None if notice.decided_at is None else notice.decided_at + APPEALS_FOR,
    )  # fmt: skip


def _form(site: Site, filled: Form) -> Response:
    return _page(
        "notice.html", site, filled, about=list(ABOUT), defamation=DEFAMATION, carried=_carried(),
        ticket=_ticket(site.key, parts().database.clock()), languages=_languages(), least=law.MIN_REASONS,
    )  # fmt: skip


def _carried() -> str:
    """What the form's address was given, for the same form in another language."""
    given = [(name, one[:2000]) for name in ("url", "about") for one in request.args.getlist(name)[: law.MOST_URLS]]
    return f"&{urlencode(given)}" if given else ""


def _languages() -> list[tuple[str, str, str]]:
    """Each with its name in itself and its direction."""
    texts = house_texts()
    return [(name, Words(name, texts).t("language.itself"), Words(name, texts).direction) for name in texts]


def _page(name: str, site: Site, form: Form, **shown: Any) -> Response:
    words = _words(site)
    body = template(name).render(words=words, site=site, style=style(), path=request.path, form=form, **shown)
    headers = HEADERS | {"Content-Language": words.language}
    if form.retry_after:
        headers["Retry-After"] = str(form.retry_after)
    return Response(body, form.status, content_type=HTML, headers=headers)


def _words(site: Site) -> Words:
    asked = request.form.get("lang") or request.args.get("lang", "")
    wished = [asked[:20], *(name for name, _ in request.accept_languages), site.settings.locale]
    return Words(pick_language(wished, house_texts()), house_texts())


def _open_site(conn: Any, key: str) -> Site:
    site = site_named(conn, key)
    if not site.settings.law.notices:
        raise NotFound("form for notices")
    return site


def _ticket(site: str, at: int) -> str:
    """When a form was given out, so that nobody else can say so."""
    said = f"{site} {at}"
    seal = hmac.new(parts().settings.secret_key, f"notice form {said}".encode(), hashlib.sha256)
    return f"{at}.{seal.hexdigest()[:32]}"


def _haste(site: str, ticket: str) -> str | None:
    """What is wrong with the time that a form took, if anything: the key of a sentence."""
    at, _, _ = ticket.partition(".")
    if not at.isdecimal() or len(at) > 18 or not hmac.compare_digest(_ticket(site, int(at)).encode(), ticket.encode()):
        return "notice.wrong.again"
    took = parts().database.clock() - int(at)
    if took < QUICKEST:
        return "notice.wrong.too_fast"
    return "notice.wrong.again" if took > LONGEST else None


@blueprint.errorhandler(CommentsError)
def say(error: CommentsError) -> Response | tuple[Response, int]:
    """In words, for people; the JSON API answers as elsewhere."""
    from comments.http import pages  # noqa: PLC0415 - its page of a problem, with the policy of this one
    from comments.http.request import problem  # noqa: PLC0415

    if request.path.startswith("/api/"):
        return problem(error)
    response = pages.say(error)
    response.headers["Content-Security-Policy"] = POLICY
    return response


@blueprint.errorhandler(Exception)
def fail(error: Exception) -> Any:
    from werkzeug.exceptions import HTTPException, RequestEntityTooLarge  # noqa: PLC0415

    if isinstance(error, RequestEntityTooLarge):
        return say(TooLarge(f"A request has at most {LARGEST_REQUEST} bytes.", LARGEST_REQUEST))
    return error if isinstance(error, HTTPException) else say(unforeseen(error))


@blueprint.post("/api/v1/sites/<site>/notices")
@operation(
    "Give notice of illegal content (Article 16 of the Digital Services Act)",
    security="none",
    body=NewLegalNotice,
    answers={201: NoticeGiven},
)
def give(site: str) -> Response:
    body = read_body(NewLegalNotice)
    with parts().database.read() as conn:
        found = _open_site(conn, site)
    limit("notice", g.network, A_MINUTE)
    five = body.defamation
    new = law.NewNotice(
        about=body.about, text=body.text, urls=tuple(body.urls), name=body.name, email=body.email,
        good_faith=body.good_faith,
        defamation=law.Complaint5()
        if five is None
        else law.Complaint5(five.meaning, five.wrong, five.author_unknown, five.may_be_named),
    )  # fmt: skip
    language = pick_language([body.language or "", found.settings.locale], house_texts())
    reference = _give(found, new, language, body.flagger_key)
    with parts().database.read() as conn:
        notice = stored.notice_by_reference(conn, reference)
        named = stored.comments_of(conn, [notice.id]).get(notice.id, [])
    url = parts().settings.public_url + path_of(found, reference)
    return answer({"reference": reference, "status_url": url, "comments": [str(one) for one in named]}, 201)
