"""The browser of these tests itself: it keeps cookies of a site one visits, and none of a site embedded in another."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.e2e.browsers import Reader


class CookieJar(BaseHTTPRequestHandler):
    """Sets a cookie at every request and answers with the cookies that came."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Set-Cookie", "known=1; SameSite=None; Secure; Path=/")
        self.send_header("Access-Control-Allow-Origin", self.headers.get("Origin", "*"))
        self.send_header("Access-Control-Allow-Credentials", "true")
        self.end_headers()
        self.wfile.write(f"came with: {self.headers.get('Cookie', 'nothing')}".encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), CookieJar) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_third_party_cookies_are_blocked(reader: Callable[[], Reader], port: int) -> None:
    page = reader().page
    page.goto(f"http://localhost:{port}/")
    page.reload()
    assert page.inner_text("body") == "came with: known=1"
    page.goto(f"http://gazette.localhost:{port}/")
    ask = "url => fetch(url, {credentials: 'include'}).then(answer => answer.text())"
    assert page.evaluate(ask, f"http://localhost:{port}/") == "came with: nothing"
    assert page.evaluate(ask, f"http://localhost:{port}/") == "came with: nothing"


def test_complaints_of_the_browser_are_heard(reader: Callable[[], Reader], port: int) -> None:
    someone = reader()
    someone.page.goto(f"http://localhost:{port}/")
    with someone.page.expect_event("pageerror"):
        someone.page.evaluate("() => { console.error('planted 1'); setTimeout(() => { throw Error('planted 2') }) }")
    assert [text for text in someone.surprises() if "planted 1" in text]
    assert [text for text in someone.surprises() if "uncaught" in text and "planted 2" in text]
    someone.foresee("planted")
    assert not someone.surprises()
