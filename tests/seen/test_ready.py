"""/readyz tells the truth in time: of a database that hangs, is full, read-only, too old, or gone; strangers learn no
more than whether.
"""

import contextlib
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask

from comments.app import create_app
from comments.settings import read_settings
from comments.storage import probe as module
from tests.gazette import good, refused
from tests.seen.test_metrics import OPERATOR, TOKEN
from tests.served import Served, descendants
from tests.servers import Run, free_port, wait_until


@pytest.mark.environ(COMMENTS_METRICS_TOKEN=TOKEN)
def test_strangers_learn_whether_and_operators_why(app: Flask) -> None:
    client = app.test_client()
    answer = client.get("/readyz")
    assert good(answer) == {"status": "ready", "role": "all"} and answer.headers["Cache-Control"] == "no-store"
    assert set(good(client.get("/readyz", headers=OPERATOR))) == {"status", "role", "schema", "processes"}
    app.config["ENDING"] = True
    assert "about to end" in refused(client.get("/readyz"), 503, "unavailable")["detail"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.environ(COMMENTS_METRICS_TOKEN=TOKEN)
def test_a_full_disk(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEAST_FREE", 1 << 62)
    told = refused(app.test_client().get("/readyz", headers=OPERATOR), 503, "unavailable")
    assert told["detail"] == "The disk with the database is full."
    assert refused(app.test_client().get("/readyz"), 503)["detail"] == "The service is not ready."


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.environ(COMMENTS_METRICS_TOKEN=TOKEN)
def test_a_database_that_takes_no_writing(app: Flask, database_url: str) -> None:
    """As a server is that follows another, or was made read-only by hand."""
    with psycopg.connect(database_url, autocommit=True) as admin:
        name = admin.info.dbname
        admin.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on".encode())
    told = refused(app.test_client().get("/readyz", headers=OPERATOR), 503, "unavailable")
    assert told["detail"] == "The database takes no writing."


@pytest.fixture
def frozen(run: Run, worker_id: str, tmp_path: Path) -> Iterator[tuple[str, Callable[[int], None]]]:
    """A PostgreSQL of this test's own, and what sends a signal to all of its processes."""
    url = run.server("postgresql", f"frozen-{worker_id}")["url"]
    with psycopg.connect(f"{url}/postgres", autocommit=True) as admin:
        folder = admin.execute("SHOW data_directory").fetchone()
        admin.execute("CREATE DATABASE frozen")
    assert folder is not None
    pid = int((Path(folder[0]) / "postmaster.pid").read_text().split()[0])

    def send(number: int) -> None:
        for one in [pid, *descendants(pid)]:
            with contextlib.suppress(ProcessLookupError):  # a connection that has just ended
                os.kill(one, number)

    yield f"{url}/frozen", send
    send(signal.SIGCONT)


def ready(url: str) -> tuple[int, float]:
    """(status, seconds)"""
    began = time.monotonic()
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=30) as answer:
            return answer.status, time.monotonic() - began
    except urllib.error.HTTPError as error:
        with error:
            return error.code, time.monotonic() - began


def test_a_database_that_hangs(frozen: tuple[str, Callable[[int], None]], tmp_path: Path) -> None:
    """Frozen, it takes connections and says nothing; the answer comes within two seconds, every time, and when the
    database goes on the service is ready again by itself.
    """
    free = free_port()
    url, send = frozen
    environ = {"COMMENTS_DATABASE_URL": url, "COMMENTS_DATA_DIR": str(tmp_path), "COMMENTS_PORT": str(free),
               "COMMENTS_METRICS_TOKEN": TOKEN}  # fmt: skip
    service = Served(["serve"], environ, f"http://localhost:{free}", tmp_path / "log")
    try:
        service.wait_until_ready()
        send(signal.SIGSTOP)
        time.sleep(module.SECONDS / 4)  # longer than an answer is good for
        answers = [ready(service.url) for _ in range(4)]
        assert [status for status, _ in answers] == [503] * 4
        assert max(seconds for _, seconds in answers) < 5, "two seconds, and the machine's own"
        with urllib.request.urlopen(f"{service.url}/healthz", timeout=5) as alive:
            assert alive.status == 200
        send(signal.SIGCONT)
        wait_until(lambda: ready(service.url)[0] == 200, "ready again", 20)
        assert service.stop() == 0
    finally:
        send(signal.SIGCONT)
        service.kill()


def test_no_place_in_the_pool_is_taken(app: Flask) -> None:
    """It answers while all connections of the pool are in use, and leaves none open behind it."""
    engine = app.extensions["comments"].database.engine
    before = engine.pool.checkedin() + engine.pool.checkedout()
    assert app.test_client().get("/readyz").status_code == 200
    assert engine.pool.checkedin() + engine.pool.checkedout() == before


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    url = f"postgresql://u:pass@127.0.0.1:{free_port()}/x"
    app = create_app(read_settings({"COMMENTS_DATABASE_URL": url, "COMMENTS_DATA_DIR": str(tmp_path)}))
    told = refused(app.test_client().get("/readyz"), 503, "unavailable")
    assert told["detail"] == "The service is not ready."
    app.extensions["comments"].database.engine.dispose()
