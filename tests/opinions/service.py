"""A classifier's service on loopback, at the edge of our world: keeps what it was asked, answers as it is told."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Question:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Service:
    """`answers`: a body, or what makes one of a question; `open`: answers wait for it; `drip`: seconds a byte."""

    url: str = ""
    status: int = 200
    answers: bytes | Callable[[Question], bytes] = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[Question] = field(default_factory=list)
    open: threading.Event = field(default_factory=threading.Event)
    drip: float = 0.0
    length: int | None = None  # that is promised
    at_once: int = 0
    most_at_once: int = 0

    def says(self, **scores: float) -> "Service":
        """Answers as the generic protocol does."""
        self.status = 200
        self.answers = json.dumps({"scores": scores, "model": "moody", "version": "3"}).encode()
        return self


@contextmanager
def service() -> Iterator[Service]:
    told = Service()
    told.open.set()
    counting = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            question = Question(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            with counting:
                told.asked.append(question)
                told.at_once += 1
                told.most_at_once = max(told.most_at_once, told.at_once)
            try:
                told.open.wait(30)
                self._answer(told.answers if isinstance(told.answers, bytes) else told.answers(question))
            except OSError:
                pass  # they had no patience
            finally:
                with counting:
                    told.at_once -= 1

        do_POST = do_GET  # noqa: N815 - as the base class names it

        def _answer(self, body: bytes) -> None:
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(told.length or len(body)))
            self.end_headers()
            step = 1 if told.drip else len(body)
            for at in range(0, len(body), max(step, 1)):
                self.wfile.write(body[at : at + step])
                self.wfile.flush()
                time.sleep(told.drip)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told.url = f"http://localhost:{server.server_port}/judge"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield told
    finally:
        told.open.set()
        server.shutdown()
        thread.join()
        server.server_close()
