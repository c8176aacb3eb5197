"""The shapes of calls about exports of a site."""

from typing import Literal

import msgspec

from comments.http.schemas import Request

Kind = Literal["archive", "csv"]


class NewExport(Request):
    """archive: NDJSON that `comments import archive` reads; csv: a row for each comment."""

    kind: Kind


class Export(msgspec.Struct):
    """How far it is: `done` of `total` comments (null: not counted yet). `size` in bytes, once it lies ready, until
    `expires_at`. `by`: who asked for it; null: nobody who is known any more.
    """

    id: str
    kind: Kind
    state: Literal["waiting", "running", "done", "failed"]
    done: int
    total: int | None
    error: str | None
    size: int | None
    by: str | None
    created_at: str
    finished_at: str | None
    expires_at: str


class Exports(msgspec.Struct):
    exports: list[Export]
    next_cursor: str | None
