"""Attacks through every write path, in every reader, in a real browser: no script runs, no request leaves, nothing
outside our list is in the page. The same eyes see what the raw attacks do to a page that trusts them.
"""

import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from comments.actions.archive import import_comments
from comments.core.archive import ArchivedArticle, ArchivedAuthor, ArchivedComment, Found
from comments.core.errors import CommentsError
from comments.core.markup import render, render_html
from comments.jobs.teasers import count_discussed, keep_recent
from comments.storage.sites import find_site
from tests.core.reading import COLLECTIONS, collected, vectors
from tests.e2e.browsers import Reader
from tests.e2e.newspaper import Newspaper
from tests.e2e.pages import ConsoleOnPage
from tests.live.paper import HELD, Member, Paper
from tests.served import Served

EVERY = list(dict.fromkeys([*vectors(), *(one for name in COLLECTIONS for one in collected(name))]))
PICTURE = (
    "https://pictures.example/"  # the publisher's word for a member's picture: the one foreign address to be asked
)
SHARP = [  # for a line of a name or a badge
    "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", '"><script>alert(1)</script>', "javascript:alert(1)//",
    "'onfocus=alert(1) autofocus='",
    "</title><svg onload=alert(1)>", "</bdi><img src=/x onerror=alert()>", "{{alert(1)}}",
]  # fmt: skip
LONG = (
    "<script>alert(1)</script><img src=https://evil.example/x onerror=alert(1)> [x](javascript:alert(1)) "
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe> \"'><svg/onload=alert(1)> "
    "</textarea><img src onerror=alert(1)> <style>@import 'https://evil.example/x.css'</style> javascript:alert(1)"
)
HOOK = """(() => {
    const hits = window.__hits = [];
    for (const name of ["alert", "confirm", "prompt", "print", "open"])
        window[name] = (...what) => { hits.push(`${name}(${what})`); return null; };
    document.addEventListener("securitypolicyviolation", (e) => {
        if (!e.blockedURI.startsWith("https://pictures.example/")) hits.push(`${e.violatedDirective} ${e.blockedURI}`);
    });
})()"""
LOOK = """(own) => {
    const wrong = [...window.__hits];
    const inBody = { A: ["href", "rel", "target"], OL: ["start"], B: ["class", "data-member"] };
    const listed = "P BR STRONG EM DEL CODE PRE BLOCKQUOTE UL OL LI A B MARK SPAN".split(" ");
    let bodies = 0;
    const tell = (one) => wrong.push(one.outerHTML.slice(0, 200));
    const walk = (root) => {
        for (const one of root.querySelectorAll("*")) {
            if (one.shadowRoot) walk(one.shadowRoot);
            const src = one.getAttribute("src");
            if (["IFRAME", "OBJECT", "EMBED", "BASE", "FRAME", "MATH"].includes(one.tagName.toUpperCase())) tell(one);
            if (one.tagName === "SCRIPT" && one.type === "application/ld+json") JSON.parse(one.textContent);
            else if (one.tagName === "SCRIPT" && !own.some((origin) => one.src.startsWith(origin))) tell(one);
            if (one.tagName === "IMG" && !(src ?? "").startsWith("https://pictures.example/")) tell(one);
            for (const { name, value } of one.attributes) {
                if (/^on|^srcdoc$/i.test(name) || (name === "style" && one.closest(".body, .comments-body"))) tell(one);
                const leads = /^(href|src|action|formaction|data|poster)$/i.test(name);
                if (leads && !/^(https?:|mailto:|\\/|#|\\?|data:,)/i.test(value)) tell(one);
            }
            if (one.matches(".body, .comments-body, [part=body]")) {
                bodies += 1;
                for (const inner of one.querySelectorAll("*")) {
                    if (!listed.includes(inner.tagName)) tell(inner);
                    for (const { name, value } of inner.attributes) {
                        if (!(inBody[inner.tagName] ?? []).includes(name)) tell(inner);
                        if (name === "href" && !/^(https?:\\/\\/|mailto:)/.test(value)) tell(inner);
                    }
                    if (inner.tagName === "A" && inner.rel !== "ugc nofollow noopener") tell(inner);
                }
            }
        }
    };
    walk(document);
    return { wrong, bodies };
}"""


