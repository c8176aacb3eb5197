"""Threads as plain HTML: the same comments as the API gives, nested, sound, harmless, the same for everybody."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import brotli
import pytest
import sqlalchemy as sa
from flask import Flask

from comments.core.errors import Unavailable
from comments.core.status import Status
from comments.core.thread import Sort
from comments.http import pages
from comments.spoken import house_texts
from comments.storage import tables
from tests.conftest import FakeClock
from tests.core.reading import vectors
from tests.gazette import Gazette, Reader, good, refused
from tests.http.printed import Comment, Printed, harmful, text_of

THREAD = "/articles/gazette/1"
BASE = "http://localhost:8000"
SORTS = tuple(map(str, Sort))


class Asking:
    """Somebody with a browser without JavaScript."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client(use_cookies=False)

    def get(self, path: str = THREAD, **headers: str) -> Any:
        return self.client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def page(self, path: str = THREAD, status: int = 200, **headers: str) -> Printed:
        return Printed(self.get(path, **headers), status)


@pytest.fixture
def browser(app: Flask) -> Asking:
    return Asking(app)


@pytest.fixture
def kiesel(paper: Gazette) -> Reader:
    return paper.reader("kiesel")


@pytest.fixture
def talk(paper: Gazette, kiesel: Reader, clock: FakeClock) -> Callable[..., str]:
    """Post at another second than before; answers the id."""

    def post(body: str, parent: str | None = None, article: str = "1") -> str:
        clock.forward(1)
        return str(kiesel.post(body, parent, article)["id"])

    return post


def pairs(comments: list[Comment]) -> list[tuple[str, str | None]]:
    return [(one.id, one.body) for one in comments]


def by_api(paper: Gazette, query: str = "") -> list[tuple[str, str]]:
    def words(node: Any) -> str:
        return node if isinstance(node, str) else "".join(words(one) for one in node[1:] if not isinstance(one, dict))

    return [(one["id"], "".join(map(words, one["body"]))) for one in paper.page(query=query)["comments"]]


def conversation(talk: Callable[..., str], name: str, depth: int) -> list[str]:
    """A root with replies below each other."""
    ids = [talk(f"{name} 0")]
    for level in range(1, depth):
        ids.append(talk(f"{name} {level}", ids[-1]))
    return ids


@pytest.mark.parametrize("sort", SORTS)
def test_it_has_the_comments_of_the_api_in_their_order(
    paper: Gazette, browser: Asking, talk: Callable[..., str], sort: str
) -> None:
    """Page by page, by its own links."""
    birke = paper.reader("birke")
    for number in range(30):
        root = talk(f"Comment {number}")
        if number % 7 == 3:
            good(birke.react(root))
        for reply in range(number % 3):
            talk(f"Reply {number}.{reply}", root)
    printed, query = browser.page(f"{THREAD}?sort={sort}"), f"?sort={sort}"
    assert pairs(printed.comments) == by_api(paper, query) and len(printed.comments) > 25
    cursor = paper.page(query=query)["next_cursor"]
    printed = browser.page(printed.link("Show more comments"))
    assert pairs(printed.comments) == by_api(paper, f"{query}&cursor={cursor}")
    assert "Show more comments" not in printed.links()
    assert pairs(browser.page(printed.link("Back to the beginning")).comments) == by_api(paper, query)


def test_replies_are_nested_below_what_they_answer(browser: Asking, talk: Callable[..., str]) -> None:
    first, second, third, fourth = conversation(talk, "down", 4)
    other = talk("another root")
    comments = browser.page().comments
    assert {one.id: one.above for one in comments} == {
        other: None, first: None, second: first, third: second, fourth: third,
    }  # fmt: skip
    assert [one.level for one in comments] == [2, 2, 3, 4, 5]
    assert all(one.heading == "kiesel" for one in comments)


def test_replies_below_the_deepest_level_say_what_they_answer(
    paper: Gazette, browser: Asking, clock: FakeClock
) -> None:
    flat = Gazette.make(paper.app, clock, "herald", max_depth=1)
    birke, kiesel = flat.reader("birke"), flat.reader("kiesel")
    root = birke.post("root")["id"]
    clock.forward(1)
    reply = kiesel.post("reply", root)["id"]
    clock.forward(1)
    answer = birke.post("answer", reply)["id"]
    page = browser.page("/articles/herald/1")
    assert {one.id: one.above for one in page.comments} == {root: None, reply: root, answer: root}
    assert page.links()["in reply to kiesel"] == f"/articles/herald/1?comment={reply}#comment-{reply}"


