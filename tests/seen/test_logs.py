"""A canary in every field that says something of somebody, through a whole story with its errors: the logs of every
process hold 0 bytes of it. And what a line does say.
"""

import json
import logging
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from comments.app import create_app
from comments.seen.logs import Line, plainly
from comments.settings import LogFormat, read_settings
from comments.storage.jobs import Job, add_jobs
from comments.storage.transaction import Database
from tests.gazette import API, Gazette
from tests.live.paper import HELD, Paper, over_http
from tests.served import Served
from tests.servers import free_port, wait_until

CANARY = "canary7f3a"
UUID = "5d1f0c66-0000-4000-8000-0123456789ab"
FORMATS: tuple[LogFormat, ...] = ("text", "json")


@pytest.fixture
def database(environ: dict[str, str]) -> Iterator[Database]:
    app = create_app(read_settings(environ))
    yield app.extensions["comments"].database
    app.extensions["comments"].database.engine.dispose()


@pytest.fixture(params=FORMATS)
def service(request: pytest.FixtureRequest, environ: dict[str, str], tmp_path: Path) -> Iterator[Served]:
    """Not the fixture `served`: this story has errors, on purpose."""
    port = str(free_port())
    chosen = {"COMMENTS_LOG_FORMAT": request.param, "COMMENTS_LOG_LEVEL": "debug", "COMMENTS_PORT": port}
    chosen |= {"COMMENTS_TRUSTED_PROXIES": "127.0.0.1,::1"}
    started = Served(["serve"], environ | chosen, f"http://localhost:{port}", tmp_path / "log")
    try:
        yield started.wait_until_ready()
        assert started.stop() == 0
    finally:
        started.kill()


def raw(port: int, data: bytes) -> bytes:
    with socket.create_connection(("localhost", port), 5) as line:
        line.sendall(data)
        line.settimeout(5)
        return line.recv(65_536)


def break_and_mend(database: Database, table: str) -> Callable[[], None]:
    """Take a table away under the service; what gives it back."""

    def rename(before: str, after: str) -> bool:
        try:
            with database.engine.begin() as conn:
                conn.execute(sa.text(f"ALTER TABLE {before} RENAME TO {after}"))
        except sa.exc.OperationalError:  # the service has SQLite's lock
            return False
        return True

    wait_until(lambda: rename(table, f"{table}_away"), "the table is away")
    return lambda: wait_until(lambda: rename(f"{table}_away", table), "the table is back") and None


def test_nobody_is_in_the_logs(service: Served, database: Database) -> None:
    paper = Paper.found(over_http(service.url), database)
    headers = {"User-Agent": f"{CANARY}-agent", "X-Forwarded-For": "203.0.113.77", "Cookie": f"a={CANARY}-cookie"}
    member = paper.member(f"{CANARY}-sub", name=f"{CANARY} name")
    article = f"https-{CANARY}-article"
    said = member.call("POST", f"{paper.path(article)}/comments", {"body": f"{CANARY}-text", "parent_id": None},
                       **headers, **{"Idempotency-Key": f"{CANARY}-key", "X-Request-Id": UUID}).expect(201)  # fmt: skip
    member.report(said["id"])
    member.post(article, f"{HELD} {CANARY}-held")
    member.rename(f"{CANARY} other")
    paper.call("GET", f"{paper.path(article)}/comments?{CANARY}=query", **headers)
    paper.call("GET", f"/api/v1/sites/{CANARY}/articles/1/comments?limit=1", **headers)
    paper.call("GET", f"/api/v1/nothing/{CANARY}%0aINFO%1b[31mforged", **headers)
    paper.call("GET", "/api/v1/me/notifications", Authorization=f"Bearer {CANARY}-token", **headers)
    paper.call("POST", "/api/v1/console/session", {"email": f"{CANARY}@mail.example", "password": f"{CANARY}-password"})
    paper.call("POST", "/api/v1/session", {"site": paper.key, "token": f"{CANARY}.{CANARY}.{CANARY}"})
    port = int(service.url.rpartition(":")[2])
    raw(port, f"GET /{CANARY} HTTP/9.9\r\n\r\n".encode())
    raw(port, f"{CANARY}\x1b[31m\r\nINFO forged\r\n\r\n".encode())
    mend = break_and_mend(database, "comments")
    member.try_to_post(article, f"{CANARY}-lost").expect(500, 503)
    over_http(service.url)("GET", f"{paper.path(f'{CANARY}-new')}/comments?limit=3", {}, None).expect(500, 503)
    with database.transaction() as tx:
        add_jobs(tx.conn, [Job("rename", {"member": [CANARY]})], tx.now)
    wait_until(lambda: "(rename) failed" in service.log(), "the errors, of requests and of jobs", 20)
    mend()
    log = service.log()
    for secret in (CANARY, CANARY.upper(), "203.0.113.77", member.token, "mail.example", "forged", "\x1b"):
        assert secret not in log, [line for line in log.splitlines() if secret in line]
    assert UUID in log and "Traceback" not in log
    assert log.count(UUID) >= 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("service", ["json"], indirect=True)
