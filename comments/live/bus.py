"""Hints: what one process tells the others of a committed change, straight on to its own sockets and over Redis.

Every process that writes has a Bus; those that serve nobody only speak. What Redis loses the relay finds in the
journal.
"""

import atexit
import contextlib
import logging
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from comments.core.events import (
    AppealChanged,
    ArticleChanged,
    ClaimsChanged,
    CommentChange,
    CommentReported,
    Event,
    MemberRestricted,
)
from comments.storage.transaction import Ranges

log = logging.getLogger(__name__)

CHANNEL = "comments:live"
REST = 1.0  # seconds without another try when Redis did not take a hint: a request does not wait for it again and again


class Hints(msgspec.Struct, forbid_unknown_fields=True):
    """Ids only: nothing in it is for a reader's eyes."""

    sender: str
    articles: dict[int, tuple[int, int]] = {}  # the seq before and after
    own: list[tuple[int, int, int]] = []  # (member, article, comment)
    changed_articles: list[int] = []
    queues: list[int] = []  # sites
    members: list[int] = []  # whose rights changed
    claims: list[tuple[int, int]] = []  # (site, comment)
    present: dict[int, int] = {}  # how many sockets the sender holds of an article


def hints_of(events: Sequence[Event], ranges: Ranges, sender: str) -> Hints:
    """What others need to know of a transaction."""
    hints = Hints(sender, articles=dict(ranges))
    queues: set[int] = set()
    for event in events:
        if isinstance(event, CommentChange | CommentReported | AppealChanged):
            queues.add(event.site_id)
        if isinstance(event, CommentChange) and event.member_id is not None and not event.is_plain:
            hints.own.append((event.member_id, event.article_id, event.comment_id))
        if isinstance(event, AppealChanged) and event.member_id is not None:
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
        if self.redis_url is not None and time.monotonic() >= self._rests_until:
            self._send(msgspec.json.encode(hints))

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
            self.hears = False
            time.sleep(REST)

    def _hear(self, subscription: Any) -> None:
        subscription.subscribe(CHANNEL)
        while True:
            message = subscription.get_message(timeout=5)  # each call pings a silent connection
            if message is None:
                continue
            if message["type"] == "subscribe":
                self.hears = True
                log.info("live: hints come over Redis")
            elif message["type"] == "message":
                self._receive(message["data"])

    def _receive(self, data: bytes) -> None:
        try:
            hints = msgspec.json.decode(data, type=Hints)
        except msgspec.DecodeError as error:
            log.warning("live: a message on %s was not one of ours: %s", CHANNEL, error)
            return
        if hints.sender == self.name or self.deliver is None:
            return
        try:
            self.deliver(hints)
        except Exception:  # the database is away: the relay reads the journal when it is back
            log.exception("live: a hint was lost")
