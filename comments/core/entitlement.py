"""What a publisher's token says about a subscription, and what that allows.

It fails closed: no `ent`, an unknown state, an entry that is over, or a product that the site does not list counts
for nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeGuard

from comments.core.errors import Unauthenticated
from comments.core.site import SiteSettings

SECOND = 1_000_000  # microseconds, the unit of every time in this package


class State(StrEnum):
    """Ordered from the least to the most that somebody may have; NOBODY has shown no token."""

    NOBODY = "nobody"
    REGISTERED = "registered"
    LAPSED = "lapsed"
    GRACE = "grace"
    TRIAL = "trial"
    ACTIVE = "active"


RANK = {state: rank for rank, state in enumerate(State)}
PAYING = frozenset({State.GRACE, State.TRIAL, State.ACTIVE})


@dataclass(frozen=True, slots=True)
class Entitlement:
    """The best entitlement of a member at one site. `until`: µs UTC when it ends, None where nothing ends."""

    state: State
    until: int | None = None

    def at(self, now: int) -> "Entitlement":
        """What is left of it at `now`: a paid state that ended is lapsed, of the kind that ended it speaks."""
        if self.until is not None and now >= self.until and self.state in PAYING:
            return Entitlement(State.LAPSED)
        return self


def entitlement_from_claims(ent: Any, products: Sequence[str], now: int) -> Entitlement:
    """The best entry of the claim `ent` that counts for a site with these products.

    `ent` is a list of {product, state, exp (seconds)}; anything of another shape is a broken token (Unauthenticated,
    claim `ent`), while entries that merely do not count (other product, unknown state, ended) leave the member
    registered or lapsed.
    """
    if ent is None:
        return Entitlement(State.REGISTERED)
    if not isinstance(ent, list):
        raise Unauthenticated("token_invalid", "The claim “ent” must be a list of {product, state, exp}.", claim="ent")
    best = Entitlement(State.REGISTERED)
    for entry in ent:
        found = _entry(entry, products).at(now)
        if (RANK[found.state], found.until or 0) > (RANK[best.state], best.until or 0):
            best = found
    return best


def is_seconds(value: Any) -> TypeGuard[float]:
    """Whether a claim's value is a time in seconds that can be stored: JSON of Python also has NaN and Infinity."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 2**40


def _entry(entry: Any, products: Sequence[str]) -> Entitlement:
    wrong = Unauthenticated(
        "token_invalid", "Each entry of the claim “ent” must be {product, state, exp}.", claim="ent"
    )
    if (
        not isinstance(entry, dict)
        or not isinstance(entry.get("product"), str)
        or not isinstance(entry.get("state"), str)
    ):
        raise wrong
    exp = entry.get("exp")
    if exp is not None and not is_seconds(exp):
        raise wrong
    if entry["product"] not in products:
        return Entitlement(State.REGISTERED)
    try:
        state = State(entry["state"])
    except ValueError:
        return Entitlement(State.REGISTERED)
    if state in PAYING and exp is None:
        return Entitlement(State.REGISTERED)  # a subscription that does not say when it ends fails closed
    if state is State.NOBODY:
        return Entitlement(State.REGISTERED)
    return Entitlement(state, int(exp * SECOND) if exp is not None and state in PAYING else None)


def may_write(settings: SiteSettings, state: State) -> bool:
    """Whether somebody in this state may write at a site with these settings."""
    if settings.write == "registered":
        return state is not State.NOBODY
    return state in PAYING and state.value in settings.write_states


def may_read(settings: SiteSettings, state: State) -> bool:
    """Whether somebody in this state may read at a site with these settings."""
    match settings.read:
        case "everyone":
            return True
        case "registered":
            return state is not State.NOBODY
        case "subscribers":
            return state in PAYING
