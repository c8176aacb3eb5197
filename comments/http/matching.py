"""ETag and If-Match of what two may change at once: who says which version they saw is refused once it is another."""

import hashlib

import msgspec
from flask import request

from comments.core.errors import Outdated
from comments.core.present import Json


def tag_of(shown: Json) -> str:
    """The ETag of what an answer shows: equal answers have equal ones, in every process."""
    return f'"{hashlib.sha256(msgspec.json.encode(shown, order="sorted")).hexdigest()[:24]}"'


def check_match(shown: Json) -> None:
    """Compare If-Match, where it was sent, with what stands now, in the transaction that changes it. Raises
    Outdated.
    """
    wanted = request.headers.get("If-Match")
    if wanted is None or wanted.strip() == "*":
        return
    if tag_of(shown) not in [one.strip() for one in wanted.split(",")]:
        raise Outdated("It changed since you read it: read it again, then decide.", etag=tag_of(shown))
