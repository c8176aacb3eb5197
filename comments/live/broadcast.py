"""From a committed change to everybody's screen: hints travel (here, over Redis, or read from the journal), the data
comes from the database.

A hint says "this article's seq went from a to b". On the article's next tick one read of the journal makes one batch
of all that changed since the last batch, in the form in which the public sees it now: the same function answers
`changes?after=`, so that what is pushed and what is caught up cannot differ, whichever order hints arrive in and
however many are lost.
"""

import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import gevent
import msgspec
import redis

from comments.core.events import ArticleChanged, CommentChange, CommentReported, Event, MemberRestricted
from comments.core.present import present_article
from comments.storage.journal import read_changes
from comments.storage.moderation import count_queues
from comments.storage.sites import site_by_id
from comments.storage.threads import article_of
from comments.storage.transaction import Database, Ranges

log = logging.getLogger(__name__)

TICK = 0.1  # seconds between two batches of one article
REMEMBERED = 20_000  # articles whose last batch is remembered
CHANNEL = "comments:live"


class Hints(msgspec.Struct, forbid_unknown_fields=True):
    """What one process tells the others. Ids only: nothing in it is for a reader's eyes."""

    sender: str
    articles: dict[int, tuple[int, int]] = {}
    own: list[tuple[int, int, int]] = []  # (member, article, comment)
    changed_articles: list[int] = []
    queues: list[int] = []  # sites
    members: list[int] = []  # whose rights changed


class Emit(Protocol):
    """How live/server.py sends: an event with its data to a room."""

    def __call__(self, event: str, data: Any, *, to: str) -> None: ...


def hints_of(events: Sequence[Event], ranges: Ranges, sender: str) -> Hints:
    """What others need to know of a transaction."""
    hints = Hints(sender, articles=dict(ranges))
    queues: set[int] = set()
    for event in events:
        if isinstance(event, CommentChange | CommentReported):
            queues.add(event.site_id)
        if isinstance(event, CommentChange) and event.member_id is not None:
            hints.own.append((event.member_id, event.article_id, event.comment_id))
        if isinstance(event, ArticleChanged):
            hints.changed_articles.append(event.article_id)
        if isinstance(event, MemberRestricted):
            hints.members.append(event.member_id)
    hints.queues = sorted(queues)
    return hints


@dataclass(slots=True)
class Bus:
    """Carries hints to the live processes: straight on in this one, and over Redis to the others."""

    redis_url: str | None
    deliver: Callable[[Hints], None] | None = None  # set where this process holds sockets
    name: str = field(default_factory=lambda: secrets.token_hex(8))
    _client: Any = None

    def publish(self, events: Sequence[Event], ranges: Ranges) -> None:
        """One of the transaction's publish functions."""
        hints = hints_of(events, ranges, self.name)
        if self.deliver is not None:
            self.deliver(hints)
        if self.redis_url is not None:
            self.client().publish(CHANNEL, msgspec.json.encode(hints))

    def client(self) -> Any:
        if self._client is None:
            self._client = redis.Redis.from_url(str(self.redis_url), socket_timeout=2, socket_connect_timeout=1)
        return self._client

    def listen(self) -> None:
        """A greenlet of every live process: receives the others' hints, for ever; connects again when Redis comes
        back.
        """
        assert self.redis_url is not None and self.deliver is not None
        while True:
            try:
                client: Any = redis.Redis.from_url(self.redis_url, health_check_interval=15)
                subscription = client.pubsub(ignore_subscribe_messages=True)
                subscription.subscribe(CHANNEL)
                for message in subscription.listen():
                    self._receive(message["data"])
            except redis.RedisError as error:
                log.warning("live: Redis is gone (%s), readers catch up by seq", error)
                gevent.sleep(1)

    def _receive(self, data: bytes) -> None:
        try:
            hints = msgspec.json.decode(data, type=Hints)
        except msgspec.DecodeError as error:
            log.warning("live: a message on %s was not one of ours: %s", CHANNEL, error)
            return
        if hints.sender != self.name and self.deliver is not None:
            self.deliver(hints)


