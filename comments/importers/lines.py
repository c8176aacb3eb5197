"""Files with one JSON document a line, and texts whose bytes are not what they should be; for the readers."""

import codecs
from collections.abc import Iterator
from typing import BinaryIO

LONGEST = 1024 * 1024  # bytes of a line; a comment takes 60 kB at most
BOM = b"\xef\xbb\xbf"
NOTE = "bytes that are no UTF-8 were read as Windows-1252"


def read_lines(stream: BinaryIO, longest: int = LONGEST, first: int = 1) -> Iterator[tuple[int, bytes | None]]:
    """Number and bytes of every line that is not empty; None for one that is too long to be held."""
    number = first - 1
    while line := stream.readline(longest + 1):
        number += 1
        if len(line) > longest:
            while line and not line.endswith(b"\n"):
                line = stream.readline(LONGEST)
            yield number, None
        elif line.strip():
            yield number, line.removeprefix(BOM) if number == 1 else line


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """What browsers do with such bytes, and nearly always what was meant."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.start + 1].decode("cp1252", "replace"), error.start + 1


codecs.register_error("comments.as_windows", _as_windows)


def repaired(raw: bytes) -> tuple[bytes, tuple[str, ...]]:
    """UTF-8 in any case, and a note where that was not what there was."""
    try:
        raw.decode()
    except UnicodeDecodeError:
        return raw.decode("utf-8", "comments.as_windows").encode(), (NOTE,)
    return raw, ()
