"""Asking classifiers, in threads of their own beside the worker's other jobs: a slow one holds up nobody else, a dead
one is asked now and then (jobs/circuits.py), and when a comment's patience is over the site's choice takes effect.
"""

import contextlib
import functools
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from comments.actions.classifiers import opened_secret
from comments.actions.opinions import Asked, apply_opinion
from comments.core.errors import Unavailable
from comments.core.sealing import Unopened
from comments.core.times import time_text
from comments.jobs.circuits import Circuits, Key
from comments.opinions import Opinion, OpinionError, Outside, Question, ask
from comments.seen import tracing
from comments.seen.counted import JOB_SECONDS, JOBS
from comments.seen.logs import request_id
from comments.storage.jobs import SECOND, Claimed, Kinds, claim_jobs, fail_job, finish_job, is_due, put_back
from comments.storage.opinions import asked_about, find_classifier, tell_trouble, update_classifier
from comments.storage.rules import rules_of
from comments.storage.sites import site_by_id
from comments.storage.transaction import Connection, Database, Transaction

log = logging.getLogger(__name__)

KINDS = ("ask_opinion", "try_classifier")
QUESTIONS, EVERYTHING_ELSE = Kinds(KINDS), Kinds(KINDS, others=True)
THREADS = 8
BATCH = 50
LONGEST = 10.0  # seconds for one answer; far below a job's lease
IDLE = 0.25  # seconds between two looks
FIRST_RETRY, LAST_RETRY = 2 * SECOND, 30 * SECOND
LEAVING = 3.0  # seconds that a worker which is to stop waits for answers


@dataclass(slots=True)
class Asking:
    """One worker's questions to classifiers."""

    database: Database
    private_hosts: frozenset[str] = frozenset()
    secret_key: bytes = b""  # which classifiers' secrets are sealed with
    circuits: Circuits = field(default_factory=Circuits)
    _busy: dict[int, Claimed] = field(default_factory=dict)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def run(self, stopped: threading.Event) -> None:
        """Ask until stopped; what is not answered by then is free for the next worker."""
        while not stopped.is_set():
            try:
                taken = self.work()
            except Exception:  # the database is away: it comes back
                log.exception("opinions: waiting for the database")
                taken = 0
                stopped.wait(2)
            if not taken:
                stopped.wait(IDLE)
        self.wait(LEAVING)
        with self._changed:
            left = list(self._busy.values())
        if left:
            with self.database.transaction() as tx:
                for job in left:
                    put_back(tx.conn, job, tx.now)

    def wait(self, seconds: float) -> bool:
        """Until nobody is being asked; whether that came in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy, seconds)

    def work(self) -> int:
        """Hand out what is due and may be asked now, and give up what waited too long; how many it were."""
        if len(self._busy) >= THREADS:
            return 0
        with self.database.read() as conn:
            if not is_due(conn, self.database.clock(), QUESTIONS):
                return 0
        ready, over = list[Claimed](), list[Claimed]()
        try:
            with self.database.transaction() as tx:
                self._claim(tx, ready, over)
        except BaseException:
            for job in ready:
                self._let_go(job)
            raise
        for job in ready:
            with self._changed:
                self._busy[job.id] = job
            threading.Thread(target=self._do, args=(job,), name=f"opinion-{job.id}", daemon=True).start()
        for job in over:
            self._guarded(
                lambda one: self._give_up(one, self.circuits.why(_key(one)) or "nobody was asked in time"), job
            )
        return len(ready) + len(over)

    def _claim(self, tx: Transaction, ready: list[Claimed], over: list[Claimed]) -> None:
        patience = functools.cache(functools.partial(_patience, tx.conn))
        for job in claim_jobs(tx.conn, tx.now, BATCH, QUESTIONS):
            until = job.payload["at"] + (SECOND * 60 if job.kind == "try_classifier" else patience(*_key(job)))
            if job.kind == "ask_opinion" and until <= tx.now:
                over.append(job)
            elif wait := self._must_wait(job, tx.now, len(ready)):
                put_back(tx.conn, job, min(tx.now + wait, max(until, tx.now)))
            else:
                ready.append(job)

    def _must_wait(self, job: Claimed, now: int, starting: int) -> int:
        if len(self._busy) + starting >= THREADS:
            return SECOND // 2
        return 0 if job.kind == "try_classifier" else self.circuits.admit(_key(job), now)

    def _do(self, job: Claimed) -> None:
        try:
            self._guarded(self._try if job.kind == "try_classifier" else self._ask, job)
        finally:
            self._let_go(job)
            with self._changed:
                self._busy.pop(job.id, None)
                self._changed.notify_all()

    def _let_go(self, job: Claimed) -> None:
        if job.kind == "ask_opinion":
            self.circuits.let_go(_key(job))

    def _guarded(self, does: Callable[[Claimed], None], job: Claimed) -> None:
        """What fails for other reasons than the classifier's is tried again, and parked in the end."""
        began, result = time.monotonic(), "done"
        request_id.set(job.request)
        try:
            with tracing.span(f"job {job.kind}"):
                does(job)
        except Exception as error:
            result = "failed"
            log.exception("job %s (%s) failed", job.id, job.kind)
            with contextlib.suppress(Unavailable), self.database.transaction() as tx:  # else its lease ends by itself
                result = "parked" if fail_job(tx.conn, job, f"{type(error).__name__}: {error}", tx.now) else result
        JOBS.add(job.kind, result)
        JOB_SECONDS.observe(time.monotonic() - began, job.kind)

    def _ask(self, job: Claimed) -> None:
        key = _key(job)
        with self.database.read() as conn:
            about = asked_about(conn, job.payload["comment"])
            until = job.payload["at"] + _patience(conn, *key)
            classifier = find_classifier(conn, *key)
            wanted = key[1] in rules_of(conn, site_by_id(conn, key[0])).opinions
        if about is None or about.edited_at != job.payload["edited_at"] or not wanted:
            self._give_up(job, "nobody wants to hear it any more")  # or it is another text by now, with another job
            return
        if classifier is None or not classifier.enabled:
            self._give_up(job, f"there is no classifier {key[1]} that is switched on")
            return
        seconds = min(LONGEST, max(1.0, (until - self.database.clock()) / SECOND))
        began = time.monotonic()
        try:
            said = _answer(classifier, self.secret_key, _question(about), Outside(self.private_hosts, seconds))
        except OpinionError as error:
            self._failed(job, str(error), until)
            return
        took = int((time.monotonic() - began) * SECOND)
        with self.database.transaction() as tx:
            if self.circuits.answered(key):
                tell_trouble(tx.conn, *key, None)
            if finish_job(tx.conn, job):
                apply_opinion(tx, _asked(job, about, classifier, said, took))

    def _failed(self, job: Claimed, error: str, until: int) -> None:
        """Once more a little later, until the comment's patience is over."""
        key, now = _key(job), self.database.clock()
        dead = self.circuits.failed(key, now, error)
        if dead:
            log.warning("classifier %s of site %s does not answer: %s", key[1], key[0], error)
            trouble = msgspec.json.encode({"since": time_text(now), "error": error[:500]}).decode()
            with self.database.transaction() as tx:
                tell_trouble(tx.conn, *key, trouble)
        if now >= until:
            self._give_up(job, error)
            return
        with self.database.transaction() as tx:
            wait = min(FIRST_RETRY << min(job.attempts - 1, 10), LAST_RETRY)
            put_back(tx.conn, job, min(now + wait, until), error)

    def _give_up(self, job: Claimed, error: str) -> None:
        """No opinion comes: that is kept, and what the site wants for this case takes effect."""
        with self.database.transaction() as tx:
            about = asked_about(tx.conn, job.payload["comment"])
            if finish_job(tx.conn, job) and about is not None and about.edited_at == job.payload["edited_at"]:
                classifier = find_classifier(tx.conn, *_key(job))
                apply_opinion(tx, _asked(job, about, classifier, None, None, error))

    def _try(self, job: Claimed) -> None:
        """A sample, for the administrator who waits for it; asked once, and whatever the circuit says."""
        with self.database.read() as conn:
            classifier = find_classifier(conn, *_key(job))
            site = site_by_id(conn, job.payload["site"])
        began, result = time.monotonic(), dict[str, Any]()
        if classifier is not None:
            url = site.origins[0] if site.origins else None
            question = Question(text=job.payload["text"], site=site.key, site_url=url)
            try:
                said = _answer(classifier, self.secret_key, question, Outside(self.private_hosts, LONGEST))
                result = {"scores": dict(said.scores), "model": said.model, "model_version": said.version}
            except OpinionError as error:
                result = {"error": str(error)[:500]}
        with self.database.transaction() as tx:
            result |= {"id": job.payload["id"], "at": time_text(tx.now)}
            result |= {"took_ms": round((time.monotonic() - began) * 1000)}
            if finish_job(tx.conn, job) and classifier is not None:
                update_classifier(tx.conn, classifier.id, last_test=msgspec.json.encode(result).decode())


