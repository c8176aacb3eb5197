"""ArchivedComment: the neutral record that importers read and exports write, and our own archive's lines (NDJSON,
versioned).

The first line of an archive is a header, every other line one comment; docs/recipes.md shows both. Reading a line
either gives a record or says what is wrong with it, with the field's name: a broken line never ends a file.
"""

import re
from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec

from comments.core.errors import Malformed
from comments.core.times import EPOCH

VERSION = 1
DAY = 86_400 * 1_000_000  # µs
FORMATS = ("markdown", "html", "text")

Format = Literal["markdown", "html", "text"]
ArchivedStatus = Literal["published", "rejected", "withdrawn", "waiting", "erased"]

# printable, and without white space at the ends: what stands in addresses, logs and lists
_ID = r"\A[^\x00-\x20\x7f-\xa0]([^\x00-\x1f\x7f-\x9f\u2028\u2029]*[^\x00-\x20\x7f-\xa0\u2028\u2029])?\Z"
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=_ID)]
ArticleKey = Annotated[str, msgspec.Meta(min_length=1, max_length=255, pattern=_ID)]
Line = Annotated[str, msgspec.Meta(max_length=2000)]
Kind = Annotated[str, msgspec.Meta(pattern=r"^[a-z_]{1,20}$")]
Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Unknown fields are refused, so that a misspelt one is not lost in silence; defaults are not written."""


class ArchivedArticle(_Part, frozen=True, kw_only=True):
    """The article by the publisher's own id."""

    id: ArticleKey
    url: Line | None = None
    title: Line | None = None


class ArchivedAuthor(_Part, frozen=True, kw_only=True):
    """Who wrote it, by the id of the system that it comes from."""

    id: Key
    name: Line | None = None


class ArchivedComment(_Part, frozen=True, kw_only=True):
    """One comment of any system. `key` and `parent` are ids of the archive; `created_at` and `edited_at` carry an
    offset.

    `reactions`: how many of each kind. An erased comment has neither text nor author left.
    """

    key: Key
    parent: Key | None = None
    article: ArchivedArticle
    author: ArchivedAuthor | None = None
    body: str = ""
    format: Format = "markdown"
    status: ArchivedStatus = "published"
    created_at: Moment
    edited_at: Moment | None = None
    reactions: dict[Kind, Count] = {}


class Found(msgspec.Struct, frozen=True):
    """A record and the line (from 1) where it stood."""

    line: int
    comment: ArchivedComment


class BadLine(msgspec.Struct, frozen=True):
    """A line that holds no comment that can be imported, and why; `key` where it could be read."""

    line: int
    reason: str
    key: str | None = None


class Header(msgspec.Struct, frozen=True):
    """The first line of an archive."""

    archive: str
    version: int


class _Named(msgspec.Struct, frozen=True):
    """As much of a broken line as says which comment it is about."""

    key: str


_header = msgspec.json.Decoder(Header)
_comment = msgspec.json.Decoder(ArchivedComment)
_named = msgspec.json.Decoder(_Named)
_encoder = msgspec.json.Encoder(order="deterministic")
_PATTERN = re.compile(r"matching regex '.*' - at ")


def encode_header() -> bytes:
    """The first line, with its line end."""
    return _encoder.encode(Header("comments", VERSION)) + b"\n"


def encode_comment(comment: ArchivedComment) -> bytes:
    """One line, with its line end. Reading it again gives an equal record."""
    return _encoder.encode(comment) + b"\n"


def check_header(line: bytes) -> None:
    """Raise Malformed unless this first line announces an archive that this version reads."""
    try:
        header = _header.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        expected = encode_header().decode().strip()
        raise Malformed(
            f"Line 1: the file is no archive of comments: it must begin with {expected} ({error})."
        ) from error
    if header.archive != "comments":
        raise Malformed(f"Line 1: this is an archive of {header.archive!r}, not of comments.", field="archive")
    if header.version != VERSION:
        raise Malformed(
            f"Line 1: version {header.version} of the archive is not read here, only {VERSION}.", field="version"
        )


def decode_line(number: int, line: bytes) -> Found | BadLine:
    """The record of one line, or what is wrong with it. Never raises."""
    try:
        return Found(number, _comment.decode(line))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return BadLine(
            number, _PATTERN.sub("of printable characters, without spaces around it - at ", str(error)), _key_of(line)
        )


def _key_of(line: bytes) -> str | None:
    try:
        return _named.decode(line).key[:200]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def micros(moment: datetime) -> int:
    """µs UTC of a time with an offset."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def wrong_times(comment: ArchivedComment, now: int) -> str | None:
    """Why the dates of a record cannot be kept, or None: before 1970, or more than a day in the future (µs UTC)."""
    for field in ("created_at", "edited_at"):
        moment: datetime | None = getattr(comment, field)
        if moment is None:
            continue
        if micros(moment) < 0:
            return f"{field} lies before 1970: {moment.isoformat()}"
        if micros(moment) > now + DAY:
            return f"{field} lies in the future: {moment.isoformat()}"
    return None
