"""A reader at a browser of their own: what the browser stories of this folder act through. conftest.py starts them."""

import re
import time

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response, expect

from tests.e2e.pages import ThreadOnPage

CHROMIUM_OPTIONS = [
    "--no-sandbox",  # the tests may run as root
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--test-third-party-cookie-phaseout",  # as most readers' browsers do; test_browser.py proves it
]


class Reader:
    """One browser profile with one page. Whatever the browser complains of is kept, and fails the test at its end."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.page = context.new_page()
        self.complaints: list[str] = []
        self._foreseen: list[re.Pattern[str]] = []
        self._greetings = 0
        self.page.on("websocket", lambda socket: socket.on("framereceived", self._count))
        context.on("console", self._hear)
        context.on("weberror", lambda error: self._note(f"uncaught: {error.error}"))
        context.on("response", self._look)

    def foresee(self, pattern: str) -> None:
        """This story provokes complaints that match: a refused post is an error in the browser's console, too."""
        self._foreseen.append(re.compile(pattern))

    def surprises(self) -> list[str]:
        return [text for text in self.complaints if not any(pattern.search(text) for pattern in self._foreseen)]

    @property
    def thread(self) -> ThreadOnPage:
        return ThreadOnPage(self.page)

    def wait_until_live(self) -> None:
        """Until the service has taken the page's socket in."""
        give_up = time.monotonic() + 10
        while not self._greetings:
            assert time.monotonic() < give_up, "the page's socket was not taken in"
            self.page.wait_for_timeout(20)  # lets the browser's events in

    def _count(self, frame: str | bytes) -> None:
        self._greetings += str(frame).startswith("40")

    def read(self, address: str) -> ThreadOnPage:
        """Open an article and wait until its thread is there."""
        self.page.goto(address)
        expect(self.thread.heading).to_be_visible()
        return self.thread

    def reload_until_shown(self, text: str) -> None:
        """Until the page itself has this comment: a cache in front of the service may give it as it was seconds ago."""
        give_up = time.monotonic() + 20
        while not self.thread.comment(text).box.is_visible():
            assert time.monotonic() < give_up, f"no page has {text!r}"
            self.page.wait_for_timeout(500)
            self.page.reload()
            expect(self.thread.heading).to_be_visible()

    def another_page(self) -> Page:
        """A second tab of the same person, which becomes the one in hand."""
        self.page = self.context.new_page()
        return self.page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._note(f"console: {message.text} ({message.location.get('url', '')})")

    def _look(self, response: Response) -> None:
        if response.status >= 500:
            self._note(f"answer {response.status}: {response.url}")

    def _note(self, text: str) -> None:
        self.complaints.append(text)
