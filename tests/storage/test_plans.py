"""No cost grows with the thread: one story over the API and the live path, told in a quiet town and in a loud one.

In the same database: every statement of the service finds its way by index, is sent as often in both towns, and reads
as much. `crowd.py` makes the towns, `watching.py` asks the engine.
"""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.core.figures import HOUR, hour_of
from comments.core.thread import Cursor
from comments.http.feeds import FeedQuestion, feed_of
from comments.http.pages import Asked, page_of
from comments.jobs.figures import count_hour, plan_hours
from comments.jobs.teasers import count_discussed, keep_recent
from comments.jobs.upkeep import sweep
from comments.live.broadcast import Broadcaster
from comments.live.bus import Bus, Hints
from comments.live.relay import Relay
from comments.live.standing import stand_now
from comments.live.unwritten import Unwritten
from comments.storage.queues import COUNT_LIMIT
from comments.storage.reports import source_today
from comments.storage.tables import figures
from comments.storage.transaction import Database
from tests.conftest import FakeClock
from tests.gazette import Desk, Visitor, good
from tests.storage import story_around
from tests.storage.crowd import HELD, LOUD, QUIET, SEQ, Size, Town, found_town
from tests.storage.crowd_around import fill_around
from tests.storage.story_around import Around
from tests.storage.watching import Heard, Statement, watching

LARGE = {
    "comments", "articles", "members", "edits", "findings", "decisions", "appeals", "figures",
    "reactions", "reports", "mutes", "journal", "recent", "audit", "jobs", "notifications", "follows",
    "mails", "mailboxes", "mail_follows", "notices", "notice_comments", "statements", "complaints", "exports", "visits",
    "old_addresses", "webhook_messages", "webhook_deliveries", "webhook_attempts",
}  # fmt: skip
BOUNDED = {  # look through so many rows and no more; what is claimed is so few that it is scanned for each row
    "search", "search, next", "search, of somebody", "filters", "claim the next", "claim the worst", "site's picks",
    *story_around.BOUNDED,
}  # fmt: skip
BULK = {  # jobs that go on in chunks until all is done
    "work", "sweep", "figures are counted", "recent comments", "most discussed are counted", *story_around.BULK,
}  # fmt: skip
FEW = {
    "figures": {"jobs"},
    "figures are counted": {"comments", "findings", "reports", "decisions", "appeals", "figures"},
    "work": {"comments", "findings", "reports", "appeals"},  # all of a town's rows are of the hours that are counted
    "filters": {"findings"},  # of a thousand comments: a seventh of all
    "mine, much hidden": {"decisions"},  # of a hundred comments
    "site's picks": {"members"},  # who wrote forty comments
} | story_around.FEW  # so few here that they are scanned
QUERIES = {  # how many each step may take, in a thread of any length; once a minute a session is seen (one more)
    "html of the middle": 6, "html of a root": 5, "html of a reply": 6,
    "page, newest": 4, "page, newest, middle": 4, "page, oldest": 4, "page, oldest, middle": 4,
    "page, recommended": 4, "page, recommended, middle": 4, "page, replied": 4, "page, replied, middle": 4,
    "picks": 3, "picks, middle": 3, "answers": 4, "answers, middle": 4, "question": 7, "answer": 10,
    "answer, withdrawn": 13, "page, nobody wrote": 2, "page, signed in": 5,
    "replies of a root": 3, "replies of a root, middle": 3, "replies of a reply": 3, "context, deep": 6,
    "context, popular": 5, "context, own": 7, "changes": 5, "changes, none": 2, "mine": 6, "mine, much hidden": 9,
    "counts": 2, "session": 8, "post": 7, "post the same again": 2, "reply": 7, "reply, deep": 7, "post, held": 6,
    "edit": 15, "react": 17, "react again": 17, "take back": 17, "report": 12, "mute": 4, "unmute": 4, "a name": 10,
    "follow": 6, "unfollow": 3, "follow a thread": 6, "post, mentions": 8, "try a text": 4, "people": 4,
    "people, by name": 5, "told": 5, "told, next": 4, "seen": 5,
    "queue counts": 5, "queue, waiting": 14, "queue, waiting, middle": 13, "queue, reported": 13,
    "queue, reported, middle": 13, "queue, new": 14, "queue, new, middle": 14, "one comment": 14,
    "one comment, deep": 16, "approve": 29, "reject": 34, "decide, too late": 20,
    "take it back": 33, "pick": 27, "lock": 22, "put aside": 8, "second opinion": 21, "note": 18, "preview": 8,
    "bulk": 33, "take bulk back": 34, "articles": 3,
    "articles, middle": 4, "log": 3, "settings": 2, "figures": 35, "mode": 11, "ban": 10, "lift a ban": 9,
    "hours": 15, "mode, planned": 13,
    "a member": 10, "a member, comments": 5, "a member, rejected": 5, "warn": 10, "relay begins": 2,
    "relay": 1, "live, batch": 5, "live, author": 5, "live, article": 2, "live, queues": 4, "withdraw": 12,
    "queue, waiting, newest": 13, "queue, waiting, risk": 13, "queue, waiting, risk, middle": 14,
    "queue, reported, newest": 14, "queue, reported, risk": 14, "queue, new, newest": 13, "queue, new, risk": 13,
    "queue, appeals": 4, "queue of an article": 15, "queue of a member": 13, "claim the next": 14,
    "claim the worst": 13, "search, rare": 8, "search members": 6,
    "feed of the article": 7, "feed of the article, middle": 8, "feed of the site": 6, "feed of the site, middle": 7,
    "most discussed": 2, "gates": 6,
    "live, members here": 1, "live, notices": 1, "live, a first comment": 1,
    "come": 8, "own page": 2, "own visit": 6, "own comments": 9, "own comments, middle": 9, "own comments, rejected": 9,
    "own notifications": 5, "own mutes": 4, "own follows": 4, "own follows, next": 4, "own names": 4, "own name": 14,
    "own mail": 5, "leave": 4,
} | story_around.QUERIES  # fmt: skip
Told = dict[str, Heard]
Steps = Iterator[tuple[str, Callable[[], object]]]


