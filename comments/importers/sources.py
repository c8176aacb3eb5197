"""What every reader needs besides the file: which article of ours a thread of theirs is, who a guest is, and how a
record is made of what was read.
"""

import csv
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from comments.core.archive import ArchivedComment, BadLine, Found, plain_reason
from comments.core.errors import Malformed

MAX_TITLE, MAX_URL, MAX_PART = 2000, 2000, 120
Fields = dict[str, Any]


def _unkeyed(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


@dataclass(frozen=True, slots=True)
class Source:
    """`articles`: their thread (identifier or address) → our article's id, of the publisher's mapping file.

    `pseudonym`: a text that nobody can read back (an address with a name) as a short word, always the same.
    """

    articles: Mapping[str, str] = field(default_factory=dict)
    pseudonym: Callable[[str], str] = _unkeyed

    def article(self, *names: str | None, url: str | None = None, title: str | None = None) -> Fields:
        """The article with one of these names in the mapping, else by the first name; ids before addresses."""
        known = [name.strip() for name in names if name and name.strip()]
        mapped = next((self.articles[name] for name in (*known, url or "") if name in self.articles), None)
        about: Fields = {"id": mapped if mapped is not None else known[0] if known else ""}
        if url and len(url) <= MAX_URL:
            about["url"] = url
        if title and title.strip():
            about["title"] = title.strip()[:MAX_TITLE]
        return about

    def guest(self, system: str, name: str | None, email: str | None, number: str = "") -> Fields | None:
        """Somebody without an account there: one person for each name and address, so that names stay what they were.

        None where nothing at all is known of them.
        """
        name, email = (name or "").strip(), (email or "").strip()
        if not (name or email or number):
            return None
        who = f"{system}:guest:{self.pseudonym(f'{number}|{email.lower()}|{name}')[:24]}"
        return person(who, name, email)


def person(who: str, name: str | None, email: str | None) -> Fields:
    """An author by an id of the system they come from."""
    about: Fields = {"id": short(who)}
    if name and name.strip():
        about["name"] = name.strip()[:MAX_TITLE]
    if email and "@" in email:
        about["email"] = email.strip()[:MAX_TITLE]
    return about


def short(key: str) -> str:
    """A key as long as keys may be; of a longer one its beginning and a digest."""
    return key if len(key) <= 200 else f"{key[:100]}#{_unkeyed(key)[:32]}"


def path_of(url: str | None) -> str | None:
    """An address without scheme and host: /2014/test/. `?p=4` of WordPress is 4."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if parts.path in ("", "/") and (post := parse_qs(parts.query).get("p")):
        return post[0]
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def record(line: int, fields: Fields, notes: tuple[str, ...] = ()) -> Found | BadLine:
    """The record of these fields, or what is wrong with them."""
    try:
        return Found(line, msgspec.convert(fields, ArchivedComment), notes)
    except msgspec.ValidationError as error:
        return BadLine(line, plain_reason(error), str(fields.get("key", ""))[:200])


def utc(text: str | None) -> str | None:
    """`2014-01-14 17:32:12`, which its system means as UTC, in RFC 3339; None for nothing and for all noughts."""
    text = (text or "").strip()
    if not text or text.startswith("0000"):
        return None
    return text.replace(" ", "T") + ("" if text.endswith("Z") or "+" in text else "Z")


def from_seconds(seconds: Any) -> datetime | str:
    """A Unix time in seconds; a text that says so where there is no such time."""
    try:
        return datetime.fromtimestamp(float(seconds), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return f"no time: {seconds!r}"


def read_mapping(lines: Iterable[str]) -> dict[str, str]:
    """A mapping of CSV lines `source,article`. Raises Malformed with the line."""
    found: dict[str, str] = {}
    reader = csv.reader(lines, strict=True)
    try:
        for row in reader:
            if not row or row == ["source", "article"]:
                continue
            if len(row) != 2 or not all(cell.strip() for cell in row):
                raise Malformed(
                    f"The mapping, line {reader.line_num}: there must be two columns, source,article, not {row!r}."
                )
            source, article = (cell.strip() for cell in row)
            if found.setdefault(source, article) != article:
                raise Malformed(f"The mapping, line {reader.line_num}: {source!r} is there twice, for two articles.")
    except (csv.Error, UnicodeDecodeError) as error:
        raise Malformed(f"The mapping, line {reader.line_num + 1}: {error}.") from error
    return found
