"""Sites as they were a moment ago, for the crowd that comes at once. Used by live/following.py."""

import time

from comments.live.broadcast import TICK
from comments.storage.sites import Site, find_site
from comments.storage.transaction import Database


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
