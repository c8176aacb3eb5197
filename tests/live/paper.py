"""A publisher with its readers and a moderator, for tests: makes a site, signs tokens, speaks the API.

`Paper` does not care how a request travels: `over_http` to a real service, `in_process` to Flask's test client.
"""

import ipaddress
import itertools
import json
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import argon2
from flask.testing import FlaskClient
from joserfc import jwk, jwt

from comments.actions import sites as actions
from comments.storage.sites import find_site
from comments.storage.transaction import Database
from tests.configuring import configure, told_apart

Json = dict[str, Any]
PASSWORD = "correct-horse-battery"
HELD = "beware"  # a word that holds a comment for a moderator
TEST_SETTINGS: Json = {"write": "registered", "pace_seconds": 0, "repeat_hours": 0, "banned_words": (HELD,)}
_number = itertools.count(1)


@dataclass
class Answer:
    """What came back: `data` is the decoded JSON, None where there is no body."""

    status: int
    data: Any
    headers: dict[str, str]

    def expect(self, *wanted: int) -> Any:
        assert self.status in wanted, f"{self.status} instead of {wanted}: {self.data}"
        return self.data


Send = Callable[[str, str, dict[str, str], bytes | None], Answer]


def over_http(url: str) -> Send:
    def send(method: str, path: str, headers: dict[str, str], body: bytes | None) -> Answer:
        request = urllib.request.Request(url + path, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return _answer(response.status, response.read(), dict(response.headers))
        except urllib.error.HTTPError as error:
            with error:
                return _answer(error.code, error.read(), dict(error.headers))

    return send


def in_process(client: FlaskClient) -> Send:
    def send(method: str, path: str, headers: dict[str, str], body: bytes | None) -> Answer:
        response = client.open(path, method=method, headers=headers, data=body)
        return _answer(response.status_code, response.data, dict(response.headers))

    return send


def _answer(status: int, body: bytes, headers: dict[str, str]) -> Answer:
    return Answer(status, json.loads(body) if body else None, headers)


@dataclass
class Member:
    """A reader whom the publisher knows. `token`: our access token."""

    paper: "Paper"
    sub: str
    id: str
    token: str

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        return self.paper.call(method, path, body, Authorization=f"Bearer {self.token}", **headers)

    def try_to_post(self, article: str, text: str, parent: str | None = None, key: str | None = None) -> Answer:
        path = f"{self.paper.path(article)}/comments"
        headers = {"Idempotency-Key": key or secrets.token_hex(8)}
        return self.call("POST", path, {"body": text, "parent_id": parent}, **headers)

    def post(self, article: str, text: str, parent: str | None = None) -> Json:
        return cast(Json, self.try_to_post(article, text, parent).expect(201))

    def edit(self, comment: str, text: str) -> Json:
        return cast(Json, self.call("PATCH", f"/api/v1/comments/{comment}", {"body": text}).expect(200))

    def withdraw(self, comment: str) -> Json:
        return cast(Json, self.call("DELETE", f"/api/v1/comments/{comment}").expect(200))

    def recommend(self, comment: str, on: bool = True) -> Json:
        path = f"/api/v1/comments/{comment}/reactions/recommend"
        return cast(Json, self.call("PUT" if on else "DELETE", path).expect(200))

    def report(self, comment: str, reason: str = "spam") -> Answer:
        return self.call("POST", f"/api/v1/comments/{comment}/reports", {"reason": reason})

    def rename(self, name: str) -> Json:
        return cast(Json, self.call("PATCH", "/api/v1/me", {"name": name}).expect(200))

    def mine(self, article: str) -> Json:
        return cast(Json, self.call("GET", f"{self.paper.path(article)}/mine").expect(200))


@dataclass
class Moderator:
    """Somebody signed in to the console; `cookie` is the value of the Cookie header."""

    paper: "Paper"
    cookie: str
    csrf: str

    def call(self, method: str, path: str, body: Any = None) -> Answer:
        headers = {"Cookie": self.cookie, "X-CSRF-Token": self.csrf}
        return self.paper.call(method, f"/api/v1/console{path}", body, **headers)

    def decide(self, comment: str, decision: str) -> Answer:
        """Decide the version that stands there now."""
        version = self.call("GET", f"/comments/{comment}").expect(200)["comment"]["version"]
        body: Json = {"decision": decision, "version": version}
        if decision == "reject":
            body["reason"] = "spam"
        return self.call("POST", f"/comments/{comment}/decision", body)

    def approve(self, comment: str) -> Json:
        return cast(Json, self.decide(comment, "approve").expect(200))

    def reject(self, comment: str) -> Json:
        return cast(Json, self.decide(comment, "reject").expect(200))

    def mark(self, comment: str, what: str, on: bool) -> None:
        """Pick it or lock its thread, or no longer."""
        self.call("POST" if on else "DELETE", f"/comments/{comment}/{what}").expect(200)

    def undo(self, decision: str) -> Answer:
        return self.call("POST", f"/decisions/{decision}/undo")

    def ban(self, member: Member, reject_waiting: bool = False) -> None:
        body = {"reason": "rude", "until": None, "reject_waiting": reject_waiting}
        self.call("POST", f"/members/{member.id}/ban", body).expect(200)

    def set_mode(self, article: str, mode: str) -> None:
        self.call("PATCH", f"/sites/{self.paper.key}/articles/{article}", {"mode": mode}).expect(200)


@dataclass
class Paper:
    """A publisher's site. `origin` is where its pages lie; `database` a connection of the test's own."""

    send: Send
    database: Database
    key: str
    secret: str
    origin: str
    issuer: str
    product: str = "plus"
    members: dict[str, Member] = field(default_factory=dict)

    @classmethod
    def found(cls, send: Send, database: Database, **settings: Any) -> "Paper":
        """A new site with `settings` beside those that let tests write as they like, and with one moderator for all."""
        key = f"paper-{next(_number)}-{secrets.token_hex(3)}"
        origin, issuer = f"https://{key}.example", f"https://accounts.{key}.example"
        new = actions.NewSite(
            key=key,
            name="The Paper",
            issuer=issuer,
            origins=(origin,),
            products=("plus",),
            **told_apart(TEST_SETTINGS | settings),
        )
        with database.transaction() as tx:
            secret = actions.create_site(tx, new)
        assert secret is not None
        return cls(send, database, key, secret, origin, issuer)

    def configure(self, **change: Any) -> None:
        """Change the site's settings, as another process would."""
        with self.database.transaction() as tx:
            site = find_site(tx.conn, self.key)
            assert site is not None
            configure(tx, site, change)

    def path(self, article: str) -> str:
        return f"/api/v1/sites/{self.key}/articles/{article}"

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            headers["Content-Type"] = "application/json"
        return self.send(method, path, headers, data)

    def sign(self, sub: str, state: str = "active", issued: float | None = None, life: int = 600, **claims: Any) -> str:
        """A token as the publisher's server makes it; `state` "registered": without a subscription."""
        now = int(issued if issued is not None else self.database.clock() // 1_000_000)
        ent = [] if state == "registered" else [{"product": self.product, "state": state, "exp": now + 86_400}]
        said = {"iss": self.issuer, "aud": self.key, "sub": sub, "name": sub, "ent": ent, "iat": now, "exp": now + life}
        key = jwk.OctKey.import_key(self.secret)
        return jwt.encode({"alg": "HS256"}, said | {"jti": secrets.token_hex(8)} | claims, key)

    def exchange(self, sub: str, **signed: Any) -> Answer:
        return self.call("POST", "/api/v1/session", {"site": self.key, "token": self.sign(sub, **signed)})

    def member(self, sub: str, **signed: Any) -> Member:
        """Sign somebody in; the same name again is the same member with a new token."""
        session = self.exchange(sub, **signed).expect(200)
        self.members[sub] = Member(self, sub, session["viewer"]["id"], session["access_token"])
        return self.members[sub]

    def entitle(self, member: Member, state: str, **signed: Any) -> None:
        """The publisher says at once what a member may from now on."""
        body = {"site": self.key, "token": self.sign(member.sub, state, **signed)}
        self.call("POST", f"/api/v1/members/{member.sub}/entitlement", body).expect(204)

    def moderator(self, sections: tuple[str, ...] | None = None) -> Moderator:
        """A console account of its own, signed in; `sections`: that it looks after, None for all."""
        email = f"desk-{secrets.token_hex(4)}@paper.example"
        hashed = argon2.PasswordHasher(time_cost=1, memory_cost=8192).hash(PASSWORD)
        with self.database.transaction() as tx:
            actions.create_user(tx, email, "desk", hashed, "moderator", (self.key,), sections)
        address = str(ipaddress.IPv4Address(secrets.randbits(32)))
        credentials = {"email": email, "password": PASSWORD}
        answer = self.call("POST", "/api/v1/console/session", credentials, **{"X-Forwarded-For": address})
        csrf = answer.expect(200)["csrf"]
        return Moderator(self, answer.headers["Set-Cookie"].partition(";")[0], csrf)

    def page(self, article: str, **query: Any) -> Json:
        asked = "&".join(f"{name}={value}" for name, value in query.items() if value is not None)
        return cast(Json, self.call("GET", f"{self.path(article)}/comments?{asked}").expect(200))

    def changes(self, article: str, after: int) -> Json:
        return cast(Json, self.call("GET", f"{self.path(article)}/changes?after={after}").expect(200))


def seconds_now() -> float:
    return time.monotonic()
