"""Reads Isso's database (SQLite) and its generic JSON: threads with their comments.

A comment's article is its thread's `uri`, the path of the page. Texts are Markdown.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from comments.core.archive import BadLine, Found, plain_reason
from comments.core.errors import Malformed
from comments.importers.json_items import read_items
from comments.importers.lines import BOM, repaired
from comments.importers.sources import Fields, Source, from_seconds, record, short, utc
from comments.storage.isso import MAGIC, read_isso

LONGEST = 16 * 1024 * 1024  # bytes of a thread: its name may stand behind its comments
STATUSES = {1: "published", 2: "waiting", 4: "withdrawn"}


class Comment(msgspec.Struct, frozen=True):
    id: int | str
    created: str | float
    text: str = ""
    author: str | None = None
    email: str | None = None
    parent: int | str | None = None
    likes: int = 0


class Thread(msgspec.Struct, frozen=True):
    id: str
    title: str = ""
    comments: list[msgspec.Raw] = []


_thread, _comment = msgspec.json.Decoder(Thread), msgspec.json.Decoder(Comment)


def read(stream: BinaryIO, source: Source) -> Iterator[Found | BadLine]:
    """The comments. The database is told by its first bytes and must be a file."""
    start = stream.read(len(MAGIC))
    stream.seek(0)
    if start != MAGIC and start.removeprefix(BOM).lstrip()[:1] != b"[":
        raise Malformed("This is neither a database of Isso nor its generic JSON, which begins with [.")
    yield from _of_database(stream, source) if start == MAGIC else _of_json(stream, source)


def _of_database(stream: BinaryIO, source: Source) -> Iterator[Found | BadLine]:
    name = getattr(stream, "name", None)
    if not isinstance(name, str):
        raise Malformed("Unpack the database first: SQLite is read where it lies.")
    for row in read_isso(name):
        if row.uri is None:
            yield BadLine(row.id, f"its thread {row.thread!r} is not in this database", f"isso:{row.id}")
            continue
        fields: Fields = {
            "key": f"isso:{row.id}",
            "article": _article(row.uri, row.title, source),
            "body": row.text,
            "status": STATUSES.get(row.mode, "waiting"),
            "created_at": from_seconds(row.created),
        }
        if row.parent is not None:
            fields["parent"] = f"isso:{row.parent}"
        if row.modified is not None:
            fields["edited_at"] = from_seconds(row.modified)
        yield _finished(row.id, fields, row.author, row.email, row.likes, source)


def _of_json(stream: BinaryIO, source: Source) -> Iterator[Found | BadLine]:
    for item in read_items(stream, LONGEST):
        if item.raw is None:
            yield BadLine(item.line, f"the thread is longer than {LONGEST} bytes")
            continue
        raw, notes = repaired(item.raw)
        try:
            thread = _thread.decode(raw)
        except (msgspec.DecodeError, RecursionError) as error:
            yield BadLine(item.line, f"the thread: {plain_reason(error)}")
            continue
        for each in thread.comments:
            try:
                yield _of_thread(item.line, _comment.decode(each), thread, notes, source)
            except (msgspec.DecodeError, RecursionError) as error:
                yield BadLine(item.line, f"a comment of the thread: {plain_reason(error)}")


def _of_thread(line: int, one: Comment, thread: Thread, notes: tuple[str, ...], source: Source) -> Found | BadLine:
    place = short(f"isso:{thread.id}")[:150]
    fields: Fields = {
        "key": f"{place}:{one.id}"[:200],
        "article": _article(thread.id, thread.title, source),
        "body": one.text,
        "created_at": utc(one.created) if isinstance(one.created, str) else from_seconds(one.created),
    }
    if one.parent is not None:
        fields["parent"] = f"{place}:{one.parent}"[:200]
    return _finished(line, fields, one.author, one.email, one.likes, source, notes)


def _article(uri: str, title: str | None, source: Source) -> Fields:
    return source.article(uri, url=uri if uri.startswith(("http://", "https://")) else None, title=title)


def _finished(
    line: int, fields: Fields, author: str | None, email: str | None, likes: Any, source: Source,
    notes: tuple[str, ...] = (),
) -> Found | BadLine:  # fmt: skip
    if guest := source.guest("isso", author, email):
        fields["author"] = guest
    if isinstance(likes, int) and likes > 0:
        fields["reactions"] = {"recommend": likes}
    return record(line, fields, notes)
