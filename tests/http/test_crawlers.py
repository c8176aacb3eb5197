"""What crawlers are told of a thread: JSON-LD that others' tools read, addresses, robots; and the fragment for pages of
publishers.
"""

import itertools
from collections.abc import Callable
from typing import Any

import lxml.html
import pytest
from flask import Flask
from pyld import jsonld

from comments.core.thread import Sort
from tests.conftest import FakeClock
from tests.core.reading import vectors
from tests.gazette import Gazette, Reader, good
from tests.http.printed import Printed, harmful, text_of
from tests.importers.conftest import record
from tests.importers.test_claiming import move_in

WHERE = "https://www.gazette.example/a"
THREAD = "/articles/gazette/1"
BASE = "http://localhost:8000"
S = "https://schema.org/"
# schema.org's vocabulary, as far as a thread uses it: of which types a property is, and what its values are
TERMS: dict[str, tuple[set[str], set[str]]] = {
    "url": ({"DiscussionForumPosting", "Comment", "WebPage"}, {"URL"}),
    "headline": ({"DiscussionForumPosting", "Comment"}, {"Text"}),
    "author": ({"DiscussionForumPosting", "Comment"}, {"Person", "Organization"}),
    "name": ({"Person", "Organization"}, {"Text"}),
    "datePublished": ({"DiscussionForumPosting", "Comment"}, {"DateTime"}),
    "dateModified": ({"DiscussionForumPosting", "Comment"}, {"DateTime"}),
    "inLanguage": ({"DiscussionForumPosting", "Comment"}, {"Text"}),
    "commentCount": ({"DiscussionForumPosting"}, {"Integer"}),
    "comment": ({"DiscussionForumPosting", "Comment"}, {"Comment"}),
    "sharedContent": ({"DiscussionForumPosting", "Comment"}, {"WebPage"}),
    "text": ({"DiscussionForumPosting", "Comment"}, {"Text"}),
    "upvoteCount": ({"Comment"}, {"Integer"}),
    "parentItem": ({"Comment"}, {"Comment"}),
    "creativeWorkStatus": ({"DiscussionForumPosting", "Comment"}, {"Text"}),
}
CONTEXT = {
    "@vocab": S, "url": {"@type": "@id"}, "datePublished": {"@type": f"{S}DateTime"},
    "dateModified": {"@type": f"{S}DateTime"},
}  # fmt: skip


def expanded(data: Any) -> Any:
    """The graph that a processor of JSON-LD makes of it; schema.org's own context is as good as a vocabulary."""

    def load(url: str, _options: Any) -> Any:
        assert url == "https://schema.org"
        return {"contextUrl": None, "documentUrl": url, "document": {"@context": CONTEXT}}

    (node,) = jsonld.expand(data, {"documentLoader": load})
    return node


def faults(node: Any) -> list[str]:
    """Where a node is not as the vocabulary has it."""
    (kind,) = (one.removeprefix(S) for one in node["@type"])
    found = []
    for key, values in node.items():
        if key.startswith("@"):
            continue
        of, ranges = TERMS.get(key.removeprefix(S), (set(), set()))
        found += [] if kind in of else [f"{kind} has no {key}"]
        for value in values:
            found += faults(value) if "@type" in value and "@value" not in value else []
            found += [] if _kind(value) & ranges else [f"{key} is no {value}"]
    return found


def _kind(value: Any) -> set[str]:
    if "@value" not in value:
        return {one.removeprefix(S) for one in value["@type"]} if "@type" in value else {"URL"}
    if value.get("@type") == f"{S}DateTime":
        return {"DateTime"}
    return {"Integer"} if isinstance(value["@value"], int) else {"Text"}


@pytest.fixture
def kiesel(paper: Gazette) -> Reader:
    return paper.reader("kiesel")


@pytest.fixture
def talk(kiesel: Reader, clock: FakeClock) -> Callable[..., str]:
    def post(body: str, parent: str | None = None, article: str = "1") -> str:
        clock.forward(1)
        return str(kiesel.post(body, parent, article)["id"])

    return post


def printed(app: Flask, path: str = THREAD, status: int = 200) -> Printed:
    answer = app.test_client(use_cookies=False).get(path)
    return Printed(answer, status, is_whole="/fragment" not in path)


