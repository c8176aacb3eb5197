"""Whether it is a quiet hour where the publisher is. Pure; the time is given."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from comments.core.moderation.ruleset import QuietHours, zone

SECOND = 1_000_000  # µs
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def quiet_until(hours: Sequence[QuietHours], time_zone: str, now: int) -> str | None:
    """Until when (HH:MM on the wall there) the quiet hours last that `now` (µs UTC) lies in; None outside of them.

    A day's hours are those that begin on it: "fri 22:00–06:00" ends on Saturday. They are compared in the time on the
    wall, so that the hour that a clock is set back over is quiet twice and the one that is left out never.
    """
    local = datetime.fromtimestamp(now / SECOND, UTC).astimezone(zone(time_zone))
    ends = [end for span in hours if (end := _end(span, local)) is not None]
    return max(ends).strftime("%H:%M") if ends else None


def _end(span: QuietHours, local: datetime) -> datetime | None:
    """When the span ends that this moment lies in. `end` as `start`: around the clock."""
    start, end, at = _clock(span.start), _clock(span.end), local.time()
    over_midnight = end <= start
    for begun in (local.date(), local.date() - timedelta(days=1)):
        if DAYS[begun.weekday()] not in span.days:
            continue
        today = begun == local.date()
        inside = (at >= start and (over_midnight or at < end)) if today else (over_midnight and at < end)
        if inside:
            return _at(begun + timedelta(days=1) if over_midnight else begun, end, local)
    return None


def _clock(text: str) -> time:
    return time(int(text[:2]), int(text[3:]))


def _at(day: date, clock: time, local: datetime) -> datetime:
    return datetime.combine(day, clock, tzinfo=local.tzinfo)
