"""The console's API for receipts: what a site tells authors, by reason and language."""

from flask import Response

from comments.actions import texts as actions
from comments.core.policy import Action
from comments.core.present import Json
from comments.http import schemas
from comments.http.moderation import moderated_site
from comments.http.openapi import operation
from comments.http.request import answer, parts, read_body
from comments.http.sessions import console_blueprint
from comments.spoken import house_texts
from comments.storage.sites import Site

blueprint = console_blueprint("texts")
PREFIX = "receipt."


@blueprint.get("/sites/<site>/texts")
@operation("What authors are told, by reason and language", security="console", answers={200: schemas.ReceiptTexts})
def texts(site: str) -> Response:
    with parts().database.read() as conn:
        found, _ = moderated_site(conn, site, Action.SEE_QUEUES)
    return answer(_texts(found))


@blueprint.put("/sites/<site>/texts")
@operation(
    "Say something in the site's own words, or in the house's again",
    security="console",
    body=schemas.NewText,
    answers={200: schemas.ReceiptTexts},
)
def change_text(site: str) -> Response:
    with parts().database.read() as conn:
        found, viewer = moderated_site(conn, site, Action.MANAGE_SITE)
    body = read_body(schemas.NewText)
    places = actions.places_of(found, _house())
    with parts().database.transaction() as tx:
        found = actions.change_text(tx, viewer, found, body.reason, body.language, body.text, places)
    return answer(_texts(found))


def _house() -> dict[str, dict[str, str]]:
    """The house's own texts: reason → language → text."""
    found: dict[str, dict[str, str]] = {}
    for language, all_texts in house_texts().items():
        for name, text in all_texts.items():
            if name.startswith(PREFIX):
                found.setdefault(name.removeprefix(PREFIX), {})[language] = text
    return found


def _texts(site: Site) -> Json:
    return {
        "languages": sorted({site.settings.locale.partition("-")[0], *house_texts()}),
        "places": actions.places_of(site, _house()),
        "house": _house(),
        "own": site.settings.receipts,
    }
