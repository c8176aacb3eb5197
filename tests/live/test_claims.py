"""Claims between consoles: seen at once, also through another service, and nobody ever does the same work twice."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
import sqlalchemy as sa

from comments.storage.tables import comments
from comments.storage.transaction import Database
from tests.live.conftest import Desk, Environ, second_process
from tests.live.paper import HELD, Json, Moderator, Paper, over_http
from tests.served import Served
from tests.servers import wait_until

QUEUE, BATCH = 1000, 7
Serve = Callable[..., Served]


def claim(moderator: Moderator, *ids: str, take_over: bool = False) -> list[Json]:
    body = {"comment_ids": list(ids), "take_over": take_over}
    answer = moderator.call("POST", f"/sites/{moderator.paper.key}/claims", body)
    claims: list[Json] = answer.expect(200)["claims"]
    return claims


def release(moderator: Moderator, comment: str) -> None:
    moderator.call("DELETE", f"/sites/{moderator.paper.key}/claims?comment={comment}").expect(204)


def user_of(moderator: Moderator) -> str:
    return str(moderator.call("GET", "/session").expect(200)["user"]["id"])


def test_claims_are_heard_by_the_moderators_of_the_site(desk: Desk, new_desk: Callable[..., Desk]) -> None:
    anna, bert = desk.paper.moderator(), desk.paper.moderator()
    elsewhere = new_desk()
    console, foreign = desk.watch(bert), elsewhere.watch(elsewhere.paper.moderator())
    reader = desk.follow("news", desk.paper.member("kiesel"))
    comment = desk.paper.member("birke").post("news", f"{HELD}.")["id"]
    (mine,) = claim(anna, comment)
    event = console.wait("queue.claims")
    assert event.data == {"site": desk.paper.key, "claims": [mine]}
    assert set(mine["claimed_by"]) == {"id", "name", "until"} and mine["claimed_by"]["id"] == user_of(anna)
    claim(bert, comment, take_over=True)
    console.wait("queue.claims", lambda data: data["claims"][0]["claimed_by"]["id"] == user_of(bert))
    release(bert, comment)
    free = {"comment_id": comment, "claimed_by": None}
    console.wait("queue.claims", lambda data: data["claims"] == [free])
    assert "queue.claims" not in reader.names()
    assert "queue.claims" not in [event.name for event in foreign.events], "read up to its own next event"
    elsewhere.paper.member("birke").post("news", f"{HELD}.")
    foreign.wait("queue.counts")
    assert "queue.claims" not in [event.name for event in foreign.events]


@dataclass
class Work:
    """What several moderators do to one queue at full speed."""

    decided: list[str]
    problems: list[str]

    def by_batches(self, moderator: Moderator) -> None:
        """Claim the next few, decide on them, until nothing is left that is free."""
        path = f"/sites/{moderator.paper.key}/queues/waiting/claims"
        while items := moderator.call("POST", path, {"limit": BATCH}).expect(200)["items"]:
            for item in items:
                self._decide(moderator, item)

    def by_looking(self, moderator: Moderator) -> None:
        """Look at what is free, claim one of it, decide on it if it was not somebody else's after all."""
        me, path = user_of(moderator), f"/sites/{moderator.paper.key}/queues/waiting?free=1&limit=5"
        while items := moderator.call("GET", path).expect(200)["items"]:
            item = items[len(self.decided) % len(items)]
            (held,) = claim(moderator, item["comment"]["id"]) or [None]
            if held is not None and held["claimed_by"]["id"] == me:
                self._decide(moderator, item, late="changed_meanwhile")

    def _decide(self, moderator: Moderator, item: Json, late: str = "") -> None:
        """`late`: the code for what somebody claimed, decided and let go while we looked at it."""
        comment = item["comment"]
        body = {"decision": "approve", "version": comment["version"]}
        answer = moderator.call("POST", f"/comments/{comment['id']}/decision", body)
        if answer.status == 200:
            self.decided.append(comment["id"])
        elif answer.data["code"] != late:
            self.problems.append(f"{comment['id']}: {answer.data}")


