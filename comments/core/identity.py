"""Who asks: the Viewer, and how the claims of a publisher's token become one member's identity."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from comments.core.api_keys import Scope
from comments.core.entitlement import SECOND, Entitlement, State, entitlement_from_claims, is_seconds
from comments.core.errors import Unauthenticated
from comments.core.mail import mailable
from comments.core.markup import clean_line
from comments.core.site import is_http_url

MAX_LIFE = 10 * 60  # seconds between a publisher's `iat` and `exp`
LEEWAY = 60  # seconds of clock skew that are forgiven
MAX_SUB, MAX_NAME, MAX_BADGES, MAX_BADGE = 255, 40, 5, 30


class Role(StrEnum):
    """What kind of viewer this is; the table of core/policy.py speaks of these."""

    NOBODY = "nobody"
    MEMBER = "member"
    STAFF = "staff"  # of the newsroom: looks, picks and notes in the console, restricts nobody
    MODERATOR = "moderator"
    ADMINISTRATOR = "administrator"
    KEY = "key"  # a program with a key of the publishers' API: what it may is said by the key's scopes


CONSOLE = frozenset({Role.STAFF, Role.MODERATOR, Role.ADMINISTRATOR})  # people with an account
AT_DESKS = CONSOLE | {Role.KEY}  # whom the console's calls answer


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever asks, perhaps nobody. A member belongs to one site; an account of the console to `sites` (None: to all)
    and, a moderator, perhaps to some `sections` of them alone (None: to all, also to articles without one); a key to
    its one site, for its `scopes`.

    Times are µs UTC. `id` is the member's id for a member and the user's id for moderators, administrators and keys.
    """

    role: Role = Role.NOBODY
    id: int | None = None
    site_id: int | None = None
    sites: frozenset[int] | None = frozenset()
    sections: frozenset[str] | None = None
    scopes: frozenset[Scope] = frozenset()
    name: str | None = None
    state: State = State.NOBODY
    state_until: int | None = None  # when a paid state ends
    banned: bool = False
    suspended_until: int | None = None
    unseen_warnings: int = 0

    @property
    def member_id(self) -> int | None:
        return self.id if self.role is Role.MEMBER else None

    def works_at(self, site_id: int) -> bool:
        """Whether the console shows them this site at all."""
        return self.role in AT_DESKS and (self.sites is None or site_id in self.sites)

    def sees_section(self, section: str | None) -> bool:
        """Whether articles of this section are theirs to look after."""
        return self.sections is None or (section is not None and section in self.sections)


NOBODY = Viewer()


@dataclass(frozen=True, slots=True)
class Identity:
    """What a publisher's token says about a person, checked and cleaned. Times µs UTC."""

    sub: str
    name: str | None
    avatar: str | None
    badges: tuple[str, ...]
    entitlement: Entitlement
    issued: int
    expires: int
    jti: str
    ref: str | None = None  # the article whose gate led here, as the link to subscribe had it
    email: str | None = None  # that the publisher vouches for


def identity_from_claims(
    claims: dict[str, Any], issuer: str, audience: str, products: tuple[str, ...], now: int
) -> Identity:
    """Check the claims of a token whose signature was verified. Raises Unauthenticated naming the claim that is
    wrong.
    """
    if claims.get("iss") != issuer:
        raise _invalid("iss", f"The claim “iss” must be {issuer!r}.")
    if claims.get("aud") not in (audience, [audience]):
        raise _invalid("aud", f"The claim “aud” must be this site's key, {audience!r}.")
    issued, expires = _times(claims, now)
    return Identity(
        sub=_text(claims, "sub", MAX_SUB),
        name=_name(claims),
        avatar=_avatar(claims),
        badges=_badges(claims),
        entitlement=entitlement_from_claims(claims.get("ent"), products, now),
        issued=issued,
        expires=expires,
        jti=_text(claims, "jti", 255),
        ref=None if claims.get("ref") is None else _text(claims, "ref", 255),
        email=_email(claims),
    )


def name_key(name: str) -> str:
    """A name as it is compared: compatibility forms, case and white space folded."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _invalid(claim: str, detail: str) -> Unauthenticated:
    return Unauthenticated("token_invalid", detail, claim=claim)


def _times(claims: dict[str, Any], now: int) -> tuple[int, int]:
    seconds = now // SECOND
    issued, expires = _number(claims, "iat"), _number(claims, "exp")
    if issued > seconds + LEEWAY:
        raise _invalid("iat", "The claim “iat” lies in the future: compare the clocks.")
    if expires <= issued:
        raise _invalid("exp", "The claim “exp” must be after “iat”.")
    if expires - issued > MAX_LIFE:
        raise _invalid("exp", f"The claim “exp” may be at most {MAX_LIFE} seconds after “iat”.")
    if expires + LEEWAY <= seconds:
        raise Unauthenticated("token_expired", "The token is over.", claim="exp")
    if "nbf" in claims and _number(claims, "nbf") > seconds + LEEWAY:
        raise _invalid("nbf", "The token is not valid yet.")
    return int(issued * SECOND), int(expires * SECOND)


def _number(claims: dict[str, Any], claim: str) -> float:
    value = claims.get(claim)
    if not is_seconds(value):
        raise _invalid(claim, f"The claim “{claim}” must be a time in seconds.")
    return value


def _text(claims: dict[str, Any], claim: str, longest: int) -> str:
    value = claims.get(claim)
    if not isinstance(value, str) or not 0 < len(value) <= longest or not value.isprintable():
        raise _invalid(claim, f"The claim “{claim}” must be a text of 1 to {longest} printable characters.")
    return value


def _name(claims: dict[str, Any]) -> str | None:
    value = claims.get("name")
    if value is None:
        return None
    if not isinstance(value, str):
        raise _invalid("name", "The claim “name” must be a text.")
    return clean_line(value, MAX_NAME) or None


def _avatar(claims: dict[str, Any]) -> str | None:
    value = claims.get("avatar")
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > 2000 or not is_http_url(value) or not value.startswith("https://"):
        raise _invalid("avatar", "The claim “avatar” must be an absolute https URL.")
    return value


def _email(claims: dict[str, Any]) -> str | None:
    """None also for what we cannot write to, and for what the publisher says it has not verified: nobody is kept from
    commenting for that.
    """
    value = claims.get("email")
    if value is not None and not isinstance(value, str):
        raise _invalid("email", "The claim “email” must be a text.")
    return mailable(value) if value and claims.get("email_verified", True) is True else None


def _badges(claims: dict[str, Any]) -> tuple[str, ...]:
    value = claims.get("badges", [])
    if not isinstance(value, list) or len(value) > MAX_BADGES or not all(isinstance(badge, str) for badge in value):
        raise _invalid("badges", f"The claim “badges” must be a list of at most {MAX_BADGES} texts.")
    return tuple(badge for badge in (clean_line(badge, MAX_BADGE) for badge in value) if badge)
