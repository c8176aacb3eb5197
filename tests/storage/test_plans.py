"""No cost grows with the thread: one story over the API and the live path, told in a quiet town and in a loud one.

In the same database: every statement of the service finds its way by index, is sent as often in both towns, and reads
as much. `crowd.py` makes the towns, `watching.py` asks the engine.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.core.figures import HOUR, hour_of
from comments.core.thread import Cursor
from comments.jobs.figures import count_hour, plan_hours
from comments.jobs.upkeep import sweep
from comments.live.broadcast import Broadcaster
from comments.live.bus import Bus, Hints
from comments.live.relay import Relay
from comments.storage.queues import COUNT_LIMIT
from comments.storage.reports import source_today
from comments.storage.tables import figures
from comments.storage.transaction import Database
from tests.conftest import FakeClock
from tests.gazette import Desk, good
from tests.storage.crowd import HELD, LOUD, QUIET, SEQ, Town, found_town
from tests.storage.watching import Heard, Statement, watching

LARGE = {
    "comments", "articles", "members", "edits", "findings", "decisions", "appeals", "figures",
    "reactions", "reports", "mutes", "journal", "audit", "jobs",
}  # fmt: skip
BOUNDED = {  # look through so many rows and no more; what is claimed is so few that it is scanned for each row
    "search", "search, next", "search, of somebody", "filters", "claim the next", "claim the worst",
}  # fmt: skip
BULK = {"work", "sweep", "figures are counted"}  # jobs that go on in chunks until all is done
FEW = {
    "figures": {"jobs"},
    "figures are counted": {"comments", "findings", "reports", "decisions", "appeals", "figures"},
    "work": {"comments", "findings", "reports", "appeals"},  # all of a town's rows are of the hours that are counted
    "filters": {"findings"},  # of a thousand comments: a seventh of all
    "mine, much hidden": {"decisions"},  # of a hundred comments
}  # so few here that they are scanned
QUERIES = {  # how many each step may take, in a thread of any length
    "page, newest": 4, "page, newest, middle": 4, "page, oldest": 4, "page, oldest, middle": 4,
    "page, recommended": 4, "page, recommended, middle": 4, "page, nobody wrote": 3, "page, signed in": 5,
    "replies of a root": 3, "replies of a root, middle": 3, "replies of a reply": 3, "context, deep": 6,
    "context, popular": 5, "context, own": 8, "changes": 5, "changes, none": 2, "mine": 7, "mine, much hidden": 10,
    "counts": 2, "session": 8, "post": 13, "post the same again": 5, "reply": 13, "reply, deep": 13, "post, held": 12,
    "edit": 15, "react": 18, "react again": 18, "take back": 18, "report": 12, "mute": 4, "unmute": 4, "a name": 7,
    "queue counts": 3, "queue, waiting": 15, "queue, waiting, middle": 15, "queue, reported": 15,
    "queue, reported, middle": 15, "queue, new": 15, "queue, new, middle": 15, "one comment": 17,
    "one comment, deep": 19, "approve": 26, "reject": 27, "decide, too late": 25,
    "take it back": 36, "pick": 25, "lock": 25, "put aside": 12, "second opinion": 24, "note": 21, "preview": 8,
    "bulk": 28, "take bulk back": 31, "articles": 3,
    "articles, middle": 3, "log": 3, "settings": 2, "figures": 35, "mode": 10, "ban": 7, "lift a ban": 8,
    "a member": 11, "a member, comments": 6, "a member, rejected": 6, "warn": 8, "relay begins": 2,
    "relay": 1, "live, batch": 4, "live, author": 3, "live, article": 2, "live, queues": 3, "withdraw": 12,
    "queue, waiting, newest": 15, "queue, waiting, risk": 15, "queue, waiting, risk, middle": 15,
    "queue, reported, newest": 15, "queue, reported, risk": 15, "queue, new, newest": 15, "queue, new, risk": 15,
    "queue, appeals": 15, "queue of an article": 15, "queue of a member": 15, "claim the next": 22,
    "claim the worst": 22, "search, rare": 9, "search members": 8,
}  # fmt: skip
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
        for sort, value in (("newest", None), ("oldest", None), ("recommended", 3)):
            when, key = self.town.middle
            cursor = Cursor(sort, when if value is None else value, key).encode()
            yield f"page, {sort}", lambda sort=sort: paper.page(query=f"?sort={sort}&limit=6")
            yield f"page, {sort}, middle", lambda s=sort, c=cursor: paper.page(query=f"?sort={s}&limit=6&cursor={c}")
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
        yield "counts", lambda: paper.get(f"{self.site}/counts?" + "&".join(f"article={n}" for n in range(50)))

    def writing(self) -> Steps:
        paper, writer, reader, at = self.paper, self.town.writer, self.town.reader, self.at
        yield "session", lambda: paper.reader("somebody")
        yield "post", lambda: setattr(self, "posted", writer.post("A new one.")["id"])
        yield "post the same again", lambda: writer.send("A new one.")
        yield "reply", lambda: writer.post("Dear all.", at["popular"])
        yield "reply, deep", lambda: writer.post("Down here.", at["deep"])
        yield "post, held", lambda: writer.post(f"You {HELD}.")
        yield "edit", lambda: good(writer.edit(self.posted, "A newer one."))
        yield "react", lambda: good(reader.react(at["popular"]))
        yield "react again", lambda: good(reader.react(at["own"]))
        yield "take back", lambda: good(reader.react(at["own"], "DELETE"))
        yield "report", lambda: good(reader.report(at["popular"]), 201)
        yield "mute", lambda: reader.call("PUT", f"/members/{writer.id}/mute")
        yield "unmute", lambda: reader.call("DELETE", f"/members/{writer.id}/mute")
        yield "a name", lambda: good(writer.call("PATCH", "/me", {"name": "Anew"}))

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
        yield "work", paper.work
        yield "sweep", lambda: sweep(paper.database)

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
    both = found_town(app, clock, "quiet", QUIET), found_town(app, clock, "loud", LOUD)
    both[0].paper.change(lambda conn: source_today(conn, "192.0.2.1", clock()))  # the day's first report makes its salt
    for town in both:
        town.paper.change(lambda conn, site=town.paper.id: conn.execute(sa.insert(figures), counted(site, clock.now)))
    return both


def counted(site_id: int, now: int) -> list[dict[str, object]]:
    """A hundred hours of figures."""
    return [
        {"site_id": site_id, "hour": hour_of(now) - hour * HOUR, "name": "waited", "key": str(key), "number": 1}
        for hour in range(100)
        for key in range(30)
    ]


def tell(town: Town, clock: FakeClock, mode: str) -> Told:
    """The story in this town: its statements by step."""
    story = Story(town, town.paper.desk())
    heard: Heard = []
    told: Told = {}
    with watching(town.paper.database.engine, heard, mode):
        for name, step in story.steps():
            clock.forward(2)
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
