"""The service that the requests of fuzzing go to: the app in this process, on an SQLite file of its own."""

import atexit
import json
import tempfile
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_to_bytes, urlencode

from werkzeug.test import create_environ, run_wsgi_app

from tests.conftest import FakeClock
from tests.gazette import API, Desk, Gazette, Reader
from tests.http.test_errors import endpoints

NEVER = {("DELETE", "/console/session"), ("POST", "/console/session")}  # they would end what the others need
STAYS = ("/ban", "/premoderation", "/ban-everywhere", "/entitlement")


class Service:
    """Made when it is first asked; each example is one request."""

    @cached_property
    def paper(self) -> Gazette:
        from comments.app import create_app, migrate
        from comments.settings import read_settings

        folder = tempfile.TemporaryDirectory(prefix="comments-fuzz-")
        many = "1000000"
        environ = {
            "COMMENTS_DATA_DIR": folder.name,
            "COMMENTS_DATABASE_URL": f"sqlite:///{Path(folder.name) / 'comments.db'}",
            "COMMENTS_SECRET_KEY": "for-the-tests-and-for-nothing-else-at-all",
            "COMMENTS_POSTS_PER_MINUTE": many,
            "COMMENTS_REACTIONS_PER_MINUTE": many,
        }
        app = create_app(read_settings(environ), clock=FakeClock())
        atexit.register(folder.cleanup)
        migrate(app)
        return Gazette.make(app, FakeClock())

    @cached_property
    def reader(self) -> Reader:
        return self.paper.reader("kiesel")

    @cached_property
    def desk(self) -> Desk:
        return self.paper.desk("administrator")

    @cached_property
    def calls(self) -> list[tuple[str, str, dict[str, Any] | None]]:
        comment = self.reader.post("the first one")["id"]
        other = self.paper.reader("other").id
        found = endpoints(self.paper, comment, other)
        return [one for one in found if (one[0], one[1]) not in NEVER and not one[1].endswith(STAYS)]

    def send_body(self, example: tuple[int, str, int, Any, str]) -> None:
        """Another value in a field, another body, broken JSON or a field more."""
        number, kind, field, value, text = example
        calls = [one for one in self.calls if one[2] is not None]
        method, path, body = calls[number % len(calls)]
        body = dict(body or {})
        if kind == "field":
            body[list(body)[field % len(body)]] = value
        elif kind == "more":
            body[text] = value
        whole = json.dumps(value if kind == "body" else body)
        self._check(method, path, whole + text if kind == "text" else whole)

    def send_query(self, example: tuple[int, list[tuple[str, str]]]) -> None:
        number, asked = example
        calls = [one for one in self.calls if one[0] == "GET"]
        method, path, _ = calls[number % len(calls)]
        query = urlencode([(name, value.encode("utf-8", "surrogatepass")) for name, value in asked])
        self._check(method, f"{path}{'&' if '?' in path else '?'}{query}", None)

    def ask_path(self, example: tuple[str, list[tuple[str, str]]]) -> None:
        path, asked = example
        path = quote(path.encode("utf-8", "surrogatepass"), safe="/%~;.")
        query = urlencode([(name, value.encode("utf-8", "surrogatepass")) for name, value in asked])
        for address in (f"/{path}?{query}", f"/articles/{path}?{query}", f"/articles/gazette/{path}?"):
            # As a server hands it over: Werkzeug's test client takes what begins with // for a host.
            named, _, asked_for = address.partition("?")
            environ = create_environ("/", "http://localhost") | {
                "PATH_INFO": unquote_to_bytes(named).decode("latin-1"),
                "QUERY_STRING": asked_for,
                "REQUEST_URI": address,
            }
            said, status, _ = run_wsgi_app(self.paper.app, environ, buffered=True)
            assert int(status[:3]) < 500, (address, b"".join(said)[:300])

    def _check(self, method: str, path: str, body: str | None) -> None:
        sent: dict[str, Any] = {}
        if body is not None:
            sent = {"data": body.encode("utf-8", "surrogatepass"), "content_type": "application/json"}
        if path.startswith("/console"):
            answer = self.desk.client.open(API + path, method=method, headers={"X-CSRF-Token": self.desk.csrf}, **sent)
        else:
            headers = {"Authorization": f"Bearer {self.reader.token}", "Idempotency-Key": "k"}
            answer = self.paper.app.test_client(use_cookies=False).open(
                API + path, method=method, headers=headers, **sent
            )
        assert answer.status_code < 500, (method, path, body, answer.get_data(True)[:300])
        if answer.status_code >= 400:
            assert answer.mimetype == "application/problem+json", (method, path, body, answer.get_data(True)[:300])
