"""The rounded number of people on a page."""

import pytest

from comments.core.crowd import rounded


@pytest.mark.parametrize(
    ("people", "told"),
    [
        (0, 0),
        (1, 0),
        (4, 0),
        (5, 5),
        (9, 5),
        (10, 10),
        (99, 95),
        (100, 100),
        (119, 110),
        (1_234, 1_200),
        (10_999, 10_000),
    ],
)
def test_rounded(people: int, told: int) -> None:
    assert rounded(people) == told


def test_never_more_than_there_are_and_never_falling() -> None:
    told = [rounded(people) for people in range(3_000)]
    assert told == sorted(told)
    assert all(number <= people for people, number in enumerate(told))
