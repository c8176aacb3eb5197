"""The API's description as pages for people, made here from the OpenAPI document: an index that can be searched, and a
page for each group with parameters, fields, examples and a command to try. No script.
"""

import json
import re
from typing import Any

from flask import Blueprint, Response, current_app, request

from comments.core.errors import CommentsError, NotFound
from comments.core.present import Json
from comments.http.bundles import built
from comments.http.headers import NO_SCRIPTS
from comments.http.openapi import described
from comments.http.pages import HTML, fail, say, template
from comments.http.request import parts

blueprint = Blueprint("docs", __name__)
blueprint.register_error_handler(CommentsError, say)
blueprint.register_error_handler(Exception, fail)

POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; "
    f"frame-ancestors 'none'; {NO_SCRIPTS}"
)
METHODS = ("get", "post", "put", "patch", "delete")
DEEPEST = 4  # of fields within fields: of what is sent
OF_ANSWERS = 2  # … and of what is answered, whose example shows the rest
LONGEST_SEARCH = 100  # characters
WHO = {
    "none": "nobody needs to show anything",
    "bearer": "a reader's access token",
    "key": "a key of the site",
    "console": "somebody signed in to the console",
    "me": "a reader on their own page",
}


def slug_of(tag: str) -> str:
    return re.sub(r"[^a-z]+", "-", tag.lower()).strip("-")


@blueprint.get("/api/docs")
def index() -> Response:
    wanted = request.args.get("q", "")[:LONGEST_SEARCH].strip()
    document = described(current_app)
    return _page("docs_index.html", q=wanted, groups=groups(document, wanted), about=document["info"])


@blueprint.get("/api/docs/<group>")
def group(group: str) -> Response:
    document = described(current_app)
    found = next((one for one in groups(document, "") if one["slug"] == group), None)
    if found is None:
        raise NotFound("group of calls")
    shown = [_whole(document, one) for one in found["operations"]]
    return _page("docs_group.html", q="", group=found | {"operations": shown}, groups=groups(document, ""))


def _page(name: str, **values: Any) -> Response:
    body = template(name).render(style=built("docs.css"), **values)
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
    return Response(body, content_type=HTML, headers=headers)


def groups(document: Json, wanted: str) -> list[Json]:
    """The document's tags in their order, each with its operations, or those with all words of `wanted`."""
    words = wanted.lower().split()
    found: dict[str, list[Json]] = {tag["name"]: [] for tag in document["tags"]}
    for path, operations in document["paths"].items():
        for method in METHODS:
            if method not in operations:
                continue
            one = operations[method] | {"method": method.upper(), "path": path}
            text = f"{one['summary']} {method} {path} {one['operationId']} {one['tags'][0]}".lower()
            if all(word in text for word in words):
                found[one["tags"][0]].append(one)
    return [
        {
            "name": tag["name"],
            "about": tag["description"],
            "slug": slug_of(tag["name"]),
            "operations": found[tag["name"]],
        }
        for tag in document["tags"]
        if found[tag["name"]]
    ]


def _whole(document: Json, one: Json) -> Json:
    """An operation with everything that its part of the page says."""
    body = one.get("requestBody", {}).get("content", {}).get("application/json")
    answers = [
        {"status": status, **_answer(document, answer)}
        for status, answer in one["responses"].items()
        if status != "default"
    ]
    return one | {
        "anchor": one["operationId"],
        "who": [WHO[name] for way in one["security"] for name in way] or [WHO["none"]],
        "body": None
        if body is None
        else {"fields": _fields(document, body["schema"], DEEPEST), "example": _json(body["example"])},
        "answers": answers,
        "command": command(one, body),
    }


def _answer(document: Json, answer: Json) -> Json:
    content = answer.get("content", {})
    if "application/json" not in content:
        return {"kind": next(iter(content), None), "fields": [], "example": None}
    kind = content["application/json"]
    fields = _fields(document, kind["schema"], OF_ANSWERS) if "schema" in kind else []
    return {"kind": "application/json", "fields": fields, "example": _json(kind.get("example"))}


def _json(example: Any) -> str:
    return json.dumps(example, indent=2, ensure_ascii=False)


def command(one: Json, body: Json | None) -> str:
    """How to call it with curl."""
    path = one["path"]
    for parameter in one["parameters"]:
        if parameter["in"] == "path":
            path = path.replace("{" + parameter["name"] + "}", str(parameter["example"]))
    lines = [f"curl -X {one['method']} '{parts().settings.public_url}{path}'" if one["method"] != "GET" else
             f"curl '{parts().settings.public_url}{path}'"]  # fmt: skip
    ways = {name for way in one["security"] for name in way}
    if "key" in ways:
        lines.append('-H "Authorization: Bearer $COMMENTS_API_KEY"')
    elif "bearer" in ways:
        lines.append('-H "Authorization: Bearer $ACCESS_TOKEN"')
    elif "console" in ways:
        lines.append(
            '-b "$CONSOLE_COOKIE"' if one["method"] == "GET" else '-b "$CONSOLE_COOKIE" -H "X-CSRF-Token: $CSRF"'
        )
    lines += [f"-H '{one['name']}: …'" for one in one["parameters"] if one["in"] == "header" and one["required"]]
    if body is not None:
        said = json.dumps(body["example"], ensure_ascii=False).replace("'", r"'\''")
        lines += ["-H 'Content-Type: application/json'", f"-d '{said}'"]
    return " \\\n  ".join(lines)


def _fields(document: Json, schema: Json, deepest: int, name: str = "") -> list[Json]:
    """The fields of a body as rows: name (with those around it), type, whether it must be there, what it may be."""
    schemas = document["components"]["schemas"]
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    found = []
    needed = schema.get("required", ())
    for field, one in schema.get("properties", {}).items():
        full = f"{name}.{field}" if name else field
        found.append({"name": full, "type": _type(one), "needed": field in needed, "about": _about(one)})
        inner = _inner(one)
        if inner is not None and deepest > 1:
            mark = "[]" if _is_list(one) else ""
            found += _fields(document, inner, deepest - 1, full + mark)
    return found


def _ways(schema: Json) -> list[Json]:
    return [one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"]


def _is_list(schema: Json) -> bool:
    return any(one.get("type") == "array" for one in _ways(schema))


def _inner(schema: Json) -> Json | None:
    """What has fields of its own in here."""
    for one in _ways(schema):
        items = one.get("items") if one.get("type") == "array" else one
        if isinstance(items, dict) and "$ref" in items:
            return items
    return None


def _type(schema: Json) -> str:
    names = []
    for one in schema.get("anyOf", [schema]):
        if "$ref" in one:
            names.append("object")
        elif one.get("type") == "array":
            items = one.get("items")
            names.append(f"list of {_type(items)}s" if isinstance(items, dict) and items else "list")
        elif "enum" in one:
            names.append(" | ".join(f"“{value}”" for value in one["enum"]))
        else:
            names.append(
                {"string": "text", "integer": "whole number"}.get(one.get("type"), one.get("type", "any JSON"))
            )
    return " or ".join(dict.fromkeys(names))


def _about(schema: Json) -> str:
    said = []
    for one in _ways(schema):
        if one.get("description"):
            said.append(one["description"])
        said += [f"at most {one['maxLength']} characters"] if "maxLength" in one else []
        said += [f"at least {one['minimum']}"] if one.get("minimum") else []
        said += [f"at most {one['maximum']}"] if one.get("maximum", 2**53) < 2**31 else []
    if "default" in schema and schema["default"] is not None:
        said.append(f"otherwise {json.dumps(schema['default'], ensure_ascii=False)}")
    return "; ".join(said)
