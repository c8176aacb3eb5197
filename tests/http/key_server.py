"""A publisher's server on loopback that serves a JWKS document, and whatever else a test wants it to answer."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class KeyServer:
    """What it answers can be changed at any time. `asked`: the paths so far; `open`: answers wait for it; `drip`:
    seconds between a byte of the body and the next.
    """

    url: str = ""
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    drip: float = 0
    asked: list[str] = field(default_factory=list)
    open: threading.Event = field(default_factory=threading.Event)

    def serve(self, document: Any) -> None:
        self.status, self.body = 200, json.dumps(document).encode()


@contextmanager
def key_server(document: Any) -> Iterator[KeyServer]:
    told = KeyServer()
    told.serve(document)
    told.open.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append(self.path)
            told.open.wait(20)
            with contextlib.suppress(OSError):  # who asked has heard enough
                self.answer()

        def answer(self) -> None:
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if not told.drip:
                self.wfile.write(told.body)
            for number in range(len(told.body) if told.drip else 0):
                self.wfile.write(told.body[number : number + 1])
                time.sleep(told.drip)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://localhost:{server.server_port}/keys?v=1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield told
    finally:
        told.open.set()
        server.shutdown()
        thread.join()
        server.server_close()
