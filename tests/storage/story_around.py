"""What happens around the threads of a town, step by step: publishers' programs and administrators, notices and
complaints, mails and webhooks in the worker's hands, exports, retention, and somebody who is erased.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import sqlalchemy as sa

from comments.actions import erasure
from comments.actions.mail import set_mail_preferences
from comments.core.mail import MailChange
from comments.core.thread import Cursor
from comments.core.times import time_text
from comments.jobs.erasure import Place, carry_out
from comments.storage import deliveries, erasing, mail, outbox, retention
from comments.storage.members import member_by_id
from comments.storage.notices import RANK
from comments.storage.tables import jobs, mails, webhook_messages
from comments.storage.transaction import Transaction
from tests.gazette import Desk, Gazette, Program, Reader, Visitor, good, parts_of
from tests.storage.crowd import DAY, SECOND, Town
from tests.storage.crowd_around import BESIDE

Steps = Iterator[tuple[str, Callable[[], object]]]
END = 2**40  # after every id
MIDDLE = 10  # seconds after the first
QUERIES = {  # as in test_plans.py
    "notices": 7, "notices, middle": 6, "notices, decided": 6, "notices, decided, middle": 6, "complaints": 5,
    "complaints, middle": 5, "complaints, decided": 5, "complaints, decided, middle": 5, "a notice": 16,
    "flaggers": 4, "statements": 5, "statements, next": 5, "transparency": 12, "transparency, statements": 4,
    "api keys": 4, "queue, by key": 16, "members, by key": 4, "members, by key, middle": 4, "exports": 4,
    "exports, next": 4, "an export": 4, "own data": 5, "webhooks": 4, "webhooks, log": 5, "webhooks, failed": 5,
    "webhooks, type": 5, "webhooks, middle": 5, "webhooks, one": 6, "webhooks, again": 6, "mail, is due": 1,
    "mail, since when": 1, "mail, in doubt": 1, "mail, sent": 1, "mail, letters to": 1, "mail, letters of": 1,
    "mail, letters of a member": 1, "mail, held": 2, "mail, news": 1, "mail, followed": 1, "mail, claimed": 2,
    "hooks, tests": 1, "hooks, due": 1, "hooks, taken": 6, "hooks, given up": 2, "old rejected": 1,
    "old withdrawn": 1, "erase, reactions": 3, "erase, reports": 3, "erase, mentions": 3,
    "erase, messages": 1, "erase, rest": 6, "told, post": 15, "told, reply": 14, "told, edit": 20,
}  # fmt: skip
BULK = {"mail is planned", "an export is made", "an erasure begins", "somebody is erased"}  # the third counts
ERASED = {"members", "reports", "statements", "audit", "edits", "reactions", "findings"}  # by fifty comments at once
FEW = {
    # when a member's row goes, SQLite looks for whatever names it: where there is no index, in all rows
    "somebody is erased": ERASED | {"decisions", "mutes", "journal", "notifications", "jobs"},
    "erase, comments": ERASED,
    "old, reports": {"reports"},
    "sweep": {"visits", "mails"},  # a thousand at once, where PostgreSQL plans without the number
    "mail is planned": {"follows", "mailboxes", "mail_follows", "comments"},  # of all who follow something
    "an export is made": {"comments", "reports", "figures", "findings", "edits", "members"},  # by 500 comments
}
BOUNDED = {  # what a chunk of so many rows or comments takes, whatever they are
    "erase, comments",
    *(f"old, {kind}" for kind in retention.KINDS),
}


class Around:
    """The steps. Whoever takes them signs in when it begins."""

    def __init__(self, town: Town) -> None:
        self.town, self.paper, self.places = town, town.paper, town.around
        self.chief: Desk = town.paper.desk("administrator")
        self.program: Program = town.paper.program("read")
        self.visitor = Visitor.of(town.paper, "writer")
        self.site = f"/sites/{town.paper.key}"
        self.writer = int(town.writer.id)
        self.middle = self.places["since"] + MIDDLE * SECOND
        self.erasure: Any = None
        key = f"{town.paper.key}{BESIDE}"
        origin = f"https://www.{key}.example"
        beside = Gazette(town.paper.app, town.paper.clock, key, issuer=origin, origin=origin)
        self.told = [mailed(beside, sub) for sub in ("asks", "answers")]

    def steps(self) -> Steps:
        yield from self.law()
        yield from self.managing()
        yield from self.mail()
        yield from self.hooks()
        yield from self.telling()
        yield from self.going()

    def law(self) -> Steps:
        chief, site, middle = self.chief, self.site, self.middle
        lists = {
            "notices": Cursor("notices", 1 << RANK | middle, 0), "complaints": Cursor("complaints", middle, 0),
        }  # fmt: skip
        for name, cursor in lists.items():
            ended = Cursor(f"{name}, decided", middle, END).encode()
            path = f"{site}/{name}?limit=5"
            yield name, lambda path=path: chief.get(path)
            yield f"{name}, middle", lambda path=path, cursor=cursor: chief.get(f"{path}&cursor={cursor.encode()}")
            yield f"{name}, decided", lambda path=path: chief.get(f"{path}&state=decided")
            yield (
                f"{name}, decided, middle",
                lambda path=path, ended=ended: chief.get(f"{path}&state=decided&cursor={ended}"),
            )
        yield "a notice", lambda: chief.get(f"{site}/notices/{self.places['notice']}")
        yield "flaggers", lambda: chief.get(f"{site}/flaggers")
        own = self.town.writer
        yield "statements", lambda: good(own.call("GET", "/me/statements?limit=5"))
        before = Cursor("statements", 0, END).encode()
        yield "statements, next", lambda: good(own.call("GET", f"/me/statements?limit=5&cursor={before}"))
        until = f"since={time_text(self.middle)}&until={time_text(self.middle + MIDDLE * SECOND)}"
        yield "transparency", lambda: chief.get(f"{site}/transparency?{until}")
        yield "transparency, statements", lambda: good_file(chief, f"{site}/transparency/statements.csv?{until}")

    def managing(self) -> Steps:
        chief, site = self.chief, self.site
        yield "api keys", lambda: chief.get(f"{site}/api-keys?limit=5")
        yield "queue, by key", lambda: self.program.get(f"/console{site}/queues/waiting?limit=2")
        yield "members, by key", lambda: self.program.get(f"/console{site}/members?limit=5")
        yield "members, by key, middle", lambda: self.program.get(f"/console{site}/members?limit=5&cursor=m5")
        yield "exports", lambda: chief.get(f"{site}/exports?limit=5")
        yield "exports, next", lambda: chief.get(f"{site}/exports?limit=5&cursor={END}")
        yield "an export", lambda: chief.get(f"{site}/exports/{self.places['export']}")
        yield "own data", lambda: self.visitor.get("/data")
        hooks = f"{site}{BESIDE}/webhooks"
        one = f"{hooks}/{self.places['hook']}"
        yield "webhooks", lambda: chief.get(hooks)
        for name, query in (
            ("log", ""), ("failed", "&state=failed"), ("type", "&type=comment.edited"), ("middle", f"&cursor={END}"),
        ):  # fmt: skip
            yield f"webhooks, {name}", lambda query=query: chief.get(f"{one}/deliveries?limit=5{query}")
        yield "webhooks, one", lambda: chief.get(f"{one}/deliveries/{self.places['delivery']}")
        again = f"{one}/deliveries/{self.places['delivery']}/replay"
        yield "webhooks, again", lambda: good(chief.call("POST", again), 202)

    def read(self, ask: Callable[..., object], *about: Any) -> Any:
        with self.paper.read() as conn:
            return ask(conn, *about)

    def mail(self) -> Steps:
        now, site, read = self.paper.clock(), self.paper.id, self.read
        yield "mail, is due", lambda: read(outbox.is_due, now)
        yield "mail, since when", lambda: read(outbox.waiting_since)
        yield "mail, in doubt", lambda: read(outbox.in_doubt, now - DAY)
        yield "mail, sent", lambda: read(outbox.sent_since, self.writer, now - DAY, 20)
        yield "mail, letters to", lambda: read(mail.letters_to, site, "1@mail.example", now - DAY, 5)
        yield "mail, letters of", lambda: read(mail.letters_of, site, now - DAY, 5)
        yield "mail, letters of a member", lambda: read(mail.letters_of_member, self.writer, now - DAY, 5)
        digest = SimpleNamespace(id=0, site_id=site, member_id=self.places["person"])
        held = [1, 2, 3]
        yield "mail, held", lambda: read(outbox.held_ids, digest)
        yield "mail, news", lambda: read(outbox.read_told, self.writer, held)
        yield "mail, followed", lambda: read(outbox.read_followed, held)
        yield "mail, claimed", lambda: self.paper.change(lambda conn: outbox.claim(conn, now, 5))
        yield "mail is planned", lambda: self.paper.change(lambda conn: self.plan(conn, now))

    def plan(self, conn: sa.Connection, now: int) -> None:
        outbox.plan_followed(conn, now - DAY, now)
        outbox.hold_followed(conn, self.paper.id, now)
        outbox.plan_digests(conn, self.paper.id, "2026-03-02", now)

    def hooks(self) -> Steps:
        hook, change = self.places["hook"], self.paper.change
        yield "hooks, tests", lambda: self.read(deliveries.due_tests, self.paper.clock())
        yield "hooks, due", lambda: self.read(deliveries.due_webhooks, self.paper.clock())
        yield "hooks, taken", lambda: change(lambda conn: self.deliver(conn, hook))
        yield "hooks, given up", lambda: change(lambda conn: deliveries.give_up(conn, self.paper.clock()))

    def telling(self) -> Steps:
        """Who writes where a webhook is told of it and somebody is mailed, after years of both."""
        asks, answers = self.told
        made: list[str] = []
        yield "told, post", lambda: made.append(asks.post("Is it so?")["id"])
        yield "told, reply", lambda: made.append(answers.post("It is.", made[0])["id"])
        yield "told, edit", lambda: good(answers.edit(made[1], "It is so."))
        kinds = ("comment.published", "comment.published", "comment.edited")
        m = webhook_messages.c
        about = sa.select(m.type).where(m.comment_id.in_([int(one) for one in made])).order_by(m.id)
        assert self.read(lambda conn: tuple(conn.execute(about).scalars())) == kinds
        mailed = sa.select(sa.func.count()).select_from(mails).where(mails.c.member_id == int(asks.id))
        assert self.read(lambda conn: conn.execute(mailed).scalar_one()) == 1

    def deliver(self, conn: sa.Connection, hook: int) -> None:
        now = self.paper.clock()
        (one,) = deliveries.take(conn, now, hook, 1)
        deliveries.settle(conn, one, state="delivered", ended_at=now, attempts=1)
        deliveries.log_attempt(conn, one, status=200, took=5, created_at=now)
        deliveries.is_well(conn, hook, now)

    def going(self) -> Steps:
        yield "an export is made", self.export
        for status in ("rejected", "withdrawn"):
            here = (self.writer, 0, 0)
            yield f"old {status}", lambda s=status, h=here: self.read(retention.next_hidden, s, h, erasure.CHUNK)
        for kind in retention.KINDS:
            yield (
                f"old, {kind}",
                lambda k=kind: self.paper.change(lambda c: retention.forget(c, k, self.paper.id, 1, 0)),
            )
        yield "an erasure begins", lambda: setattr(self, "erasure", self.begin(self.writer))
        yield "erase, comments", lambda: self.act(lambda tx: erasure.erase_some(tx, self.erasure))
        for name, step in (
            ("reactions", erasure.erase_reactions), ("reports", erasure.erase_reports),
            ("mentions", erasure.erase_mentions), ("messages", erasure.erase_messages), ("rest", erasure.erase_rest),
        ):  # fmt: skip
            yield f"erase, {name}", lambda step=step: self.act(lambda tx: step(tx, self.writer))
        yield "somebody is erased", self.erase

    def export(self) -> None:
        good(self.chief.call("POST", f"{self.site}/exports", {"kind": "archive"}), 201)
        self.paper.work()

    def act(self, action: Callable[[Transaction], Any]) -> Any:
        with self.paper.database.transaction() as tx:
            return action(tx)

    def begin(self, member_id: int) -> Any:
        def wanted(tx: Transaction) -> Any:
            member = member_by_id(tx.conn, member_id, lock=True)
            return erasing.find_erasure(tx.conn, erasure.erase_member(tx, member, "text", allowed=True))

        return self.act(wanted)

    def erase(self) -> None:
        settings = parts_of(self.paper.app).settings
        begun = self.begin(self.places["person"])
        carry_out(self.paper.database, Place(Path(settings.data_dir), settings.secret_key), begun.id)
        self.paper.change(
            lambda conn: conn.execute(sa.delete(jobs).where(jobs.c.kind == "erase"))
        )  # the other's begins


def mailed(paper: Gazette, sub: str) -> Reader:
    """Somebody who is mailed of answers."""
    reader = paper.reader(sub, email=f"{sub}@mail.example")
    with paper.database.transaction() as tx:
        change = msgspec.convert({"choices": {"replies": "at_once"}}, MailChange)
        set_mail_preferences(tx, member_by_id(tx.conn, int(reader.id)), change)
    return reader


def good_file(desk: Desk, path: str) -> None:
    answer = desk.call("GET", path)
    assert answer.status_code == 200, answer.get_data(True)
