"""Once a day: what a site keeps for so many days only is forgotten, in chunks that hold no lock for long."""

from typing import Any

from comments.actions.erasure import CHUNK, empty_comments
from comments.core.site import SiteSettings
from comments.storage import retention as rows
from comments.storage.jobs import Job, add_jobs
from comments.storage.sites import read_sites
from comments.storage.threads import find_comments
from comments.storage.transaction import Database

DAY = 86_400 * 1_000_000  # µs
HIDDEN = ("rejected", "withdrawn")


def plan_retention(database: Database) -> None:
    """Have it done if a day has gone by."""
    with database.read() as conn:
        if database.clock() - rows.swept_at(conn) < DAY:
            return
    with database.transaction() as tx:
        if tx.now - rows.swept_at(tx.conn) >= DAY:
            rows.set_swept(tx.conn, tx.now)
            add_jobs(tx.conn, [Job("retention", {}, key="daily")], tx.now)


def forget_old(database: Database, _payload: dict[str, Any]) -> None:
    """The job: done twice it is done once."""
    with database.read() as conn:
        sites = {site.id: site.settings for site in read_sites(conn)}
    for status in HIDDEN:
        _forget_texts(database, sites, status)
    for site_id, settings in sites.items():
        for kind, (setting, *_) in rows.KINDS.items():
            days: int | None = getattr(settings, setting)
            after: int | None = None if days is None else 0
            while after is not None and days is not None:
                with database.transaction() as tx:
                    after = rows.forget(tx.conn, kind, site_id, tx.now - days * DAY, after)


def _forget_texts(database: Database, sites: dict[int, SiteSettings], status: str) -> None:
    """Texts of rejected and withdrawn comments; they are erased then, replies stay."""
    after = (0, -(2**62), 0)
    while True:
        with database.transaction() as tx:
            seen = rows.next_hidden(tx.conn, status, after, CHUNK)
            old = [row for row in seen if _since(row, status) < tx.now - _days(sites[row.site_id], status) * DAY]
            tx.lock_all(member_ids={row.member_id for row in old}, article_ids={row.article_id for row in old})
            found = find_comments(tx.conn, [row.id for row in old], lock=True) if old else []
            empty_comments(tx, [row for row in found if row.status == status])
        if len(seen) < CHUNK:
            return
        after = (seen[-1].member_id, seen[-1].created_at, seen[-1].id)


def _since(row: Any, status: str) -> int:
    """A rejection counts from when it was decided; nobody wants what was withdrawn: from when it was written."""
    written: int = max(row.created_at, row.edited_at or 0)
    return max(written, int(row.looked_at or 0)) if status == "rejected" else written


def _days(settings: SiteSettings, status: str) -> int:
    return settings.keep_rejected if status == "rejected" else settings.keep_withdrawn
