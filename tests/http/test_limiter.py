"""The window of a minute slides: no burst at its edge, and whoever waits as told gets in."""

import pytest

from comments.core.errors import TooMany
from comments.http.limiter import EXACT, LONGEST, SHARED, Limiter, Window

KEY = ("post", "1")
START = 6_000_000.0  # the beginning of a minute, in seconds


def test_so_many_and_no_more() -> None:
    window = Window()
    assert [window.hit(KEY, 3, START + n) for n in range(3)] == [None] * 3
    assert window.hit(KEY, 3, START + 10) == 50.0
    assert window.hit(("post", "2"), 3, START + 10) is None
    assert window.hit(("react", "1"), 3, START + 10) is None


def test_the_edge_of_a_minute_gives_no_second_burst() -> None:
    window = Window()
    for _ in range(10):
        assert window.hit(KEY, 10, START + 59) is None
    assert [window.hit(KEY, 10, START + 60.5) for _ in range(10)].count(None) == 1


@pytest.mark.parametrize("first", [0, 20, 59])
@pytest.mark.parametrize("then", [60, 75, 100])
def test_whoever_waits_as_told_gets_in(first: int, then: int) -> None:
    window = Window()
    now = START + first
    while window.hit(KEY, 5, now) is None:
        pass
    now = max(now, START + then)
    waits = 0
    while (wait := window.hit(KEY, 5, now)) is not None:
        assert wait >= 0
        now += wait + 0.001
        waits += 1
    assert waits <= 2
    assert now <= START + max(then, 120)


def test_old_minutes_are_forgotten() -> None:
    window = Window()
    for number in range(1000):
        window.hit(("post", str(number)), 5, START)
    window.hit(KEY, 5, START + 600)
    assert len(window._now) == 1 and not window._before["post"]


def test_a_million_addresses_take_little_memory() -> None:
    """… and whoever was counted before them stays so, while of those who come then hardly one is refused for others."""
    window = Window()
    for _ in range(20):
        assert window.hit(("requests", "early"), 20, START) is None
    for number in range(1_000_000):
        window.hit(("requests", f"10.{number}"), 1200, START)
    assert len(window._now["requests"]) <= EXACT + SHARED
    assert window.hit(("requests", "early"), 20, START) is not None
    assert all(window.hit(("requests", f"late {number}"), 1200, START) is None for number in range(1000))
    late = [window.hit(("requests", "one more"), 1200, START) for _ in range(1201)]
    assert late[0] is None and late[-1] is not None


def test_who_is_kept_short() -> None:
    limiter = Limiter(None)
    for _ in range(3):
        limiter.hit("sign_in", "\ud800" + "a" * 100_000, 3)
    with pytest.raises(TooMany):
        limiter.hit("sign_in", "\ud800" + "a" * 100_000, 3)
    assert all(len(str(who)) <= LONGEST for who in limiter._own._now["sign_in"])


def test_limits_stay_while_redis_is_gone() -> None:
    limiter = Limiter("redis://127.0.0.1:1/0")
    for _ in range(3):
        limiter.hit("post", "1", 3)
    with pytest.raises(TooMany) as refused:
        limiter.hit("post", "1", 3)
    assert 1 <= refused.value.extras["retry_after"] <= 61


def test_redis_counts_for_all_processes(redis_url: str) -> None:
    here, there = Limiter(redis_url), Limiter(redis_url)
    here.hit("post", "1", 2)
    there.hit("post", "1", 2)
    for limiter in (here, there):
        with pytest.raises(TooMany):
            limiter.hit("post", "1", 2)
