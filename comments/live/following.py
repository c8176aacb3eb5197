"""What each socket of this process follows, and as whom: rooms are entered and left here, after asking the policy.

A socket wants articles; it is in their rooms while its site lets it read, and in its member's room while its access
holds.
"""

import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Mapping
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
from comments.live.broadcast import article_room, batch, member_room, remember
from comments.live.recent import RecentSites
from comments.live.rooms import BREATH
from comments.live.standing import Standing, stand_now, standing_of
from comments.live.unwritten import Unwritten
from comments.storage.journal import read_changes
from comments.storage.sites import Site, read_sites, site_by_id
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
    stands: Standing | None = None  # the member when the access was taken on
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
        self._unwritten = Unwritten(database)
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
            self._unwritten.forget(sid, socket.site_id, key)  # type: ignore[union-attr]

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
        self._unwritten.wait(sid, socket.site_id, key)
        article = find_article(conn, socket.site_id, key)
        if sid not in self._sockets:  # gone while we looked
            self._unwritten.forget(sid, socket.site_id, key)
        elif article is not None:
            self._unwritten.forget(sid, socket.site_id, key)
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
        self._unwritten.forget(sid, socket.site_id, wanted.article)
        return {}

    def admit(self, ranges: Ranges) -> list[int]:
        """Whoever follows a thread that had no comment joins its room when it gets the first; the articles of these."""
        entered: list[int] = []
        for article, sids in self._unwritten.written(ranges):
            for sid in sids & self._sockets.keys():
                self._sockets[sid].articles[article.key] = article.id
                self._io.enter_room(sid, article_room(article.id))
            entered.append(article.id)
        return entered

    def renew(self, sid: str, wanted: Token) -> dict[str, Any]:
        """Take a token's access on, or give it up. Raises Unauthenticated; the access is then what it was."""
        socket = self._socket(sid)
        if wanted.token is None:
            self._enter(sid, socket, None)
        else:
            self._enter(sid, socket, *self._access(socket.site_id, wanted.token))
        return {}

    def _access(self, site_id: int, token: str) -> tuple[Access, Standing]:
        now = self._database.clock()
        claims = read_access(self._secret_key, token, now)
        access = Access(claims["site"], claims["member"], claims["epoch"], claims["exp"] * 1_000_000)
        if access.site_id != site_id:
            raise Unauthenticated("token_invalid", "The token belongs to another site.")
        with self._database.read() as conn:
            member, _ = acting_member(conn, access, now)
        return access, standing_of(member, now)

    def _enter(self, sid: str, socket: Socket, access: Access | None, stands: Standing | None = None) -> None:
        """Be somebody else from now on, or nobody; what may be read may differ."""
        if socket.access is not None:
            self._io.leave_room(sid, member_room(socket.access.member_id))
        socket.access, socket.stands, socket.since = access, stands, time.monotonic()
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
            self._unwritten.forget(sid, socket.site_id, key)
            if article_id:
                self._io.leave_room(sid, article_room(article_id))

    def end_access(self, heard: Mapping[int, float]) -> None:
        """The rights of these members changed, as we heard (monotonic seconds): their sockets give up the tokens that
        they had then; the widget asks for a new one, or goes on as nobody.
        """
        self._expire(lambda socket, access: socket.since <= heard.get(access.member_id, float("-inf")))

    def end_what_is_over(self) -> None:
        """Access ends when the token does. Called every second."""
        now = self._database.clock()
        self._expire(lambda _socket, access: access.expires <= now)

    def _expire(self, is_over: Callable[[Socket, Access], bool]) -> None:
        for sid, socket in list(self._sockets.items()):
            if socket.access is not None and is_over(socket, socket.access):
                self._give_up(sid, socket)

    def _give_up(self, sid: str, socket: Socket) -> None:
        self._io.emit("token.expired", {}, to=sid)
        self._enter(sid, socket, None)

    def end_what_changed(self) -> None:
        """Look up the members who are here: nobody tells what another process did without Redis, nor that what
        somebody paid for has run out. Called every few seconds.
        """
        here: dict[int, list[tuple[str, Socket, Access]]] = defaultdict(list)
        for sid, socket in self._sockets.items():
            if socket.access is not None:
                here[socket.access.member_id].append((sid, socket, socket.access))
        others: list[tuple[str, Socket, Standing]] = []
        for member_id, now in stand_now(self._database, list(here)):
            for sid, socket, access in here[member_id]:
                if socket.access is not access or socket.stands is None:
                    continue  # somebody else since, or nobody
                if now is None or now.rights != socket.stands.rights:
                    self._give_up(sid, socket)
                elif now.state != socket.stands.state:
                    others.append((sid, socket, now))
        if others:
            self._settle_all([one[:2] for one in others], self._sites({socket.site_id for _, socket, _ in others}))
        for _, socket, now in others:
            if socket.stands is not None and socket.stands.rights == now.rights:
                socket.stands = now

    def _sites(self, ids: set[int]) -> dict[int, Site]:
        with self._database.read() as conn:
            return {site.id: site for site in read_sites(conn, frozenset(ids))}

    def settle_changed_sites(self) -> None:
        """A site may have been closed to the public since its readers connected. Called every few seconds."""
        sites = self._sites({socket.site_id for socket in self._sockets.values()})
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
