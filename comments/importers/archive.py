"""Reads our own archive: a header, then one comment a line (core/archive.py says the fields)."""

from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from comments.core.archive import BadLine, Found, check_header, decode_line
from comments.importers.lines import BOM, LONGEST, read_lines
from comments.importers.sources import Source


def read(stream: BinaryIO, source: Source) -> Iterator[Found | BadLine]:
    """The comments of an archive, line by line. Raises Malformed if the first line does not announce one."""
    check_header(stream.readline(LONGEST).removeprefix(BOM))
    for number, line in read_lines(stream, first=2):
        if line is None:
            yield BadLine(number, f"the line is longer than {LONGEST} bytes")
            continue
        found = decode_line(number, line)
        if isinstance(found, Found) and (mapped := source.articles.get(found.comment.article.id)) is not None:
            article = msgspec.structs.replace(found.comment.article, id=mapped)
            found = Found(number, msgspec.structs.replace(found.comment, article=article))
        yield found
