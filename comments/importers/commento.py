"""Reads what Commento exports: one JSON document with `comments` and `commenters`, in any order.

The file is read twice, for who wrote stands behind what they wrote. A comment's article is the path of its page.
"""

from collections.abc import Iterator
from typing import BinaryIO, TypeVar

import msgspec

from comments.core.archive import BadLine, Found, plain_reason
from comments.core.errors import Malformed
from comments.importers.json_items import Item, read_items
from comments.importers.lines import repaired
from comments.importers.sources import Fields, Source, person, record

T = TypeVar("T")
LONGEST = 1024 * 1024
STATUSES = {"approved": "published", "unapproved": "waiting", "flagged": "waiting"}


class Comment(msgspec.Struct, frozen=True, rename="camel"):
    comment_hex: str
    url: str
    creation_date: str
    domain: str = ""
    commenter_hex: str = "anonymous"
    markdown: str = ""
    html: str = ""
    parent_hex: str = "root"
    score: int = 0
    state: str = "approved"
    deleted: bool = False


class Commenter(msgspec.Struct, frozen=True, rename="camel"):
    commenter_hex: str
    name: str = ""
    email: str = ""


_comment, _commenter = msgspec.json.Decoder(Comment), msgspec.json.Decoder(Commenter)


def read(stream: BinaryIO, source: Source) -> Iterator[Found | BadLine]:
    """The comments, with the names of those who wrote them."""
    people: dict[str, Fields] = {}
    bad: list[BadLine] = []
    is_one = False
    for item in read_items(stream, LONGEST):
        is_one |= item.array in ("comments", "commenters")
        if item.array == "commenters" and (found := _read(item, _commenter)):
            if isinstance(found, BadLine):
                bad.append(found)
            else:
                people[found.commenter_hex] = person(f"commento:{found.commenter_hex}", found.name, found.email)
    if not is_one:
        raise Malformed("This is no export of Commento: it has neither “comments” nor “commenters”.")
    yield from bad
    stream.seek(0)
    for item in read_items(stream, LONGEST):
        if item.array == "comments":
            comment = _read(item, _comment)
            yield comment if isinstance(comment, BadLine) else _found(item, comment, people, source)


def _read(item: Item, decoder: msgspec.json.Decoder[T]) -> T | BadLine:
    if item.raw is None:
        return BadLine(item.line, f"it is longer than {LONGEST} bytes")
    try:
        return decoder.decode(repaired(item.raw)[0])
    except (msgspec.DecodeError, RecursionError) as error:
        return BadLine(item.line, plain_reason(error))


def _found(item: Item, one: Comment, people: dict[str, Fields], source: Source) -> Found | BadLine:
    page = f"https://{one.domain}{one.url}" if one.domain and one.url.startswith("/") else None
    fields: Fields = {
        "key": f"commento:{one.comment_hex}",
        "article": source.article(one.url, page, url=page),
        "body": one.markdown or one.html,
        "format": "markdown" if one.markdown else "html",
        "status": "withdrawn" if one.deleted else STATUSES.get(one.state, "waiting"),
        "created_at": one.creation_date,
    }
    if one.parent_hex not in ("root", ""):
        fields["parent"] = f"commento:{one.parent_hex}"
    unknown = person(f"commento:{one.commenter_hex}", "Anonymous" if one.commenter_hex == "anonymous" else None, None)
    fields["author"] = people.get(one.commenter_hex) or unknown
    if one.score > 0:
        fields["reactions"] = {"recommend": one.score}
    return record(item.line, fields, repaired(item.raw or b"")[1])
