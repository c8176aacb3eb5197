"""Times in JSON: what is read, what is written, and that nothing is stored that cannot be shown again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.core.times import time_micros, time_text

READ = {
    "1970-01-01T00:00:00Z": 0,
    "1970-01-01T00:00:00.000001Z": 1,
    "1970-01-01T01:00:00+01:00": 0,
    "1969-12-31T23:59:59Z": -1_000_000,
    "2026-03-02T09:00:00Z": 1_772_442_000_000_000,
    "2026-03-02T09:00:00.5-00:30": 1_772_443_800_500_000,
}


@pytest.mark.parametrize(("text", "micros"), READ.items())
def test_read(text: str, micros: int) -> None:
    assert time_micros(text) == micros


@pytest.mark.parametrize(
    "text",
    [
        "", "now", "2026-03-02", "2026-03-02T09:00:00", "2026-13-02T09:00:00Z", "2026-02-30T09:00:00Z", "0",
        "9999-12-31T23:59:59-00:01", "0001-01-01T00:00:00+00:01", "10000-01-01T00:00:00Z",
    ],
)  # fmt: skip
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError):
        time_micros(text)


@given(st.datetimes(timezones=st.timezones()))
def test_whatever_is_read_can_be_shown(moment: object) -> None:
    try:
        micros = time_micros(str(moment))
    except ValueError:
        return
    shown = time_text(micros)
    assert shown is not None and shown.endswith("Z")
    assert time_micros(shown) == micros


def test_no_time() -> None:
    assert time_text(None) is None
