"""Snapshots: the bytes are the application's own, one rebuild however many wait, and no write is ever hidden."""

import asyncio
import gc
import gzip
import json
import threading
import time
import tracemalloc
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import brotli
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from comments.actions.members import Access, acting_writer
from comments.actions.sites import NewSite, create_site
from comments.actions.threads import NewComment, post_comment, withdraw_comment
from comments.app import create_app
from comments.core.markup import render
from comments.http import snapshots as module
from comments.http.prepared import _question, encoding_for
from comments.http.reading import MOST_COUNTS
from comments.settings import Settings
from comments.storage.comments import insert_member
from comments.storage.members import find_member
from comments.storage.sites import find_site
from comments.storage.tables import sites
from comments.storage.transaction import system_clock
from tests.configuring import configure
from tests.conftest import FakeClock
from tests.gazette import Gazette, good, refused
from tests.http.test_moments import before_statement
from tests.served import Served
from tests.servers import wait_until

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
            configure(tx, site, {"write": "registered", "pace_seconds": 0, "repeat_hours": 0})
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
            return post_comment(tx, acting_writer(tx, self.access), new, render(text))[0]

    def withdraw(self, comment_id: int) -> None:
        with self.database.transaction() as tx:
            withdraw_comment(tx, self.access, comment_id)

    def configure(self, **change: Any) -> None:
        with self.database.transaction() as tx:
            configure(tx, self.site, change)


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


