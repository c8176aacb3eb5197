"""Snapshots: the bytes are the application's own, one rebuild however many wait, and no write is ever hidden."""

import gzip
import threading
from typing import Any

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient

from comments.actions.members import Access
from comments.actions.sites import NewSite, configure_site, create_site
from comments.actions.threads import NewComment, post_comment, withdraw_comment
from comments.app import create_app
from comments.core.markup import render
from comments.http import snapshots as module
from comments.settings import Settings
from comments.storage.comments import insert_member
from comments.storage.members import find_member
from comments.storage.sites import find_site

PAGE = "/api/v1/sites/gazette/articles/a1/comments"


class Publisher:
    """A site with one subscriber, written to through the real actions."""

    def __init__(self, app: Flask, clock: Any) -> None:
        self.database = app.extensions["comments"].database
        self.clock = clock
        with self.database.transaction() as tx:
            new = NewSite(
                key="gazette", name="Gazette", issuer="https://gazette.example", origins=("https://gazette.example",)
            )
            create_site(tx, new)
            site = find_site(tx.conn, "gazette")
            assert site is not None
            configure_site(tx, site, {"write": "registered", "pace_seconds": 0})
            insert_member(tx.conn, site_id=site.id, sub="1", name="kiesel", created_at=tx.now)
            member = find_member(tx.conn, site.id, "1")
            site = find_site(tx.conn, "gazette")
        assert site is not None
        self.site = site
        self.access = Access(self.site.id, member.id, 0, 2**62)
        self.posted = 0

    def post(self, text: str, article: str = "a1") -> int:
        self.clock.forward(10)
        self.posted += 1
        with self.database.transaction() as tx:
            new = NewComment(article_key=article, parent_id=None, key=str(self.posted))
            return post_comment(tx, self.site, self.access, new, render(text))[0]

    def withdraw(self, comment_id: int) -> None:
        with self.database.transaction() as tx:
            withdraw_comment(tx, self.access, comment_id)

    def configure(self, **change: Any) -> None:
        with self.database.transaction() as tx:
            configure_site(tx, self.site, change)


@pytest.fixture
def publisher(app: Flask, clock: Any) -> Publisher:
    return Publisher(app, clock)


def texts(client: FlaskClient, query: str = "") -> list[str]:
    answer = client.get(PAGE + query)
    assert answer.status_code == 200
    return [comment["body"][0][1] for comment in answer.json["comments"]]


def test_gives_the_bytes_of_the_application_in_every_encoding(
    app: Flask, client: FlaskClient, publisher: Publisher
) -> None:
    for number in range(8):
        publisher.post(f"A comment with some words, number {number}")
    plain = client.get(PAGE + "?limit=25").data  # a query that snapshots do not know: straight from the application
    assert client.get(PAGE).data == plain
    packed = client.get(PAGE, headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "br" and brotli.decompress(packed.data) == plain
    packed = client.get(PAGE, headers={"Accept-Encoding": "gzip, br;q=0"})
    assert packed.headers["Content-Encoding"] == "gzip" and gzip.decompress(packed.data) == plain
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert "Cookie" not in packed.headers["Vary"]
    assert app.extensions["comments_snapshots"].rebuilt == 1


def test_knows_what_a_browser_has(client: FlaskClient, publisher: Publisher) -> None:
    publisher.post("one")
    tag = client.get(PAGE).headers["ETag"]
    again = client.get(PAGE, headers={"If-None-Match": tag})
    assert again.status_code == 304 and again.data == b"" and again.headers["ETag"] == tag
    publisher.post("two")
    assert client.get(PAGE, headers={"If-None-Match": tag}).status_code == 200


def test_a_change_shows_at_once(client: FlaskClient, publisher: Publisher) -> None:
    assert texts(client) == []
    first = publisher.post("one")
    assert texts(client) == ["one"]
    publisher.post("elsewhere", article="a2")
    assert texts(client) == ["one"]
    publisher.post("two")
    assert texts(client) == ["two", "one"] and texts(client, "?sort=oldest") == ["one", "two"]
    publisher.withdraw(first)
    assert texts(client) == ["two"]


def test_another_process_changes_it(
    client: FlaskClient, publisher: Publisher, settings: Settings, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.post("one")
    assert texts(client) == ["one"]
    other = create_app(settings, clock=clock)
    publisher.database = other.extensions["comments"].database
    publisher.post("two")
    monkeypatch.setattr(module, "STALE", -1.0)
    assert texts(client) == ["two", "one"]
    publisher.database.engine.dispose()


def test_a_write_during_the_rebuild_is_not_hidden(app: Flask, client: FlaskClient, publisher: Publisher) -> None:
    publisher.post("one")
    pages = app.extensions["comments_snapshots"]

    def make() -> bytes:
        publisher.post("two")  # committed after the rows were read
        return b'{"old": true}' + b" " * 1000

    assert pages.find(("gazette", "a1", "newest"), make).bodies["identity"].startswith(b'{"old"')
    assert texts(client) == ["two", "one"]


def test_one_rebuild_for_all_that_wait(app: Flask, publisher: Publisher) -> None:
    publisher.post("one")
    pages = app.extensions["comments_snapshots"]
    begun, go_on = threading.Event(), threading.Event()
    got: list[bytes] = []

    def make() -> bytes:
        begun.set()
        assert go_on.wait(10)
        return b"{}"

    def ask() -> None:
        got.append(pages.find(("gazette", "a1", "newest"), make).bodies["identity"])

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    assert begun.wait(10)
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert got == [b"{}"] * 20
    assert pages.rebuilt == 1


def test_keeps_within_its_budget(
    app: Flask, client: FlaskClient, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUDGET", 4000)
    for number in range(10):
        publisher.post("a text of some length " * 5, article=f"b{number}")
        publisher.clock.forward(100_000)
        assert client.get(f"/api/v1/sites/gazette/articles/b{number}/comments").status_code == 200
    pages = app.extensions["comments_snapshots"]
    kept = list(pages._kept.values())
    assert 0 < pages._size <= 4000 and pages._size == sum(one.size for one in kept)


def test_what_is_not_for_everybody_is_not_kept(app: Flask, client: FlaskClient, publisher: Publisher) -> None:
    publisher.post("one")
    assert client.get(PAGE).status_code == 200
    publisher.configure(read="subscribers")
    app.extensions["comments_snapshots"]._kept.clear()
    refused = client.get(PAGE)
    assert refused.status_code == 401 and refused.headers["Cache-Control"] == "no-store"
    assert not app.extensions["comments_snapshots"]._kept


@pytest.mark.parametrize("query", ["?cursor=x", "?limit=1000", "?sort=best", "?sort=newest&sort=oldest&limit=0"])
def test_nonsense_is_refused_as_ever(client: FlaskClient, publisher: Publisher, query: str) -> None:
    assert client.get(PAGE + query).status_code == 400


def test_unknown_sites_are_not_found(client: FlaskClient, publisher: Publisher) -> None:
    assert client.get("/api/v1/sites/nowhere/articles/a1/comments").status_code == 404
