"""What a publisher's `ent` is worth, entry by entry: it fails closed. And who may read and write with it."""

from typing import Any

import msgspec
import pytest

from comments.core.entitlement import (
    RANK,
    SECOND,
    Entitlement,
    State,
    entitlement_from_claims,
    may_read,
    may_write,
)
from comments.core.errors import Unauthenticated
from comments.core.site import SiteSettings

NOW = 1_800_000_000 * SECOND
LATER = 1_800_000_100
PRODUCTS = ("digital", "print")


def entry(product: Any = "digital", state: Any = "active", exp: Any = LATER) -> dict[str, Any]:
    return {"product": product, "state": state, "exp": exp}


WORTH: dict[str, tuple[Any, State, int | None]] = {
    "no claim": (None, State.REGISTERED, None),
    "no entry": ([], State.REGISTERED, None),
    "active": ([entry()], State.ACTIVE, LATER),
    "trial": ([entry(state="trial")], State.TRIAL, LATER),
    "grace": ([entry(state="grace")], State.GRACE, LATER),
    "lapsed": ([entry(state="lapsed")], State.LAPSED, None),
    "lapsed without an end": ([entry(state="lapsed", exp=None)], State.LAPSED, None),
    "registered": ([entry(state="registered")], State.REGISTERED, None),
    "another product": ([entry(product="cinema")], State.REGISTERED, None),
    "a look-alike of a product": ([entry(product="Digital")], State.REGISTERED, None),
    "an unknown state": ([entry(state="gold")], State.REGISTERED, None),
    "a state in another case": ([entry(state="ACTIVE")], State.REGISTERED, None),
    "nobody as a state": ([entry(state="nobody")], State.REGISTERED, None),
    "a subscription without an end": ([entry(exp=None)], State.REGISTERED, None),
    "over": ([entry(exp=NOW // SECOND - 1)], State.LAPSED, None),
    "over this second": ([entry(exp=NOW // SECOND)], State.LAPSED, None),
    "a fraction of a second left": ([entry(exp=NOW / SECOND + 0.5)], State.ACTIVE, None),
    "the best of several": ([entry(state="trial"), entry("print"), entry(state="lapsed")], State.ACTIVE, LATER),
    "the longest of the best": ([entry(), entry("print", exp=LATER + 50)], State.ACTIVE, LATER + 50),
    "one that is over beside one that is not": ([entry(exp=1), entry("print", "grace")], State.GRACE, LATER),
    "unknown members": ([entry() | {"seats": 4}], State.ACTIVE, LATER),
}


@pytest.mark.parametrize(("ent", "state", "until"), WORTH.values(), ids=WORTH)
def test_worth(ent: Any, state: State, until: int | None) -> None:
    found = entitlement_from_claims(ent, PRODUCTS, NOW)
    assert found.state is state
    if until is not None:
        assert found.until == until * SECOND


BROKEN: dict[str, Any] = {
    "a text": "active",
    "an object": entry(),
    "a number": 1,
    "true": True,
    "an entry that is a text": ["active"],
    "an entry that is null": [None],
    "an entry that is a list": [["digital", "active", LATER]],
    "no product": [{"state": "active", "exp": LATER}],
    "no state": [{"product": "digital", "exp": LATER}],
    "a product that is a number": [entry(product=1)],
    "a state that is null": [entry(state=None)],
    "a state that is a list": [entry(state=["active"])],
    "an end that is a text": [entry(exp="2030-01-01")],
    "an end that is true": [entry(exp=True)],
    "an end that is no number": [entry(exp=float("nan"))],
    "an end that is infinite": [entry(exp=float("inf"))],
    "an end before all time": [entry(exp=-1)],
    "an end beyond all time": [entry(exp=10**30)],
    "a broken entry of a foreign product": [entry(), entry("cinema", exp="soon")],
}


@pytest.mark.parametrize("ent", BROKEN.values(), ids=BROKEN)
def test_broken(ent: Any) -> None:
    with pytest.raises(Unauthenticated) as refused:
        entitlement_from_claims(ent, PRODUCTS, NOW)
    assert refused.value.extras == {"claim": "ent"}


def test_a_site_without_products_entitles_nobody() -> None:
    assert entitlement_from_claims([entry()], (), NOW) == Entitlement(State.REGISTERED)


def test_what_is_paid_ends_as_lapsed() -> None:
    for state in (State.ACTIVE, State.TRIAL, State.GRACE):
        one = Entitlement(state, 100)
        assert one.at(99) == one
        assert one.at(100) == Entitlement(State.LAPSED)
    assert Entitlement(State.REGISTERED, 100).at(200).state is State.REGISTERED


def test_the_order_of_states() -> None:
    assert sorted(RANK, key=RANK.__getitem__) == [*State]
    assert [*State] == ["nobody", "registered", "lapsed", "grace", "trial", "active"]


READS = {
    "everyone": set(State),
    "registered": set(State) - {State.NOBODY},
    "subscribers": {State.GRACE, State.TRIAL, State.ACTIVE},
}
WRITES: list[tuple[dict[str, Any], set[State]]] = [
    ({}, {State.GRACE, State.TRIAL, State.ACTIVE}),
    ({"write": "subscribers", "write_states": ["active"]}, {State.ACTIVE}),
    ({"write": "subscribers", "write_states": ["active", "trial"]}, {State.ACTIVE, State.TRIAL}),
    ({"write": "subscribers", "write_states": []}, set()),
    ({"write": "registered"}, set(State) - {State.NOBODY}),
    ({"write": "registered", "write_states": ["active"]}, set(State) - {State.NOBODY}),
]


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("read", READS)
def test_who_reads(read: str, state: State) -> None:
    assert may_read(msgspec.convert({"read": read}, SiteSettings), state) is (state in READS[read])


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize(("settings", "writers"), WRITES)
def test_who_writes(settings: dict[str, Any], writers: set[State], state: State) -> None:
    assert may_write(msgspec.convert(settings, SiteSettings), state) is (state in writers)
