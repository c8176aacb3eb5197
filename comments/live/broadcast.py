"""From a hint to everybody's screen: hints travel, the data comes from the database.

A hint says "this article's seq went from a to b". On the article's next tick one read of the journal makes one batch
of all that changed since the last batch, in the form in which the public sees it now: the same function answers
`changes?after=`, so that what is pushed and what is caught up cannot differ, whichever order hints arrive in and
however many are lost.
"""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Protocol, TypeVar

import gevent

from comments.core.present import present_article, present_holder
from comments.live.bus import Hints
from comments.seen import tracing
from comments.seen.counted import FANOUT_SECONDS
from comments.storage.claims import read_claims
from comments.storage.journal import Changes, read_changes
from comments.storage.members import member_by_id
from comments.storage.notices import count_waiting
from comments.storage.notifications import last_notification
from comments.storage.queues import count_queues, sections_of
from comments.storage.sites import site_by_id
from comments.storage.threads import article_of, find_comment
from comments.storage.transaction import Database

log = logging.getLogger(__name__)

TICK = 0.1  # seconds between two batches of one article
AGAIN = 2.0  # seconds until what failed is tried again
MOST_CLAIMS = 2_000  # comments that are told of in a tick; what is not told is seen at the next load
AT_ONCE = 500  # sites of one question
REMEMBERED = 20_000  # articles whose last batch is remembered, comments whose author was told


K = TypeVar("K")
V = TypeVar("V")


class Emit(Protocol):
    """How live/server.py sends: an event with its data to a room."""

    def __call__(self, event: str, data: Any, *, to: str) -> None: ...


class Broadcaster:
    """Turns hints into events for rooms; one per live process. `followed`: whether anybody is in a room here."""

    def __init__(
        self,
        database: Database,
        emit: Emit,
        followed: Callable[[str], bool],
        end_access: Callable[[Mapping[int, float]], None],
    ) -> None:
        self._database, self._emit = database, emit
        self._followed, self._end_access = followed, end_access
        self._pending: dict[int, int] = {}  # article: the seq to begin at if no batch is remembered
        self._heard: dict[int, float] = {}  # article: when we heard of the first of what is pending
        self._sent: OrderedDict[int, int] = OrderedDict()  # article: seq of the last batch
        self._told: OrderedDict[tuple[int, int], tuple[int, int]] = OrderedDict()  # (member, comment): see _tell_member
        self._own: set[tuple[int, int, int]] = set()
        self._changed_articles: set[int] = set()
        self._queues: set[int] = set()
        self._notices: dict[int, int] = {}  # how many legal notices wait, as consoles were last told of these sites
        self._claims: set[tuple[int, int]] = set()  # (site, comment)
        self._members: dict[int, float] = {}  # whose rights changed, and when we heard of it
        self._ticking = False

    def deliver(self, hints: Hints) -> None:
        """Take hints in; what is to be read is read on the next tick."""
        for article_id, (after, _seq) in hints.articles.items():
            self._pending[article_id] = min(after, self._pending.get(article_id, after))
            self._heard.setdefault(article_id, time.monotonic())
        self._own.update(hints.own)
        self._changed_articles.update(hints.changed_articles)
        self._queues.update(hints.queues)
        self._claims.update(hints.claims)
        self._members.update(dict.fromkeys(hints.members, time.monotonic()))
        if not self._ticking and self._has_news():
            self._ticking = True
            gevent.spawn_later(TICK / 2, self._tick)

    def begin(self, article_id: int, seq: int) -> None:
        """Somebody is about to enter an empty room, at this seq or later: what was before is not for them."""
        remember(self._sent, article_id, seq)

    def stands_at(self, article_id: int) -> int | None:
        """The seq up to which an article's room, with somebody in it, has heard or hears just now; what comes after it
        will be sent. None if that is not known.
        """
        return self._sent.get(article_id)

    def look_for_notices(self, watched: Collection[int]) -> None:
        """Tell the consoles of these sites, all that are open here, how many legal notices wait where that changed: a
        notice belongs to no article, so that the journal has nothing of one that another process wrote.
        """
        waiting: dict[int, int] = {}
        ids = sorted(watched)
        for begins in range(0, len(ids), AT_ONCE):
            with self._database.read() as conn:
                waiting |= count_waiting(conn, ids[begins : begins + AT_ONCE])
            gevent.sleep(0)
        changed = [site_id for site_id, number in waiting.items() if self._notices.get(site_id) != number]
        self._notices = waiting
        if changed:
            self.deliver(Hints("look", queues=changed))

    def _has_news(self) -> bool:
        return bool(
            self._pending or self._own or self._changed_articles or self._queues or self._claims or self._members
        )

    def _tick(self) -> None:
        while self._has_news():
            began = time.monotonic()
            failed = self.flush()
            gevent.sleep(AGAIN if failed else max(0.0, TICK - (time.monotonic() - began)))
        self._ticking = False

    def flush(self) -> bool:
        """Send what is pending; whether anything failed and is kept for the next time."""
        pending, self._pending = self._pending, {}
        own, self._own = self._own, set()
        changed, self._changed_articles = self._changed_articles, set()
        queues, self._queues = self._queues, set()
        claims, self._claims = self._claims, set()
        members, self._members = self._members, {}
        with tracing.span("fan-out", {"comments.articles": len(pending)}):
            again = _failed(self._send_batch, pending.items())
        for article_id, after in again:
            self._pending[article_id] = min(after, self._pending.get(article_id, after))
        self._own |= (own := _failed(self._tell_member, own))
        self._changed_articles |= (changed := _failed(self._tell_article, changed))
        self._queues |= (queues := _failed(self._count, queues))
        self._claims |= (claims := self._tell_all_claims(claims))
        unended = bool(members) and bool(_failed(lambda _: self._end_access(members), ("members",)))
        if unended:
            self._members = members | self._members
        return bool(again or own or changed or queues or claims or unended)

    def _send_batch(self, pending: tuple[int, int]) -> None:
        article_id, after = pending
        room = article_room(article_id)
        heard = self._heard.pop(article_id, time.monotonic())
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
        remember(self._sent, article_id, since.seq)
        event, data = batch(site.key, article.key, since)
        self._emit(event, data, to=room)
        FANOUT_SECONDS.observe(time.monotonic() - heard)

    def _count(self, site_id: int) -> None:
        """Once for all who see the whole site; moderators of sections are told to ask for their own figures."""
        room, partly = moderators_room(site_id), sections_room(site_id)
        whole, some = self._followed(room), self._followed(partly)
        if not (whole or some):
            return
        with self._database.read() as conn:
            site = site_by_id(conn, site_id)
            counts = count_queues(conn, site_id, None) if whole else {}
            counts["notices"] = self._notices[site_id] = count_waiting(conn, [site_id])[site_id]
        if whole:
            self._emit("queue.counts", {"site": site.key} | counts, to=room)
        if some:
            self._emit("queue.changed", {"site": site.key}, to=partly)

    def _tell_all_claims(self, claims: set[tuple[int, int]]) -> set[tuple[int, int]]:
        """One event for each site; what could not be told."""
        by_site: dict[int, list[int]] = {}
        for site_id, comment_id in sorted(claims)[:MOST_CLAIMS]:
            by_site.setdefault(site_id, []).append(comment_id)
        failed = _failed(lambda site_id: self._tell_claims(site_id, by_site[site_id]), by_site)
        return {(site_id, comment_id) for site_id, comment_id in claims if site_id in failed}

    def _tell_claims(self, site_id: int, ids: list[int]) -> None:
        """Who has these comments before them now; not in the journal: what is lost is seen at the next load."""
        rooms = {moderators_room(site_id): ids}
        if self._followed(sections_room(site_id)):
            with self._database.read() as conn:
                by_section = sections_of(conn, ids)
            rooms |= {section_room(site_id, section): some for section, some in by_section.items()}
        rooms = {room: some for room, some in rooms.items() if self._followed(room)}
        if not rooms:
            return
        with self._database.read() as conn:
            held, site = read_claims(conn, site_id, ids, self._database.clock()), site_by_id(conn, site_id)
        for room, some in rooms.items():
            told = [{"comment_id": str(one), "claimed_by": present_holder(held.get(one))} for one in some]
            self._emit("queue.claims", {"site": site.key, "claims": told}, to=room)

    def _tell_member(self, own: tuple[int, int, int]) -> None:
        """That what is theirs changed: a comment of their own, or what they were notified of. Each change raises the
        comment's version or makes a notification: what comes a second time, from the journal, is not told again.
        """
        member_id, article_id, comment_id = own
        room = member_room(member_id)
        if not self._followed(room):
            return
        with self._database.read() as conn:
            comment = find_comment(conn, comment_id)
            if comment is None or comment.article_id != article_id:
                return  # none of our processes says so
            article, member = article_of(conn, article_id), member_by_id(conn, member_id)
            if member is None or member.site_id != article.site_id:
                return
            site = site_by_id(conn, article.site_id)
            now = (comment.version, last_notification(conn, member_id))
        if self._told.get((member_id, comment_id)) != now:
            remember(self._told, (member_id, comment_id), now)
            data = {"site": site.key, "article": article.key, "comment_id": str(comment_id)}
            self._emit("mine.changed", data, to=room)

    def _tell_article(self, article_id: int) -> None:
        room = article_room(article_id)
        if self._followed(room):
            with self._database.read() as conn:
                article = article_of(conn, article_id)
                site = site_by_id(conn, article.site_id)
            data = {"site": site.key, "article": present_article(article, article.key), "seq": article.seq}
            self._emit("article.changed", data, to=room)