class Story:
    """What readers, writers, moderators and the service itself do in a town, step by step."""

    def __init__(self, town: Town, desk: Desk) -> None:
        self.town, self.desk, self.paper, self.at = town, desk, town.paper, town.places
        self.site = f"/sites/{town.paper.key}"
        self.posted = ""
        self.heard: list[Any] = []
        database = town.paper.database
        self.broadcaster = Broadcaster(
            database, lambda event, data, to: self.heard.append(event), lambda _room: True, lambda *_: None
        )
        self.relay = Relay(database, self.broadcaster.deliver, Bus(None))

    def steps(self) -> Steps:
        yield from self.reading()
        yield from self.writing()
        yield from self.moderating()
        yield from self.behind()
        yield from self.leaving()

    def reading(self) -> Steps:
        paper, writer, at = self.paper, self.town.writer, self.at
        for sort, value in (("newest", None), ("oldest", None), ("recommended", 3), ("replied", 3)):
            when, key = self.town.middle
            cursor = Cursor(sort, when if value is None else value, key).encode()
            yield f"page, {sort}", lambda sort=sort: paper.page(query=f"?sort={sort}&limit=6")
            yield f"page, {sort}, middle", lambda s=sort, c=cursor: paper.page(query=f"?sort={s}&limit=6&cursor={c}")
        for tab in ("picks", "answers"):
            cursor = Cursor(tab, *self.town.middle).encode()
            yield tab, lambda tab=tab: paper.get(f"{paper.article()}/{tab}?limit=5")
            yield f"{tab}, middle", lambda t=tab, c=cursor: paper.get(f"{paper.article()}/{t}?limit=5&cursor={c}")
        yield "page, nobody wrote", lambda: paper.page("none")
        yield "page, signed in", lambda: good(writer.call("GET", f"{paper.article()}/comments?limit=6"))
        here = Cursor("replies", *self.town.middle_reply).encode()
        yield "replies of a root", lambda: paper.get(f"/comments/{at['popular']}/replies?limit=5")
        yield "replies of a root, middle", lambda: paper.get(f"/comments/{at['popular']}/replies?limit=5&cursor={here}")
        yield "replies of a reply", lambda: paper.get(f"/comments/{at['nested']}/replies")
        yield "context, deep", lambda: paper.get(f"/comments/{at['deep']}/context")
        yield "context, popular", lambda: paper.get(f"/comments/{at['popular']}/context")
        yield "context, own", lambda: good(writer.call("GET", f"/comments/{at['own']}/context"))
        yield "changes", lambda: paper.changes(SEQ - 12)
        yield "changes, none", lambda: paper.changes(SEQ)
        yield "mine", writer.mine
        yield "mine, much hidden", lambda: writer.mine("2")
        middle = Cursor("newest", *self.town.middle)
        yield "html of the middle", lambda: self.printed(cursor=middle)
        yield "html of a root", lambda: self.printed(comment=int(at["popular"]))
        yield "html of a reply", lambda: self.printed(comment=int(at["deep"]))
        yield from self.around()
        yield "counts", lambda: paper.get(f"{self.site}/counts?" + "&".join(f"article={n}" for n in range(50)))

    def around(self) -> Steps:
        """Feeds and teasers, which are not prepared here."""
        key, base, middle = self.paper.key, "https://comments.example", self.town.middle[1]
        for name, article in (("article", "1"), ("site", None)):
            yield (
                f"feed of the {name}",
                lambda a=article: self.asked(feed_of, FeedQuestion(key, a, base), None, 6),
            )
            yield (
                f"feed of the {name}, middle",
                lambda a=article: self.asked(feed_of, FeedQuestion(key, a, base), middle, 6),
            )
        yield "most discussed", lambda: self.paper.get(f"{self.site}/most-discussed")
        yield "site's picks", lambda: self.paper.get(f"{self.site}/picks")
        yield "gates", lambda: self.desk.get(f"{self.site}/gates")

    def asked(self, answer: Callable[..., object], *about: Any) -> None:
        with self.paper.read() as conn:
            answer(conn, *about)

    def printed(self, **asked: Any) -> None:
        with self.paper.read() as conn:
            page_of(conn, Asked(self.paper.key, "1", "https://comments.example", **asked), 6)

    def writing(self) -> Steps:
        paper, writer, reader, at = self.paper, self.town.writer, self.town.reader, self.at
        yield "session", lambda: paper.reader("somebody")
        yield "post", lambda: setattr(self, "posted", writer.post("A new one.")["id"])
        yield "post the same again", lambda: writer.send("A new one.")
        yield "reply", lambda: writer.post("Dear all.", at["popular"])
        yield "reply, deep", lambda: writer.post("Down here.", at["deep"])
        yield "post, held", lambda: writer.post(f"You {HELD}.")
        yield "question", lambda: good(writer.send("And why?", question=True), 201)
        author, answered = self.town.author, []
        yield "answer", lambda: answered.append(author.post("In the archive.", at["popular"])["id"])
        yield "answer, withdrawn", lambda: good(author.withdraw(answered[0]))
        yield "edit", lambda: good(writer.edit(self.posted, "A newer one."))
        yield "react", lambda: good(reader.react(at["popular"]))
        yield "react again", lambda: good(reader.react(at["own"]))
        yield "take back", lambda: good(reader.react(at["own"], "DELETE"))
        yield "report", lambda: good(reader.report(at["popular"]), 201)
        yield "mute", lambda: reader.call("PUT", f"/members/{writer.id}/mute")
        yield "unmute", lambda: reader.call("DELETE", f"/members/{writer.id}/mute")
        for name, method in (("follow", "PUT"), ("unfollow", "DELETE")):
            yield name, lambda method=method: good(reader.call(method, f"/comments/{at['popular']}/follow"))
        yield "follow a thread", lambda: good(reader.call("PUT", f"{paper.article('2')}/follow"))
        yield "post, mentions", lambda: writer.post("@m1, @M2 and @nobody at all, @m3.")
        yield "try a text", lambda: good(reader.call("POST", f"{self.site}/preview", {"body": "@m1", "article": "1"}))
        yield "people", lambda: good(reader.call("GET", f"{paper.article()}/people"))
        yield "people, by name", lambda: good(reader.call("GET", f"{paper.article()}/people?q=m77"))
        yield "told", lambda: good(writer.call("GET", "/me/notifications?limit=5"))
        yield "told, next", lambda: good(writer.call("GET", f"/me/notifications?limit=5&cursor={2**40}"))
        yield "seen", lambda: good(writer.call("POST", "/me/notifications/seen", {"until": str(2**40)}))
        yield "a name", lambda: good(writer.call("PATCH", "/me", {"name": "Anew"}))
        yield from self.at_ones_own_page()

    def at_ones_own_page(self) -> Steps:
        visitor = Visitor(self.paper, self.paper.app.test_client())
        yield "come", lambda: visitor.enter(self.paper.token("writer"))
        yield "own page", visitor.page
        yield "own visit", lambda: setattr(visitor, "csrf", visitor.get("/visit")["csrf"])
        here = Cursor("history", *self.town.middle).encode()
        yield "own comments", lambda: visitor.get("/comments?limit=5")
        yield "own comments, middle", lambda: visitor.get(f"/comments?limit=5&cursor={here}")
        yield "own comments, rejected", lambda: visitor.get("/comments?limit=5&status=rejected")
        yield "own notifications", lambda: visitor.get("/notifications?limit=5")
        yield "own mutes", lambda: visitor.get("/mutes?limit=5")
        yield "own follows", lambda: visitor.get("/follows?limit=5")
        yield "own follows, next", lambda: visitor.get(f"/follows?limit=5&cursor={2**40}")
        yield "own names", lambda: visitor.get("/names")
        yield "own name", lambda: good(visitor.call("PUT", "/name", {"name": "Anew once more"}))
        yield "own mail", lambda: visitor.get("/mail")
        yield "leave", lambda: good(visitor.call("DELETE", "/visit"), 204)

    def moderating(self) -> Steps:
        desk, at, site = self.desk, self.at, self.site
        yield "queue counts", lambda: desk.get(f"{site}/queues")
        for queue in ("waiting", "reported", "new"):
            yield f"queue, {queue}", lambda queue=queue: desk.get(f"{site}/queues/{queue}?limit=2")
            cursor = Cursor(queue, *self.town.middle).encode()
            yield f"queue, {queue}, middle", lambda q=queue, c=cursor: desk.get(f"{site}/queues/{q}?limit=2&cursor={c}")
            for order in ("newest", "risk"):
                yield (
                    f"queue, {queue}, {order}",
                    lambda q=queue, o=order: desk.get(f"{site}/queues/{q}?limit=2&order={o}"),
                )
        risky = Cursor("waiting, risk", self.town.middle[0], self.town.middle[1]).encode()
        yield (
            "queue, waiting, risk, middle",
            lambda: desk.get(f"{site}/queues/waiting?limit=2&order=risk&cursor={risky}"),
        )
        yield "queue, appeals", lambda: desk.get(f"{site}/queues/appeals?limit=2")
        yield "queue of an article", lambda: desk.get(f"{site}/queues/waiting?limit=2&article=1")
        yield "queue of a member", lambda: desk.get(f"{site}/queues/waiting?limit=2&author={self.town.writer.id}")
        for name, order in (("the next", "oldest"), ("the worst", "risk")):
            yield (
                f"claim {name}",
                lambda order=order: good(
                    desk.call("POST", f"{site}/queues/waiting/claims?order={order}", {"limit": 2})
                ),
            )
        yield from self.looking()
        yield "one comment", lambda: desk.item(at["popular"])
        yield "one comment, deep", lambda: desk.item(at["deep"])
        yield "approve", lambda: good(desk.decide(at["held"], "approve", version=1))
        yield "reject", lambda: good(desk.decide(at["popular"], "reject", version=1))
        yield "decide, too late", lambda: desk.decide(at["popular"], "approve", version=1)
        yield from self.deciding()
        yield "articles", lambda: desk.get(f"{site}/articles?limit=10")
        yield "articles, middle", lambda: desk.get(f"{site}/articles?limit=10&cursor={self.town.article + 60}")
        yield "log", lambda: desk.get(f"{site}/audit?limit=10")
        yield "settings", lambda: desk.get(f"{site}/settings")
        yield "figures", lambda: desk.get(f"{site}/figures")
        yield "mode", lambda: good(desk.call("PATCH", f"{site}/articles/1", {"mode": "premoderated"}))
        hours = {"opens_at": "2100-01-01T08:00:00Z", "closes_at": "2100-01-02T08:00:00Z"}
        yield "hours", lambda: good(desk.call("PUT", f"{site}/articles/1/hours", hours))
        yield "mode, planned", lambda: good(desk.call("PATCH", f"{site}/articles/1", {"mode": "closed"}))
        ban = {"reason": "rude", "until": None, "reject_waiting": False}
        yield "ban", lambda: good(desk.call("POST", f"/members/{self.town.writer.id}/ban", ban))
        member = f"/members/{self.town.writer.id}"
        yield "a member", lambda: desk.get(member)
        yield "a member, comments", lambda: desk.get(f"{member}/comments?limit=5")
        yield "a member, rejected", lambda: desk.get(f"{member}/comments?limit=5&status=rejected")
        yield "warn", lambda: good(desk.call("POST", f"{member}/warnings", {"reason": "abuse"}))
        yield "lift a ban", lambda: good(desk.call("DELETE", f"/members/{self.town.writer.id}/ban"))

    def deciding(self) -> Steps:
        desk, at = self.desk, self.at
        last = "SELECT max(id) FROM decisions"

        def made() -> str:
            with self.paper.read() as conn:
                return str(conn.exec_driver_sql(last).scalar())

        yield "take it back", lambda: good(desk.call("POST", f"/decisions/{made()}/undo"))
        for what in ("pick", "lock"):
            yield what, lambda what=what: good(desk.call("POST", f"/comments/{at['popular']}/{what}"))
        yield "put aside", lambda: good(desk.call("POST", f"/comments/{at['held']}/defer", {"minutes": 5}))
        yield "note", lambda: good(desk.call("POST", f"/comments/{at['popular']}/notes", {"text": "seen"}))
        asked = {"note": "what do you think?"}
        yield "second opinion", lambda: good(desk.call("POST", f"/comments/{at['deep']}/second-opinion", asked))
        items = [{"id": str(at["popular"]), "version": 3}, {"id": str(at["held"]), "version": 2}]
        body = {"decision": "reject", "reason": "spam", "items": items}
        yield "preview", lambda: good(desk.call("POST", f"{self.site}/bulk/preview", body))
        done: list[str] = []
        yield (
            "bulk",
            lambda: done.extend(
                one["decision_id"] for one in good(desk.call("POST", f"{self.site}/bulk", body))["decided"]
            ),
        )
        undo = f"{self.site}/bulk/undo"
        yield "take bulk back", lambda: good(desk.call("POST", undo, {"decisions": done}))

    def looking(self) -> Steps:
        desk, site = self.desk, self.site
        here = Cursor("search, comments", 0, self.town.middle[1]).encode()
        yield "search", lambda: desk.get(f"{site}/search?q=hello&limit=5")
        yield "search, next", lambda: desk.get(f"{site}/search?q=hel&limit=5&cursor={here}")
        yield "search, rare", lambda: desk.get(f"{site}/search?q=down+-hello&limit=5")
        yield "search, of somebody", lambda: desk.get(f"{site}/search?q=author:writer+hello&limit=5")
        yield "filters", lambda: desk.get(f"{site}/filters")
        yield "search members", lambda: desk.get(f"{site}/search?q=writ&kind=members")

    def behind(self) -> Steps:
        """The live path and the worker."""
        yield "relay begins", self.relay._begin
        yield "relay", lambda: self.relay._take(1000)
        town, paper = self.town, self.paper
        own = (int(town.writer.id), town.article, int(self.at["own"]))
        hints = {
            "batch": Hints("test", articles={town.article: (SEQ, SEQ + 1)}),
            "author": Hints("test", own=[own]),
            "article": Hints("test", changed_articles=[town.article]),
            "queues": Hints("test", queues=[paper.id]),
        }
        for name, hint in hints.items():
            yield f"live, {name}", lambda hint=hint: self._broadcast(hint)
        yield "live, members here", lambda: list(stand_now(paper.database, [int(town.writer.id), int(town.reader.id)]))
        yield "live, notices", lambda: self.broadcaster.look_for_notices([paper.id])
        unwritten = Unwritten(paper.database)
        unwritten.wait("somebody", paper.id, "nobody writes here")
        yield "live, a first comment", lambda: list(unwritten.written({town.article: (0, 1)}))
        yield "work", paper.work
        yield "sweep", lambda: sweep(paper.database)
        yield "recent comments", lambda: keep_recent(paper.database)
        yield "most discussed are counted", lambda: count_discussed(paper.database)

    def _broadcast(self, hints: Hints) -> None:
        self.broadcaster.deliver(hints)
        assert not self.broadcaster.flush()

    def leaving(self) -> Steps:
        yield "withdraw", lambda: good(self.town.writer.withdraw(self.at["own"]))
        yield "figures are counted", lambda: count_figures(self.paper.database)  # takes some time: tokens end


