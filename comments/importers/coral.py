"""Reads Coral's documents, one a line: users, stories and comments as its database and its import tool have them,
from version 5 on (`storyID`, `revisions`) and of version 4 (`asset_id`, `body_history`), in one file and any order.

The file is read twice: who wrote and about what may stand behind the comments. An article is its story's id.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from comments.core.archive import BadLine, Found, plain_reason
from comments.core.errors import Malformed
from comments.importers.lines import LONGEST, read_lines, repaired
from comments.importers.sources import Fields, Source, path_of, person, record

STATUSES = {
    "NONE": "published", "APPROVED": "published", "ACCEPTED": "published", "REJECTED": "rejected",
    "PREMOD": "waiting", "SYSTEM_WITHHELD": "waiting",
}  # fmt: skip
LIKES = ("REACTION", "respect", "like", "love")
Text = dict[str, str] | str | None  # a time: {"$date": "…"} or "…"


class Written(msgspec.Struct, frozen=True):
    body: str | None = ""
    created: Any = msgspec.field(default=None, name="createdAt")
    created_at: Any = None


class Tag(msgspec.Struct, frozen=True):
    type: str = ""
    created: Any = msgspec.field(default=None, name="createdAt")


class Document(msgspec.Struct, frozen=True):
    """Whatever it is: its fields tell."""

    id: str
    story_id: str | None = msgspec.field(default=None, name="storyID")
    asset_id: str | None = None
    author_id: str | None = msgspec.field(default=None, name="authorID")
    author: str | None = msgspec.field(default=None, name="author_id")
    parent_id: str | None = msgspec.field(default=None, name="parentID")
    parent: str | None = msgspec.field(default=None, name="parent_id")
    revisions: list[Written] | None = None
    body_history: list[Written] | None = None
    body: str | None = None
    tags: list[Tag] | None = None
    status: Any = None
    action_counts: Any = msgspec.field(default=None, name="actionCounts")
    counts: Any = msgspec.field(default=None, name="action_counts")
    created: Any = msgspec.field(default=None, name="createdAt")
    created_at: Any = None
    deleted: Any = msgspec.field(default=None, name="deletedAt")
    deleted_at: Any = None
    url: str | None = None
    title: str | None = None
    metadata: Any = None
    username: str | None = None
    email: str | None = None
    profiles: Any = None


_document = msgspec.json.Decoder(Document)


def read(stream: BinaryIO, source: Source) -> Iterator[Found | BadLine]:
    """The comments. Raises Malformed if there is neither a comment nor a user nor a story in the file."""
    people: dict[str, Fields] = {}
    stories: dict[str, Fields] = {}
    comments = False
    for _number, line in read_lines(stream):
        one = _decode(0, line)
        if isinstance(one, BadLine):
            continue
        if one.story_id or one.asset_id:
            comments = True
        elif one.username is not None:
            people[one.id] = person(f"coral:{one.id}", one.username, _address(one))
        elif one.url is not None:
            stories[one.id] = source.article(one.id, one.url, path_of(one.url), url=one.url, title=_title(one))
    if not (comments or people or stories):
        raise Malformed("There are no documents of Coral in this file: one a line, as mongoexport writes them.")
    stream.seek(0)
    for number, line in read_lines(stream):
        one = _decode(number, line)
        if isinstance(one, BadLine):
            yield one
        elif one.story_id or one.asset_id:
            yield _comment(number, one, people, stories, source, repaired(line or b"")[1])
        elif one.username is None and one.url is None:
            yield BadLine(number, "it is neither a comment nor a user nor a story", one.id[:200])


def _decode(number: int, line: bytes | None) -> Document | BadLine:
    if line is None:
        return BadLine(number, f"the line is longer than {LONGEST} bytes")
    try:
        return _document.decode(repaired(line)[0])
    except (msgspec.DecodeError, RecursionError) as error:
        return BadLine(number, plain_reason(error))


def _comment(
    number: int, one: Document, people: dict[str, Fields], stories: dict[str, Fields], source: Source,
    notes: tuple[str, ...],
) -> Found | BadLine:  # fmt: skip
    story, author, parent = one.story_id or one.asset_id or "", one.author_id or one.author, one.parent_id or one.parent
    erased = bool(one.deleted or one.deleted_at)
    fields: Fields = {
        "key": f"coral:{one.id}",
        "article": stories.get(story) or source.article(story),
        "format": "html",
        "status": "erased" if erased else STATUSES.get(str(one.status), "waiting"),
        "created_at": _time(one.created or one.created_at),
    }
    if parent:
        fields["parent"] = f"coral:{parent}"
    if not erased:
        fields |= _body(one) | _history(one)
        if author:
            fields["author"] = people.get(author) or person(f"coral:{author}", None, None)
    if likes := _likes(one.action_counts or one.counts):
        fields["reactions"] = {"recommend": likes}
    return record(number, fields, notes)


def _body(one: Document) -> Fields:
    """The last version. Those of version 4 are plain text."""
    if one.revisions:
        return {"body": one.revisions[-1].body or ""}
    last = one.body_history[-1].body if one.body_history else one.body
    return {"body": last or "", "format": "text"}


def _history(one: Document) -> Fields:
    """What stood there before, when it was changed, and whether the newsroom chose it."""
    versions = one.revisions or one.body_history or []
    times = [_time(version.created or version.created_at) for version in versions]
    edits = [{"at": at, "body": version.body or ""} for version, at in zip(versions, times[1:], strict=False) if at]
    fields: Fields = {"edits": edits, "edited_at": edits[-1]["at"]} if edits else {}
    chosen = [_time(tag.created) for tag in one.tags or () if tag.type == "FEATURED"]
    return fields | ({"picked_at": chosen[0]} if chosen and chosen[0] else {})


def _likes(counts: Any) -> int:
    found = counts if isinstance(counts, dict) else {}
    return next((found[name] for name in LIKES if isinstance(found.get(name), int) and found[name] > 0), 0)


def _time(value: Any) -> Any:
    return value.get("$date") if isinstance(value, dict) else value


def _title(one: Document) -> str | None:
    title = one.metadata.get("title") if isinstance(one.metadata, dict) else None
    return one.title or (title if isinstance(title, str) else None)


def _address(one: Document) -> str | None:
    if one.email:
        return one.email
    for profile in one.profiles if isinstance(one.profiles, list) else ():
        if isinstance(profile, dict) and profile.get("provider") == "local":
            return str(profile.get("id"))
    return None
