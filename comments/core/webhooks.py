"""Webhooks: what a publisher's server is told, how it is signed, when it is told again. Pure: keys, times and rows come
as values. The signatures are those of https://www.standardwebhooks.com.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec

from comments.core.errors import Malformed
from comments.core.events import (
    AppealChanged,
    CommentChange,
    CommentEdited,
    CommentMarked,
    CommentReported,
    Event,
    ExportFinished,
    MemberRestricted,
    Told,
)
from comments.core.present import CommentRow, Json, present
from comments.core.site import is_http_url
from comments.core.status import Status
from comments.core.times import time_text

SECOND = 1_000_000  # µs
HOUR, DAY = 3600 * SECOND, 86_400 * SECOND
PREFIX = "whsec_"
TEST = "webhook.test"
TYPES = {  # every type with what happened; docs/webhooks.md and the OpenAPI document have the same
    "comment.published": "A comment appeared: it is public, for the first time or again.",
    "comment.waiting": "A comment waits for a moderator: it is new, was edited, or was public until now.",
    "comment.rejected": "A comment was rejected.",
    "comment.edited": "The author changed the text; where the comment stands, it stays.",
    "comment.withdrawn": "The author took the comment back.",
    "comment.erased": "The comment was erased: forget its text, too.",
    "comment.marked": "A comment was picked, its thread locked, or that was taken back.",
    "comment.reported": "A reader reported a comment.",
    "appeal.received": "The author of a comment asks that another person looks.",
    "appeal.decided": "An appeal was answered.",
    "member.restricted": "A member was banned, suspended, warned or pre-moderated, or set free again.",
    "notice.received": "Somebody gave legal notice of a comment.",
    "export.finished": "An export is ready, or failed.",
    TEST: "Somebody tried the webhook in the console.",
}
WAITS = tuple(seconds * SECOND for seconds in (5, 300, 1800, 7200, 18_000, 36_000, 36_000))
# µs before the second to the eighth attempt, as Standard Webhooks has them: a day and some hours altogether
OVER_AFTER = 30 * HOUR  # what was not delivered by then has failed, however often it was tried
OFF_AFTER = 5 * DAY  # a webhook that took nothing for so long is switched off
LONGEST_REST = HOUR  # that a receiver's Retry-After may ask for
STUBS = (Status.WITHDRAWN, Status.ERASED)


def type_of(event: Event) -> str | None:
    """What an event is to webhooks; None: nothing. Of an appeal it is what became of it that says which."""
    if isinstance(event, Told):
        return event.type
    if isinstance(event, ExportFinished):
        return None if event.kind == "member" else "export.finished"
    if isinstance(event, CommentEdited) and event.before is event.after:
        return "comment.edited"
    if isinstance(event, CommentChange):
        return None if event.before is event.after else f"comment.{event.after}"
    if isinstance(event, CommentMarked):
        return "comment.marked"
    if isinstance(event, CommentReported):
        return "comment.reported"
    if isinstance(event, AppealChanged):
        return "appeal."
    if isinstance(event, MemberRestricted) and event.measure is not None:
        return "member.restricted"
    return None


def comment_of(row: CommentRow) -> Json:
    """A comment as its publisher sees it: everything that moderators see of one that stands, nothing of what its author
    took back or what was erased. `version` counts its states: what arrives late is known by it.
    """
    if row.status in STUBS:
        return present(row, "stub") | {"version": row.version}
    return present(row, "full") | {"version": row.version, "text": row.text}


def member_of(row: Any) -> Json:
    """A restricted member, by the publisher's own `sub`, as the row is now."""
    return {
        "id": str(row.id),
        "sub": row.sub,
        "name": row.name,
        "banned": row.banned_at is not None,
        "suspended_until": time_text(row.suspended_until),
        "premoderated": bool(row.premoderated),
        "reason": row.restriction_reason,
    }


def payload_of(type_: str, now: int, data: Json) -> str:
    """The body of a message, the same bytes at every attempt."""
    return msgspec.json.encode({"type": type_, "timestamp": time_text(now), "data": data}).decode()


def new_id() -> str:
    return f"msg_{secrets.token_urlsafe(18)}"


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def key_of(secret: str, what: str = "A webhook's") -> bytes:
    """The key in a secret such as whsec_…; raises Malformed."""
    wrong = Malformed(f"{what} secret is whsec_ and 24 to 64 bytes in base64.", field="secret")
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise wrong from error
    if not (secret.startswith(PREFIX) and 24 <= len(key) <= 64):
        raise wrong
    return key


def signed(body: bytes, known: Sequence[str], message: str, seconds: int) -> dict[str, str]:
    """The headers of a message with this id at this time (seconds since 1970), signed with each of these secrets."""
    content = f"{message}.{seconds}.".encode() + body
    made = [base64.b64encode(hmac.digest(key_of(one), content, hashlib.sha256)).decode() for one in known]
    return {
        "webhook-id": message,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{one}" for one in made),
    }


class Secret(msgspec.Struct, frozen=True):
    """One of a webhook's secrets; `until` (µs UTC): it was rotated away and goes on signing till then."""

    secret: str
    until: int | None = None


def valid(known: Sequence[Secret], now: int) -> list[str]:
    """The secrets that sign now, the newest first."""
    return [one.secret for one in known if one.until is None or one.until > now]


def rotated(known: Sequence[Secret], new: str, now: int, overlap: int) -> list[Secret]:
    """With a new secret in front; those that signed until now do so for `overlap` µs more, older ones are forgotten."""
    ending = [Secret(one.secret, min(one.until or now + overlap, now + overlap)) for one in known]
    return [Secret(new), *(one for one in ending if one.until is not None and one.until > now)]


def next_wait(attempts: int, jitter: float) -> int | None:
    """How long (µs) after so many failed attempts the next one comes, `jitter` (-1 to 1) a tenth sooner or later; None:
    never.
    """
    return round(WAITS[attempts - 1] * (1 + jitter / 10)) if attempts <= len(WAITS) else None


def rest_of(retry_after: str | None) -> int:
    """How long (µs) a receiver wants to be left alone, from its Retry-After in seconds; bounded. A date counts as
    nothing: its clock is not ours.
    """
    text = (retry_after or "").strip()
    return min(int(text), LONGEST_REST // SECOND) * SECOND if text.isascii() and text.isdigit() and text else 0


def read_url(url: str, private_hosts: frozenset[str]) -> str:
    """An address that messages may be sent to. Raises Malformed: it is no absolute URL, or it is not https and not one
    of the operator's own hosts. Where its name leads is asked when it is sent to.
    """
    if len(url) > 2000 or not is_http_url(url) or "#" in url or any(char <= " " for char in url):
        raise Malformed("An address is an absolute http(s) URL of at most 2000 characters, without #.", field="url")
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in private_hosts:
        raise Malformed("Messages are sent over https alone; write https://…", field="url")
    return url


def read_types(types: Sequence[str]) -> list[str]:
    """Which types a webhook wants, in the order of the list; none: all. Raises Malformed."""
    for one in types:
        if one not in TYPES or one == TEST:
            raise Malformed(f"There is no type {one!r}: {', '.join(list(TYPES)[:-1])}.", field="events")
    return [one for one in TYPES if one in types]