def test_the_thread_is_a_discussion_with_its_comments(
    app: Flask, paper: Gazette, talk: Callable[..., str], kiesel: Reader, clock: FakeClock
) -> None:
    birke = paper.reader("birke")
    about = {"article_url": "https://www.gazette.example/a?b=1&c=2", "article_title": "Dogs & </script> cats"}
    root = good(birke.send("The **first** one.", **about), 201)["id"]
    clock.forward(1)
    good(birke.edit(root, "The **very first** <one>."))
    reply = talk("A reply", root)
    deep = talk("below it", reply)
    gone = talk("to be withdrawn")
    talk("which stays", gone)
    good(kiesel.withdraw(gone))
    good(kiesel.react(root))
    paper.work()
    (data,) = printed(app).data
    assert faults(expanded(data)) == []
    assert data["@id"] == data["url"] == f"{BASE}{THREAD}"
    assert data["headline"] == "Comments on “Dogs & </script> cats”"
    assert (data["author"], data["commentCount"]) == ({"@type": "Organization", "name": "Gazette"}, 4)
    assert data["sharedContent"] == {"@type": "WebPage", "url": "https://www.gazette.example/a?b=1&c=2"}
    withdrawn, first = data["comment"]
    address = f"{BASE}{THREAD}?comment={root}#comment-{root}"
    assert {name: first[name] for name in first if name not in ("comment", "inLanguage")} == {
        "@type": "Comment", "@id": address, "url": address, "text": "The very first <one>.",
        "author": {"@type": "Person", "name": "birke"}, "upvoteCount": 1,
        "datePublished": "2026-03-02T09:00:00Z", "dateModified": "2026-03-02T09:00:01Z",
    }  # fmt: skip
    assert first["comment"][0]["comment"][0]["url"] == f"{BASE}{THREAD}?comment={deep}#comment-{deep}"
    assert withdrawn["creativeWorkStatus"] == "Deleted" and not {"text", "author"} & withdrawn.keys()
    assert withdrawn["comment"][0]["text"] == "which stays"
    assert printed(app, f"{THREAD}?comment={deep}").data[0]["comment"][0]["@id"] == address


def test_a_thread_that_moved_in_is_as_old_as_its_comments(app: Flask, paper: Gazette, kiesel: Reader) -> None:
    """An article comes into being with its import, years after what was written under it."""
    kiesel.post("of today")
    move_in(paper, record(1, "old"), record(2, "answer", "old"), record(3, "another"))
    (data,) = printed(app, f"{THREAD}?sort=oldest").data
    (oldest, *_) = data["comment"]
    assert data["datePublished"] == oldest["datePublished"] and oldest["text"] == "This is old."
    feed = app.test_client().get(f"{THREAD}/feed").get_data(as_text=True)
    assert "<updated>2026-03-02T09:00:00Z</updated>" in feed, "nothing in it is recent, and it was not made in 1970"
    assert faults(expanded(data)) == []


def test_a_planted_fault_of_the_data_is_seen() -> None:
    url = "https://a.example/"
    data = {"@context": "https://schema.org", "@type": "Comment", "@id": url, "commentCount": 1, "text": 3, "foo": "x"}
    assert len(faults(expanded(data))) == 4


@pytest.mark.parametrize("path", [THREAD, f"{THREAD}/fragment"])
def test_nothing_is_told_of_what_readers_may_not_read(app: Flask, clock: FakeClock, path: str) -> None:
    herald = Gazette.make(app, clock, "herald", read="subscribers", taste=1)
    herald.reader().post("for us alone")
    herald.reader().post("a taste")
    path = path.replace("gazette", "herald")
    page = printed(app, path)
    assert page.data == [] and [one.body for one in page.comments] == ["a taste"]


def test_nothing_is_told_of_an_empty_thread_or_one_that_is_off(
    app: Flask, paper: Gazette, talk: Callable[..., str]
) -> None:
    assert printed(app).data == printed(app, f"{THREAD}/fragment").data == []
    talk("hello there")
    assert printed(app).data
    good(paper.desk().call("PATCH", "/sites/gazette/articles/1", {"mode": "off"}))
    assert printed(app).data == [] and "hello" not in printed(app, f"{THREAD}/fragment").text


