"""The widget on pages that make it hard: resets and z-index wars, broken built-ins, names that clobber, a policy that
forbids everything, a service that is wrong or dead. It works where it can, says quietly where not, and harms nobody.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsers import Reader
from tests.e2e.newspaper import Newspaper
from tests.live.paper import Paper

Visit = Callable[..., Reader]
Seat = Callable[..., Reader]

TAG = '<script async src="{service}/embed.js" data-site="{site}" data-article="news" data-token="{token}"></script>'
STYLES = {
    "all-unset": "* { all: unset; }",
    "all-initial": "* { all: initial !important; }",
    "no-buttons": "button, select, textarea, input { display: none !important; }",
    "loud": "* { text-transform: uppercase; letter-spacing: 1em; text-indent: 5em; visibility: visible; cursor: none }",
    "layers": "* { position: static !important; z-index: 2147483647 !important; float: left !important }",
    "small-root": ":root { font-size: 62.5%; }",
    "vertical": "html { writing-mode: vertical-rl; }",
}
SCRIPTS = {
    # As old libraries left them: enumerable additions, and replacements that do less than the real ones.
    "prototypes": """
      Object.prototype.extend = function () {};
      Array.prototype.each = function () {};
      String.prototype.strip = () => "";
      Array.prototype.map = function (make) {
        const made = [];
        for (let at = 0; at < this.length; at++) made.push(make(this[at], at));
        return made;
      };
      Array.from = (list) => [].slice.call(list);
      Function.prototype.bind = function (own) { return (...given) => this.apply(own, given); };
    """,
    "json": """
      const { parse, stringify } = JSON;
      window.JSON = { parse: (text) => parse(text), stringify: (value) => stringify(value) };
    """,
    "promise": """
      const Real = Promise;
      window.Promise = function OldPromise(work) {
        const real = new Real(work);
        this.then = (done, failed) => {
          const after = real.then(done, failed);
          return new OldPromise((on, off) => void after.then(on, off));
        };
      };
      Promise.prototype.catch = function (failed) { return this.then(undefined, failed); };
      Promise.resolve = (value) => new Promise((done) => done(value));
      Promise.reject = (value) => new Promise((_, failed) => failed(value));
      Promise.all = (list) => new Promise((done, failed) => void Real.all(list).then(done, failed));
      Promise.race = (list) => new Promise((done, failed) => void Real.race(list).then(done, failed));
    """,
    "wrapped": """
      const { fetch: real } = window;
      window.fetch = function (...given) { return real.apply(window, given).then((answer) => answer); };
      const attach = Element.prototype.attachShadow;
      Element.prototype.attachShadow = function (how) { return attach.call(this, { ...how }); };
      delete window.requestIdleCallback;
      window.name = "comments";
      window.h = window.render = window.React = null;
    """,
}
CLOBBERED = """
  <form id="fetch"><input name="id"><input name="action"></form><form name="body"></form>
  <img name="currentScript" alt=""><img name="readyState" alt=""><a id="customElements"></a><a id="JSON"></a>
  <a id="CHUNKS"></a><a id="comments"></a>
"""


@pytest.fixture
def open_host(newspaper: Newspaper, reader: Seat) -> Callable[..., Reader]:
    """A page of this newspaper's origin with a style, a script before everything, elements before the tag."""

    def go(paper: Paper, style: str = "", script: str = "", markup: str = "", tag: str = TAG) -> Reader:
        token = paper.sign("birke", "active")
        filled = tag.format(service=newspaper.service, site=paper.key, token=token)
        newspaper.hosts["page"] = (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>A host</title><style>{style}</style>'
            f"<script>{script}</script><body><p id=own>The host's own words.</p>{markup}{filled}</body></html>"
        )
        someone = reader()
        someone.page.goto(f"{newspaper.origin}/{paper.key}/host-page")
        return someone

    return go


def reads_and_writes(someone: Reader, paper: Paper) -> None:
    """Reads what is there, writes, and hears of another's comment: all chunks of the widget have been at work."""
    thread = someone.thread
    expect(thread.comment("Here before.").box).to_be_visible()
    thread.write("From a hard place.")
    button = thread.box.get_by_role("button", name="Post", exact=True)
    box = button.bounding_box()
    assert box is not None
    assert box["width"] > 30
    assert box["height"] > 20
    thread.send()
    expect(thread.comment("From a hard place.").box).to_be_visible()
    someone.wait_until_live()
    paper.member("kiesel").post("news", "From elsewhere.")
    thread.arrivals.click()
    expect(thread.comment("From elsewhere.").box).to_be_visible()


