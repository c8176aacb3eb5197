"""Readers of other systems' exports: bytes in, neutral records out. They write nothing and can delete nothing.

A reader is `read(stream) -> Iterator[Found | BadLine]`: it streams, never raises for one broken record, and raises
Malformed if the file is not of its format at all. One line in READERS makes it a format of `comments import`.
"""

import hashlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

from comments.core.archive import BadLine, Found
from comments.importers import archive

Reader = Callable[[BinaryIO], Iterator[Found | BadLine]]

READERS: dict[str, Reader] = {
    "archive": archive.read,
}


def digest_of(stream: BinaryIO) -> str:
    """What tells this file from others: SHA-256 of what follows. The stream is at its beginning again afterwards."""
    digest = hashlib.sha256()
    while part := stream.read(1024 * 1024):
        digest.update(part)
    stream.seek(0)
    return digest.hexdigest()