def test_a_line_of_a_request_and_of_what_it_planned(service: Served, database: Database) -> None:
    paper = Paper.found(over_http(service.url), database)
    member = paper.member("kiesel")
    own = {"X-Request-Id": UUID, "Idempotency-Key": "one"}
    posted = member.call("POST", f"{paper.path('1')}/comments", {"body": "hello", "parent_id": None}, **own)
    assert posted.headers["X-Request-Id"] == UUID
    again = UUID.replace("5", "6", 1)
    renamed = member.call("PATCH", "/api/v1/me", {"name": "Kiesel am Bach"}, **{"X-Request-Id": again})
    assert renamed.headers["X-Request-Id"] == again
    for bad in ("short", "Kiesel am Bach", f"{UUID}'; DROP", "a" * 37):
        assert paper.call("GET", "/healthz", **{"X-Request-Id": bad}).headers["X-Request-Id"] != bad
    wait_until(lambda: '"job": "rename"' in service.log(), "the job's line", 20)
    lines = [json.loads(line) for line in service.log().splitlines()]
    line = next(line for line in lines if line.get("request") == UUID and "status" in line)
    assert {name: line[name] for name in ("level", "method", "endpoint", "status", "site")} == {
        "level": "INFO", "method": "POST", "status": 201, "site": paper.key,
        "endpoint": f"{API}/sites/<site>/articles/<article:article>/comments",
    }  # fmt: skip
    assert line["ms"] > 0 and line["bytes"] > 100 and line["time"].endswith("Z")
    jobs = [line for line in lines if line.get("job") == "rename"]
    assert [line["request"] for line in jobs] == [again]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_stranger_gives_no_ids(paper: Gazette) -> None:
    """Only proxies that the operator named do."""
    assert paper.call("GET", "/openapi.json", X_Request_Id=UUID).headers["X-Request-Id"] != UUID


def formatted(log_format: LogFormat, message: str, *arguments: Any, error: BaseException | None = None) -> str:
    about = (type(error), error, error.__traceback__) if error is not None else None
    record = logging.LogRecord("comments.test", logging.INFO, "f.py", 1, message, arguments, about)
    return Line(log_format == "json").format(record)


@pytest.mark.parametrize("log_format", FORMATS)
def test_nobody_begins_a_line(log_format: LogFormat) -> None:
    told = formatted(log_format, "%s", "one\nERROR two\r\x1b[31m\u2028\u202ethree\x85\udcff")
    assert len(told.splitlines()) == 1 and told.isprintable()
    assert "x" * 2001 not in formatted(log_format, "%s", "x" * 50_000)


@pytest.mark.parametrize("log_format", FORMATS)
def test_an_exception_says_where_and_not_what(log_format: LogFormat) -> None:
    try:
        try:
            int(CANARY)
        except ValueError as error:
            raise KeyError(f"{CANARY}\n{CANARY}") from error
    except KeyError as error:
        told = formatted(log_format, "it failed: %s", error, error=error)
    assert CANARY not in told
    assert "ValueError" in told and "KeyError" in told and "test_logs.py" in told
    if log_format == "json":
        assert len(told.splitlines()) == 1 and json.loads(told)["trace"][-1] == "KeyError"
    else:
        assert all(line.startswith("    ") for line in told.splitlines()[1:])


def test_what_machines_say_is_kept() -> None:
    assert plainly(OSError(28, os.strerror(28))) == f"OSError: [Errno 28] {os.strerror(28)}"
    assert plainly(ValueError(CANARY)) == "ValueError"
