"""Socket.IO: who may connect, and what they may ask for. Websocket transport only.

Readers' sockets are in the rooms that live/following.py chooses; console sockets in those of the sites they moderate.
"""

import logging
import random
import time
from collections.abc import Callable
from typing import Any

import gevent
import msgspec
from flask import Flask, request
from flask_login import current_user
from flask_socketio import ConnectionRefusedError as Refuse
from flask_socketio import SocketIO, join_room

from comments.core.errors import CommentsError, Forbidden, Malformed, NotFound, Unauthenticated
from comments.core.policy import Action, Subject, require
from comments.live.broadcast import Broadcaster, article_in, article_room, desk_in, desk_rooms
from comments.live.bus import Bus, Hints
from comments.live.door import Addresses, guard, room_for
from comments.live.engine import Engine, Json
from comments.live.following import Connect, Follow, Following, Token
from comments.live.presence import Presence
from comments.live.relay import hear
from comments.live.rooms import Rooms
from comments.seen.counted import CUTS
from comments.settings import Settings
from comments.storage.accounts import living_sessions
from comments.storage.sites import read_sites
from comments.storage.transaction import Database, Ranges

log = logging.getLogger(__name__)

LOOK = 2  # seconds between two looks into the database: accounts of consoles, members, settings of sites
PATIENCE = 5.0  # seconds that a connection has to say CONNECT


