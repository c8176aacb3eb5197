"""Sort orders, cursors and the depth cap of a thread."""

import base64
import binascii
from enum import StrEnum

import msgspec

from comments.core.errors import Malformed

FIRST_REPLIES = 3  # replies shown under each root of a page


class Sort(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"
    RECOMMENDED = "recommended"
    REPLIED = "replied"


class Cursor(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Where a page ended: the sort's word, the last row's value in that order (µs, or how many) and its id."""

    sort: str
    value: int
    id: int

    def encode(self) -> str:
        return base64.urlsafe_b64encode(msgspec.msgpack.encode(self)).decode().rstrip("=")


def read_cursor(text: str | None, sort: str) -> Cursor | None:
    """Decode a cursor that belongs to this sort order; raises Malformed (field `cursor`)."""
    if not text:
        return None
    try:
        cursor = msgspec.msgpack.decode(
            base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True), type=Cursor
        )
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        raise Malformed("The cursor is not one that this service gave.", field="cursor") from error
    if cursor.sort != sort or not -(2**63) <= cursor.value < 2**63 or not 0 <= cursor.id < 2**63:
        raise Malformed("The cursor belongs to another order: begin without one.", field="cursor")
    return cursor


def is_article_key(text: str) -> bool:
    """Whether this may be a publisher's id of an article: 1 to 255 printable characters, no space around them."""
    return 0 < len(text) <= 255 and text.isprintable() and text == text.strip()


def reply_depth(parent_depth: int, max_depth: int) -> int:
    """Deeper replies stay flat under the last level."""
    return min(parent_depth + 1, max_depth)
