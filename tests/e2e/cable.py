"""A cable between a browser and the service, that a test can cut and mend: TCP forwarded from a port of its own."""

import contextlib
import selectors
import socket
import threading
from urllib.parse import urlsplit


class Cable:
    """Leads to a service on this machine. `url` is its other end, for the browser."""

    def __init__(self, service: str) -> None:
        there = urlsplit(service)
        self._port = there.port
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._is_cut = False
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"{there.scheme}://localhost:{self._door.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Every connection ends at once, and every new one as soon as it is made."""
        with self._lock:
            self._is_cut = True
            for end in self._ends:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        with self._lock:
            self._is_cut = False

    def close(self) -> None:
        self.cut()
        self._door.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the door was closed
            while True:
                near, _ = self._door.accept()
                threading.Thread(target=self._forward, args=(near,), daemon=True).start()

    def _forward(self, near: socket.socket) -> None:
        with contextlib.suppress(OSError), near, socket.create_connection(("127.0.0.1", self._port)) as far:
            with self._lock:
                if self._is_cut:
                    return
                self._ends |= {near, far}
            try:
                self._copy(near, far)
            finally:
                with self._lock:
                    self._ends -= {near, far}

    @staticmethod
    def _copy(near: socket.socket, far: socket.socket) -> None:
        other = {near: far, far: near}
        with selectors.DefaultSelector() as ready:
            for end in other:
                ready.register(end, selectors.EVENT_READ)
            while True:
                for key, _ in ready.select():
                    data = key.fileobj.recv(65_536)  # type: ignore[union-attr]
                    if not data:
                        return
                    other[key.fileobj].sendall(data)  # type: ignore[index]
