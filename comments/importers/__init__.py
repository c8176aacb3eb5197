"""Readers of other systems' exports: bytes in, neutral records out. They write nothing and can delete nothing.

A reader is `read(stream, source) -> Iterator[Found | BadLine]`: it streams, never raises for one broken record, and
raises Malformed if the file is not of its format, or cannot be read any further. One line in READERS makes it a format
of `comments import`.
"""

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, cast

from comments.core.archive import BadLine, Found
from comments.core.errors import Malformed
from comments.importers import archive, commento, coral, disqus, isso, remark42, wordpress
from comments.importers.sources import Source, read_mapping

Reader = Callable[[BinaryIO, Source], Iterator[Found | BadLine]]

READERS: dict[str, Reader] = {
    "archive": archive.read,
    "commento": commento.read,
    "coral": coral.read,
    "disqus": disqus.read,
    "isso": isso.read,
    "remark42": remark42.read,
    "wordpress": wordpress.read,
}
GZIP = b"\x1f\x8b"


def read_export(kind: str, stream: BinaryIO, source: Source) -> Iterator[Found | BadLine]:
    """What a file of this format holds, also where it is compressed with gzip."""
    start = stream.read(2)
    stream.seek(0)
    if start != GZIP:
        yield from READERS[kind](stream, source)
        return
    try:
        with gzip.GzipFile(fileobj=stream) as unpacked:
            yield from READERS[kind](cast(BinaryIO, unpacked), source)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Malformed(f"The compressed file is cut off or damaged: {error}. What came before it was read.") from error


def read_file(kind: str, stream: BinaryIO, articles: str, pseudonym: Callable[[str], str]) -> Iterator[Found | BadLine]:
    """The records of a file, with a mapping as CSV text ("" for none). Raises Malformed of the mapping."""
    source = Source(read_mapping(io.StringIO(articles, newline="")), pseudonym)
    return read_export(kind, stream, source)