@dataclass
class Eyes:
    """Watches one reader's browser: what runs, what is asked of whom, what stands in the page."""

    someone: Reader
    own: list[str]
    asked: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.someone.foresee("pictures.example")  # which the newspaper's own policy does not allow
        self.someone.context.add_init_script(HOOK)
        self.someone.context.route(lambda url: not self._is_own(url), self._foreign)
        self.page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))

    @property
    def page(self) -> Page:
        return self.someone.page

    def _is_own(self, url: str) -> bool:
        return urlsplit(url).scheme in ("data", "blob", "about") or any(url.startswith(f"{one}/") for one in self.own)

    def _foreign(self, route: Route) -> None:
        if not route.request.url.startswith(PICTURE):
            self.asked.append(route.request.url)
        route.fulfill(status=204)

    def look(self) -> int:
        """How many bodies there are; fails if anything is there that must not be."""
        found = self.page.evaluate(LOOK, self.own)
        assert (found["wrong"], self.asked, self.dialogs) == ([], [], []), self.page.url
        return int(found["bodies"])


@pytest.fixture
def eyes(reader: Callable[..., Reader], newspaper: Newspaper, service: Served) -> Callable[[Reader | None], Eyes]:
    return lambda someone=None: Eyes(someone or reader(), [newspaper.origin, service.url])


def stored(vector: str) -> Iterator[str]:
    """The HTML that is kept of it, through either door."""
    for make in (render, render_html):
        try:
            yield make(vector).html
        except CommentsError:
            continue


def empty_page(eyes: Eyes, newspaper: Newspaper, paper: Paper) -> Page:
    newspaper.hosts["bare"] = "<!doctype html><meta charset=utf-8><title>bare</title><div id=box></div>"
    eyes.page.goto(f"{newspaper.origin}/{paper.key}/host-bare")
    return eyes.page


def test_the_eyes_see_what_raw_attacks_do(eyes: Callable[..., Eyes], newspaper: Newspaper, paper: Paper) -> None:
    watching = eyes()
    watching.someone.foresee(".")
    page = empty_page(watching, newspaper, paper)
    page.evaluate(
        """(all) => { for (const one of all) { const box = document.createElement("div"); box.className = "body";
            document.getElementById("box").append(box); box.innerHTML = one; } }""",
        [one for one in EVERY if "http-equiv" not in one.lower() and "<plaintext" not in one.lower()],
    )
    page.wait_for_function("window.__hits.length > 50")
    found = page.evaluate(LOOK, watching.own)
    assert len(found["wrong"]) > 500
    assert len(watching.asked) > 20


def test_what_is_stored_does_nothing_and_means_the_same_when_parsed_again(
    eyes: Callable[..., Eyes], newspaper: Newspaper, paper: Paper
) -> None:
    """Each attack alone, as HTML, in a page without any policy."""
    watching = eyes()
    page = empty_page(watching, newspaper, paper)
    kept = sorted({html for vector in EVERY for html in stored(vector)})
    assert len(kept) > 2_000
    changed = page.evaluate(
        """(all) => all.filter((html) => {
            const box = document.createElement("div"), again = document.createElement("template");
            box.className = "body";
            document.getElementById("box").append(box);
            box.innerHTML = html;
            again.innerHTML = box.innerHTML;
            return box.innerHTML !== html || again.innerHTML !== html;
        })""",
        kept,
    )
    assert changed == []
    page.wait_for_timeout(300)
    assert watching.look() == len(kept)


@dataclass
class Attacked:
    """A site that was attacked wherever somebody may write something."""

    paper: Paper
    author: Member
    held: str
    rejected: str
    articles: tuple[str, ...]


def batches(size: int = 2_500) -> Iterator[str]:
    """All attacks, several in one text."""
    text = ""
    for one in EVERY:
        if len(one) > size:
            continue
        if len(text) + len(one) > size:
            yield text
            text = ""
        text += one + "\n\n"
    yield text