def test_the_replies_beyond_the_first_are_a_link_away(browser: Asking, talk: Callable[..., str]) -> None:
    root = talk("the root")
    replies = [talk(f"reply {number}", root) for number in range(60)]
    nested = talk("below the last", replies[-1])
    page = browser.page()
    assert [one.id for one in page.comments] == [root, *replies[:3]]
    page = browser.page(page.link("Show 58 more replies"))
    assert [one.id for one in page.comments] == [root, *replies[3:53]]
    assert page.canonical == f"{BASE}{THREAD}?comment={root}"
    page = browser.page(page.link("Show more replies"))
    assert [one.id for one in page.comments] == [root, *replies[53:], nested]
    assert page.comments[-1].above == replies[-1]
    assert "Show more replies" not in page.links()
    assert [one.id for one in browser.page(page.link("Show all comments")).comments] == [root, *replies[:3]]


def test_a_reply_on_another_page_than_its_parent_says_whom_it_answers(
    browser: Asking, talk: Callable[..., str]
) -> None:
    root = talk("the root")
    first = talk("the first reply", root)
    for number in range(55):
        talk(f"reply {number}", root)
    late = talk("a late answer to the first reply", first)
    page = browser.page(browser.page(f"{THREAD}?comment={root}").link("Show more replies"))
    assert [(one.id, one.above) for one in page.comments][-1] == (late, root)
    assert page.links()["in reply to kiesel"] == f"{THREAD}?comment={first}#comment-{first}"


def test_a_permalink_shows_a_comment_with_what_stands_around_it(browser: Asking, talk: Callable[..., str]) -> None:
    down = conversation(talk, "down", 7)  # deeper than the site's four levels
    talk("beside", down[0])
    below = [talk(f"below {number}", down[2]) for number in range(2)]
    under = talk("under the first below", below[0])
    page = browser.page(f"{THREAD}?comment={down[2]}")
    assert [one.id for one in page.comments] == [*down[:4], *below]
    assert page.canonical == f"{BASE}{THREAD}?comment={down[0]}"
    assert [one.id for one in page.comments if one.node.get("class") == "here"] == [down[2]]
    hidden = browser.page(page.link("Show 1 more reply"))  # the last of them: what stands below below[0]
    assert [one.id for one in hidden.comments] == [*down[:3], below[0], under]
    own = next(one for one in page.comments if one.id == below[1])
    address = next(one.get("href") for one in own.node.iter("a"))
    assert address == f"{THREAD}?comment={below[1]}#comment-{below[1]}"
    deepest = browser.page(f"{THREAD}?comment={down[6]}")
    assert [one.id for one in deepest.comments] == down


def test_what_was_done_with_a_comment_is_said(
    paper: Gazette, browser: Asking, talk: Callable[..., str], kiesel: Reader, clock: FakeClock
) -> None:
    desk, birke = paper.desk(), paper.reader("birke", badges=["staff"])
    gone, removed = talk("to be withdrawn"), talk("to be removed")
    for parent in (gone, removed):
        talk("a reply that stays", parent)
    kiesel.withdraw(gone)
    good(desk.decide(removed, "reject"))
    picked = birke.post("to be picked")["id"]
    clock.forward(1)
    good(birke.edit(picked, "was picked"))
    good(desk.call("POST", f"/comments/{picked}/pick"))
    good(desk.call("POST", f"/comments/{picked}/lock"))
    good(kiesel.react(picked))
    shown = {one.id: one for one in browser.page().comments}
    assert (shown[gone].body, shown[gone].heading) == (None, "Withdrawn by its author.")
    assert (shown[removed].body, shown[removed].heading) == (None, "Removed by a moderator.")
    assert "kiesel" not in text_of(shown[gone].node) + text_of(shown[removed].node)
    words = text_of(shown[picked].node)
    assert words == (
        "birke staff Picked by the editors 2 March 2026, 09:00 UTC edited was picked 1 recommendation Report"
        " This thread takes no more replies."
    )
    when = shown[picked].node.find(".//time")
    assert when is not None and when.get("datetime") == "2026-03-02T09:00:04Z"


