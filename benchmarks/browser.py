"""In a real Chromium, on a page of another origin that carries only the script tag: what is loaded until the first
comment shows, how long that takes, what it moves, and how long a POST takes to another reader's screen. And how large
bundles are. browser_smooth.py measures the widget at work.
"""

import json
import random
import shutil
import time
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from benchmarks import browser_smooth
from benchmarks import browser_stage as stage
from benchmarks.corpus import SEED, Corpus
from benchmarks.installation import Installation, path_of
from benchmarks.live import PAUSE, latency
from benchmarks.measuring import Figure, at_most
from benchmarks.people import post, subscribers
from comments.http.bundles import FOLDER
from tests.served import Served

ARTICLE = "1000"
LOADS, POSTS = 5, 30
LANGUAGES = {"en": 3, "de": 4}  # requests until the first comment: another language's words come beside the widget
READ_ON = """
async () => {
  for (let at = 0; at < 20; at += 1) {
    scrollBy(0, innerHeight / 2);
    await new Promise((next) => setTimeout(next, 100));
  }
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
    with setup.serving() as served, stage.newspaper(setup, served.url), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=stage.CHROMIUM_OPTIONS)
        try:
            for language, allowed in LANGUAGES.items():
                yield from _first_comment(browser, setup, language, allowed)
            yield from _on_a_phone(browser, setup)
            yield from _moved(browser, setup)
            yield from latency("browser", "POST to another reader's screen", _arrivals(browser, setup, served, corpus))
            yield from browser_smooth.measure(browser, setup, served, corpus)
        finally:
            browser.close()


def _bundles() -> Iterator[Figure]:
    manifest = json.loads((FOLDER / "manifest.json").read_text())
    for name, sizes in sorted(manifest.items()):
        what = f"{name}: {sizes['bytes']:,} raw, {sizes['gzip']:,} gzip, br"
        yield Figure(part="bundles", what=what, unit="bytes", rounds=[sizes["br"]], extra=sizes)

    def together(what: str, limit: int, *names: str) -> Figure:
        sizes = float(sum(manifest[name]["br"] for name in names))
        return at_most(Figure(part="bundles", what=f"{what}, br", unit="bytes", rounds=[sizes]), limit, f"≤ {limit:,}")

    words = [name for name in manifest if name.startswith("locale-") and not name.endswith("-later.js")]
    longest = max(words, key=lambda name: int(manifest[name]["br"]))
    yield together("embed.js", 2_000, "embed.js")
    yield together("JavaScript until a thread can be read", 14_000, "embed.js", "widget.js")
    yield together(f"… with {longest}, the longest", 14_600, "embed.js", "widget.js", longest)
    yield together("live client, composer and menus", 16_000, "later.js", "write.js")
    yield together("everything on demand", 16_000, "later.js", "write.js", "beside.js")


def _first_comment(browser: Browser, setup: Installation, language: str, allowed: int) -> Iterator[Figure]:
    """Requests are those to the service that had ended before the first comment was there, counted by Playwright."""
    taken, asked, received, begun = [], [], [], []
    for _ in range(setup.pick(LOADS, 1)):
        with stage.new_page(browser, **stage.ON_A_DESK) as page:
            finished: list[Any] = []
            page.on("requestfinished", lambda one, finished=finished: finished.append(one))
            page.goto(stage.address(setup, "below", ARTICLE, language))
            stage.come_near(page)
            noted = stage.wait_until_shown(page)
            page.wait_for_load_state("networkidle")
            taken.append(noted["shown"] - noted["near"])
            ours = [one for one in finished if one.url.startswith(setup.url)]
            before = [one for one in ours if one.timing["startTime"] < noted["shownAt"]]
            asked.append(float(len(before)))
            received.append(float(sum(one.sizes()["responseBodySize"] for one in before)))
            begun.append(sorted(one.url.removeprefix(setup.url) for one in before))
    what = f"requests begun until the first comment shows, page in {language}"
    requests = Figure(part="browser", what=what, unit="", rounds=asked, extra={"begun": begun[-1]})
    yield at_most(requests, allowed, f"≤ {allowed}")
    yield Figure(part="browser", what="… and bytes of their bodies as sent", unit="bytes", rounds=received)
    yield Figure(part="browser", what="… after the reader came near (no delay on the line)", unit="ms", rounds=taken)


def _on_a_phone(browser: Browser, setup: Installation) -> Iterator[Figure]:
    """The reader scrolls; the page itself is there long before."""
    for language in LANGUAGES:
        taken = []
        for _ in range(setup.pick(LOADS, 1)):
            with stage.new_page(browser, **stage.ON_A_PHONE) as page:
                stage.slow(page)
                page.goto(stage.address(setup, "below", ARTICLE, language))
                page.wait_for_timeout(setup.pick(1_000, 100))
                stage.come_near(page)
                noted = stage.wait_until_shown(page)
                taken.append(float(noted["shown"] - noted["near"]))
        what = f"first comment after coming near, on a phone (150 ms, 1.6 Mbit/s, CPU ÷ 4), page in {language}"
        yield at_most(Figure(part="browser", what=what, unit="ms", rounds=taken), 1000, "≤ 1,000")


def _moved(browser: Browser, setup: Installation) -> Iterator[Figure]:
    """Seen at once and come upon by scrolling, until later.js has brought gate, readers and live line; then read on."""
    for name, device in (("phone", stage.ON_A_PHONE), ("desktop", stage.ON_A_DESK)):
        moved, sources = [], []
        for place in ("top", "below"):
            with stage.new_page(browser, **device) as page:
                stage.slow(page)
                page.goto(stage.address(setup, place, ARTICLE))
                if place == "below":
                    stage.come_near(page)
                stage.wait_until_shown(page)
                page.wait_for_load_state("networkidle")
                page.evaluate(READ_ON)
                noted = page.evaluate("noted")
                moved.append(float(noted["moved"]))
                sources += noted["sources"]
        what = f"layout shift (CLS) on a {name}, in view at load and by scrolling"
        worst = Figure(part="browser", what=what, unit="", rounds=[max(moved)], extra={"sources": sources[:20]})
        yield at_most(worst, 0, "0")


def _arrivals(browser: Browser, setup: Installation, served: Served, corpus: Corpus) -> list[float]:
    """Milliseconds from before the POST to the frame that shows “1 new comment”, of a reader who is not signed in."""
    chance, bodies = random.Random(SEED), corpus.bodies()
    people = subscribers(setup, served, 4)
    taken = []
    with stage.new_page(browser) as page:
        page.goto(stage.address(setup, "top", ARTICLE))
        stage.wait_until_shown(page)
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
