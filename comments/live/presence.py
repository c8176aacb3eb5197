"""How many have an article open, over all live processes: a rounded number, told rarely to those who follow it.

Every process counts its own sockets and tells the others what changed, over the bus; what is not said again for a
while is forgotten, so that a process that died takes its readers with it. Open pages are counted, not persons.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from comments.core.crowd import rounded
from comments.live.broadcast import Emit, article_room
from comments.storage.sites import site_by_id
from comments.storage.threads import article_of
from comments.storage.transaction import Database

log = logging.getLogger(__name__)

REST = 15.0  # seconds between two numbers for one article, and between two reports of all that a process holds
LASTS = 3 * REST  # seconds that another process's report counts
MOST_REPORTED = 100_000  # numbers of others that are remembered


@dataclass(slots=True)
class Told:
    """What an article's followers were told last, and when (monotonic seconds)."""

    number: int = 0
    at: float = 0.0


@dataclass(slots=True)
class Presence:
    """One per live process. `here`: sockets of this process by article; `report`: to the other processes."""

    database: Database
    emit: Emit
    here: Callable[[], dict[int, int]]
    report: Callable[[dict[int, int]], None]
    _others: dict[int, dict[str, tuple[int, float]]] = field(default_factory=lambda: defaultdict(dict))
    _heard: int = 0  # numbers in it
    _told: dict[int, Told] = field(default_factory=dict)
    _newcomers: set[int] = field(default_factory=set)  # articles that somebody came to since they were told
    _reported: dict[int, int] = field(default_factory=dict)
    _all_reported: float = 0.0

    def joined(self, article_id: int) -> None:
        """Somebody here begins to follow; they were told nothing yet."""
        self._newcomers.add(article_id)

    def hear(self, sender: str, counts: Mapping[int, int]) -> None:
        """Another process holds so many sockets of these articles."""
        now = time.monotonic()
        for article_id, count in counts.items():
            if sender not in self._others.get(article_id, ()):
                if self._heard >= MOST_REPORTED:
                    continue
                self._heard += 1
            self._others[article_id][sender] = (count, now)

    def tick(self) -> None:
        """Called every second."""
        now, here = time.monotonic(), self.here()
        self._report(here, now)
        self._forget(now)
        for article_id, followers in here.items():
            self._tell(article_id, followers, now)
        self._told = {article_id: told for article_id, told in self._told.items() if article_id in here}
        self._newcomers &= here.keys()

    def _report(self, here: dict[int, int], now: float) -> None:
        """What changed by a twentieth at once, everything now and then."""
        if now - self._all_reported >= REST:
            self._all_reported, news = now, dict(here)
        else:
            news = {
                article_id: count
                for article_id, count in here.items()
                if abs(count - self._reported.get(article_id, 0)) > self._reported.get(article_id, 0) // 20
            }
        news |= {article_id: 0 for article_id in self._reported if article_id not in here}
        if news:
            self._reported = {key: count for key, count in (self._reported | news).items() if count}
            self.report(news)

    def _forget(self, now: float) -> None:
        for article_id, reports in list(self._others.items()):
            for sender, (count, heard) in list(reports.items()):
                if not count or now - heard > LASTS:
                    del reports[sender]
                    self._heard -= 1
            if not reports:
                del self._others[article_id]

    def _tell(self, article_id: int, followers: int, now: float) -> None:
        """A changed number, or the same one to those who came since."""
        told = self._told.setdefault(article_id, Told())
        everywhere = followers + sum(count for count, _ in self._others.get(article_id, {}).values())
        number = rounded(everywhere)
        is_news = number != told.number or (number > 0 and article_id in self._newcomers)
        if not is_news or now - told.at < REST:
            return
        self._told[article_id] = Told(number, now)
        self._newcomers.discard(article_id)
        try:
            self._send(article_id, number)
        except Exception:  # the database is away: the next number comes in a while
            log.exception("live: presence was not told")

    def _send(self, article_id: int, number: int) -> None:
        with self.database.read() as conn:
            article = article_of(conn, article_id)
            site = site_by_id(conn, article.site_id)
        if site.settings.presence:
            data: dict[str, Any] = {"site": site.key, "article": article.key, "readers": number}
            self.emit("presence", data, to=article_room(article_id))
