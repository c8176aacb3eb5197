"""Heartbeats of all sockets by one greenlet: every tenth of a second a 250th of them is pinged.

Engine.IO 4: the server pings, the client answers; who has not answered in time is cut. Used by live/engine.py.
"""

import random
import time
from typing import TYPE_CHECKING

import gevent

from comments.live.frames import text_frame
from comments.seen.counted import CUTS

if TYPE_CHECKING:
    from comments.live.engine import Session

INTERVAL = 25.0  # seconds between two pings of a socket
TIMEOUT = 20.0  # seconds that a client has to answer
SLOTS = 250  # of a round
PING = text_frame("2")


class Heartbeat:
    """A wheel: each socket has a slot, chosen by chance, so that ten thousand who came together are not pinged so."""

    def __init__(self, interval: float = INTERVAL, timeout: float = TIMEOUT) -> None:
        self._slots: list[dict[Session, None]] = [{} for _ in range(SLOTS)]
        self._step = interval / SLOTS
        self._patience = round(timeout / self._step)  # slots

    def add(self, session: "Session") -> None:
        session.slot = random.randrange(SLOTS)  # noqa: S311 - no secret # nosec B311
        self._slots[session.slot][session] = None

    def remove(self, session: "Session") -> None:
        self._slots[session.slot].pop(session, None)

    def run(self) -> None:
        """A greenlet of every live process. What it is late with is not made up for: nobody could answer in time."""
        due = time.monotonic()
        number = 0
        while True:
            due = max(due + self._step, time.monotonic() - self._step)
            gevent.sleep(max(0.0, due - time.monotonic()))
            self.beat(number)
            number += 1

    def beat(self, number: int) -> None:
        """Ping one slot, and cut who has not answered the ping of a while ago."""
        for session in list(self._slots[(number - self._patience) % SLOTS]):
            if not session.answers:
                CUTS.add("does not answer")
                session.wire.cut()
        for session in list(self._slots[number % SLOTS]):
            session.answers = False
            session.wire.send(PING)
