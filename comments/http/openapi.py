"""The served OpenAPI document: every route says its words with `operation`, the types come from schemas.py."""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from types import UnionType
from typing import Any, TypeVar

import msgspec
from flask import Blueprint, Flask, Response, current_app

from comments import __version__
from comments.core.present import Json
from comments.http import openapi_webhooks, schemas
from comments.http.keyholders import KEYS_OPEN
from comments.http.openapi_examples import IN_PATHS, example_of
from comments.http.openapi_tags import OTHERS, TAGS, tag_of
from comments.http.request import answer

TYPES: dict[str, Json] = {"limit": {"type": "integer", "minimum": 1}, "before": {"type": "integer"}}
INTRODUCTION = """\
Everything that the console does for a site, a publisher's programs can do with a key of that site: send
`Authorization: Bearer cak_…`. Lists answer `next_cursor`; send it as `cursor` for what follows, until it is null.
What is refused is answered with a problem document (RFC 9457): `code` is for programs, `detail` for people."""

View = TypeVar("View", bound=Callable[..., Any])

# "none" | "optional" (bearer where reading is not for everyone) | "bearer" | "console" (a key, too, where it is about a
# site's own things) | "person" (of the console: no key) | "me" (the visit of one's own page)
Security = str
FILES: dict[Any, list[str]] = {  # what a view that answers with a file says
    bytes: ["application/x-ndjson"],
    str: ["text/csv"],
    bytes | str: ["application/x-ndjson", "text/csv"],
}


@dataclass(frozen=True, slots=True)
class Operation:
    """What the document says of a route."""

    summary: str
    security: Security
    body: type[Any] | None
    answers: dict[int, type[Any] | UnionType | None]
    query: dict[str, str]
    headers: dict[str, str]
    may_send: dict[str, str]


def operation(
    summary: str,
    *,
    security: Security,
    answers: dict[int, type[Any] | UnionType | None],
    body: type[Any] | None = None,
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    may_send: dict[str, str] | None = None,
) -> Callable[[View], View]:
    """Describe a view. `query`, `headers` (needed) and `may_send` (headers that are not): name → what it is."""

    def mark(view: View) -> View:
        view.__operation__ = Operation(  # type: ignore[attr-defined]
            summary, security, body, answers, query or {}, headers or {}, may_send or {}
        )
        return view

    return mark


blueprint = Blueprint("openapi", __name__)


@blueprint.get("/api/v1/openapi.json")
@operation("This document", security="none", answers={200: None})
def document() -> Response:
    return answer(described(current_app), headers={"Cache-Control": "public, max-age=300"})


def described(app: Flask) -> Json:
    """The document of this application, or of the proxy for it."""
    real: Flask = getattr(app, "_get_current_object", lambda: app)()
    return _document(real)


@functools.lru_cache(maxsize=4)
def _document(app: Flask) -> dict[str, Any]:
    routes = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        described: Operation | None = getattr(app.view_functions[rule.endpoint], "__operation__", None)
        if described is not None:
            routes += [(rule, method, described) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
    kinds = [kind for _, _, one in routes for kind in (one.body, *one.answers.values()) if kind not in (None, *FILES)]
    told = (*kinds, *openapi_webhooks.KINDS, schemas.Problem, schemas.GoneComment)
    _, components = msgspec.json.schema_components([*dict.fromkeys(told)], ref_template="#/components/schemas/{name}")
    paths: dict[str, Any] = {}
    for rule, method, described in routes:
        path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)
        paths.setdefault(path, {})[method.lower()] = _operation(rule.endpoint, method, path, described)
    _say_pairs_plainly(components)
    for path, operations in paths.items():
        for one in operations.values():
            _add_examples(path, one, components)
    used = {tag for operations in paths.values() for one in operations.values() for tag in one["tags"]}
    return _told_apart(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "comments",
                "version": __version__,
                "description": INTRODUCTION,
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": "/"}],
            "tags": [
                {"name": tag, "description": TAGS[tag][0] if tag in TAGS else "What belongs to none of these."}
                for tag in (*TAGS, OTHERS)
                if tag in used
            ],
            "paths": paths,
            "webhooks": openapi_webhooks.webhooks(),
            "components": {
                "schemas": components,
                "securitySchemes": {
                    "bearer": {
                        "type": "http",
                        "scheme": "bearer",
                        "description": "An access token from POST /api/v1/session",
                    },
                    "key": {
                        "type": "http",
                        "scheme": "bearer",
                        "description": "A site's own key, made in the console under “API keys”",
                    },
                    "console": {
                        "type": "apiKey",
                        "in": "cookie",
                        "name": "comments_console",
                        "description": "The session of somebody who is signed in to the console",
                    },
                    "me": {
                        "type": "apiKey",
                        "in": "cookie",
                        "name": "comments_me_{site}",
                        "description": "The visit of a member at their own page",
                    },
                },
            },
        }
    )


