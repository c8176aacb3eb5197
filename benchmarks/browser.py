"""In a real Chromium, on a page of another origin that carries only the script tag: what is loaded until the first
comment shows, how long that takes, and how long a POST takes to another reader's screen. And how large bundles are.
"""

import json
import random
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.corpus import SEED, Corpus
from benchmarks.installation import SITE, Installation, path_of
from benchmarks.live import PAUSE, latency
from benchmarks.measuring import Figure, at_most
from benchmarks.people import post, subscribers
from comments.http.bundles import FOLDER
from tests.served import Served

ARTICLE = "1000"
LOADS, POSTS = 5, 30
PHONE = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
PHONE_SLOWDOWN = 4
CHROMIUM_OPTIONS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]

# The page's own clock, at the first frame after the change: Date.now() is the clock of this machine.
FIRST_COMMENT = """
const look = () => {
  const seen = document.querySelector("comment-thread")?.shadowRoot?.querySelector('article[id^="comment-"]');
  if (!seen) return void requestAnimationFrame(look);
  window.firstComment = Date.now();
  window.firstCommentAfter = performance.now();
};
window.moved = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.moved += entry.value;
}).observe({ type: "layout-shift", buffered: true });
requestAnimationFrame(look);
"""
SINCE_NEAR = """
() => {
  const calls = performance.getEntriesByType("resource").filter(({ name }) => name.includes("/api/v1/"));
  return window.firstCommentAfter - Math.min(...calls.map(({ startTime }) => startTime));
}
"""
NEXT_ARRIVAL = """
() => new Promise((seen) => {
  const root = document.querySelector("comment-thread").shadowRoot;
  const look = () => {
    if (!root.querySelector(".arrivals button")) return void requestAnimationFrame(look);
    requestAnimationFrame(() => seen(Date.now()));
  };
  look();
})
"""


def measure(setup: Installation, corpus: Corpus) -> Iterator[Figure]:
    yield from _bundles()
    program = shutil.which("chromium")
    if program is None:
        print("Chromium is not installed (Debian: apt-get install chromium): nothing is measured in a browser.")
        return
    with setup.serving() as served, _newspaper(setup, served.url), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_OPTIONS)
        try:
            yield from _first_comment(browser, setup)
            yield from _on_a_phone(browser, setup)
            yield from latency("browser", "POST to another reader's screen", _arrivals(browser, setup, served, corpus))
        finally:
            browser.close()


def _bundles() -> Iterator[Figure]:
    manifest = json.loads((FOLDER / "manifest.json").read_text())
    for name, sizes in sorted(manifest.items()):
        what = f"{name}: {sizes['bytes']:,} raw, {sizes['gzip']:,} gzip, br"
        yield Figure(part="bundles", what=what, unit="bytes", rounds=[sizes["br"]], extra=sizes)

    def brotli(*names: str) -> float:
        return float(sum(manifest[name]["br"] for name in names))

    needed = brotli("embed.js", "widget.js")
    to_read = Figure(part="bundles", what="JavaScript until a thread can be read, br", unit="bytes", rounds=[needed])
    yield at_most(to_read, 14_000, "≤ 14,000")
    everything = brotli(*(name for name in manifest if not name.startswith(("console.", "locale-"))))
    figure = Figure(part="bundles", what="embed and the whole widget, br", unit="bytes", rounds=[everything])
    yield at_most(figure, 30_000, "≤ 30,000")


@contextmanager
def _newspaper(setup: Installation, service: str) -> Iterator[None]:
    """Serves one page: an article with the script tag, nothing else."""
    html = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        '<title>Article</title><link rel="icon" href="data:,"><body><h1>Article</h1><p>Its text.</p>'
        f'<script async src="{service}/embed.js" data-site="{SITE}" data-article="{ARTICLE}"></script></body></html>'
    ).encode()

    class Newspaper(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(html)))
            self.end_headers()
            self.wfile.write(html)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", setup.page_port), Newspaper) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def _page(browser: Browser, setup: Installation, **options: Any) -> Iterator[Page]:
    """A page of a new profile, with nothing in any cache."""
    context = browser.new_context(locale="en-GB", **options)
    context.set_default_timeout(20_000)
    try:
        page = context.new_page()
        page.add_init_script(FIRST_COMMENT)
        yield page
    finally:
        context.close()