def ask(client: FlaskClient, path: str, **headers: str) -> Any:
    return client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_another_process_changes_it(
    client: FlaskClient, publisher: Publisher, settings: Settings, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without any channel: nothing that was compared longer ago than STALE is given."""
    counts = "/api/v1/sites/gazette/counts?article=a1&article=a2"
    publisher.post("one")
    assert texts(client) == ["one"] and client.get(counts).json["counts"] == {"a1": 1, "a2": 0}
    other = create_app(settings, clock=clock)
    publisher.database = other.extensions["comments"].database
    publisher.post("two")
    publisher.post("first", article="a2")
    monkeypatch.setattr(module, "RECHECK", -1.0)
    assert texts(client) == ["two", "one"] and client.get(counts).json["counts"] == {"a1": 2, "a2": 1}
    publisher.configure(max_depth=1)
    assert client.get(PAGE).json["site"]["max_depth"] == 1
    publisher.database.engine.dispose()


def test_what_stands_is_compared_not_made(app: Flask, client: FlaskClient, publisher: Publisher) -> None:
    publisher.post("one")
    pages = app.extensions["comments_snapshots"]
    for path in (PAGE, PAGE.replace("a1", "a2"), "/api/v1/sites/gazette/counts?article=a1"):
        assert client.get(path).status_code == 200
    made = pages.rebuilt
    for snapshot in pages._kept.values():
        snapshot.checked -= module.STALE
    for path in (PAGE, PAGE.replace("a1", "a2"), "/api/v1/sites/gazette/counts?article=a1"):
        assert client.get(path).status_code == 200
    assert pages.rebuilt == made
    assert all(time.monotonic() - snapshot.checked < module.STALE for snapshot in pages._kept.values())


def test_hints_of_what_is_shown_already_change_nothing(app: Flask, client: FlaskClient, publisher: Publisher) -> None:
    publisher.post("one")
    assert texts(client) == ["one"]
    pages = app.extensions["comments_snapshots"]
    made = pages.rebuilt
    pages.outdate({1: (0, 1)})
    assert texts(client) == ["one"] and pages.rebuilt == made


def past_snapshots(path: str) -> str:
    """The same question with more separators than prepared bytes are looked up for: the application answers it."""
    address, _, query = (path + ("&" if "?" in path else "?") + "&" * MOST_COUNTS).partition("?")
    assert _question({"REQUEST_METHOD": "GET", "PATH_INFO": address, "QUERY_STRING": query}, "") is None
    return f"{address}?{query}"


COUNTS = "/api/v1/sites/gazette/counts?article="
CHANGES: dict[str, tuple[str, str, Callable[[Publisher, str], Any]]] = {
    "a thread": (PAGE, "a1", lambda publisher, article: publisher.post("new", article)),
    "nobody has written yet": (PAGE, "n{}", lambda publisher, article: publisher.post("new", article)),
    "the site's settings": (PAGE, "a1", lambda publisher, _article: publisher.configure(max_depth=1)),
    "counts": (f"{COUNTS}a1&article=x", "a1", lambda publisher, article: publisher.post("new", article)),
    "counts of nothing": (f"{COUNTS}a1&article=x", "n{}", lambda publisher, article: publisher.post("new", article)),
}


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("known", [False, True], ids=["made", "compared"])
def test_a_write_meanwhile_is_not_hidden(
    app: Flask, client: FlaskClient, publisher: Publisher, what: str, known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lands before each statement of a making and of a comparison in turn."""
    path_of, article_of, change = CHANGES[what]
    by_settings = what == "the site's settings"  # no channel tells of those: they show within STALE
    publisher.post("one")
    pages = app.extensions["comments_snapshots"]
    for number in range(1, 9):
        article = article_of.format(number)
        path = path_of.replace("a1", article)
        if known:
            client.get(path)
            for snapshot in pages._kept.values():
                snapshot.checked -= module.STALE
        else:
            for question in list(pages._kept):
                pages._forget(question)
        if by_settings:
            publisher.configure(max_depth=4)
        with before_statement(publisher.database.engine, number, partial(change, publisher, article)) as heard:
            assert client.get(path).status_code == 200
        with monkeypatch.context() as patched:
            if by_settings:
                patched.setattr(module, "RECHECK", -1.0)
            shown = client.get(path).json
        truth = client.get(past_snapshots(path)).json
        assert shown == truth, f"a write before “{heard[-1]}” is hidden"
        if number > len(heard):
            assert number > 1
            return
    raise AssertionError("more statements than were tried")


def test_one_makes_it_for_all_that_wait(app: Flask, publisher: Publisher) -> None:
    """On threads; and those that wait hold no connection."""
    publisher.post("one")
    engine, pages = publisher.database.engine, app.extensions["comments_snapshots"]
    waiting, taken = threading.Semaphore(0), []
    go_on = threading.Event()

    def hold(*_: Any) -> None:
        taken.append(1)
        assert go_on.wait(30)

    got: list[bytes] = []

    def read() -> None:
        waiting.release()
        got.append(app.test_client().get(PAGE).data)

    sa.event.listen(engine, "checkout", hold)
    try:
        readers = [threading.Thread(target=read) for _ in range(50)]
        for reader in readers:
            reader.start()
        for _ in readers:
            assert waiting.acquire(timeout=30)
        go_on.set()
        for reader in readers:
            reader.join(30)
    finally:
        sa.event.remove(engine, "checkout", hold)
    assert len(got) == 50 and len(set(got)) == 1
    assert (pages.rebuilt, len(taken)) == (1, 1)


def test_who_asks_after_a_write_does_not_get_what_was_begun_before_it(app: Flask, publisher: Publisher) -> None:
    """The reader of before may get the page without it; the one of after waits for the next."""
    publisher.post("one")
    pages, got = app.extensions["comments_snapshots"], []

    def write_and_ask() -> None:
        publisher.post("two")
        late.start()
        making = next(iter(pages._makings.values()))
        wait_until(lambda: making.waiting, "the late reader waits")

    late = threading.Thread(target=lambda: got.append(texts(app.test_client())))
    with before_statement(publisher.database.engine, 4, write_and_ask) as heard:
        early = texts(app.test_client())
    late.join(30)
    assert len(heard) == 4 and early == ["one"], "its roots were read before the write"
    assert got == [["two", "one"]] and pages.rebuilt == 2


def test_a_thousand_readers_and_a_new_comment(served: Callable[..., Served], settings: Settings, clock: Any) -> None:
    """In the real service: all of them see it, and one page is made."""
    app = create_app(settings)
    paper = Gazette.make(app, system_clock, read="everyone", write="registered")
    one = served("serve", COMMENTS_LOG_LEVEL="debug")
    host, port = "localhost", int(one.url.rpartition(":")[2])
    reader = paper.reader("kiesel")
    request = f"GET {PAGE.replace('a1', '1')} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()

    async def read(line: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> bytes:
        line[1].write(request)
        answer = await line[0].read()
        line[1].close()
        return answer

    async def everybody() -> list[bytes]:
        lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(1_000)]
        await asyncio.to_thread(post, one.url, paper, reader.token)
        return await asyncio.gather(*(read(line) for line in lines))

    with ThreadPoolExecutor(1) as apart:  # in this thread a browser's loop may be running
        answers = apart.submit(lambda: asyncio.run(everybody())).result()
    app.extensions["comments"].database.engine.dispose()
    assert len(answers) == 1_000 and all(b"hello, all" in answer for answer in answers)
    assert one.log().count("made a page") == 1


def post(url: str, paper: Gazette, token: str) -> None:
    body = json.dumps({"body": "hello, all", "parent_id": None}).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}", "Idempotency-Key": "one"}
    asked = urllib.request.Request(f"{url}/api/v1{paper.article()}/comments", body, headers)
    with urllib.request.urlopen(asked, timeout=30) as answer:
        assert answer.status == 201


