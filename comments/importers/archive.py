"""Reads our own archive: a header, then one comment a line (core/archive.py says the fields)."""

from collections.abc import Iterator
from typing import BinaryIO

from comments.core.archive import BadLine, Found, check_header, decode_line

LONGEST = 1024 * 1024  # bytes of a line; a comment takes 60 kB at most
BOM = b"\xef\xbb\xbf"


def read(stream: BinaryIO) -> Iterator[Found | BadLine]:
    """The comments of an archive, line by line. Raises Malformed if the first line does not announce one."""
    check_header(stream.readline(LONGEST).removeprefix(BOM))
    number = 1
    while line := stream.readline(LONGEST + 1):
        number += 1
        if len(line) > LONGEST:
            _skip_rest(stream, line)
            yield BadLine(number, f"the line is longer than {LONGEST} bytes")
        elif line.strip():
            yield decode_line(number, line)


def _skip_rest(stream: BinaryIO, line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = stream.readline(LONGEST)
