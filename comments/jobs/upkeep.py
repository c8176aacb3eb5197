"""What the worker does: reactions that waited for their second, threads that open and close by themselves, the bulk
part of a ban or a new name, and forgetting what is old.
"""

from typing import Any

from comments.actions.articles import open_or_close
from comments.actions.members import announce_rename
from comments.actions.moderation import CHUNK, reject_waiting
from comments.actions.old_comments import move_old_comments
from comments.actions.reports import hide_reported, recount_reporter
from comments.actions.threads import publish_reactions
from comments.storage import (
    accounts,
    claims,
    deferrals,
    deliveries,
    exports,
    imports,
    journal,
    notifications,
    outbox,
    recent,
    reports,
    trials,
    used_tokens,
    visits,
)
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


def open_or_close_thread(database: Database, payload: dict[str, Any]) -> None:
    with database.transaction() as tx:
        open_or_close(tx, payload["article"], payload["name"], payload["at"], payload["mode"])


def move_old_comments_to(database: Database, payload: dict[str, Any]) -> None:
    """Chunk by chunk; what went over is not the old author's any more, so that a retry goes on where it stopped."""
    more = True
    while more:
        with database.transaction() as tx:
            more = move_old_comments(tx, payload["member"])


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
        accounts.prune,
        deferrals.prune,
        trials.prune,
        notifications.prune,
        outbox.prune,
        reports.forget_sources,
        reports.prune_salts,
        used_tokens.prune,
        deliveries.give_up,
        deliveries.prune,
        exports.prune,
        imports.prune,
        visits.prune,
        recent.prune,
    ):
        gone = 1
        while gone:
            with database.transaction() as tx:
                gone = prune(tx.conn, tx.now)