@pytest.fixture
def attacked(new_paper: Callable[..., Paper], newspaper: Newspaper) -> Attacked:
    texts = {code: {"en": LONG} for code in ("waiting", "spam", "abuse")}
    paper = new_paper(
        write="registered", repeat_hours=0, max_length=10_000, edit_window=10_000, receipts=texts,
        gate_words={code: f"{code} {LONG}" for code in ("nobody", "banned")}, max_links=100, ask_author=True,
        report_reasons=("abuse", "spam"), reject_reasons=("abuse", "spam"),
    )  # fmt: skip
    members = [
        paper.member(f"member-{number}", name=name, badges=[name[:30]], avatar=f'{PICTURE}{number}"onerror="alert(1)')
        for number, name in enumerate(SHARP)
    ]
    for number, text in enumerate(batches()):
        member, article = members[number % len(members)], f"posted-{number // 20}"
        about = {
            "article_url": f'{newspaper.origin}/"onmouseover="alert(1)',
            "article_title": LONG[:300], "article_section": SHARP[0],
        }  # fmt: skip
        sent = {"body": text if number % 2 else "To be edited.", "parent_id": None} | about
        posted = member.call("POST", f"{paper.path(article)}/comments", sent, **{"Idempotency-Key": f"k{number}"})
        if not number % 2:
            member.edit(posted.expect(201)["id"], text)
        posted.expect(201)
    bring_in(paper)
    return Attacked(paper, members[0], *moderated(paper, members), ("posted-0", "posted-1", "old-0", "old-1"))


def bring_in(paper: Paper) -> None:
    """The same as another system's archive: its HTML, its authors, its articles."""
    records = [
        Found(
            number,
            ArchivedComment(
                key=f"k{number}",
                article=ArchivedArticle(id=f"old-{number // 20}", url="https://a.example/", title=LONG),
                author=ArchivedAuthor(id=f"a{number}", name=SHARP[number % len(SHARP)]),
                body=text,
                format="html" if number % 3 else "text",
                created_at=datetime(2020, 1, 1, tzinfo=UTC),
            ),
        )
        for number, text in enumerate(batches())
    ]
    with paper.database.read() as conn:
        site = find_site(conn, paper.key)
    assert site is not None
    report = import_comments(paper.database, site, records, digest=paper.key)
    assert (report.imported, report.refused) == (len(records), [])


def moderated(paper: Paper, members: list[Member]) -> tuple[str, str]:
    """A comment that waits and one that was rejected, with all that staff and readers may say of them."""
    author, other = members[:2]
    desk = paper.moderator()
    held = author.post("posted-0", f"{HELD} {LONG}")["id"]
    rejected = author.post("posted-0", f"To be rejected. {LONG}")["id"]
    other.call("POST", f"/api/v1/comments/{rejected}/reports", {"reason": "abuse", "detail": LONG}).expect(
        200, 201, 204
    )
    desk.reject(rejected)
    author.call("POST", f"/api/v1/comments/{rejected}/appeal", {"text": LONG}).expect(200, 201, 204)
    desk.call("POST", f"/comments/{held}/notes", {"text": LONG[:300]}).expect(200, 201, 204)
    desk.call("POST", f"/comments/{held}/second-opinion", {"note": LONG[:200]}).expect(200, 201, 204)
    desk.call("POST", f"/members/{author.id}/notes", {"note": LONG[:300]}).expect(200, 201, 204)
    last = members[-1]
    warning = {"reason": "abuse", "text": LONG[:300], "comment_id": None}
    desk.call("POST", f"/members/{last.id}/warnings", warning).expect(200, 201, 204)
    banned = {"reason": LONG[:300], "until": None, "reject_waiting": False}
    desk.call("POST", f"/members/{members[-2].id}/ban", banned).expect(200, 201, 204)
    return held, rejected


def test_every_reader_of_an_attacked_site(
    attacked: Attacked,
    eyes: Callable[..., Eyes],
    newspaper: Newspaper,
    service: Served,
    reader: Callable[..., Reader],
    enter: Callable[..., ConsoleOnPage],
) -> None:
    paper = attacked.paper
    watching, bodies = eyes(), 0
    for article in attacked.articles:  # nobody's widget, and the page without JavaScript
        watching.someone.read(newspaper.address(paper, article))
        bodies += watching.look()
        watching.page.goto(f"{service.url}/articles/{paper.key}/{article}")
        expect(watching.page.get_by_role("heading", level=1)).to_be_visible()
        bodies += watching.look()
        assert watching.page.locator('script[type="application/ld+json"]').count() == 1
    assert bodies > 2 * len([*batches()])
    as_visitors_of_other_pages(attacked, watching, newspaper, service)
    as_members(attacked, eyes, newspaper, reader)
    as_moderator(attacked, eyes, enter)


