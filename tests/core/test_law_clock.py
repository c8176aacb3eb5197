"""England and Wales: bank holidays as they were published (gov.uk/bank-holidays), and 48 hours without them."""

from datetime import UTC, date, datetime

import pytest

from comments.core.law.clock import answer_due, bank_holidays, due, easter, last_day

PUBLISHED = {
    2011: "01-03 04-22 04-25 04-29 05-02 05-30 08-29 12-26 12-27",
    2012: "01-02 04-06 04-09 05-07 06-04 06-05 08-27 12-25 12-26",
    2015: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
    2016: "01-01 03-25 03-28 05-02 05-30 08-29 12-26 12-27",
    2017: "01-02 04-14 04-17 05-01 05-29 08-28 12-25 12-26",
    2018: "01-01 03-30 04-02 05-07 05-28 08-27 12-25 12-26",
    2019: "01-01 04-19 04-22 05-06 05-27 08-26 12-25 12-26",
    2020: "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28",
    2021: "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28",
    2022: "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27",
    2023: "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26",
    2024: "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26",
    2025: "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
    2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
    2027: "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
    2028: "01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26",
}
EASTERS = {1818: "03-22", 1943: "04-25", 1954: "04-18", 1981: "04-19", 2000: "04-23", 2008: "03-23", 2038: "04-25",
           2049: "04-18", 2076: "04-19", 2285: "03-22"}  # fmt: skip


@pytest.mark.parametrize("year", PUBLISHED)
def test_the_holidays_of_a_year(year: int) -> None:
    assert sorted(f"{day:%m-%d}" for day in bank_holidays(year)) == PUBLISHED[year].split()


def test_easter() -> None:
    assert {year: f"{easter(year):%m-%d}" for year in EASTERS} == EASTERS
    assert all(easter(year).weekday() == 6 for year in range(1583, 2400))


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1_000_000


CASES = (  # London's time is UTC in winter and an hour ahead in summer
    ("2026-11-23T10:00+00:00", "2026-11-25T10:00+00:00"),  # a Monday
    ("2026-11-20T10:00+00:00", "2026-11-24T10:00+00:00"),  # a Friday: the weekend does not count
    ("2026-11-21T10:00+00:00", "2026-11-25T00:00+00:00"),  # a Saturday: the clock starts on Monday
    ("2026-04-02T12:00+01:00", "2026-04-08T12:00+01:00"),  # before Easter: Friday to Monday do not count
    ("2026-12-24T09:00+00:00", "2026-12-30T09:00+00:00"),  # Christmas Day is a Friday, Boxing Day's in its place Monday
    ("2021-12-24T15:30+00:00", "2021-12-30T15:30+00:00"),  # both in their places: Monday and Tuesday
    ("2026-03-27T18:00+00:00", "2026-03-31T18:00+01:00"),  # the clocks go forward on the Sunday, which is left out
    ("2026-07-01T23:30+01:00", "2026-07-03T23:30+01:00"),
    ("2026-07-03T23:30+01:00", "2026-07-07T23:30+01:00"),  # 22:30 UTC: still a Friday in London
    ("2026-07-05T23:30+00:00", "2026-07-08T00:30+01:00"),  # 00:30 on Monday in London
)


@pytest.mark.parametrize(("received", "until"), CASES)
def test_48_hours(received: str, until: str) -> None:
    assert due(at(received)) == at(until)


def test_days_that_somebody_added() -> None:
    more = frozenset({date(2026, 11, 24)})
    assert due(at("2026-11-23T10:00+00:00"), more) == at("2026-11-26T10:00+00:00")


def test_the_authors_days() -> None:
    """Told on a Monday: until midnight at the end of Saturday."""
    assert answer_due(at("2026-11-23T10:00+00:00")) == at("2026-11-29T00:00+00:00")
    assert datetime.fromtimestamp(answer_due(at("2026-07-01T12:00+01:00")) / 1e6, UTC).hour == 23
    assert last_day(answer_due(at("2026-11-23T10:00+00:00"))) == date(2026, 11, 28)
    assert last_day(answer_due(at("2026-07-01T12:00+01:00"))) == date(2026, 7, 6), "in London, where it is summer"
    assert last_day(answer_due(at("2026-10-20T12:00+01:00"))) == date(2026, 10, 25), "the day on which clocks go back"