def _key(job: Claimed) -> Key:
    return job.payload["site"], job.payload["classifier"]


def _patience(conn: Connection, site_id: int, classifier: str) -> int:
    """For how long (µs) an answer is waited for. Where nobody wants it any more there is no hurry to give up."""
    rule = rules_of(conn, site_by_id(conn, site_id)).opinions.get(classifier)
    return (60 if rule is None else rule.patience) * SECOND


def _question(about: Any) -> Question:
    origins = msgspec.json.decode(about.site_origins, type=list[str])
    return Question(
        text=about.text,
        language=about.language,
        site=about.site_key,
        site_url=origins[0] if origins else None,
        article=about.article_key,
        article_url=about.article_url,
        author=None if about.member_id is None else str(about.member_id),
        author_name=about.author_name,
        is_reply=about.parent_id is not None,
        is_edit=about.edited_at is not None,
    )


def _answer(classifier: Any, secret_key: bytes, question: Question, post: Outside) -> Opinion:
    try:
        secret = opened_secret(secret_key, classifier)
    except Unopened as error:
        raise OpinionError(str(error)) from error
    return ask(classifier.kind, msgspec.json.decode(classifier.config), secret, question, post)


def _asked(
    job: Claimed, about: Any, classifier: Any, said: Opinion | None, took: int | None, error: str | None = None
) -> Asked:
    return Asked(
        comment_id=about.id,
        version=about.version,
        edited_at=job.payload["edited_at"],
        classifier=job.payload["classifier"],
        kind="" if classifier is None else classifier.kind,
        scores={} if said is None else said.scores,
        model=None if said is None else said.model,
        model_version=None if said is None else said.version,
        error=error,
        took=took,
    )
