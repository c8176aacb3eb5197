"""How `comments serve` ends: nobody who reached it goes unanswered, sockets come back elsewhere without a gap."""

import contextlib
import http.client
import os
import secrets
import signal
import socket
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from comments.draining import LINGER
from comments.supervision import GRACE
from deploy.rehearsal.load import ARTICLE, Follower, at_work
from tests.conftest import Environ
from tests.live.conftest import second_process
from tests.live.paper import Member, Paper, over_http
from tests.served import Served, descendants
from tests.servers import wait_until
from tests.test_supervision import running

Serve = Callable[..., Served]
ONE_ENGINE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def paper(served: Serve, environ: Environ) -> Iterator[tuple[Served, Paper]]:
    service = served()
    with second_process(environ) as database:
        yield service, Paper.found(over_http(service.url), database)


def serving(service: Served) -> list[int]:
    """The processes that answer: they have no children and stand below gunicorn's arbiter."""
    return [pid for pid in running(service, "comments.serving") if not descendants(pid)]


def asked(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return str(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return str(error.code)
    except urllib.error.URLError as error:
        return "refused" if isinstance(error.reason, ConnectionRefusedError) else repr(error)


class Talker:
    """Posts again and again on one kept connection, until the server says that it closes it, or nobody is there."""

    def __init__(self, member: Member, port: int) -> None:
        self.member, self.port = member, port
        self.heard: Counter[str] = Counter()
        self.said_goodbye = False

    def talk(self, stopped: threading.Event) -> None:
        line: http.client.HTTPConnection | None = None
        while not stopped.is_set():
            try:
                if line is None:
                    line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
                    line.connect()
            except ConnectionRefusedError:
                self.heard["refused"] += 1
                return
            answer = self._post(line)
            self.heard[str(answer.status)] += 1
            if answer.headers.get("Connection") == "close":
                self.said_goodbye = True
                line.close()
                line = None
        if line is not None:
            line.close()

    def _post(self, line: http.client.HTTPConnection) -> http.client.HTTPResponse:
        headers = {"Authorization": f"Bearer {self.member.token}", "Content-Type": "application/json"}
        key = secrets.token_hex(8)
        path = f"{self.member.paper.path(ARTICLE)}/comments"
        line.request("POST", path, f'{{"body": "Said under {key}."}}', headers | {"Idempotency-Key": key})
        answer = line.getresponse()
        answer.read()
        return answer


def test_a_stop_under_load_answers_everybody(paper: tuple[Served, Paper]) -> None:
    """Posts on kept connections: each is answered 201, the last with `Connection: close`; all of them are stored."""
    service, site = paper
    port = urlsplit(service.url).port or 0
    talkers = [Talker(site.member(f"talker-{number}"), port) for number in range(6)]
    idle = http.client.HTTPConnection("127.0.0.1", port, timeout=20)  # keeps its connection and asks nothing more
    idle.request("GET", "/healthz")
    idle.getresponse().read()
    with at_work([one.talk for one in talkers]):
        wait_until(lambda: all(one.heard["201"] > 3 for one in talkers), "everybody to be heard")
        began = time.monotonic()
        assert service.stop() == 0
        took = time.monotonic() - began
    heard = sum((one.heard for one in talkers), Counter[str]())
    assert heard == Counter({"201": heard["201"], "refused": len(talkers)})
    assert all(one.said_goodbye for one in talkers)
    assert took < GRACE
    assert idle.sock is not None and idle.sock.recv(1) == b""  # closed, not cut off by a kill
    idle.close()
    with site.database.read() as conn:
        from comments.storage.tables import comments

        assert len(conn.execute(comments.select()).all()) == heard["201"]


@ONE_ENGINE
def test_who_waits_at_the_port_is_let_in(paper: tuple[Served, Paper]) -> None:
    """Connections that the kernel has taken and the process has not yet, when it is told to end."""
    service, _ = paper
    port = urlsplit(service.url).port or 0
    (process,) = serving(service)
    os.kill(process, signal.SIGSTOP)
    with contextlib.ExitStack() as ends:
        lines = [ends.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20)) for _ in range(150)]
        for line in lines:
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        os.kill(service.pid, signal.SIGTERM)
        time.sleep(0.5)  # the supervisor and the arbiter have let go of the port
        os.kill(process, signal.SIGCONT)
        answers = Counter(line.recv(4096).partition(b"\r\n")[0] for line in lines)
    assert answers == {b"HTTP/1.1 200 OK": 150}
    assert service.stop() == 0


@ONE_ENGINE
@pytest.mark.environ(COMMENTS_DRAIN_SECONDS="2")
def test_it_says_that_it_is_about_to_end_before_it_refuses(paper: tuple[Served, Paper]) -> None:
    service, site = paper
    member = site.member("late")
    os.kill(service.pid, signal.SIGTERM)
    wait_until(lambda: asked(f"{service.url}/readyz") == "503", "readyz to say so on a new connection", 1.5)
    assert asked(f"{service.url}/healthz") == "200"
    member.post(ARTICLE, "Those who come all the same are served.")
    wait_until(lambda: asked(f"{service.url}/readyz") == "refused", "the port to be closed", 2 + LINGER)
    assert service.stop() == 0


def test_sockets_and_requests_pass_over_to_new_processes(paper: tuple[Served, Paper]) -> None:
    """SIGHUP, as an upgrade does it: no request fails, every socket is back within seconds and has all comments."""
    service, site = paper
    writers = [Talker(site.member(f"writer-{number}"), urlsplit(service.url).port or 0) for number in range(3)]
    writers[0].member.post(ARTICLE, "There before all.")
    seq, known = site.changes(ARTICLE, 0)["seq"], {one["id"] for one in site.page(ARTICLE)["comments"]}
    followers = [Follower(site, service.url, seq, set(known)) for _ in range(20)]
    before = serving(service)
    with at_work([one.follow for one in followers]) as stop_following:
        wait_until(lambda: all(one.is_open for one in followers), "every socket to be open", 20)
        with at_work([one.talk for one in writers]):
            os.kill(service.pid, signal.SIGHUP)
            wait_until(lambda: all(one.cuts and one.is_open for one in followers), "every socket to be back", 40)
            wait_until(lambda: not {*before} & {*descendants(service.pid)}, "the old process to end", 40)
        stored = {one["comment"]["id"] for one in site.changes(ARTICLE, seq)["changes"]}
        written = sum(one.heard["201"] for one in writers)
        assert written > 0 and {*sum((one.heard for one in writers), Counter[str]())} == {"201"}
        wait_until(lambda: all(len(one.known) == written + 1 for one in followers), "everybody to know every comment")
        assert stored <= followers[0].known
        stop_following()
    assert max(cut for one in followers for cut in one.cuts) < 15
