"""A question to the database in a thread of its own: nobody who wants to know waits for a database that hangs, and
however many want to, one asks. For /readyz and /metrics.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
log = logging.getLogger(__name__)


class Asking(Generic[T]):
    """An answer is good for `kept` seconds; for a new one nobody waits longer than `patience`. An `ask` that raises has
    no answer: what was found before is not told as if it were so.
    """

    def __init__(self, ask: Callable[[], T], kept: float, patience: float) -> None:
        self._ask, self._kept, self._patience = ask, kept, patience
        self._asked = float("-inf")
        self._found: T | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def answer(self) -> T | None:
        """What was found; None where there is no answer in time."""
        with self._lock:
            if self._thread is None and time.monotonic() - self._asked >= self._kept:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()
            thread = self._thread
        if thread is not None:
            thread.join(self._patience)
            if thread.is_alive():
                return None
        return self._found

    def _run(self) -> None:
        found = None
        try:
            found = self._ask()
        except Exception:
            log.exception("a question to the database failed")
        self._found, self._asked = found, time.monotonic()
        self._thread = None
