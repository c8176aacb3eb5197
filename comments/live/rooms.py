"""Who of this process is in which room, and events for them: encoded once, the same frame for everybody.

In place of python-socketio's own memory of rooms, which copies all of them whenever somebody leaves and has two
dictionaries for each socket. One namespace; a socket has one id, that of Engine.IO.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import gevent
import msgspec
import socketio

from comments.live.engine import Session
from comments.live.frames import TEXT, frame

BREATH = 200  # sockets that are written to before others may do something
NAMESPACE = "/"


class Rooms(socketio.Manager):  # type: ignore[misc]
    """What python-socketio asks of its manager, and `emit` in our way."""

    def __init__(self, left: Callable[[str], None]) -> None:
        """`left` hears of everybody who is no longer connected."""
        super().__init__()
        self._left = left
        self.rooms: dict[str, dict[str, Any]] = {
            NAMESPACE: {}
        }  # the plain emit asks only whether the namespace is there
        self._members: dict[str, dict[Session, None]] = {}

    @property
    def _sessions(self) -> dict[str, Session]:
        sessions: dict[str, Session] = self.server.eio.sockets
        return sessions

    def has(self, room: str) -> bool:
        """Whether anybody is in it."""
        return room in self._members

    def sizes(self) -> dict[str, int]:
        """How many are in each room."""
        return {room: len(members) for room, members in self._members.items()}

    def is_in(self, sid: str, room: str) -> bool:
        return sid in self._sessions and room in self._sessions[sid].rooms

    def catching_up(self, sid: str) -> AbstractContextManager[None]:
        """What comes for the socket's rooms meanwhile follows what is sent to it alone in the block."""
        session = self._sessions.get(sid)
        return nullcontext() if session is None else session.catching_up()

    def emit(self, event: str, data: Any, namespace: str, room: Any = None, **others: Any) -> None:
        """Send an event to one socket or to a room. Yields now and then; who leaves meanwhile is not sent to."""
        room = others.pop("to", None) or room
        whole = frame(TEXT, b"42" + msgspec.json.encode([event, data]))
        if (session := self._sessions.get(room)) is not None:
            session.tell(whole)
            return
        members = self._members.get(room, {})
        for number, session in enumerate(list(members), 1):
            if session in members:
                session.push(whole)
            if number % BREATH == 0:
                gevent.sleep(0)

    def get_participants(self, namespace: str, room: Any) -> Iterator[tuple[str, str]]:
        """For python-socketio's plain emit."""
        members = [self._sessions[room]] if room in self._sessions else list(self._members.get(room, ()))
        yield from ((session.sid, session.sid) for session in members)

    def pre_connect(self, eio_sid: str, namespace: str) -> str | None:
        """A CONNECT came: the id that it gets, None for a second one."""
        session = self._sessions.get(eio_sid)
        if session is None or session.is_greeted or namespace != NAMESPACE:
            return None
        session.is_greeted = True
        return eio_sid

    def connect(self, sid: str, namespace: str) -> str:
        return sid

    def is_connected(self, sid: str | None, namespace: str) -> bool:
        return sid in self._sessions and self._sessions[sid].is_greeted

    def pre_disconnect(self, sid: str, namespace: str) -> str:
        return sid

    def disconnect(self, sid: str, namespace: str, **_: Any) -> None:
        if (session := self._sessions.get(sid)) is not None:
            session.is_greeted = False
            self._left(sid)
            for room in list(session.rooms):
                self.leave_room(sid, namespace, room)

    def enter_room(self, sid: str, namespace: str, room: str, eio_sid: str | None = None) -> None:
        """Nothing if it is there already or has gone."""
        session = self._sessions.get(sid)
        if session is not None and room not in session.rooms:
            session.rooms.append(room)
            self._members.setdefault(room, {})[session] = None

    def leave_room(self, sid: str, namespace: str, room: str) -> None:
        session = self._sessions.get(sid)
        if session is not None and room in session.rooms:
            session.rooms.remove(room)
            members = self._members[room]
            del members[session]
            if not members:
                del self._members[room]

    def get_namespaces(self) -> list[str]:
        return [NAMESPACE]

    def get_rooms(self, sid: str, namespace: str) -> list[str]:
        return list(self._sessions[sid].rooms)

    def sid_from_eio_sid(self, eio_sid: str, namespace: str) -> str | None:
        return eio_sid if self.is_connected(eio_sid, namespace) else None

    def eio_sid_from_sid(self, sid: str, namespace: str) -> str:
        return sid
