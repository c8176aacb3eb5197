"""Moderators at a long queue: decisions a second of one and of four, taking one back, and a hundred at once.

Each is signed in to the console, claims the next 20 of the waiting queue and decides them, approve and reject in turn.
On SQLite everybody waits while a hundred are decided: posts of a writer beside it tell how long.
"""

import itertools
import json
import secrets
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.request import Request, urlopen

import sqlalchemy as sa

from benchmarks.corpus import Corpus
from benchmarks.filling import SECOND, rendered
from benchmarks.installation import SITE, Installation
from benchmarks.load import Ask, Asked, LoadError, ask_many, ask_to_post, doubted
from benchmarks.measuring import Figure, at_most, percentile
from benchmarks.people import subscribers
from benchmarks.processes import processor_seconds
from benchmarks.writes import Writing
from comments.actions.sites import create_user
from comments.http.sessions import hasher
from comments.storage.tables import articles, audit, claims, comments, members
from tests.served import Served

THREADS = ("1000",)  # whose people write what waits
ROUNDS, SECONDS, WARM_UP = 3, 4, 1
QUEUE, ARTICLES, BATCH, BULK = 8_000, 20, 20, 100
MANY = 4  # moderators at once
PATH = f"/api/v1/console/sites/{SITE}"
MOST_HELD = 150  # ms that a post may wait for a bulk decision
Row = dict[str, Any]


@dataclass(slots=True)
class Moderator:
    """Signed in to the console, with what they have before them: (comment, version)."""

    headers: dict[str, str]
    hand: list[tuple[str, int]] = field(default_factory=list)
    made: str = ""  # their last decision

    def ask(self, kind: str, path: str, body: Row | None = None) -> Ask:
        content = json.dumps(body or {}).encode()
        return Ask(kind, "POST", path, {"Content-Type": "application/json"} | self.headers, content)


def measure(setup: Installation, corpus: Corpus) -> Iterator[Figure]:
    with setup.serving() as served:
        desk = Desk(setup, served, corpus, [_sign_in(setup, served, number) for number in range(MANY)])
        desk.decide(MANY, setup.pick(WARM_UP, 0.1))
        for number in (1, MANY):
            yield from _rates(number, [desk.decide(number, seconds) for seconds in _rounds(setup)])
        undone = [desk.undo(seconds) for seconds in _rounds(setup)]
        yield _figure("taken back, one moderator", "undone/s", undone, "undo", 100)
        alone = [desk.write(0, seconds / 2) for seconds in _rounds(setup)]
        beside = [desk.write(1, seconds / 2) for seconds in _rounds(setup)]
        yield from _bulk(setup, alone, beside)
    yield from desk.checks()


def _rounds(setup: Installation) -> list[float]:
    return [setup.pick(SECONDS, 1)] * setup.pick(ROUNDS, 1)


@dataclass(slots=True)
class Round:
    """What was asked in a round, and what one request cost the service (milliseconds of processor)."""

    asked: Asked
    cpu: float

    def taken(self, kind: str) -> list[float]:
        return self.asked.taken[kind]


