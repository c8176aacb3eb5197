"""Days of a time zone, times in buckets, cells that are no formulas."""

import math
import random
from collections import Counter
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from comments.core.entitlement import SECOND
from comments.core.errors import Malformed
from comments.core.figures import HOUR, bucket_of, cell, local_text, midnight, quantile, read_span
from comments.core.times import time_micros

VIENNA = ZoneInfo("Europe/Vienna")
UTC = ZoneInfo("UTC")
NOW = time_micros("2026-04-02T09:20:00Z")


@pytest.mark.parametrize("seed", range(5))
def test_medians_from_buckets_are_within_ten_percent(seed: int) -> None:
    chance = random.Random(seed)
    times = [round(chance.lognormvariate(chance.uniform(2, 10), 2) * SECOND) for _ in range(chance.randrange(1, 400))]
    buckets = Counter(bucket_of(one) for one in times)
    for share in (0.5, 0.95):
        exact = max(1.0, sorted(times)[math.ceil(share * len(times)) - 1] / SECOND)
        found = quantile(buckets, share)
        assert found is not None
        assert exact / 1.1 <= found <= exact * 1.1 or (exact <= 1.2 and found == 1.0), (exact, found)


def test_buckets_at_their_edges() -> None:
    assert [bucket_of(one) for one in (-5, 0, 1, SECOND, 1_199_999)] == [0] * 5
    assert bucket_of(1_200_001) == 1
    assert bucket_of(10**17) < 200
    assert quantile({}, 0.5) is None


def test_days_when_clocks_are_changed() -> None:
    span = read_span("2026-03-28", "2026-03-30", "day", VIENNA, NOW)
    assert [(one.end - one.start) // HOUR for one in span.days(VIENNA)] == [24, 23, 24]
    assert [local_text(one.start, VIENNA) for one in span.days(VIENNA)] == [
        "2026-03-28T00:00:00+01:00", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00",
    ]  # fmt: skip
    autumn = read_span("2025-10-26", "2025-10-26", "hour", VIENNA, NOW)
    assert len(list(autumn.hours())) == 25


def test_a_zone_of_half_hours_has_whole_ones_too() -> None:
    kolkata = ZoneInfo("Asia/Kolkata")
    for day in (date(2026, 3, 1), date(2026, 3, 2)):
        assert midnight(day, kolkata) % HOUR == 0
        assert local_text(midnight(day, kolkata), kolkata).startswith(f"{day}T00:30")


def test_what_is_asked_for_without_saying() -> None:
    days = list(read_span(None, None, "day", VIENNA, NOW).days(VIENNA))
    assert len(days) == 30
    assert local_text(days[-1].end, VIENNA) == "2026-04-02T12:00:00+02:00", "the hour that runs is the last one"
    assert len(list(read_span(None, None, "hour", VIENNA, NOW).hours())) == 24
    times = read_span("2026-04-01T10:20:00Z", "2026-04-02T10:20:00+02:00", "hour", UTC, NOW)
    assert (times.end - times.start) // HOUR == 23, "whole hours that hold both"


@pytest.mark.parametrize(
    ("first", "last", "by", "field"),
    [
        ("2026-03-02", "2026-03-01", "day", "from"), ("2025-01-01", "2026-03-01", "day", "from"),
        ("2026-03-01", "2026-03-20", "hour", "from"), ("x", None, "day", "from"), ("2026-02-30", None, "day", "from"),
        (None, "2026-13-01", "day", "to"), (None, "9999-12-31", "day", "to"), (None, None, "week", "by"),
        ("2026-03-02T09:00:00", None, "day", "from"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(first: str | None, last: str | None, by: str, field: str) -> None:
    with pytest.raises(Malformed) as wrong:
        read_span(first, last, by, UTC, NOW)
    assert wrong.value.extras["field"] == field


def test_at_most() -> None:
    assert len(list(read_span("2026-01-01", "2026-04-02", "day", UTC, NOW).days(UTC))) == 92
    assert len(list(read_span("2025-10-13", "2025-10-26", "hour", VIENNA, NOW).hours())) == 14 * 24 + 1


def test_no_formulas() -> None:
    for text in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"):
        assert cell(text) == f"'{text}"
    for text in ("", "spam", "1-1", "a=b"):
        assert cell(text) == text
