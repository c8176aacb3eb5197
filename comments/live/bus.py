"""Hints: what one process tells the others of a committed change, straight on to its own sockets and over Redis.

Every process that writes has a Bus; those that serve nobody only speak. What Redis loses the relay finds in the
journal.

Whoever can speak to Redis can forge a hint, so a hint is JSON of this one shape, bounded in every part, and moves
nobody to more than a look into the database. A flood of them is taken for what it is: no Redis.
"""

import atexit
import contextlib
import logging
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import msgspec

from comments.core.events import (
    AppealChanged,
    ArticleChanged,
    ClaimsChanged,
    CommentChange,
    CommentReported,
    Event,
    MemberNotified,
    MemberRestricted,
    NoticesChanged,
)
from comments.storage.transaction import Ranges

log = logging.getLogger(__name__)

CHANNEL = "comments:live"
REST = 1.0  # seconds without another try when Redis did not take a hint: a request does not wait for it again and again
LARGEST = 1024 * 1024  # bytes of a hint; whoever has more to say leaves it to the journal
MOST_A_SECOND = 2_000  # messages, or so many times 4 kB; a flood is not listened to, the journal says it all
CALM = 10.0  # seconds after a flood until the next try
BREATH = 50  # messages, after which others have a turn
Id = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Socks = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class Flood(Exception):
    """More came over Redis than all our processes say together."""


class Hints(msgspec.Struct):
    """Ids only: nothing in it is for a reader's eyes. What the version after this one adds is left aside."""

    sender: Annotated[str, msgspec.Meta(max_length=32)]
    articles: dict[Id, tuple[Id, Id]] = {}  # the seq before and after
    own: list[tuple[Id, Id, Id]] = []  # (member, article, comment)
    changed_articles: list[Id] = []
    queues: list[Id] = []  # sites
    members: list[Id] = []  # whose rights changed
    claims: list[tuple[Id, Id]] = []  # (site, comment)
    present: dict[Id, Socks] = {}  # how many sockets the sender holds of an article


def hints_of(events: Sequence[Event], ranges: Ranges, sender: str) -> Hints:
    """What others need to know of a transaction."""
    hints = Hints(sender, articles=dict(ranges))
    queues: set[int] = set()
    for event in events:
        if isinstance(event, CommentChange | CommentReported | AppealChanged | NoticesChanged):
            queues.add(event.site_id)
        if isinstance(event, CommentChange) and event.member_id is not None and not event.is_plain:
            hints.own.append((event.member_id, event.article_id, event.comment_id))
        if isinstance(event, AppealChanged | MemberNotified) and event.member_id is not None:
            hints.own.append((event.member_id, event.article_id, event.comment_id))
        if isinstance(event, ArticleChanged):
            hints.changed_articles.append(event.article_id)
        if isinstance(event, ClaimsChanged):
            hints.claims += [(event.site_id, comment_id) for comment_id in event.comment_ids]
        if isinstance(event, MemberRestricted):
            hints.members.append(event.member_id)
    hints.queues = sorted(queues)
    return hints


@dataclass(slots=True)
class Bus:
    """Carries hints to the serving processes. `deliver` is set where this process is one."""

    redis_url: str | None
    deliver: Callable[[Hints], None] | None = None
    hears: bool = False  # whether the others' hints come over Redis now
    name: str = field(default_factory=lambda: secrets.token_hex(8))
    _client: Any = None
    _rests_until: float = 0.0
    _wondered: float = float("-inf")  # when we last said that something came that was not ours

    @property
    def listens(self) -> bool:
        """Whether this process is to hear the others over Redis: a worker's only speaks."""
        return self.redis_url is not None and self.deliver is not None

    def publish(self, events: Sequence[Event], ranges: Ranges) -> None:
        """One of the transaction's publish functions."""
        hints = hints_of(events, ranges, self.name)
        if self.deliver is not None:
            self.deliver(hints)
        self._tell_others(hints)

    def report_present(self, counts: dict[int, int]) -> None:
        """So many sockets this process holds of these articles."""
        self._tell_others(Hints(self.name, present=counts))

    def _tell_others(self, hints: Hints) -> None:
        if self.redis_url is None or time.monotonic() < self._rests_until:
            return
        data = msgspec.json.encode(hints)
        if len(data) <= LARGEST:
            self._send(data)

    def _send(self, data: bytes) -> None:
        import redis  # noqa: PLC0415 - only where there is one

        try:
            if self._client is None:
                self._client = self._connect()
                atexit.register(self._client.close)  # also the worker for jobs speaks
            self._client.publish(CHANNEL, data)
        except redis.RedisError as error:
            self._rests_until = time.monotonic() + REST
            log.warning("live: Redis took no hint (%s), the others read the journal", error)

    def _connect(self) -> Any:
        """A client that tries once: redis-py's own retries would keep a request waiting for seconds."""
        import redis  # noqa: PLC0415
        from redis.backoff import NoBackoff  # noqa: PLC0415
        from redis.retry import Retry  # noqa: PLC0415

        return redis.Redis.from_url(
            str(self.redis_url),
            socket_timeout=2,
            socket_connect_timeout=1,
            health_check_interval=15,
            retry=Retry(NoBackoff(), 0),
        )

    def listen(self) -> None:
        """A thread of every serving process: receives the others' hints, for ever, whenever there is a Redis."""
        import redis  # noqa: PLC0415

        told = False
        while True:
            try:
                with contextlib.closing(self._connect()) as client, client.pubsub() as subscription:
                    self._hear(subscription)
            except (redis.RedisError, OSError) as error:
                if self.hears or not told:  # once, not every second
                    log.warning("live: Redis is gone (%s), the journal is read meanwhile", error)
                    told = True
            except Flood:
                self.hears = False
                log.warning("live: too much comes over %s, the journal is read for a while", CHANNEL)
                time.sleep(CALM)
            self.hears = False
            time.sleep(REST)

    def _hear(self, subscription: Any) -> None:
        subscription.subscribe(CHANNEL)
        second, count = time.monotonic(), 0
        while True:
            message = subscription.get_message(timeout=5)  # each call pings a silent connection
            if message is None:
                continue
            if time.monotonic() - second > 1:
                second, count = time.monotonic(), 0
            count += 1 + len(message["data"]) // 4096 if message["type"] == "message" else 0
            if count > MOST_A_SECOND:
                raise Flood
            if count % BREATH == 0:
                time.sleep(0)
            if message["type"] == "subscribe":
                self.hears = True
                log.info("live: hints come over Redis")
            elif message["type"] == "message":
                self._receive(message["data"])

    def _receive(self, data: bytes) -> None:
        try:
            if len(data) > LARGEST:
                raise msgspec.DecodeError(f"it has {len(data)} bytes")
            hints = msgspec.json.decode(data, type=Hints)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            self._wonder(error)
            return
        if hints.sender == self.name or self.deliver is None:
            return
        try:
            self.deliver(hints)
        except Exception:  # the database is away: the relay reads the journal when it is back
            log.exception("live: a hint was lost")

    def _wonder(self, error: Exception) -> None:
        """Say it now and then: a stranger must not fill the log."""
        if time.monotonic() - self._wondered >= 60:
            self._wondered = time.monotonic()
            log.warning("live: a message on %s was not one of ours: %s", CHANNEL, str(error)[:200])
