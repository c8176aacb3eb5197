"""Somebody who moved in with us claims what they wrote elsewhere: by an address that the publisher vouches for, or that
they proved. The claim is written at once, the comments follow in a job, some at a time.
"""

from collections import Counter
from typing import Any

from comments.core.events import OldCommentsClaimed, ThreadReset
from comments.core.status import Status
from comments.storage import old_authors as rows
from comments.storage.archive import count_authors
from comments.storage.transaction import Transaction

CHUNK = 100  # comments in one transaction


def claim_old_comments(tx: Transaction, member: Any, digest: str) -> bool:
    """Claim, for a member (row), what somebody with this address (core.pseudonyms.address_digest) wrote at the site;
    whether there was anything. Authors whom a moderator restricted are not claimed.
    """
    found = rows.claim(tx.conn, member.site_id, digest, member.id, tx.now) > 0
    if found:
        tx.record(OldCommentsClaimed(member.site_id, member.id))
    return found


def move_old_comments(tx: Transaction, member_id: int) -> bool:
    """Hand some claimed comments over to the member, with the figures of both; whether there may be more."""
    claimed = rows.claimed_author(tx.conn, member_id)
    if claimed is None:
        return False
    author_id, site_id = claimed
    tx.lock_all(member_ids=(author_id, member_id), article_ids=())
    found = rows.comments_of(tx.conn, author_id, CHUNK)
    if not found:
        rows.forget_author(tx.conn, author_id)
        return True
    tx.lock_all(member_ids=(), article_ids=(row.article_id for row in found))
    rows.hand_over(tx.conn, [row.id for row in found], author_id, member_id)
    counts = Counter(row.status for row in found)
    first, last = min(row.created_at for row in found), max(row.created_at for row in found)
    published, rejected = counts[Status.PUBLISHED], counts[Status.REJECTED]
    moved = {"add_published": published, "add_rejected": rejected, "first": first, "last": last}
    gone = {"add_published": -published, "add_rejected": -rejected, "first": first, "last": 0}
    both = [{"author": member_id} | moved, {"author": author_id} | gone]
    count_authors(tx.conn, sorted(both, key=lambda row: row["author"]))
    for article_id in sorted({row.article_id for row in found}):
        tx.record(ThreadReset(site_id, article_id))
    return True
