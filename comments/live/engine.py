"""Engine.IO 4 over a websocket alone, in one greenlet a connection: what python-socketio stands on here.

python-engineio would hold three greenlets, two queues and a timer for each socket, and its writer could not be reached
past. This is the only file that knows its insides; pyproject.toml pins it and tests/live/test_insides.py tells what
would have changed. python-socketio and Flask-SocketIO work on top of it as they do on the original.
"""

import base64
import hashlib
import io
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import engineio
import gevent
import msgspec
from gevent.lock import BoundedSemaphore

from comments.live.frames import (
    CLOSE,
    GOING_AWAY,
    GOODBYE,
    LARGEST_MESSAGE,
    NOT_OURS,
    NOT_TEXT,
    PING,
    PONG,
    TEXT,
    Ended,
    FrameReader,
    close_frame,
    frame,
    text_frame,
)
from comments.live.heartbeat import INTERVAL, TIMEOUT, Heartbeat
from comments.live.wire import Wire
from comments.seen.counted import CONNECTS, SOCKETS

GOODBYES = ("1", "41")  # to the connection, to the namespace: there is one
EVENTS = ("follow", "unfollow", "token")  # that clients may send
MESSAGE = re.compile(r"(?P<kind>40|42)(?P<ack>(?<=2)[0-9]{1,9})?(?P<data>[\[{].*)?", re.DOTALL)
KEPT = re.compile(
    r"REQUEST_METHOD|SCRIPT_NAME|SERVER_|REMOTE_|HTTP_(HOST|ORIGIN|COOKIE|X_FORWARDED)|wsgi\.(url|ver|mult)"
)
GREETERS = 16  # that are let in at the same time; the others wait their turn, and pages go first
NOTHING = io.BytesIO()
Environ = dict[str, Any]


class Json:
    """What python-socketio wants of a json module: msgspec, so that bodies pass as they are stored."""

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        return msgspec.json.encode(value).decode()

    @staticmethod
    def loads(text: str | bytes, **_: Any) -> Any:
        return msgspec.json.decode(text)


class Session:
    """One connection: what is sent to it, and in which order.

    Nothing comes before the answer to its CONNECT, and nothing for a room before what is sent while `catching_up`.
    """

    __slots__ = ("_early", "_later", "answers", "is_greeted", "is_waiting", "rooms", "sid", "since", "slot", "wire")

    def __init__(self, sid: str, wire: Wire) -> None:
        self.sid, self.wire = sid, wire
        self.rooms: list[str] = []
        self.is_greeted = False
        self.is_waiting = False  # to be let in
        self.answers = True  # the last heartbeat
        self.slot = 0  # in the heartbeat's round
        self.since = time.monotonic()  # when it was let in
        self._early: list[bytes] | None = []  # until the answer to CONNECT is out
        self._later: list[bytes] | None = None  # for rooms, while it catches up

    def send(self, packet: str) -> None:
        """A packet of Engine.IO, as it is."""
        self.wire.send(text_frame(packet))
        if self._early is not None and packet.startswith("40"):
            early, self._early = self._early, None
            for data in early:
                self.wire.send(data)

    def tell(self, data: bytes) -> None:
        """A frame with an event for this one alone."""
        if self._early is None:
            self.wire.send(data)
        else:
            self._early.append(data)

    def push(self, data: bytes) -> None:
        """A frame with an event for a room that it is in."""
        if self._later is None:
            self.tell(data)
        else:
            self._later.append(data)

    @contextmanager
    def catching_up(self) -> Iterator[None]:
        """What comes for its rooms meanwhile follows what it is told in the block."""
        self._later = []
        try:
            yield
        finally:
            later, self._later = self._later, None
            for data in later:
                self.tell(data)


