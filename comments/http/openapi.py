"""The served OpenAPI document: every route says its words with `operation`, the types come from schemas.py."""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from flask import Blueprint, Flask, Response

from comments import __version__
from comments.http import schemas
from comments.http.request import answer

View = TypeVar("View", bound=Callable[..., Any])

Security = str  # "none" | "optional" (bearer where reading is not for everyone) | "bearer" | "console"


@dataclass(frozen=True, slots=True)
class Operation:
    """What the document says of a route."""

    summary: str
    security: Security
    body: type[Any] | None
    answers: dict[int, type[Any] | None]
    query: dict[str, str]
    headers: dict[str, str]


def operation(
    summary: str,
    *,
    security: Security,
    answers: dict[int, type[Any] | None],
    body: type[Any] | None = None,
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> Callable[[View], View]:
    """Describe a view. `query` and `headers`: name → what it is."""

    def mark(view: View) -> View:
        view.__operation__ = Operation(summary, security, body, answers, query or {}, headers or {})  # type: ignore[attr-defined]
        return view

    return mark


blueprint = Blueprint("openapi", __name__)


@blueprint.get("/api/v1/openapi.json")
@operation("This document", security="none", answers={200: None})
def document() -> Response:
    from flask import current_app  # noqa: PLC0415 - the real app, not the proxy, keys the cache

    return answer(_document(current_app._get_current_object()), headers={"Cache-Control": "public, max-age=300"})  # type: ignore[attr-defined]


@functools.lru_cache(maxsize=4)
def _document(app: Flask) -> dict[str, Any]:
    routes = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        described: Operation | None = getattr(app.view_functions[rule.endpoint], "__operation__", None)
        if described is not None:
            routes += [(rule, method, described) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
    kinds = [kind for _, _, one in routes for kind in (one.body, *one.answers.values()) if kind not in (None, str)]
    _, components = msgspec.json.schema_components(
        [*dict.fromkeys(kinds), schemas.Problem, schemas.GoneComment], ref_template="#/components/schemas/{name}"
    )
    paths: dict[str, Any] = {}
    for rule, method, described in routes:
        path = re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", rule.rule)
        paths.setdefault(path, {})[method.lower()] = _operation(rule.endpoint, method, path, described)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "comments",
            "version": __version__,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An access token from POST /api/v1/session",
                },
                "console": {"type": "apiKey", "in": "cookie", "name": "comments_console"},
            },
        },
    }


def _operation(endpoint: str, method: str, path: str, one: Operation) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{([^}]+)}", path)
    ]
    for place, described in (("query", one.query), ("header", one.headers)):
        parameters += [
            {
                "name": name,
                "in": place,
                "description": text,
                "required": place == "header",
                "schema": {"type": "string"},
            }
            for name, text in described.items()
        ]
    shape: dict[str, Any] = {
        "operationId": endpoint.replace(".", "_") + ("" if method == "GET" else f"_{method.lower()}"),
        "summary": one.summary,
        "parameters": parameters,
        "responses": {str(status): _answer(kind) for status, kind in one.answers.items()},
        "security": {"none": [], "optional": [{}, {"bearer": []}]}.get(one.security, [{one.security: []}]),
    }
    shape["responses"]["default"] = _problem()
    if one.body is not None:
        shape["requestBody"] = {"required": True, "content": {"application/json": {"schema": _reference(one.body)}}}
    return shape


def _reference(kind: type[Any]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


def _answer(kind: type[Any] | None) -> dict[str, Any]:
    if kind is None:
        return {"description": "Done"}
    if kind is str:
        return {"description": "Done", "content": {"text/csv": {"schema": {"type": "string"}}}}
    return {"description": "Done", "content": {"application/json": {"schema": _reference(kind)}}}


def _problem() -> dict[str, Any]:
    content = {"application/problem+json": {"schema": _reference(schemas.Problem)}}
    return {"description": "What is wrong, where, and what would be right", "content": content}
