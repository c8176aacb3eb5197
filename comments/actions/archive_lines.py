"""A site as our own archive (core/archive.py) or as a table for analysts, piece by piece, as bytes.

What is read of an archive and written into another empty site gives the same archive again, to the byte
(tests/importers/test_round_trip.py).
"""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Literal

import msgspec

from comments.core.archive import (
    ArchivedArticle,
    ArchivedAuthor,
    ArchivedComment,
    ArchivedEdit,
    Format,
    encode_comment,
    encode_header,
    own_key,
)
from comments.core.errors import CommentsError
from comments.core.markup import clean_line, render, render_html
from comments.core.times import EPOCH, time_text
from comments.core.tree import Unexpected
from comments.storage.archived import read_edits, read_site
from comments.storage.sites import Site
from comments.storage.transaction import Connection

Form = Literal["archive", "csv"]
LONGEST_LINE = 2000  # characters of a title, a name
COLUMNS = (
    "id", "parent", "article", "article_url", "article_title", "section", "author", "author_name", "status",
    "created_at", "edited_at", "edits", "depth", "replies", "recommends", "reactions", "picked", "locked", "question",
    "by_author", "language", "text",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

Piece = tuple[int, bytes]  # (comments in it, bytes)


def pieces(conn: Connection, site: Site, form: Form) -> Iterator[Piece]:
    """The whole of a site: a beginning, then some hundreds of comments at a time."""
    return archive_pieces(conn, site) if form == "archive" else csv_pieces(conn, site)


def archive_pieces(conn: Connection, site: Site) -> Iterator[Piece]:
    yield 0, encode_header()
    for rows in read_site(conn, site.id):
        earlier = read_edits(conn, [row.id for row in rows])
        yield len(rows), b"".join(encode_comment(archived(site, row, earlier.get(row.id, []))) for row in rows)


def archived(site: Site, row: Any, earlier: list[Any]) -> ArchivedComment:
    """One comment as its record."""
    form, body = _body(row)
    return ArchivedComment(
        key=_key(site, row.archive_key, row.id, row.created_at),
        parent=None
        if row.parent_id is None
        else _key(site, row.parent_archive_key, row.parent_id, row.parent_created_at),
        article=ArchivedArticle(
            id=row.article, url=row.url, title=_line(row.title), section=_line(row.section), mode=row.mode
        ),
        author=None if row.sub is None else _author(row.sub, row.name),
        body=body,
        format=form,
        status=row.status,
        created_at=_moment(row.created_at),
        edited_at=_moment(row.edited_at),
        edits=tuple(ArchivedEdit(at=_moment(edit.edited_at), body=edit.source) for edit in earlier),
        reactions=msgspec.json.decode(row.reactions, type=dict[str, int]),
        picked_at=_moment(row.picked_at),
        locked_at=_moment(row.locked_at),
        question=row.question,
        by_author=row.by_author,
    )


def _key(site: Site, archive_key: str | None, comment_id: int, created_at: int) -> str:
    return archive_key if archive_key is not None else own_key(site.key, comment_id, created_at)


def _author(sub: str, name: str | None) -> ArchivedAuthor:
    foreign = sub.removeprefix("archive:")
    return ArchivedAuthor(id=foreign, name=_line(name), signs_in=foreign == sub)


def _line(text: str | None) -> str | None:
    return None if text is None else clean_line(text, LONGEST_LINE) or None


def _moment(micros: int | None) -> Any:
    return None if micros is None else EPOCH + timedelta(microseconds=micros)


def _body(row: Any) -> tuple[Format, str]:
    """What was written, and how it is to be read: Markdown is what members write; of what came from an archive only
    trying says whether its source was HTML.
    """
    if row.archive_key is None or not row.source:
        return "markdown", row.source
    tries: tuple[tuple[Format, Any], ...] = (("markdown", render), ("html", render_html))
    for form, render_it in tries:
        try:
            draft = render_it(row.source)
        except (CommentsError, Unexpected, RecursionError):
            continue
        if draft.source == row.source and draft.html == row.html:
            return form, row.source
    return "html", row.html  # rendered by a version that read it otherwise


def csv_pieces(conn: Connection, site: Site) -> Iterator[Piece]:
    """RFC 4180: CRLF, quotes doubled, UTF-8. Nothing in it begins as a spreadsheet's formulas do."""
    yield 0, _csv([COLUMNS])
    for rows in read_site(conn, site.id):
        earlier = read_edits(conn, [row.id for row in rows])
        yield len(rows), _csv([_cells(site, row, len(earlier.get(row.id, []))) for row in rows])


def _cells(site: Site, row: Any, edited: int) -> tuple[Any, ...]:
    parent = row.parent_id
    key = "" if parent is None else _key(site, row.parent_archive_key, parent, row.parent_created_at)
    return (
        _key(site, row.archive_key, row.id, row.created_at), key, row.article, row.url, _line(row.title),
        _line(row.section), row.sub, _line(row.name), row.status, time_text(row.created_at), time_text(row.edited_at),
        edited, row.depth, row.reply_count, row.recommends, row.reactions, time_text(row.picked_at),
        time_text(row.locked_at), int(row.question), int(row.by_author), row.language, row.text,
    )  # fmt: skip


def _csv(lines: list[Any]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([[harmless(cell) for cell in line] for line in lines])
    return text.getvalue().encode("utf-8")


def harmless(cell: Any) -> Any:
    """A text that a spreadsheet would calculate gets an apostrophe before it (OWASP, “CSV injection”)."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
