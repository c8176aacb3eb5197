"""Growing waits after failures to sign in: in Redis where there is one, else (or while it is gone) in this process.

A try counts as a failure until it has succeeded, so that a hundred at the same moment are not a hundred free ones. What
is counted for whom is the caller's: docs/decisions/0016.
"""

import hashlib
import logging
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from comments.core.errors import TooMany

log = logging.getLogger(__name__)

FREE = 5  # tries without a wait
LONGEST = 15 * 60  # seconds of a wait: nobody is kept out for longer
KEPT = 24 * 3600  # seconds after the last failure until all is forgotten
MOST = 100_000  # names that a process keeps


def wait_after(tries: int) -> int:
    """Seconds until the next try, once so many were made: none, 2, 4, 8 … 900."""
    return 0 if tries <= FREE else min(LONGEST, 2 ** min(tries - FREE, 20))


@dataclass(slots=True)
class Own:
    """What this process counts: name → (tries, when the next is allowed, the last), in seconds."""

    _known: OrderedDict[str, tuple[int, float, float]] = field(default_factory=OrderedDict)

    def begin(self, name: str, now: float) -> float:
        """Count a try; seconds to wait instead, 0 for none."""
        tries, until, last = self._known.get(name, (0, 0.0, now))
        if until > now:
            return until - now
        tries = 1 if now - last > KEPT else tries + 1
        self._known[name] = (tries, now + wait_after(tries), now)
        self._known.move_to_end(name)
        if len(self._known) > MOST:
            self._known.popitem(last=False)
        return 0.0

    def clear(self, name: str) -> None:
        self._known.pop(name, None)


class Waits:
    """What views ask; `redis_url` None: this process is the only one."""

    def __init__(self, redis_url: str | None = None) -> None:
        self._own = Own()
        self._shared: Any = None
        if redis_url is not None:
            import limits  # noqa: PLC0415 - only where there is a Redis

            self._shared = limits.storage.storage_from_string(
                redis_url, wrap_exceptions=True, socket_timeout=1, socket_connect_timeout=1
            )

    def begin(self, who: str) -> None:
        """Count a try; raises TooMany with the seconds until the next one is looked at."""
        name = _name(who)
        wait = self._begin_shared(name) if self._shared else None
        if wait is None:
            wait = self._own.begin(name, time.time())
        if wait > 0:
            raise TooMany(int(wait) + 1)

    def succeeded(self, who: str) -> None:
        """Forget the tries before."""
        name = _name(who)
        self._own.clear(name)
        if self._shared:
            import limits  # noqa: PLC0415

            try:
                self._shared.clear(f"{name}:tries")
                self._shared.clear(f"{name}:wait")
            except limits.errors.StorageError as error:
                log.warning("Redis is gone, tries to sign in are not forgotten: %s", error)

    def _begin_shared(self, name: str) -> float | None:
        """Seconds to wait, 0 for none; None while Redis is gone."""
        import limits  # noqa: PLC0415

        try:
            if self._shared.get(f"{name}:wait"):
                return self._left(name)
            wait = wait_after(self._shared.incr(f"{name}:tries", KEPT))
            first = (
                not wait or self._shared.incr(f"{name}:wait", wait) == 1
            )  # of those who come together one gets through
            return 0.0 if first else self._left(name)
        except limits.errors.StorageError as error:
            log.warning("Redis is gone, tries to sign in are counted in this process: %s", error)
            return None

    def _left(self, name: str) -> float:
        return max(0.001, float(self._shared.get_expiry(f"{name}:wait")) - time.time())


def _name(who: str) -> str:
    """No address of anybody stands in Redis."""
    return "sign-in:" + hashlib.sha256(who.encode()).hexdigest()[:32]
