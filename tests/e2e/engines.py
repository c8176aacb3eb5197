"""Firefox and WebKit of Debian's packages, driven by the W3C's own protocols: Playwright needs builds of its own, which
Debian does not have. Only what test_engines.py acts through: go somewhere, look, click, type.
"""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import websocket

PATIENCE = 60.0  # seconds that a browser may take to start
PREFERENCES = """
user_pref("network.cookie.cookieBehavior", 1); // no cookies of third parties
user_pref("services.settings.server", "data:,#nothing");
user_pref("app.normandy.enabled", false);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
"""


class Driven(Protocol):
    """A browser with one page."""

    def go(self, address: str) -> None: ...
    def evaluate(self, expression: str) -> Any: ...
    def act(self, sources: list[dict[str, Any]]) -> None: ...


def click(browser: Driven, element: str) -> None:
    """As the pointer does it: in the middle of what the expression answers, once that has stopped moving."""
    browser.evaluate(f"({element}).scrollIntoView({{block: 'center', behavior: 'instant'}})")
    middle = "(({x, y, width, height}) => [Math.round(x + width / 2), Math.round(y + height / 2)])"
    x, y = browser.evaluate(f"{middle}(({element}).getBoundingClientRect())")
    moves = [
        {"type": "pointerMove", "x": x, "y": y},
        {"type": "pointerDown", "button": 0},
        {"type": "pointerUp", "button": 0},
    ]
    browser.act([{"type": "pointer", "id": "mouse", "actions": moves}])


def type_text(browser: Driven, text: str) -> None:
    keys = [{"type": way, "value": letter} for letter in text for way in ("keyDown", "keyUp")]
    browser.act([{"type": "key", "id": "keys", "actions": keys}])


def wait_until(browser: Driven, expression: str, within: float = 20) -> Any:
    """Until the expression is true of the page; answers what it is."""
    give_up = time.monotonic() + within
    while not (found := browser.evaluate(expression)):
        assert time.monotonic() < give_up, f"never true: {expression}"
        time.sleep(0.1)
    return found


class Firefox:
    """By WebDriver BiDi, which it speaks itself."""

    def __init__(self, socket_url: str) -> None:
        self._line = websocket.create_connection(f"{socket_url}/session", timeout=PATIENCE, suppress_origin=True)
        self._number = 0
        self._ask("session.new", {"capabilities": {}})
        self._page = self._ask("browsingContext.getTree", {})["contexts"][0]["context"]

    def _ask(self, method: str, params: dict[str, Any]) -> Any:
        self._number += 1
        self._line.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while True:
            answer = json.loads(self._line.recv())
            if answer.get("id") == self._number:
                assert answer["type"] == "success", answer
                return answer["result"]

    def go(self, address: str) -> None:
        self._ask("browsingContext.navigate", {"context": self._page, "url": address, "wait": "complete"})

    def evaluate(self, expression: str) -> Any:
        asked = {
            "expression": f"JSON.stringify(({expression}) ?? null)",
            "target": {"context": self._page},
            "awaitPromise": True,
        }
        answer = self._ask("script.evaluate", asked)
        assert answer["type"] == "success", answer
        return json.loads(answer["result"]["value"])

    def act(self, sources: list[dict[str, Any]]) -> None:
        self._ask("input.performActions", {"context": self._page, "actions": sources})

    def close(self) -> None:
        self._line.close()


class WebKit:
    """By WebDriver, through WebKitWebDriver."""

    def __init__(self, url: str, program: str) -> None:
        self._url = url
        options = {"binary": program, "args": ["--automation"]}
        asked = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
        self._session = self._ask("", asked)["sessionId"]

    def _ask(self, path: str, body: dict[str, Any]) -> Any:
        request = urllib.request.Request(f"{self._url}/session{path}", json.dumps(body).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            return json.loads(response.read())["value"]

    def go(self, address: str) -> None:
        self._ask(f"/{self._session}/url", {"url": address})

    def evaluate(self, expression: str) -> Any:
        return self._ask(f"/{self._session}/execute/sync", {"script": f"return ({expression})", "args": []})

    def act(self, sources: list[dict[str, Any]]) -> None:
        self._ask(f"/{self._session}/actions", {"actions": sources})


@contextlib.contextmanager
def firefox(folder: Path) -> Iterator[Firefox]:
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    assert program
    (folder / "user.js").write_text(PREFERENCES)
    command = [program, "--headless", "--no-remote", "--profile", str(folder), "--remote-debugging-port=0"]
    with (
        _running(command, folder / "firefox.log", os.environ | {"HOME": str(folder)}) as log,
        contextlib.closing(Firefox(_said(log, r"listening on (ws://\S+)"))) as browser,
    ):
        yield browser


@contextlib.contextmanager
def webkit(folder: Path) -> Iterator[WebKit]:
    """On a screen of its own, which nobody sees."""
    environ = os.environ | {"GDK_BACKEND": "x11", "NO_AT_BRIDGE": "1", "HOME": str(folder)}
    read, write = os.pipe()
    screen = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1200x900x24", "-nolisten", "tcp"]
    with _running(screen, folder / "screen.log", environ, (write,)):
        os.close(write)
        with os.fdopen(read) as told:
            display = told.readline().strip()
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        driver = ["WebKitWebDriver", f"--port={port}"]
        with _running(driver, folder / "webkit.log", environ | {"DISPLAY": f":{display}"}):
            _answering(port)
            yield WebKit(f"http://127.0.0.1:{port}", mini_browser() or "")


def mini_browser() -> str | None:
    return next((str(one) for one in sorted(Path("/usr/lib").glob("*/webkit2gtk-4*/MiniBrowser"))), None)


@contextlib.contextmanager
def _running(command: list[str], log: Path, environ: dict[str, str], kept: tuple[int, ...] = ()) -> Iterator[Path]:
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=environ, pass_fds=kept)
    try:
        yield log
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()


def _said(log: Path, pattern: str) -> str:
    give_up = time.monotonic() + PATIENCE
    while not (found := re.search(pattern, log.read_text())):
        assert time.monotonic() < give_up, log.read_text()
        time.sleep(0.1)
    return found[1]


def _answering(port: int) -> None:
    give_up = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        assert time.monotonic() < give_up, "WebKitWebDriver does not answer"
        time.sleep(0.1)
