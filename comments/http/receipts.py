"""Comments as their authors get them, with receipts, in a language that they read."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from flask import request

from comments.actions.open_appeals import somebody_else
from comments.core.errors import Refused
from comments.core.identity import Viewer
from comments.core.policy import Subject
from comments.core.present import Json, present_private
from comments.core.receipt import Standing, Texts, Wording, present_plea, receipt, told, told_findings
from comments.core.site import SiteSettings
from comments.core.times import time_text
from comments.storage.appeals import plea_of, standings_of
from comments.storage.sites import Site

LOCALES = Path(__file__).parent.parent / "locales"


@cache
def house_texts() -> dict[str, Texts]:
    """The locale files, by language: what receipts say where a site has no words of its own."""
    return {path.stem: msgspec.json.decode(path.read_bytes()) for path in sorted(LOCALES.glob("*.json"))}


def wording(settings: SiteSettings) -> Wording:
    """In the language of the request (`lang`, else Accept-Language), then the site's, then English."""
    wished = [request.args.get("lang", "")[:20], *(name for name, _ in request.accept_languages)]
    return wording_in(settings, *wished)


def wording_in(settings: SiteSettings, *wished: str) -> Wording:
    languages: list[str] = []
    for one in (*wished[:20], settings.locale, "en"):
        first = one.replace("_", "-").partition("-")[0].lower()
        languages += [name for name in (one, first) if name and name not in languages]
    return Wording(languages, settings.receipts, house_texts())


def present_own(conn: Any, rows: Sequence[Any], settings: SiteSettings, now: int) -> list[Json]:
    """Comments for whoever wrote them."""
    standings = standings_of(conn, rows)
    words = wording(settings)
    return [for_author(row, standings[row.id], words, now) for row in rows]


def for_author(row: Any, standing: Standing, words: Wording, now: int) -> Json:
    """A comment for its author: what stands against it and what they are told, and nothing that moderators know."""
    return present_private(row, told_findings(standing)) | {"receipt": receipt(standing, words, now)}


@contextmanager
def telling_words(text: str) -> Iterator[None]:
    """A refusal names the words as they stand in the text, not the entries of the site's lists."""
    try:
        yield
    except Refused as error:
        error.extras["finding"] = told(error.extras["finding"], text)
        raise


def present_outcome(appeal: Any) -> Json:
    """For the author of a comment that is public again."""
    plea = present_plea(plea_of(appeal))
    return {"comment_id": str(appeal.comment_id)} | {name: plea[name] for name in ("state", "note", "decided_at")}


def present_receipts(standings: Mapping[int, Standing], site: Site, now: int) -> dict[int, Json | None]:
    """What the authors of these comments are told, for moderators: in the site's own language."""
    words = wording_in(site.settings)
    return {key: receipt(standing, words, now) for key, standing in standings.items()}


def present_appeals(
    conn: Any, appeals: Mapping[int, Any], articles: Mapping[int, Any], viewer: Viewer, site: Site, now: int
) -> dict[int, Json]:
    """Appeals for a moderator; they and the articles: by comment id."""
    shown = {}
    for key, appeal in appeals.items():
        by_me = appeal.against_id is not None and appeal.against_id == viewer.id
        subject = Subject(site.id, site.settings, appeal.member_id, articles[key].section)
        held_back = by_me and appeal.decided_at is None and somebody_else(conn, viewer, subject, now)
        shown[key] = _appeal(appeal, by_me, decidable=appeal.decided_at is None and not held_back)
    return shown


def _appeal(appeal: Any, by_me: bool, decidable: bool) -> Json:
    by = "machine" if appeal.decision_id is None else "moderator"
    against = {"by": by, "by_me": by_me, "name": appeal.against, "reason": appeal.against_reason}
    about = {
        "id": str(appeal.id),
        "created_at": time_text(appeal.created_at),
        "against": against,
        "decidable": decidable,
    }
    return about | present_plea(plea_of(appeal))
