"""Threads in which nobody has written, and who waits there for the first comment. Used by live/following.py."""

from collections.abc import Iterator
from typing import Any

from comments.storage.threads import articles_by_id
from comments.storage.transaction import Database, Ranges

AT_ONCE = 500  # articles of one query


class Unwritten:
    """An article comes into being with its first comment; until then there is no room to enter."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[tuple[int, str], set[str]] = {}  # (site, key): sids

    def wait(self, sid: str, site_id: int, key: str) -> None:
        self._waiting.setdefault((site_id, key), set()).add(sid)

    def forget(self, sid: str, site_id: int, key: str) -> None:
        waiting = self._waiting.get((site_id, key))
        if waiting is not None:
            waiting.discard(sid)
            if not waiting:
                del self._waiting[(site_id, key)]

    def written(self, ranges: Ranges) -> Iterator[tuple[Any, set[str]]]:
        """Of the articles that changed those that somebody waits for: the row, and who. What it costs goes with what
        changed, not with how many wait.
        """
        ids = list(ranges) if self._waiting else []
        for begins in range(0, len(ids), AT_ONCE):
            with self._database.read() as conn:
                found = articles_by_id(conn, ids[begins : begins + AT_ONCE])
            for article in found:
                sids = self._waiting.pop((article.site_id, article.key), None)
                if sids:
                    yield article, sids
