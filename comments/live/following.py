"""What each socket of this process follows, and as whom: rooms are entered and left here, after asking the policy.

A socket wants articles; it is in their rooms while its site lets it read, and in its member's room while its access
holds.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import gevent
import msgspec

from comments.actions.members import Access, acting_member
from comments.core.errors import Forbidden, Malformed, NotFound, Unauthenticated
from comments.core.identity import NOBODY
from comments.core.policy import Action, Subject, require
from comments.core.thread import is_article_key
from comments.core.tokens import read_access
from comments.live.broadcast import TICK, article_room, batch, member_room, remember
from comments.live.rooms import BREATH
from comments.storage.journal import read_changes
from comments.storage.sites import Site, find_site, site_by_id
from comments.storage.threads import find_article
from comments.storage.transaction import Database, Ranges

MOST_FOLLOWED = 20  # articles on one page


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
    """What this process knows of one reader's connection."""

    site_id: int
    access: Access | None = None
    since: float = 0.0  # when it was taken on (monotonic seconds)
    articles: dict[str, int] = field(default_factory=dict)  # key: id, or 0 while nobody has written there


class Following:
    """The readers' sockets of this process. `io` is python-socketio's server; `begin` hears of an article and its seq
    before anybody new enters its room; `stands_at` tells the seq up to which the room has heard, None where nobody is.
    """

    def __init__(
        self,
        io: Any,
        database: Database,
        secret_key: bytes,
        begin: Callable[[int, int], None],
        stands_at: Callable[[int], int | None],
    ) -> None:
        self._io, self._database, self._secret_key = io, database, secret_key
        self._begin, self._stands_at = begin, stands_at
        self._recent = RecentSites(database)
        self._ids: OrderedDict[tuple[int, str], int] = OrderedDict()  # (site, key) of articles that were followed
        self._sockets: dict[str, Socket] = {}
        self._waiting: dict[tuple[int, str], set[str]] = {}  # threads that nobody has written in: (site, key) → sids
        self._versions: dict[int, int] = {}  # of sites: the oldest by which somebody here was let in

    def find_site(self, key: str) -> Site | None:
        return self._recent.find(key)

    def open(self, sid: str, site: Site, auth: Connect) -> None:
        """A reader connected. Raises what `follow` raises; nothing of them stays then."""
        self._sockets[sid] = Socket(site.id)
        try:
            self.renew(sid, Token(auth.token))
            self.follow(sid, Follow(auth.site, auth.article, auth.after))
        except BaseException:
            self.close(sid)
            raise

    def close(self, sid: str) -> None:
        """They are gone; the library leaves the rooms."""
        socket = self._sockets.pop(sid, None)
        for key in socket.articles if socket else ():
            self._forget(sid, socket.site_id, key)  # type: ignore[union-attr]

    def follow(self, sid: str, wanted: Follow) -> dict[str, Any]:
        """Join an article's room, then send what was missed: in this order nothing falls between the two."""
        socket = self._socket(sid)
        if not is_article_key(wanted.article):
            raise Malformed("An article id has 1 to 255 printable characters.", field="article")
        if len(socket.articles) >= MOST_FOLLOWED and wanted.article not in socket.articles:
            raise Malformed(f"One connection follows at most {MOST_FOLLOWED} articles.", field="article")
        site = self._recent.find(wanted.site)
        if site is None or site.id != socket.site_id:
            raise NotFound("site")
        self._require_reading(site, socket)
        self._note_version(site)
        with self._io.manager.catching_up(sid):
            if self._joins_at_once(sid, socket, wanted):
                return {"seq": wanted.after}
            with self._database.read() as conn:
                self._join(conn, sid, socket, wanted.article)
            return {"seq": self._catch_up(sid, socket, site.key, wanted)}

    def _joins_at_once(self, sid: str, socket: Socket, wanted: Follow) -> bool:
        """Without reading anything, where the room stands at what the reader has: all that comes later is for it too.
        After a restart ten thousand come like this.
        """
        article_id = self._ids.get((socket.site_id, wanted.article))
        if article_id is None or wanted.after is None or self._stands_at(article_id) != wanted.after:
            return False
        socket.articles[wanted.article] = article_id
        self._begin(article_id, wanted.after)
        self._io.enter_room(sid, article_room(article_id))
        return True

    def _require_reading(self, site: Site, socket: Socket) -> None:
        now, viewer = self._database.clock(), NOBODY
        if socket.access:
            with self._database.read() as conn:
                viewer = acting_member(conn, socket.access, now)[1]
        require(viewer, Action.READ, Subject(site.id, site.settings), now)

    def _join(self, conn: Any, sid: str, socket: Socket, key: str) -> None:
        """Enter the article's room, or wait for its first comment; we wait before we look, it may come between."""
        socket.articles.setdefault(key, 0)
        self._waiting.setdefault((socket.site_id, key), set()).add(sid)
        article = find_article(conn, socket.site_id, key)
        if sid not in self._sockets:  # gone while we looked
            self._forget(sid, socket.site_id, key)
        elif article is not None:
            self._forget(sid, socket.site_id, key)
            socket.articles[key] = article.id
            remember(self._ids, (socket.site_id, key), article.id)
            self._begin(article.id, article.seq)
            self._io.enter_room(sid, article_room(article.id))

    def _catch_up(self, sid: str, socket: Socket, site: str, wanted: Follow) -> int:
        """Send what came after the reader's page; the seq is read after the room was joined: later ones come with the
        next batch.
        """
        with self._database.read() as conn:
            article = find_article(conn, socket.site_id, wanted.article)
            if article is None:
                if wanted.after:
                    gone = {"site": site, "article": wanted.article, "seq": 0}
                    self._io.emit("thread.reset", gone, to=sid)
                return 0
            since = read_changes(conn, article, article.seq if wanted.after is None else wanted.after)
        if since.seq != since.after:
            event, data = batch(site, article.key, since)
            self._io.emit(event, data, to=sid)
        return since.seq

    def unfollow(self, sid: str, wanted: Follow) -> dict[str, Any]:
        socket = self._socket(sid)
        article_id = socket.articles.pop(wanted.article, None)
        if article_id:
            self._io.leave_room(sid, article_room(article_id))
        self._forget(sid, socket.site_id, wanted.article)
        return {}

    def _forget(self, sid: str, site_id: int, key: str) -> None:
        waiting = self._waiting.get((site_id, key))
        if waiting is not None:
            waiting.discard(sid)
            if not waiting:
                del self._waiting[(site_id, key)]

    def admit(self, ranges: Ranges) -> None:
        """Whoever follows a thread that had no comment joins its room when it gets the first."""
        if not self._waiting or not ranges:
            return
        with self._database.read() as conn:
            for (site_id, key), sids in list(self._waiting.items()):
                article = find_article(conn, site_id, key)
                if article is None or article.id not in ranges:
                    continue
                self._waiting.pop((site_id, key), None)
                for sid in sids & self._sockets.keys():
                    self._sockets[sid].articles[key] = article.id
                    self._io.enter_room(sid, article_room(article.id))

    def renew(self, sid: str, wanted: Token) -> dict[str, Any]:
        """Take a token's access on, or give it up. Raises Unauthenticated; the access is then what it was."""
        socket = self._socket(sid)
        access = None if wanted.token is None else self._access(socket.site_id, wanted.token)
        self._enter(sid, socket, access)
        return {}

    def _access(self, site_id: int, token: str) -> Access:
        now = self._database.clock()
        claims = read_access(self._secret_key, token, now)
        access = Access(claims["site"], claims["member"], claims["epoch"], claims["exp"] * 1_000_000)
        if access.site_id != site_id:
            raise Unauthenticated("token_invalid", "The token belongs to another site.")
        with self._database.read() as conn:
            acting_member(conn, access, now)
        return access

    def _enter(self, sid: str, socket: Socket, access: Access | None) -> None:
        """Be somebody else from now on, or nobody; what may be read may differ."""
        if socket.access is not None:
            self._io.leave_room(sid, member_room(socket.access.member_id))
        socket.access, socket.since = access, time.monotonic()
        if access is not None:
            self._io.enter_room(sid, member_room(access.member_id))
        self._settle(sid, socket)

    def _settle(self, sid: str, socket: Socket) -> None:
        """Be in the rooms of what is followed if reading is allowed now, else in none of them; the wish stays."""
        if not socket.articles:
            return
        with self._database.read() as conn:
            site = site_by_id(conn, socket.site_id)
        self._note_version(site)
        self._settle_by(site, sid, socket)

    def _note_version(self, site: Site) -> None:
        """Somebody here was let in by this version: the next look settles all if it is no longer the present one."""
        self._versions[site.id] = min(site.version, self._versions.get(site.id, site.version))

    def _settle_by(self, site: Site, sid: str, socket: Socket) -> None:
        try:
            self._require_reading(site, socket)
        except (Unauthenticated, Forbidden):
            self._leave_articles(sid, socket)
            return
        outside = [key for key, id_ in socket.articles.items() if not self._io.manager.is_in(sid, article_room(id_))]
        if outside:
            with self._database.read() as conn:
                for key in outside:
                    self._join(conn, sid, socket, key)

    def _leave_articles(self, sid: str, socket: Socket) -> None:
        for key, article_id in socket.articles.items():
            self._forget(sid, socket.site_id, key)
            if article_id:
                self._io.leave_room(sid, article_room(article_id))

    def end_access(self, member_id: int, heard: float) -> None:
        """A member's rights changed, as we `heard` (monotonic seconds): their sockets give up the tokens that they had
        then; the widget asks for a new one, or goes on as nobody.
        """
        self._expire(lambda socket, access: access.member_id == member_id and socket.since <= heard)

    def end_what_is_over(self) -> None:
        """Access ends when the token does. Called every second."""
        now = self._database.clock()
        self._expire(lambda _socket, access: access.expires <= now)

    def _expire(self, is_over: Callable[[Socket, Access], bool]) -> None:
        for sid, socket in list(self._sockets.items()):
            if socket.access is not None and is_over(socket, socket.access):
                self._io.emit("token.expired", {}, to=sid)
                self._enter(sid, socket, None)

    def settle_changed_sites(self) -> None:
        """A site may have been closed to the public since its readers connected. Called every few seconds."""
        there = {socket.site_id for socket in self._sockets.values()}
        with self._database.read() as conn:
            sites = {key: site_by_id(conn, key) for key in there}
        changed = {key for key, site in sites.items() if site.version != self._versions.get(key)}
        self._versions = {key: site.version for key, site in sites.items()}
        try:
            self._settle_all([one for one in self._sockets.items() if one[1].site_id in changed], sites)
        except BaseException:
            self._versions.clear()  # the next look is at all of them again
            raise

    def _settle_all(self, affected: list[tuple[str, Socket]], sites: dict[int, Site]) -> None:
        for number, (sid, socket) in enumerate(affected, 1):
            if sid in self._sockets:
                self._settle_by(sites[socket.site_id], sid, socket)
            if number % BREATH == 0:
                gevent.sleep(0)

    def _socket(self, sid: str) -> Socket:
        if sid not in self._sockets:
            raise NotFound("connection")
        return self._sockets[sid]


class RecentSites:
    """Sites as they were less than a tick ago: ten thousand who come at once ask for the same one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sites: dict[str, Site | None] = {}
        self._since = 0.0

    def find(self, key: str) -> Site | None:
        now = time.monotonic()
        if now - self._since > TICK:
            self._sites, self._since = {}, now
        if key in self._sites:
            return self._sites[key]
        with self._database.read() as conn:
            site = find_site(conn, key)
        self._sites[key] = site
        return site
