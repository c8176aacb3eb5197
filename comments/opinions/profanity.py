"""alt-profanity-check: English abuse, by a small model that lies in its package; needs no network, nothing leaves the
house. An optional extra: `pip install "comments[profanity]"`. Loaded where it is asked, in the worker.
"""

import importlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec

from comments.core.errors import Malformed
from comments.opinions import Asks, Kind, Opinion, Question

PACKAGE = "alt-profanity-check"


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """There is nothing to configure."""


@cache
def installed() -> str | None:
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        return None


def check(_config: Config, _secret: str | None) -> None:
    if installed() is None:
        missing = 'The local model is not installed: run pip install "comments[profanity]" where the worker runs.'
        raise Malformed(missing, field="kind")


@cache
def _model() -> Any:
    return importlib.import_module("profanity_check")


def ask(question: Question, _config: Config, _secret: str | None, _post: Asks) -> Opinion:
    score = float(_model().predict_prob([question.text])[0])
    return Opinion({"profanity": min(1.0, max(0.0, score))}, PACKAGE, installed())


kind = Kind(config=Config, ask=ask, labels=("profanity",), outside=False, check=check)
