"""Standing and the weight of reports: figures in, points out; what speaks against somebody never helps them."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.core.reports import DAY, Told, brigading, hides, source_of, weight_of
from comments.core.standing import History, standing_of

CASES: list[tuple[dict[str, int], str, int]] = [
    ({}, "new", 50),
    ({"published": 2}, "new", 52),
    ({"published": 3}, "good", 53),
    ({"published": 100, "days": 400}, "good", 85),
    ({"published": 10, "rejected": 1}, "good", 55),
    ({"published": 10, "rejected": 3}, "mixed", 47),
    ({"published": 1, "rejected": 5}, "poor", 15),
    ({"rejected": 1}, "mixed", 37),
    ({"published": 5, "warnings": 1, "restrictions": 1}, "mixed", 41),
    ({"published": 1000, "reports_upheld": 100, "days": 4000}, "good", 98),
    ({"rejected": 1000, "warnings": 99, "restrictions": 99, "complaints": 99}, "poor", 0),
    ({"published": 20, "overturned": 5}, "good", 65),
]


@pytest.mark.parametrize(("figures", "level", "score"), CASES)
def test_standing(figures: dict[str, int], level: str, score: int) -> None:
    found = standing_of(History(**figures))
    assert (found.level, found.score) == (level, score), found
    assert {part.name: part.count for part in found.parts if part.name in figures}.items() <= figures.items()


histories = st.builds(History, **dict.fromkeys(History.__dataclass_fields__, st.integers(0, 5000)))  # type: ignore[arg-type]
AGAINST = ["rejected", "complaints", "reports_rejected", "warnings", "restrictions"]
FOR = ["published", "reports_upheld", "days"]


@given(histories, st.sampled_from(AGAINST), st.integers(1, 50))
def test_what_speaks_against_them_never_raises_it(history: History, name: str, more: int) -> None:
    after = replace(history, **{name: getattr(history, name) + more})  # type: ignore[arg-type]
    assert standing_of(after).score <= standing_of(history).score


@given(histories, st.sampled_from(FOR), st.integers(1, 50))
def test_what_speaks_for_them_never_lowers_it(history: History, name: str, more: int) -> None:
    after = replace(history, **{name: getattr(history, name) + more})  # type: ignore[arg-type]
    assert standing_of(after).score >= standing_of(history).score


@given(histories)
def test_the_parts_make_the_score(history: History) -> None:
    found = standing_of(history)
    assert found.score == max(0, 50 + sum(part.points for part in found.parts)) <= 100


@pytest.mark.parametrize(
    ("upheld", "rejected", "weight"),
    [(0, 0, 100), (1, 0, 133), (3, 0, 160), (1000, 0, 200), (0, 1, 67), (0, 3, 40), (0, 1000, 20), (5, 5, 100)],
)
def test_the_weight_of_reports(upheld: int, rejected: int, weight: int) -> None:
    assert weight_of(upheld, rejected) == weight


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_who_was_right_more_often_weighs_more(upheld: int, rejected: int) -> None:
    here = weight_of(upheld, rejected)
    assert 20 <= weight_of(upheld, rejected + 1) <= here <= weight_of(upheld + 1, rejected) <= 200


def test_what_hides() -> None:
    assert not hides(10_000, 0)
    assert not hides(299, 3)
    assert hides(300, 3)


def test_sources() -> None:
    same = {source_of(address, "salt") for address in ("192.0.2.1", "192.0.2.200", "::ffff:192.0.2.7")}
    assert len(same) == 1
    assert source_of("192.0.3.1", "salt") not in same
    assert source_of("192.0.2.1", "another day") not in same
    assert source_of("2001:db8:1:2::3", "salt") == source_of("2001:db8:1:ffff::1", "salt")
    assert source_of("2001:db8:2::3", "salt") != source_of("2001:db8:1::3", "salt")
    assert source_of("unix:", "salt") is None


def told(number: int, **change: Any) -> Told:
    """An ordinary reader's report: an old account that writes, an hour apart, from elsewhere."""
    usual: dict[str, Any] = {"at": 1000 * DAY + number * DAY // 24, "weight": 120, "first_seen": 0}
    return Told(**usual | {"has_commented": True, "source": f"s{number}"} | change)


SIGNS: dict[str, dict[str, Any]] = {
    "young_accounts": {"first_seen": 999 * DAY},
    "one_source": {"source": "one"},
    "never_commented": {"has_commented": False},
    "little_trusted": {"weight": 60},
    "burst": {"at": 1000 * DAY},
}


@pytest.mark.parametrize("sign", SIGNS)
def test_each_sign_of_brigading(sign: str) -> None:
    assert brigading([told(number) for number in range(6)]).why == ()
    one = brigading([told(number, **SIGNS[sign]) if number < 4 else told(number) for number in range(6)])
    assert (one.suspected, one.why) == (False, (sign,))
    half = brigading([told(number, **SIGNS[sign]) if number < 3 else told(number) for number in range(6)])
    assert half.why == (), "half of them is not more than half"
    assert brigading([told(number, **SIGNS[sign]) for number in range(2)]).why == ()


def test_two_signs_make_it_suspected() -> None:
    found = brigading([told(number, source="one", has_commented=False) for number in range(3)])
    assert found.suspected
    assert found.why == ("one_source", "never_commented")
