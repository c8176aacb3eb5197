"""`comments worker`: claims jobs, does them, retries with growing delay, parks what keeps failing. Several may run at
once.
"""

import logging
import signal
import threading
from collections.abc import Callable
from typing import Any

from comments.jobs.figures import EVERY as FIGURES_EVERY
from comments.jobs.figures import count_hour, plan_hours
from comments.jobs.opinions import EVERYTHING_ELSE, KINDS, Asking
from comments.jobs.trials import try_rules
from comments.jobs.upkeep import (
    UPKEEP_EVERY,
    hide_reported_comment,
    recount_reporter_of,
    reject_waiting_of,
    rename,
    sweep,
    take_reactions,
)
from comments.storage.jobs import Claimed, Kinds, claim_jobs, fail_job, finish_job, is_due
from comments.storage.transaction import Database

log = logging.getLogger(__name__)

IDLE = 0.25  # seconds between two looks at an empty table
BATCH = 10
LEAVING = 3.0  # seconds that a worker which is to stop waits for a trial; another worker begins it anew
TRIALS = Kinds(("try_rules",))
AT_ONCE = Kinds((*KINDS, "try_rules"), others=True)

DOES: dict[str, Callable[[Database, dict[str, Any]], None]] = {
    "figures": count_hour,
    "publish_reactions": take_reactions,
    "reject_waiting": reject_waiting_of,
    "rename": rename,
    "recount_reporter": recount_reporter_of,
    "try_rules": try_rules,
    "hide_reported": hide_reported_comment,
}


class Worker:
    """One worker; `stop` ends it after the job in hand. What classifiers are asked has threads of its own,
    and so have trials of rules: they take seconds, and nothing is to stand behind them.
    """

    def __init__(self, database: Database, private_hosts: frozenset[str] = frozenset()) -> None:
        self._database = database
        self._asking = Asking(database, private_hosts)
        self._stopped = threading.Event()

    def run(self) -> None:
        """Work until stopped."""
        swept = planned = 0
        asking = threading.Thread(target=self._asking.run, args=(self._stopped,), name="opinions")
        asking.start()
        trying = threading.Thread(target=self._try_rules, name="trials", daemon=True)
        trying.start()
        while not self._stopped.is_set():
            try:
                done = self.work(AT_ONCE)
                now = self._database.clock()
                if now - swept > UPKEEP_EVERY:
                    swept = now
                    sweep(self._database)
                if now - planned > FIGURES_EVERY:
                    planned = now
                    plan_hours(self._database)
            except Exception:  # the database is away: it comes back
                log.exception("worker: waiting for the database")
                done = 0
                self._stopped.wait(2)
            if not done:
                self._stopped.wait(IDLE)
        asking.join()
        trying.join(LEAVING)

    def _try_rules(self) -> None:
        while not self._stopped.is_set():
            try:
                done = self.work(TRIALS, 1)
            except Exception:  # the database is away: it comes back
                log.exception("trials: waiting for the database")
                done = 0
                self._stopped.wait(2)
            if not done:
                self._stopped.wait(IDLE)

    def stop(self, *_: Any) -> None:
        self._stopped.set()

    def work(self, kinds: Kinds = EVERYTHING_ELSE, most: int = BATCH) -> int:
        """Do what is due now of these kinds; the number of jobs that were taken in hand."""
        with self._database.read() as conn:
            if not is_due(conn, self._database.clock(), kinds):
                return 0
        with self._database.transaction() as tx:
            claimed = claim_jobs(tx.conn, tx.now, most, kinds)
        for job in claimed:
            if self._stopped.is_set() or self._database.clock() >= job.lease:
                break  # the others are free again when their lease ends
            self._do(job)
        return len(claimed)

    def _do(self, job: Claimed) -> None:
        try:
            DOES[job.kind](self._database, job.payload)
        except Exception as error:
            log.exception("job %s (%s) failed, attempt %s", job.id, job.kind, job.attempts)
            with self._database.transaction() as tx:
                if fail_job(tx.conn, job, f"{type(error).__name__}: {error}", tx.now):
                    log.error("job %s (%s) is parked", job.id, job.kind)
        else:
            with self._database.transaction() as tx:
                finish_job(tx.conn, job)


def run_until_signalled(database: Database, private_hosts: frozenset[str]) -> None:
    """The command: SIGTERM and Ctrl-C end the worker after the job in hand."""
    worker = Worker(database, private_hosts)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, worker.stop)
    worker.run()
    database.engine.dispose()