class Broadcaster:
    """Turns hints into events for rooms; one per live process."""

    def __init__(
        self, database: Database, emit: Emit, followed: Callable[[str], bool], end_access: Callable[[int], None]
    ) -> None:
        self._database = database
        self._emit = emit
        self._followed = followed  # whether anybody is in a room here
        self._end_access = end_access
        self._pending: dict[int, int] = {}  # article: the seq to begin at if no batch is remembered
        self._sent: OrderedDict[int, int] = OrderedDict()  # article: seq of the last batch
        self._queues: set[int] = set()
        self._ticking = False

    def deliver(self, hints: Hints) -> None:
        """Take hints in; what is to be read is read on the next tick."""
        for article_id, (after, _seq) in hints.articles.items():
            self._pending[article_id] = min(after, self._pending.get(article_id, after))
        self._queues.update(hints.queues)
        if hints.own or hints.changed_articles or hints.members:
            gevent.spawn(self._tell, hints)
        if not self._ticking and (self._pending or self._queues):
            self._ticking = True
            gevent.spawn_later(TICK / 2, self._tick)

    def _tick(self) -> None:
        while self._pending or self._queues:
            began = time.monotonic()
            pending, self._pending = self._pending, {}
            queues, self._queues = self._queues, set()
            for article_id, after in pending.items():
                self._guarded(self._flush, article_id, after)
            for site_id in queues:
                self._guarded(self._count, site_id)
            gevent.sleep(max(0.0, TICK - (time.monotonic() - began)))
        self._ticking = False

    @staticmethod
    def _guarded(function: Callable[..., None], *arguments: Any) -> None:
        try:
            function(*arguments)
        except Exception:  # one article must not silence the others; its readers catch up by seq
            log.exception("live: a batch failed")

    def _flush(self, article_id: int, after: int) -> None:
        room = article_room(article_id)
        if not self._followed(room):
            self._sent.pop(article_id, None)
            return
        after = self._sent.get(article_id, after)
        with self._database.read() as conn:
            article = article_of(conn, article_id)
            if article.seq <= after:
                return
            site = site_by_id(conn, article.site_id)
            since = read_changes(conn, article, after)
        self._sent[article_id] = since.seq
        self._sent.move_to_end(article_id)
        if len(self._sent) > REMEMBERED:
            self._sent.popitem(last=False)
        event, data = batch(site.key, article.key, since)
        self._emit(event, data, to=room)

    def _count(self, site_id: int) -> None:
        room = moderators_room(site_id)
        if self._followed(room):
            with self._database.read() as conn:
                counts, site = count_queues(conn, site_id), site_by_id(conn, site_id)
            self._emit("queue.counts", {"site": site.key} | counts, to=room)

    def _tell(self, hints: Hints) -> None:
        for member_id in hints.members:
            self._guarded(self._end_access, member_id)
        for member_id, article_id, comment_id in hints.own:
            if self._followed(member_room(member_id)):
                self._guarded(self._tell_own, member_id, article_id, comment_id)
        for article_id in hints.changed_articles:
            if self._followed(article_room(article_id)):
                self._guarded(self._tell_article, article_id)

    def _tell_own(self, member_id: int, article_id: int, comment_id: int) -> None:
        with self._database.read() as conn:
            article = article_of(conn, article_id)
            site = site_by_id(conn, article.site_id)
        data = {"site": site.key, "article": article.key, "comment_id": str(comment_id)}
        self._emit("mine.changed", data, to=member_room(member_id))

    def _tell_article(self, article_id: int) -> None:
        with self._database.read() as conn:
            article = article_of(conn, article_id)
            site = site_by_id(conn, article.site_id)
        data = {"site": site.key, "article": present_article(article, article.key)}
        self._emit("article.changed", data, to=article_room(article_id))


def batch(site: str, article: str, since: Any) -> tuple[str, dict[str, Any]]:
    """The event that brings a follower from `since.after` to `since.seq`."""
    where = {"site": site, "article": article, "seq": since.seq}
    if since.reset:
        return "thread.reset", where
    data = where | {
        "after": since.after,
        "changes": since.changes,
        "total": since.total,
        "counts": {"total": since.total},
    }
    if since.article is not None:
        data["article_state"] = since.article
    return "thread.batch", data


def article_room(article_id: int) -> str:
    return f"article:{article_id}:public"


def member_room(member_id: int) -> str:
    return f"member:{member_id}"


def moderators_room(site_id: int) -> str:
    return f"site:{site_id}:moderators"
