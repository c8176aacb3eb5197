"""The console's API of classifiers: who may, what is kept, what never comes out again, and a try by a real worker."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from comments.core.sealing import is_sealed, seal
from comments.storage.tables import audit, classifiers
from tests.gazette import Desk, Gazette, good, refused
from tests.opinions.service import Service, service
from tests.opinions.test_adapters import SECRET

PATH = "/sites/gazette/classifiers"
RULE = {"thresholds": {"hate": 0.8}, "action": "hold", "first": "appear", "without": "appear", "patience": 120}


@pytest.fixture
def chief(paper: Gazette) -> Desk:
    return paper.desk("administrator")


@pytest.fixture
def moody(chief: Desk) -> Iterator[Service]:
    with service() as told:
        new = {"name": "moody", "kind": "http", "config": {"url": told.says(hate=0.4).url}, "secret": SECRET}
        good(chief.call("POST", PATH, new), 201)
        yield told


def one(chief: Desk) -> Any:
    (shown,) = chief.get(PATH)["classifiers"]
    return shown


def entries(paper: Gazette) -> list[tuple[str, Any, Any]]:
    with paper.read() as conn:
        found = conn.execute(sa.select(audit).where(audit.c.subject_type == "classifier").order_by(audit.c.id)).all()
    return [(row.action, json.loads(row.before or "null"), json.loads(row.after or "null")) for row in found]


def test_from_adding_to_removing(paper: Gazette, chief: Desk, moody: Service) -> None:
    url = moody.url
    assert one(chief) == {
        "name": "moody", "kind": "http", "enabled": True, "config": {"url": url}, "has_secret": True,
        "rule": None, "trouble": None, "last_test": None,
    }  # fmt: skip
    good(chief.call("PUT", f"{PATH}/moody/rule", {"rule": {"thresholds": {"hate": 0.8}}}))
    assert one(chief)["rule"] == RULE
    good(chief.call("PATCH", f"{PATH}/moody", {"config": None, "secret": None, "enabled": False}))
    good(chief.call("PATCH", f"{PATH}/moody", {"config": {"url": url + "2"}, "secret": None, "enabled": None}))
    good(chief.call("PATCH", f"{PATH}/moody", {"config": None, "secret": SECRET[:-4], "enabled": None}))
    good(chief.call("PATCH", f"{PATH}/moody", {"config": None, "secret": None, "enabled": None}))
    assert (one(chief)["enabled"], one(chief)["config"], one(chief)["rule"]) == (False, {"url": url + "2"}, RULE)
    assert good(chief.call("DELETE", f"{PATH}/moody"))["classifiers"] == []
    assert chief.get("/sites/gazette/rules")["rules"].get("opinions", {}) == {}
    was, is_now = {"name": "moody", "config": {"url": url}}, {"name": "moody", "config": {"url": url + "2"}}
    assert entries(paper) == [
        ("add_classifier", None, was | {"kind": "http", "enabled": True, "secret": "set"}),
        ("change_classifier", {"name": "moody", "enabled": True}, {"name": "moody", "enabled": False}),
        ("change_classifier", was, is_now),
        ("change_classifier", {"name": "moody", "secret": "set"}, {"name": "moody", "secret": "changed"}),
        ("remove_classifier", {"name": "moody", "kind": "http"}, None),
    ]  # fmt: skip


def test_a_secret_never_comes_out(
    paper: Gazette, chief: Desk, moody: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    moody.status = 500
    good(chief.call("POST", f"{PATH}/moody/test", {"text": "hello"}), 202)
    good(chief.call("PUT", f"{PATH}/moody/rule", {"rule": RULE}))
    comment = paper.reader("kiesel").post("hello")["id"]
    paper.ask()
    wrong = chief.call("PATCH", f"{PATH}/moody", {"config": {"url": "x"}, "secret": SECRET, "enabled": None})
    refused(wrong, 400)
    paths = (PATH, f"/comments/{comment}", "/sites/gazette/audit", "/sites/gazette/rules", "/sites/gazette/settings")
    heard = [chief.call("GET", path).get_data(True) for path in paths] + [wrong.get_data(True), caplog.text]
    assert not [text for text in heard if SECRET in text or SECRET.removeprefix("whsec_")[:12] in text]
    with paper.read() as conn:
        kept = conn.execute(sa.select(classifiers.c.secret)).scalar_one()
    assert is_sealed(kept) and SECRET not in kept


def test_a_secret_from_before_they_were_sealed(paper: Gazette, chief: Desk, moody: Service) -> None:
    """It is used as it is, and sealed when the classifier is next written; the log calls it no change."""
    paper.change(lambda conn: conn.execute(sa.update(classifiers).values(secret=SECRET)))
    good(chief.call("PUT", f"{PATH}/moody/rule", {"rule": RULE}))
    paper.reader("kiesel").post("hello")
    paper.ask()
    assert len(moody.asked) == 1
    good(chief.call("PATCH", f"{PATH}/moody", {"config": None, "secret": None, "enabled": False}))
    good(chief.call("PATCH", f"{PATH}/moody", {"config": None, "secret": None, "enabled": True}))
    with paper.read() as conn:
        kept = conn.execute(sa.select(classifiers.c.secret)).scalar_one()
    assert is_sealed(kept)
    assert "secret" not in str(chief.get("/sites/gazette/audit")["entries"][0])
    paper.reader("bach").post("hello as well")
    paper.ask()
    assert len(moody.asked) == 2


def test_a_secret_of_a_lost_key(paper: Gazette, chief: Desk, moody: Service) -> None:
    """The operator is told what happened; a new secret mends it. Nothing is sent without one."""
    good(chief.call("PUT", f"{PATH}/moody/rule", {"rule": RULE}))
    lost = seal(b"the key that the service had before", f"classifier:{paper.id}:moody", SECRET)
    paper.change(lambda conn: conn.execute(sa.update(classifiers).values(secret=lost)))
    good(chief.call("POST", f"{PATH}/moody/test", {"text": "hello"}), 202)
    paper.ask()
    (shown,) = chief.get(PATH)["classifiers"]
    assert "COMMENTS_SECRET_KEY" in shown["last_test"]["error"]
    assert moody.asked == []
    change = {"config": None, "secret": None, "enabled": False}
    refused(chief.call("PATCH", f"{PATH}/moody", change), 409, "secret_unopened")
    good(chief.call("PATCH", f"{PATH}/moody", change | {"secret": SECRET, "enabled": True}))
    good(chief.call("POST", f"{PATH}/moody/test", {"text": "hello"}), 202)
    paper.ask()
    assert len(moody.asked) == 1


def test_who_may(paper: Gazette, chief: Desk, moody: Service) -> None:
    """Others who work here see names; nobody else learns that there are any."""
    calls: list[tuple[str, str, Any]] = [
        ("POST", PATH, {"name": "x", "kind": "openai", "config": {}}),
        ("PATCH", f"{PATH}/moody", {"config": None, "secret": None, "enabled": False}),
        ("PUT", f"{PATH}/moody/rule", {"rule": RULE}),
        ("POST", f"{PATH}/moody/test", {"text": "hello"}),
        ("DELETE", f"{PATH}/moody", None),
    ]
    for role in ("staff", "moderator"):
        desk = paper.desk(role)
        shown = desk.get(PATH)
        assert shown["kinds"] == []
        assert [(row["name"], row["config"], row["has_secret"]) for row in shown["classifiers"]] == [
            ("moody", None, False)
        ]
        for method, path, body in calls:
            refused(desk.call(method, path, body), 403)
            refused(desk.call(method, path, body, X_CSRF_Token="x"), 403, "csrf")
    foreign = paper.desk("administrator", sites=())
    for method, path, body in [("GET", PATH, None), *calls]:
        refused(foreign.call(method, path, body), 404)
        refused(paper.call(method, f"/console{path}", body), 401, "signed_out")
    assert one(chief)["enabled"]


def test_what_is_refused(chief: Desk, moody: Service) -> None:
    good_one = {"name": "calm", "kind": "openai", "config": {}, "secret": None}
    for field, value in (("name", "Calm"), ("name", ""), ("name", "a b"), ("name", "x" * 41), ("kind", "nothing"),
                         ("config", {"x": 1}), ("config", {"base": "ftp://x"})):  # fmt: skip
        assert refused(chief.call("POST", PATH, good_one | {field: value}), 400)["field"] == field
    refused(chief.call("POST", PATH, good_one | {"name": "moody"}), 409, "classifier_exists")
    for rule in ({"thresholds": {"hate": 2}}, {"thresholds": {}}, {"thresholds": {"hate": 0.5}, "patience": 1}):
        refused(chief.call("PUT", f"{PATH}/moody/rule", {"rule": rule}), 400)
    for text in ("", " ", "x" * 5001):
        assert refused(chief.call("POST", f"{PATH}/moody/test", {"text": text}), 400)["field"] == "text"
    for method, body in (("PATCH", {"config": None, "secret": None, "enabled": True}), ("DELETE", None)):
        refused(chief.call(method, f"{PATH}/nobody", body), 404)
    refused(chief.call("PUT", f"{PATH}/nobody/rule", {"rule": RULE}), 404)


def test_a_try_is_the_workers(paper: Gazette, chief: Desk, moody: Service) -> None:
    asked = good(chief.call("POST", f"{PATH}/moody/test", {"text": "How do you like this?"}), 202)["id"]
    assert (moody.asked, one(chief)["last_test"]) == ([], None), "nobody asks in the process that serves"
    paper.ask()
    last = one(chief)["last_test"]
    assert last.pop("took_ms") >= 0
    assert last == {
        "id": asked, "at": "2026-03-02T09:00:00Z", "scores": {"hate": 0.4}, "model": "moody", "model_version": "3"
    }  # fmt: skip
    (question,) = moody.asked
    assert question.json["data"]["text"] == "How do you like this?"
    assert (question.json["data"]["author"], question.json["data"]["article"]) == (None, None)
    moody.status = 500
    good(chief.call("POST", f"{PATH}/moody/test", {"text": "And now?"}), 202)
    paper.ask()
    assert one(chief)["last_test"]["error"] == "localhost answered 500"
    assert "And now?" not in json.dumps(entries(paper))


def test_the_kinds_say_what_they_need(chief: Desk) -> None:
    kinds = {kind["name"]: kind for kind in chief.get(PATH)["kinds"]}
    assert kinds["akismet"]["secret"] == "needed"
    assert [field["name"] for field in kinds["akismet"]["config"]] == ["blog", "url", "is_test"]
    assert kinds["akismet"]["config"][2] == {"name": "is_test", "type": "boolean", "default": False}
    assert "hate" in kinds["openai"]["labels"] and kinds["openai"]["outside"]
    assert not kinds["profanity"]["outside"]
