"""The live path of several processes: a stop, what others write, two services over Redis, Redis gone and back."""

import itertools
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from comments.actions.articles import set_mode
from comments.actions.moderation import Decision, decide
from comments.actions.notices import Given, Verdict, decide_notice, give_notice
from comments.actions.threads import NewComment, post_comment
from comments.core.identity import Role, Viewer
from comments.core.law.notice import NewNotice
from comments.core.markup import render
from comments.storage.notices import notice_by_reference
from comments.storage.sites import find_site
from comments.storage.transaction import Database
from tests.live.conftest import Desk, Environ, OwnRedis, second_process
from tests.live.paper import HELD, Member, Paper, over_http
from tests.live.sockets import Line
from tests.served import Served, descendants
from tests.servers import wait_until

Serve = Callable[..., Served]


def write_directly(database: Database, member: Member, article: str, text: str, parent: str | None = None) -> str:
    """Post as another process would: no request, no hint; the comment's id."""
    from comments.actions.members import Access, acting_writer

    with database.transaction() as tx:
        site = find_site(tx.conn, member.paper.key)
        assert site is not None
        access = Access(site.id, int(member.id), 0, 2**62)
        new = NewComment(article, None if parent is None else int(parent), f"direct-{text}"[:200])
        return str(post_comment(tx, acting_writer(tx, access), new, render(text))[0])


def test_what_another_process_writes_reaches_readers(desk: Desk, other_process: Database) -> None:
    assert other_process.publish[1].__self__.redis_url is None  # type: ignore[attr-defined]
    anna, moderator = desk.paper.member("anna"), desk.paper.moderator()
    line, own, console = desk.follow("news", after=0), desk.follow("news", anna, 0), desk.watch(moderator)
    first = write_directly(other_process, anna, "news", "From elsewhere.")
    event, _ = line.batch_with(first, "added")
    assert (event.data["after"], event.data["seq"]) == (0, 1)
    held = write_directly(other_process, anna, "news", f"{HELD} from elsewhere.")
    own.wait("mine.changed", lambda data: data["comment_id"] == held)
    console.wait("queue.counts", lambda data: data["waiting"] == 1)
    admin = Viewer(Role.ADMINISTRATOR, id=None, sites=None)
    with other_process.transaction() as tx:
        decide(tx, admin, int(held), Decision("approve", 1))
    line.batch_with(held, "added")
    replied = write_directly(other_process, desk.paper.member("bert"), "news", "From elsewhere, too.", first)
    own.wait("mine.changed", lambda data: data["comment_id"] == replied)
    with other_process.transaction() as tx:
        site = find_site(tx.conn, desk.paper.key)
        assert site is not None
        set_mode(tx, admin, site, "news", "closed")
    line.wait("article.changed", lambda data: data["article"]["mode"] == "closed")
    assert desk.paper.page("news")["article"]["mode"] == "closed", "the snapshot of the page has gone too"


def test_what_another_process_tells_a_member_is_counted(desk: Desk, other_process: Database) -> None:
    anna = desk.paper.member("anna")
    first = write_directly(other_process, anna, "news", "From elsewhere.")
    own = desk.follow("news", anna, 0)
    assert anna.mine("news")["unread"] == 0
    replied = write_directly(other_process, desk.paper.member("bert"), "news", "Answered elsewhere.", first)
    own.wait("mine.changed", lambda data: data["comment_id"] == replied)
    assert anna.mine("news")["unread"] == 1


def test_consoles_are_told_of_legal_notices_of_another_process(desk: Desk, other_process: Database) -> None:
    """Notices belong to no article, and so the journal has none; of another site's this console hears nothing."""
    moderator, elsewhere = desk.paper.moderator(), Paper.found(desk.paper.send, other_process)
    console, partly = desk.watch(moderator), desk.watch(desk.paper.moderator(("news",)))
    for console_of_both in (console, partly):  # what they stood at when they came
        console_of_both.wait("queue.changed" if console_of_both is partly else "queue.counts")
    give_directly(other_process, elsewhere)
    notice = give_directly(other_process, desk.paper)
    assert console.wait("queue.counts").data["notices"] == 1
    partly.wait("queue.changed")
    decide_directly(other_process, desk.paper, notice)
    console.wait("queue.counts", lambda data: data["notices"] == 0)
    partly.wait("queue.changed")
    assert console.names().count("queue.counts") == 3, "nobody is told what has not changed"


