"""What a publisher may configure for a site: fields, defaults and limits. Stored as JSON, edited in the console or
the CLI.
"""

import re
from datetime import date
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from comments.core.errors import Malformed
from comments.core.mail import MailKind, mailable

Readers = Literal["everyone", "registered", "subscribers"]
Writers = Literal["registered", "subscribers"]
WriteState = Literal["active", "trial", "grace"]
ArticleMode = Literal["open", "premoderated", "closed", "readonly", "off"]

APPEALABLE = 190  # days: one may appeal for half a year, and somebody has to read the text then
Days = Annotated[int, msgspec.Meta(ge=1, le=36_500)]
Erasure = Literal["text", "identity", "choice"]
ErasureMode = Literal["text", "identity"]

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
EEA = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split()  # noqa: SIM905
)


Country = Annotated[str, msgspec.Meta(pattern=r"\A[A-Z]{2}\Z")]
Day = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\Z")]


class LawSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What of the law's procedures a site takes part in; docs/law.md says who has to."""

    notices: bool = True  # the form for illegal content, and its queue
    statements: bool = True  # a statement of reasons from every restriction
    redress: bool = True  # complaints of members and of those who notified; appeals against decisions on comments stay
    uk: bool = False  # the clock of section 5 of the Defamation Act 2013 for notices of defamation
    uk_contact: Annotated[str, msgspec.Meta(max_length=254)] | None = None  # where authors answer such notices
    uk_holidays: Annotated[tuple[Day, ...], msgspec.Meta(max_length=100)] = ()  # proclaimed since this version
    territory: Annotated[tuple[Country, ...], msgspec.Meta(max_length=30)] = ()  # of a restriction; none: all EEA
    terms_url: Url | None = None  # the rules that comments are held to


class SiteSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The settings of one site. Durations are seconds unless the name says otherwise; lengths are grapheme clusters."""

    read: Readers = "everyone"
    write: Writers = "subscribers"
    write_states: tuple[WriteState, ...] = ("active", "trial", "grace")
    single_use_tokens: bool = False  # whether each of the publisher's tokens is taken once, by its “jti”
    locale: Annotated[str, msgspec.Meta(pattern=r"\A[a-z]{2,3}(-[A-Z]{2})?\Z")] = "en"
    login_url: Url | None = None
    subscribe_url: Url | None = None
    gate_words: dict[str, str] = {}
    presence: bool = True  # whether readers are told, roughly, how many have the page open
    taste: Annotated[int, msgspec.Meta(ge=0, le=10)] = 3  # roots that those who may not read are shown
    feeds: bool = True  # whether there are Atom feeds, where everybody may read
    ask_author: bool = False  # whether readers may put questions to an article's author
    author_badge: Annotated[str, msgspec.Meta(min_length=1, max_length=30)] = "author"  # in tokens of those who answer

    max_depth: Annotated[int, msgspec.Meta(ge=1, le=10)] = 4  # depth 0 is what makes a root
    min_length: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 2
    max_length: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 5000
    edit_window: Annotated[int, msgspec.Meta(ge=0, le=86_400 * 30)] = 300
    reactions: tuple[Annotated[str, msgspec.Meta(pattern=r"\A[a-z_]{1,20}\Z")], ...] = ("recommend",)
    report_reasons: Words = ("abuse", "spam", "off_topic", "false", "other")
    reject_reasons: Words = ("abuse", "hate", "spam", "off_topic", "personal_data", "copyright", "other")
    receipts: Templates = {}  # the site's own words to authors, in place of locales/; see core/receipt.py
    reserved_names: Words = ("admin", "administrator", "moderator", "editor", "staff")
    keep_rejected: Days = 400  # days that texts of rejected comments stay; the author may appeal for half a year
    keep_withdrawn: Days = 30  # … of withdrawn ones, since they were written
    keep_edits: Days = 400  # … earlier texts
    keep_findings: Days = 400  # … what rules found, once something else took its place
    keep_reports: Days = 400  # … what readers wrote in reports that are settled
    keep_warnings: Days = 800  # … what moderators wrote in warnings that were read
    keep_notices: Days = 400  # … what legal notices, complaints and their answers say, once they are decided
    keep_mails: Days = 30  # … the log of mail; the words and addresses of letters go when they are sent
    keep_log: Days | None = None  # … details of the log: what was before and after, and why; null: for good
    erasure: Erasure = "choice"  # what goes when a member is erased: their texts, or only that they are theirs
    law: LawSettings = LawSettings()

    mail: bool = False  # whether members are told by e-mail what they chose; needs the operator's COMMENTS_SMTP_URL
    mail_name: Annotated[str, msgspec.Meta(min_length=1, max_length=60)] | None = None  # the sender's; None: the site's
    mail_reply_to: str | None = None
    mail_kinds: tuple[MailKind, ...] = tuple(MailKind)  # what members may choose
    mail_decisions: bool = False  # whether those who chose nothing are mailed of decisions about their own comments
    mail_hour: Annotated[int, msgspec.Meta(ge=0, le=23)] = 7  # of the day's digest, by the rules' time zone
    mail_per_hour: Annotated[int, msgspec.Meta(ge=1, le=60)] = 5  # to one member; the rest is the digest's


def read_stored(stored: str) -> SiteSettings:
    """Settings as a database has them. What this version does not know it leaves aside: a version before it wrote them,
    or, while an upgrade goes on, one after it.
    """
    fields = msgspec.json.decode(stored, type=dict[str, msgspec.Raw])
    known = {name: value for name, value in fields.items() if name in SiteSettings.__struct_fields__}
    if "law" in known:
        law = msgspec.json.decode(known["law"], type=dict[str, msgspec.Raw])
        law = {name: value for name, value in law.items() if name in LawSettings.__struct_fields__}
        known["law"] = msgspec.Raw(msgspec.json.encode(law))
    return read_settings(msgspec.json.encode(known))


def to_store(settings: SiteSettings) -> str:
    """What was chosen, without what is as it is by default: the version before knows no more than that."""
    chosen, usual = msgspec.to_builtins(settings), msgspec.to_builtins(SiteSettings())
    return msgspec.json.encode({name: value for name, value in chosen.items() if value != usual[name]}).decode()


def read_settings(stored: bytes | str) -> SiteSettings:
    """Decode settings from JSON; raises Malformed that names the field."""
    try:
        settings = msgspec.json.decode(stored, type=SiteSettings)
    except msgspec.DecodeError as error:
        raise Malformed(f"Site settings: {error}") from error
    if settings.min_length > settings.max_length:
        raise Malformed("Site settings: min_length must not be above max_length.", field="min_length")
    if settings.mail_reply_to is not None and mailable(settings.mail_reply_to) is None:
        raise Malformed(
            f"Site settings: mail_reply_to must be an e-mail address, not {settings.mail_reply_to!r}.",
            field="mail_reply_to",
        )
    for field in ("keep_rejected", "keep_notices"):
        if getattr(settings, field) < APPEALABLE:
            raise Malformed(f"Site settings: {field} is {APPEALABLE} days at least.", field=field)
    urls = {"login_url": settings.login_url, "subscribe_url": settings.subscribe_url}
    for field, url in (urls | {"law.terms_url": settings.law.terms_url}).items():
        if url is not None and not is_http_url(url):
            raise Malformed(f"Site settings: {field} must be an absolute http(s) URL, not {url!r}.", field=field)
    _check_law(settings.law)
    return settings


def _check_law(law: LawSettings) -> None:
    """Raise Malformed for a country outside of the EEA, or a day that no calendar has."""
    unknown = sorted(set(law.territory) - EEA)
    if unknown:
        raise Malformed(f"Site settings: {unknown[0]} is no country of the EEA.", field="law.territory")
    for day in law.uk_holidays:
        try:
            date.fromisoformat(day)
        except ValueError as error:
            raise Malformed(f"Site settings: there is no {day}.", field="law.uk_holidays") from error


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
