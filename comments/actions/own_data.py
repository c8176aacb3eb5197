"""All data of one member, as a zip: data.json for machines, comments.csv to read. They change nothing."""

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO

import msgspec

from comments.actions.archive_lines import harmless
from comments.core.times import time_text
from comments.storage.exports import read_own, read_own_comments, read_own_edits
from comments.storage.transaction import Connection

COLUMNS = ("id", "parent", "article", "article_url", "article_title", "status", "created_at", "edited_at", "text")
ABOUT = (
    "sub", "name", "own_name", "avatar", "badges", "state", "state_until", "banned_at", "suspended_until",
    "restriction_reason", "premoderated", "premoderated_reason", "created_at", "last_comment_at",
)  # fmt: skip


def write_own_data(
    conn: Connection, site_key: str, member: Any, stream: BinaryIO, progress: Callable[[int], None]
) -> int:
    """Write the zip; how many comments are in it. `progress` hears after each chunk how many are written."""
    done = 0
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as pack:
        with pack.open("data.json", "w", force_zip64=True) as out:
            about = {name: _value(name, getattr(member, name)) for name in ABOUT}
            out.write(b'{"site":' + _json(site_key) + b',"member":' + _json(about) + b',"comments":[')
            for rows in read_own_comments(conn, member.id):
                earlier = read_own_edits(conn, [row.id for row in rows])
                shown = [_json(_comment(row, earlier.get(row.id, ()))) for row in rows]
                out.write((b",\n" if done else b"\n") + b",\n".join(shown))
                done += len(rows)
                progress(done)
            out.write(b"]")
            for name, found in read_own(conn, member.id):
                out.write(b"," + _json(name) + b":[")
                for number, row in enumerate(found):
                    out.write((b",\n" if number else b"\n") + _json(_shown(row)))
                out.write(b"]")
            out.write(b"}\n")
        with pack.open("comments.csv", "w", force_zip64=True) as out:
            out.write(_csv([COLUMNS]))
            for rows in read_own_comments(conn, member.id):
                out.write(_csv([_cells(row) for row in rows]))
    return done


def _json(value: Any) -> bytes:
    return msgspec.json.encode(value)


def _value(name: str, value: Any) -> Any:
    if name == "until" or name.endswith(("_at", "_until")):
        return time_text(value)
    if name in ("badges", "reactions"):
        return msgspec.Raw(value.encode())
    return str(value) if name.endswith("_id") and value is not None else value


def _shown(row: Any) -> dict[str, Any]:
    return {name: _value(name, value) for name, value in row._mapping.items()}


def _comment(row: Any, earlier: Sequence[Any]) -> dict[str, Any]:
    shown = _shown(row) | {"id": str(row.id)}
    return shown | {"edits": [{"at": time_text(edit.edited_at), "source": edit.source} for edit in earlier]}


def _cells(row: Any) -> tuple[Any, ...]:
    return (
        row.id, row.parent_id, row.article, row.url, row.title, row.status, time_text(row.created_at),
        time_text(row.edited_at), row.text,
    )  # fmt: skip


def _csv(lines: Sequence[Any]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([[harmless(cell) for cell in line] for line in lines])
    return text.getvalue().encode()
