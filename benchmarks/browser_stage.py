"""The stage of the browser's part: a newspaper's pages on another origin, a real Chromium, a slow phone; and what a
page notes of itself, from its first script on.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page

from benchmarks.installation import SITE, Installation

PHONE = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
SLOWDOWN = 4
ON_A_PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
ON_A_DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--enable-precise-memory-info",
    "--js-flags=--expose-gc",
]

# /LANGUAGE/PLACE/ARTICLE. `top`: the thread is in view at once; `below`: some screens further down; `none`: a page
# without a tag, for those that mount threads by script. What stands below the thread must not jump: the height that
# docs/embedding.md asks publishers to reserve.
PAGE = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Article</title><link rel="icon" href="data:,">
<style>
  body {{ font: 18px/1.6 Georgia, serif; max-width: 40em; margin: 1em auto; padding: 0 1em }}
  .comments {{ min-height: 100vh }}
</style>
<body><h1>Article</h1>{text}<div class="comments">{tag}</div><footer>What stands below.</footer></body>
</html>"""
TAG = (
    '<script async src="{service}/embed.js" data-site="{site}" data-article="{article}" data-token="{token}"></script>'
)
TEXT = "<p>Its text.</p>"

# Times are the page's own at the first frame after a change; Date.now() is the clock of this machine.
NOTES = """
window.noted = { near: 0, shown: 0, moved: 0, sources: [] };
const look = () => {
  const seen = document.querySelector("comment-thread")?.shadowRoot?.querySelector('article[id^="comment-"]');
  if (!seen) return void requestAnimationFrame(look);
  noted.shown = performance.now();
  noted.shownAt = Date.now();
};
requestAnimationFrame(look);
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput, sources } of list.getEntries()) if (!hadRecentInput) {
    noted.moved += value;
    for (const { node, previousRect, currentRect } of sources) {
      const name = node?.className || node?.localName || node?.nodeName;
      noted.sources.push(`${name}: ${previousRect.y} to ${currentRect.y}`);
    }
  }
}).observe({ type: "layout-shift", buffered: true });
"""


@contextmanager
def newspaper(setup: Installation, service: str) -> Iterator[None]:
    """Serves the pages described at PAGE on the installation's page port."""

    class Newspaper(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path, _, token = self.path.strip("/").partition("?token=")
            language, place, article = path.split("/")
            tag = "" if place == "none" else TAG.format(service=service, site=SITE, article=article, token=token)
            text = TEXT * (100 if place == "below" else 2)
            html = PAGE.format(language=language, text=text, tag=tag).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(html)))
            self.end_headers()
            self.wfile.write(html)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", setup.page_port), Newspaper) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def new_page(browser: Browser, **options: Any) -> Iterator[Page]:
    """A page of a new profile, with nothing in any cache."""
    context = browser.new_context(**({"locale": "en-GB"} | options))
    context.set_default_timeout(30_000)
    try:
        page = context.new_page()
        page.add_init_script(NOTES)
        yield page
    finally:
        context.close()


def address(setup: Installation, place: str, article: str, language: str = "en", token: str = "") -> str:
    return f"{setup.page_origin}/{language}/{place}/{article}" + (f"?token={token}" if token else "")


def slow(page: Page, line: bool = True, slowdown: int = SLOWDOWN) -> CDPSession:
    """As on a phone: its processor, and its line where asked."""
    session = page.context.new_cdp_session(page)
    if line:
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", PHONE)
    session.send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
    return session


def come_near(page: Page) -> None:
    """Scrolls until the thread is 600 pixels below the screen: nearer than the margin at which it loads."""
    page.wait_for_function("!!customElements.get('comment-thread')")
    page.evaluate(
        """() => {
          const { top } = document.querySelector("comment-thread").getBoundingClientRect();
          scrollTo(0, scrollY + top - innerHeight - 600);
          noted.near = performance.now();
        }"""
    )


def wait_until_shown(page: Page) -> dict[str, Any]:
    page.wait_for_function("noted.shown")
    return dict(page.evaluate("noted"))


def show_at_least(page: Page, comments: int) -> int:
    """Clicks “Show more comments” until so many are shown; how many are."""
    return int(
        page.evaluate(
            """async (wanted) => {
              const root = document.querySelector("comment-thread").shadowRoot;
              const shown = () => root.querySelectorAll("article").length;
              const moment = () => new Promise((done) => setTimeout(done, 25));
              for (let before = -1; shown() < wanted && shown() !== before; ) {
                before = shown();
                root.querySelector(".wide")?.click();
                for (let waited = 0; shown() === before && waited < 400; waited += 1) await moment();
              }
              return shown();
            }""",
            comments,
        )
    )
