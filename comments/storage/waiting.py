"""How a connection to PostgreSQL waits for an answer where gevent runs; storage/engine.py asks for it there.

psycopg would poll through gevent's copy of `select.poll`, which makes a poll, a watcher and a time limit for each
answer and costs more than all else of a short statement (140 µs of 190). Here the event loop watches the socket itself.
That a server is gone for good is found out as with `poll`: by TCP, and by the time limit of statements.
"""

from typing import Any, TypeVar

import psycopg
from gevent import get_hub
from psycopg.abc import PQGen
from psycopg.waiting import READY_R, READY_RW, READY_W, WAIT_R, WAIT_W

RV = TypeVar("RV")
READ, WRITE = 1, 2  # of libev
EVENTS = {WAIT_R: (READ, READY_R), WAIT_W: (WRITE, READY_W)}


class GeventConnection(psycopg.Connection[Any]):
    """A connection whose waiting leaves the processor to other greenlets."""

    def wait(self, gen: PQGen[RV], interval: float = 0.0, timeout: float | None = None) -> RV:
        if timeout is not None:
            return super().wait(gen, timeout=timeout)
        hub = get_hub()
        try:
            wanted = next(gen)
            while True:
                events, ready = EVENTS.get(wanted, (READ | WRITE, READY_RW))
                with hub.loop.io(self.pgconn.socket, events) as watcher:
                    hub.wait(watcher)
                wanted = gen.send(ready)
        except StopIteration as done:
            value: RV = done.value
            return value