@pytest.mark.environ(COMMENTS_SNAPSHOTS_MB="1")
def test_memory_is_bounded_and_what_is_read_stays(app: Flask, client: FlaskClient, publisher: Publisher) -> None:
    """Pages with comments; then a crowd that asks for what there is not, which pushes out nothing but its like."""
    pages = app.extensions["comments_snapshots"]
    for number in range(12):
        for _ in range(20):
            publisher.post("some text " * 450, article=f"b{number}")
        for accepted in ("identity", "gzip", "br"):
            answer = ask(client, PAGE.replace("a1", f"b{number}"), Accept_Encoding=accepted)
            assert answer.status_code == 200
        assert ask(client, PAGE.replace("a1", "b0")).status_code == 200  # read again and again
    assert 500_000 < pages.size <= 1024 * 1024
    kept = {question.article for question in pages._kept}
    assert "b0" in kept and "b11" in kept and len(kept) < 12, "the least recently read went"
    made = pages.rebuilt
    for number in range(150):
        assert client.get(PAGE.replace("a1", f"no-such-{number}")).status_code == 200
        assert client.get(f"/api/v1/sites/gazette/counts?article=no-such-{number}").status_code == 200
    assert pages.rebuilt == made + 300 and pages.size <= 1024 * 1024
    assert len(pages._kept) - len(kept) < 60
    assert client.get(PAGE.replace("a1", "b0")).status_code == 200 and pages.rebuilt == made + 300


def test_the_memory_that_is_counted_is_the_memory_that_is_taken(app: Flask, publisher: Publisher) -> None:
    pages = app.extensions["comments_snapshots"]
    client = app.test_client()
    for number in range(40):
        publisher.post("a text of some length " * 10, article=f"b{number}")

    def read(begin: int, end: int) -> None:
        for number in range(begin, end):
            for accepted in ("identity", "gzip", "br"):
                for query in ("", "?sort=newest", "?sort=oldest"):
                    ask(client, PAGE.replace("a1", f"b{number}") + query, Accept_Encoding=accepted)
            ask(client, "/api/v1/sites/gazette/counts?" + "&".join(f"article=b{one}" for one in range(number)))

    read(0, 10)  # what is loaded once
    gc.collect()
    counted = pages.size
    tracemalloc.start()
    try:
        read(10, 40)
        gc.collect()
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert 0.5 < taken / (pages.size - counted) < 1.1


def test_spellings_of_one_address_are_one_answer(app: Flask, client: FlaskClient, publisher: Publisher) -> None:
    publisher.post("one")
    pages = app.extensions["comments_snapshots"]
    for number in range(20):
        assert client.get(PAGE + "?" + "&" * number + "sort=newest").status_code == 200
    assert pages.rebuilt == 1 and len(pages._kept) == 1 and len(pages._addresses) == module.ADDRESSES


