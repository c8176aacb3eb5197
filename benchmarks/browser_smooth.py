"""The widget at work in a long thread, and on a page that mounts it a thousand times: keys, live batches, frames, heap.

The figures are the page's own: from an event's time to the frame after it, and from frame to frame.
"""

import random
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Browser, CDPSession, Locator, Page

from benchmarks import browser_stage as stage
from benchmarks.corpus import SEED, Corpus, with_replies
from benchmarks.filling import count_writers, fill_thread
from benchmarks.installation import SITE, Installation, path_of
from benchmarks.measuring import Figure, at_most, percentile
from benchmarks.people import Person, post, sign, subscribers
from tests.served import Served

LONG, LONGEST = "shown-1000", "shown-10000"
KEYS, BATCHES, MOUNTS = 60, 15, 1_000
FRAME = 1000 / 60
TEXT = "A sentence that somebody types, with all its letters and signs. "

# To the first frame after the key was handled: what the typist sees.
TYPED = """
window.typed = [];
addEventListener("keydown", ({ timeStamp }) => requestAnimationFrame(() => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => typed.push(performance.now() - timeStamp);
  port2.postMessage(0);
}), true);
"""
# What the frames that show an arrival cost beyond an idle one: the longest of the second around it.
ARRIVAL = """
() => new Promise((done) => {
  const root = document.querySelector("comment-thread").shadowRoot;
  const says = () => root.querySelector(".arrivals")?.textContent ?? "";
  const before = says();
  let last = performance.now(), longest = 0, seen = 0;
  const step = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (!seen && says() !== before) seen = now;
    seen && now > seen + 300 ? done(longest) : requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})
"""
SCROLLED = """
(milliseconds) => new Promise((done) => {
  scrollTo(0, 0);
  const frames = [];
  let last = 0;
  const end = performance.now() + milliseconds;
  const step = (now) => {
    if (last) frames.push(now - last);
    last = now;
    scrollBy(0, 240);
    now < end ? requestAnimationFrame(step) : done(frames);
  };
  requestAnimationFrame(step);
})
"""
MOUNTED = """
async ([service, site, times]) => {
  if (!customElements.get("comment-thread")) {
    const script = Object.assign(document.createElement("script"), { src: `${service}/embed.js` });
    script.dataset.site = site;
    document.head.append(script);
    await customElements.whenDefined("comment-thread");
  }
  for (let at = 0; at < times; at += 1) {
    const thread = document.createElement("comment-thread");
    thread.setAttribute("site", site);
    thread.setAttribute("article", at % 2 ? "100" : "1000");
    document.body.append(thread);
    if (at % 10 === 0) {
      while (!thread.shadowRoot.querySelector("article, .notice")) await new Promise((next) => setTimeout(next, 5));
    } else await new Promise((next) => setTimeout(next));
    thread.setAttribute("sort", "oldest");
    thread.remove();
  }
  await new Promise((settled) => setTimeout(settled, 1500));
}
"""


