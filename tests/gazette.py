"""A publisher of the tests, its readers and its moderators, in the app of this process: they make real calls.

`Gazette` signs tokens as a publisher does, `Reader` calls the widget's API with a bearer token, `Desk` the console's
with cookie and CSRF token. Nothing here knows how the service answers.
"""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import argon2
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwk, jwt
from sqlalchemy import Connection
from werkzeug.test import TestResponse

from comments.actions.sites import NewSite, create_site, create_user
from comments.http.request import Parts
from comments.jobs.opinions import Asking
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
CHEAP = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # verified like any other, in no time
Clock = Callable[[], int]
numbers = itertools.count(1)


def parts_of(app: Flask) -> Parts:
    parts: Parts = app.extensions["comments"]
    return parts


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
        return client.open(API + path, method=method, json=body, headers=named)

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
        return Reader(self, opened["access_token"], opened["viewer"])

    def desk(self, role: str = "moderator", sites: tuple[str, ...] | None = None) -> "Desk":
        """A console account of its own, signed in."""
        email = f"{role}-{next(numbers)}@gazette.example"
        with self.database.transaction() as tx:
            create_user(tx, email, email.partition("@")[0], CHEAP.hash(PASSWORD), role, sites)
        desk = Desk(self.app.test_client(), email)
        desk.sign_in()
        return desk

    def work(self) -> None:
        """Do the jobs that are due, as the worker does."""
        worker = Worker(self.database)
        while worker.work():
            pass

    def ask(self, **asking: Any) -> None:
        """Ask the classifiers about what is due, as the worker does."""
        asked = Asking(self.database, frozenset({"localhost"}), **asking)
        while asked.work():
            assert asked.wait(20)

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
class Desk:
    """A console account in a browser of its own."""

    client: FlaskClient
    email: str
    csrf: str = ""

    def sign_in(self) -> Any:
        shown = good(self.call("POST", "/session", {"email": self.email, "password": PASSWORD}))
        self.csrf = shown["csrf"]
        return shown

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        named = {"X-CSRF-Token": self.csrf} | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.open(f"{API}/console{path}", method=method, json=body, headers=named)

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