def test_a_question_leads_to_its_answer(paper: Gazette, browser: Asking, clock: FakeClock) -> None:
    herald = Gazette.make(paper.app, clock, "herald", ask_author=True)
    question = good(herald.reader("kiesel").send("Why there?", question=True), 201)["id"]
    path = "/articles/herald/1"
    page = browser.page(path)
    assert "Question to the author" in page.words() and "Answered" not in page.links()
    clock.forward(1)
    answer = herald.reader("birke", badges=["author"]).post("Because of the light.", question)["id"]
    assert browser.page(path).link("Answered") == f"{path}?comment={answer}#comment-{answer}"


@pytest.mark.parametrize(
    ("mode", "words", "shown"),
    [
        ("closed", "This conversation is closed.", True),
        ("readonly", "This conversation is closed.", True),
        ("off", "There are no comments on this article.", False),
    ],
)
def test_an_articles_mode_is_said(
    paper: Gazette, browser: Asking, talk: Callable[..., str], mode: str, words: str, shown: bool
) -> None:
    talk("what was said")
    assert "Subscribe to leave a comment" in browser.page().words()
    good(paper.desk().call("PATCH", "/sites/gazette/articles/1", {"mode": mode}))
    page = browser.page()
    assert words in page.words() and "Subscribe" not in page.words()
    assert bool(page.comments) is shown and page.is_indexed is shown


def test_it_leads_to_the_article_and_to_the_publisher(paper: Gazette, browser: Asking, clock: FakeClock) -> None:
    site = Gazette.make(
        paper.app, clock, "herald", login_url="https://herald.example/in?to={url}",
        subscribe_url="https://herald.example/join", gate_words={"nobody": "Join us & talk."},
    )  # fmt: skip
    about = {"article_url": "https://www.gazette.example/a?b=1&c=2", "article_title": "Dogs & cats"}
    good(site.reader().send("hello there", **about), 201)
    page = browser.page("/articles/herald/1")
    assert text_of(page.all("h1")[0]) == "Comments on “Dogs & cats”"
    assert text_of(page.all("title")[0]) == "Comments on “Dogs & cats” · Herald"
    assert page.link("Read the article") == "https://www.gazette.example/a?b=1&c=2"
    assert page.link("Log in") == "https://herald.example/in?to=https%3A%2F%2Fwww.gazette.example%2Fa%3Fb%3D1%26c%3D2"
    assert page.link("Subscribe") == "https://herald.example/join"
    assert "Join us & talk." in page.words()


def test_it_leads_to_ones_own_page_and_to_the_notice_form(paper: Gazette, browser: Asking, clock: FakeClock) -> None:
    clock.forward(1)
    said = paper.reader().post("said", article="a/b")["id"]
    page = browser.page("/articles/gazette/a%2Fb?lang=de")
    assert page.link("Meine Kommentare") == "/me/gazette/"
    browser.page("/me/gazette/?lang=de")
    assert page.link("Rechtswidrigen Inhalt melden") == "/notice/gazette?lang=de"
    form = browser.page(page.link("Melden"))
    where = f"{BASE}/articles/gazette/a%2Fb?comment={said}#comment-{said}"
    assert next(text_of(one) for one in form.all("textarea")) == where
    assert "/notice/" not in browser.get("/articles/gazette/a%2Fb/fragment").text
    calm = Gazette.make(paper.app, clock, "calm", law={"notices": False})
    calm.reader().post("said")
    links = browser.page("/articles/calm/1").links()
    assert "My comments" in links and not [one for one in links.values() if "notice" in one]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "https://a@b.example/", "//b.example/"])
def test_only_web_addresses_of_articles_become_links(
    paper: Gazette, browser: Asking, talk: Callable[..., str], url: str
) -> None:
    talk("hello there")
    paper.change(lambda conn: conn.execute(sa.update(tables.articles).values(url=url)))
    page = browser.page()
    assert "Read the article" not in page.links() and url not in page.text


ATTACKS = [attack.replace("\0", "") for attack in vectors()]