KNOWN = [
    ("{tag}", 304), ("W/{tag}", 304), ('"x", {tag}', 304), ('W/"x",W/{tag}, "y"', 304), ("*", 304),
    ('"x"', 200), ('W/"x"', 200), ("", 200), ("{bare}", 200), ('"{bare}x"', 200),
]  # fmt: skip


@pytest.mark.parametrize(("known", "status"), KNOWN)
def test_if_none_match(client: FlaskClient, publisher: Publisher, known: str, status: int) -> None:
    publisher.post("one")
    for path in (PAGE, "/api/v1/sites/gazette/counts?article=a1"):
        tag = client.get(path).headers["ETag"]
        answer = ask(client, path, If_None_Match=known.format(tag=tag, bare=tag.strip('"')))
        assert answer.status_code == status and answer.headers["ETag"] == tag
        assert answer.headers["Cache-Control"] == client.get(path).headers["Cache-Control"]
        assert bool(answer.data) == (status == 200)


def test_each_encoding_has_its_tag(client: FlaskClient, publisher: Publisher) -> None:
    publisher.post("one " * 300)
    tags = {name: ask(client, PAGE, Accept_Encoding=name).headers["ETag"] for name in ("br", "gzip", "identity")}
    assert len(set(tags.values())) == 3
    for name, tag in tags.items():
        assert ask(client, PAGE, Accept_Encoding=name, If_None_Match=tag).status_code == 304
        assert ask(client, PAGE, Accept_Encoding="gzip, br", If_None_Match=tag).status_code == (304, 200)[name != "br"]


ENCODINGS = [
    ("", "identity"), ("br", "br"), ("gzip, deflate, br, zstd", "br"), ("GZip", "gzip"), ("gzip;q=0.5, br;q=0", "gzip"),
    ("br; q=0.001", "br"), ("*", "br"), ("br;q=0, *", "gzip"), ("*;q=0", "identity"), ("identity", "identity"),
    ("br;q=x, gzip", "gzip"), (";;,,", "identity"),
]  # fmt: skip


@pytest.mark.parametrize(("accepted", "encoding"), ENCODINGS)
def test_accept_encoding(accepted: str, encoding: str) -> None:
    assert encoding_for(accepted) == encoding


def test_head(client: FlaskClient, publisher: Publisher) -> None:
    publisher.post("one")
    for path in (PAGE, "/api/v1/sites/gazette/counts?article=a1"):
        got, head = client.get(path), client.head(path)
        assert (head.status_code, head.data) == (200, b"") and head.headers == got.headers
        assert head.headers["Content-Length"] == str(len(got.data))
        assert client.head(path, headers={"If-None-Match": got.headers["ETag"]}).status_code == 304


def test_what_shared_caches_are_told(client: FlaskClient, publisher: Publisher) -> None:
    publisher.post("one")
    for path in (PAGE, "/api/v1/sites/gazette/counts?article=a1"):
        for answer in (client.get(path), client.get(past_snapshots(path))):
            assert answer.headers["Cache-Control"] == "public, max-age=0, s-maxage=5, stale-while-revalidate=30"
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
            assert answer.headers["Vary"] == "Accept-Encoding"


def test_counts(app: Flask, client: FlaskClient, publisher: Publisher) -> None:
    """A hundred teasers: made once, and anew when one of them changes."""
    pages = app.extensions["comments_snapshots"]
    path = "/api/v1/sites/gazette/counts?" + "&".join(f"article=a{number}" for number in range(100))
    nothing = {f"a{number}": 0 for number in range(100)}
    for _ in range(3):
        assert client.get(path).json == {"counts": nothing}
    assert pages.rebuilt == 1
    publisher.post("one")
    assert client.get(path).json == {"counts": nothing | {"a1": 1}}
    publisher.post("one", article="a7")
    assert client.get(path).json == {"counts": nothing | {"a1": 1, "a7": 1}}
    publisher.withdraw(publisher.post("two"))
    publisher.post("elsewhere", article="b")
    assert client.get(path).json == {"counts": nothing | {"a1": 1, "a7": 1}}
    packed = ask(client, path, Accept_Encoding="gzip")
    assert json.loads(gzip.decompress(packed.data)) == client.get(path).json