def give_directly(database: Database, paper: Paper) -> str:
    """A notice that another process takes; its reference."""
    with database.transaction() as tx:
        site = find_site(tx.conn, paper.key)
        assert site is not None
        urls = (f"{paper.origin}/news",)
        new = NewNotice("hate", "It calls for violence.", urls, "Kiesel", "kiesel@example.org", good_faith=True)
        return give_notice(tx, site, new, Given("https://comments.example", "en", key=b"key"))


def decide_directly(database: Database, paper: Paper, reference: str) -> None:
    admin = Viewer(Role.ADMINISTRATOR, id=None, sites=None)
    with database.transaction() as tx:
        site, notice = find_site(tx.conn, paper.key), notice_by_reference(tx.conn, reference)
        assert site is not None
        decide_notice(tx, admin, site, notice.id, Verdict("no_action", notice.version, "It is lawful."), b"key")


def test_a_bulk_of_another_process_reaches_readers_whole(desk: Desk, other_process: Database) -> None:
    """More journal rows than the relay reads at once, in one transaction, and nothing after it."""
    from comments.core.events import ThreadReset

    anna = desk.paper.member("anna")
    ids = []
    for number in range(3):
        write_directly(other_process, anna, f"article-{number}", f"In article {number}.")
    lines = [desk.follow(f"article-{number}", after=1) for number in range(3)]
    with other_process.read() as conn:
        site = find_site(conn, desk.paper.key)
        assert site is not None
        from comments.storage.threads import find_article

        ids = [find_article(conn, site.id, f"article-{number}").id for number in range(3)]
    with other_process.transaction() as tx:
        for article_id, times in zip(ids, (1500, 1, 1), strict=True):
            for _ in range(times):
                tx.record(ThreadReset(site.id, article_id))
    for line, seq in zip(lines, (1501, 2, 2), strict=True):
        line.wait("thread.reset", lambda data, seq=seq: data["seq"] == seq)  # type: ignore[misc]


def test_a_stop_closes_sockets_and_ends_in_a_few_seconds(served: Serve, environ: Environ) -> None:
    service = served()
    with second_process(environ) as database:
        desk = Desk(service.url, Paper.found(over_http(service.url), database))
        lines = [desk.follow("news", desk.paper.member(f"reader-{number}")) for number in range(20)]
        lines.append(desk.handshake())  # has not said CONNECT
        deaf = desk.follow("news")  # never reads again
        began = time.monotonic()
        assert service.stop() == 0
        took = time.monotonic() - began
        print(f"a stop with 22 sockets open: {took:.1f} s")
        assert took < 12
        for line in lines:
            line.wait_until_cut()
        deaf.close()
        desk.close()
    assert service.complaints() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_stop_by_ctrl_c_and_the_death_of_the_supervisor_leave_nobody_behind(served: Serve) -> None:
    service = served()
    assert service.stop(signal.SIGINT) == 0
    service = served()
    family = descendants(service.pid)
    assert len(family) >= 3, "gunicorn, its worker, and the worker for jobs"
    os.kill(service.pid, signal.SIGKILL)
    service.stop()
    wait_until(lambda: not any(is_alive(pid) for pid in family), "the children to end with their parent", 15)


