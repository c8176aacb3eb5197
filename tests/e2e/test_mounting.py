"""Single-page apps mount threads, change them, move them and take them away, a thousand times over; nothing may stay.

The memory is measured by the browser itself after its garbage is collected: heap, nodes, listeners, timers, sockets.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.e2e.browsers import Reader
from tests.e2e.newspaper import Newspaper
from tests.live.paper import Paper

Seat = Callable[..., Reader]
MANY = 1_000

# What a page can see of itself: timers and sockets that it has not ended.
COUNTING = """
window.alive = { timers: new Set(), sockets: new Set() };
for (const [set, clear] of [["setInterval", "clearInterval"]]) {
  const [begin, end] = [window[set], window[clear]];
  window[set] = (...given) => { const id = begin(...given); alive.timers.add(id); return id; };
  window[clear] = (id) => { alive.timers.delete(id); end(id); };
}
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    alive.sockets.add(this);
    this.addEventListener("close", () => alive.sockets.delete(this));
  }
};
"""
# Every tenth is left until it shows something, the others go on the way: before, while and after the first page comes.
MOUNTS = """
async ([site, times]) => {
  const moment = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
  for (let at = 0; at < times; at += 1) {
    const thread = document.createElement("comment-thread");
    thread.setAttribute("site", site);
    thread.setAttribute("article", "news");
    document.body.append(thread);
    if (at % 10 === 0) while (!thread.shadowRoot.querySelector("article")) await moment(5);
    else await moment(at % 4 * 4);
    thread.setAttribute("sort", "oldest");
    if (at % 3 === 0) document.body.prepend(thread);
    thread.remove();
  }
  await moment(2500);
}
"""


@pytest.fixture
def app(paper: Paper, newspaper: Newspaper, reader: Seat) -> Page:
    """A page with embed.js and no thread yet."""
    for number in range(3):
        paper.member("kiesel").post("news", f"Number {number}.")
        paper.member("birke").post("sports", f"Goal {number}.")
    newspaper.hosts["app"] = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>An app</title>'
        f'<script async src="{newspaper.service}/embed.js" data-site="{paper.key}"></script><body></body></html>'
    )
    someone = reader()
    someone.foresee("WebSocket is closed before the connection")  # threads are taken away while they connect
    page = someone.page
    page.add_init_script(COUNTING)
    page.goto(f"{newspaper.origin}/{paper.key}/host-app")
    page.wait_for_function("!!customElements.get('comment-thread')")
    return page


def place(page: Page, paper: Paper, article: str, **attributes: str) -> None:
    page.evaluate(
        """([attributes]) => {
          const thread = document.createElement("comment-thread");
          for (const [name, value] of Object.entries(attributes)) thread.setAttribute(name, value);
          document.body.append(thread);
        }""",
        [{"site": paper.key, "article": article, **attributes}],
    )


def kept(session: CDPSession, page: Page) -> dict[str, float]:
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    counters = session.send("Memory.getDOMCounters")
    alive = page.evaluate("({ timers: alive.timers.size, sockets: alive.sockets.size })")
    heap = session.send("Runtime.getHeapUsage")["usedSize"]
    return {"heap": heap, "nodes": counters["nodes"], "listeners": counters["jsEventListeners"], **alive}


@pytest.mark.timeout(300)
def test_a_thousand_mounts_leave_nothing(app: Page, paper: Paper) -> None:
    session = app.context.new_cdp_session(app)
    app.evaluate(MOUNTS, [paper.key, 60])  # caches and compiled code are no leak
    before = kept(session, app)
    app.evaluate(MOUNTS, [paper.key, MANY])
    after = kept(session, app)
    grown = {name: after[name] - before[name] for name in after}
    assert (grown["timers"], grown["sockets"]) == (0, 0)
    assert grown["nodes"] <= 50
    assert grown["listeners"] <= 5
    assert grown["heap"] < 500 * MANY, grown  # half a kilobyte each: a thread that stays takes a hundred


def test_what_stays_is_seen(app: Page, paper: Paper) -> None:
    """The measure itself: threads that a page keeps are counted."""
    session = app.context.new_cdp_session(app)
    before = kept(session, app)
    place(app, paper, "news")
    place(app, paper, "news")
    expect(app.locator("comment-thread article")).to_have_count(6)
    app.wait_for_timeout(1_000)
    after = kept(session, app)
    assert after["timers"] - before["timers"] >= 2
    assert after["nodes"] - before["nodes"] > 100
    assert after["listeners"] - before["listeners"] > 5


def test_two_threads_on_a_page_keep_apart(app: Page, paper: Paper) -> None:
    place(app, paper, "news")
    place(app, paper, "sports", sort="oldest")
    news, sports = app.locator("comment-thread").first, app.locator("comment-thread").last
    expect(news.locator("[part=body]")).to_have_text(["Number 2.", "Number 1.", "Number 0."])
    expect(sports.locator("[part=body]")).to_have_text(["Goal 0.", "Goal 1.", "Goal 2."])


def test_a_moved_thread_is_mounted_again(app: Page, paper: Paper) -> None:
    place(app, paper, "news")
    thread = app.locator("comment-thread")
    expect(thread.locator("article")).to_have_count(3)
    app.evaluate("document.body.prepend(document.querySelector('comment-thread'))")
    expect(thread.locator("article")).to_have_count(3)
    expect(thread.locator("section")).to_have_count(1)


def test_attributes_that_change_fast_end_where_they_end(app: Page, paper: Paper) -> None:
    place(app, paper, "news")
    app.evaluate(
        """async () => {
          const thread = document.querySelector("comment-thread");
          for (let at = 0; at < 40; at += 1) {
            thread.setAttribute("article", at % 2 ? "sports" : "news");
            thread.setAttribute("theme", at % 3 ? "dark" : "light");
            await new Promise((done) => setTimeout(done, at % 5 * 3));
          }
        }"""
    )
    thread = app.locator("comment-thread")
    expect(thread.locator("[part=body]")).to_have_text(["Goal 2.", "Goal 1.", "Goal 0."])
    expect(thread.locator("section")).to_have_count(1)
    app.wait_for_timeout(1_500)
    assert app.evaluate("alive.sockets.size") <= 1