@pytest.mark.parametrize("query", ["article=" + "x" * 256, "article=", "&".join(["article=1"] * 101)])
def test_nonsense_for_counts_is_refused_as_ever(client: FlaskClient, publisher: Publisher, query: str) -> None:
    assert client.get("/api/v1/sites/gazette/counts?" + query).status_code == 400


READERS = ["nobody", "stranger", "broken", "registered", "lapsed", "subscriber", "ended", "over"]


@pytest.mark.parametrize("read", ["everyone", "registered", "subscribers"])
@pytest.mark.parametrize("who", READERS)
def test_the_door_is_the_views(paper: Gazette, clock: FakeClock, read: str, who: str) -> None:
    """Whoever asks gets from the prepared bytes what the application itself says, and never what was said before."""
    herald = Gazette.make(paper.app, clock, "herald", read=read, write="registered")
    herald.reader("bach").post("hello")
    tokens = {
        "nobody": None, "broken": "x.y.z", "stranger": paper.reader("kiesel").token,
        "registered": herald.reader("cara", ent=None).token, "lapsed": herald.reader("dora", state="lapsed").token,
    }  # fmt: skip
    reader = herald.reader("kiesel")
    headers = {} if tokens.get(who, 1) is None else {"Authorization": f"Bearer {tokens.get(who, reader.token)}"}
    path = f"{herald.article()}/comments"
    assert good(reader.call("GET", path))["total"] == 1
    made = paper.app.extensions["comments_snapshots"].rebuilt
    if who == "ended":
        herald.change(lambda conn: conn.execute(sa.text("UPDATE members SET epoch = epoch + 1")))
    elif who == "over":
        clock.forward(3601)
    prepared, view = herald.call("GET", path, **headers), herald.call("GET", f"{path}?limit=25", **headers)
    assert (prepared.status_code, prepared.data) == (view.status_code, view.data)
    assert paper.app.extensions["comments_snapshots"].rebuilt == made
    for name in ("Cache-Control", "Vary", "WWW-Authenticate", "Access-Control-Allow-Origin"):
        assert prepared.headers.get(name) == view.headers.get(name)
    if read != "everyone" and prepared.status_code == 200:
        assert prepared.headers["Cache-Control"] == "private, no-cache"
        assert "Authorization" in prepared.headers["Vary"]
        again = herald.call("GET", path, If_None_Match=prepared.headers["ETag"])
        assert again.status_code == 401, "a tag opens no door"


@pytest.mark.parametrize("read", ["registered", "subscribers"])
def test_a_taste_for_strangers(paper: Gazette, clock: FakeClock, read: str) -> None:
    """The newest roots as everybody sees them, whatever was asked for; no replies, no stubs, nothing that waits."""
    herald = Gazette.make(paper.app, clock, "herald", read=read, taste=2, banned_words=["weasel"], edit_window=3600)
    reader, path = herald.reader("kiesel"), f"{herald.article('Straße/1')}/comments"
    nothing = refused(herald.call("GET", path), 401)
    assert nothing["total"] == 0 and "taste" not in nothing
    roots = []
    for number in range(5):
        clock.forward(1)
        roots.append(reader.post(f"number {number}", article="Straße/1")["id"])
    reader.post("a reply", roots[4], article="Straße/1")
    good(reader.withdraw(roots[4]))
    good(reader.send("weasel", article="Straße/1"), 201)
    for query in ("", "?sort=oldest", "?limit=1", "?sort=replied&limit=50"):
        problem = refused(herald.call("GET", path + query), 401, "token_missing")
        assert [one["id"] for one in problem["taste"]] == [roots[3], roots[2]] and problem["total"] == 5
    page = good(reader.call("GET", path))
    assert problem["taste"] == [one for one in page["comments"] if one["id"] in roots[2:4]]
    if read == "subscribers":
        lapsed = herald.reader("bach", state="lapsed").call("GET", path)
        assert refused(lapsed, 403, "subscribers_only")["taste"] == problem["taste"]
    good(reader.edit(roots[3], "weasel, too"))
    assert [one["id"] for one in refused(herald.call("GET", path), 401)["taste"]] == [roots[2], roots[1]]
    assert b"number" not in herald.call("GET", path.replace("/comments", "/changes")).get_data()


