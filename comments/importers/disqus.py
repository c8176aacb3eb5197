"""Reads what Disqus exports: XML, threads first, then posts in the order in which they were written.

A post's article is its thread's identifier (what the publisher's page gave as `disqus_identifier`), or the path of its
address where it has none. Times are UTC, texts HTML.
"""

from collections.abc import Iterator
from typing import BinaryIO

from comments.core.archive import BadLine, Found
from comments.importers.sources import Fields, Source, path_of, person, record, utc
from comments.importers.xml_records import LONGEST_TEXT, Wanted, XmlRecord, read_records

WANTED = {
    "thread": Wanted(frozenset({"@id", "id", "link", "title"})),
    "post": Wanted(
        frozenset(
            {"@id", "id", "message", "createdAt", "isDeleted", "isSpam", "isApproved", "likes", "thread@id",
             "parent@id", "author/name", "author/email", "author/username", "author/isAnonymous"}
        ),
        listed=True,
    ),
}  # fmt: skip


def read(stream: BinaryIO, source: Source) -> Iterator[Found | BadLine]:
    """The posts, each under the article of its thread."""
    threads: dict[str, Fields] = {}
    for one in read_records(stream, "disqus", WANTED):
        if one.name == "thread":
            link = one.text("link")
            about = source.article(
                one.text("id"), link, one.text("@id"), path_of(link), url=link, title=one.text("title")
            )
            if not one.text("id") and about["id"] == link:
                about["id"] = path_of(link)
            threads[one.text("@id")] = about
        else:
            yield _post(one, threads, source)


def _post(one: XmlRecord, threads: dict[str, Fields], source: Source) -> Found | BadLine:
    number = one.text("@id") or one.text("id")
    key = f"disqus:{number}"
    if not number:
        return BadLine(one.line, "it has no id")
    if one.too_long:
        return BadLine(one.line, f"its {min(one.too_long)} is longer than {LONGEST_TEXT} characters", key)
    thread = one.text("thread@id")
    article = threads.get(thread) or (source.article(thread) if thread in source.articles else None)
    if article is None or not article["id"]:
        why = "is not in this file" if article is None else "has neither identifier nor link"
        return BadLine(one.line, f"its thread {thread!r} {why}: name its article in the mapping", key)
    fields: Fields = {
        "key": key,
        "article": article,
        "body": one.text("message"),
        "format": "html",
        "status": _status(one),
        "created_at": utc(one.text("createdAt")),
    }
    if parent := one.text("parent@id"):
        fields["parent"] = f"disqus:{parent}"
    if author := _author(one, source):
        fields["author"] = author
    if (likes := one.text("likes")).isdigit():
        fields["reactions"] = {"recommend": int(likes)}
    return record(one.line, fields, one.notes)


def _status(one: XmlRecord) -> str:
    if one.text("isDeleted") == "true":
        return "withdrawn"
    if one.text("isSpam") == "true":
        return "rejected"
    return "waiting" if one.text("isApproved") == "false" else "published"


def _author(one: XmlRecord, source: Source) -> Fields | None:
    name, email, username = (one.text(f"author/{part}") for part in ("name", "email", "username"))
    if username and one.text("author/isAnonymous") != "true":
        return person(f"disqus:{username}", name or username, email)
    return source.guest("disqus", name, email)
