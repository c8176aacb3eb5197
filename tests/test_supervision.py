"""`comments serve` watches over its processes: what dies is started again, a reload and a stop lose no request."""

import contextlib
import os
import signal
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.served import Served, descendants
from tests.servers import wait_until

Serve = Callable[..., Served]
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def arguments(pid: int) -> str:
    with contextlib.suppress(OSError), Path(f"/proc/{pid}/cmdline").open("rb") as file:
        return file.read().replace(b"\0", b" ").decode()
    return ""


def running(service: Served, what: str) -> list[int]:
    """The processes of the service with this in their command."""
    return [pid for pid in descendants(service.pid) if what in arguments(pid)]


def test_what_dies_is_started_again(serve: Serve) -> None:
    """The arbiter of those that serve, with all of them, and the worker for jobs; the port stays open meanwhile."""
    service = serve()
    wait_until(lambda: running(service, "comments.cli worker"), "the worker for jobs")
    for what in ("comments.serving", "comments.cli worker"):
        died = running(service, what)
        for pid in died:
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda what=what, died=died: {*running(service, what)} - {*died}, f"a new {what}", 30)  # type: ignore[misc]
    with urllib.request.urlopen(f"{service.url}/readyz", timeout=30) as answer:
        assert answer.status == 200
    assert len([line for line in service.log().splitlines() if "is started again" in line]) == 2


def test_a_reload_renews_every_process_and_loses_no_request(serve: Serve) -> None:
    service = serve()
    wait_until(lambda: running(service, "comments.cli worker"), "the worker for jobs")
    before = descendants(service.pid)
    with asking(service.url) as heard:
        os.kill(service.pid, signal.SIGHUP)
        wait_until(lambda: not {*before} & {*descendants(service.pid)}, "the old processes to end", 30)
        wait_until(lambda: running(service, "comments.cli worker"), "a new worker for jobs")
    assert set(heard) == {"200"}
    assert service.stop() == 0
    assert service.complaints() == []


def test_a_stop_finishes_what_is_in_flight(serve: Serve) -> None:
    """A request whose body is still coming is answered; new connections are refused meanwhile."""
    service = serve()
    address = urlsplit(service.url)
    with socket.create_connection(("127.0.0.1", address.port or 0), timeout=20) as line:
        line.sendall(b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n")
        line.sendall(b'Content-Length: 24\r\n\r\n{"site":"x",')
        _ask_once(service.url)  # the line was taken before this one
        os.kill(service.pid, signal.SIGTERM)
        wait_until(lambda: _ask_once(service.url) == "refused", "the port to be closed")
        line.sendall(b'"token":"y"}')
        assert line.recv(1000).startswith(b"HTTP/1.1 404")
    assert service.stop() == 0


@contextlib.contextmanager
def asking(url: str) -> Iterator[list[str]]:
    """One request after the other, each on a connection of its own, until the block ends; what came of each."""
    heard: list[str] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            heard.append(_ask_once(url))

    asker = threading.Thread(target=ask)
    asker.start()
    try:
        yield heard
    finally:
        done.set()
        asker.join()


def _ask_once(url: str) -> str:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=20) as answer:
            return str(answer.status)
    except urllib.error.URLError as error:
        return "refused" if isinstance(error.reason, ConnectionRefusedError) else repr(error)
    except (OSError, HTTPException) as error:
        return repr(error)


@pytest.fixture
def serve(served: Serve) -> Iterator[Serve]:
    """As `served`, for tests that kill: what the log says of that is no complaint."""
    running: list[Served] = []

    def start() -> Served:
        running.append(served())
        return running[-1]

    yield start
    for service in running:
        if service.is_running():
            assert service.stop() == 0
        said = ("is started again", "was sent SIGKILL")
        assert [line for line in service.complaints() if not any(one in line for one in said)] == []
        service.complaints = list  # type: ignore[method-assign]
