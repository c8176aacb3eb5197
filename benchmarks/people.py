"""Subscribers of the benchmarks' newspaper: real tokens, exchanged as the widget does it."""

import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.request import Request, urlopen

import msgspec
from joserfc import jwk, jwt

from benchmarks.installation import ISSUER, PRODUCT, SECRET, SITE, Installation
from tests.served import Served


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may write. `headers`: what their browser sends with a post."""

    number: int
    access: str
    origin: str

    def headers(self) -> dict[str, str]:
        key = secrets.token_urlsafe(12)
        return {"Authorization": f"Bearer {self.access}", "Origin": self.origin, "Idempotency-Key": key}


def sign(sub: str, name: str) -> str:
    """The publisher's token of an active subscriber."""
    now = int(time.time())
    claims = {
        "iss": ISSUER, "aud": SITE, "sub": sub, "iat": now, "exp": now + 600, "jti": secrets.token_hex(8), "name": name,
        "ent": [{"product": PRODUCT, "state": "active", "exp": now + 86_400}],
    }  # fmt: skip
    return jwt.encode({"alg": "HS256"}, claims, jwk.OctKey.import_key(SECRET))


def subscribers(setup: Installation, served: Served, count: int) -> list[Person]:
    """Signed in, with access for ten minutes."""
    people = []
    for number in range(count):
        body = {"site": SITE, "token": sign(f"subscriber-{number}", f"Subscriber {number}")}
        answer = post(served.url, "/api/v1/session", body, {"Origin": setup.page_origin})
        people.append(Person(number, answer["access_token"], setup.page_origin))
    return people


def post(url: str, path: str, body: dict[str, Any], headers: dict[str, str]) -> Any:
    """One POST and its JSON; raises urllib's HTTPError."""
    asked = Request(url + path, msgspec.json.encode(body), {"Content-Type": "application/json"} | headers)
    with urlopen(asked, timeout=10) as answer:
        return msgspec.json.decode(answer.read())