@pytest.fixture
def begun(paper: Paper) -> Paper:
    paper.member("kiesel").post("news", "Here before.")
    return paper


@pytest.mark.parametrize("name", STYLES)
def test_styles_of_the_host_do_not_reach_in(begun: Paper, open_host: Callable[..., Reader], name: str) -> None:
    someone = open_host(begun, style=STYLES[name])
    reads_and_writes(someone, begun)
    body = someone.thread.comment("Here before.").body
    inside = body.evaluate(
        "(body) => (({textTransform, letterSpacing, textIndent, writingMode, display}) =>"
        " [textTransform, letterSpacing, textIndent, writingMode, display])(getComputedStyle(body))"
    )
    assert inside == ["none", "normal", "0px", "horizontal-tb", "block"]


@pytest.mark.parametrize("name", SCRIPTS)
def test_broken_built_ins_do_not_break_it(begun: Paper, open_host: Callable[..., Reader], name: str) -> None:
    reads_and_writes(open_host(begun, script=SCRIPTS[name]), begun)


def test_names_that_clobber_do_not_break_it(begun: Paper, open_host: Callable[..., Reader]) -> None:
    someone = open_host(begun, markup=CLOBBERED)
    assert someone.page.evaluate("document.currentScript.localName") == "img"
    reads_and_writes(someone, begun)


def test_nothing_leaks_out(begun: Paper, open_host: Callable[..., Reader]) -> None:
    look = """() => ({
      globals: Object.getOwnPropertyNames(window).sort(),
      sheets: document.styleSheets.length + document.adoptedStyleSheets.length,
      head: document.head.innerHTML,
      own: getComputedStyle(own).cssText,
      prototypes: Reflect.ownKeys(Array.prototype).length,
    })"""
    before = open_host(begun, tag="").page.evaluate(look)
    someone = open_host(begun)
    reads_and_writes(someone, begun)
    after = someone.page.evaluate(look)
    assert set(after["globals"]) - set(before["globals"]) <= {"0"}
    assert after | {"globals": []} == before | {"globals": []}


def test_the_strictest_policy_is_never_violated(begun: Paper, visit: Visit) -> None:
    watch = """
      window.refused = [];
      addEventListener("securitypolicyviolation", (event) => refused.push(event.violatedDirective));
    """
    someone = visit(begun, "news", "birke", browser={"locale": "de-DE"})
    someone.page.context.add_init_script(watch)
    someone.page.reload()
    reads_and_writes(someone, begun)
    someone.thread.comment("Here before.").box.get_by_role("button", name="More", exact=True).click()
    expect(someone.thread.box.get_by_role("menu")).to_be_visible()
    assert someone.page.evaluate("refused") == []
    with pytest.raises(Exception, match=r"TrustedHTML|Trusted Type"):  # the policy is at work
        someone.page.evaluate("document.body.innerHTML = '<p>'")
    someone.foresee("Trusted")


def failed(page: Page) -> None:
    page.add_init_script(
        "window.told = []; addEventListener('comments:error', (event) => told.push(event.detail.code));"
    )


def test_an_unknown_site_is_said_and_harms_nobody(begun: Paper, open_host: Callable[..., Reader]) -> None:
    tag = '<script async src="{service}/embed.js" data-site="nobody" data-article="news"></script>'
    someone = open_host(begun, tag=tag)
    someone.foresee("404")
    failed(someone.page)
    someone.page.reload()
    expect(someone.thread.box.get_by_text("The comments could not be loaded.")).to_be_visible()
    assert someone.page.evaluate("told") == ["not_found"]
    assert someone.page.inner_text("#own") == "The host's own words."


def test_a_dead_service_leaves_a_way_to_try_again(begun: Paper, open_host: Callable[..., Reader]) -> None:
    someone = open_host(begun)
    someone.foresee("ERR_FAILED|Failed to fetch")
    failed(someone.page)
    someone.page.route("**/static/widget-*", lambda route: route.abort())
    someone.page.reload()
    again = someone.thread.box.get_by_role("button", name="Comments")
    expect(again).to_be_visible()
    assert someone.page.evaluate("told") == ["not_loaded"]
    someone.page.unroute("**/static/widget-*")
    again.click()
    expect(someone.thread.comment("Here before.").box).to_be_visible()


def test_it_prints_what_is_read(begun: Paper, open_host: Callable[..., Reader]) -> None:
    someone = open_host(begun)
    expect(someone.thread.comment("Here before.").box).to_be_visible()
    someone.page.emulate_media(media="print")
    expect(someone.thread.comment("Here before.").body).to_be_visible()
    expect(someone.thread.box.get_by_role("button", name="Join the conversation")).to_be_hidden()