def test_what_robots_keep(app: Flask, talk: Callable[..., str]) -> None:
    """Each comment is at one address that counts: other orders are not kept, pages lead to each other."""
    for number in range(80):
        talk(f"Comment {number}")
    indexed = {sort: printed(app, f"{THREAD}?sort={sort}").is_indexed for sort in Sort}
    assert indexed == {sort: sort is Sort.NEWEST for sort in Sort}
    for sort in (Sort.NEWEST, Sort.OLDEST):
        pages = [printed(app, f"{THREAD}?sort={sort}")]
        while (after := related(pages[-1], "next")) is not None:
            pages.append(printed(app, after))
        assert len(pages) == 4 and related(pages[0], "prev") is None
        for before, page in itertools.pairwise(pages):
            back = printed(app, related(page, "prev") or "")
            assert [one.id for one in back.comments] == [one.id for one in before.comments]
            if sort is Sort.NEWEST:
                assert back.canonical == before.canonical and page.canonical.endswith(related(before, "next") or "-")


def related(page: Printed, rel: str) -> str | None:
    return next((one.get("href") for one in page.all("link") if one.get("rel") == rel), None)


def test_a_text_in_another_language_says_so(app: Flask, talk: Callable[..., str]) -> None:
    german = talk("Das ist ein deutscher Satz, und er ist lang genug, dass man die Sprache daran erkennen kann.")
    english = talk("This is an English sentence, and it is long enough for somebody to see which language it is in.")
    marked = {one.id: one.node.find("div").get("lang") for one in printed(app).comments}  # type: ignore[union-attr]
    assert marked == {german: "de", english: None}


def test_the_fragment_is_a_part_of_somebodys_page(
    app: Flask, paper: Gazette, talk: Callable[..., str], clock: FakeClock
) -> None:
    herald = Gazette.make(app, clock, "herald", login_url="https://h.example/in?to={url}", locale="de")
    kiesel = herald.reader()
    root = good(kiesel.send("Erstens.", article_url="https://www.gazette.example/a"), 201)["id"]
    kiesel.post("Zweitens.", root)
    client = app.test_client(use_cookies=False)
    answer = client.get("/articles/herald/1/fragment")
    page = Printed(answer, is_whole=False)
    assert lxml.html.fragment_fromstring(answer.get_data(as_text=True)).get("class") == "comments-fragment"
    assert not {"html", "head", "body", "link", "style"} & {one.tag for one in lxml.html.fromstring(page.text).iter()}
    classes = {name for one in page.root.iter() for name in one.get("class", "").split()}
    assert classes and all(name.startswith("comments-") for name in classes)
    assert all(link.startswith(("https://h.example/", f"{BASE}/articles/herald/1")) for link in page.links().values())
    assert text_of(page.all("h2")[0]) == "2 Kommentare" and [text_of(one) for one in page.all("h3")] == ["kiesel"]
    assert harmful(page) == [] and page.data[0]["comment"][0]["text"] == "Erstens."
    assert answer.headers["X-Robots-Tag"] == "noindex" and "s-maxage" in answer.headers["Cache-Control"]
    same = client.get("/articles/herald/1/fragment", headers={"Authorization": f"Bearer {kiesel.token}"})
    assert same.data == answer.data
    tag = {"If-None-Match": answer.headers["ETag"]}
    assert client.get("/articles/herald/1/fragment", headers=tag).status_code == 304
    kiesel.post("Drittens.")
    assert b"Drittens" in client.get("/articles/herald/1/fragment", headers=tag).data
    assert "2 Antworten" not in page.text and Printed(client.get("/articles/herald/1")).comments


def test_a_fragment_that_there_is_not_is_one_paragraph(app: Flask, paper: Gazette) -> None:
    for path, status in (("/articles/none/1/fragment", 404), (f"{THREAD}/fragment?sort=x", 400),
                         (f"{THREAD}/fragment?cursor=x", 400)):  # fmt: skip
        page = printed(app, path, status)
        assert page.text.startswith("<p ") and page.text.strip().endswith("</p>")


def test_attacks_are_harmless_in_fragments_and_data(app: Flask, paper: Gazette, clock: FakeClock) -> None:
    kiesel = paper.reader("kiesel")
    for number, attack in enumerate(one.replace("\0", "") for one in vectors()):
        kiesel.send(attack, article=f"{number // 20}", article_title=attack[:300] or "x", article_url=WHERE)
    seen = 0
    for number in range(len(vectors()) // 20 + 1):
        page = printed(app, f"/articles/gazette/{number}/fragment")
        assert harmful(page) == []
        seen += len(page.comments)
        assert [one["@type"] for one in page.data] == ["DiscussionForumPosting"] * bool(page.comments)
    assert seen > 100
