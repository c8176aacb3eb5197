"""Sending webhooks' messages, in threads of their own beside the worker's other jobs: a slow receiver holds up nobody
else, a dead one is tried now and then (jobs/circuits.py). At least once, under one id; see storage/deliveries.py.
"""

import contextlib
import logging
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from comments.actions.webhooks import opened_secrets, switch_off
from comments.core.errors import Unavailable
from comments.core.sealing import Unopened
from comments.core.webhooks import SECOND, TEST, next_wait, rest_of, signed, valid
from comments.jobs.circuits import Circuits
from comments.outgoing import Answer, OutgoingError, deliver
from comments.seen import tracing
from comments.seen.counted import JOB_SECONDS, JOBS
from comments.storage import deliveries as rows
from comments.storage.deliveries import Taken
from comments.storage.transaction import Database, Transaction

log = logging.getLogger(__name__)

THREADS = 32
AT_ONCE = 2  # messages to one webhook: many slow receivers must be there before somebody else waits
LONGEST = 15.0  # seconds for one answer; a quarter of the lease
EXCERPT = 1000  # bytes of an answer that are kept
IDLE = 0.1  # seconds between two looks
LEAVING = 3.0  # seconds that a worker which is to stop waits for answers
KIND = "webhook"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of an attempt: an answer, or `error`; `took` in ms."""

    took: int
    answer: Answer | None = None
    error: str | None = None

    @property
    def is_good(self) -> bool:
        return self.answer is not None and 200 <= self.answer.status < 300

    @property
    def status(self) -> int | None:
        return None if self.answer is None else self.answer.status

    @property
    def excerpt(self) -> str | None:
        """The beginning of the answer; PostgreSQL stores no NUL."""
        text = "" if self.answer is None else self.answer.body.decode("utf-8", "replace")
        return text.replace("\0", "\ufffd") or None


@dataclass(slots=True)
class Delivering:
    """One worker's messages to receivers."""

    database: Database
    private_hosts: frozenset[str] = frozenset()
    secret_key: bytes = b""  # which webhooks' secrets are sealed with
    circuits: Circuits = field(default_factory=lambda: Circuits(at_once=AT_ONCE))
    _busy: dict[int, Taken] = field(default_factory=dict)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def run(self, stopped: threading.Event) -> None:
        """Send until stopped; what is not answered by then is free for the next worker."""
        while not stopped.is_set():
            try:
                taken = self.work()
            except Exception:  # the database is away: it comes back
                log.exception("webhooks: waiting for the database")
                taken = 0
                stopped.wait(2)
            if not taken:
                stopped.wait(IDLE)
        self.wait(LEAVING)
        with self._changed:
            left = list(self._busy.values())
        if left:
            with self.database.transaction() as tx:
                for one in left:
                    rows.settle(tx.conn, one, next_at=tx.now)

    def wait(self, seconds: float) -> bool:
        """Until nothing is being sent; whether that came in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy, seconds)

    def work(self) -> int:
        """Take what is due and may be sent now, and send each in a thread; how many it were."""
        now = self.database.clock()
        free = THREADS - len(self._busy)
        if free <= 0:
            return 0
        with self.database.read() as conn:
            tests = [key for key, _ in rows.due_tests(conn, now)][:free]
            due = rows.due_webhooks(conn, now)
        taken = self._take(tests, self._admitted(due, now, free - len(tests)))
        for one in taken:
            with self._changed:
                self._busy[one.id] = one
            threading.Thread(target=self._do, args=(one,), name=f"webhook-{one.id}", daemon=True).start()
        return len(taken)

    def _admitted(self, due: Sequence[int], now: int, free: int) -> list[int]:
        """Webhooks that one message each may go to now; in no order, so that none is always the last."""
        admitted: list[int] = []
        for webhook_id in random.sample(due, len(due)):  # nosec B311
            if len(admitted) >= free:
                break
            if not self.circuits.admit((webhook_id, KIND), now):
                admitted.append(webhook_id)
        return admitted

    def _take(self, tests: Sequence[int], webhooks: Sequence[int]) -> list[Taken]:
        if not tests and not webhooks:
            return []
        taken: list[Taken] = []
        try:
            with self.database.transaction() as tx:
                taken += rows.take_these(tx.conn, tx.now, tests)
                for webhook_id in sorted(webhooks):
                    taken += rows.take(tx.conn, tx.now, webhook_id, 1)
        except BaseException:
            taken = []
            raise
        finally:
            for webhook_id in set(webhooks) - {one.webhook_id for one in taken if one.type != TEST}:
                self.circuits.let_go((webhook_id, KIND))
        return taken

    def _do(self, one: Taken) -> None:
        began, result = time.monotonic(), "done"
        try:
            with tracing.span("job webhook"):
                self._deliver(one)
        except Exception:
            result = "failed"
            log.exception("delivery %s failed", one.id)  # its lease ends by itself
        finally:
            if one.type != TEST:
                self.circuits.let_go((one.webhook_id, KIND))
            with self._changed:
                self._busy.pop(one.id, None)
                self._changed.notify_all()
        JOBS.add(KIND, result)
        JOB_SECONDS.observe(time.monotonic() - began, KIND)

    def _deliver(self, one: Taken) -> None:
        result = self._sent(one)
        now = self.database.clock()
        if result.is_good:
            self.circuits.answered((one.webhook_id, KIND)) if one.type != TEST else None
        elif one.type != TEST and self.circuits.failed((one.webhook_id, KIND), now, result.error or str(result.status)):
            log.warning("webhook %s of site %s does not take messages", one.webhook_id, one.site_id)
        with contextlib.suppress(Unavailable), self.database.transaction() as tx:  # else its lease ends by itself
            self._settle(tx, one, result)

    def _sent(self, one: Taken) -> Result:
        """One attempt. The timestamp is of the attempt, the id of the message."""
        began = time.monotonic()
        answer, error = None, None
        try:
            seconds = self.database.clock() // SECOND
            known = valid(opened_secrets(self.secret_key, one.webhook_id, one.secrets), seconds * SECOND)
            body = (one.payload or "").encode()
            headers = {"Content-Type": "application/json"} | signed(body, known, one.uid, seconds)
            answer = deliver(one.url, self.private_hosts, body=body, headers=headers, seconds=LONGEST, most=EXCERPT)
        except (OutgoingError, Unopened) as failed:
            error = str(failed)[:500].replace("\0", "\ufffd")
        return Result(round((time.monotonic() - began) * 1000), answer, error)

    def _settle(self, tx: Transaction, one: Taken, result: Result) -> None:
        change: dict[str, Any] = {"attempts": one.attempts + 1, "status": result.status, "error": result.error}
        rest = 0
        if result.is_good:
            change |= {"state": "delivered", "ended_at": tx.now}
        else:
            answer = result.answer
            rest = rest_of(answer.headers.get("retry-after")) if answer and answer.status in (429, 503) else 0
            wait = None if one.type == TEST else next_wait(one.attempts + 1, random.uniform(-1, 1))  # noqa: S311 # nosec B311
            again = {"state": "failed", "ended_at": tx.now} if wait is None else {"next_at": tx.now + max(wait, rest)}
            change |= again
        if not rows.settle(tx.conn, one, **change):
            return  # another worker has it by now, or the comment was erased
        rows.log_attempt(
            tx.conn, one, status=result.status, took=result.took, excerpt=result.excerpt, error=result.error,
            created_at=tx.now,
        )  # fmt: skip
        if result.is_good:
            rows.is_well(tx.conn, one.webhook_id, tx.now)
        elif one.type != TEST and switch_off(
            tx, rows.is_failing(tx.conn, one.webhook_id, tx.now, rest), gone=result.status == 410
        ):
            log.error("webhook %s of site %s is switched off", one.webhook_id, one.site_id)
