"""Many readers' sockets in one process, as cheap as Python can have them: raw sockets, epoll, no library.

Every byte that comes is read as strict frames. Used by benchmarks/live.py, on the load's core.
"""

import contextlib
import gc
import json
import os
import resource
import select
import socket
import time
from collections.abc import Callable
from urllib.parse import urlsplit

MASK = b"\0\0\0\0"  # of our frames: it need not hide anything here
PONG = b"\x81\x81" + MASK + b"3"
PER_ADDRESS = 5_000  # sockets from each address of the loopback network, so that ports do not run out
PATIENCE = 180.0  # seconds


class Reader:
    """One socket and what has not come whole on it. `step`: of connecting, to be called when something came."""

    __slots__ = ("is_in", "rest", "sock")

    def __init__(self, sock: socket.socket) -> None:
        self.sock, self.rest, self.is_in = sock, b"", False


class Readers:
    """`hello`: what the first packet is answered with ("" for a raw websocket, which is in without one); `cookie`: of
    the console.
    """

    def __init__(self, url: str, path: str, origin: str, hello: str = "", cookie: str = "") -> None:
        where = urlsplit(url)
        self._port = int(where.port or 80)
        self._asking = (
            f"GET {path} HTTP/1.1\r\nHost: {where.netloc}\r\nOrigin: {origin}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
            f"Cookie: {cookie}\r\n\r\n"
        ).encode()
        self._hello = masked(hello.encode()) if hello else b""
        self._epoll = select.epoll()
        self._readers: dict[int, Reader] = {}
        self._frame: Callable[[bytes], None] = lambda _payload: None
        self._in = 0
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, hard), hard))

    def __len__(self) -> int:
        return self._in

    def connect(self, count: int, at_a_time: int = 100) -> float:
        """Bring `count` more in; the seconds that it took. `at_a_time`: that are on their way at most."""
        began = time.perf_counter()
        before, begun = self._in, 0
        while self._in < before + count:
            while begun < count and begun < self._in - before + at_a_time:
                self._begin()
                begun += 1
            self._turn(1.0)
            if time.perf_counter() - began > PATIENCE:
                raise TimeoutError(f"only {self._in} of {before + count} sockets were let in")
        return time.perf_counter() - began

    def _begin(self) -> None:
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        sock.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT
        sock.bind((f"127.0.0.{2 + len(self._readers) // PER_ADDRESS}", 0))
        with contextlib.suppress(BlockingIOError):
            sock.connect(("127.0.0.1", self._port))
        self._readers[sock.fileno()] = Reader(sock)
        self._epoll.register(sock, select.EPOLLOUT)

    def _turn(self, timeout: float) -> None:
        for descriptor, event in self._epoll.poll(timeout, 1024):
            reader = self._readers[descriptor]
            if event & select.EPOLLOUT:
                reader.sock.send(self._asking)
                self._epoll.modify(descriptor, select.EPOLLIN)
                continue
            data = reader.sock.recv(262_144)
            if not data:
                raise ConnectionError(f"a socket of {len(self._readers)} was closed: {reader.rest[:200]!r}")
            self._read(reader, reader.rest + data if reader.rest else data)

    def _read(self, reader: Reader, data: bytes) -> None:
        if data.startswith(b"HTTP"):
            head, end, data = data.partition(b"\r\n\r\n")
            if end and not head.startswith(b"HTTP/1.1 101"):
                raise ConnectionError(head.decode(errors="replace"))
            if not end:
                reader.rest = head
                return
            if not self._hello:
                self._let_in(reader)
        while len(data) >= 2:
            size, begins = data[1], 2
            if size == 126:
                size, begins = int.from_bytes(data[2:4]), 4
            elif size == 127:
                size, begins = int.from_bytes(data[2:10]), 10
            if len(data) < begins or len(data) < begins + size:
                break
            if data[0] != 0x81:
                raise ConnectionError(f"no whole text frame: {data[:100]!r}")
            self._take(reader, data[begins : begins + size])
            data = data[begins + size :]
        reader.rest = data

    def _take(self, reader: Reader, packet: bytes) -> None:
        if reader.is_in and packet.startswith(b"42"):
            self._frame(packet)
        elif packet == b"2":
            reader.sock.send(PONG)
        elif not self._hello:
            self._frame(packet)
        elif packet.startswith(b"0"):
            reader.sock.send(self._hello)
        elif packet.startswith(b"40"):
            self._let_in(reader)

    def _let_in(self, reader: Reader) -> None:
        reader.is_in = True
        self._in += 1

    def hear(self, event: bytes) -> tuple[float, float, bytes]:
        """Wait until everybody has one packet that begins like this; when the first and the last had it
        (time.perf_counter()), and the packet.
        """
        count, first, last, heard = 0, 0.0, 0.0, b""

        def note(packet: bytes) -> None:
            nonlocal count, first, last, heard
            if packet.startswith(event):
                last = time.perf_counter()
                first, heard, count = first or last, packet, count + 1

        self._frame = note
        gc.collect()
        gc.disable()
        try:
            give_up = time.perf_counter() + PATIENCE
            while count < self._in:
                self._turn(1.0)
                if time.perf_counter() > give_up:
                    raise TimeoutError(f"only {count} of {self._in} sockets heard {event!r}")
        finally:
            gc.enable()
        self._frame = lambda _packet: None
        return first, last, heard

    def rest(self, seconds: float) -> None:
        """Answer heartbeats and take what comes."""
        until = time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0:
            self._turn(left)

    def close(self) -> None:
        for reader in self._readers.values():
            reader.sock.close()
        self._epoll.close()
        self._readers.clear()


def masked(payload: bytes) -> bytes:
    head = bytes([0x81, 0x80 | len(payload)]) if len(payload) < 126 else b"\x81\xfe" + len(payload).to_bytes(2)
    return head + MASK + payload


def followers(url: str, origin: str, site: str, article: str, after: int) -> Readers:
    """Readers of an article who stand at `after`."""
    auth = json.dumps({"site": site, "article": article, "after": after})
    return Readers(url, "/socket.io/?EIO=4&transport=websocket", origin, "40" + auth)


def descriptors_left() -> int:
    """How many sockets this process may still open."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1] - len(os.listdir("/proc/self/fd")) - 50  # noqa: PTH208
