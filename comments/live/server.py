"""Socket.IO: who may connect, what they follow, when their access ends. Websocket transport only; Origin is checked
before anything else.

A socket is in the rooms of the articles it follows and, while its token holds, in its member's room; console sockets
are in the rooms of the sites they moderate.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import gevent
import msgspec
from flask import Flask, request
from flask_login import current_user
from flask_socketio import ConnectionRefusedError as Refuse
from flask_socketio import SocketIO, join_room, leave_room

from comments.actions.members import Access, acting_member
from comments.core.errors import CommentsError, Malformed, NotFound, TooMany, Unauthenticated
from comments.core.identity import NOBODY
from comments.core.policy import Action, Subject, require
from comments.core.tokens import read_access
from comments.live.broadcast import Broadcaster, Bus, article_room, batch, member_room, moderators_room
from comments.live.relay import Relay
from comments.settings import Settings
from comments.storage.journal import read_changes
from comments.storage.sites import find_site, read_sites, site_by_id
from comments.storage.threads import find_article
from comments.storage.transaction import Database

log = logging.getLogger(__name__)

PATH = "/socket.io"
MOST_FOLLOWED = 20  # articles on one page
LARGEST_MESSAGE = 64 * 1024
Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Json:
    """What python-socketio wants of a json module: msgspec, so that bodies pass as they are stored."""

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        return msgspec.json.encode(value).decode()

    @staticmethod
    def loads(text: str | bytes, **_: Any) -> Any:
        return msgspec.json.decode(text)


class Connect(msgspec.Struct):
    """The auth of a reader's CONNECT."""

    site: str
    article: str
    after: int | None = None
    token: str | None = None


class Follow(msgspec.Struct):
    site: str
    article: str
    after: int | None = None


class Token(msgspec.Struct):
    token: str | None


@dataclass(slots=True)
class Socket:
    """What this process knows of one connection."""

    site_id: int
    access: Access | None = None
    member_id: int | None = None
    articles: dict[str, int] = field(default_factory=dict)  # key: id, or 0 while nobody has written there