@dataclass(slots=True)
class Desk:
    """Moderators at work on one queue, which is filled again before each round."""

    setup: Installation
    served: Served
    corpus: Corpus
    moderators: Sequence[Moderator]
    decided: int = 0  # comments, as the answers say
    others: list[tuple[int, bytes]] = field(default_factory=list)

    def decide(self, number: int, seconds: float) -> Round:
        """So many claim and decide, each one comment after the other."""
        fill_queue(self.setup, self.corpus)
        turns = [itertools.cycle(("approve", "reject")) for _ in range(number)]

        def next_ask(at: int) -> Ask:
            moderator = self.moderators[at]
            return _decision(moderator, next(turns[at])) if moderator.hand else _claim(moderator)

        return self._round(number, seconds, next_ask)

    def undo(self, seconds: float) -> Round:
        """One decides and takes it back, in turn."""
        fill_queue(self.setup, self.corpus)

        def next_ask(at: int) -> Ask:
            moderator = self.moderators[at]
            if moderator.made:
                return moderator.ask("undo", f"/api/v1/console/decisions/{moderator.made}/undo")
            return _decision(moderator, "reject") if moderator.hand else _claim(moderator)

        return self._round(1, seconds, next_ask)

    def write(self, moderators: int, seconds: float) -> Round:
        """A reader posts all the time; beside them nobody, or a moderator who decides a hundred at once."""
        waiting = iter(fill_queue(self.setup, self.corpus))
        writing = Writing(self.corpus, subscribers(self.setup, self.served, 1), "desk-0")
        turns = itertools.cycle(("approve", "reject"))

        def next_ask(at: int) -> Ask:
            if at == 0:
                return ask_to_post(*writing.next_post(0))
            some = [{"id": str(key), "version": version} for key, version in itertools.islice(waiting, BULK)]
            if len(some) < BULK:
                raise LoadError("the queue is empty: fill in more")
            return self.moderators[0].ask("bulk", f"{PATH}/bulk", _of(next(turns)) | {"items": some})

        return self._round(1 + moderators, seconds, next_ask)

    def _round(self, connections: int, seconds: float, next_ask: Any) -> Round:
        by_asking: dict[int, int] = {}

        def asking(at: int) -> Ask:
            asked = next_ask(at)
            by_asking[id(asked)] = at
            return asked

        def answered(asked: Ask, status: int, body: bytes) -> None:
            at = by_asking.pop(id(asked))
            if status not in (200, 201):
                self.others.append((status, body))
            elif asked.kind != "post":
                self._heard(self.moderators[min(at, MANY - 1)], asked.kind, json.loads(body))

        before = processor_seconds(self.served.pid) + self.setup.database_seconds()
        done = ask_many(self.setup.port, connections, seconds, asking, answered)
        spent = processor_seconds(self.served.pid) + self.setup.database_seconds() - before
        for moderator in self.moderators:
            moderator.made = ""
            moderator.hand.clear()
        return Round(done, spent * 1000 / done.count)

    def _heard(self, moderator: Moderator, kind: str, answer: Row) -> None:
        if kind == "claim":
            moderator.hand = [(one["comment"]["id"], one["comment"]["version"]) for one in answer["items"]]
            if not moderator.hand:
                raise LoadError("the queue is empty: fill in more")
        elif kind == "bulk":
            self.decided += len(answer["decided"])
            self.others += [(200, json.dumps(one).encode()) for one in answer["left_out"]]
        elif kind == "decision":
            moderator.made = answer["decision_id"]
            self.decided += 1
        else:
            moderator.made = ""

    def checks(self) -> Iterator[Figure]:
        """Every decision is in the log, and none was refused."""
        if self.others:
            print(f"  not as it should be: {self.others[0]}")
        with self.setup.database.read() as conn:
            mine = audit.c.action.in_(("approve", "reject"))
            logged = conn.execute(sa.select(sa.func.count()).select_from(audit).where(mine)).scalar_one()
        what = f"decisions lost, of {self.decided:,}"
        yield at_most(Figure(part="check", what=what, unit="", rounds=[abs(logged - self.decided)]), 0, "0")
        what = "decisions that were refused"
        yield at_most(Figure(part="check", what=what, unit="", rounds=[len(self.others)]), 0, "0")


def _claim(moderator: Moderator) -> Ask:
    return moderator.ask("claim", f"{PATH}/queues/waiting/claims", {"limit": BATCH})


def _decision(moderator: Moderator, decision: str) -> Ask:
    comment, version = moderator.hand.pop()
    return moderator.ask(
        "decision", f"/api/v1/console/comments/{comment}/decision", _of(decision) | {"version": version}
    )


def _of(decision: str) -> Row:
    return {"decision": decision} | ({"reason": "spam"} if decision == "reject" else {})


def _rates(number: int, rounds: list[Round]) -> Iterator[Figure]:
    who = "one moderator" if number == 1 else f"{number} moderators"
    yield _figure(f"decisions, {who}", "decisions/s", rounds, "decision", 100)
    yield _figure(f"… their claims of the next {BATCH}", "claims/s", rounds, "claim")


