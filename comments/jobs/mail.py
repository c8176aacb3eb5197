"""Sending mail, in a thread of the worker: what is due is looked at once more, as its receiver would see it now, and
sent at most once (decision 24); the day's digests; what came in what members follow.
"""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from comments.core.mail import State
from comments.core.moderation.ruleset import zone
from comments.jobs.composing import Composer, Ready
from comments.mailing import Fault, Line, NotSent, Uncertain
from comments.seen.counted import JOB_SECONDS, JOBS
from comments.settings import Settings
from comments.storage import outbox
from comments.storage.jobs import SECOND
from comments.storage.rules import rules_of
from comments.storage.sites import site_by_id
from comments.storage.transaction import Database

log = logging.getLogger(__name__)

BATCH = 10
IDLE = 0.5  # seconds between two looks
EVERY = 60 * SECOND  # µs between two looks for digests and at what is followed
LOOKS_BACK = 15 * 60 * SECOND  # at what is followed; twice is once
FIRST_RETRY, LAST_RETRY = 60 * SECOND, 2 * 3600 * SECOND
TROUBLE = 30.0  # seconds before a server that did not answer is asked again


@dataclass(slots=True)
class Mailing:
    """One worker's mail."""

    database: Database
    settings: Settings
    _looked: int = 0
    _trouble: bool = False

    def run(self, stopped: threading.Event) -> None:
        """Send until stopped; the mail in hand is finished first."""
        while not stopped.is_set():
            try:
                taken = self.work(stopped)
            except Exception:  # the database is away: it comes back
                log.exception("mail: waiting for the database")
                taken = 0
                stopped.wait(2)
            if self._trouble:
                stopped.wait(TROUBLE)
            elif not taken:
                stopped.wait(IDLE)

    def work(self, stopped: threading.Event | None = None) -> int:
        """Plan what is to be planned and send what is due now; how many mails were taken in hand."""
        self._trouble = False
        self._plan()
        now = self.database.clock()
        with self.database.read() as conn:
            if not outbox.is_due(conn, now):
                return 0
        with self.database.transaction() as tx:
            lost = outbox.give_up(tx.conn, tx.now)
            taken = outbox.claim(tx.conn, tx.now, BATCH)
        if lost:
            log.error("%s mails may have been sent or not: “comments doctor” lists them", lost)
        self._send_all(taken, stopped or threading.Event())
        return len(taken)

    def _plan(self) -> None:
        """What is followed, and for each site whose hour has come its digests."""
        now = self.database.clock()
        if abs(now - self._looked) < EVERY:
            return
        self._looked = now
        with self.database.transaction() as tx:
            outbox.plan_followed(tx.conn, now - LOOKS_BACK, now)
        with self.database.read() as conn:
            sites = outbox.days_of_sites(conn)
            due = [(one.id, day) for one in sites if (day := self._day(conn, one.id, one.day, now)) is not None]
        for site_id, day in due:
            with self.database.transaction() as tx:
                if outbox.begin_day(tx.conn, site_id, day):
                    outbox.hold_followed(tx.conn, site_id, now)
                    outbox.plan_digests(tx.conn, site_id, day, now)

    def _day(self, conn: Any, site_id: int, done: str | None, now: int) -> str | None:
        """The day, there, whose digests are due and were not planned; None: not now."""
        site = site_by_id(conn, site_id)
        if not site.settings.mail:
            return None
        local = datetime.fromtimestamp(now / SECOND, UTC).astimezone(zone(rules_of(conn, site).time_zone))
        day = local.date().isoformat()
        return day if local.hour >= site.settings.mail_hour and (done is None or done < day) else None

    def _send_all(self, taken: Sequence[Any], stopped: threading.Event) -> None:
        """One after the other along one line; what comes after a server's trouble waits."""
        composer = Composer(self.database, self.settings)
        line: Line | None = None
        for at, mail in enumerate(taken):
            if stopped.is_set() or self._trouble:
                self._put_back(taken[at:], "" if stopped.is_set() else "the server has trouble")
                break
            began = time.monotonic()
            try:
                ready = composer.ready(mail)
                if ready is None:
                    continue
                line = self._send(line, ready)
            except Exception as error:  # a fault of ours, not the server's: nothing was sent
                log.exception("mail %s could not be made", mail.id)
                self._later(mail, f"{type(error).__name__}")
            JOB_SECONDS.observe(time.monotonic() - began, "mail")
        if line is not None:
            line.close()

    def _send(self, line: Line | None, ready: Ready) -> Line | None:
        """Send one; the line as far as it can be used for the next."""
        server, mail_from = self.settings.smtp, self.settings.mail_from
        assert server is not None and mail_from is not None
        mail, result = ready.mail, "done"
        try:
            if line is None:
                line = Line(server, mail_from, urlsplit(self.settings.public_url).hostname or "localhost")
            line.offer(ready.to, ready.content)
            with self.database.transaction() as tx:
                mine = outbox.begin(tx.conn, mail, tx.now)
            if not mine:  # it took so long that somebody else has it
                line.drop()
                return None
            line.finish()
            with self.database.transaction() as tx:
                outbox.settle(tx.conn, mail.id, State.SENT)
        except NotSent as error:
            result = "failed"
            self._not_sent(ready, error)
            line = None if error.fault is Fault.SERVER else line
        except Uncertain as error:
            result, line = "failed", None
            log.error("mail %s may have been sent or not: %s", mail.id, error)
            with self.database.transaction() as tx:
                outbox.settle(tx.conn, mail.id, State.UNCERTAIN, str(error))
        except BaseException:
            if line is not None:
                line.drop()  # the database is away: what was offered must not be finished
            raise
        JOBS.add("mail", result)
        return line

    def _not_sent(self, ready: Ready, error: NotSent) -> None:
        mail = ready.mail
        log.warning("mail %s was not taken: %s", mail.id, error, extra={"fault": error.fault.value})
        if error.fault is Fault.SERVER:
            self._trouble = True
        if error.fault in (Fault.SERVER, Fault.LATER):
            self._later(mail, str(error))
            return
        with self.database.transaction() as tx:
            outbox.settle(tx.conn, mail.id, State.FAILED, str(error))
            if error.fault is Fault.ADDRESS and mail.member_id is not None:
                outbox.mark_address(tx.conn, mail.member_id, ready.to, str(error), tx.now)

    def _later(self, mail: Any, why: str) -> None:
        with self.database.transaction() as tx:
            wait = min(FIRST_RETRY << min(mail.attempts - 1, 10), LAST_RETRY)
            outbox.put_back(tx.conn, mail.id, tx.now + wait, why)

    def _put_back(self, untouched: Sequence[Any], why: str) -> None:
        """Somebody else sends them, not when their lease ends."""
        with self.database.transaction() as tx:
            for mail in untouched:
                outbox.put_back(tx.conn, mail.id, tx.now + (FIRST_RETRY if why else 0), why or None)
