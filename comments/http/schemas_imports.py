"""The shapes of calls about imports into a site."""

from typing import Annotated, Literal

import msgspec

from comments.http.schemas import Request

Format = Literal["archive", "commento", "coral", "disqus", "isso", "remark42", "wordpress"]
MAX_SIZE = 64 * 1024**3  # bytes


class NewImport(Request):
    """A file to be brought in chunks. `size` in bytes; it may be compressed with gzip. `articles`: CSV of
    “source,article”, which article of yours a name, address or path of theirs is.
    """

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=255, pattern=r"\A[^\x00-\x1f\x7f]+\Z")]
    size: Annotated[int, msgspec.Meta(ge=1, le=MAX_SIZE)]
    format: Format
    articles: Annotated[str, msgspec.Meta(max_length=200_000, pattern=r"\A[^\x00]*\Z")] = ""


class StartImport(Request):
    """`dry_run`: everything is read and checked, nothing is written."""

    dry_run: bool


class Import(msgspec.Struct):
    """`chunks`: how many of `chunk_size` bytes are here, from the first on; the next one to send has this number.
    `read` counts records and bad lines, `already` what was known before; `refused` and `changed` are listed, the first
    thousand of each. A file that is imported again after a break counts as `already` what the first part brought.
    """

    id: str
    name: str
    format: Format
    size: int
    chunk_size: int
    chunks: int
    received: int
    state: Literal["uploading", "waiting", "running", "done", "failed", "stopped"]
    dry_run: bool
    read: int
    imported: int
    already: int
    refused: int
    changed: int
    bytes_read: int
    error: str | None
    by: str | None
    created_at: str
    finished_at: str | None
    expires_at: str


class Imports(msgspec.Struct):
    imports: list[Import]
    next_cursor: str | None


class ImportLine(msgspec.Struct):
    """What is not imported (refused), or not as the file says (changed). `key`: the comment's id there."""

    what: Literal["refused", "changed"]
    line: int
    key: str | None
    reason: str


class ImportLines(msgspec.Struct):
    lines: list[ImportLine]
    next_cursor: str | None
