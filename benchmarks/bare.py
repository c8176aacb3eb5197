"""The machine's limit for reads: the same gunicorn worker with the same settings, sending the same bytes, no more.

Run as a process of its own: python -m benchmarks.bare FOLDER PORT; FOLDER holds NAME.body and NAME.head (JSON).
It takes the place of the application under comments.serving.serve, so that no setting can differ.
"""

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

NOTHING = ("200 OK", [("Content-Length", "0")], b"")


class Bare:
    """A WSGI application that knows its answers by path."""

    def __init__(self, folder: Path) -> None:
        self.extensions: dict[str, Any] = {}
        self.config: dict[str, Any] = {}
        self._answers = {f"/{body.stem}": (*_head(body), body.read_bytes()) for body in folder.glob("*.body")}

        self.wsgi_app = self.answer  # what serving.py wraps

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return self.wsgi_app(environ, start_response)

    def answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        status, headers, body = self._answers.get(environ["PATH_INFO"], NOTHING)
        start_response(status, headers)
        return [body] if body else []


def _head(body: Path) -> tuple[str, list[tuple[str, str]]]:
    head = json.loads(body.with_suffix(".head").read_text())
    return head["status"], [(name, value) for name, value in head["headers"]]


def main() -> None:
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    stand_in = ModuleType("comments.app")
    bare, nothing = Bare(folder), SimpleNamespace(start=lambda: None, close_all=lambda _over: None, number=0)
    stand_in.create_serving_app = lambda *_: (bare, nothing)  # type: ignore[attr-defined]
    stand_in.begin_tracing = lambda *_: None  # type: ignore[attr-defined]
    sys.modules["comments.app"] = stand_in
    from comments.serving import serve  # noqa: PLC0415 - after the stand-in
    from comments.supervision import open_port  # noqa: PLC0415

    serve(1, "all", "", open_port("127.0.0.1", port).detach(), os.pipe()[1])


if __name__ == "__main__":
    main()
