"""Any service of one's own: JSON, signed as Standard Webhooks sign (https://www.standardwebhooks.com).

It is sent {type, timestamp, data: the question} and answers {scores: {label: 0–1}, model, version}.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from typing import Annotated

import msgspec

from comments.core.errors import Malformed
from comments.core.site import is_http_url
from comments.core.times import time_text
from comments.opinions import Asks, Kind, Opinion, OpinionError, Question

PREFIX = "whsec_"


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    url: Annotated[str, msgspec.Meta(max_length=2000)]


class Said(msgspec.Struct):
    scores: dict[str, float]
    model: str = "http"
    version: str | None = None


def key_of(secret: str) -> bytes:
    """The key in a secret such as whsec_…; raises Malformed."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("http: a secret is whsec_ and 24 to 64 bytes in base64.", field="secret") from error
    if not (secret.startswith(PREFIX) and 24 <= len(key) <= 64):
        raise Malformed("http: a secret is whsec_ and 24 to 64 bytes in base64.", field="secret")
    return key


def check(config: Config, secret: str | None) -> None:
    if not is_http_url(config.url):
        raise Malformed("http: url must be an absolute http(s) URL.", field="config")
    key_of(secret or "")


def signed(body: bytes, secret: str, message: str, seconds: int) -> dict[str, str]:
    """The headers of a message with this id at this time (seconds since 1970)."""
    content = f"{message}.{seconds}.".encode() + body
    signature = base64.b64encode(hmac.digest(key_of(secret), content, hashlib.sha256)).decode()
    return {"webhook-id": message, "webhook-timestamp": str(seconds), "webhook-signature": f"v1,{signature}"}


def ask(question: Question, config: Config, secret: str | None, post: Asks) -> Opinion:
    seconds = int(time.time())
    body = msgspec.json.encode({"type": "opinion.asked", "timestamp": time_text(seconds * 1_000_000), "data": question})
    headers = {"Content-Type": "application/json"} | signed(body, secret or "", f"ask_{secrets.token_hex(12)}", seconds)
    try:
        said = msgspec.json.decode(post(config.url, body, headers).body, type=Said)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise OpinionError("http: the answer is not {scores: {label: number}, model, version}") from error
    return Opinion(said.scores, said.model, said.version)


kind = Kind(config=Config, ask=ask, secret="needed", check=check)  # noqa: S106 - the word