def _operation(endpoint: str, method: str, path: str, one: Operation) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{([^{}]+)}", path)
    ]
    for place, needed, described in (
        ("query", False, one.query), ("header", True, one.headers), ("header", False, one.may_send),
    ):  # fmt: skip
        parameters += [
            {
                "name": name,
                "in": place,
                "description": text,
                "required": needed,
                "schema": TYPES.get(name, {"type": "string"}),
            }
            for name, text in described.items()
        ]
    shape: dict[str, Any] = {
        "operationId": endpoint.replace(".", "_") + ("" if method == "GET" else f"_{method.lower()}"),
        "summary": one.summary,
        "tags": [tag_of(endpoint)],
        "parameters": parameters,
        "responses": {str(status): _answer(kind) for status, kind in one.answers.items()},
        "security": _security(path, one.security),
    }
    shape["responses"]["default"] = _problem()
    if one.body is bytes:
        octets = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        shape["requestBody"] = {"required": True, "content": octets}
    elif one.body is not None:
        shape["requestBody"] = {"required": True, "content": {"application/json": {"schema": _reference(one.body)}}}
    return shape


def _told_apart(document: Json) -> Json:
    """A schema that is called as one of its own fields gets another name: in clients that are generated the two are one
    word.
    """
    schemas = document["components"]["schemas"]
    clash = [name for name, one in schemas.items() if _snake(name) in one.get("properties", {})]
    text = msgspec.json.encode(document).decode()
    for name in clash:
        text = text.replace(f'"#/components/schemas/{name}"', f'"#/components/schemas/{name}Answer"')
    found: Json = msgspec.json.decode(text)
    for name in clash:
        found["components"]["schemas"][f"{name}Answer"] = found["components"]["schemas"].pop(name) | {
            "title": f"{name}Answer"
        }
    return found


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _say_pairs_plainly(schema: Any) -> None:
    """A pair of numbers as a list of two, and of any list that it may hold anything: generators of clients know neither
    `prefixItems` with nothing after it nor lists without `items`.
    """
    for one in schema if isinstance(schema, list) else schema.values() if isinstance(schema, dict) else ():
        _say_pairs_plainly(one)
    if isinstance(schema, dict) and schema.get("type") == "array":
        schema.setdefault("items", {})
    if isinstance(schema, dict) and schema.get("items") is False:
        of = schema["prefixItems"]
        if all(one == of[0] for one in of):
            schema["items"] = schema.pop("prefixItems")[0]


def _add_examples(path: str, one: Json, components: dict[str, Json]) -> None:
    """An example for each parameter of the path, each body and each answer."""
    for parameter in one["parameters"]:
        if parameter["in"] == "path":
            parameter["example"] = IN_PATHS.get(parameter["name"], "1")
    bodies = [one["requestBody"]] if "requestBody" in one else []
    answers = [answer for status, answer in one["responses"].items() if status != "default"]
    for content in (kind for said in (*bodies, *answers) for kind in said.get("content", {}).items()):
        if content[0] == "application/json":
            content[1]["example"] = example_of(content[1]["schema"], components)


def _security(path: str, wanted: Security) -> list[dict[str, list[str]]]:
    """Each of these ways by itself will do."""
    known: dict[str, list[dict[str, list[str]]]] = {
        "none": [],
        "optional": [{}, {"bearer": []}],
        "person": [{"console": []}],
        "console": [{"key": []}, {"console": []}] if path.startswith(KEYS_OPEN) else [{"console": []}],
    }
    return known.get(wanted, [{wanted: []}])


def _reference(kind: type[Any]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


def _answer(kind: Any) -> dict[str, Any]:
    if kind is None:
        return {"description": "Done"}
    if kind in FILES:
        return {"description": "Done", "content": {one: {"schema": {"type": "string"}} for one in FILES[kind]}}
    return {"description": "Done", "content": {"application/json": {"schema": _reference(kind)}}}


def _problem() -> dict[str, Any]:
    content = {"application/problem+json": {"schema": _reference(schemas.Problem)}}
    return {"description": "What is wrong, where, and what would be right", "content": content}