PICKED = 20  # as many as teasers show at most


def as_visitors_of_other_pages(attacked: Attacked, watching: Eyes, newspaper: Newspaper, service: Served) -> None:
    """Pages of the publisher's, without any policy, which include fragments and carry the teasers."""
    paper, desk = attacked.paper, attacked.paper.moderator()
    for article in attacked.articles:
        for one in paper.page(article)["comments"][: PICKED // len(attacked.articles)]:
            desk.mark(one["id"], "pick", True)
    keep_recent(paper.database)
    count_discussed(paper.database)
    fragments = [f"/articles/{paper.key}/{article}/fragment" for article in attacked.articles]
    fragments += [f"/sites/{paper.key}/{teaser}/fragment?limit=20" for teaser in ("most-discussed", "picks")]
    for number, path in enumerate(fragments):
        with urllib.request.urlopen(service.url + path) as answer:
            newspaper.hosts[f"part-{number}"] = f"<!doctype html><title>part</title>{answer.read().decode()}"
        watching.page.goto(f"{newspaper.origin}/{paper.key}/host-part-{number}")
        expect(watching.page.locator("[class^=comments-]").first).to_be_visible()
        assert (watching.look() > 0) is ("discussed" not in path)
    newspaper.hosts["teasers"] = (
        f'<!doctype html><title>front</title><script async src="{service.url}/teasers.js"></script>'
        f'<comment-most-discussed site="{paper.key}" limit="20"></comment-most-discussed>'
        f'<comment-picks site="{paper.key}" limit="20"></comment-picks>'
    )
    watching.page.goto(f"{newspaper.origin}/{paper.key}/host-teasers")
    expect(watching.page.locator("comment-picks li")).to_have_count(PICKED)
    expect(watching.page.locator("comment-most-discussed li").first).to_contain_text("<script>alert(1)</script>")
    assert watching.look() == PICKED


def as_members(
    attacked: Attacked, eyes: Callable[..., Eyes], newspaper: Newspaper, reader: Callable[..., Reader]
) -> None:
    """The author with texts of the site and the desk; who was warned, who was banned; a preview."""
    for number in (0, len(SHARP) - 1, len(SHARP) - 2):
        watching = eyes(reader())
        watching.someone.foresee("status of (403|422)")
        name = f"member-{number}"
        newspaper.accounts[name] = "registered"
        watching.someone.context.add_cookies([{"name": "reader", "value": name, "url": newspaper.origin}])
        thread = watching.someone.read(newspaper.address(attacked.paper, "posted-0"))
        if number == 0:
            expect(thread.box).to_contain_text("To be rejected.")
            thread.write(LONG + "\n\n" + EVERY[0])
            thread.box.get_by_role("button", name="Preview").click()
            expect(thread.box.locator(".body.shown")).to_be_visible()
        watching.look()


def as_moderator(attacked: Attacked, eyes: Callable[..., Eyes], enter: Callable[..., ConsoleOnPage]) -> None:
    paper = attacked.paper
    console = enter(paper, name=SHARP[0], role="administrator", foreseen="pictures.example")
    page = console.page
    watching = eyes(Seated(page))
    root = f"{console.url}/{paper.key}"
    screens = [
        f"/waiting/{attacked.held}", "/appeals", "/reported", "/new", f"/comments/{attacked.held}",
        f"/comments/{attacked.rejected}", f"/members/{attacked.author.id}", "/search?q=alert",
        "/search?q=img&kind=members", "/audit", "/articles", "/texts", "/rules", "/figures",
    ]  # fmt: skip
    bodies = 0
    for screen in screens:
        page.goto(root + screen)
        expect(page.get_by_role("navigation").first).to_be_visible()
        page.wait_for_load_state("networkidle")
        bodies += watching.look()
    assert bodies >= 3


class Seated(Reader):
    """A moderator's browser that somebody else seated and looks after."""

    def __init__(self, page: Page) -> None:
        self.page, self.context = page, page.context

    def foresee(self, pattern: str) -> None:
        """Nothing: whoever seated it foresees."""
