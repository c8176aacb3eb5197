"""Which language a request is answered in, and a problem in people's words: `message`, for whoever reads rather than
programs. The words are those of locales/; receipts take theirs from here, too.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import g, has_request_context, request

from comments.core.errors import CommentsError
from comments.core.receipt import Wording, filled
from comments.core.site import SiteSettings
from comments.spoken import house_texts

NONE: Mapping[str, Any] = {}


def wording(settings: SiteSettings) -> Wording:
    """In the language of the request, then the site's, then English."""
    return wording_in(settings, *_wished())


def wording_in(settings: SiteSettings, *wished: str) -> Wording:
    return Wording(_languages(*wished[:20], settings.locale), settings.receipts, house_texts())


def _wished() -> list[str]:
    """What the request names: `lang`, else Accept-Language."""
    return [request.args.get("lang", "")[:20], *(name for name, _ in request.accept_languages)]


def _languages(*wished: str) -> Sequence[str]:
    languages: dict[str, None] = {}
    for one in (*wished, "en"):
        languages[one] = languages[one.replace("_", "-").partition("-")[0].lower()] = None
    return [name for name in languages if name]


def speak_of(site_locale: str) -> None:
    """This request is about a site with this language: where the reader's is none of ours, it is answered in that."""
    if has_request_context():
        g.locale = site_locale


def message_of(error: CommentsError) -> str | None:
    """What was wrong, in the reader's language: what the rule found, else what the code means; None where only
    programs ask.
    """
    locale = error.extras.get("site", NONE).get("locale") or g.get("locale", "")
    words = Wording(_languages(*_wished()[:20], locale), {}, house_texts())
    finding = error.extras.get("finding")
    found = finding and _said(words, f"finding.{finding['reason']}", finding["params"])
    code = "token" if error.code.startswith("token_") else error.code
    return found or _said(words, f"error.{code}", error.extras)


def _said(words: Wording, key: str, params: Mapping[str, Any]) -> str | None:
    """The text of a key in the first language that has it, with its places filled."""
    for language in words.languages:
        template = words.house.get(language, {}).get(key)
        if template is not None:
            reason = params.get("reason")
            named = {"reason": words.reason_name(reason)} if isinstance(reason, str) else {}
            return filled(template, {name: _told(value) for name, value in {**params, **named}.items()})
    return None


def _told(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
