"""`comments worker`: claims jobs, does them, retries with growing delay, parks what keeps failing. Several may run at
once.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from comments.jobs.erasure import Place, erase
from comments.jobs.exports import make_export
from comments.jobs.figures import EVERY as FIGURES_EVERY
from comments.jobs.figures import count_hour, plan_hours
from comments.jobs.imports import ReadFile, import_upload
from comments.jobs.mail import Mailing
from comments.jobs.opinions import EVERYTHING_ELSE, KINDS, Asking
from comments.jobs.retention import forget_old, plan_retention
from comments.jobs.teasers import DISCUSSED_EVERY, RECENT_EVERY, count_discussed, keep_recent
from comments.jobs.trials import try_rules
from comments.jobs.upkeep import (
    UPKEEP_EVERY,
    hide_reported_comment,
    move_old_comments_to,
    open_or_close_thread,
    recount_reporter_of,
    reject_waiting_of,
    rename,
    sweep,
    take_reactions,
)
from comments.jobs.webhooks import Delivering
from comments.seen import tracing
from comments.seen.counted import JOB_SECONDS, JOBS
from comments.seen.logs import request_id
from comments.settings import Settings
from comments.storage import exports, imports
from comments.storage.jobs import Claimed, Kinds, claim_jobs, fail_job, finish_job, is_due, put_back
from comments.storage.transaction import Database

log = logging.getLogger(__name__)

IDLE = 0.25  # seconds between two looks at an empty table; each costs a millisecond, also where nobody writes
IDLE_TRIALS = 0.5  # … for changed rules that are to be tried
BATCH = 10
LEAVING = 3.0  # seconds that a worker which is to stop waits for a trial; another worker begins it anew
TRIALS = Kinds(("try_rules",))
LONG = (
    "export",
    "erase",
    "retention",
)  # minutes of many short transactions: these have a thread of their own, one after the other
IMPORTS = Kinds(("import",))  # hours, perhaps: nobody's erasure is to stand behind one
AT_ONCE = Kinds((*KINDS, "try_rules", *LONG, *IMPORTS.names), others=True)

Does = Callable[[Database, dict[str, Any]], None]
DOES: dict[str, Does] = {
    "retention": forget_old,
    "figures": count_hour,
    "publish_reactions": take_reactions,
    "reject_waiting": reject_waiting_of,
    "rename": rename,
    "move_old_comments": move_old_comments_to,
    "recount_reporter": recount_reporter_of,
    "try_rules": try_rules,
    "hide_reported": hide_reported_comment,
    "open_or_close": open_or_close_thread,
}


class Worker:
    """One worker; `stop` ends it after the job in hand. What classifiers are asked has threads of its own, as have
    webhooks' messages, trials of rules and what takes minutes: nothing is to stand behind them. `data_dir`: for files;
    `read_file`: what reads other systems' exports.
    """

    def __init__(
        self,
        database: Database,
        private_hosts: frozenset[str] = frozenset(),
        secret_key: bytes = b"",
        data_dir: Path = Path("var"),
        mailing: Mailing | None = None,
        read_file: ReadFile | None = None,
    ) -> None:
        self._database, self._data_dir, self._mailing = database, data_dir, mailing
        place = Place(data_dir, secret_key)
        self._does: dict[str, Does] = DOES | {
            "export": partial(_placed, make_export, place), "erase": partial(_placed, erase, place),
        }  # fmt: skip
        if read_file is not None:
            self._does["import"] = partial(import_upload, place, read_file)
        self._asking = Asking(database, private_hosts, secret_key)
        self._delivering = Delivering(database, private_hosts, secret_key)
        self._stopped = threading.Event()

    def run(self) -> None:
        """Work until stopped."""
        swept = planned = kept = counted = 0
        asking = threading.Thread(target=self._asking.run, args=(self._stopped,), name="opinions")
        asking.start()
        delivering = threading.Thread(target=self._delivering.run, args=(self._stopped,), name="webhooks")
        delivering.start()
        beside = [
            threading.Thread(target=self._work_beside, args=(kinds,), name=name, daemon=True)
            for name, kinds in (("trials", TRIALS), ("long work", Kinds(LONG)), ("imports", IMPORTS))
        ]
        if self._mailing is not None:
            beside.append(threading.Thread(target=self._mailing.run, args=(self._stopped,), name="mail", daemon=True))
        for thread in beside:
            thread.start()
        while not self._stopped.is_set():
            try:
                done = self.work(AT_ONCE)
                now = self._database.clock()
                if abs(now - swept) > UPKEEP_EVERY:  # the clock may have been set back
                    swept = now
                    sweep(self._database)
                    exports.prune_files(self._data_dir)
                    imports.prune_files(self._data_dir)
                    plan_retention(self._database)
                if abs(now - planned) > FIGURES_EVERY:
                    planned = now
                    plan_hours(self._database)
                if abs(now - kept) > RECENT_EVERY:
                    kept = now
                    keep_recent(self._database)
                if abs(now - counted) > DISCUSSED_EVERY:
                    counted = now
                    count_discussed(self._database)
            except Exception:  # the database is away: it comes back
                log.exception("worker: waiting for the database")
                done = 0
                self._stopped.wait(2)
            if not done:
                self._stopped.wait(IDLE)
        asking.join()
        delivering.join()
        for thread in beside:
            thread.join(LEAVING)

    def _work_beside(self, kinds: Kinds) -> None:
        while not self._stopped.is_set():
            try:
                done = self.work(kinds, 1)
            except Exception:  # the database is away: it comes back
                log.exception("%s: waiting for the database", kinds.names[0])
                done = 0
                self._stopped.wait(2)
            if not done:
                self._stopped.wait(IDLE_TRIALS)

    def stop(self, *_: Any) -> None:
        self._stopped.set()

    def work(self, kinds: Kinds = EVERYTHING_ELSE, most: int = BATCH) -> int:
        """Do what is due now of these kinds; the number of jobs that were taken in hand."""
        with self._database.read() as conn:
            if not is_due(conn, self._database.clock(), kinds):
                return 0
        with self._database.transaction() as tx:
            claimed = claim_jobs(tx.conn, tx.now, most, kinds)
        for at, job in enumerate(claimed):
            if self._stopped.is_set():
                self._give_back(claimed[at:])
                break
            if self._database.clock() >= job.lease:
                break  # the others are somebody else's by now
            self._do(job)
        return len(claimed)

    def _give_back(self, untouched: Sequence[Claimed]) -> None:
        """Somebody else does them at once, not when their lease ends."""
        with self._database.transaction() as tx:
            for job in untouched:
                put_back(tx.conn, job, tx.now)

    def _do(self, job: Claimed) -> None:
        began = time.monotonic()
        request_id.set(job.request)
        try:
            with tracing.span(f"job {job.kind}"):
                self._does[job.kind](self._database, job.payload)
        except Exception as error:
            log.exception("job %s (%s) failed, attempt %s", job.id, job.kind, job.attempts)
            with self._database.transaction() as tx:
                parked = fail_job(tx.conn, job, f"{type(error).__name__}: {error}", tx.now)
            JOBS.add(job.kind, "parked" if parked else "failed")
            if parked:
                log.error("job %s (%s) is parked", job.id, job.kind)
        else:
            with self._database.transaction() as tx:
                finish_job(tx.conn, job)
            JOBS.add(job.kind, "done")
            log.info("done", extra={"job": job.kind, "ms": round((time.monotonic() - began) * 1000, 1)})
        JOB_SECONDS.observe(time.monotonic() - began, job.kind)


def _placed(
    does: Callable[[Database, Place, dict[str, Any]], None], place: Place, database: Database, payload: dict[str, Any]
) -> None:
    does(database, place, payload)


def run_until_signalled(database: Database, settings: Settings, read_file: ReadFile) -> None:
    """The command: SIGTERM and Ctrl-C end the worker after the job in hand."""
    mailing = None if settings.smtp is None else Mailing(database, settings)
    worker = Worker(database, settings.private_hosts, settings.secret_key, settings.data_dir, mailing, read_file)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, worker.stop)
    worker.run()
    database.engine.dispose()
