"""Opinions: outside or local classifiers that say how bad a text is. One kind is one module with a `Kind`; others come
with packages that name theirs in the entry-point group `comments.opinions` (docs/recipes.md).

Workers ask (jobs/opinions.py); the console and the command line only look kinds up, to check a configuration.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import entry_points
from typing import Any, Literal, Protocol

import msgspec

from comments.core.errors import Malformed
from comments.outgoing import Answer, OutgoingError, send

GROUP = "comments.opinions"
MOST_LABELS = 100


class OpinionError(Exception):
    """There is no opinion: the text says why, without the secret and without the comment. It is asked for again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """All that a classifier is told. Nobody's address, e-mail or subscription is among it: we hand on none."""

    text: str  # plain
    language: str | None = None
    site: str  # its key
    site_url: str | None = None  # its first origin
    article: str | None = None  # the publisher's id
    article_url: str | None = None
    author: str | None = None  # our number of the member: the same for the same person, and nothing else
    author_name: str | None = None
    is_reply: bool = False
    is_edit: bool = False


@dataclass(frozen=True, slots=True)
class Opinion:
    """Label → score, 0 (nothing) to 1 (surely), by which model in which version."""

    scores: Mapping[str, float]
    model: str
    version: str | None = None


class Asks(Protocol):
    """POSTs a body to an address and returns what is answered with status 200; raises OpinionError. Time and size are
    bounded, redirects are not followed, private addresses are refused but for COMMENTS_PRIVATE_HOSTS.
    """

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of classifier. `config`: its configuration, a msgspec.Struct that refuses unknown fields."""

    config: type[msgspec.Struct]
    ask: Callable[[Question, Any, str | None, Asks], Opinion]  # (question, config, secret, post)
    secret: Literal["needed", "possible", "none"] = "none"  # noqa: S105 - the word, no secret
    labels: tuple[str, ...] = ()  # that it is known to give, for the console; others count as well
    outside: bool = True  # whether texts leave the house
    check: Callable[[Any, str | None], None] | None = None  # raises Malformed for what the types cannot say


@dataclass(frozen=True, slots=True)
class Outside:
    """An `Asks` that goes through the one outgoing client."""

    private_hosts: frozenset[str] = field(default_factory=frozenset)
    seconds: float = 10.0

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        try:
            return send("POST", url, self.private_hosts, body=body, headers=headers, seconds=self.seconds)
        except OutgoingError as error:
            raise OpinionError(str(error)) from error


@cache
def kind_names() -> tuple[str, ...]:
    """The kinds that are installed, without loading them."""
    return tuple(sorted({one.name for one in entry_points(group=GROUP)}))


@cache
def kind_named(name: str) -> Kind:
    """Load a kind. Raises Malformed if there is none, or if its package is broken."""
    for one in entry_points(group=GROUP, name=name):
        try:
            found = one.load()
        except Exception as error:
            raise Malformed(f"The kind {name} cannot be loaded: {type(error).__name__}.", field="kind") from error
        if isinstance(found, Kind):
            return found
        raise Malformed(f"The kind {name} is no comments.opinions.Kind.", field="kind")
    raise Malformed(f"A kind is one of {', '.join(kind_names())}, not {name[:40]!r}.", field="kind")


def read_config(name: str, config: Mapping[str, Any], secret: str | None) -> Any:
    """A kind's configuration, checked. Raises Malformed naming the field."""
    kind = kind_named(name)
    try:
        found = msgspec.convert(dict(config), kind.config)
    except msgspec.ValidationError as error:
        raise Malformed(f"Configuration of {name}: {error}", field="config") from error
    if kind.secret == "needed" and not secret:  # noqa: S105 - the word, no secret
        raise Malformed(f"{name} needs a secret.", field="secret")
    if kind.secret == "none" and secret:  # noqa: S105
        raise Malformed(f"{name} takes no secret.", field="secret")
    if kind.check is not None:
        kind.check(found, secret)
    return found


def ask(name: str, config: Mapping[str, Any], secret: str | None, question: Question, post: Asks) -> Opinion:
    """Ask a classifier. Raises OpinionError, whatever went wrong: adapters of others may fail in any way."""
    try:
        found = kind_named(name).ask(question, read_config(name, config, secret), secret, post)
        scores = {str(label): float(score) for label, score in found.scores.items()}
        model, version = str(found.model), None if found.version is None else str(found.version)
    except OpinionError:
        raise
    except Malformed as error:
        raise OpinionError(error.detail) from error
    except Exception as error:
        raise OpinionError(f"the adapter failed with {type(error).__name__}") from error
    wrong = [label for label, score in scores.items() if not 0 <= score <= 1]  # NaN is none of these
    if wrong:
        raise OpinionError(f"a score lies outside 0–1: {wrong[0][:100]}")
    if len(scores) > MOST_LABELS or any(len(label) > 100 for label in scores):
        raise OpinionError("there are too many or too long labels")
    return Opinion(scores, model[:200], version and version[:200])


def json_object(answer: Answer) -> dict[str, Any]:
    """The body as a JSON object. Raises OpinionError."""
    try:
        return msgspec.json.decode(answer.body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise OpinionError("the answer is no JSON object") from error
