"""Two ends of a TCP connection within a test's process, both by gevent: ours is a Wire, theirs reads when it likes."""

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import gevent
from gevent import socket as gsocket

from comments.live.wire import Wire


@dataclass
class Far:
    """The reader's end. `texts`: of the whole frames so far, each of which must be a text."""

    sock: Any
    texts: list[str] = field(default_factory=list)
    rest: bytes = b""
    at_end: bool = False

    def read(self, size: int = 65_536) -> None:
        """Take some bytes, and of them what is whole; anything but whole, unmasked text frames is an error."""
        data = self.sock.recv(size)
        self.at_end = not data
        data = self.rest + data
        while len(data) >= 2:
            assert data[0] == 0x81, data[:20]
            size, begins = data[1], 2
            if size == 126:
                size, begins = int.from_bytes(data[2:4]), 4
            elif size == 127:
                size, begins = int.from_bytes(data[2:10]), 10
            if len(data) < begins + size:
                break
            self.texts.append(data[begins : begins + size].decode())
            data = data[begins + size :]
        self.rest = data

    def read_to_the_end(self) -> None:
        while not self.at_end:
            try:
                self.read()
            except ConnectionResetError:
                break


NewWire = Callable[..., tuple[Wire, Far]]


def connected(kind: type[Wire] = Wire, buffer: int = 4096) -> tuple[Wire, Far]:
    """A wire to a reader with a small receive buffer."""
    listener = gsocket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(1)
    far = gsocket.socket()
    far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    far.connect(listener.getsockname())
    near, _ = listener.accept()
    listener.close()
    return kind(near), Far(far)


def until(condition: Any, what: str, within: float = 30.0) -> None:
    """Let greenlets work until it holds."""
    with gevent.Timeout(within, TimeoutError(f"waited in vain for {what}")):
        while not condition():
            gevent.sleep(0.005)
