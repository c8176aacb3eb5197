"""How a serving process ends: gunicorn's gevent worker, which takes its leave without failing a request.

SIGTERM: `/readyz` says 503, the port is closed once everybody who waits at it was let in, requests are answered (with
`Connection: close`), sockets are told to go elsewhere, connections without a request are closed.
"""

import logging
import socket
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import gevent
from gevent.pool import Pool
from gevent.server import StreamServer

from comments.edge import EdgeWorker
from comments.supervision import GRACE

log = logging.getLogger(__name__)

LOOK = 0.1  # seconds between two looks at whether we are to end
LINGER = 2.0  # seconds that a connection without a request stays open: what its client sends meanwhile is answered
SPREAD = 6.0  # seconds at most over which sockets are closed where others serve
A_SECOND = 1_000  # sockets that are told to come back in a second: about what the others let in beside their pages
ENDING = "ENDING"  # in the application's config


class Idle(gevent.Timeout):  # type: ignore[misc]
    """The wait for a connection's next request; as long as it lasts, the connection stands in `among`."""

    def __init__(self, seconds: float, among: dict["Idle", Any]) -> None:
        super().__init__(seconds, exception=False)
        self._among = among

    def __enter__(self) -> "Idle":
        self._among[self] = gevent.getcurrent()
        super().__enter__()
        return self

    def __exit__(self, *error: Any) -> Any:
        self._among.pop(self, None)
        return super().__exit__(*error)


class Worker(EdgeWorker):
    """gunicorn's, with a `run` of its own: the original waits a second before it closes the port, refuses those who
    wait at it, and is killed together with idle connections when the grace time ends.
    """

    drain_seconds = 0  # how long the port stays open while /readyz says 503
    others_serve = False  # on this port or another machine's: sockets can come back at once

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._idle: dict[Idle, Any] = {}

    def timeout_ctx(self) -> Idle:
        return Idle(self.cfg.keepalive, self._idle)

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        gevent.getcurrent().client = client
        super().handle(listener, client, addr)

    def handle_usr1(self, sig: int, frame: Any) -> None:
        """From the supervisor, before SIGTERM: new processes serve on this port already."""
        self.others_serve = True

    def run(self) -> None:
        servers = [self._serve(one) for one in self.sockets]
        while self.alive:
            self.notify()
            gevent.sleep(LOOK)
        self.wsgi.config[ENDING] = True
        self._while(lambda: True, self.drain_seconds)
        for server in servers:
            let_in_and_close(server)
        self._drain([server.pool for server in servers], self.wsgi.extensions["comments_live"])

    def _serve(self, one: Any) -> StreamServer:
        one.setblocking(1)
        name = one.getsockname()
        door = SimpleNamespace(getsockname=lambda: name)  # asked for each connection, also when the port is closed

        def handle(client: Any, address: Any) -> None:
            self.handle(door, client, address)

        server = StreamServer(one, handle=handle, spawn=Pool(self.worker_connections))
        if self.cfg.workers > 1:
            server.max_accept = 1
        server.start()
        return server

    def _drain(self, pools: list[Pool], live: Any) -> None:
        def busy() -> int:
            return sum(map(len, pools)) - len(self._idle) - int(live.number)

        if self.others_serve:
            gevent.spawn(live.close_all, min(SPREAD, live.number / A_SECOND))
        else:  # nobody could take them: they stay until the last request is answered, and we are back the sooner
            gevent.spawn(lambda: (self._while(lambda: busy() > 0, GRACE - LINGER), live.close_all(0)))
        self._while(lambda: any(map(len, pools)), LINGER)
        if self._while(lambda: self._close_idle() and any(map(len, pools)), GRACE - LINGER):
            log.warning("%d connections were cut after %d s", sum(map(len, pools)), GRACE)
        for pool in pools:
            pool.kill(block=True, timeout=1)

    def _while(self, go_on: Callable[[], Any], seconds: float) -> bool:
        """Wait while `go_on`, no longer than `seconds`; whether that was not enough."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if not go_on():
                return False
            self.notify()
            gevent.sleep(LOOK / 2)
        return bool(go_on())

    def _close_idle(self) -> bool:
        for idle in list(self._idle):
            gevent.get_hub().loop.run_callback(self._close_if_idle, idle)
        return True

    def _close_if_idle(self, idle: Idle) -> None:
        """In the hub, where nobody else runs: what it has received is still answered."""
        waiting = self._idle.get(idle)
        if waiting is not None and not has_received(waiting.client):
            waiting.throw(idle)


def has_received(client: Any) -> bool:
    try:
        return bool(client._sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
    except OSError:
        return False


def let_in_and_close(server: StreamServer) -> None:
    """Those whose connection is made already would be refused by a plain close, in the middle of their request."""
    server.stop_accepting()
    while not server.full():
        try:
            waiting = server.do_read()
        except OSError:
            break
        if not waiting:
            break
        server.do_handle(*waiting)
    server.close()