def work_off(paper: Paper, *urls: str) -> Work:
    """Moderators at these services work off the queue: two by batches, and at one service a third by looking."""
    work = Work([], [])
    papers = [replace(paper, send=over_http(url)) for url in urls]
    jobs = [(work.by_batches, papers[0]), (work.by_batches, papers[-1])]
    if len(urls) == 1:
        jobs.append((work.by_looking, papers[0]))
    threads = [threading.Thread(target=do, args=(at.moderator(),)) for do, at in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return work


def fill(paper: Paper, database: Database) -> set[str]:
    """As many comments that wait, copied from one in one go; their ids."""
    first = paper.member("birke").post("news", f"{HELD}.")["id"]
    with database.transaction() as tx:
        one = tx.conn.execute(sa.select(comments).where(comments.c.id == int(first))).one()._asdict()
        copy = {column.name: one[column.name] for column in comments.c if not column.computed}
        del copy["id"], copy["idempotency_key"], copy["root_id"]
        tx.conn.execute(sa.insert(comments), [copy] * (QUEUE - 1))
        tx.conn.execute(sa.update(comments).where(comments.c.root_id.is_(None)).values(root_id=comments.c.id))
        site = comments.c.site_id == one["site_id"]
        waiting = sa.select(comments.c.id).where(site, comments.c.status == "waiting")
        return {str(key) for key in tx.conn.execute(waiting).scalars()}


def everything_once(paper: Paper, work: Work, waited: set[str]) -> None:
    """Each comment was decided on, once, by what the service answered and by what its log says."""
    assert set(work.decided) == waited
    assert Counter(work.decided).most_common(1)[0][1] == 1
    moderator, entries, cursor = paper.moderator(), [], ""
    while cursor is not None:
        page = moderator.call("GET", f"/sites/{paper.key}/audit?limit=100&cursor={cursor}").expect(200)
        entries, cursor = entries + page["entries"], page["next_cursor"]
    approved = Counter(entry["subject"]["id"] for entry in entries if entry["action"] == "approve")
    assert approved == dict.fromkeys(waited, 1)


@pytest.mark.timeout(300)  # a thousand decisions
def test_nobody_does_the_same_work_twice(desk: Desk, other_process: Database) -> None:
    waited = fill(desk.paper, other_process)
    work = work_off(desk.paper, desk.url)
    assert work.problems == []
    everything_once(desk.paper, work, waited)


@pytest.fixture
def two(served: Serve, environ: Environ, redis_url: str) -> Iterator[tuple[Desk, Desk, Database]]:
    """Two services on one database and one Redis."""
    first, second = (served(COMMENTS_REDIS_URL=redis_url) for _ in range(2))
    with second_process(environ) as database:
        paper = Paper.found(over_http(first.url), database)
        here, there = Desk(first.url, paper), Desk(second.url, paper)
        for desk in (here, there):
            wait_until(desk.is_known, "the services to know the site's origin")
        yield here, there, database
        here.close()
        there.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.timeout(300)
def test_claims_hold_across_services(two: tuple[Desk, Desk, Database]) -> None:
    here, there, database = two
    paper = here.paper
    anna = paper.moderator()
    bert = replace(paper, send=over_http(there.url)).moderator()
    console = there.watch(bert)
    comment = paper.member("kiesel").post("news", f"{HELD}.")["id"]
    (held,) = claim(anna, comment)
    assert claim(bert, comment) == [held], "the other service knows who was first"
    event = console.wait("queue.claims", within=1.0)
    assert event.data["claims"] == [held]
    bert.decide(comment, "approve").expect(409)
    release(anna, comment)
    console.wait("queue.claims", lambda data: data["claims"][0]["claimed_by"] is None, within=1.0)
    bert.reject(comment)
    waited = fill(paper, database)
    work = work_off(paper, here.url, there.url)
    assert work.problems == []
    everything_once(paper, work, waited)
