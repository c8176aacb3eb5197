"""The served document: valid, complete, and true of what the service really answers."""

import re
from typing import Any

import jsonschema
import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from werkzeug.test import TestResponse

from tests.conftest import FakeClock
from tests.gazette import API, PASSWORD, Desk, Gazette, Reader, good

# What the document leaves out: browsers' files and pages, and the operator's questions.
UNDESCRIBED = {"console.console", "health.healthz", "health.readyz"}
TEXT = {"reason": "waiting", "language": "en", "text": "Soon."}
Asked = list[tuple[str, str, TestResponse]]  # (method, path of the document, answer)


@pytest.fixture
def document(app: Flask, paper: Gazette) -> dict[str, Any]:
    found: dict[str, Any] = paper.get("/openapi.json")
    return found


def test_it_is_valid(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"] == "3.1.0"
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_route_is_described(app: Flask, document: dict[str, Any]) -> None:
    missing = []
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", rule.rule)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            if rule.endpoint not in UNDESCRIBED and method.lower() not in document["paths"].get(path, {}):
                missing.append(f"{method} {rule.rule} ({rule.endpoint})")
    assert missing == []
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert not UNDESCRIBED - endpoints, "an exception that is none any more"


def test_operations_have_names_of_their_own(document: dict[str, Any]) -> None:
    operations = [one for path in document["paths"].values() for one in path.values()]
    names = [one["operationId"] for one in operations]
    assert len(names) == len(set(names)) >= 30
    assert all(one["summary"] and "default" in one["responses"] for one in operations)


def test_who_may_call(document: dict[str, Any]) -> None:
    """Everything under /console wants the cookie (but signing in), nothing else does."""
    for path, operations in document["paths"].items():
        for method, one in operations.items():
            wants = {name for way in one["security"] for name in way}
            if path.startswith("/api/v1/console"):
                assert wants == (set() if (path, method) == ("/api/v1/console/session", "post") else {"console"}), path
            else:
                assert "console" not in wants, path


class Listening:
    """Follows a story and keeps each answer with the path of the document that it belongs to."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.asked: Asked = []
        self._patterns = [
            (re.compile(re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(path))), path) for path in document["paths"]
        ]

    def __call__(self, answer: TestResponse) -> Any:
        path = next(name for pattern, name in self._patterns if pattern.fullmatch(answer.request.path))
        self.asked.append((answer.request.method.lower(), path, answer))
        return answer.get_json(silent=True)


def story(paper: Gazette, clock: FakeClock, heard: Listening) -> None:
    """One visit of everything that the API has, with all that an answer may hold."""
    herald = Gazette.make(paper.app, clock, "herald", banned_words=["weasel"], reactions=["recommend", "funny"])
    site, article = "/sites/herald", herald.article()
    heard(herald.session(herald.token(avatar="https://pictures.example/k.png", badges=["staff"])))
    kiesel, bach, desk = herald.reader("kiesel"), herald.reader("bach"), herald.desk()
    root = heard(kiesel.send("root", key="k", article_url="https://www.gazette.example/1", article_title="One"))["id"]
    heard(kiesel.send("root", key="k"))
    reply = heard(bach.send("reply **bold** https://www.example.com", root))["id"]
    held = heard(bach.send("a weasel", reply))["id"]
    heard(kiesel.edit(root, "root, corrected"))
    for kind in ("recommend", "funny"):
        heard(bach.react(root, kind=kind))
    heard(bach.react(root, "DELETE"))
    heard(bach.report(root, detail="look"))
    heard(bach.report(root))
    _console(heard, desk, herald, root, held, bach)
    _classifiers(heard, herald)
    heard(bach.call("PUT", f"/members/{kiesel.id}/mute"))
    heard(bach.call("GET", f"{article}/mine"))
    heard(bach.call("DELETE", f"/members/{kiesel.id}/mute"))
    heard(kiesel.call("PATCH", "/me", {"name": "Kiesel am Bach"}))
    extra = heard(kiesel.send("soon gone"))["id"]
    heard(kiesel.withdraw(root))
    heard(kiesel.withdraw(extra))
    reads = ["comments", "comments?limit=1", "changes?after=0", "changes?after=1", "changes?after=99"]
    for path in (*(f"{article}/{what}" for what in reads), f"/comments/{root}/replies", f"/comments/{reply}/context",
                 f"{site}/counts?article=1&article=2", "/openapi.json"):  # fmt: skip
        heard(herald.call("GET", path))
    heard(herald.call("POST", "/members/kiesel/entitlement", {"site": "herald", "token": herald.token(state="lapsed")}))
    _refusals(heard, herald, kiesel, desk, reply)


def _console(heard: Listening, desk: Desk, herald: Gazette, root: str, held: str, bach: Reader) -> None:
    heard(desk.call("POST", "/session", {"email": desk.email, "password": PASSWORD}))
    desk.sign_in()
    for path in ("/session", "/sites/herald/queues", "/sites/herald/queues/waiting", "/sites/herald/queues/reported",
                 "/sites/herald/queues/new", "/sites/herald/queues/appeals", "/sites/herald/filters",
                 "/sites/herald/queues/waiting?order=risk&rule=banned_words",
                 "/sites/herald/search?q=root", "/sites/herald/search?q=kies&kind=members",
                 f"/comments/{root}", f"/comments/{held}"):  # fmt: skip
        heard(desk.call("GET", path))
    heard(desk.call("POST", "/sites/herald/claims", {"comment_ids": [held, root]}))
    heard(herald.desk().decide(held, "approve"))
    heard(desk.call("GET", "/sites/herald/queues/waiting?free=1"))
    heard(desk.call("DELETE", f"/sites/herald/claims?comment={held}"))
    heard(desk.call("POST", "/sites/herald/queues/waiting/claims", {"limit": 5}))
    heard(desk.decide(held, "reject", reason="abuse", note="no"))
    heard(bach.call("POST", f"/comments/{held}/appeal", {"text": "why?"}))
    heard(bach.call("POST", f"/comments/{held}/appeal", {"text": "why?"}))
    appeal = heard(desk.call("GET", f"/comments/{held}"))
    body = {"outcome": "overturned", "version": appeal["comment"]["version"], "note": "yes"}
    heard(herald.desk().call("POST", f"/appeals/{appeal['appeal']['id']}/decision", body))
    heard(bach.call("GET", f"{herald.article()}/mine"))
    heard(herald.desk("administrator").call("PUT", "/sites/herald/texts", TEXT))
    heard(desk.call("GET", "/sites/herald/texts"))
    heard(desk.decide(held, "reject", reason="abuse", note="no"))
    heard(desk.decide(root, "approve"))
    _decisions(heard, desk, root, held)
    heard(desk.call("POST", f"/members/{bach.id}/ban", {"reason": "x", "until": "2030-01-01T00:00:00Z"}))
    heard(desk.call("DELETE", f"/members/{bach.id}/ban"))
    _people(heard, desk, herald, held, bach)
    for mode in ("closed", "open"):
        heard(desk.call("PATCH", "/sites/herald/articles/1", {"mode": mode}))
    _rules(heard, herald)
    heard(desk.call("PATCH", "/sites/herald/articles/1", {"section": "Sport"}))
    for path in (
        "/sites/herald/articles",
        "/sites/herald/audit",
        "/sites/herald/settings",
        f"/comments/{root}",
        "/sites/herald/figures",
        "/sites/herald/figures?by=hour",
        "/sites/herald/figures.csv",
    ):
        heard(desk.call("GET", path))


def _rules(heard: Listening, herald: Gazette) -> None:
    chief, rules, own = herald.desk("administrator"), "/sites/herald/rules", "/sites/herald/articles/1/rules"
    change = {"rules": {"banned_words": ["root"], "sections": {"sport": {"max_links": 0}}}, "reason": "roots"}
    for method in ("PATCH", "PUT"):
        heard(chief.call(method, rules, change))
    heard(chief.call("PATCH", rules, change | {"based_on": 0}))
    for number in (0, 1):  # the rules that the story goes on by
        heard(chief.call("POST", f"{rules}/versions/{number}/restore", {"based_on": 3 + number}))
    heard(chief.call("PUT", own, {"rules": {"premoderate": True}}))
    heard(chief.call("POST", f"{own}/versions/0/restore", {"based_on": 1}))
    for path in (rules, f"{rules}/versions?limit=1", own):
        heard(chief.call("GET", path))
    trial = heard(chief.call("POST", "/sites/herald/trials", {"rules": change["rules"], "most": 100}))["id"]
    heard(chief.call("GET", f"/sites/herald/trials/{trial}"))
    herald.work()
    heard(chief.call("GET", f"/sites/herald/trials/{trial}"))


def _people(heard: Listening, desk: Desk, herald: Gazette, held: str, bach: Reader) -> None:
    """Warned, read, pre-moderated, banned everywhere, and all of it taken back."""
    member = f"/members/{bach.id}"
    heard(desk.call("POST", f"{member}/warnings", {"reason": "abuse", "comment_id": held}))
    warned = heard(desk.call("POST", f"{member}/warnings", {"reason": "spam", "text": "No links."}))
    heard(desk.call("DELETE", warned["undo"]["path"].removeprefix("/api/v1/console")))
    first = heard(bach.call("GET", f"{herald.article()}/mine"))["viewer"]["warnings"][0]["id"]
    heard(bach.send("not before it is read"))
    heard(bach.call("POST", f"/me/warnings/{first}/seen"))
    heard(desk.call("PUT", f"{member}/premoderation", {"reason": "x"}))
    heard(bach.call("GET", f"{herald.article()}/mine"))
    heard(desk.call("POST", f"{member}/notes", {"note": "x"}))
    heard(desk.call("POST", f"{member}/ban-everywhere", {"reason": "x"}))
    chief = herald.desk("administrator")
    heard(chief.call("POST", f"{member}/ban-everywhere", {"reason": "x"}))
    for path in (member, f"{member}/comments", f"{member}/comments?status=rejected&limit=1"):
        heard(desk.call("GET", path))
    heard(chief.call("DELETE", f"{member}/ban-everywhere"))
    heard(desk.call("DELETE", f"{member}/premoderation"))


def _classifiers(heard: Listening, herald: Gazette) -> None:
    chief, path = herald.desk("administrator"), "/sites/herald/classifiers"
    heard(chief.call("POST", path, {"name": "moody", "kind": "openai", "config": {}, "secret": "k"}))
    heard(chief.call("PATCH", f"{path}/moody", {"config": {"model": "m"}, "secret": None, "enabled": False}))
    heard(chief.call("PUT", f"{path}/moody/rule", {"rule": {"thresholds": {"hate": 0.5}, "first": "wait"}}))
    heard(chief.call("POST", f"{path}/moody/test", {"text": "hello"}))
    judged = herald.reader("wren").post("hello there")["id"]
    herald.ask()
    for one in (chief, herald.desk()):
        heard(one.call("GET", path))
    heard(chief.call("GET", f"/comments/{judged}"))
    heard(chief.call("DELETE", f"{path}/moody"))


def _decisions(heard: Listening, desk: Desk, root: str, other: str) -> None:
    made = heard(desk.decide(root, "approve"))["decision_id"]
    heard(desk.call("POST", f"/decisions/{made}/undo"))
    for what in ("pick", "lock"):
        for method in ("POST", "DELETE"):
            heard(desk.call(method, f"/comments/{root}/{what}"))
    heard(desk.call("POST", f"/comments/{root}/notes", {"text": "mild"}))
    heard(desk.call("POST", f"/comments/{root}/defer", {"minutes": 5}))
    heard(desk.call("POST", f"/comments/{other}/second-opinion", {"note": "is it?"}))
    items = [{"id": one, "version": desk.item(one)["comment"]["version"]} for one in (root, other)]
    body = {"decision": "reject", "reason": "spam", "items": [*items, {"id": "99", "version": 1}]}
    heard(desk.call("POST", "/sites/herald/bulk/preview", body))
    done = heard(desk.call("POST", "/sites/herald/bulk", body))
    ids = [one["decision_id"] for one in done["decided"]]
    heard(desk.call("POST", "/sites/herald/bulk/undo", {"decisions": ids}))
    heard(desk.call("PUT", "/preferences", {"keys": {"approve": "y", "lock": None}}))
    heard(desk.call("GET", "/preferences"))


def _refusals(heard: Listening, herald: Gazette, kiesel: Reader, desk: Desk, reply: str) -> None:
    heard(herald.session("x"))
    heard(kiesel.send("after the revocation"))
    heard(herald.reader("lapsed", state="lapsed").send("x y"))
    heard(herald.reader("cara").send("x"))
    heard(herald.call("GET", "/comments/99/context"))
    heard(herald.call("GET", f"{herald.article()}/comments?limit=0"))
    heard(desk.decide(reply, "approve", version=77))
    heard(desk.call("PATCH", "/sites/herald/articles/1", {"mode": "closed"}, X_CSRF_Token="x"))
    heard(desk.call("DELETE", "/session"))
    heard(desk.call("GET", "/session"))


def test_real_answers_are_as_described(document: dict[str, Any], paper: Gazette, clock: FakeClock) -> None:
    heard = Listening(document)
    story(paper, clock, heard)
    for method, path, answer in heard.asked:
        described = document["paths"][path][method]["responses"]
        status = str(answer.status_code)
        assert status in described or answer.status_code >= 400, f"{method} {path} answers {status}"
        wanted = described.get(status, described["default"]).get("content")
        if wanted is None:
            assert answer.status_code == 204 or path.endswith("openapi.json")
            continue
        (kind, content), *_ = wanted.items()
        assert answer.mimetype == kind, f"{method} {path} {status}"
        strict = closed(document, content["schema"])
        told = answer.get_data(as_text=True) if kind == "text/csv" else answer.get_json()
        jsonschema.validate(told, strict, cls=Draft202012Validator)
    visited = {(method, path) for method, path, answer in heard.asked if answer.status_code < 300}
    all_of_them = {(method, path) for path, operations in document["paths"].items() for method in operations}
    assert all_of_them - visited == set(), "the story leaves these out"


def closed(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with all it refers to, refusing what is not described; problems have further members by design."""
    schemas = {
        name: one | ({"additionalProperties": False} if one.get("type") == "object" and name != "Problem" else {})
        for name, one in document["components"]["schemas"].items()
    }
    return schema | {"components": {"schemas": schemas}}


def test_described_bodies_are_refused_as_described(document: dict[str, Any], paper: Gazette) -> None:
    """What the document says of a request's body holds: unknown members are refused, needed ones are needed."""
    bodies = {
        content["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for operations in document["paths"].values()
        for content in operations.values()
        if "requestBody" in content
    }
    assert len(bodies) >= 9
    for name in bodies:
        schema = document["components"]["schemas"][name]
        assert schema["additionalProperties"] is False, name
        assert schema["required"] or name == "ArticleChange", name  # there what is left out stays
    sent = paper.reader().send("hello", parent="1.5")
    assert sent.status_code == 400
    assert good(paper.call("GET", API.removeprefix("/api/v1") + "/openapi.json"))