class Live:
    """The sockets of this process and what ties them to the service."""

    def __init__(
        self,
        app: Flask,
        settings: Settings,
        database: Database,
        bus: Bus,
        addresses: Addresses,
        is_listed: Callable[[str], bool],
        changed: Callable[[Ranges], None],
    ) -> None:
        """`is_listed`: has any site this origin; `changed` hears what any process did."""
        self._settings, self._database, self._bus = settings, database, bus
        self._is_listed, self._changed = is_listed, changed
        self._rooms = Rooms(self._left)
        pages = app.wsgi_app
        self._io = SocketIO(
            app,
            async_mode="gevent",
            async_handlers=False,  # what one client asks for is done in its order
            json=Json,
            client_manager=self._rooms,
            manage_session=False,
            logger=False,
            engineio_logger=False,
        )
        server = self._io.server
        self._engine = server.eio = Engine(server.eio, app)
        self._following = Following(server, database, settings.secret_key, self._begin, self._stands_at)
        self._broadcaster = Broadcaster(database, self._emit, self._followed, self._following.end_access)
        self._presence = Presence(database, self._emit, self._followers, bus.report_present)
        self._consoles: dict[str, int] = {}  # sockets of the console: the session that each came in with
        app.wsgi_app = guard(pages, self._engine, room_for(settings.sockets), self._may_connect, addresses)  # type: ignore[method-assign,assignment]
        self._io.on_event("connect", self._connect)
        self._io.on_event("follow", _acknowledged(self._following.follow, Follow))
        self._io.on_event("unfollow", _acknowledged(self._following.unfollow, Follow))
        self._io.on_event("token", _acknowledged(self._following.renew, Token))

    def start(self) -> None:
        """Begin to listen to other processes and to end what is over. Called in the serving process, after the fork."""
        hear(self._database, self._bus, self._deliver)
        gevent.spawn(self._engine.heartbeat.run)
        gevent.spawn(self._sweep)

    def _may_connect(self, origin: str) -> bool:
        return origin == self._settings.public_origin or self._is_listed(origin)

    def _connect(self, auth: Any = None) -> None:
        try:
            if isinstance(auth, dict) and auth.get("console") is True:
                self._connect_console()
            else:
                self._connect_reader(_convert(auth, Connect))
        except CommentsError as error:
            raise Refuse(error.code) from error

    def _connect_console(self) -> None:
        if request.headers.get("Origin") != self._settings.public_origin or not current_user.is_authenticated:
            raise Unauthenticated("signed_out", "Sign in to the console.")
        if self._settings.require_totp and current_user.row.totp_secret is None:
            raise Forbidden("second_factor_needed", "Accounts here need a second factor: set one up first.")
        with self._database.read() as conn:
            for site in read_sites(conn, current_user.viewer.sites):
                require(current_user.viewer, Action.SEE_QUEUES, Subject(site.id, site.settings), self._database.clock())
                for room in desk_rooms(site.id, current_user.viewer.sections):
                    join_room(room)
        self._consoles[_sid()] = current_user.row.session_id

    def _connect_reader(self, auth: Connect) -> None:
        site = self._following.find_site(auth.site)
        origin = request.headers.get("Origin")
        if site is None or (origin not in site.origins and origin != self._settings.public_origin):
            raise NotFound("site")
        self._following.open(_sid(), site, auth)

    def _left(self, sid: str) -> None:
        self._consoles.pop(sid, None)
        self._following.close(sid)

    def _deliver(self, hints: Hints) -> None:
        """Hints of this process, of the others (Redis) or of the journal: the second time they change nothing."""
        self._changed(hints.articles)
        if hints.present:
            self._presence.hear(hints.sender, hints.present)
        try:
            for article_id in self._following.admit(hints.articles):
                self._broadcaster.begin(article_id, 0)  # somebody may have come between the first comment and its hint
        finally:
            self._broadcaster.deliver(hints)

    def _emit(self, event: str, data: Any, *, to: str) -> None:
        self._io.emit(event, data, to=to)

    def _followers(self) -> dict[int, int]:
        """How many sockets of this process are in each article's room."""
        sizes = self._rooms.sizes()
        return {key: size for room, size in sizes.items() if (key := article_in(room)) is not None}

    def _begin(self, article_id: int, seq: int) -> None:
        self._presence.joined(article_id)
        if not self._followed(article_room(article_id)):
            self._broadcaster.begin(article_id, seq)

    def _stands_at(self, article_id: int) -> int | None:
        return self._broadcaster.stands_at(article_id) if self._followed(article_room(article_id)) else None

    def _followed(self, room: str) -> bool:
        return self._rooms.has(room)

    def _sweep(self) -> None:
        """Every second what is over ends; every other second what others did. One that fails keeps no other from
        its turn.
        """
        seconds = 0
        while True:
            gevent.sleep(1)
            seconds += 1
            due = [self._cut_silent, self._following.end_what_is_over, self._presence.tick]
            if seconds % LOOK == 0:
                due += [self._cut_ended, self._following.end_what_changed, self._following.settle_changed_sites]
                due += [self._look_for_notices]
            for look in due:
                try:
                    look()
                except Exception:  # the database is away: it comes back
                    log.exception("live: a sweep failed")

    def _cut_ended(self) -> None:
        """Consoles whose session is over: signed out here or from elsewhere, idle, too old, its account disabled."""
        if not self._consoles:
            return
        with self._database.read() as conn:
            living = living_sessions(conn, set(self._consoles.values()), self._database.clock())
        for sid, session in list(self._consoles.items()):
            if session not in living:
                self._engine.disconnect(sid)

    def _look_for_notices(self) -> None:
        """Only where a console is open here: nobody else is told how many wait."""
        rooms = self._rooms.sizes() if self._consoles else ()
        self._broadcaster.look_for_notices({site for room in rooms if (site := desk_in(room)) is not None})

    def _cut_silent(self) -> None:
        """Who has said nothing, was refused, or has said goodbye to the namespace alone."""
        late = time.monotonic() - PATIENCE
        for session in list(self._engine.sockets.values()):
            if not session.is_greeted and not session.is_waiting and session.since < late:
                CUTS.add("says nothing")
                self._engine.disconnect(session.sid)

    @property
    def number(self) -> int:
        """How many sockets this process holds."""
        return len(self._engine.sockets)

    def close_all(self, over: float) -> None:
        """At the end of the process: clients are told, in any order and one after the other for `over` seconds, and
        come back elsewhere, each after a moment of its own.
        """
        until = time.monotonic() + over
        leaving = list(self._engine.sockets)
        random.shuffle(leaving)
        for left, sid in zip(range(len(leaving), 0, -1), leaving, strict=True):
            gevent.sleep(max(0.0, until - time.monotonic()) / left)
            self._engine.disconnect(sid)
        self._engine.disconnect()  # who came meanwhile


def _acknowledged(handler: Callable[[str, Any], dict[str, Any]], kind: type[Any]) -> Callable[..., dict[str, Any]]:
    """An event with an ack: {"ok": true, …} or {"error": …}."""

    def handle(data: Any = None, *_more: Any) -> dict[str, Any]:
        try:
            return {"ok": True} | handler(_sid(), _convert(data, kind))
        except CommentsError as error:
            return {"error": {"code": error.code, "detail": error.detail, "status": error.status}}

    return handle


def _sid() -> str:
    return str(request.sid)  # type: ignore[attr-defined]


def _convert(data: Any, kind: type[Any]) -> Any:
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise Malformed(str(error)) from error
