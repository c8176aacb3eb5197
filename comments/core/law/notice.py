"""Notices of illegal content (DSA, Article 16): what one has to hold, what it is called, which comments its addresses
mean.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

from comments.core.characters import clean, count
from comments.core.errors import Malformed
from comments.core.law.categories import ABOUT, DEFAMATION, NAMELESS
from comments.core.law.clock import answer_due, due
from comments.core.mail import mailable
from comments.core.receipt import APPEALS_FOR
from comments.core.site import LawSettings, is_http_url
from comments.core.times import time_text

MIN_REASONS, MAX_REASONS = 20, 5000  # grapheme clusters
MOST_URLS = 20
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none of them looks like another  # pragma: allowlist secret
REFERENCE = re.compile(rf"N-[{LETTERS}]{{4}}-[{LETTERS}]{{4}}-[{LETTERS}]{{4}}")
OF_COMMENT = re.compile(r"comment-([0-9]{1,18})")
OUTCOMES = ("no_action", "restricted")
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Complaint5:
    """What regulation 2 of the Defamation (Operators of Websites) Regulations 2013 asks of a notice of complaint
    besides: the meaning that the complainant attributes to the words, what in them is wrong, that they do not know
    enough of the author to sue, whether their name and address may be passed on.
    """

    meaning: str = ""
    wrong: str = ""
    author_unknown: bool = False
    may_be_named: bool = False


@dataclass(frozen=True, slots=True)
class NewNotice:
    """A notice as it was sent, not yet checked."""

    about: str
    text: str
    urls: tuple[str, ...]
    name: str = ""
    email: str = ""
    good_faith: bool = False
    defamation: Complaint5 = field(default_factory=Complaint5)


def checked(new: NewNotice) -> NewNotice:
    """The notice, cleaned. Raises Malformed naming the first field that is wrong."""
    text = clean(new.text).strip()
    urls = tuple(dict.fromkeys(url.strip() for url in new.urls if url.strip()))
    name, email = " ".join(clean(new.name).split())[:200], new.email.strip()
    if new.about not in ABOUT:
        raise Malformed(f"A notice is about one of {', '.join(ABOUT)}.", field="about")
    if not urls:
        raise Malformed("Give the exact address of the comment.", field="urls")
    if len(urls) > MOST_URLS:
        raise Malformed(f"A notice names {MOST_URLS} addresses at most.", field="urls")
    wrong = next((url for url in urls if not is_http_url(url) or len(url) > 2000), None)
    if wrong is not None:
        raise Malformed(f"{wrong[:100]!r} is no http(s) address.", field="urls")
    if not MIN_REASONS <= count(text) <= MAX_REASONS:
        raise Malformed(f"Say why it is illegal, in {MIN_REASONS} to {MAX_REASONS} characters.", field="text")
    if new.about != NAMELESS and not name:
        raise Malformed("Give your name.", field="name")
    if (new.about != NAMELESS or email) and mailable(email) is None:
        raise Malformed("Give your e-mail address.", field="email")
    if not new.good_faith:
        raise Malformed(
            "Confirm that what you say is accurate and complete, to your honest belief.", field="good_faith"
        )
    of_5 = new.defamation
    five = Complaint5(
        clean(of_5.meaning).strip()[:2000], clean(of_5.wrong).strip()[:2000], of_5.author_unknown, of_5.may_be_named
    )
    return NewNotice(new.about, text, urls, name, email, True, five if new.about == DEFAMATION else Complaint5())


def comment_of(url: str, base: str, site: str) -> int | None:
    """The id of the comment that an address means: a permalink in the publisher's page (#comment-12), or our own page
    of it. Whether it is the site's comment is for the database to say.
    """
    parts = urlsplit(url)
    named = OF_COMMENT.fullmatch(parts.fragment)
    if named is not None:
        return int(named[1])
    if url.startswith(f"{base}/articles/{site}/"):
        asked = parse_qs(parts.query).get("comment", [""])[-1]
        return int(asked) if re.fullmatch(r"[0-9]{1,18}", asked) else None
    return None


def new_reference() -> str:
    groups = ("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))
    return f"N-{'-'.join(groups)}"


def secret_of(key: bytes, reference: str) -> str:
    """What a link to a notice holds besides its reference: nobody makes one up without the operator's key."""
    return hmac.new(key, f"notice {reference}".encode(), hashlib.sha256).hexdigest()[:32]


def is_secret(key: bytes, reference: str, secret: str) -> bool:
    return hmac.compare_digest(secret_of(key, reference).encode(), secret.encode())


def path_of(key: bytes, site: str, reference: str) -> str:
    """Where whoever gave a notice sees what became of it."""
    return f"/notice/{site}/{reference}/{secret_of(key, reference)}"


def due_of(about: str, law: LawSettings, now: int) -> int | None:
    """When the operator's 48 hours end, where the site keeps that clock and the notice is one of defamation."""
    if about != DEFAMATION or not law.uk:
        return None
    return due(now, frozenset(map(date.fromisoformat, law.uk_holidays)))


def may_complain(notice: Any, complaint: Any, now: int) -> bool:
    """Against “no action”, once, for six months."""
    return notice.outcome == "no_action" and complaint is None and now <= notice.decided_at + APPEALS_FOR


def present(notice: Any, now: int) -> Json:
    """A notice for the console, without what needs other rows."""
    return {
        "id": str(notice.id),
        "reference": notice.reference,
        "about": notice.about,
        "name": notice.name,
        "email": notice.email,
        "language": notice.language,
        "trusted": notice.rank == 0,
        "version": notice.version,
        "created_at": time_text(notice.created_at),
        "due_at": time_text(notice.due_at),
        "overdue": notice.due_at is not None
        and notice.decided_at is None
        and not _told(notice)
        and now > notice.due_at,
        "author_told_at": time_text(notice.author_told_at),
        "author_due_at": None if notice.author_told_at is None else time_text(answer_due(notice.author_told_at)),
        "escalated_at": time_text(notice.escalated_at),
        "decided_at": time_text(notice.decided_at),
        "outcome": notice.outcome,
    }


def _told(notice: Any) -> bool:
    return notice.author_told_at is not None


def details_of(five: Complaint5) -> Mapping[str, Any]:
    """What is stored of it: nothing where nothing was said."""
    said = {"meaning": five.meaning, "wrong": five.wrong, "author_unknown": five.author_unknown}
    said |= {"may_be_named": five.may_be_named}
    return {name: value for name, value in said.items() if value}
