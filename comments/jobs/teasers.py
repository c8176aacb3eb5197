"""What the worker keeps for feeds and teasers: the recent comments every few seconds, the most discussed articles every
few minutes. Doing either twice changes nothing, so several workers need not agree.
"""

from comments.storage import recent
from comments.storage.figures import newest_id, read_marks, write_marks
from comments.storage.jobs import SECOND
from comments.storage.site_picks import copy_picks
from comments.storage.tables import comments
from comments.storage.transaction import Database

RECENT_EVERY, DISCUSSED_EVERY = 5 * SECOND, 300 * SECOND
CHUNKS = 20  # at once; the rest of many comes with the next pass


def keep_recent(database: Database) -> int:
    """Take in what is new since the pass before the last: what was not yet committed then is. How many ids were looked
    at.
    """
    looked = 0
    for _ in range(CHUNKS):
        with database.read() as conn:
            marks = read_marks(conn)
            last, before = marks.get("recent", 0), marks.get("recent_before", 0)
            newest = newest_id(conn, comments, last)
        upto = min(newest, last + recent.IDS)
        if upto <= last and before == last:
            break
        with database.transaction() as tx:
            recent.copy_recent(tx.conn, before, max(upto, last), tx.now - recent.REACH)
            copy_picks(tx.conn, before, max(upto, last))
            write_marks(tx.conn, {"recent": max(upto, last), "recent_before": last})
        looked += upto - before
        if upto == newest:
            break
    return looked


def count_discussed(database: Database) -> None:
    """Count both spans of all sites again."""
    for span, length in recent.SPANS.items():
        with database.read() as conn:
            counted = recent.count_discussed(conn, database.clock() - length)
            before = recent.sites_discussed(conn, span)
        for site_id in sorted(counted.keys() | before):
            with database.transaction() as tx:
                recent.write_discussed(tx.conn, site_id, span, counted.get(site_id, []), tx.now)
