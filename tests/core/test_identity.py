"""Claim by claim: what a publisher's token may say, and which claim is named when it is wrong."""

from typing import Any

import pytest

from comments.core.entitlement import SECOND, State
from comments.core.errors import Unauthenticated
from comments.core.identity import (
    LEEWAY,
    MAX_LIFE,
    NOBODY,
    Identity,
    Role,
    Viewer,
    identity_from_claims,
)

SECONDS = 1_800_000_000
ISSUER, SITE = "https://www.gazette.example", "gazette"
GOOD: dict[str, Any] = {
    "iss": ISSUER, "aud": SITE, "sub": "u-1", "iat": SECONDS, "exp": SECONDS + 300, "jti": "a1", "name": "Kiesel",
    "ent": [{"product": "digital", "state": "active", "exp": SECONDS + 9000}],
}  # fmt: skip
GONE = "(left out)"  # told apart by identity; an object() would put its address into the ids of tests


def identity(**change: Any) -> Identity:
    claims = {name: value for name, value in (GOOD | change).items() if value is not GONE}
    return identity_from_claims(claims, ISSUER, SITE, ("digital",), SECONDS * SECOND)


WRONG: dict[str, list[Any]] = {
    "iss": [GONE, None, "", "https://evil.example", ISSUER + "/", [ISSUER], 1],
    "aud": [GONE, None, "", "herald", ["herald"], ["gazette", "herald"], [], {"gazette": 1}, "GAZETTE", True],
    "sub": [GONE, None, "", 7, ["u"], "x" * 256, "a\nb", "a\0", "\ud800", True],
    "jti": [GONE, None, "", 7, ["u"], "x" * 256, "a\tb"],
    "iat": [GONE, None, "now", True, float("nan"), float("inf"), -1, 2**40, SECONDS + LEEWAY + 1, [SECONDS]],
    "exp": [
        GONE, None, "later", True, float("nan"), float("-inf"), -5, 10**30,
        SECONDS, SECONDS - 1, SECONDS + MAX_LIFE + 1,
    ],
    "nbf": [None, "now", True, SECONDS + LEEWAY + 1, float("nan")],
    "name": [1, True, ["Kiesel"], {}],
    "avatar": [
        1, "", "http://pictures.example/a.png", "//pictures.example/a.png", "javascript:alert(1)", "https://",
        "https://u:p@pictures.example/", "https://pictures.example/a b", "data:image/png;base64,AA",
        "https://pictures.example/" + "a" * 2000, "https://pictures.example/\\a", "https://[", ["https://x.example"],
    ],
    "badges": ["staff", {"staff": 1}, [1], [None], ["a"] * 6, 3, [["staff"]]],
    "ent": ["active", {}, [1]],
}  # fmt: skip


@pytest.mark.parametrize(
    ("claim", "value"), [(claim, value) for claim, values in WRONG.items() for value in values], ids=str
)
def test_the_wrong_claim_is_named(claim: str, value: Any) -> None:
    with pytest.raises(Unauthenticated) as refused:
        identity(**{claim: value})
    assert refused.value.code == "token_invalid"
    assert refused.value.extras == {"claim": claim}


def test_an_expired_token() -> None:
    with pytest.raises(Unauthenticated) as refused:
        identity(iat=SECONDS - 400, exp=SECONDS - LEEWAY)
    assert (refused.value.code, refused.value.extras) == ("token_expired", {"claim": "exp"})


def test_skewed_clocks_are_forgiven_a_minute() -> None:
    assert identity(iat=SECONDS + LEEWAY, exp=SECONDS + 300).issued == (SECONDS + LEEWAY) * SECOND
    assert identity(iat=SECONDS - 300, exp=SECONDS - LEEWAY + 1)
    assert identity(nbf=SECONDS + LEEWAY)


def test_a_good_token() -> None:
    one = identity(avatar="https://pictures.example/k.png", badges=["staff", " \u200b ", "a" * 40])
    assert (one.sub, one.name, one.avatar, one.jti) == ("u-1", "Kiesel", "https://pictures.example/k.png", "a1")
    assert one.badges == ("staff", "a" * 30)
    assert (one.issued, one.expires) == (SECONDS * SECOND, (SECONDS + 300) * SECOND)
    assert one.entitlement.state is State.ACTIVE


def test_the_longest_life() -> None:
    assert identity(exp=SECONDS + MAX_LIFE).expires == (SECONDS + MAX_LIFE) * SECOND


def test_an_audience_of_one_in_a_list() -> None:
    assert identity(aud=[SITE]).sub == "u-1"


def test_fractions_of_seconds() -> None:
    assert identity(iat=SECONDS - 0.5).issued == SECONDS * SECOND - SECOND // 2


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("  Kiesel\n am  Bach ", "Kiesel am Bach"),
        ("\u202eleseiK", "leseiK"),
        ("Kie\u200bsel\0", "Kiesel"),
        ("x" * 100, "x" * 40),
        ("\u200b", None),
        ("", None),
        (GONE, None),
        (None, None),
    ],
)
def test_names_are_cleaned(said: Any, kept: str | None) -> None:
    assert identity(name=said).name == kept


def test_missing_claims_that_may_miss() -> None:
    one = identity(ent=GONE, name=GONE)
    assert (one.avatar, one.badges, one.entitlement.state) == (None, (), State.REGISTERED)


def test_who_moderates_where() -> None:
    everywhere = Viewer(role=Role.ADMINISTRATOR, id=1, sites=None)
    here = Viewer(role=Role.MODERATOR, id=2, sites=frozenset({7}))
    assert everywhere.works_at(7) and everywhere.works_at(8)
    assert here.works_at(7) and not here.works_at(8)
    assert not Viewer(role=Role.MODERATOR, id=3).works_at(7)
    member = Viewer(role=Role.MEMBER, id=4, site_id=7, sites=None)
    assert not member.works_at(7)
    assert (member.member_id, here.member_id, NOBODY.member_id) == (4, None, None)
    assert not NOBODY.works_at(7)
