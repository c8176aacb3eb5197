"""Whether it lives and is ready, and what it answers while the database is away or busy."""

import logging
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from comments.app import create_app
from comments.settings import read_settings
from tests.conftest import FakeClock
from tests.gazette import API, Gazette, good, refused
from tests.servers import free_port, wait_until


def test_alive_and_ready(app: Flask) -> None:
    client = app.test_client()
    assert good(client.get("/healthz")) == {"status": "ok", "role": "all"}
    assert good(client.get("/readyz")) == {"status": "ready", "role": "all"}


@pytest.fixture(params=["postgresql://u:p@127.0.0.1:{port}/x", "sqlite:////proc/no/such.db"])
def homeless(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> Iterator[Flask]:
    """An application whose database does not answer."""
    url = request.param.format(port=free_port())
    app = create_app(read_settings({"COMMENTS_DATABASE_URL": url, "COMMENTS_DATA_DIR": str(tmp_path)}), clock=clock)
    yield app
    app.extensions["comments"].database.engine.dispose()


def test_without_a_database(homeless: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """503 and when to come back, in the shape of every other problem; alive all the same."""
    client = homeless.test_client()
    with caplog.at_level(logging.CRITICAL):
        good(client.get("/healthz"))
        for method, path, body in (
            ("GET", "/readyz", None), ("GET", f"{API}/sites/gazette/articles/1/comments", None),
            ("GET", f"{API}/sites/gazette/articles/1/comments?limit=3", None),
            ("GET", f"{API}/comments/1/context", None), ("GET", f"{API}/sites/gazette/counts?article=1", None),
            ("POST", f"{API}/session", {"site": "gazette", "token": "x"}),
            ("POST", f"{API}/console/session", {"email": "a@b.example", "password": "x"}),
        ):  # fmt: skip
            answer = client.open(path, method=method, json=body)
            problem = refused(answer, 503, "unavailable")
            assert int(answer.headers["Retry-After"]) == problem["retry_after"] > 0
            assert "sql" not in problem["detail"].lower() and "127.0.0.1" not in problem["detail"]


def test_a_database_that_was_never_migrated(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = read_settings({"COMMENTS_DATA_DIR": str(tmp_path)})
    app = create_app(settings)
    with caplog.at_level(logging.CRITICAL):
        problem = refused(app.test_client().get("/readyz"), 503, "unavailable")
        assert "no tables" in problem["detail"]
        refused(app.test_client().get(f"{API}/sites/gazette/articles/1/comments"), 503, "unavailable")
    app.extensions["comments"].database.engine.dispose()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_another_process_writes(paper: Gazette, database_url: str) -> None:
    """On SQLite one process writes at a time: ours waits for its turn, and reads go on meanwhile."""
    kiesel = paper.reader()
    kiesel.post("one")
    other = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    posted: list[str] = []
    writing = threading.Thread(target=lambda: posted.append(kiesel.post("two")["id"]))
    writing.start()
    wait_until(paper.database._one_writer.locked, "the writer at the lock")
    assert (paper.page()["total"], posted) == (1, [])
    other.execute("COMMIT")
    writing.join()
    other.close()
    assert (len(posted), paper.page()["total"]) == (1, 2)


def test_the_console_page(app: Flask) -> None:
    """Strict by itself: own scripts alone, framed by nobody; without built bundles it says so."""
    answer = app.test_client().get("/console/gazette/waiting")
    if answer.status_code == 503:
        assert "not built" in refused(answer, 503)["detail"]
        return
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'" and policy["script-src"].endswith(" 'strict-dynamic'")
    assert policy["script-src"].startswith("'nonce-") and policy["style-src"].startswith("'nonce-")
    assert (policy["frame-ancestors"], policy["base-uri"], policy["form-action"]) == ("'none'",) * 3
    assert (policy["require-trusted-types-for"], policy["trusted-types"]) == ("'script'", "'none'")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    page = answer.get_data(as_text=True)
    assert "<script>" not in page and "style=" not in page and "onload" not in page
