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
from comments.core.site import ArticleMode
from comments.core.times import EPOCH

VERSION = 1
DAY = 86_400 * 1_000_000  # µs
FORMATS = ("markdown", "html", "text")
SYSTEMS = ("archive", "commento", "coral", "disqus", "isso", "remark42", "wordpress")  # what importers read

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
    """The article by the publisher's own id, as it is when the archive is made."""

    id: ArticleKey
    url: Line | None = None
    title: Line | None = None
    section: Line | None = None
    mode: ArticleMode = "open"


class ArchivedAuthor(_Part, frozen=True, kw_only=True):
    """Who wrote it, by the id of the system that it comes from. `signs_in`: that id is the publisher's own, the “sub”
    of its tokens, so that whoever signs in with it is this author.

    `email` is read, so that they can claim what they wrote; only a digest of it is kept, and it is never exported.
    """

    id: ArticleKey
    name: Line | None = None
    signs_in: bool = False
    email: Line | None = None


class ArchivedEdit(_Part, frozen=True, kw_only=True):
    """What stood there until it was edited, and when that was."""

    at: Moment
    body: str


class ArchivedComment(_Part, frozen=True, kw_only=True):
    """One comment of any system. `key` and `parent` are ids of the archive; `created_at` and `edited_at` carry an
    offset.

    `reactions`: how many of each kind. `edits`: earlier texts, oldest first. `picked_at`: the newsroom's choice;
    `locked_at`: of a root, no more replies. `question`: put to the article's author, who wrote what is `by_author`.
    An erased comment has neither text nor author left.
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
    edits: tuple[ArchivedEdit, ...] = ()
    reactions: dict[Kind, Count] = {}
    picked_at: Moment | None = None
    locked_at: Moment | None = None
    question: bool = False
    by_author: bool = False


class Found(msgspec.Struct, frozen=True):
    """A record and the line (from 1) where it stood; `notes`: what is otherwise than the file has it, to be listed."""

    line: int
    comment: ArchivedComment
    notes: tuple[str, ...] = ()


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
        return BadLine(number, plain_reason(error), _key_of(line))


def plain_reason(error: Exception) -> str:
    """What a decoder says is wrong, without its regular expressions."""
    return _PATTERN.sub("of printable characters, without spaces around it - at ", str(error))


def _key_of(line: bytes) -> str | None:
    try:
        return _named.decode(line).key[:200]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def own_key(site: str, comment_id: int, created_at: int) -> str:
    """The key of a comment that was written here. Its time (µs UTC) is part of it, because another service, or this one
    restored elsewhere, gives the same numbers to other comments.
    """
    return f"{site}:{comment_id}.{created_at}"


def read_own_key(site: str, key: str) -> tuple[int, int] | None:
    """(id, created_at) of a key that this site gave, None for any other."""
    found = (
        re.fullmatch(r"(\d{1,18})\.(\d{1,18})", key.removeprefix(f"{site}:")) if key.startswith(f"{site}:") else None
    )
    return None if found is None else (int(found[1]), int(found[2]))


def micros(moment: datetime) -> int:
    """µs UTC of a time with an offset."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def wrong_times(comment: ArchivedComment, now: int) -> str | None:
    """Why the dates of a record cannot be kept, or None: before 1970, or more than a day in the future (µs UTC)."""
    named = [(field, getattr(comment, field)) for field in ("created_at", "edited_at", "picked_at", "locked_at")]
    for field, moment in [*named, *(("edits", edit.at) for edit in comment.edits)]:
        if moment is None:
            continue
        if micros(moment) < 0:
            return f"{field} lies before 1970: {moment.isoformat()}"
        if micros(moment) > now + DAY:
            return f"{field} lies in the future: {moment.isoformat()}"
    return None