def test_a_site_may_give_no_taste(paper: Gazette, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    herald = Gazette.make(paper.app, clock, "herald", read="subscribers", taste=0)
    herald.reader("kiesel").post("hello there")
    path = f"{herald.article()}/comments"
    problem = refused(herald.call("GET", path), 401)
    assert problem["total"] == 1 and "taste" not in problem
    herald.change(lambda conn: conn.execute(sa.update(sites).values(settings='{"read":"subscribers"}', version=9)))
    monkeypatch.setattr(module, "RECHECK", -1.0)
    assert len(refused(herald.call("GET", path), 401)["taste"]) == 1, "up to three, where nothing is said"
    assert "taste" not in good(herald.reader("kiesel").call("GET", path))


def test_a_crowd_at_a_closed_door_asks_the_database_nothing(paper: Gazette, clock: FakeClock) -> None:
    herald = Gazette.make(paper.app, clock, "herald", read="subscribers")
    herald.reader("kiesel").post("hello there")
    path = f"{herald.article()}/comments"
    for query in ("", "?sort=oldest"):  # each order's own answer is made
        refused(herald.call("GET", path + query), 401)
    pages, heard = paper.app.extensions["comments_snapshots"], []
    made = pages.rebuilt

    def hear(_conn: Any, _cursor: Any, text: str, *_: Any) -> None:
        heard.append(text)

    sa.event.listen(herald.database.engine, "before_cursor_execute", hear)
    for query in ("", "?sort=oldest") * 5:
        assert len(refused(herald.call("GET", path + query), 401)["taste"]) == 1
    sa.event.remove(herald.database.engine, "before_cursor_execute", hear)
    assert [text for text in heard if not text.startswith(("BEGIN", "PRAGMA"))] == []
    assert pages.rebuilt == made


def test_a_site_that_closes(client: FlaskClient, publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    publisher.post("one")
    assert client.get(PAGE).status_code == 200
    publisher.configure(read="subscribers")
    monkeypatch.setattr(module, "RECHECK", -1.0)
    refused = client.get(PAGE)
    assert refused.status_code == 401 and refused.headers["Cache-Control"] == "no-store"
    assert refused.json["site"]["read"] == "subscribers" and refused.json["total"] == 1


def test_a_database_that_is_away_is_asked_once(app: Flask, client: FlaskClient, publisher: Publisher) -> None:
    """What makes a page fail is said to whoever asked, in the application's words; then it is tried again."""
    publisher.post("one")
    asked = []

    def refuse(*_: Any) -> None:
        asked.append(1)
        raise sa.exc.OperationalError("", {}, Exception("away"))

    sa.event.listen(publisher.database.engine, "checkout", refuse)
    answer = client.get(PAGE)
    sa.event.remove(publisher.database.engine, "checkout", refuse)
    assert (
        answer.status_code == 503 and answer.mimetype == "application/problem+json" and "Retry-After" in answer.headers
    )
    assert len(asked) == 1
    assert texts(client) == ["one"]


@pytest.mark.parametrize("query", ["?cursor=x", "?limit=1000", "?sort=best", "?sort=newest&sort=oldest&limit=0"])
def test_nonsense_is_refused_as_ever(client: FlaskClient, publisher: Publisher, query: str) -> None:
    assert client.get(PAGE + query).status_code == 400


def test_unknown_sites_are_not_found(client: FlaskClient, publisher: Publisher) -> None:
    assert client.get("/api/v1/sites/nowhere/articles/a1/comments").status_code == 404
