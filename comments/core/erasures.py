"""The list of erasures outside of the database, one JSON object a line: who was erased as a keyed hash, so that after a
restore they can be found again and nobody is named meanwhile.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator

import msgspec

from comments.core.errors import Malformed
from comments.core.site import ErasureMode

LIST = "erased.ndjson"  # in the data folder


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """One line. `at`: µs UTC; whoever came back after that is somebody new."""

    site: str
    who: str
    mode: ErasureMode
    at: int


def who_is(secret_key: bytes, site: str, sub: str) -> str:
    """The hash of a member; nobody computes it without the operator's key."""
    key = hmac.digest(secret_key, b"comments erasures", "sha256")
    return hmac.new(key, f"{site}\0{sub}".encode(), hashlib.sha256).hexdigest()


def write_line(erased: Erased) -> bytes:
    return msgspec.json.encode(erased) + b"\n"


def read_lines(lines: Iterable[bytes]) -> Iterator[Erased]:
    """The list, line by line; one that was cut off in writing is the last and does not count. Raises Malformed."""
    for number, line in enumerate(lines, 1):
        if not line.endswith(b"\n"):
            return
        try:
            yield msgspec.json.decode(line, type=Erased)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Malformed(f"{LIST}, line {number}: {error}") from error
