"""Examples for the OpenAPI document, made from its own schemas, so that none can say what the schema does not: a test
holds each against it.
"""

from typing import Any

from comments.core.present import Json

Schemas = dict[str, Json]
IN_PATHS = {
    "site": "gazette", "article": "2026-03-spring", "comment": "4711", "member": "17", "sub": "reader-17",
    "queue": "waiting", "name": "moody", "kind": "recommend", "number": "3", "api_key": "2",
    "signing_key": "1", "trial": "5", "upload": "4", "decision": "12", "warning": "8", "appeal": "6", "session": "9",
}  # fmt: skip
BY_NAME = {  # what a text is, where its name says it
    "url": "https://www.gazette.example/2026/spring", "title": "Spring is here", "section": "sport",
    "body": "Well said.", "text": "Well said.", "name": "our CMS", "reason": "spam", "note": "seen before",
    "email": "editor@gazette.example",
    "issuer": "https://www.gazette.example", "jwks_url": "https://www.gazette.example/jwks.json", "kid": "2026-1",
    "article_url": "https://www.gazette.example/2026/spring", "article_title": "Spring is here", "detail": "look",
    "article_section": "sport", "article": "2026-03-spring", "key": "gazette", "site": "gazette", "locale": "en",
    "code": "not_found", "prefix": "cak_4fWq2Z", "sub": "reader-17",
}  # fmt: skip
TIME = "2030-01-01T00:00:00Z"
PATTERNS = {  # texts for the shapes that there are
    r"\A([01][0-9]|2[0-3]):[0-5][0-9]\Z": "22:00",
    r"^[0-9]{1,18}$": "4711", r"^[a-z]{2,3}(-[A-Z]{2})?$": "en", r"\A[a-z]{2,3}(-[A-Z]{2})?\Z": "en",
}  # fmt: skip


def example_of(schema: Json, schemas: Schemas, name: str = "", within: tuple[str, ...] = ()) -> Any:
    """A value that fits the schema. `within`: the schemas that it is part of; a list of one of these is empty."""
    if "$ref" in schema:
        called = schema["$ref"].rpartition("/")[2]
        return example_of(schemas[called], schemas, name, (*within, called))
    for known in ("example", "const"):
        if known in schema:
            return schema[known]
    if schema.get("enum"):
        return schema["enum"][0]
    ways = schema.get("anyOf") or schema.get("oneOf")
    if ways:
        chosen = [one for one in ways if one.get("type") != "null" and not _goes_round(one, within)]
        return example_of(chosen[0], schemas, name, within) if chosen else None
    return _of_type(schema, schemas, name, within)


def _goes_round(schema: Json, within: tuple[str, ...]) -> bool:
    return str(schema.get("$ref", "")).rpartition("/")[2] in within


def _of_type(schema: Json, schemas: Schemas, name: str, within: tuple[str, ...]) -> Any:
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        return {one: example_of(of, schemas, one, within) for one, of in schema.get("properties", {}).items()}
    if kind == "array":
        return _array(schema, schemas, name, within)
    if kind == "string":
        return _text(schema, name)
    if kind in ("integer", "number"):
        least = schema.get("minimum", 1)
        return max(least, min(1, schema.get("maximum", 1)))
    return {"boolean": True, "null": None}.get(str(kind), {})


def _array(schema: Json, schemas: Schemas, name: str, within: tuple[str, ...]) -> list[Any]:
    if "prefixItems" in schema:
        return [example_of(one, schemas, name, within) for one in schema["prefixItems"]]
    items = schema.get("items")
    if not isinstance(items, dict) or _goes_round(items, within):
        return []
    return [example_of(items, schemas, name.removesuffix("s"), within)] * max(1, schema.get("minItems", 1))


def _text(schema: Json, name: str) -> str:
    if schema.get("pattern") in PATTERNS:
        return PATTERNS[schema["pattern"]]
    if name.endswith(("_at", "until")) or name in ("since", "at", "seen", "from", "to"):
        found = TIME
    elif name == "origin":
        found = "https://www.gazette.example"
    elif name.endswith("id"):
        found = "4711"
    else:
        found = BY_NAME.get(name, "text")
    return found[: schema.get("maxLength", 1000)].ljust(schema.get("minLength", 0), "x")
