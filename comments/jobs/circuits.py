"""Who does not answer is not asked by everybody: after some failures in a row a classifier is tried now and then by one
question alone, and the others wait without asking. In the memory of one worker; pure but for its lock.
"""

import threading
from dataclasses import dataclass, field

SECOND = 1_000_000  # µs
FAILURES = 3  # in a row, until it counts as dead
FIRST_PAUSE, LAST_PAUSE = 5 * SECOND, 60 * SECOND
AT_ONCE = 4  # questions to one classifier

Key = tuple[int, str]  # the site, the classifier's name; a webhook's id and the word


@dataclass(slots=True)
class Circuit:
    failures: int = 0
    opens_at: int = 0  # µs UTC: until then nobody asks
    asking: int = 0
    why: str = ""
    told: bool = False  # whether its state was written down since this worker began


@dataclass(slots=True)
class Circuits:
    """By classifier, or by webhook."""

    at_once: int = AT_ONCE
    _known: dict[Key, Circuit] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(self, key: Key, now: int) -> int:
        """0: it may be asked now, and `let_go` comes later. Else how long to wait (µs)."""
        with self._lock:
            one = self._known.setdefault(key, Circuit())
            dead = one.failures >= FAILURES
            if dead and now < one.opens_at:
                return one.opens_at - now
            if one.asking >= (1 if dead else self.at_once):
                return SECOND
            one.asking += 1
            return 0

    def answered(self, key: Key) -> bool:
        """It answered; whether it may stand written that it does not."""
        with self._lock:
            one = self._known[key]
            tell = not one.told or one.failures >= FAILURES
            self._known[key] = Circuit(asking=one.asking, told=True)
            return tell

    def failed(self, key: Key, now: int, why: str) -> bool:
        """It did not; whether it counts as dead from now on."""
        with self._lock:
            one = self._known[key]
            one.failures += 1
            one.why = why
            one.opens_at = now + min(FIRST_PAUSE << min(max(one.failures - FAILURES, 0), 10), LAST_PAUSE)
            tell = one.failures == FAILURES
            one.told = one.told or tell
            return tell

    def why(self, key: Key) -> str:
        """What was wrong the last time."""
        with self._lock:
            return self._known.get(key, Circuit()).why

    def let_go(self, key: Key) -> None:
        """Whoever was admitted is done, whatever came of it."""
        with self._lock:
            self._known[key].asking -= 1
