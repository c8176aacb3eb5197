"""Waits after failures to sign in: they grow, they end, and those who come together are not each a first try."""

import concurrent.futures

import pytest

from comments.core.errors import TooMany
from comments.http.waits import FREE, KEPT, LONGEST, MOST, Own, Waits, wait_after


def test_waits_grow_up_to_a_quarter_of_an_hour() -> None:
    assert [wait_after(tries) for tries in (1, FREE, FREE + 1, FREE + 2, FREE + 9, 10**6)] == [0, 0, 2, 4, 512, LONGEST]


def test_a_day_of_guessing() -> None:
    """Whoever tries as soon as they may has some hundred tries a day at one account, from however many addresses."""
    own, now, tries = Own(), 0.0, 0
    while now < 86_400:
        wait = own.begin("kiesel", now)
        tries += not wait
        now += wait
    assert 90 <= tries <= 120


def test_what_is_forgotten() -> None:
    own = Own()
    for _ in range(FREE + 1):
        assert own.begin("a", 0) == 0
    assert own.begin("a", 1) == 1
    assert own.begin("a", 2) == 0 and own.begin("a", 3) == 3
    assert own.begin("a", 6 + KEPT + 1) == 0 == own.begin("a", 6 + KEPT + 1)
    own.clear("a")
    assert own.begin("a", 3) == 0
    for number in range(MOST + 10):
        own.begin(str(number), 0)
    assert len(own._known) == MOST


@pytest.mark.parametrize("shared", [False, True])
def test_a_hundred_at_once(shared: bool, request: pytest.FixtureRequest) -> None:
    waits = [Waits(request.getfixturevalue("redis_url") if shared else None)]
    waits *= 2
    if shared:
        waits[1] = Waits(request.getfixturevalue("redis_url"))  # of another process

    def attempt(number: int) -> bool:
        try:
            waits[number % 2].begin("kiesel@gazette.example")
        except TooMany as error:
            assert error.extras["retry_after"] > 0
            return False
        return True

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        through = sum(pool.map(attempt, range(100)))
    assert through <= FREE + 2, "the free ones and the first that has to wait afterwards"
    waits[0].succeeded("kiesel@gazette.example")
    assert attempt(1)
