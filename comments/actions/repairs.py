"""`comments doctor --repair`: counters are made right, thread by thread, while the service goes on."""

from collections.abc import Iterator

from comments.core.events import ThreadReset
from comments.storage.repairs import articles_after, members_after, recount_members, recount_thread
from comments.storage.transaction import Database

CHUNK = 200


def repair(database: Database) -> Iterator[str]:
    """Recount everything that can be recounted; says what was done."""
    threads, figures = _repair_threads(database)
    yield f"{figures} figures of {threads} threads were made right; their readers load them again"
    yield f"{_repair_members(database)} figures of members were made right"


def _repair_threads(database: Database) -> tuple[int, int]:
    threads = figures = last = 0
    while True:
        with database.read() as conn:
            some = articles_after(conn, last, CHUNK)
        for article in some:
            with database.transaction() as tx:
                tx.lock(article_id=article.id)
                wrong = recount_thread(tx.conn, article.id)
                if wrong:
                    tx.record(ThreadReset(article.site_id, article.id))
            threads, figures = threads + bool(wrong), figures + wrong
        if len(some) < CHUNK:
            return threads, figures
        last = some[-1].id


def _repair_members(database: Database) -> int:
    figures = last = 0
    while True:
        with database.read() as conn:
            ids = members_after(conn, last, CHUNK)
        with database.transaction() as tx:
            tx.lock_all(member_ids=ids, article_ids=())
            figures += recount_members(tx.conn, ids)
        if len(ids) < CHUNK:
            return figures
        last = ids[-1]
