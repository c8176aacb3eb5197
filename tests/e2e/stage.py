"""The examples of docs/examples on a web server of a publisher: filled in, with the tokens that they ask for.

An origin of its own beside the service's; what an example says of `https://comments.gazette.example` and of the site
`gazette` is put right on the way.
"""

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tests.live.paper import Paper

EXAMPLES = Path(__file__).parents[2] / "docs/examples"
KINDS = {".html": "text/html; charset=utf-8", ".js": "text/javascript"}
SERVICE, ORIGIN = "//comments.gazette.example", "https://www.gazette.example"


@dataclass
class Stage:
    """`given`: what lies at a path besides the files, made for whoever is logged in (None: nobody); `headers`: by
    example.
    """

    service: str
    paper: Paper | None = None
    given: dict[str, Callable[[str | None], str]] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    beacons: list[tuple[str, str]] = field(default_factory=list)  # (path, body) of what pages sent
    server: ThreadingHTTPServer = field(init=False)

    def __post_init__(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
        self.server.daemon_threads = True
        self.server.stage = self  # type: ignore[attr-defined]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.given["/comments-token"] = self._token

    @property
    def origin(self) -> str:
        return f"http://gazette.localhost:{self.server.server_port}"

    def fill(self, text: str) -> str:
        """With the addresses and the site of this test."""
        assert self.paper is not None
        text = text.replace(f"wss:{SERVICE}", self.service.replace("http", "ws", 1))
        text = text.replace(f"https:{SERVICE}", self.service).replace(ORIGIN, self.origin)
        return re.sub(r'(?<=["/])gazette(?=["/])', self.paper.key, text)

    def _token(self, reader: str | None) -> str:
        assert self.paper is not None
        return json.dumps({"token": reader and self.paper.sign(reader)})

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class _Page(BaseHTTPRequestHandler):
    """/EXAMPLE/ and its files; what the stage was given."""

    def do_GET(self) -> None:
        stage: Stage = self.server.stage  # type: ignore[attr-defined]
        address = urlsplit(self.path)
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("reader")
        given = stage.given.get(address.path)
        if given is not None:
            kind = KINDS.get(Path(address.path).suffix, KINDS[".html"] if address.path.endswith("/") else "text/plain")
            self._answer(200, given(cookie.value if cookie else None), kind, {})
            return
        path = EXAMPLES / (address.path.strip("/") + ("/index.html" if address.path.endswith("/") else ""))
        if path.is_file() and path.suffix in KINDS:
            example = path.relative_to(EXAMPLES).parts[0]
            self._answer(200, stage.fill(path.read_text()), KINDS[path.suffix], stage.headers.get(example, {}))
        else:
            self._answer(204, "", "text/plain", {})  # the icon, which every browser asks for

    def do_POST(self) -> None:
        stage: Stage = self.server.stage  # type: ignore[attr-defined]
        stage.beacons.append((self.path, self.rfile.read(int(self.headers["Content-Length"])).decode()))
        self._answer(204, "", "text/plain", {})

    def _answer(self, status: int, body: str, kind: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in ({"Content-Type": kind, "Cache-Control": "no-store"} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Nothing: the browser tells what matters."""
