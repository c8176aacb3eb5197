"""Bodies are taken as they are described, to the letter: types are not guessed, fields that nobody described are
refused by name. Generated from the OpenAPI document: a new endpoint with a body is walked without being named here.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.http.limiter import Limiter
from comments.storage import tables
from tests.gazette import Desk, Gazette, Reader, address, parts_of, refused
from tests.http.test_errors import asked, everything

# Columns and claims that a client might hope to set: whatever a body does not describe is refused.
STAFFS = sorted(
    {column.name for table in (tables.comments, tables.members, tables.users, tables.articles) for column in table.c}
    | {"member", "author", "is_staff", "is_admin", "admin", "verified", "pick", "picked", "locked", "site", "epoch",
       "permissions", "sub", "ent", "viewer", "__proto__", "constructor", "_id", "$where", "Body", "body ", "bоdy"}
)  # fmt: skip
JSON = "application/json"
TRUTHY = ["true", "false", "yes", "on", "1", "0", "", 1, 0, 1.0, [], {}, "null"]
NO_NUMBERS = ["1", "", 1.5, "1e3", True, False, [], {}, 1e400, 10**400, "٣"]
NO_TEXTS = [1, 0, 1.5, True, False, [], {}, ["x"], {"x": "y"}]


@pytest.fixture
def kiesel(paper: Gazette) -> Reader:
    return paper.reader("kiesel")


class Walk:
    """Every endpoint with a body: its good body, and what the document says of it."""

    def __init__(self, app: Flask, paper: Gazette, kiesel: Reader) -> None:
        self.app, self.paper, self.kiesel = app, paper, kiesel
        self.desk: Desk = paper.desk("administrator")
        self.comment = kiesel.post("one")["id"]
        self.document = paper.get("/openapi.json")

    def __iter__(self) -> Iterator[tuple[str, str, dict[str, Any], Any]]:
        """(method, path, a good body, its schema)."""
        adapter = self.app.url_map.bind("localhost")
        found = set()
        for method, path, body in everything(self.paper, self.comment, self.kiesel.id):
            rule, _ = adapter.match(address(path.partition("?")[0]), method, return_rule=True)
            named = re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", rule.rule)
            described = self.document["paths"].get(named, {}).get(method.lower(), {}).get("requestBody")
            if described is not None and JSON not in described["content"]:
                continue  # bytes of a file, in which nothing is described
            assert (described is None) == (body is None), f"{method} {path}: a good body, and a described one"
            if described is not None and body is not None:
                found.add((method.lower(), named))
                yield method, path, body, described["content"]["application/json"]["schema"]
        described_ones = {
            (method, path)
            for path, operations in self.document["paths"].items()
            for method, one in operations.items()
            if JSON in one.get("requestBody", {}).get("content", ())
        }
        assert found == described_ones, "an endpoint with a body that no line of everything() has"

    def properties(self, schema: Any) -> dict[str, Any]:
        name = schema["$ref"].rpartition("/")[2]
        found: dict[str, Any] = self.document["components"]["schemas"][name]["properties"]
        return found

    def send(self, method: str, path: str, text: str) -> Any:
        parts_of(self.app).limiter = Limiter(None)  # thousands come from one account
        sent = {"data": text, "content_type": "application/json"}
        return asked(self.paper, self.kiesel, self.desk, method, path, **sent)


@pytest.fixture
def walk(app: Flask, paper: Gazette, kiesel: Reader) -> Walk:
    return Walk(app, paper, kiesel)


def rows(paper: Gazette) -> list[list[Any]]:
    found = []
    with paper.read() as conn:
        for table in (tables.comments, tables.members, tables.articles, tables.sites, tables.site_keys):
            found.append([tuple(row) for row in conn.execute(sa.select(table).order_by(table.c.id))])
    return found


def test_what_is_not_described_is_refused_by_name(walk: Walk, paper: Gazette) -> None:
    before, tried = rows(paper), 0
    for method, path, body, schema in walk:
        known = walk.properties(schema)
        for field in STAFFS:
            if field not in known:
                tried += 1
                problem = refused(walk.send(method, path, json.dumps(body | {field: 1})), 400, "malformed")
                assert problem["field"] == field, (path, field)
    assert tried > 1000
    assert rows(paper) == before, "nothing was set"


def kinds(schema: Any) -> set[str]:
    """The JSON types that a field may have; nothing where it refers to something larger."""
    if "$ref" in schema:
        return set()
    found = {schema["type"]} if isinstance(schema.get("type"), str) else set(schema.get("type", ()))
    for one in schema.get("anyOf", ()):
        inner = kinds(one)
        if not inner:
            return set()
        found |= inner
    if "enum" in schema:
        return set()
    return found


WRONG = {"boolean": TRUTHY, "integer": NO_NUMBERS, "string": NO_TEXTS, "number": ["1", True, [], {}, ""]}


def test_types_are_not_guessed(walk: Walk, paper: Gazette) -> None:
    """A text is no truth and 1.5 is no whole number; each refusal names its field."""
    before, tried = rows(paper), dict.fromkeys(WRONG, 0)
    for method, path, body, schema in walk:
        for field, described in walk.properties(schema).items():
            allowed = kinds(described) - {"null"}
            for kind in allowed & WRONG.keys() if len(allowed) == 1 else ():
                for value in WRONG[kind]:
                    text = json.dumps(body | {field: value}).replace("Infinity", "1e400")
                    problem = refused(walk.send(method, path, text), 400, "malformed")
                    assert problem.get("field") == field or value in (1e400, 10**400), (path, field, value, problem)
                    tried[kind] += 1
    assert min(tried[kind] for kind in ("boolean", "integer", "string")) > 20, tried
    assert rows(paper) == before


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "undefined", "True", "None", "0x1", "01", "1.", "+1"])
def test_words_that_are_no_json(walk: Walk, word: str) -> None:
    for method, path, body, _ in walk:
        for field in body:
            text = json.dumps(body | {field: "PLACE"}).replace('"PLACE"', word)
            refused(walk.send(method, path, text), 400, "malformed")


def test_counts_are_asked_for_by_the_right_name(paper: Gazette, kiesel: Reader) -> None:
    """A mistyped name is no question to which the answer is nothing."""
    kiesel.post("one")
    path = "/sites/gazette/counts"
    assert paper.get(f"{path}?article=1") == {"counts": {"1": 1}} and paper.get(path) == {"counts": {}}
    for query, field in (("articles=1", "articles"), ("article=1&id=2", "id"), ("article[]=1", "article[]")):
        assert refused(paper.call("GET", f"{path}?{query}"), 400, "malformed")["field"] == field
