"""Any service that speaks OpenAI's moderation endpoint: POST {base}/moderations. Only the text is sent."""

from typing import Annotated

import msgspec

from comments.core.errors import Malformed
from comments.core.site import is_http_url
from comments.opinions import Asks, Kind, Opinion, OpinionError, Question

LABELS = (
    "harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent", "self-harm",
    "self-harm/instructions", "self-harm/intent", "sexual", "sexual/minors", "violence", "violence/graphic",
)  # fmt: skip


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    base: Annotated[str, msgspec.Meta(max_length=2000)] = "https://api.openai.com/v1"
    model: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] = "omni-moderation-latest"


class Result(msgspec.Struct):
    category_scores: dict[str, float | None]  # null: not judged by this model


class Said(msgspec.Struct):
    results: list[Result]
    model: str | None = None


def check(config: Config, secret: str | None) -> None:
    if not is_http_url(config.base):
        raise Malformed("openai: base must be an absolute http(s) URL.", field="config")
    if secret and not (secret.isascii() and secret.isprintable() and " " not in secret):
        raise Malformed("openai: a key has no spaces and only ASCII characters.", field="secret")


def ask(question: Question, config: Config, secret: str | None, post: Asks) -> Opinion:
    body = msgspec.json.encode({"model": config.model, "input": question.text})
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {secret}"} if secret else {})
    answer = post(f"{config.base.rstrip('/')}/moderations", body, headers)
    try:
        said = msgspec.json.decode(answer.body, type=Said)
        scores = {label: score for label, score in said.results[0].category_scores.items() if score is not None}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, IndexError) as error:
        raise OpinionError("openai: the answer has no results with category_scores") from error
    return Opinion(scores, config.model, said.model)


kind = Kind(config=Config, ask=ask, secret="possible", labels=LABELS, check=check)  # noqa: S106 - the word