def test_attacks_in_comments_and_of_their_authors_are_printed_harmlessly(
    paper: Gazette, browser: Asking, kiesel: Reader
) -> None:
    """As a text; as its author's name, badge and picture."""
    m, c = tables.members, tables.comments
    sent = [kiesel.send(attack, article=f"attack-{number // 20}") for number, attack in enumerate(ATTACKS)]
    posted = [
        (answer.json["id"], attack) for answer, attack in zip(sent, ATTACKS, strict=True) if answer.status_code == 201
    ]
    assert len(posted) > 100  # some hold nothing to see
    people = [
        {"site_id": paper.id, "sub": f"a{one}", "name": attack, "name_key": f"a{one}", "avatar": attack,
         "badges": json.dumps([attack[:30]]), "created_at": 1}
        for one, attack in posted
    ]  # fmt: skip
    mine = sa.select(m.c.id).where(m.c.sub == sa.literal("a") + sa.cast(c.c.id, sa.Text())).scalar_subquery()
    paper.change(lambda conn: (conn.execute(sa.insert(m), people), conn.execute(sa.update(c).values(member_id=mine))))
    shown: dict[str, str] = {}
    for number in range(len(ATTACKS) // 20 + 1):
        page = browser.page(f"/articles/gazette/attack-{number}?cursor=")
        shown |= {one.id: one.heading for one in page.comments}
        assert harmful(page) == []
    assert shown == {one: " ".join(attack.split()) for one, attack in posted}


def test_attacks_in_titles_and_addresses_are_printed_harmlessly(paper: Gazette, browser: Asking) -> None:
    rows = [
        {"site_id": paper.id, "key": f"a{number}", "title": attack, "url": attack, "created_at": 1}
        for number, attack in enumerate(ATTACKS)
    ]
    paper.change(lambda conn: conn.execute(sa.insert(tables.articles), rows))
    for number, attack in enumerate(ATTACKS):
        page = browser.page(f"/articles/gazette/a{number}")
        assert " ".join(attack.split()) in text_of(page.all("h1")[0]), attack
        assert harmful(page) == [], attack


def test_attacks_in_a_sites_name_are_printed_harmlessly(paper: Gazette, browser: Asking) -> None:
    s = tables.sites
    for attack in ATTACKS[::20]:
        paper.change(lambda conn, a=attack: conn.execute(sa.update(s).values(name=a, version=s.c.version + 1)))
        page = browser.page(f"{THREAD}?cursor=")
        assert " ".join(attack.split()) in page.words() and harmful(page) == [], attack


def test_the_gates_words_are_words(paper: Gazette, browser: Asking, clock: FakeClock) -> None:
    words = "<script>alert(1)</script>"
    Gazette.make(paper.app, clock, "herald", gate_words={"nobody": words}).reader().post("hello there")
    page = browser.page("/articles/herald/1")
    assert words in page.words() and harmful(page) == []


class Closed:
    """A site that is read by subscribers alone, with ten roots and a conversation."""

    def __init__(self, app: Flask, clock: FakeClock, read: str, taste: int) -> None:
        self.site = Gazette.make(app, clock, "herald", read=read, taste=taste)
        self.reader = self.site.reader()
        self.ids = []
        for number in range(10):
            clock.forward(1)
            self.ids.append(self.reader.post(f"Comment {number}")["id"])
        self.reply = self.reader.post("A reply", self.ids[-1])["id"]
        self.cursor = good(self.reader.call("GET", f"{self.site.article()}/comments?limit=5"))["next_cursor"]


@pytest.mark.parametrize("taste", [0, 3])
@pytest.mark.parametrize(
    ("read", "words"), [("subscribers", "is for subscribers"), ("registered", "Log in to read the comments")]
)
def test_a_site_that_is_not_for_everybody_gives_its_taste(
    paper: Gazette, browser: Asking, clock: FakeClock, read: str, words: str, taste: int
) -> None:
    """Never more: in no order, on no page, at no comment, with no token."""
    closed = Closed(paper.app, clock, read, taste)
    path = "/articles/herald/1"
    asked = ["", *(f"?sort={sort}" for sort in SORTS), f"?cursor={closed.cursor}", "?lang=de", "?sort=newest&cursor="]
    asked += [f"?comment={one}" for one in (*closed.ids, closed.reply)]
    for query in asked:
        for headers in ({}, {"Authorization": f"Bearer {closed.reader.token}"}):
            page = browser.page(path + query, **headers)
            assert [one.id for one in page.comments] == closed.ids[::-1][:taste], query
            assert page.canonical == f"{BASE}{path}"
    given = refused(closed.site.call("GET", f"{closed.site.article()}/comments"), 401).get("taste", [])
    page = browser.page(path)
    assert [one.id for one in page.comments] == [one["id"] for one in given]
    assert words in page.words() and "10 comments" not in page.words() and "11 comments" in page.words()


def test_the_public_alone_is_shown(paper: Gazette, browser: Asking, talk: Callable[..., str], clock: FakeClock) -> None:
    """What waits or is rejected is on no page, not even for its author or a moderator, and has no page of its own."""
    herald = Gazette.make(paper.app, clock, "herald", banned_words=["weasel"])
    writer, desk = herald.reader("birke"), herald.desk()
    public = writer.post("public words")["id"]
    held = writer.post("a weasel of words")["id"]
    path = "/articles/herald/1"
    mine = {"Authorization": f"Bearer {writer.token}"}
    for headers in ({}, mine):
        assert [one.id for one in browser.page(path, **headers).comments] == [public]
        assert browser.page(f"{path}?comment={held}", 404, **headers).comments == []
    answer = desk.client.get(path)  # with the console's cookie
    assert answer.data == browser.get(path).data and "Set-Cookie" not in answer.headers


REFUSED = {
    "no such site": ("/articles/nobody/1", 404),
    "no site's key": ("/articles/No_Body/1", 404),
    "no such comment": (f"{THREAD}?comment=999999", 404),
    "no number": (f"{THREAD}?comment=x", 404),
    "a comment of another article": ("/articles/gazette/other?comment={id}", 404),
    "an article nobody wrote under": ("/articles/gazette/none?comment={id}", 404),
    "no cursor": (f"{THREAD}?cursor=!!", 400),
    "another order's cursor": (f"{THREAD}?sort=oldest&cursor=k6ZuZXdlc3QBAQ", 400),
    "a root's cursor for replies": (f"{THREAD}?comment={{id}}&cursor=k6ZuZXdlc3QBAQ", 400),
    "no order": (f"{THREAD}?sort=loudest", 400),
    "too long": (f"/articles/gazette/{'x' * 256}", 400),
    "not printable": ("/articles/gazette/%00", 400),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_leads_nowhere_says_so(browser: Asking, talk: Callable[..., str], what: str) -> None:
    here = talk("hello there")
    talk("elsewhere", article="other")
    path, status = REFUSED[what]
    answer = browser.get(path.format(id=here))
    page = Printed(answer, status)
    assert text_of(page.all("h1")[0]) in ("There is nothing here", "This address does not lead anywhere")
    assert not page.is_indexed and harmful(page) == []
    assert answer.headers["Cache-Control"] == "no-store"
    if "?" in path and "nobody/" not in path:
        browser.page(page.link("Show all comments"))


def test_words_are_the_sites_unless_others_are_asked_for(paper: Gazette, browser: Asking, clock: FakeClock) -> None:
    Gazette.make(paper.app, clock, "herald", locale="de-AT").reader().post("hello there")
    path = "/articles/herald/1"
    page = browser.page(path)
    assert page.all("html")[0].attrib == {"lang": "de", "dir": "ltr"} and "1 Kommentar" in page.words()
    page = browser.page(f"{path}?lang=en-GB")
    assert page.all("html")[0].get("lang") == "en" and "1 comment" in page.words()
    assert page.link("Oldest") == f"{path}?sort=oldest&lang=en", "the language stays"
    assert page.canonical == f"{BASE}{path}"
    assert browser.page(f"{path}?lang=tlh").all("html")[0].get("lang") == "de"
    assert browser.get(path, Accept_Language="fr").data == browser.get(path).data, "one page for every cache"
    lost = browser.page(f"{path}?comment=0", 404, Accept_Language="fr, de;q=0.5")
    assert lost.all("html")[0].get("lang") in ("de", "fr")


def test_an_article_nobody_has_written_under(paper: Gazette, browser: Asking) -> None:
    page = browser.page("/articles/gazette/none")
    assert "No comments yet" in page.words() and not page.is_indexed
    assert page.canonical == f"{BASE}/articles/gazette/none"


@pytest.mark.parametrize("article", ["a/b", "a b?c=d&e#f", "ä/ö", "%2e%2e", "x" * 255, "<script>"])
def test_every_article_has_its_address(browser: Asking, talk: Callable[..., str], article: str) -> None:
    address = quote(article, safe="")
    ids = [talk(f"Comment {number}", article=address) for number in range(26)]
    page = browser.page(f"/articles/gazette/{address}")
    assert len(page.comments) == 25 and page.canonical.startswith(BASE)
    assert [one.id for one in browser.page(page.link("Show more comments")).comments] == [ids[0]]
    assert len(browser.page(page.canonical.removeprefix(BASE)).comments) == 25


def test_it_is_kept_and_renewed_like_the_pages_of_the_api(
    app: Flask, paper: Gazette, browser: Asking, talk: Callable[..., str]
) -> None:
    for number in range(5):
        talk(f"Comment {number}")
    first = browser.get(Accept_Encoding="br")
    api = paper.call("GET", f"{paper.article()}/comments")
    assert first.headers["Content-Encoding"] == "br" and brotli.decompress(first.data) == browser.get().data
    for name in ("Cache-Control", "Vary", "X-Content-Type-Options"):
        assert first.headers[name] == api.headers[name], name
    assert first.headers["Referrer-Policy"] == "no-referrer" and "Set-Cookie" not in first.headers
    rebuilt = app.extensions["comments_snapshots"].rebuilt
    for _ in range(10):
        known = browser.get(If_None_Match=first.headers["ETag"], Accept_Encoding="br")
        assert (known.status_code, known.data) == (304, b"")
        assert known.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]
    assert app.extensions["comments_snapshots"].rebuilt == rebuilt
    new = talk("One more")
    assert browser.page().comments[0].id == new
    assert browser.get(If_None_Match=first.headers["ETag"], Accept_Encoding="br").status_code == 200
    assert browser.client.head(THREAD).data == b""


def test_the_application_says_the_same_as_the_prepared_bytes(
    paper: Gazette, browser: Asking, talk: Callable[..., str]
) -> None:
    talk("hello there")
    prepared, made = browser.get(), browser.get(f"{THREAD}?cursor=")
    assert prepared.data == made.data and "ETag" in prepared.headers
    for name in ("Cache-Control", "Vary", "Content-Type", "Content-Security-Policy", "Content-Language"):
        assert prepared.headers[name] == made.headers[name], name


def test_all_that_it_says_has_words() -> None:
    templates = "".join(one.read_text() for one in Path(pages.__file__).parent.glob("templates/*.html"))
    keys = set(re.findall(r'words\.t\("([a-z_.]+[a-z])"', templates))
    keys |= {f"thread.sort.{sort}" for sort in SORTS} | {
        f"comment.{status}" for status in Status if status != "published"
    }
    keys |= {f"page.{kind}{then}" for kind in ("bad_address", "gone", "failed") for then in ("", "_then")}
    keys |= {f"{key}.other" for key in re.findall(r'words\.n\("([a-z_.]+)"', templates)}
    assert len(keys) > 30 and not keys - house_texts()["en"].keys()


def test_nothing_but_its_style_and_pictures_is_loaded(browser: Asking, talk: Callable[..., str], app: Flask) -> None:
    talk("hello there")
    answer = browser.get()
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy == {
        "default-src": "'none'", "style-src": "'self'", "img-src": "https: data:", "base-uri": "'none'",
        "form-action": "'none'", "frame-ancestors": "'none'", "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }  # fmt: skip
    style = next(one.get("href", "") for one in Printed(answer).all("link") if one.get("rel") == "stylesheet")
    sheet = browser.get(style)
    assert sheet.status_code == 200 and sheet.headers["Content-Type"].startswith("text/css")
    assert re.search(r"url\(|@import", sheet.get_data(as_text=True)) is None


def test_only_pictures_of_the_secure_web_are_shown(paper: Gazette, browser: Asking) -> None:
    sources = ["https://pictures.example/a.png", "http://pictures.example/a.png", "javascript:alert(1)", "x"]
    for number, source in enumerate(sources):
        reader = paper.reader(f"reader-{number}")
        reader.post(f"Comment {number}")
        row = tables.members.c.id == int(reader.id)
        paper.change(
            lambda conn, row=row, s=source: conn.execute(sa.update(tables.members).where(row).values(avatar=s))
        )
    assert [one.get("src") for one in browser.page(f"{THREAD}?cursor=").all("img")] == sources[:1]


def test_erased_authors_have_no_name(paper: Gazette, browser: Asking, kiesel: Reader, talk: Callable[..., str]) -> None:
    talk("hello there")
    paper.change(lambda conn: conn.execute(sa.update(tables.comments).values(member_id=None)))
    assert [one.heading for one in browser.page(f"{THREAD}?cursor=").comments] == ["Former reader"]


def test_what_cannot_be_shown_at_the_moment_says_so(browser: Asking) -> None:
    refused = {"comments.refused": Unavailable("The database is away.")}  # as the prepared bytes hand it on
    page = Printed(browser.client.get(f"{THREAD}?cursor=", environ_overrides=refused), 503)
    assert text_of(page.all("h1")[0]) == "The comments cannot be shown at the moment"