def _show(page: Page, setup: Installation) -> float:
    """Open the article, where the thread is near; milliseconds from the widget's first call to the first comment."""
    page.goto(setup.page_origin + "/")
    page.wait_for_function("window.firstComment")
    return float(page.evaluate(SINCE_NEAR))


def _first_comment(browser: Browser, setup: Installation) -> Iterator[Figure]:
    """Requests are those to the service that began before the first comment was there, counted by Playwright."""
    taken, asked, received, scripts = [], [], [], []
    for _ in range(setup.pick(LOADS, 1)):
        with _page(browser, setup) as page:
            finished: list[Any] = []
            page.on("requestfinished", lambda one, finished=finished: finished.append(one))
            taken.append(_show(page, setup))
            page.wait_for_load_state("networkidle")
            shown = page.evaluate("window.firstComment")
            before = [one for one in finished if one.url.startswith(setup.url) and one.timing["startTime"] < shown]
            needed = [one for one in before if one.timing["startTime"] + one.timing["responseEnd"] <= shown]
            asked.append(float(len(needed)))
            received.append(float(sum(one.sizes()["responseBodySize"] for one in needed)))
            scripts.append(sorted(one.url.removeprefix(setup.url) for one in before))
    what, begun = "requests until the first comment shows", {"begun_before": scripts[-1]}
    requests = Figure(part="browser", what=what, unit="", rounds=asked, extra=begun)
    yield at_most(requests, 3, "≤ 3")
    yield Figure(part="browser", what="… and bytes of their bodies as sent", unit="bytes", rounds=received)
    yield Figure(part="browser", what="… after the reader came near (no delay on the line)", unit="ms", rounds=taken)


def _on_a_phone(browser: Browser, setup: Installation) -> Iterator[Figure]:
    taken, moved = [], []
    for _ in range(setup.pick(3, 1)):
        with _page(browser, setup, viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True) as page:
            session = page.context.new_cdp_session(page)
            session.send("Network.enable")
            session.send("Network.emulateNetworkConditions", PHONE)
            session.send("Emulation.setCPUThrottlingRate", {"rate": PHONE_SLOWDOWN})
            taken.append(_show(page, setup))
            page.wait_for_load_state("networkidle")
            moved.append(float(page.evaluate("window.moved")))
    what = "… on a phone (150 ms, 1.6 Mbit/s, CPU ÷ 4)"
    yield at_most(Figure(part="browser", what=what, unit="ms", rounds=taken), 1000, "≤ 1,000")
    yield at_most(Figure(part="browser", what="… layout shift (CLS)", unit="", rounds=moved), 0, "0")


def _arrivals(browser: Browser, setup: Installation, served: Served, corpus: Corpus) -> list[float]:
    """Milliseconds from before the POST to the frame that shows “1 new comment”, of a reader who is not signed in."""
    chance, bodies = random.Random(SEED), corpus.bodies()
    people = subscribers(setup, served, 4)
    taken = []
    with _page(browser, setup) as page:
        _show(page, setup)
        page.wait_for_load_state("networkidle")  # the socket is open
        for number in range(setup.pick(POSTS, 2) + 1):
            page.evaluate("(arrival) => { window.arrival = eval(arrival)() ; }", NEXT_ARRIVAL)
            began = time.time()
            body, person = {"body": chance.choice(bodies)}, people[number % len(people)]
            comment = post(served.url, path_of(ARTICLE), body, person.headers())
            if comment["status"] != "published":
                continue
            seen = page.evaluate("window.arrival")
            if number:
                taken.append(seen - began * 1000)
            page.locator(".arrivals button").click()
            page.locator(".arrivals button").wait_for(state="detached")
            time.sleep(chance.uniform(*PAUSE))
    return taken
