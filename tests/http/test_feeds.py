"""Atom feeds: read by a feed reader that others wrote, held to the grammar of RFC 4287 and the rules of RFC 4685 and
5005; the public's comments and nobody else's, fresh, paged, switched off.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import feedparser
import pytest
from flask import Flask
from lxml import etree

from comments.jobs.teasers import keep_recent
from tests.conftest import FakeClock
from tests.core.reading import outside_the_list, vectors
from tests.gazette import Gazette, Reader, good

WHERE = "https://www.gazette.example/a"
BASE = "http://localhost:8000"
ARTICLE, SITE = "/articles/gazette/1/feed", "/sites/gazette/feed"
GRAMMAR = etree.RelaxNG(etree.parse(Path(__file__).parent.parent / "samples/atom.rng"))
NS = {"atom": "http://www.w3.org/2005/Atom", "thr": "http://purl.org/syndication/thread/1.0"}


def read(app: Flask, path: str, query: str = "") -> Any:
    """The feed as feedparser has it, after the grammar and the rules beside it found nothing."""
    answer = app.test_client(use_cookies=False).get(path + query)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = etree.fromstring(answer.data, etree.XMLParser(resolve_entities=False, no_network=True))
    assert GRAMMAR.validate(feed), GRAMMAR.error_log
    assert rules(feed) == []
    found = feedparser.parse(answer.data, sanitize_html=False)
    assert not found.bozo, found.get("bozo_exception")
    return found


def rules(feed: Any) -> list[str]:
    """What RFC 4287 says in words, and RFC 4685: each is shown a breach below."""
    wrong = [] if feed.xpath("atom:author | atom:entry[atom:author]", namespaces=NS) else ["no author"]
    ids = feed.xpath("atom:id/text() | atom:entry/atom:id/text()", namespaces=NS)
    wrong += ["an id twice"] if len(ids) != len(set(ids)) else []
    for entry in feed.xpath("atom:entry", namespaces=NS):
        wrong += [] if entry.xpath("atom:content | atom:link[@rel='alternate']", namespaces=NS) else ["no content"]
        alternate = [
            (one.get("type"), one.get("hreflang")) for one in entry.xpath("atom:link[@rel='alternate']", namespaces=NS)
        ]
        wrong += ["alternates alike"] if len(alternate) != len(set(alternate)) else []
    wrong += ["no ref" for one in feed.iter(f"{{{NS['thr']}}}in-reply-to") if not one.get("ref")]
    wrong += ["no number" for one in feed.iter(f"{{{NS['thr']}}}total") if not (one.text or "").isdigit()]
    return wrong


@pytest.fixture
def kiesel(paper: Gazette) -> Reader:
    return paper.reader("kiesel")


@pytest.fixture
def talk(paper: Gazette, kiesel: Reader, clock: FakeClock) -> Callable[..., str]:
    """Post at another second than before, and let the worker take it in; answers the id."""

    def post(body: str, parent: str | None = None, article: str = "1", **more: Any) -> str:
        clock.forward(1)
        made = good(kiesel.send(body, parent, article, **more), 201)
        keep_recent(paper.database)
        return str(made["id"])

    return post


def test_an_article_and_its_site_have_feeds(app: Flask, paper: Gazette, talk: Callable[..., str]) -> None:
    url = "https://www.gazette.example/a?b=1&c=2"
    root = talk("The **first** & <best>.", article_url=url, article_title="Dogs & cats")
    reply = talk("An answer.", root)
    other = talk("Elsewhere.", article="2/b")
    feed = read(app, ARTICLE)
    assert (feed.feed.id, feed.feed.title) == (f"{BASE}{ARTICLE}", "Comments on “Dogs & cats”")
    assert {one.rel: one.href for one in feed.feed.links} == {
        "self": f"{BASE}{ARTICLE}", "first": f"{BASE}{ARTICLE}", "alternate": f"{BASE}/articles/gazette/1",
    }  # fmt: skip
    assert [one.id.rpartition("=")[2] for one in feed.entries] == [reply, root]
    answer, first = feed.entries
    assert first.content[0].value == "<p>The <strong>first</strong> &amp; &lt;best&gt;.</p>"
    assert (first.author, first.title, first.published) == ("kiesel", "kiesel · Dogs & cats", "2026-03-02T09:00:01Z")
    assert first.link == f"{BASE}/articles/gazette/1?comment={root}#comment-{root}"
    assert answer["thr_in-reply-to"]["ref"] == first.id and first["thr_in-reply-to"]["ref"] == url
    assert first.thr_total == "1" and [one["thr:count"] for one in first.links if one.rel == "replies"] == ["1"]
    site = read(app, SITE)
    assert site.feed.title == "Gazette"
    assert [one.id.rpartition("=")[2] for one in site.entries] == [other, reply, root]
    assert site.entries[0].link == f"{BASE}/articles/gazette/2%2Fb?comment={other}#comment-{other}"
    for path, told in ((ARTICLE, "/articles/gazette/1"), ("/articles/gazette/2%2Fb/feed", "/articles/gazette/2%2Fb")):
        page = app.test_client().get(told).get_data(as_text=True)
        assert f'type="application/atom+xml" href="{path}"' in page and read(app, path).entries


def test_planted_faults_are_seen(app: Flask, talk: Callable[..., str]) -> None:
    talk("hello there")
    data = app.test_client().get(ARTICLE).data
    for old, new in ((b"<updated>", b"<updated>x"), (b"<id>", b"<ident>"), (b"</title>", b"</title><title>2</title>")):
        broken = data.replace(old, new, 1).replace(b"</id>", b"</ident>", 1 if b"ident" in new else 0)
        assert not GRAMMAR.validate(etree.fromstring(broken)), new
    feed = etree.fromstring(data)
    for one in feed.xpath("//atom:author", namespaces=NS):
        one.getparent().remove(one)
    assert rules(feed) == ["no author"]


def test_pages_lead_to_each_other(app: Flask, paper: Gazette, talk: Callable[..., str], kiesel: Reader) -> None:
    ids = [kiesel.post(f"Comment {number}")["id"] for number in range(130)]
    keep_recent(paper.database)
    for path in (ARTICLE, SITE):
        pages, found = [read(app, path)], []
        while nxt := [one.href for one in pages[-1].feed.links if one.rel == "next"]:
            pages.append(read(app, nxt[0].removeprefix(BASE)))
            (previous,) = [one.href for one in pages[-1].feed.links if one.rel == "previous"]
            back = read(app, previous.removeprefix(BASE))
            assert [one.id for one in back.entries] == [one.id for one in pages[-2].entries]
        found = [one.id.rpartition("=")[2] for page in pages for one in page.entries]
        assert found == ids[::-1] and len(pages) == 3


def test_it_is_fresh_and_answers_304(app: Flask, paper: Gazette, talk: Callable[..., str], kiesel: Reader) -> None:
    client, root = app.test_client(), talk("hello there")
    for path in (ARTICLE, SITE):
        answer = client.get(path)
        assert client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
        assert "s-maxage" in answer.headers["Cache-Control"]
        assert client.get(path, headers={"Accept-Encoding": "br"}).headers["Vary"] == "Accept-Encoding"
    good(kiesel.withdraw(root))
    assert [read(app, path).entries for path in (ARTICLE, SITE)] == [[], []]


def test_the_public_alone_is_told(app: Flask, clock: FakeClock) -> None:
    herald = Gazette.make(app, clock, "herald", banned_words=["weasel"])
    kiesel, desk = herald.reader(), herald.desk()
    held, shown = kiesel.post("a weasel word")["id"], kiesel.post("in the open")["id"]
    keep_recent(herald.database)
    path = "/sites/herald/feed"
    assert [one.id.rpartition("=")[2] for one in read(app, path).entries] == [shown]
    good(desk.decide(held, "approve"))
    assert [one.id.rpartition("=")[2] for one in read(app, path).entries] == [shown, held]
    good(desk.call("PATCH", "/sites/herald/articles/1", {"mode": "off"}))
    assert read(app, path).entries == read(app, "/articles/herald/1/feed").entries == []


@pytest.mark.parametrize("chosen", [{"read": "registered"}, {"read": "subscribers"}, {"feeds": False}])
def test_where_there_is_none(app: Flask, clock: FakeClock, chosen: dict[str, Any]) -> None:
    herald = Gazette.make(app, clock, "herald", **chosen)
    herald.reader().post("for us alone")
    keep_recent(herald.database)
    client = app.test_client()
    for path in ("/articles/herald/1/feed", "/sites/herald/feed", "/sites/herald/feed?before=9"):
        answer = client.get(path)
        assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found") and b"alone" not in answer.data
    assert b"atom+xml" not in client.get("/articles/herald/1").data


def test_bad_questions(app: Flask, paper: Gazette) -> None:
    client = app.test_client()
    for query, status in (("?before=x", 404), ("?cursor=1", 400)):
        assert client.get(SITE + query).status_code == status
    assert client.get("/sites/none/feed").status_code == client.get("/sites/gazette/none").status_code == 404
    assert read(app, "/articles/gazette/none/feed").entries == []


def test_attacks_are_texts(app: Flask, paper: Gazette) -> None:
    kiesel = paper.reader("kiesel")
    for number, attack in enumerate(one.replace("\0", "") for one in vectors()):
        kiesel.send(attack, article=f"{number // 50}", article_title=attack[:300] or "x", article_url=WHERE)
    keep_recent(paper.database)
    seen, query = 0, ""
    while query is not None:
        feed = read(app, SITE, query)
        for one in feed.entries:
            assert outside_the_list(one.content[0].value) == []
            seen += 1
        query = next((one.href.partition("feed")[2] for one in feed.feed.links if one.rel == "next"), None)
    assert seen > 100


def test_a_feed_in_which_nothing_stands_is_as_old_as_its_site(app: Flask, paper: Gazette) -> None:
    for path in (SITE, ARTICLE):
        found = read(app, path)
        assert (found.entries, found.feed.updated) == ([], "2026-03-02T09:00:00Z"), path
