"""A publisher of the tests, its readers and its moderators, in the app of this process: they make real calls.

`Gazette` signs tokens as a publisher does, `Reader` calls the widget's API with a bearer token, `Desk` the console's
with cookie and CSRF token. Nothing here knows how the service answers.
"""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import argon2
import pyotp
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwk, jwt
from sqlalchemy import Connection
from werkzeug.test import TestResponse

from comments.actions.api_keys import make_api_key
from comments.actions.sites import NewSite, create_site, create_user
from comments.http.request import Parts
from comments.importers import read_file
from comments.jobs.opinions import Asking
from comments.jobs.webhooks import Delivering
from comments.jobs.worker import Worker
from comments.storage.sites import find_site
from comments.storage.transaction import Database
from tests.configuring import told_apart

SECRET = "the-gazette-signs-with-this-and-nobody-knows-it"
PASSWORD = "ten characters or more"
ISSUER = "https://www.gazette.example"
ORIGIN = "https://www.gazette.example"
PRODUCT = "digital"
API = "/api/v1"
OWN_PAGE = "/me/api/"  # what is called by the cookie of a visit
CHEAP = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # verified like any other, in no time
Clock = Callable[[], int]
numbers = itertools.count(1)


def parts_of(app: Flask) -> Parts:
    parts: Parts = app.extensions["comments"]
    return parts


def address(path: str) -> str:
    """Where a path of the API is: that of one's own page lies beside it."""
    return path if path.startswith(OWN_PAGE) else API + path


