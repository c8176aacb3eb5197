"""The bytes of one websocket: every frame is whole, in the order in which it was sent, and nobody waits for a reader.

What a reader does not take at once waits in a backlog of their own; who lets it grow too large or too old is cut, and
catches up with `changes` when they come back. Used by live/engine.py alone.
"""

import contextlib
import socket
import time
from collections import deque
from typing import Any

import gevent

from comments.seen.counted import CUTS, Frames

KERNEL_BUFFER = 128 * 1024  # bytes that Linux may keep for one reader besides, doubled; its own choice is megabytes
LAST_WORDS, MOST_LEFT = 1.0, 16  # seconds, and times 64 kB, that are still taken from a client who is sent away
SLOW = TimeoutError("the reader takes nothing")


class Wire:
    """Sends on a gevent socket without ever waiting for it."""

    __slots__ = ("_backlog", "_behind", "_is_open", "_send", "_sock")
    most_behind = 1024 * 1024  # bytes that may wait for one reader, behind what is being sent to them
    most_waiting = 5_000  # frames of them: the smallest take more memory than they have bytes
    longest_behind = 20.0  # seconds that anything may wait for one reader

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        sock.settimeout(None)  # of a request: here the heartbeat says who is gone
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER)
        self._send = sock._sock.send  # gevent's own `send` waits when the reader takes nothing
        self._backlog: deque[tuple[float, memoryview]] | None = None  # since when it waits, and what
        self._behind = 0
        self._is_open = True

    @property
    def behind(self) -> int:
        """Bytes that wait for the reader."""
        return self._behind

    def send(self, data: bytes) -> None:
        """Send a whole frame now, or as soon as what was sent before it is gone. Never yields, never raises."""
        if not self._is_open:
            return
        Frames.sent += 1
        if self._backlog is not None:
            self._queue(memoryview(data))
            return
        try:
            sent = self._send(data, socket.MSG_DONTWAIT)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.cut()
            return
        if sent < len(data):
            self._backlog = deque()
            self._queue(memoryview(data)[sent:])
            gevent.spawn(self._drain)

    def _queue(self, data: memoryview) -> None:
        """A single message may be larger than the bound: a reader who comes back must be able to catch up."""
        assert self._backlog is not None
        if self._behind and (self._behind + len(data) > self.most_behind or len(self._backlog) == self.most_waiting):
            CUTS.add("far behind")
            self.cut()
            return
        self._backlog.append((time.monotonic(), data))
        self._behind += len(data)

    def _drain(self) -> None:
        """A greenlet while there is a backlog: the only one that writes meanwhile."""
        try:
            while self._is_open and self._backlog:
                since, data = self._backlog[0]
                with gevent.Timeout(max(0.0, since + self.longest_behind - time.monotonic()), SLOW):
                    sent = self._sock.send(data)
                if not self._is_open:
                    break
                self._behind -= sent
                self._backlog[0] = (since, data[sent:])
                if sent == len(data):
                    self._backlog.popleft()
        except OSError as error:
            if error is SLOW:
                CUTS.add("takes nothing")
            self.cut()
        self._backlog = None

    def receive(self) -> bytes:
        """What the reader sent; nothing at the end."""
        try:
            return bytes(self._sock.recv(65_536))
        except OSError:
            return b""

    def let_go(self) -> None:
        """Say no more, and take for a moment what is still on its way: closing before it came would tear the line, and
        with it what was said last.
        """
        with contextlib.suppress(OSError), gevent.Timeout(LAST_WORDS, False):
            self._sock.shutdown(socket.SHUT_WR)
            for _ in range(MOST_LEFT):
                if not self._sock.recv(65_536):
                    break

    def cut(self) -> None:
        """End the connection at once, whatever either side is waiting for."""
        self._is_open = False
        self._behind = 0
        if self._backlog is not None:
            self._backlog.clear()
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
