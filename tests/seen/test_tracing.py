"""Traces to a collector that is a small HTTP server: what they tell, and that off nothing of them is loaded."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from comments.app import create_app
from comments.settings import read_settings
from tests.live.paper import Paper, over_http
from tests.served import COMMENTS, Served
from tests.servers import free_port, wait_until

CANARY = "canary7f3a"


class Collector:
    """OTLP over HTTP: keeps what it is sent."""

    def __init__(self) -> None:
        self.data: list[bytes] = []
        kept = self.data

        class Take(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                good = self.path == "/v1/traces" and self.headers["Content-Type"] == "application/x-protobuf"
                if good:
                    kept.append(body)
                self.send_response(200 if good else 400)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Take)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def spans(self) -> list[Any]:
        requests = [ExportTraceServiceRequest.FromString(body) for body in list(self.data)]
        return [one for r in requests for rs in r.resource_spans for ss in rs.scope_spans for one in ss.spans]


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.server.shutdown()
    collector.server.server_close()


def test_a_post_in_spans(collector: Collector, environ: dict[str, str], tmp_path: Path) -> None:
    port = str(free_port())
    chosen = environ | {"COMMENTS_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.server.server_port}",
                        "COMMENTS_TRACES_SAMPLED": "1", "COMMENTS_PORT": port}  # fmt: skip
    service = Served(["serve"], chosen, f"http://localhost:{port}", tmp_path / "log").wait_until_ready()
    app = create_app(read_settings(environ))
    try:
        paper = Paper.found(over_http(service.url), app.extensions["comments"].database)
        member = paper.member(f"{CANARY}-sub", name=f"{CANARY} name")
        member.post(f"{CANARY}-article", f"{CANARY} text")
        member.rename(f"{CANARY} other")

        def names() -> set[str]:
            return {one.name for one in collector.spans}

        post = "POST /api/v1/sites/<site>/articles/<article:article>/comments"
        wait_until(lambda: {post, "job rename"} <= names(), "the spans of the post and of the job", 30)
        request = next(one for one in collector.spans if one.name == post)
        told = {item.key: item.value for item in request.attributes}
        assert told["http.response.status_code"].int_value == 201
        of_it = [one for one in collector.spans if one.trace_id == request.trace_id]
        assert {"transaction", "publish", "SQL INSERT"} <= {one.name for one in of_it}
        transaction = next(one for one in of_it if one.name == "transaction")
        assert transaction.parent_span_id == request.span_id
        assert any(one.parent_span_id == transaction.span_id and one.name.startswith("SQL") for one in of_it)
        assert "outgoing" not in names(), "sending traces is not traced"
        assert not [body for body in collector.data if CANARY.encode() in body]
        assert service.stop() == 0 and service.complaints() == []
    finally:
        service.kill()
        app.extensions["comments"].database.engine.dispose()


def test_off_nothing_is_loaded(tmp_path: Path) -> None:
    source = (
        "import sys; from comments.app import create_app, begin_tracing; from comments.settings import read_settings\n"
        "s = read_settings({'COMMENTS_DATA_DIR': sys.argv[1]}); begin_tracing(s, 'all'); create_app(s)\n"
        "assert not [name for name in sys.modules if name.startswith('opentelemetry')]\n"
    )
    subprocess.run([sys.executable, "-c", source, str(tmp_path)], check=True, timeout=60)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_the_extra_it_says_so(environ: dict[str, str], tmp_path: Path) -> None:
    """As where it is not installed: a module of that name that cannot be loaded stands before it."""
    (tmp_path / "opentelemetry").mkdir()
    (tmp_path / "opentelemetry" / "__init__.py").write_text("raise ImportError('not installed')")
    env = environ | {"COMMENTS_OTLP_ENDPOINT": "http://127.0.0.1:9", "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([COMMENTS, "worker"], env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1 and "pip install 'comments[tracing]'" in done.stderr
