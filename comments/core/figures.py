"""What the figures of a site are made of: hours that were counted, put together into days and hours of a time zone;
times in buckets, from which medians are read; cells that a spreadsheet does not take for formulas.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from comments.core.entitlement import SECOND
from comments.core.errors import Malformed
from comments.core.times import EPOCH, time_micros

HOUR = 3600 * SECOND
GROWTH = 1.2  # each bucket of times ends at so much more than the one before: its middle is at most 10 % off
MOST = {"day": 92, "hour": 14}  # days that are shown at once
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def hour_of(micros: int) -> int:
    """The beginning of its hour, UTC."""
    return micros - micros % HOUR


def bucket_of(micros: int) -> int:
    """In which bucket a time lies; all below 1.2 s are in the first, 0."""
    seconds = micros / SECOND
    return math.floor(math.log(seconds, GROWTH)) if seconds >= GROWTH else 0


def quantile(buckets: Mapping[int, int], share: float) -> float | None:
    """The time (s) that `share` of those in the buckets do not exceed, within 10 % (from 1.2 s on); None of nothing."""
    rank, passed = math.ceil(share * sum(buckets.values())), 0
    for bucket in sorted(buckets):
        passed += buckets[bucket]
        if passed >= rank > 0:
            return round(GROWTH ** (bucket + 0.5), 1) if bucket else 1.0
    return None


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to before `end` (µs UTC)."""

    start: int
    end: int

    def days(self, zone: ZoneInfo) -> Iterator["Span"]:
        """Cut at the midnights of a time zone."""
        start = self.start
        while start < self.end:
            day = _local(start, zone).date() + timedelta(days=1)
            end = min(midnight(day, zone), self.end)
            yield Span(start, end)
            start = end

    def hours(self) -> Iterator["Span"]:
        for start in range(self.start, self.end, HOUR):
            yield Span(start, start + HOUR)


def _local(micros: int, zone: ZoneInfo) -> datetime:
    return (EPOCH + timedelta(microseconds=micros)).astimezone(zone)


def local_text(micros: int, zone: ZoneInfo) -> str:
    """RFC 3339 to the second, by the clock of the time zone."""
    return _local(micros, zone).isoformat(timespec="seconds")


def midnight(day: date, zone: ZoneInfo) -> int:
    """The first hour (UTC) that begins on this day; with a time zone of half hours its first minutes count before."""
    start = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    micros = (start - EPOCH) // timedelta(microseconds=1)
    return micros if micros % HOUR == 0 else hour_of(micros) + HOUR


def read_span(first: str | None, last: str | None, by: str, zone: ZoneInfo, now: int) -> Span:
    """What is asked for: days (the last one included) or times (RFC 3339, whole hours); by default the last 30 days,
    or 24 hours. Raises Malformed.
    """
    if by not in MOST:
        raise Malformed("Figures are by day or by hour.", field="by")
    end = _edge("to", last, zone, 1) if last else hour_of(now) + HOUR
    if first:
        start = _edge("from", first, zone, 0)
    else:
        start = end - 24 * HOUR if by == "hour" else midnight(_local(end - 1, zone).date() - timedelta(days=29), zone)
    if start >= end:
        raise Malformed("from lies before to.", field="from")
    if end - start > MOST[by] * 24 * HOUR + HOUR:  # the day on which clocks are put back has an hour more
        raise Malformed(f"By {by} at most {MOST[by]} days are shown at once.", field="from")
    return Span(start, end)


def _edge(field: str, text: str, zone: ZoneInfo, after: int) -> int:
    try:
        if len(text) == len("2026-03-02"):
            return midnight(date.fromisoformat(text) + timedelta(days=after), zone)
        found = time_micros(text)
    except (ValueError, OverflowError) as error:
        raise Malformed(f"{field} is a day such as 2026-03-02, or a time with its offset.", field=field) from error
    return hour_of(found) if not after or found % HOUR == 0 else hour_of(found) + HOUR


def cell(text: str) -> str:
    """A text for a CSV file that spreadsheets open: none of them takes it for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