class Live:
    """The sockets of this process and what ties them to the service."""

    def __init__(
        self,
        app: Flask,
        settings: Settings,
        database: Database,
        bus: Bus,
        limit: Callable[[dict[str, Any]], None],
        origins: Callable[[], frozenset[str]],
    ) -> None:
        self.settings, self.database, self.bus = settings, database, bus
        self._limit, self._origins = limit, origins
        self.sockets: dict[str, Socket] = {}
        self._waiting: dict[tuple[int, str], set[str]] = {}  # threads that nobody has written in: (site, key) → sids
        self.io = SocketIO(
            app,
            async_mode="gevent",
            path=PATH,
            transports=["websocket"],
            cors_allowed_origins=[],  # `guard` checks, also that there is an Origin at all
            json=Json,
            ping_interval=25,
            ping_timeout=20,
            max_http_buffer_size=LARGEST_MESSAGE,
            manage_session=False,
            logger=False,
            engineio_logger=False,
        )
        self.broadcaster = Broadcaster(database, self._emit, self._followed, self._end_access)
        bus.deliver = self._deliver
        app.wsgi_app = self.guard(app.wsgi_app)  # type: ignore[method-assign,assignment]
        self._register()

    def start(self) -> None:
        """Begin to listen to other processes and to end what is over. Called in the serving process, after the fork."""
        if self.settings.redis_url is not None:
            gevent.spawn(self.bus.listen)
        else:
            gevent.spawn(Relay(self.database, self._deliver).run)
        gevent.spawn(self._sweep)

    def guard(self, wsgi_app: Wsgi) -> Wsgi:
        """In front of the handshake: a listed Origin, a bounded number of connections, and no permessage-deflate."""

        def guarded(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            if not environ.get("PATH_INFO", "").startswith(PATH):
                return wsgi_app(environ, start_response)
            environ.pop(
                "HTTP_SEC_WEBSOCKET_EXTENSIONS", None
            )  # compressing every frame for everybody costs 100 kB a socket
            origin = environ.get("HTTP_ORIGIN")
            if origin is None or (origin != self.settings.public_origin and origin not in self._origins()):
                return _refuse(start_response, "403 Forbidden", [])
            try:
                self._limit(environ)
            except TooMany as error:
                return _refuse(
                    start_response, "429 Too Many Requests", [("Retry-After", str(error.extras["retry_after"]))]
                )
            return wsgi_app(environ, start_response)

        return guarded

    def _register(self) -> None:
        self.io.on_event("connect", self._connect)
        self.io.on_event("disconnect", self._disconnect)
        self.io.on_event("follow", self._acknowledge(self._follow, Follow))
        self.io.on_event("unfollow", self._acknowledge(self._unfollow, Follow))
        self.io.on_event("token", self._acknowledge(self._renew, Token))

    def _acknowledge(
        self, handler: Callable[[str, Any], dict[str, Any]], kind: type[Any]
    ) -> Callable[..., dict[str, Any]]:
        def handle(data: Any = None) -> dict[str, Any]:
            try:
                return {"ok": True} | handler(_sid(), _convert(data, kind))
            except CommentsError as error:
                return {"error": {"code": error.code, "detail": error.detail, "status": error.status}}

        return handle

    def _connect(self, auth: Any = None) -> None:
        try:
            if isinstance(auth, dict) and auth.get("console") is True:
                self._connect_console()
            else:
                self._connect_reader(_convert(auth, Connect))
        except CommentsError as error:
            raise Refuse(error.code) from error

    def _connect_console(self) -> None:
        if request.headers.get("Origin") != self.settings.public_origin or not current_user.is_authenticated:
            raise Unauthenticated("signed_out", "Sign in to the console.")
        with self.database.read() as conn:
            for site in read_sites(conn, current_user.viewer.sites):
                require(current_user.viewer, Action.SEE_QUEUES, Subject(site.id, site.settings), self.database.clock())
                join_room(moderators_room(site.id))

    def _connect_reader(self, auth: Connect) -> None:
        with self.database.read() as conn:
            site = find_site(conn, auth.site)
        if site is None:
            raise NotFound("site")
        origin = request.headers.get("Origin")
        if origin not in site.origins and origin != self.settings.public_origin:
            raise NotFound("site")
        socket = Socket(site.id)
        self._enter(socket, auth.token)
        self.sockets[_sid()] = socket
        if socket.member_id is not None:
            join_room(member_room(socket.member_id))
        self._follow(_sid(), Follow(auth.site, auth.article, auth.after))

    def _enter(self, socket: Socket, token: str | None) -> None:
        """Take a token's access on, or give it up. Raises Unauthenticated."""
        socket.access, socket.member_id = None, None
        if token is None:
            return
        now = self.database.clock()
        claims = read_access(self.settings.secret_key, token, now)
        access = Access(claims["site"], claims["member"], claims["epoch"], claims["exp"] * 1_000_000)
        if access.site_id != socket.site_id:
            raise Unauthenticated("token_invalid", "The token belongs to another site.")
        with self.database.read() as conn:
            acting_member(conn, access, now)
        socket.access, socket.member_id = access, access.member_id

    def _disconnect(self, *_: Any) -> None:
        socket = self.sockets.pop(_sid(), None)
        for key in socket.articles if socket else ():
            self._forget(_sid(), socket.site_id, key)  # type: ignore[union-attr]

    def _follow(self, sid: str, wanted: Follow) -> dict[str, Any]:
        """Join an article's room, then send what was missed: in this order nothing falls between the two."""
        socket = self._socket(sid)
        if len(socket.articles) >= MOST_FOLLOWED and wanted.article not in socket.articles:
            raise Malformed(f"One connection follows at most {MOST_FOLLOWED} articles.", field="article")
        now = self.database.clock()
        with self.database.read() as conn:
            site = site_by_id(conn, socket.site_id)
            if site.key != wanted.site:
                raise NotFound("site")
            viewer = acting_member(conn, socket.access, now)[1] if socket.access else NOBODY
            require(viewer, Action.READ, Subject(site.id, site.settings), now)
            article = find_article(conn, site.id, wanted.article)
            if article is None:
                socket.articles[wanted.article] = 0
                self._waiting.setdefault((site.id, wanted.article), set()).add(sid)
                return {"seq": 0}
            socket.articles[wanted.article] = article.id
            join_room(article_room(article.id), sid=sid, namespace="/")
        if wanted.after is not None:
            self._catch_up(sid, site.key, wanted)
        return {"seq": article.seq}

    def _catch_up(self, sid: str, site: str, wanted: Follow) -> None:
        """The seq is read after the room was joined: what is committed later comes with the next batch."""
        with self.database.read() as conn:
            article = find_article(conn, self._socket(sid).site_id, wanted.article)
            since = read_changes(conn, article, wanted.after or 0)
        if since.seq != wanted.after:
            event, data = batch(site, article.key, since)
            self.io.emit(event, data, to=sid)

    def _unfollow(self, sid: str, wanted: Follow) -> dict[str, Any]:
        socket = self._socket(sid)
        article_id = socket.articles.pop(wanted.article, None)
        if article_id:
            leave_room(article_room(article_id), sid=sid, namespace="/")
        self._forget(sid, socket.site_id, wanted.article)
        return {}

    def _forget(self, sid: str, site_id: int, key: str) -> None:
        waiting = self._waiting.get((site_id, key))
        if waiting is not None:
            waiting.discard(sid)
            if not waiting:
                del self._waiting[(site_id, key)]

    def _renew(self, sid: str, wanted: Token) -> dict[str, Any]:
        socket = self._socket(sid)
        before = socket.member_id
        self._enter(socket, wanted.token)
        if before is not None and before != socket.member_id:
            leave_room(member_room(before), sid=sid, namespace="/")
        if socket.member_id is not None:
            join_room(member_room(socket.member_id), sid=sid, namespace="/")
        return {}

    def _socket(self, sid: str) -> Socket:
        if sid not in self.sockets:
            raise NotFound("connection")
        return self.sockets[sid]

    def _deliver(self, hints: Any) -> None:
        if self._waiting and hints.articles:
            self._admit_to_new(hints.articles)
        self.broadcaster.deliver(hints)

    def _admit_to_new(self, ranges: dict[int, tuple[int, int]]) -> None:
        """Whoever follows a thread that had no comment joins its room when it gets the first."""
        with self.database.read() as conn:
            for (site_id, key), sids in list(self._waiting.items()):
                article = find_article(conn, site_id, key)
                if article is None or article.id not in ranges:
                    continue
                del self._waiting[(site_id, key)]
                for sid in sids & self.sockets.keys():
                    self.sockets[sid].articles[key] = article.id
                    self.io.server.enter_room(sid, article_room(article.id), namespace="/")

    def _emit(self, event: str, data: Any, *, to: str) -> None:
        self.io.emit(event, data, to=to)

    def _followed(self, room: str) -> bool:
        return bool(self.io.server.manager.rooms.get("/", {}).get(room))

    def _end_access(self, member_id: int) -> None:
        """Rights changed: every socket of this member gives up its token; the widget asks for a new one, or goes on
        as nobody.
        """
        for sid, socket in list(self.sockets.items()):
            if socket.member_id == member_id:
                self._expire(sid, socket)

    def _expire(self, sid: str, socket: Socket) -> None:
        assert socket.member_id is not None
        self.io.emit("token.expired", {}, to=sid)
        self.io.server.leave_room(sid, member_room(socket.member_id), namespace="/")
        socket.access, socket.member_id = None, None
        with self.database.read() as conn:
            site = site_by_id(conn, socket.site_id)
        if site.settings.read != "everyone":
            for article_id in socket.articles.values():
                self.io.server.leave_room(sid, article_room(article_id), namespace="/")
            socket.articles.clear()

    def _sweep(self) -> None:
        """Access ends when the token does, give or take a second."""
        while True:
            gevent.sleep(1)
            now = self.database.clock()
            for sid, socket in list(self.sockets.items()):
                if socket.access is not None and socket.access.expires <= now:
                    self._expire(sid, socket)

    def close_all(self) -> None:
        """At the end of the process: clients are told, and come back elsewhere after a jittered while."""
        for sid in list(self.io.server.manager.rooms.get("/", {}).get(None, {})):
            self.io.server.disconnect(sid)


def _refuse(start_response: Any, status: str, headers: list[tuple[str, str]]) -> Iterable[bytes]:
    start_response(status, [("Content-Length", "0"), *headers])
    return []


def _sid() -> str:
    return str(request.sid)  # type: ignore[attr-defined]


def _convert(data: Any, kind: type[Any]) -> Any:
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise Malformed(str(error)) from error