class Engine(engineio.Server):  # type: ignore[misc]
    """The sockets of this process: `sockets` has the Session of each by its sid."""

    def __init__(self, original: Any, app: Any) -> None:
        """In place of the `original` that python-socketio made, with the events that it listens to; `app`: Flask's."""
        super().__init__(async_mode="gevent", max_http_buffer_size=LARGEST_MESSAGE)
        self.handlers = original.handlers
        self.sockets: dict[str, Session] = {}
        self.heartbeat = Heartbeat()
        self._app = app
        self._greeters = BoundedSemaphore(GREETERS)
        SOCKETS.collect = lambda: [((), len(self.sockets))]

    def serve(self, environ: Environ) -> None:
        """The life of one websocket, whose handshake was checked."""
        kept = _kept(environ) | {"flask.app": self._app}
        wire = Wire(environ["gunicorn.socket"])
        accept = _switching(environ["HTTP_SEC_WEBSOCKET_KEY"])
        environ.clear()  # gunicorn holds it as long as the socket lives: 10 kB
        session = Session(self.generate_id(), wire)
        self.sockets[session.sid] = session
        CONNECTS.add()
        try:
            with self._turn(session):
                wire.send(accept)
                session.send("0" + Json.dumps(_opening(session.sid)))
                session.since = time.monotonic()
            self._trigger_event("connect", session.sid, kept, run_async=False)
            self.heartbeat.add(session)
            self._listen(session, kept)
        finally:
            self.heartbeat.remove(session)
            self._trigger_event("disconnect", session.sid, self.reason.TRANSPORT_CLOSE, run_async=False)
            self.sockets.pop(session.sid, None)
            wire.cut()

    @contextmanager
    def _turn(self, session: Session) -> Iterator[None]:
        """Few are let in at a time, and others have a turn before each: else whoever asks for a page waits behind
        thousands.
        """
        session.is_waiting = True
        with self._greeters:
            gevent.sleep(0)
            yield
        session.is_waiting = False

    def _listen(self, session: Session, environ: Environ) -> None:
        """Until the client goes or sends what no client of ours sends."""
        reader = FrameReader()
        while data := session.wire.receive():
            try:
                if is_pong(data):
                    reader.count(len(data))
                    session.answers = True
                    continue
                for opcode, content in reader.feed(data):
                    self._take(session, opcode, content)
            except Ended as ended:
                session.wire.send(close_frame(ended.code, ended.reason))
                session.wire.let_go()
                return
            finally:
                environ.pop("werkzeug.request", None)  # a request of Flask's refers to it, and it to the request

    def _take(self, session: Session, opcode: int, content: bytes) -> None:
        if opcode == PING:
            session.wire.send(frame(PONG, content))
        elif opcode == CLOSE:
            raise Ended(GOODBYE)
        elif opcode != PONG:
            self._hear(session, _text(opcode, content))

    def _hear(self, session: Session, text: str) -> None:
        if text in GOODBYES or not is_message(text):
            raise Ended(GOODBYE if text in GOODBYES else NOT_OURS)
        if text == "3":
            session.answers = True
        elif text.startswith("40"):
            with self._turn(session):
                self._trigger_event("message", session.sid, text[1:], run_async=False)
        else:
            self._trigger_event("message", session.sid, text[1:], run_async=False)

    def send(self, sid: str, data: str) -> None:
        """A packet of Socket.IO."""
        if (session := self.sockets.get(sid)) is not None:
            session.send("4" + data)

    def send_packet(self, sid: str, pkt: Any) -> None:
        """The plain way of python-socketio's manager, one packet object for all who get it."""
        if (session := self.sockets.get(sid)) is not None:
            session.send(pkt.encode())

    def disconnect(self, sid: str | None = None) -> None:
        """Tell the client and end the connection; all of them without a sid."""
        for session in list(self.sockets.values()) if sid is None else filter(None, [self.sockets.get(sid)]):
            session.send("1")
            session.wire.send(close_frame(GOING_AWAY))
            session.wire.cut()


def is_pong(data: bytes) -> bool:
    """One whole masked text frame with a `3`: nearly all that is ever received."""
    return len(data) == 7 and data[:2] == b"\x81\x81" and data[2] ^ data[6] == 0x33


def is_message(text: Any) -> bool:
    """A pong, a goodbye, a CONNECT or one of our events: the libraries log anything else with a traceback."""
    if not isinstance(text, str):
        return False
    if text == "3" or text in GOODBYES:
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


def _text(opcode: int, content: bytes) -> str:
    if opcode != TEXT:
        raise Ended(NOT_OURS)
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise Ended(NOT_TEXT) from None


def _opening(sid: str) -> dict[str, Any]:
    milliseconds = {"pingInterval": int(INTERVAL * 1000), "pingTimeout": int(TIMEOUT * 1000)}
    return {"sid": sid, "upgrades": [], **milliseconds, "maxPayload": LARGEST_MESSAGE}


def _switching(key: str) -> bytes:
    """The answer to the handshake."""
    proof = hashlib.sha1(key.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11", usedforsecurity=False).digest()
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + base64.b64encode(proof) + b"\r\n\r\n"
    )


def _kept(environ: Environ) -> Environ:
    """What Flask needs of a request for the events that come later."""
    kept = {name: value for name, value in environ.items() if KEPT.match(name)}
    return kept | {
        "PATH_INFO": environ["PATH_INFO"],
        "QUERY_STRING": "",
        "wsgi.input": NOTHING,
        "wsgi.errors": sys.stderr,
    }