def _figure(what: str, unit: str, rounds: list[Round], kind: str, p99: float = 0) -> Figure:
    """So many of this kind a second, whatever else was asked between."""
    figure = Figure(
        part="decisions", what=what, unit=unit, cpu=statistics.median(one.cpu for one in rounds),
        rounds=[len(one.taken(kind)) / one.asked.seconds for one in rounds],
        p50=_middle(rounds, kind, 50), p99=_middle(rounds, kind, 99), target=f"p99 ≤ {p99:.0f}" if p99 else "",
    )  # fmt: skip
    if p99:
        figure.reached = figure.p99 is not None and figure.p99 <= p99
    return doubted(figure, [one.asked.cores for one in rounds])


def _middle(rounds: list[Round], kind: str, percent: float) -> float:
    return statistics.median(percentile(one.taken(kind) or [0], percent) for one in rounds)  # none in a quick run


def _bulk(setup: Installation, alone: list[Round], beside: list[Round]) -> Iterator[Figure]:
    """Milliseconds of a whole request, and the posts beside it against those of a writer whom nobody disturbs."""
    yield Figure(
        part="decisions", what=f"{BULK} decided at once", unit="ms",
        rounds=[_middle([one], "bulk", 50) for one in beside],
        p50=_middle(beside, "bulk", 50), p99=_middle(beside, "bulk", 99),
    )  # fmt: skip
    yield _figure("posts, one writer, nobody decides", "posts/s", alone, "post")
    posts = _figure(f"posts beside {BULK} decided at once", "posts/s", beside, "post", MOST_HELD)
    if not setup.is_sqlite:  # nobody there waits for the other's lock
        posts.target, posts.reached = "", None
    yield posts


def fill_queue(setup: Installation, corpus: Corpus) -> list[tuple[int, int]]:
    """Fill the waiting queue up with the corpus' comments, under several articles, and let go what was claimed; what
    waits: (comment, version).
    """
    size = setup.pick(QUEUE, 20 * BULK)
    site = setup.site_id
    with setup.database.transaction() as tx:
        conn = tx.conn
        conn.execute(sa.delete(claims))
        waits = sa.select(comments.c.id, comments.c.version).where(
            comments.c.site_id == site, comments.c.status == "waiting"
        )
        missing = size - len(conn.execute(waits).all())
        people = sa.select(members.c.id).where(members.c.sub.like("writer-%")).order_by(members.c.id)
        writers, places = list(conn.execute(people).scalars()), _places(conn, site, tx.now)
        bodies = corpus.bodies()
        rows = [
            rendered(bodies[at % len(bodies)])
            | {"site_id": site, "article_id": places[at % ARTICLES], "member_id": writers[at % len(writers)],
               "depth": 0, "status": "waiting", "created_at": tx.now - (missing - at) * SECOND}
            for at in range(missing)
        ]  # fmt: skip
        if rows:
            conn.execute(sa.insert(comments), rows)
        conn.execute(sa.update(comments).where(comments.c.root_id.is_(None)).values(root_id=comments.c.id))
        found = [(row.id, row.version) for row in conn.execute(waits.order_by(comments.c.created_at, comments.c.id))]
    setup.settled()
    return found


def _places(conn: sa.Connection, site: int, now: int) -> list[int]:
    """The articles of what waits; made once."""
    theirs = sa.select(articles.c.id).where(articles.c.site_id == site, articles.c.key.like("desk-%"))
    found = list(conn.execute(theirs.order_by(articles.c.id)).scalars())
    if not found:
        new = [{"site_id": site, "key": f"desk-{at}", "created_at": now} for at in range(ARTICLES)]
        conn.execute(sa.insert(articles), new)
        found = list(conn.execute(theirs.order_by(articles.c.id)).scalars())
    return found


def _sign_in(setup: Installation, served: Served, number: int) -> Moderator:
    """A new account of the console, signed in as the console does it."""
    email, password = f"desk-{number}@gazette.example", secrets.token_urlsafe(16)
    with setup.database.transaction() as tx:
        create_user(tx, email, f"Desk {number}", hasher.hash(password), "moderator", (SITE,))
    body = json.dumps({"email": email, "password": password}).encode()
    asked = Request(f"{served.url}/api/v1/console/session", body, {"Content-Type": "application/json"})
    with urlopen(asked, timeout=10) as answer:
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        return Moderator({"Cookie": cookie, "X-CSRF-Token": json.load(answer)["csrf"]})
