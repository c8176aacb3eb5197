"""Reads another system's SQLite file: Isso's. Read-only, nothing in the file is run; for importers/isso.py."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from comments.core.errors import Malformed

MAGIC = b"SQLite format 3\0"
STEPS, MOST_STEPS = 1_000_000, 100  # of SQLite's machine between two rows: a file may not keep us busy
ASKED = {"comments": {"id", "parent", "created", "modified", "mode", "text", "author", "email", "likes", "tid"},
         "threads": {"id", "uri", "title"}}  # fmt: skip


QUERY = """SELECT c.id, c.parent, c.created, c.modified, c.mode, CAST(c.text AS TEXT), CAST(c.author AS TEXT),
 CAST(c.email AS TEXT), c.likes, c.tid, CAST(t.uri AS TEXT), CAST(t.title AS TEXT)
 FROM comments c LEFT JOIN threads t ON t.id = c.tid ORDER BY c.id"""


class IssoComment(NamedTuple):
    """A row with its thread. Times in seconds since 1970."""

    id: int
    parent: int | None
    created: Any
    modified: Any
    mode: Any
    text: str | None
    author: str | None
    email: str | None
    likes: Any
    thread: Any
    uri: str | None
    title: str | None


def read_isso(name: str) -> Iterator[IssoComment]:
    """Every comment, oldest first. Raises Malformed if the file has not Isso's tables, or is damaged."""
    try:
        with closing(sqlite3.connect(f"{Path(name).absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as conn:
            conn.execute("PRAGMA trusted_schema = OFF")
            conn.execute("PRAGMA cell_size_check = ON")
            conn.text_factory = lambda raw: raw.decode("utf-8", "replace")
            _check_tables(conn)
            steps = [0]
            conn.set_progress_handler(lambda: _one_more(steps), STEPS)
            for row in conn.execute(QUERY):
                yield IssoComment._make(row)
                steps[0] = 0
    except sqlite3.Error as error:
        raise Malformed(f"This is no database of Isso that can be read: {error}.") from error


def _one_more(steps: list[int]) -> bool:
    steps[0] += 1
    return steps[0] > MOST_STEPS


def _check_tables(conn: sqlite3.Connection) -> None:
    """Tables, not views or what computes: only what lies in the file is read."""
    for table, asked in ASKED.items():
        kinds = [row[0] for row in conn.execute("SELECT type FROM sqlite_master WHERE name = ?", (table,))]
        columns = {row[1]: row[6] for row in conn.execute("SELECT * FROM pragma_table_xinfo(?)", (table,))}
        missing = asked - columns.keys()
        if kinds != ["table"] or missing or any(columns.values()):
            lacks = f": it lacks {', '.join(sorted(missing))}" if missing else ""
            raise Malformed(f"This is no database of Isso: it has no table {table!r} as Isso makes it{lacks}.")
