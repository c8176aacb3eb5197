"""Reads Remark42's backup: a line about users and posts, then one comment a line, parents first; compressed or not.

A comment's article is the path of its page. Texts are HTML.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from comments.core.archive import BadLine, Found, plain_reason
from comments.core.errors import Malformed
from comments.importers.lines import LONGEST, read_lines, repaired
from comments.importers.sources import Fields, Source, path_of, person, record

LONGEST_FIRST = 64 * 1024 * 1024  # all users of the site stand in one line


class Details(msgspec.Struct, frozen=True):
    email: str = ""


class UserMeta(msgspec.Struct, frozen=True):
    id: str
    email: str = ""
    details: Details = Details()


class Header(msgspec.Struct, frozen=True):
    version: int
    users: list[UserMeta] | None = None


class User(msgspec.Struct, frozen=True):
    id: str = ""
    name: str = ""


class Locator(msgspec.Struct, frozen=True):
    url: str


class Edit(msgspec.Struct, frozen=True):
    time: str


class Comment(msgspec.Struct, frozen=True):
    id: str
    locator: Locator
    time: str
    pid: str = ""
    text: str = ""
    user: User = User()
    score: int = 0
    votes: dict[str, bool] | None = None
    edit: Edit | None = None
    delete: bool = False
    title: str = ""


_header, _comment = msgspec.json.Decoder(Header), msgspec.json.Decoder(Comment)


def read(stream: BinaryIO, source: Source) -> Iterator[Found | BadLine]:
    """The comments. Raises Malformed if the first line is not that of a backup."""
    first = next(read_lines(stream, LONGEST_FIRST), (1, b""))[1]
    try:
        header = _header.decode(repaired(first or b"")[0])
    except (msgspec.DecodeError, RecursionError) as error:
        raise Malformed(f'Line 1: a backup begins with {{"version":1,"users":…,"posts":…}} ({error}).') from error
    if header.version not in (0, 1):
        raise Malformed(f"Line 1: version {header.version} of the backup is not read here, only 1.")
    addresses = {user.id: user.email or user.details.email for user in header.users or ()}
    for number, line in read_lines(stream, LONGEST, first=2):
        if line is None:
            yield BadLine(number, f"the line is longer than {LONGEST} bytes")
            continue
        raw, notes = repaired(line)
        try:
            yield _found(number, _comment.decode(raw), notes, addresses, source)
        except (msgspec.DecodeError, RecursionError) as error:
            yield BadLine(number, plain_reason(error))


def _found(
    number: int, one: Comment, notes: tuple[str, ...], addresses: dict[str, str], source: Source
) -> Found | BadLine:
    url = one.locator.url
    fields: Fields = {
        "key": f"remark42:{one.id}",
        "article": source.article(path_of(url), url, url=url, title=one.title),
        "body": one.text,
        "format": "html",
        "status": "published",
        "created_at": one.time,
    }
    if one.pid:
        fields["parent"] = f"remark42:{one.pid}"
    if one.user.id == "deleted":
        fields["status"] = "erased"
    elif one.delete:
        fields["status"] = "withdrawn"
    if one.user.id not in ("", "deleted"):
        fields["author"] = person(f"remark42:{one.user.id}", one.user.name, addresses.get(one.user.id))
    if one.edit is not None:
        fields["edited_at"] = one.edit.time
    if likes := _likes(one.votes, one.score):
        fields["reactions"] = {"recommend": likes}
    return record(number, fields, notes)


def _likes(votes: dict[str, Any] | None, score: int) -> int:
    """Those in favour; the sum of both where nothing else is known."""
    return sum(votes.values()) if votes else max(score, 0)
