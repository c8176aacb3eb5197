"""The clock of section 5 of the Defamation Act 2013 (England and Wales): 48 hours in which Saturdays, Sundays, Good
Friday, Christmas Day and bank holidays do not count, and the author's days after it. London's days, whatever the
server's.

What is left out of the 48 hours is regulation 1(3) of the Defamation (Operators of Websites) Regulations 2013 (S.I.
2013/3028, legislation.gov.uk). Bank holidays follow the rules of the Banking and Financial Dealings Act 1971 with what
was proclaimed since; those of 2025 (from May on) and 2026, and New Year's Day 2027, were compared with lists of closing
days that British surgeries had published (the list of gov.uk was out of reach). Whoever runs a site adds days that are
proclaimed later.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from comments.core.times import EPOCH

HOURS = 48
DAYS_OF_THE_AUTHOR = 5  # until midnight at the end of the fifth day after that on which they were told
LONDON = ZoneInfo("Europe/London")
MONDAY, SATURDAY = 0, 5
DAY = timedelta(days=1)

MOVED = {  # by proclamation: the day by rule → the day it was
    date(1995, 5, 1): date(1995, 5, 8),
    date(2002, 5, 27): date(2002, 6, 4),
    date(2012, 5, 28): date(2012, 6, 4),
    date(2020, 5, 4): date(2020, 5, 8),
    date(2022, 5, 30): date(2022, 6, 2),
}
PROCLAIMED = frozenset(  # jubilees, weddings, a funeral, a coronation
    {
        date(1999, 12, 31),
        date(2002, 6, 3),
        date(2011, 4, 29),
        date(2012, 6, 5),
        date(2022, 6, 3),
        date(2022, 9, 19),
        date(2023, 5, 8),
    }
)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar, by the anonymous algorithm (Meeus, Jones, Butcher)."""
    golden, century, rest = year % 19, year // 100, year % 100
    leap, odd = divmod(century, 4)
    sun = (8 * century + 13) // 25
    epact = (19 * golden + century - leap - sun + 15) % 30
    quarter, left = divmod(rest, 4)
    weekday = (32 + 2 * odd + 2 * quarter - epact - left) % 7
    late = (golden + 11 * epact + 19 * weekday) // 433
    month = (epact + weekday - 7 * late + 90) // 25
    return date(year, month, (epact + weekday - 7 * late + 33 * month + 19) % 32)


def _first_monday(year: int, month: int) -> date:
    first = date(year, month, 1)
    return first + DAY * ((MONDAY - first.weekday()) % 7)


def _last_monday(year: int, month: int) -> date:
    last = date(year, month + 1, 1) - DAY
    return last - DAY * last.weekday()


def _on_a_weekday(day: date, taken: Collection[date]) -> date:
    """The day itself, or in its place the first weekday after it that is not taken."""
    while day.weekday() >= SATURDAY or day in taken:
        day += DAY
    return day


@lru_cache(maxsize=64)
def bank_holidays(year: int) -> frozenset[date]:
    """All days of a year on which England and Wales do no business besides weekends; from 1978 on."""
    sunday = easter(year)
    days = {sunday - 2 * DAY, sunday + DAY}
    days |= {_first_monday(year, 5), _last_monday(year, 5), _last_monday(year, 8)}
    days = {MOVED.get(day, day) for day in days}
    days.add(_on_a_weekday(date(year, 1, 1), ()))
    christmas, boxing = date(year, 12, 25), date(year, 12, 26)
    both = {day for day in (christmas, boxing) if day.weekday() < SATURDAY}
    for day in (christmas, boxing):
        if day not in both:
            both.add(_on_a_weekday(day, both))
    return frozenset(days | both | {day for day in PROCLAIMED if day.year == year})


def does_business(day: date, more: Collection[date] = ()) -> bool:
    """Whether this day counts. `more`: days that somebody added."""
    return day.weekday() < SATURDAY and day not in bank_holidays(day.year) and day not in more


def due(received: int, more: Collection[date] = (), hours: int = HOURS) -> int:
    """When so many hours of days that count have passed since then (µs UTC)."""
    at = _moment(received)
    left = timedelta(hours=hours)
    while True:
        end = datetime.combine(at.astimezone(LONDON).date() + DAY, time(), LONDON).astimezone(UTC)
        if does_business(at.astimezone(LONDON).date(), more):
            if at + left <= end:
                return _micros(at + left)
            left -= end - at
        at = end


def answer_due(told: int) -> int:
    """Until when the author has time who was told at that moment (µs UTC): all days count here."""
    day = _moment(told).astimezone(LONDON).date() + DAY * (DAYS_OF_THE_AUTHOR + 1)
    return _micros(datetime.combine(day, time(), LONDON).astimezone(UTC))


def last_day(until: int) -> date:
    """The last day, in London, on which the author can answer who has time until then."""
    return (_moment(until) - timedelta(microseconds=1)).astimezone(LONDON).date()


def _moment(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)


def _micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)
