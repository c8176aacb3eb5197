"""Times as JSON has them, RFC 3339, and as everything else here has them: integer microseconds UTC."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAIVE_EPOCH = EPOCH.replace(tzinfo=None)


def time_text(micros: int | None) -> str | None:
    """RFC 3339 in UTC with Z, to the microsecond where there are any."""
    if micros is None:
        return None
    # hundreds on a page: with a zone it takes twice as long
    return (NAIVE_EPOCH + timedelta(microseconds=micros)).isoformat() + "Z"


def time_micros(text: str) -> int:
    """Microseconds UTC of an RFC 3339 time with an offset; raises ValueError, also for the year 10000."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time needs its offset, for example Z")
    try:
        return (moment.astimezone(UTC) - EPOCH) // timedelta(microseconds=1)
    except OverflowError as error:
        raise ValueError("a time lies between the years 1 and 9999") from error
