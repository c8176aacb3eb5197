"""Guard: an old thread and what came live make the same thread as one fetched afresh, whoever looks, in every order.

Random stories are told through the API; the real broadcaster makes the events; the browser's own thread.ts, under Node,
takes them. One line hands on everything, others lose, repeat and shuffle, and repair themselves as the widget does.
"""

import itertools
import json
import random
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient

from comments.jobs.worker import Worker
from comments.live.broadcast import Broadcaster, article_room, member_room
from comments.storage.threads import find_article
from tests.conftest import FakeClock
from tests.live.paper import HELD, Json, Member, Moderator, Paper, in_process

ROOT = Path(__file__).parent.parent
RUNNER = ROOT / "comments/frontend/.build/same_thread.mjs"
ARTICLE = "news"
SORTS = ("newest", "oldest", "recommended", "replied")
STEPS = 40


class Browser:
    """thread.ts under Node, holding many threads by name; its protocol stands in shared/same_thread.ts."""

    def __init__(self) -> None:
        assert RUNNER.exists(), "build it: cd comments/frontend && node build.mjs --runner"
        node = ROOT / ".venv/bin/node"
        self._process = subprocess.Popen(
            [node if node.exists() else "node", RUNNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, thread: str, op: str, **more: Any) -> Any:
        assert self._process.stdin is not None and self._process.stdout is not None
        print(json.dumps({"thread": thread, "op": op} | more), file=self._process.stdin, flush=True)
        answer = json.loads(self._process.stdout.readline())
        assert not isinstance(answer, dict) or "error" not in answer, f"{op}: {answer}"
        return answer

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    browser = Browser()
    yield browser
    browser.close()


@dataclass
class Tab:
    """One reader's page: a thread in the browser, and a line that hands events on in its own manner."""

    browser: Browser
    paper: Paper
    name: str
    sort: str
    manner: str  # faithful | lossy | twice | shuffled
    chance: random.Random
    member: Member | None = None
    kept: list[tuple[str, Json]] = field(default_factory=list)
    state: Json = field(default_factory=dict)

    def open(self) -> None:
        self.state = self.browser.ask(self.name, "new", article=ARTICLE, sort=self.sort)
        if self.member is not None:
            viewer = self.member.mine(ARTICLE)["viewer"]
            self.browser.ask(self.name, "viewer", viewer=viewer)
        self.load()

    def load(self) -> None:
        """The first page, perhaps a second one, perhaps the replies of a root, and what is one's own."""
        page = self.paper.page(ARTICLE, sort=self.sort, limit=self.chance.choice((2, 4, 25)))
        self.state = self.browser.ask(self.name, "load", page=page, sort=self.sort)
        if page["next_cursor"] and self.chance.random() < 0.6:
            more = self.paper.page(ARTICLE, sort=self.sort, limit=3, cursor=page["next_cursor"])
            self.state = self.browser.ask(self.name, "more", page=more)
        for root in [one for one in page["comments"] if one["parent_id"] is None and one["reply_count"] > 3][:2]:
            if self.chance.random() < 0.5:
                path = f"/api/v1/comments/{root['id']}/replies?limit={self.chance.choice((2, 100))}"
                answer = self.paper.call("GET", path).expect(200)
                self.state = self.browser.ask(self.name, "replies", root=root["id"], answer=answer)
        self.refresh_own()

    def refresh_own(self) -> None:
        if self.member is not None:
            self.state = self.browser.ask(self.name, "mine", mine=self.member.mine(ARTICLE))

    def hear(self, name: str, data: Json) -> None:
        if name == "mine.changed":
            self.refresh_own()
            return
        if self.manner == "lossy" and self.chance.random() < 0.4:
            return
        self.kept.append((name, data))
        if self.manner != "shuffled" or self.chance.random() < 0.4:
            self.hand_on()

    def hand_on(self) -> None:
        if self.manner == "shuffled":
            self.chance.shuffle(self.kept)
        for name, data in self.kept:
            for _ in range(2 if self.manner == "twice" else 1):
                self.state = self.browser.ask(self.name, "event", name=name, payload=data)
                if self.state["stale"] == "reset" or self.chance.random() < 0.5:
                    self.repair()
        self.kept.clear()

    def repair(self) -> None:
        """As the widget: a gap is filled by `changes`, a reset loads the page again."""
        if self.state["stale"] == "gap":
            answer = self.paper.changes(ARTICLE, self.state["seq"])
            self.state = self.browser.ask(self.name, "changes", answer=answer)
        if self.state["stale"] == "reset":
            self.load()

    def take(self) -> None:
        self.state = self.browser.ask(self.name, "take")

    def come_back(self) -> None:
        """The line was cut and is there again: what was missed comes at once."""
        if self.state["seq"] != self.paper.page(ARTICLE)["seq"]:
            answer = self.paper.changes(ARTICLE, self.state["seq"])
            self.state = self.browser.ask(self.name, "changes", answer=answer)
            self.repair()

    def dump(self) -> tuple[Any, Any]:
        """This thread and one fetched afresh with all its pages and replies, over what this one has loaded."""
        self.take()
        window = self.browser.ask(self.name, "window")
        fresh = f"{self.name} afresh"
        self._fetch_whole(fresh)
        return self.browser.ask(self.name, "dump", within=window), self.browser.ask(fresh, "dump", within=window)

    def _fetch_whole(self, fresh: str) -> None:
        page = self.paper.page(ARTICLE, sort=self.sort, limit=50)
        self.browser.ask(fresh, "new", article=ARTICLE, sort=self.sort)
        self.browser.ask(fresh, "load", page=page, sort=self.sort)
        roots = [one["id"] for one in page["comments"] if one["parent_id"] is None]
        while page["next_cursor"]:
            page = self.paper.page(ARTICLE, sort=self.sort, limit=50, cursor=page["next_cursor"])
            self.browser.ask(fresh, "more", page=page)
            roots += [one["id"] for one in page["comments"] if one["parent_id"] is None]
        for root in roots:
            cursor = ""
            while cursor is not None:
                path = f"/api/v1/comments/{root}/replies?limit=100&cursor={cursor}"
                answer = self.paper.call("GET", path).expect(200)
                self.browser.ask(fresh, "replies", root=root, answer=answer)
                cursor = answer["next_cursor"]
        if self.member is not None:
            mine = self.member.mine(ARTICLE)
            self.browser.ask(fresh, "viewer", viewer=mine["viewer"])
            self.browser.ask(fresh, "mine", mine=mine)


class Story:
    """People who do things at random under one article, and tabs that hear of it."""

    def __init__(self, app: Flask, client: FlaskClient, clock: FakeClock, browser: Browser, seed: int) -> None:
        parts = app.extensions["comments"]
        self.chance, self.clock, self.browser = random.Random(seed), clock, browser
        self.paper = Paper.found(in_process(client), parts.database, edit_window=86_400)
        self.moderator: Moderator = self.paper.moderator()
        self.people = [self.paper.member(name) for name in ("anna", "bert", "carla")]
        self.anna, self.bert, self.carla = self.people
        self.worker = Worker(parts.database)
        self.database = parts.database
        self.sent: list[tuple[str, Json, str]] = []
        self.broadcaster = Broadcaster(parts.database, self._emit, lambda _room: True, lambda *_: None)
        app.extensions["comments_bus"].deliver = self.broadcaster.deliver
        self.tabs: list[Tab] = []
        self.told: list[str] = []
        self.decided: list[str] = []
        self.renamed = 0
        self.mode = "open"

    def _emit(self, event: str, data: Any, *, to: str) -> None:
        self.sent.append((event, json.loads(msgspec.json.encode(data)), to))

    def step(self) -> None:
        """Something happens; what became public of it is sent, often later together with what follows."""
        act = self.chance.choices(list(ACTS), [weight for weight, _ in ACTS.values()])[0]
        self.told.append(act)
        self.clock.forward(self.chance.choice((0, 0.01, 0.3, 1.5)))
        ACTS[act][1](self)
        if self.chance.random() < 0.3:
            self.worker.work()
        if self.chance.random() < 0.7:
            self.send()
        if self.tabs and self.chance.random() < 0.15:
            self.chance.choice(self.tabs).take()

    def send(self) -> None:
        assert not self.broadcaster.flush(), "an event was not sent"
        sent, self.sent = self.sent, []
        for event, data, room in sent:
            for tab in self.tabs:
                if room == self.room or (tab.member is not None and room == member_room(int(tab.member.id))):
                    tab.hear(event, data)

    def settle(self) -> None:
        """All that was planned is done, and told."""
        self.clock.forward(10)
        while self.worker.work():
            self.clock.forward(10)
        self.send()
        for tab in self.tabs:
            tab.hand_on()
            tab.repair()

    @property
    def room(self) -> str:
        with self.database.read() as conn:
            from comments.storage.sites import find_site

            site = find_site(conn, self.paper.key)
            assert site is not None
            article = find_article(conn, site.id, ARTICLE)
        return article_room(article.id) if article else "nowhere"

    def open_tabs(self, seed: int) -> None:
        """Every kind of viewer in every order on one story: with a good line, and with one of the bad ones."""
        viewers = (("public", None), ("author", self.anna), ("other", self.bert))
        for number, ((viewer, member), sort) in enumerate(itertools.product(viewers, SORTS)):
            for manner in ("faithful", ("lossy", "twice", "shuffled")[(number + number // 3 + seed) % 3]):
                name = f"{viewer} {sort} {manner}"
                tab = Tab(self.browser, self.paper, name, sort, manner, self.chance, member)
                tab.open()
                self.tabs.append(tab)

    # what people do; each picks whom and what, and does nothing where there is nothing to do it to

    def comments(self, *statuses: str, of: Member | None = None) -> list[Json]:
        """All comments under the article with one of these statuses, as the moderators see them."""
        from comments.storage import tables

        c = tables.comments.c
        with self.database.read() as conn:
            rows = conn.execute(tables.comments.select().where(c.status.in_(statuses)).order_by(c.id)).all()
        return [
            {"id": str(row.id), "parent": row.parent_id, "children": row.visible_children, "member": str(row.member_id)}
            for row in rows
            if of is None or str(row.member_id) == of.id
        ]

    def pick(self, found: list[Json]) -> Json | None:
        return self.chance.choice(found) if found else None

    def answered(self, member: Member, event: Json) -> None:
        """The member's own tab applies what the server answered; their other tabs hear it from the line."""
        own = [tab for tab in self.tabs if tab.member is member]
        for tab in own:
            if self.chance.random() < 0.5:
                tab.state = self.browser.ask(tab.name, "apply", event=event)

    def post(self, text: str = "") -> None:
        self.write(None, text)

    def write(self, parent: str | None, text: str = "") -> None:
        member = self.chance.choice(self.people)
        answer = member.try_to_post(ARTICLE, text or f"Words {self.chance.random()}", parent)
        if answer.status == 201:
            self.answered(member, {"type": "sent", "key": "k", "comment": answer.data})
        else:
            assert answer.status in (403, 422), answer.data

    def reply(self) -> None:
        parent = self.pick(self.comments("published"))
        if parent:
            self.write(parent["id"])

    def reply_deep(self) -> None:
        parent = self.pick([one for one in self.comments("published") if one["parent"]])
        if parent:
            self.write(parent["id"])

    def post_held(self) -> None:
        parent = self.pick(self.comments("published"))
        self.write(parent["id"] if parent and self.chance.random() < 0.6 else None, f"{HELD} {self.chance.random()}")

    def edit(self, word: str = "Better") -> None:
        member = self.chance.choice(self.people)
        comment = self.pick(self.comments("published", "waiting", of=member))
        if comment:
            body = {"body": f"{word} {self.chance.random()}"}
            answer = member.call("PATCH", f"/api/v1/comments/{comment['id']}", body)
            if answer.status == 200:
                self.answered(member, {"type": "answered", "comment": answer.data})
            else:
                assert answer.status in (403, 422), answer.data

    def edit_into_waiting(self) -> None:
        self.edit(HELD)

    def withdraw(self) -> None:
        member = self.chance.choice(self.people)
        comment = self.pick(self.comments("published", "waiting", "rejected", of=member))
        if comment:
            answer = member.withdraw(comment["id"])
            self.answered(member, {"type": "answered", "comment": answer})

    def reject(self) -> None:
        comment = self.pick(self.comments("published", "waiting"))
        if comment:
            self.decided.append(self.moderator.reject(comment["id"])["decision_id"])

    def undo(self) -> None:
        """The last decision is taken back, if it still can be."""
        if self.decided:
            assert self.moderator.undo(self.decided.pop()).status in (200, 409)

    def mark(self) -> None:
        comment = self.pick(self.comments("published"))
        if comment:
            self.moderator.mark(comment["id"], "pick", self.chance.random() < 0.7)

    def lock(self) -> None:
        comment = self.pick([one for one in self.comments("published", "withdrawn", "rejected") if not one["parent"]])
        if comment:
            self.moderator.mark(comment["id"], "lock", self.chance.random() < 0.5)

    def approve(self) -> None:
        comment = self.pick(self.comments("waiting", "rejected"))
        if comment:
            self.decided.append(self.moderator.approve(comment["id"])["decision_id"])

    def recommend(self) -> None:
        member = self.chance.choice(self.people)
        comment = self.pick([one for one in self.comments("published") if one["member"] != member.id])
        if comment:
            on = self.chance.random() < 0.8
            path = f"/api/v1/comments/{comment['id']}/reactions/recommend"
            answer = member.call("PUT" if on else "DELETE", path)
            if answer.status != 200:
                assert answer.status in (403, 422), answer.data
                return
            event = {"type": "reacted", "id": comment["id"], **answer.data}
            for tab in self.tabs:
                if tab.member is member:  # where it is not on the screen nobody tells: one's own come with `mine`
                    tab.state = self.browser.ask(tab.name, "apply", event=event)
                    tab.refresh_own()

    def set_mode(self) -> None:
        self.mode = self.chance.choice([mode for mode in ("open", "open", "closed", "readonly") if mode != self.mode])
        self.moderator.set_mode(ARTICLE, self.mode)

    def ban(self) -> None:
        self.moderator.ban(self.carla, reject_waiting=self.chance.random() < 0.5)

    def lift_ban(self) -> None:
        self.moderator.call("DELETE", f"/members/{self.carla.id}/ban").expect(200)

    def rename(self) -> None:
        if self.renamed < 3:  # a few a minute are allowed
            self.renamed += 1
            self.carla.rename(f"Carla {self.renamed}")


ACTS: dict[str, tuple[int, Callable[[Story], None]]] = {
    "post": (6, Story.post),
    "reply": (8, Story.reply),
    "reply deep": (6, Story.reply_deep),
    "post held": (4, Story.post_held),
    "edit": (4, Story.edit),
    "edit into waiting": (3, Story.edit_into_waiting),
    "withdraw": (5, Story.withdraw),
    "reject": (5, Story.reject),
    "approve": (7, Story.approve),
    "undo": (3, Story.undo),
    "pick": (2, Story.mark),
    "lock": (2, Story.lock),
    "recommend": (8, Story.recommend),
    "close or open": (2, Story.set_mode),
    "ban": (1, Story.ban),
    "lift the ban": (1, Story.lift_ban),
    "rename": (1, Story.rename),
}


@pytest.mark.parametrize("seed", range(3))
def test_old_thread_and_events_are_the_same_as_a_fresh_thread(
    app: Flask, client: FlaskClient, clock: FakeClock, browser: Browser, seed: int
) -> None:
    story = Story(app, client, clock, browser, seed)
    story.post()
    for _ in range(STEPS):
        story.step()
    story.settle()
    story.open_tabs(seed)
    for _ in range(STEPS):
        story.step()
    story.settle()
    seq = story.paper.page(ARTICLE)["seq"]
    for tab in story.tabs:
        if tab.manner in ("faithful", "twice"):
            assert (tab.state["seq"], tab.state["stale"]) == (seq, None), f"{tab.name} heard everything"
        else:
            tab.come_back()
        live, fresh = tab.dump()
        assert live == fresh, f"{tab.name}, seed {seed}: {story.told}"
