"""Below Socket.IO: the guard in front of the handshake, websockets whose writes are whole and whose messages are
bounded, and the JSON of both. Used by live/server.py alone.
"""

import contextlib
import re
import socket
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

import gevent
import msgspec
from engineio.async_drivers.gevent import WebSocketWSGI
from gevent.lock import BoundedSemaphore

from comments.core.errors import TooMany

PATH = "/socket.io"
LARGEST_MESSAGE = 64 * 1024  # bytes that a client may send at once
SLOWEST = 20.0  # seconds that a reader may take nothing of what is sent to them
EVENTS = ("follow", "unfollow", "token")  # that clients may send
MESSAGE = re.compile(r"(?P<kind>40|42)(?P<ack>(?<=2)[0-9]{1,9})?(?P<data>[\[{].*)?", re.DOTALL)
Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]
Environ = dict[str, Any]


class Json:
    """What python-socketio wants of a json module: msgspec, so that bodies pass as they are stored."""

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        return msgspec.json.encode(value).decode()

    @staticmethod
    def loads(text: str | bytes, **_: Any) -> Any:
        return msgspec.json.decode(text)


def guard(wsgi_app: Wsgi, is_listed: Callable[[str], bool], limit: Callable[[Environ], None]) -> Wsgi:
    """In front of the handshake: websocket only, from a listed Origin, so many a minute, and no permessage-deflate."""

    def guarded(environ: Environ, start_response: Any) -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith(PATH):
            return wsgi_app(environ, start_response)
        if not _is_websocket(environ):
            return _refuse(start_response, "400 Bad Request", [])
        if not is_listed(environ.get("HTTP_ORIGIN", "")):
            return _refuse(start_response, "403 Forbidden", [])
        try:
            limit(environ)
        except TooMany as error:
            return _refuse(start_response, "429 Too Many Requests", [("Retry-After", str(error.extras["retry_after"]))])
        environ.pop(
            "HTTP_SEC_WEBSOCKET_EXTENSIONS", None
        )  # compressing every frame for everybody costs 100 kB a socket
        return wsgi_app(environ, start_response)

    return guarded


def _is_websocket(environ: Environ) -> bool:
    """A complete websocket handshake of Engine.IO 4 for a new session: nothing else may reach the libraries."""
    query = parse_qs(environ.get("QUERY_STRING", ""))
    return (
        environ.get("REQUEST_METHOD") == "GET"
        and (query.get("EIO"), query.get("transport"), query.get("sid")) == (["4"], ["websocket"], None)
        and environ.get("HTTP_UPGRADE", "").lower() == "websocket"
        and "upgrade" in environ.get("HTTP_CONNECTION", "").lower()
        and environ.get("HTTP_SEC_WEBSOCKET_VERSION") == "13"
        and len(environ.get("HTTP_SEC_WEBSOCKET_KEY", "")) == 24
    )


def _refuse(start_response: Any, status: str, headers: list[tuple[str, str]]) -> Iterable[bytes]:
    start_response(status, [("Content-Length", "0"), *headers])
    return []


class Wire:
    """The socket of one websocket as simple-websocket uses it.

    gevent's `send` may write a part only, and a pong may be due while a batch is being written: either would break the
    frames. Here every write is whole, one after the other, and a reader who takes nothing for long is cut.
    """

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._writing = BoundedSemaphore(1)

    def send(self, data: bytes) -> int:
        with self._writing:
            try:
                with gevent.Timeout(SLOWEST, TimeoutError("the reader takes nothing")):
                    self._sock.sendall(data)
            except OSError as error:
                self.cut()
                raise BrokenPipeError from error
        return len(data)

    def recv(self, size: int) -> Any:
        return self._sock.recv(size)

    def close(self) -> None:
        self._sock.close()

    def cut(self) -> None:
        """End the connection at once, whatever either side is waiting for."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)


class Websocket(WebSocketWSGI):  # type: ignore[misc]
    """Engine.IO's websocket on a Wire. `wires` are those that are open in this process."""

    wires: set[Wire] = set()  # noqa: RUF012 - of the process, as Engine.IO makes the instances

    def __init__(self, handler: Any, server: Any) -> None:
        super().__init__(handler, server)
        self.server_args["max_message_size"] = LARGEST_MESSAGE

    def __call__(self, environ: Environ, start_response: Any) -> Any:
        wire = environ["gunicorn.socket"] = Wire(environ["gunicorn.socket"])
        self.wires.add(wire)
        try:
            return super().__call__(environ, start_response)
        finally:
            self.wires.discard(wire)

    def wait(self) -> str | None:
        """The client's next message, None at the end; the first that no client of ours sends is the end."""
        text = super().wait()
        return text if is_message(text) else None


def is_message(text: Any) -> bool:
    """A pong, a goodbye, a CONNECT or one of our events: the libraries log anything else with a traceback."""
    if not isinstance(text, str):
        return False
    if text in ("1", "3", "41"):
        return True
    shape = MESSAGE.fullmatch(text)
    if shape is None:
        return False
    try:
        data = msgspec.json.decode(shape["data"] or "{}")
    except (msgspec.DecodeError, RecursionError):
        return False
    if shape["kind"] == "40":
        return isinstance(data, dict)
    return isinstance(data, list) and bool(data) and data[0] in EVENTS
