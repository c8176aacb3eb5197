"""Limits of requests by name and who: in Redis where there is one, else (or while it is gone) in this process.

A sliding window of a minute: this minute's count, and of the last one the part that the window still covers.
"""

import hashlib
import logging
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from comments.core.errors import TooMany
from comments.seen import counted

log = logging.getLogger(__name__)

MINUTE = 60.0  # seconds


EXACT = 20_000  # who that are counted each by themselves, of one limit in one minute
SHARED = 16_384  # counters that all others share
PAUSE = 5.0  # seconds in which a Redis that failed is not asked
LONGEST = 64  # characters of who that are kept as they are

Counts = dict[str | int, int]


@dataclass(slots=True)
class Window:
    """Counts in this process. Of two minutes ago nothing is kept, and a million addresses take no more memory than some
    thousand: who comes when there are many shares a counter with others.
    """

    _minute: int = 0
    _now: dict[str, Counts] = field(default_factory=lambda: defaultdict(dict))
    _before: dict[str, Counts] = field(default_factory=lambda: defaultdict(dict))

    def hit(self, key: tuple[str, str], per_minute: int, now: float) -> float | None:
        """Count one, at `now` seconds: None, or, where that would be too many and is not counted, seconds to wait."""
        minute, passed = divmod(now, MINUTE)
        if minute != self._minute:
            self._before = self._now if minute == self._minute + 1 else defaultdict(dict)
            self._minute, self._now = int(minute), defaultdict(dict)
        name, who = key
        counts, earlier = self._now[name], self._before[name]
        place = _place(counts, who)
        count, before = counts.get(place, 0), earlier.get(_place(earlier, who), 0)
        if before * (1 - passed / MINUTE) + count < per_minute:
            counts[place] = count + 1
            return None
        if count >= per_minute or not before:
            return MINUTE - passed
        return min(MINUTE - passed, MINUTE * (1 - (per_minute - count) / before) - passed)


def _place(counts: Counts, who: str) -> str | int:
    """Where this one is counted. Which others share a counter nobody outside can know: Python's hash has a secret."""
    return who if who in counts or len(counts) < EXACT else hash(who) % SHARED


class Limiter:
    """What views ask; `redis_url` None: this process is the only one."""

    def __init__(self, redis_url: str | None) -> None:
        self._own = Window()
        self._away_until = 0.0
        self._shared: Any = None  # of the library limits
        if redis_url is not None:
            import limits  # noqa: PLC0415 - only where there is a Redis

            storage = limits.storage.storage_from_string(
                redis_url, wrap_exceptions=True, socket_timeout=1, socket_connect_timeout=1
            )
            self._shared = limits.strategies.SlidingWindowCounterRateLimiter(storage)

    def hit(self, name: str, who: str, per_minute: int) -> None:
        """Count one request; raises TooMany with the seconds to wait."""
        if len(who) > LONGEST:
            who = hashlib.blake2b(who.encode("utf-8", "replace"), digest_size=16).hexdigest()
        wait = self._hit_shared(name, who, per_minute) if self._shared else None
        if wait is None:
            wait = self._own.hit((name, who), per_minute, time.time()) or 0.0
        if wait > 0:
            counted.LIMITED.add(name)
            raise TooMany(int(wait) + 1)

    def _hit_shared(self, name: str, who: str, per_minute: int) -> float | None:
        """Seconds to wait, 0 for none; None while Redis is gone: a request waits for it once, not all of them."""
        if time.monotonic() < self._away_until:
            return None
        import limits  # noqa: PLC0415

        item = limits.RateLimitItemPerMinute(per_minute)
        try:
            if self._shared.hit(item, name, who):
                return 0.0
            return max(0.001, float(self._shared.get_window_stats(item, name, who).reset_time) - time.time())
        except limits.errors.StorageError as error:
            counted.LIMITER_ALONE.add()
            self._away_until = time.monotonic() + PAUSE
            log.warning("Redis is gone, limits are counted in this process: %s", error)
            return None
