"""deploy/ as a whole, small: two machines behind nginx, load on them, one killed, both restarted, nothing lost.

`deploy/rehearse --check` runs the same at the size that it is meant for, with all of its browser stories.
"""

import contextlib
import http.client
import json
import re
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from deploy.rehearsal.__main__ import publisher
from deploy.rehearsal.cluster import Cluster, cluster
from deploy.rehearsal.outage import SMALL, Findings, rehearse_outage
from deploy.rehearsal.programs import Nginx, missing_programs, nginx
from deploy.rehearsal.stories import tell_stories
from tests.live.paper import Answer, Paper

pytestmark = [
    pytest.mark.xdist_group("machines"),
    pytest.mark.timeout(300),
    pytest.mark.skipif(bool(missing_programs()), reason=f"not installed: {' '.join(missing_programs())}"),
]
STORY = ["tests/e2e/test_live.py::test_a_post_appears_in_the_second_browser_within_a_second"]


@pytest.fixture(scope="module")
def running() -> Iterator[Cluster]:
    with cluster() as running:
        yield running
        complaints = [line for machine in running.machines for line in machine.complaints()]
        assert not complaints


@pytest.fixture
def paper(running: Cluster) -> Iterator[Paper]:
    with publisher(running) as paper:
        yield paper


def ask(front: Nginx, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
    """One request through nginx, with exactly these headers."""
    line = http.client.HTTPSConnection("localhost", front.port, timeout=20, context=front.trust())
    with contextlib.closing(line):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        line.request(method, path, body, named)
        answer = line.getresponse()
        return Answer(answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()})


def test_pages_are_kept_for_everybody_and_for_nobody_in_particular(running: Cluster, paper: Paper) -> None:
    kiesel = paper.member("kiesel")
    kiesel.post("news", "The first word. " * 40)
    page = f"{paper.path('news')}/comments"
    first, second = ask(running.nginx, page), ask(running.nginx, page)
    assert (first.headers["x-cache"], second.headers["x-cache"]) == ("MISS", "HIT")
    assert second.data == first.data and second.headers["etag"] == first.headers["etag"]
    assert ask(running.nginx, page, If_None_Match=first.headers["etag"]).status == 304
    signed_in = ask(running.nginx, page, Authorization=f"Bearer {kiesel.token}")
    assert signed_in.headers["x-cache"] == "BYPASS"
    own = f"{paper.path('news')}/mine"
    assert "x-cache" not in ask(running.nginx, own, Authorization=f"Bearer {kiesel.token}").headers
    paper.configure(read="subscribers")
    for _ in range(2):
        assert ask(running.nginx, f"{page}?sort=oldest").status == 401
        allowed = ask(running.nginx, f"{page}?sort=oldest", Authorization=f"Bearer {kiesel.token}")
        assert allowed.status == 200 and "public" not in allowed.headers["cache-control"]


@pytest.mark.parametrize(
    ("accepted", "given"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0.5, gzip", "br"),
        ("gzip, deflate, br;q=0", "gzip"),
        ("gzip;q=0.0, br;q=0", None),
        ("", None),
        ("x-gzip-not, brotli", None),
    ],
)
def test_three_forms_of_a_page_are_kept(running: Cluster, paper: Paper, accepted: str, given: str | None) -> None:
    paper.member("kiesel").post("news", "The first word. " * 80)
    page = f"{paper.path('news')}/comments"
    answers = [ask(running.nginx, page, Accept_Encoding=accepted) for _ in range(2)]
    assert [one.headers.get("content-encoding") for one in answers] == [given, given]
    assert answers[1].headers["x-cache"] == "HIT"
    assert ask(running.nginx, page, Accept_Encoding=f"{accepted}, worded-otherwise").headers["x-cache"] == "HIT"


def test_what_a_client_claims_of_its_address_is_gone(running: Cluster) -> None:
    """The service trusts nginx, and nginx nobody: attempts to sign in are counted for the true address."""
    statuses = set()
    for number in range(30):
        claimed = {"X_Forwarded_For": f"203.0.113.{number}", "Content_Type": "application/json"}
        log_in = json.dumps({"email": f"{number}@gazette.example", "password": "not the password"}).encode()
        statuses.add(ask(running.nginx, "/api/v1/console/session", "POST", log_in, **claimed).status)
    assert statuses == {401, 429}


class Deaf:
    """Stands in for a machine that takes a request, does all of it, and dies before it says so."""

    def __init__(self, machine: int) -> None:
        self._machine = machine
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self.kept_to_itself: list[bytes] = []
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        with contextlib.suppress(OSError):  # the door was closed
            while True:
                near, _ = self._door.accept()
                with near, socket.create_connection(("127.0.0.1", self._machine)) as far:
                    far.sendall(near.recv(65_536))
                    self.kept_to_itself.append(far.recv(65_536))

    def close(self) -> None:
        self._door.close()


def test_a_post_whose_answer_was_lost_is_stored_once(running: Cluster, paper: Paper) -> None:
    """nginx asks the other machine, which finds the key and gives the comment that the first one stored."""
    kiesel, (first, second) = paper.member("kiesel"), running.machines
    headers = {"Authorization": f"Bearer {kiesel.token}", "Content_Type": "application/json"}
    body = json.dumps({"body": "Said once.", "parent_id": None}).encode()
    with contextlib.closing(Deaf(first.web)) as deaf:
        ports = {"web": [deaf.port, second.web], "live": [first.live, second.live]}
        with nginx(running.folder / "nginx-lost", ports) as front:
            path = f"{paper.path('lost')}/comments"
            answers = [ask(front, path, "POST", body, Idempotency_Key=f"key-{n}", **headers) for n in range(4)]
            rename = ask(front, "/api/v1/me", "PATCH", b'{"name": "Kiesel"}', **headers)
            again = ask(front, "/api/v1/me", "PATCH", b'{"name": "Kiesel"}', **headers)
    assert deaf.kept_to_itself and all(b" 201 " in said for said in deaf.kept_to_itself[:-1])
    assert {one.status for one in answers} == {200, 201}
    assert paper.page("lost")["total"] == len(answers)
    refused = [one for one in (rename, again) if one.status == 503]
    assert len(refused) == 1, "what has no key is not sent twice"
    assert json.loads(refused[0].data)["code"] == "unavailable"


class Old(BaseHTTPRequestHandler):
    """A machine that has not been upgraded yet, or already: it has none of the files."""

    def do_GET(self) -> None:
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        pass


def test_during_an_upgrade_files_are_found_at_whichever_machine_has_them(running: Cluster) -> None:
    first, second = running.machines
    files = re.findall(r'"((?:widget|later)-\w+\.js)"', ask(running.nginx, "/embed.js").data.decode())
    assert len(files) == 2
    with ThreadingHTTPServer(("127.0.0.1", 0), Old) as old:
        threading.Thread(target=old.serve_forever).start()
        ports = {"web": [old.server_port, second.web], "live": [first.live, second.live]}
        with nginx(running.folder / "nginx-upgrade", ports) as front:
            statuses = [ask(front, f"/static/{name}").status for name in files]
            missing = ask(front, "/static/widget-0000000000.js").status
        old.shutdown()
    assert (statuses, missing) == ([200, 200], 404)


def test_two_machines(running: Cluster, paper: Paper) -> None:
    findings = Findings()
    rehearse_outage(running, paper, SMALL, findings)
    tell_stories(running, findings, STORY)
    assert not findings.wrong