def code_at(secret: str, clock: Clock) -> str:
    """The code that somebody's app shows for this secret now."""
    return pyotp.TOTP(secret).at(clock() // 1_000_000)


def sign(claims: Any, secret: str | bytes = SECRET, header: dict[str, Any] | None = None) -> str:
    """A compact HS256 token with exactly these claims."""
    key = jwk.OctKey.import_key(secret)
    return str(jwt.encode({"alg": "HS256"} | (header or {}), claims, key, default_type=None))


@dataclass
class Gazette:
    """A site of the service with all that its publisher has."""

    app: Flask
    clock: Clock
    key: str = "gazette"
    secret: str = SECRET
    issuer: str = ISSUER
    origin: str = ORIGIN
    id: int = 0
    settings: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def make(
        cls,
        app: Flask,
        clock: Clock,
        key: str = "gazette",
        *,
        issuer: str = ISSUER,
        origins: tuple[str, ...] = (ORIGIN,),
        secret: str | None = SECRET,
        jwks_url: str | None = None,
        **settings: Any,
    ) -> "Gazette":
        """A new site; rules that only slow a test down are off unless the test sets them."""
        chosen = {"pace_seconds": 0, "repeat_hours": 0} | settings
        new = NewSite(
            key=key,
            name=key.title(),
            issuer=issuer,
            origins=origins,
            products=(PRODUCT,),
            secret=None if jwks_url else secret,
            jwks_url=jwks_url,
            **told_apart(chosen),
        )
        with parts_of(app).database.transaction() as tx:
            create_site(tx, new)
            found = find_site(tx.conn, key)
        assert found is not None
        return cls(app, clock, key, secret or "", issuer, origins[0], found.id, chosen)

    @property
    def database(self) -> Database:
        return parts_of(self.app).database

    @property
    def seconds(self) -> int:
        return self.clock() // 1_000_000

    def claims(self, sub: str = "kiesel", *, state: str = "active", life: int = 600, **others: Any) -> dict[str, Any]:
        """Good claims for a member; `others` replace or (None) remove."""
        now = self.seconds
        ent = [{"product": PRODUCT, "state": state, "exp": now + 30 * 86_400}]
        good = {
            "iss": self.issuer, "aud": self.key, "sub": sub, "iat": now, "exp": now + life,
            "jti": f"{sub}-{next(numbers)}", "name": sub, "ent": ent,
        }  # fmt: skip
        return {name: value for name, value in (good | others).items() if value is not None}

    def token(self, sub: str = "kiesel", **claims: Any) -> str:
        return sign(self.claims(sub, **claims), self.secret)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """A request of somebody without cookie and token."""
        client = self.app.test_client(use_cookies=False)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.open(address(path), method=method, json=body, headers=named)

    def get(self, path: str, **headers: str) -> Any:
        """The JSON of a GET that must succeed."""
        return good(self.call("GET", path, **headers))

    def article(self, key: str = "1") -> str:
        return f"/sites/{self.key}/articles/{key}"

    def page(self, article: str = "1", query: str = "") -> Any:
        return self.get(f"{self.article(article)}/comments{query}")

    def changes(self, after: int, article: str = "1") -> Any:
        return self.get(f"{self.article(article)}/changes?after={after}")

    def session(self, token: str, **headers: str) -> TestResponse:
        return self.call("POST", "/session", {"site": self.key, "token": token}, **headers)

    def reader(self, sub: str = "kiesel", **claims: Any) -> "Reader":
        """Somebody signed in with a token of these claims."""
        opened = good(self.session(self.token(sub, **claims)))
        return Reader(self, opened["access_token"], opened["viewer"], {"sub": sub} | claims)

    def desk(self, role: str = "moderator", sites: tuple[str, ...] | None = None) -> "Desk":
        """A console account of its own, signed in."""
        email = f"{role}-{next(numbers)}@gazette.example"
        with self.database.transaction() as tx:
            create_user(tx, email, email.partition("@")[0], CHEAP.hash(PASSWORD), role, sites)
        return self.browser_of(email)

    def program(self, *scopes: str, name: str | None = None, expires_at: int | None = None) -> "Program":
        """A program of the publisher's with a key for these scopes."""
        called = name or f"program {next(numbers)}"
        with self.database.transaction() as tx:
            site = find_site(tx.conn, self.key)
            assert site is not None
            row, key = make_api_key(tx, None, site, called, scopes, expires_at)
        return Program(self, key, str(row.id))

    def browser_of(self, email: str) -> "Desk":
        """This console account, signed in with one more browser, which has an address of its own."""
        desk = Desk(self.app.test_client(), email)
        desk.client.environ_base["REMOTE_ADDR"] = f"10.{next(numbers) >> 8 & 255}.{next(numbers) & 255}.1"
        desk.sign_in()
        return desk

    def work(self) -> None:
        """Do the jobs that are due, as the worker does."""
        settings = parts_of(self.app).settings
        worker = Worker(self.database, frozenset(), settings.secret_key, settings.data_dir, None, read_file)
        while worker.work():
            pass

    def ask(self, **asking: Any) -> None:
        """Ask the classifiers about what is due, as the worker does."""
        asked = Asking(self.database, frozenset({"localhost"}), parts_of(self.app).settings.secret_key, **asking)
        while asked.work():
            assert asked.wait(20)

    def tell(self) -> None:
        """Send what webhooks are to be told and is due, as the worker does."""
        settings = parts_of(self.app).settings
        telling = Delivering(self.database, settings.private_hosts, settings.secret_key)
        while telling.work():
            assert telling.wait(20)

    def read(self) -> Any:
        """A connection for looking into the database: `with gazette.read() as conn`."""
        return self.database.read()

    def change(self, change: Callable[[Connection], Any]) -> Any:
        """Write past all actions: to make what takes years."""
        with self.database.transaction() as tx:
            return change(tx.conn)


@dataclass
class Reader:
    """A member with an access token."""

    site: Gazette
    token: str
    viewer: dict[str, Any]
    claims: dict[str, Any] = field(default_factory=dict)  # of the publisher's token

    @cached_property
    def visitor(self) -> "Visitor":
        """The same person at their own page."""
        return Visitor.of(self.site, **self.claims)

    @property
    def id(self) -> str:
        return str(self.viewer["id"])

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.site.call(method, path, body, Authorization=f"Bearer {self.token}", **headers)

    def send(
        self, body: str, parent: str | None = None, article: str = "1", key: str | None = None, **more: Any
    ) -> TestResponse:
        """POST a comment; under a fresh idempotency key unless one is given."""
        sent = {"body": body, "parent_id": parent} | more
        return self.call(
            "POST", f"{self.site.article(article)}/comments", sent, Idempotency_Key=key or f"key-{next(numbers)}"
        )

    def post(self, body: str, parent: str | None = None, article: str = "1") -> Any:
        return good(self.send(body, parent, article), 201)

    def edit(self, comment: str, body: str, **more: Any) -> TestResponse:
        return self.call("PATCH", f"/comments/{comment}", {"body": body} | more)

    def withdraw(self, comment: str) -> TestResponse:
        return self.call("DELETE", f"/comments/{comment}")

    def react(self, comment: str, method: str = "PUT", kind: str = "recommend") -> TestResponse:
        return self.call(method, f"/comments/{comment}/reactions/{kind}")

    def report(self, comment: str, reason: str = "abuse", **more: Any) -> TestResponse:
        return self.call("POST", f"/comments/{comment}/reports", {"reason": reason} | more)

    def mine(self, article: str = "1") -> Any:
        return good(self.call("GET", f"{self.site.article(article)}/mine"))


@dataclass
class Program:
    """A program of the publisher's: it has a key, and neither cookies nor a person."""

    site: Gazette
    key: str
    id: str

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.site.call(method, path, body, **{"Authorization": f"Bearer {self.key}"} | headers)

    def get(self, path: str) -> Any:
        return good(self.call("GET", path))


@dataclass
class Desk:
    """A console account in a browser of its own."""

    client: FlaskClient
    email: str
    csrf: str = ""

    def sign_in(self) -> Any:
        return good(self.call("POST", "/session", {"email": self.email, "password": PASSWORD}))

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        named = {"X-CSRF-Token": self.csrf} | {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.client.open(f"{API}/console{path}", method=method, json=body, headers=named)
        shown = answer.get_json(silent=True) or {}
        if answer.status_code == 200 and path.startswith(("/session", "/account")):  # a session under a new id
            self.csrf = (shown.get("session") or shown).get("csrf", self.csrf)
        return answer

    def bring(self, site: str, data: bytes, name: str = "old.ndjson", kind: str = "archive", **more: str) -> str:
        """Announce a file to be imported and send all of it; its id."""
        new = {"name": name, "size": len(data), "format": kind} | more
        made = good(self.call("POST", f"/sites/{site}/imports", new), 201)
        for number, start in enumerate(range(0, len(data), made["chunk_size"])):
            good(self.send_chunk(site, made["id"], number, data[start : start + made["chunk_size"]]))
        return str(made["id"])

    def send_chunk(self, site: str, upload: str, number: int, data: bytes) -> TestResponse:
        path = f"{API}/console/sites/{site}/imports/{upload}/chunks/{number}"
        return self.client.put(path, data=data, headers={"X-CSRF-Token": self.csrf})

    def get(self, path: str) -> Any:
        return good(self.call("GET", path))

    def item(self, comment: str) -> Any:
        return self.get(f"/comments/{comment}")

    def decide(
        self, comment: str, decision: str, *, version: int | None = None, reason: str | None = None, **more: Any
    ) -> TestResponse:
        """A decision about the version that stands, unless another is given; a rejection needs a reason."""
        version = self.item(comment)["comment"]["version"] if version is None else version
        reason = "spam" if reason is None and decision == "reject" else reason
        body = {"decision": decision, "version": version, "reason": reason} | more
        return self.call("POST", f"/comments/{comment}/decision", body)


def good(response: TestResponse, status: int = 200) -> Any:
    """The JSON of an answer that must have this status."""
    assert response.status_code == status, f"{response.request.path}: {response.status} {response.get_data(True)}"
    return json.loads(response.get_data()) if response.get_data() else None


def refused(response: TestResponse, status: int, code: str | None = None) -> dict[str, Any]:
    """The problem document of an answer that must be a refusal of this status and code."""
    assert response.status_code == status, f"{response.request.path}: {response.status} {response.get_data(True)}"
    assert response.mimetype == "application/problem+json"
    problem: dict[str, Any] = json.loads(response.get_data())
    assert (problem["type"], problem["status"]) == ("about:blank", status)
    assert problem["title"] and problem["detail"] and problem["code"]
    assert code is None or problem["code"] == code, problem
    return problem


@dataclass
class Visitor:
    """A member at their own page, in a browser of their own."""

    site: Gazette
    client: FlaskClient
    csrf: str = ""

    @classmethod
    def of(cls, paper: Gazette, sub: str = "kiesel", **claims: Any) -> "Visitor":
        """Somebody who came with a token of these claims, from a page of the site's."""
        visitor = cls(paper, paper.app.test_client())
        answer = visitor.enter(paper.token(sub, **claims))
        assert answer.status_code == 303, answer.get_data(True)
        visitor.csrf = visitor.get("/visit")["csrf"]
        return visitor

    def enter(self, token: str, origin: str | None = None, **form: str) -> TestResponse:
        """The form that the widget sends; `origin` "": without any."""
        named = {} if origin == "" else {"Origin": origin or self.site.origin}
        return self.client.post(f"/me/{self.site.key}", data={"token": token, **form}, headers=named)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        named = {"X-CSRF-Token": self.csrf} | {name.replace("_", "-"): value for name, value in headers.items()}
        whole = path if path.startswith(OWN_PAGE) else f"{OWN_PAGE}{self.site.key}{path}"
        return self.client.open(whole, method=method, json=body, headers=named)

    def get(self, path: str) -> Any:
        return good(self.call("GET", path))

    def page(self, query: str = "") -> TestResponse:
        return self.client.get(f"/me/{self.site.key}/{query}")
