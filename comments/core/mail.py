"""What may be mailed, when, and to which address; signed links of mails. Pure. The sending is jobs/mail.py's, how a
mail looks core/letters.py's.
"""

import hashlib
import hmac
import re
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from itsdangerous import BadSignature, URLSafeSerializer

from comments.core.errors import Malformed
from comments.core.notifications import Kind


class Choice(StrEnum):
    """When a member wants mail of something."""

    OFF = "off"
    AT_ONCE = "at_once"
    DAILY = "daily"


class MailKind(StrEnum):
    """What a member chooses about: the columns of their mailbox."""

    REPLIES = "replies"
    MENTIONS = "mentions"
    FOLLOWS = "follows"
    DECISIONS = "decisions"
    APPEALS = "appeals"


class State(StrEnum):
    """What becomes of a mail. Only `waiting` and `held` are ever sent; from `sending` on nobody sends it again."""

    WAITING = "waiting"
    TAKEN = "taken"  # a worker looks at it; if that dies, another one takes it
    SENDING = "sending"  # the server is about to be told that this was all of it
    SENT = "sent"
    UNCERTAIN = "uncertain"  # the worker died, or the line was cut, before the server's answer was kept
    HELD = "held"  # for the day's digest
    FOLDED = "folded"  # went into a digest
    DROPPED = "dropped"  # nobody is to get it any more
    FAILED = "failed"  # the server refused it for good


OF = {
    Kind.REPLY: MailKind.REPLIES,
    Kind.ANSWERED: MailKind.REPLIES,
    Kind.MENTION: MailKind.MENTIONS,
    Kind.PUBLISHED: MailKind.DECISIONS,
    Kind.REJECTED: MailKind.DECISIONS,
    Kind.PICKED: MailKind.DECISIONS,
    Kind.RESTORED: MailKind.APPEALS,
    Kind.UPHELD: MailKind.APPEALS,
}
ABOUT_ONESELF = frozenset({MailKind.DECISIONS, MailKind.APPEALS})
DIGEST, LETTER = "digest", "letter"  # other kinds of mails

_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII)
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+\Z)[a-z0-9-]{2,63}", re.ASCII)
MAX_ADDRESS = 254  # RFC 5321


class MailChange(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a member changes of their mail; what is left out stays. `address`: one of their own, which is asked by a
    mailed link first; null: the publisher's again.
    """

    choices: dict[MailKind, Choice] = {}
    address: Annotated[str, msgspec.Meta(max_length=MAX_ADDRESS)] | msgspec.UnsetType | None = msgspec.UNSET
    language: Annotated[str, msgspec.Meta(pattern=r"\A[a-z]{2,3}(-[A-Z]{2})?\Z")] | msgspec.UnsetType | None = (
        msgspec.UNSET
    )


def mailable(text: str) -> str | None:
    """An address as it is stored and compared, in ASCII and small letters (no mail server tells A from a, and whoever
    counts letters to an address must not); None if we send nothing there: quoted local parts, letters beyond ASCII
    before the @, numbers for a host.
    """
    local, at, domain = text.strip().lower().rpartition("@")
    if not at or not 0 < len(local) <= 64 or not _LOCAL.fullmatch(local):
        return None
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        return None
    found = f"{local}@{domain}"
    return found if len(found) <= MAX_ADDRESS and len(domain) <= 253 and _DOMAIN.fullmatch(domain) else None


def read_address(text: str, field: str = "address") -> str:
    """The same for what somebody typed. Raises Malformed naming the field."""
    found = mailable(text)
    if found is None:
        raise Malformed("This is no e-mail address that we can write to: name@example.com is expected.", field=field)
    return found


def sign_link(secret_key: bytes, purpose: str, *values: Any) -> str:
    """What a link of a mail carries, so that only we can have made it. `purpose`: what it is for; a link for one thing
    does nothing else.
    """
    return _signer(secret_key, purpose).dumps(values)


def read_link(secret_key: bytes, purpose: str, token: str) -> list[Any] | None:
    """The values of a link; None if it is not ours, or for something else."""
    try:
        values = _signer(secret_key, purpose).loads(token[:4000])
    except (BadSignature, ValueError, RecursionError):
        return None
    return values if isinstance(values, list) else None


def _signer(secret_key: bytes, purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret_key, salt=f"mail: {purpose}", signer_kwargs={"digest_method": hashlib.sha256})


def stop_digest(secret_key: bytes, site_id: int, address: str) -> str:
    """What is kept of an address that wants no more letters from a site: nobody reads the address from it."""
    return hmac.new(secret_key, f"mail stop {site_id} {address}".encode(), hashlib.sha256).hexdigest()
