"""What was answered with 201 is there afterwards, whatever is killed meanwhile; and the counters are right."""

import os
import secrets
import signal
import subprocess
import sys
import threading
import urllib.error
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.conftest import Environ
from tests.live.conftest import second_process
from tests.live.paper import Member, Paper, over_http
from tests.served import COMMENTS, Served, descendants
from tests.servers import free_port, wait_until

WRITERS, EACH = 4, 40
Serve = Callable[[], Served]


@dataclass
class Writer(threading.Thread):
    """Posts and replies, again with the same key where no answer came, as the widget does."""

    member: Member
    answered: dict[str, tuple[str, str]] = field(default_factory=dict)  # key: (id, text)
    troubles: int = 0

    def __hash__(self) -> int:
        return id(self)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def run(self) -> None:
        parent = None
        for number in range(EACH):
            key, text = secrets.token_hex(8), f"{self.member.sub} writes {number}"
            while key not in self.answered:
                try:
                    answer = self.member.try_to_post("news", text, parent, key)
                except (urllib.error.URLError, HTTPException, ConnectionError):
                    self.troubles += 1
                    continue
                if answer.status in (200, 201):
                    self.answered[key] = (answer.data["id"], text)
                    parent = answer.data["id"] if number % 3 else None
                else:
                    assert answer.status == 503, answer.data
                    self.troubles += 1


def written(writers: list[Writer]) -> int:
    return sum(len(writer.answered) for writer in writers)


@pytest.mark.parametrize("whom", ["the serving process", "everything"])
def test_nothing_that_was_answered_is_lost_by_a_kill(serve: Serve, environ: Environ, tmp_path: Path, whom: str) -> None:
    service = serve()
    with second_process(environ) as database:
        paper = Paper.found(over_http(service.url), database)
        writers = [Writer(paper.member(f"writer-{number}")) for number in range(WRITERS)]
        for writer in writers:
            writer.start()
        for third in (1, 2):
            wait_until(lambda goal=third * WRITERS * EACH // 3: written(writers) > goal, "some comments", 60)  # type: ignore[misc]
            if whom == "everything":
                service.kill()
                service = serve()
            else:
                os.kill(serving_process(service), signal.SIGKILL)
        for writer in writers:
            writer.join(60)
        assert written(writers) == WRITERS * EACH
        assert sum(writer.troubles for writer in writers) > 0, "the kills were felt"
        assert (paper.page("news")["total"], paper.page("news")["seq"]) == (WRITERS * EACH, WRITERS * EACH)
        assert whole_thread(paper) == {entry for writer in writers for entry in writer.answered.values()}
    command, plain = [COMMENTS, "doctor"], {"PATH": os.environ["PATH"]}
    doctor = subprocess.run(command, check=False, cwd=tmp_path, env=plain | environ, capture_output=True, text=True)
    assert (doctor.returncode, "WRONG" in doctor.stdout) == (0, False), doctor.stdout + doctor.stderr


@pytest.fixture
def serve(environ: Environ, tmp_path: Path) -> Iterator[Serve]:
    """Start `comments serve`, always on the same port. gunicorn may tell of the kills, of nothing else."""
    port, log = str(free_port()), tmp_path / "serve.log"
    running: list[Served] = []

    def start() -> Served:
        running.append(Served(["serve"], environ | {"COMMENTS_PORT": port}, f"http://localhost:{port}", log))
        return running[-1].wait_until_ready()

    yield start
    codes = [one.stop() for one in running if one.is_running()]
    print(running[-1].log(), file=sys.stderr)
    assert (codes, [line for line in running[-1].complaints() if "was sent SIGKILL" not in line]) == ([0], [])


def whole_thread(paper: Paper) -> set[tuple[str, str]]:
    """(id, text) of every comment, by pages."""
    found: set[tuple[str, str]] = set()
    cursor = ""
    while cursor is not None:
        page = paper.page("news", limit=50, sort="oldest", cursor=cursor)
        for root in [one for one in page["comments"] if one["parent_id"] is None]:
            replies = paper.call("GET", f"/api/v1/comments/{root['id']}/replies?limit=100").expect(200)["comments"]
            found |= {(one["id"], one["body"][0][1]) for one in (root, *replies)}
        cursor = page["next_cursor"]
    return found


def serving_process(service: Served) -> int:
    """The gunicorn worker: a child of gunicorn, which is a child of the command."""
    for child in descendants(service.pid):
        below = descendants(child)
        if below:
            return below[0]
    raise AssertionError("no serving process")