def _failed(function: Callable[[K], None], keys: Iterable[K]) -> set[K]:
    """Call the function for each key; those for which it failed. One article must not silence the others."""
    failed: set[K] = set()
    for key in keys:
        try:
            function(key)
        except Exception:
            log.exception("live: an event was not sent")
            failed.add(key)
    return failed


def remember(memory: OrderedDict[K, V], key: K, value: V) -> None:
    """The latest ones only."""
    memory[key] = value
    memory.move_to_end(key)
    if len(memory) > REMEMBERED:
        memory.popitem(last=False)


def batch(site: str, article: str, since: Changes) -> tuple[str, dict[str, Any]]:
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


def article_in(room: str | None) -> int | None:
    """The article whose room this is; None for other rooms."""
    kind, _, rest = (room or "").partition(":")
    return int(rest.partition(":")[0]) if kind == "article" else None


def member_room(member_id: int) -> str:
    return f"member:{member_id}"


def moderators_room(site_id: int) -> str:
    return f"site:{site_id}:moderators"


def desk_rooms(site_id: int, sections: frozenset[str] | None) -> list[str]:
    """Of a console: the site's, or those of the sections that its moderator looks after."""
    if sections is None:
        return [moderators_room(site_id)]
    return [sections_room(site_id), *(section_room(site_id, section) for section in sorted(sections))]


def desk_in(room: str) -> int | None:
    """The site that all in this room look after, or parts of it; None for other rooms."""
    kind, _, rest = room.partition(":")
    site_id, _, whose = rest.partition(":")
    return int(site_id) if kind == "site" and whose in ("moderators", "sections") else None


def sections_room(site_id: int) -> str:
    """Of all who look after some sections alone."""
    return f"site:{site_id}:sections"


def section_room(site_id: int, section: str) -> str:
    return f"site:{site_id}:section:{section}"
