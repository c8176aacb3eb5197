"""Any service of one's own: JSON, signed as Standard Webhooks sign (https://www.standardwebhooks.com).

It is sent {type, timestamp, data: the question} and answers {scores: {label: 0–1}, model, version}.
"""

import secrets
import time
from typing import Annotated

import msgspec

from comments.core.errors import Malformed
from comments.core.site import is_http_url
from comments.core.times import time_text
from comments.core.webhooks import key_of, signed
from comments.opinions import Asks, Kind, Opinion, OpinionError, Question


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    url: Annotated[str, msgspec.Meta(max_length=2000)]


class Said(msgspec.Struct):
    scores: dict[str, float]
    model: str = "http"
    version: str | None = None


def check(config: Config, secret: str | None) -> None:
    if not is_http_url(config.url):
        raise Malformed("http: url must be an absolute http(s) URL.", field="config")
    key_of(secret or "", "http: a")


def ask(question: Question, config: Config, secret: str | None, post: Asks) -> Opinion:
    seconds = int(time.time())
    body = msgspec.json.encode({"type": "opinion.asked", "timestamp": time_text(seconds * 1_000_000), "data": question})
    headers = {"Content-Type": "application/json"} | signed(
        body, [secret or ""], f"ask_{secrets.token_hex(12)}", seconds
    )
    try:
        said = msgspec.json.decode(post(config.url, body, headers).body, type=Said)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise OpinionError("http: the answer is not {scores: {label: number}, model, version}") from error
    return Opinion(said.scores, said.model, said.version)


kind = Kind(config=Config, ask=ask, secret="needed", check=check)  # noqa: S106 - the word
