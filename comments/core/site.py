"""What a publisher may configure for a site: fields, defaults and limits. Stored as JSON, edited in the console or
the CLI.
"""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from comments.core.errors import Malformed

Readers = Literal["everyone", "registered", "subscribers"]
Writers = Literal["registered", "subscribers"]
WriteState = Literal["active", "trial", "grace"]
ArticleMode = Literal["open", "premoderated", "closed", "readonly", "off"]

ARTICLE_MODES: tuple[ArticleMode, ...] = ("open", "premoderated", "closed", "readonly", "off")

Words = tuple[Annotated[str, msgspec.Meta(min_length=1, max_length=100)], ...]
Templates = Annotated[  # reason → language → text
    dict[
        Annotated[str, msgspec.Meta(min_length=1, max_length=120)],
        dict[
            Annotated[str, msgspec.Meta(pattern=r"\A[a-z]{2,3}(-[A-Z]{2})?\Z")],
            Annotated[str, msgspec.Meta(min_length=1, max_length=1000)],
        ],
    ],
    msgspec.Meta(max_length=200),
]
Url = Annotated[str, msgspec.Meta(max_length=2000)]


class SiteSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The settings of one site. Durations are seconds unless the name says otherwise; lengths are grapheme clusters."""

    read: Readers = "everyone"
    write: Writers = "subscribers"
    write_states: tuple[WriteState, ...] = ("active", "trial", "grace")
    locale: Annotated[str, msgspec.Meta(pattern=r"\A[a-z]{2,3}(-[A-Z]{2})?\Z")] = "en"
    login_url: Url | None = None
    subscribe_url: Url | None = None
    gate_words: dict[str, str] = {}
    presence: bool = True  # whether readers are told, roughly, how many have the page open

    max_depth: Annotated[int, msgspec.Meta(ge=1, le=10)] = 4  # depth 0 is what makes a root
    min_length: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 2
    max_length: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 5000
    edit_window: Annotated[int, msgspec.Meta(ge=0, le=86_400 * 30)] = 300
    reactions: tuple[Annotated[str, msgspec.Meta(pattern=r"\A[a-z_]{1,20}\Z")], ...] = ("recommend",)
    report_reasons: Words = ("abuse", "spam", "off_topic", "false", "other")
    reject_reasons: Words = ("abuse", "hate", "spam", "off_topic", "personal_data", "copyright", "other")
    receipts: Templates = {}  # the site's own words to authors, in place of locales/; see core/receipt.py
    reserved_names: Words = ("admin", "administrator", "moderator", "editor", "staff")


WERE_SETTINGS = frozenset(  # rules by now; the version before goes on reading them where they are
    {
        "pace_seconds",
        "repeat_hours",
        "banned_words",
        "max_links",
        "newcomer_comments",
        "trusted_comments",
        "premoderate",
    }
)


def without_rules(stored: str) -> bytes:
    """Stored settings without what is in the rule set by now."""
    fields = msgspec.json.decode(stored, type=dict[str, msgspec.Raw])
    return msgspec.json.encode({name: value for name, value in fields.items() if name not in WERE_SETTINGS})


def read_settings(stored: bytes | str) -> SiteSettings:
    """Decode settings from JSON; raises Malformed that names the field."""
    try:
        settings = msgspec.json.decode(stored, type=SiteSettings)
    except msgspec.DecodeError as error:
        raise Malformed(f"Site settings: {error}") from error
    if settings.min_length > settings.max_length:
        raise Malformed("Site settings: min_length must not be above max_length.", field="min_length")
    for field in ("login_url", "subscribe_url"):
        url = getattr(settings, field)
        if url is not None and not is_http_url(url):
            raise Malformed(f"Site settings: {field} must be an absolute http(s) URL, not {url!r}.", field=field)
    return settings


def is_site_key(text: str) -> bool:
    """Whether this may be a site's key: 1 to 63 lower-case letters, digits and hyphens."""
    return re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", text) is not None


def is_http_url(url: str) -> bool:
    """An absolute http or https URL with a host, without userinfo and white space."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and parts.username is None
        and parts.password is None
        and url.isprintable()
        and " " not in url
        and "\\" not in url
    )


def origin_of(url: str) -> str | None:
    """scheme://host[:port] in its canonical form (lower case, default port left out), or None if it is no http(s)
    URL.
    """
    if not is_http_url(url):
        return None
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" if parts.port in (None, default) else f"{parts.scheme}://{host}:{parts.port}"