def count_figures(database: Database) -> None:
    """A pass that finds something in everything, and what it found."""
    database.clock.forward(61)  # type: ignore[attr-defined]
    for _ in range(2):
        plan_hours(database)
        database.clock.forward(61)  # type: ignore[attr-defined]
    for hour in range(3):
        count_hour(database, {"hour": hour_of(database.clock()) - hour * HOUR})


@pytest.fixture
def towns(app: Flask, clock: FakeClock) -> tuple[Town, Town]:
    both = found(app, clock, "quiet", QUIET), found(app, clock, "loud", LOUD)
    keep_figures(both)
    both[0].paper.change(lambda conn: source_today(conn, "192.0.2.1", clock()))  # the day's first report makes its salt
    for town in both:
        town.paper.change(lambda conn, site=town.paper.id: conn.execute(sa.insert(figures), counted(site, clock.now)))
    keep_recent(both[0].paper.database)
    return both


def keep_figures(towns: tuple[Town, Town]) -> None:
    """PostgreSQL plans by what the tables held at the beginning, whenever its autovacuum would come."""
    with towns[0].paper.database.transaction() as tx:
        for table in sorted(LARGE) if tx.conn.dialect.name == "postgresql" else ():
            tx.conn.execute(sa.text(f"ALTER TABLE {table} SET (autovacuum_enabled = off)"))


