"""`comments serve --role`: pages and sockets in processes of their own, which tell each other over Redis."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.conftest import Environ
from tests.live.conftest import Desk, second_process
from tests.live.paper import Paper, over_http
from tests.live.test_processes import Serve
from tests.served import Served
from tests.servers import wait_until


@dataclass
class Apart:
    """A service as two commands: `pages` has the role web, `sockets` the role live."""

    pages: Served
    sockets: Served
    desk: Desk  # its calls go to the pages, its lines to the sockets

    @property
    def paper(self) -> Paper:
        return self.desk.paper


@pytest.fixture
def apart(served: Serve, environ: Environ, redis_url: str) -> Iterator[Apart]:
    pages, sockets = (served("serve", "--role", role, COMMENTS_REDIS_URL=redis_url) for role in ("web", "live"))
    with second_process(environ) as database:
        desk = Desk(sockets.url, Paper.found(over_http(pages.url), database))
        wait_until(desk.is_known, "the sockets' process to know the site's origin")
        yield Apart(pages, sockets, desk)
        desk.close()


def test_pages_and_sockets_apart(apart: Apart) -> None:
    anna = apart.paper.member("anna")
    line = apart.desk.follow("news", anna, 0)
    first = anna.post("news", "Written at the one, read at the other.")
    line.batch_with(first["id"], "added")
    assert apart.paper.page("news")["total"] == 1


def test_what_each_role_answers(apart: Apart) -> None:
    pages, sockets = over_http(apart.pages.url), over_http(apart.sockets.url)
    for role, send in (("web", pages), ("live", sockets)):
        assert send("GET", "/healthz", {}, None).expect(200) == {"status": "ok", "role": role}
        wait_until(lambda send=send: send("GET", "/readyz", {}, None).expect(200)["redis"] == "heard", "Redis")  # type: ignore[misc]
    for path in ("/socket.io", "/socket.io/", "/socket.io/?EIO=4&transport=websocket", "/socket.io/x"):
        problem = pages("GET", path, {}, None).expect(404)
        assert problem["code"] == "not_found" and "the role web" in problem["detail"]
    thread = f"{apart.paper.path('news')}/comments"
    pages("GET", thread, {}, None).expect(200)
    for path in (thread, "/embed.js", "/console", "/api/v1/console/session", "/api/v1/openapi.json"):
        assert sockets("GET", path, {}, None).expect(404)["code"] == "not_found"
    sockets("POST", thread, {}, b"{}").expect(404)


def test_a_moderators_console_at_the_sockets(apart: Apart) -> None:
    """The session of the one process counts in the other."""
    moderator, anna = apart.paper.moderator(), apart.paper.member("anna")
    console = apart.desk.watch(moderator)
    anna.post("news", "beware of this.")
    console.wait("queue.counts", lambda data: data["waiting"] == 1)
