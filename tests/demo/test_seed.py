"""What `comments demo` fills the service with, on both engines; and the whole of it as a command."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import argon2
import pytest
import sqlalchemy as sa
from flask import Flask

from comments.core.site import read_stored
from comments.demo.config import PUBLICATIONS, DemoConfig
from comments.demo.readers import READY_MADE
from comments.demo.seed import seed
from comments.demo.tokens import sign
from comments.settings import SettingsError
from comments.storage.queues import count_queues
from comments.storage.sites import find_site, find_user
from comments.storage.tables import articles, comments, follows, journal, members, mutes, notifications, reports, sites
from comments.storage.transaction import Database
from tests.conftest import FakeClock
from tests.importers.conftest import rows_of
from tests.samples.omp_to_archive import ROOT
from tests.served import Served
from tests.servers import free_port, wait_until

SAMPLE = ROOT / "tests" / "samples" / "archive.ndjson"


@pytest.fixture
def database(app: Flask) -> Database:
    found: Database = app.extensions["comments"].database
    return found


@pytest.fixture
def demo(tmp_path: Path) -> DemoConfig:
    return DemoConfig(data_dir=tmp_path / "demo", port=8001, service_url="http://localhost:8000")


def test_the_demo_is_filled_once(database: Database, demo: DemoConfig, clock: FakeClock) -> None:
    accounts = seed(database, demo)
    rows = rows_of(database, comments)
    published = [row for row in rows if row.status == "published"]
    assert len(rows) > 100
    assert sum(row.status == "withdrawn" and row.visible_children > 0 for row in rows) == 1
    assert max(row.created_at for row in published if row.archive_key) == clock() - 12 * 60 * 1_000_000
    assert max(row.depth for row in rows) >= 3
    assert Counter(row.status for row in rows if row.status not in ("published", "withdrawn")) == {
        "waiting": 5,
        "rejected": 1,
    }
    with database.read() as conn:
        gazette, magazine = find_site(conn, "gazette"), find_site(conn, "magazine")
        assert gazette is not None
        assert magazine is not None
        assert count_queues(conn, gazette.id, None) == {"waiting": 5, "reported": 1, "new": 5, "appeals": 1}
        for account in accounts:
            user = find_user(conn, email=account.email)
            assert user.role == account.role
            assert argon2.PasswordHasher().verify(user.password_hash, account.password)
    assert (gazette.issuer, gazette.origins) == ("http://gazette.localhost:8001", ("http://gazette.localhost:8001",))

    before = [rows_of(database, table) for table in (sites, comments, members, reports, journal)]
    clock.forward(3600)
    assert seed(database, demo) == accounts
    assert [rows_of(database, table) for table in (sites, comments, members, reports, journal)] == before


def test_readers_find_what_the_page_promises(database: Database, demo: DemoConfig, clock: FakeClock) -> None:
    seed(database, demo)
    assert {row.key: read_stored(row.settings).read for row in rows_of(database, sites)} == {
        "gazette": "everyone",
        "magazine": "everyone",
        "letter": "subscribers",
    }
    by_id = {row.id: row for row in rows_of(database, comments)}
    questions = [row for row in by_id.values() if row.question]
    assert len(questions) == 3
    answers = [by_id[row.answer_id] for row in questions if row.answer_id is not None]
    assert [(row.by_author, row.parent_id is not None) for row in answers] == [(True, True)] * 2
    assert sum(row.picked_at is not None for row in by_id.values()) == 10
    people = Counter(
        "banned" if row.banned_at else "suspended" if row.suspended_until else "warned" if row.unseen_warnings else ""
        for row in rows_of(database, members)
    )
    assert (people["banned"], people["suspended"], people["warned"]) == (3, 3, 3)
    modes = {row.key: row.mode for row in rows_of(database, articles) if row.mode != "open"}
    assert modes == {"repair-saturday": "closed", "harbour-fees": "premoderated"}
    closing = {row.key: row.closes_at for row in rows_of(database, articles) if row.closes_at is not None}
    assert closing == {"ferry-name": clock() + 3 * 86_400 * 1_000_000}
    assert (len(rows_of(database, mutes)), len(rows_of(database, follows))) == (1, 1)
    kiesels = {row.id for row in rows_of(database, members) if row.name == "kiesel"}
    told = sorted(row.kind for row in rows_of(database, notifications) if row.member_id in kiesels)
    assert told == ["answered", "picked", "rejected", "reply"]
    assert [row.text.split()[0] for row in by_id.values() if '["mention",' in row.tree] == ["@kiesel"]


def test_a_demo_of_another_address_is_not_touched(database: Database, demo: DemoConfig, tmp_path: Path) -> None:
    seed(database, demo)
    for other in (
        DemoConfig(data_dir=demo.data_dir, port=9001, service_url=demo.service_url),
        DemoConfig(data_dir=tmp_path / "elsewhere", port=8001, service_url=demo.service_url),
    ):
        with pytest.raises(SettingsError, match=r"gazette\.localhost:8001"):
            seed(database, other)


def test_an_archive_fills_the_gazette_instead(database: Database, demo: DemoConfig) -> None:
    archive = DemoConfig(data_dir=demo.data_dir, port=8001, service_url=demo.service_url, archive=SAMPLE)
    for _ in range(2):
        seed(database, archive)
        with database.read() as conn:
            query = sa.select(sa.func.count()).where(comments.c.archive_key.like("demo:night-trams:%"))
            assert conn.execute(query).scalar_one() == 0
            assert conn.execute(query.where(sa.false()).union_all(sa.select(comments.c.id)).limit(1)).first()
        listed = json.loads(archive.archive_list.read_text())
        assert [one["id"] for one in listed] == ["harbour", "other"]
        assert [one["title"] for one in listed] == ["The harbour bridge opens", "Other"]


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def call(url: str, body: Any = None, token: str | None = None, origin: str | None = None) -> tuple[int, Any]:
    """One request with JSON in and out: (status, answer)."""
    headers = {"Content-Type": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    if origin is not None:
        headers["Origin"] = origin
    request = urllib.request.Request(url, None if body is None else json.dumps(body).encode(), headers)
    try:
        answer: HTTPResponse = urllib.request.urlopen(request, timeout=10)
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())
    with answer:
        text = answer.read()
        return answer.status, json.loads(text) if text.startswith(b"{") else text.decode()


def test_a_cancelled_subscription_counts_at_once(served: Callable[..., Served], tmp_path: Path) -> None:
    """The real command: both publications' readers are let in, and who cancels is out of the comments at once."""
    port = free_port()
    command = served("demo", DEMO_PORT=str(port))
    assert "admin@example.com" in command.log()
    wait_until(lambda: answers(f"http://localhost:{port}/healthz"), "the newspaper answers", 20)
    demo = DemoConfig(data_dir=tmp_path / "data" / "demo", port=port, service_url=command.url)
    for publication in PUBLICATIONS:
        origin = demo.origin(publication)
        token = sign(demo, publication, READY_MADE[0], time.time())
        status, session = call(
            f"{command.url}/api/v1/session", {"site": publication.key, "token": token}, origin=origin
        )
        assert (status, session["viewer"]["state"], session["viewer"]["can"]["write"]) == (200, "active", True)

        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        headers = {"Origin": origin, "Host": origin.removeprefix("http://")}  # not every machine resolves *.localhost
        page = ""
        for path, form in (("/login", {"sub": READY_MADE[0].sub}), ("/subscription", {"plan": "cancelled"})):
            posted = urllib.parse.urlencode(form).encode()
            request = urllib.request.Request(f"http://localhost:{port}{path}", posted, headers)
            with opener.open(request, timeout=10) as answer:
                page = answer.read().decode()
        assert "Your subscription has ended" in page

        article = f"{command.url}/api/v1/sites/{publication.key}/articles/x/mine"
        status, problem = call(article, token=session["access_token"], origin=origin)
        assert (status, problem["code"]) == (401, "token_revoked")
