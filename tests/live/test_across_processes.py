"""What must hold across processes holds in two: limits, sessions, rights, settings, pages."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.conftest import Environ
from tests.live.conftest import Desk, OwnRedis, second_process
from tests.live.paper import PASSWORD, Answer, Member, Paper, over_http
from tests.live.test_processes import Serve
from tests.served import Served
from tests.servers import wait_until


@dataclass
class Both:
    """Two services on one database and one Redis; `paper` asks the first, `there` asks the second."""

    first: Served
    second: Served
    paper: Paper
    there: Paper
    redis: OwnRedis

    def of(self, member: Member) -> Member:
        """The same reader, asking the second service."""
        return Member(self.there, member.sub, member.id, member.token)


@pytest.fixture
def both(served: Serve, environ: Environ, own_redis: OwnRedis) -> Iterator[Both]:
    first, second = (served(COMMENTS_REDIS_URL=own_redis.url) for _ in range(2))
    with second_process(environ) as database:
        paper = Paper.found(over_http(first.url), database)
        there = Paper(over_http(second.url), database, paper.key, paper.secret, paper.origin, paper.issuer)
        yield Both(first, second, paper, there, own_redis)


@pytest.mark.environ(COMMENTS_POSTS_PER_MINUTE="5")
def test_limits_count_in_all_processes_together(both: Both) -> None:
    anna = both.paper.member("anna")
    posts = [(anna, both.of(anna))[number % 2].try_to_post("news", f"Number {number}.") for number in range(7)]
    assert sorted(answer.status for answer in posts) == [201] * 5 + [429] * 2
    wrong = {"email": "nobody@paper.example", "password": PASSWORD}
    tries = [sign_in((both.paper, both.there)[number % 2], wrong) for number in range(7)]
    assert [answer.status for answer in tries] == [401] * 6 + [429], "of one account"
    others = [{"email": f"{number}@paper.example", "password": PASSWORD} for number in range(4)]
    tries = [sign_in((both.paper, both.there)[number % 2], wrong) for number, wrong in enumerate(others)]
    assert [answer.status for answer in tries] == [401] * 3 + [429], "of one address"


def sign_in(paper: Paper, body: dict[str, str]) -> Answer:
    return paper.call("POST", "/api/v1/console/session", body)


def test_rights_that_change_in_one_process_end_in_the_other(both: Both) -> None:
    """A ban, and an entitlement that ends: at once for requests, and the socket held elsewhere gives up its token."""
    anna, berta, moderator = both.paper.member("anna"), both.paper.member("berta"), both.paper.moderator()
    desk = Desk(both.second.url, both.there)
    wait_until(desk.is_known, "the second service to know the site's origin")
    lines = [desk.follow("news", member, 0) for member in (anna, berta)]
    moderator.ban(anna)
    lines[0].wait("token.expired")
    assert both.of(anna).try_to_post("news", "Banned.").status in (401, 403, 422)
    both.paper.entitle(berta, "expired")
    lines[1].wait("token.expired")
    desk.close()


def test_settings_and_sessions_of_one_process_count_in_the_other(both: Both) -> None:
    anna, moderator = both.paper.member("anna"), both.paper.moderator()
    both.paper.configure(premoderate=True)
    assert both.of(anna).post("news", "Wait for it.")["status"] == "waiting"
    cookie = {"Cookie": moderator.cookie, "X-CSRF-Token": moderator.csrf}
    both.there.call("GET", "/api/v1/console/session", **cookie).expect(200)
    with both.paper.database.transaction() as tx:
        from comments.actions.sites import set_password
        from comments.storage.sites import find_user

        email = both.paper.call("GET", "/api/v1/console/session", **cookie).expect(200)["user"]["email"]
        assert find_user(tx.conn, email=email) is not None
        set_password(tx, email, "$argon2id$another")
    for paper in (both.paper, both.there):
        paper.call("GET", "/api/v1/console/session", **cookie).expect(401)


def test_a_page_is_dropped_everywhere(both: Both) -> None:
    """By a hint over Redis at once; while Redis is away by the journal, within two seconds."""
    anna = both.paper.member("anna")

    def seconds_until_shown(text: str) -> float:
        total = anna.post("news", text) and both.paper.page("news")["total"]
        began = time.monotonic()
        wait_until(lambda: both.there.page("news")["total"] == total, "the other process to show it")
        return time.monotonic() - began

    anna.post("news", "The first one.")
    both.there.page("news")
    print(f"shown elsewhere after {seconds_until_shown('With Redis.'):.3f} s")
    both.redis.kill()
    print(f"… and without Redis after {seconds_until_shown('While Redis is away.'):.3f} s")
    both.redis.start()
