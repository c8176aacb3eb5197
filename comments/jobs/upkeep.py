"""What the worker does: reactions that waited for their second, the bulk part of a ban or a new name, and forgetting
what is old.
"""

from typing import Any

from comments.actions.members import announce_rename
from comments.actions.moderation import CHUNK, reject_waiting
from comments.actions.reports import hide_reported, recount_reporter
from comments.actions.threads import publish_reactions
from comments.storage import claims, deferrals, journal, reports, trials
from comments.storage.members import articles_of_member, member_by_id
from comments.storage.transaction import Database

UPKEEP_EVERY = 600 * 1_000_000  # µs


def take_reactions(database: Database, payload: dict[str, Any]) -> None:
    with database.transaction() as tx:
        tx.lock(article_id=payload["article"])  # before what was gathered is touched, as those who react do
        publish_reactions(tx, payload["site"], payload["article"])


def reject_waiting_of(database: Database, payload: dict[str, Any]) -> None:
    """Chunk by chunk; a chunk that was done is not waiting any more, so that a retry goes on where it stopped."""
    done = CHUNK
    while done == CHUNK:
        with database.transaction() as tx:
            done = reject_waiting(tx, payload["member"])


def hide_reported_comment(database: Database, payload: dict[str, Any]) -> None:
    with database.transaction() as tx:
        hide_reported(tx, payload["comment"])


def recount_reporter_of(database: Database, payload: dict[str, Any]) -> None:
    """Not along with the decision: a reporter's row comes before articles in the order of locks."""
    with database.transaction() as tx:
        recount_reporter(tx, payload["member"])


def rename(database: Database, payload: dict[str, Any]) -> None:
    """Every thread with a comment of the member is loaded again by its readers: chunk by chunk, by article."""
    with database.read() as conn:
        member = member_by_id(conn, payload["member"])
        ids = [] if member is None else articles_of_member(conn, member.id)
    for first in range(0, len(ids), CHUNK):
        with database.transaction() as tx:
            announce_rename(tx, member.site_id, ids[first : first + CHUNK])


def sweep(database: Database) -> None:
    """Forget what is old, in chunks that hold no lock for long."""
    for prune in (
        journal.prune,
        claims.prune,
        deferrals.prune,
        trials.prune,
        reports.forget_sources,
        reports.prune_salts,
    ):
        gone = 1
        while gone:
            with database.transaction() as tx:
                gone = prune(tx.conn, tx.now)