def found(app: Flask, clock: FakeClock, key: str, size: Size) -> Town:
    town = found_town(app, clock, key, size)
    town.around = fill_around(town, size.entries)
    return town


def counted(site_id: int, now: int) -> list[dict[str, object]]:
    """A hundred hours of figures."""
    return [
        {"site_id": site_id, "hour": hour_of(now) - hour * HOUR, "name": "waited", "key": str(key), "number": 1}
        for hour in range(100)
        for key in range(30)
    ]


def tell(town: Town, clock: FakeClock, mode: str) -> Told:
    """The story in this town: its statements by step. Its people sign in anew: the other town's story took its time."""
    town.writer, town.reader = town.paper.reader("writer"), town.paper.reader("reader")
    town.author = town.paper.reader("author", badges=["author"])
    story, around = Story(town, town.paper.desk()), Around(town)
    heard: Heard = []
    told: Told = {}
    with watching(town.paper.database.engine, heard, mode):
        for name, step in chain(story.steps(), around.steps()):
            clock.forward(1.5)  # tokens last for ten minutes
            before = len(heard)
            step()
            told[name] = heard[before:]
    return told


@pytest.mark.parametrize("guessing", [False, True])
def test_no_query_scans_and_no_cost_grows(towns: tuple[Town, Town], clock: FakeClock, guessing: bool) -> None:
    """Also where the planner guesses: PostgreSQL without the parameters' values, SQLite without figures of tables."""
    engine = towns[0].paper.database.engine
    is_sqlite = engine.dialect.name == "sqlite"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        if not (guessing and is_sqlite):
            conn.exec_driver_sql("ANALYZE" if is_sqlite else "VACUUM ANALYZE")
    quiet, loud = (tell(town, clock, "force_generic_plan" if guessing else "force_custom_plan") for town in towns)
    assert loud.keys() == QUERIES.keys() | BULK | BOUNDED
    wrong = []
    for name, heard in loud.items():
        wrong += [
            f"{name} scans {found}: {one}" for one in heard if (found := one.scanned & LARGE - FEW.get(name, set()))
        ]
        if name not in BULK | BOUNDED:
            if not len(quiet[name]) == len(heard) <= QUERIES[name]:
                wrong.append(f"{name} took {len(quiet[name])} and {len(heard)}: {[one.text for one in heard]}")
            pairs = zip(quiet[name], heard, strict=False)
            wrong += [f"{name} reads more: {one}\n{other}" for one, other in pairs if grows(one, other, is_sqlite)]
    assert not wrong, "\n\n".join(wrong)


def grows(little: Statement, much: Statement, is_sqlite: bool) -> bool:
    """Whether it reads more, beyond what one more level of an index and another comment's row make."""
    allowed = little.work * 1.5 + (2 if is_sqlite else 40)
    if "count(*)" in much.text:  # the loud town's queues are longer than the limit, one of them not by much: it may
        allowed += COUNT_LIMIT * (0.03 if is_sqlite else 4)  # as well be sorted
    return much.work > allowed or much.blocks > little.blocks * 2 + 250