def measure(browser: Browser, setup: Installation, served: Served, corpus: Corpus) -> Iterator[Figure]:
    for key, size in ((LONG, 1_000), (LONGEST, 10_000)):
        trees = with_replies(corpus.trees * (size // 1_000 * 4), 3)
        fill_thread(setup.database, setup.site_id, key, trees, setup.pick(size, 120), 4)
    with setup.database.transaction() as tx:
        count_writers(tx.conn)
    people = subscribers(setup, served, 4)
    with stage.new_page(browser, **stage.ON_A_DESK) as page:
        shown = _shown(page, setup, LONG, setup.pick(1_000, 120), sign("subscriber-0", "Subscriber 0"))
        yield from _keys(page, setup, shown)
        yield from _batches(page, setup, served, corpus, people[1:], shown)
        yield from _frames(page, setup, shown)
    with stage.new_page(browser, **stage.ON_A_DESK) as page:
        yield from _frames(page, setup, _shown(page, setup, LONGEST, setup.pick(10_000, 120)))
    yield from _mounts(browser, setup, served)


def _shown(page: Page, setup: Installation, key: str, comments: int, token: str = "") -> int:
    """The thread opened, everything of it on the screen, as who has this token reads it."""
    page.add_init_script(TYPED)
    page.goto(stage.address(setup, "top", key, token=token))
    stage.wait_until_shown(page)
    shown = stage.show_at_least(page, comments)
    page.wait_for_timeout(setup.pick(2_000, 100))
    return shown


def _keys(page: Page, setup: Installation, shown: int) -> Iterator[Figure]:
    thread = page.locator("comment-thread")
    thread.locator(".join").click()
    taken = _typed(page, thread.locator("textarea").first, setup)
    bare = page.context.new_page()
    bare.goto(f"data:text/html,<script>{TYPED}</script><textarea></textarea>")
    nothing = _typed(bare, bare.locator("textarea"), setup)
    bare.close()
    what = f"a key in a thread with {shown:,} shown, CPU ÷ 4, until its frame (limit: a field on an empty page)"
    for name, share in ((f"{what}, p95", 95), ("… median", 50)):
        rounds, limits = [percentile(taken, share)], [percentile(nothing, share)]
        figure = Figure(part="browser", what=name, unit="ms", rounds=rounds, limits=limits)
        yield at_most(figure, 50, "≤ 50") if share == 95 else figure


def _typed(page: Page, field: Locator, setup: Installation) -> list[float]:
    """Milliseconds until the frame of each key."""
    field.click()
    session = stage.slow(page, line=False)
    page.evaluate("typed.length = 0")
    keys = setup.pick(KEYS, 5)
    for at in range(keys):
        page.keyboard.type(TEXT[at % len(TEXT)])  # a locator would look through all of the page for each key
        page.wait_for_timeout(30)
    page.wait_for_function("(keys) => typed.length >= keys", arg=keys)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    return [float(one) for one in page.evaluate("typed")]


def _batches(
    page: Page, setup: Installation, served: Served, corpus: Corpus, people: list[Person], shown: int
) -> Iterator[Figure]:
    chance, bodies = random.Random(SEED), corpus.bodies()
    session = stage.slow(page, line=False)
    longest = []
    for _ in range(setup.pick(BATCHES, 1)):
        page.evaluate("(arrival) => { window.arrival = eval(arrival)() }", ARRIVAL)
        body = {"body": chance.choice(bodies), "parent_id": None}
        post(served.url, path_of(LONG), body, chance.choice(people).headers())
        longest.append(float(page.evaluate("window.arrival")))
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    what = f"longest frame around a live batch with {shown:,} shown, CPU ÷ 4"
    yield at_most(Figure(part="browser", what=what, unit="ms", rounds=longest), 50, "≤ 50")


def _frames(page: Page, setup: Installation, shown: int) -> Iterator[Figure]:
    frames = [float(one) for one in page.evaluate(SCROLLED, setup.pick(6_000, 500))]
    late = 100 * sum(one > FRAME * 1.5 for one in frames) / len(frames)
    stuck = 100 * sum(one > 50 for one in frames) / len(frames)
    extra: dict[str, Any] = {"frames": len(frames), "max": max(frames), "late_percent": late, "over_50_percent": stuck}
    spread = f"max {max(frames):.0f} ms, {late:.1f} % late, {stuck:.1f} % > 50 ms"
    what = f"frames while scrolling with {shown:,} shown ({spread}), p95"
    figure = Figure(part="browser", what=what, unit="ms", rounds=[percentile(frames, 95)], extra=extra)
    figure.p50 = percentile(frames, 50)
    yield at_most(figure, 34, "≤ 34 (two frames)")


def _mounts(browser: Browser, setup: Installation, served: Served) -> Iterator[Figure]:
    with stage.new_page(browser, **stage.ON_A_DESK) as page:
        page.goto(stage.address(setup, "none", "none"))
        session = page.context.new_cdp_session(page)
        times = setup.pick(MOUNTS, 20)
        page.evaluate(MOUNTED, [served.url, SITE, max(10, times // 10)])  # caches and compiled code are no leak
        before = kept(session)
        page.evaluate(MOUNTED, [served.url, SITE, times])
        after = kept(session)
    grown = {name: after[name] - before[name] for name in after}
    what = f"heap after {times:,} mounts, beyond the first {max(10, times // 10)}"
    heap = Figure(part="browser", what=what, unit="kB", rounds=[grown["heap"] / 1000], extra=grown)
    yield at_most(heap, 500, "≤ 500")
    yield at_most(Figure(part="browser", what="… nodes that stay", unit="", rounds=[float(grown["nodes"])]), 50, "≤ 50")
    listeners = Figure(part="browser", what="… listeners that stay", unit="", rounds=[float(grown["listeners"])])
    yield at_most(listeners, 5, "≤ 5")


def kept(session: CDPSession) -> dict[str, float]:
    """What lives after the garbage is gone."""
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    counters = session.send("Memory.getDOMCounters")
    heap = session.send("Runtime.getHeapUsage")
    return {"heap": heap["usedSize"], "nodes": counters["nodes"], "listeners": counters["jsEventListeners"]}
