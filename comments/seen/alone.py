"""/metrics of a worker that no `comments serve` started: a port for the scraper alone, and nothing else on it."""

import hmac
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from comments.seen.exposition import expose
from comments.seen.sharing import own_numbers
from comments.settings import SettingsError


def answer(host: str, port: int, token: bytes | None) -> int:
    """Begin to answer, in a thread; the port. Raises SettingsError."""
    if token is None:
        raise SettingsError("--metrics-port needs COMMENTS_METRICS_TOKEN: without it nobody may read what it answers.")
    expected = b"Bearer " + token

    class Answer(BaseHTTPRequestHandler):
        timeout = 5.0  # seconds for a request to come

        def do_GET(self) -> None:
            sent = self.headers.get("Authorization", "").encode("latin-1", "replace")
            if self.path != "/metrics" or not hmac.compare_digest(sent, expected):
                self._send(404, b"", "text/plain")
                return
            self._send(200, *expose(own_numbers(), self.headers.get("Accept", "")))

        def _send(self, status: int, body: bytes, kind: str) -> None:
            self.send_response_only(status)
            for name, value in (
                ("Content-Type", kind),
                ("Content-Length", str(len(body))),
                ("Cache-Control", "no-store"),
            ):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: a scrape is no event."""

    try:
        server = ThreadingHTTPServer((host, port), Answer)
    except OSError as error:
        raise SettingsError(f"Port {port} of {host} cannot be used for figures ({error.strerror}).") from error
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True, name="metrics").start()
    return int(server.server_address[1])