def is_alive(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


@dataclass
class Two:
    """Two services on one database and one Redis, and a paper that both serve."""

    here: Desk
    there: Desk
    paper: Paper

    def follow_both(self, article: str, after: int) -> tuple[Line, Line]:
        return self.here.follow(article, after=after), self.there.follow(article, after=after)


@pytest.fixture
def two(served: Serve, environ: Environ, own_redis: OwnRedis) -> Iterator[Two]:
    first, second = (served(COMMENTS_REDIS_URL=own_redis.url) for _ in range(2))
    with second_process(environ) as database:
        paper = Paper.found(over_http(first.url), database)
        two = Two(Desk(first.url, paper), Desk(second.url, paper), paper)
        for desk in (two.here, two.there):
            wait_until(desk.is_known, "the services to know the site's origin")
        yield two
        two.here.close()
        two.there.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_services_over_redis(two: Two) -> None:
    anna, moderator = two.paper.member("anna"), two.paper.moderator()
    here, there = two.follow_both("news", 0)
    own = two.there.follow("news", anna, 0)
    began = time.monotonic()
    posted = anna.post("news", "For both.")
    for line in (here, there):
        event, _ = line.batch_with(posted["id"], "added")
        print(f"POST to a socket of {'this' if line is here else 'the other'} service: {event.at - began:.3f} s")
        assert event.at - began < 3
    two.paper.send = over_http(two.there.url)
    there.batch_with(anna.post("news", "And back.")["id"]), here.wait("thread.batch")
    held = anna.post("news", f"{HELD}.")
    two.paper.send = over_http(two.here.url)
    own.wait("mine.changed", lambda data: data["comment_id"] == held["id"])
    moderator.approve(held["id"])
    there.batch_with(held["id"], "added")
    page = two.paper.page("news")
    two.paper.send = over_http(two.there.url)
    assert two.paper.page("news") == page
    moderator.ban(anna)
    own.wait("token.expired")
    two.paper.send = over_http(two.here.url)
    assert two.paper.page("news")["total"] == 3


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_readers_of_two_services_are_one_number(two: Two) -> None:
    two.paper.member("anna").post("news", "Something to look at.")
    lines = [desk.follow("news") for desk in (two.here, two.there) for _ in range(3)]
    for line in lines:
        line.wait("presence", lambda data: data["readers"] == 5, within=10)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_nothing_is_missing_after_redis_was_away(
    served: Serve, environ: Environ, own_redis: OwnRedis, request: pytest.FixtureRequest
) -> None:
    two: Two = request.getfixturevalue("two")
    anna = two.paper.member("anna")
    here, there = two.follow_both("news", 0)
    before = anna.post("news", "Before.")
    for line in (here, there):
        line.batch_with(before["id"])
    own_redis.kill()
    began = time.monotonic()
    during = anna.post("news", "While Redis is away.")
    print(f"a post while Redis is away: {time.monotonic() - began:.3f} s")
    assert time.monotonic() - began < 4, "nobody waits for a Redis that is gone"
    for line in (here, there):
        event, _ = line.batch_with(during["id"], "added")
        print(f"… and at a socket after {event.at - began:.3f} s")
    own_redis.start()
    after = anna.post("news", "Redis is back.")
    for line in (here, there):
        line.batch_with(after["id"], "added")

    def is_quick_again() -> bool:
        began = time.monotonic()
        posted = anna.post("news", "Quick again?")
        return there.batch_with(posted["id"])[0].at - began < 0.5

    wait_until(is_quick_again, "hints over Redis", 15)
    page = two.paper.page("news", limit=50)
    seqs = [event.data for event in there.events if event.name == "thread.batch"]
    assert all(one["after"] <= before["seq"] for before, one in itertools.pairwise(seqs)), "no gap"
    assert {one["comment"]["id"] for data in seqs for one in data["changes"]} == {one["id"] for one in page["comments"]}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_one_service_with_two_serving_processes(served: Serve, environ: Environ, own_redis: OwnRedis) -> None:
    service = served("serve", "--workers", "2", COMMENTS_REDIS_URL=own_redis.url)
    with second_process(environ) as database:
        desk = Desk(service.url, Paper.found(over_http(service.url), database))
        wait_until(desk.is_known, "the service to know the site's origin")
        anna = desk.paper.member("anna")
        lines = [desk.follow("news", after=0) for _ in range(8)]
        for number in range(4):
            posted = anna.post("news", f"Number {number}.")
            for line in lines:
                line.batch_with(posted["id"], "added")
        desk.close()
