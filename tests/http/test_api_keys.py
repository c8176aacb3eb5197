"""Keys of the publishers' API: what gets in with one and what does not, how they are made, used, and end."""

import itertools
import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.actions.api_keys import MOST_KEYS
from comments.core.api_keys import ALPHABET, is_key, key_of
from comments.http import limits
from comments.storage import tables
from tests.conftest import FakeClock
from tests.gazette import API, PASSWORD, Desk, Gazette, good, refused

SITE = "/console/sites/gazette"
NEW = {"name": "our CMS", "scopes": ["manage"]}
WHERE = {  # one call of each door that a key opens with its scopes, and of those that it does not
    f"{SITE}/queues": 200,
    f"{SITE}/settings": 200,
    f"{SITE}/audit": 200,
    "/console/session": 403,
    "/console/account": 403,
    "/console/preferences": 403,
    "/console/sites/herald/queues": 404,
    "/console/sites/nothing/queues": 404,
    "/sites/gazette/articles/1/mine": 401,
    "/me/notifications": 401,
}


@pytest.fixture
def chief(paper: Gazette) -> Desk:
    return paper.desk("administrator")


def made(chief: Desk, **new: Any) -> dict[str, Any]:
    answer: dict[str, Any] = good(chief.call("POST", "/sites/gazette/api-keys", NEW | new), 201)
    return answer


def ask(paper: Gazette, key: str, path: str = f"{SITE}/queues", **headers: str) -> Any:
    return paper.call("GET", path, Authorization=f"Bearer {key}", **headers)


def test_made_shown_once_used_and_revoked(paper: Gazette, chief: Desk, clock: FakeClock) -> None:
    new = made(chief, scopes=["manage", "read", "read"], expires_at="2030-01-01T00:00:00Z")
    key, shown = new["key"], new["api_key"]
    assert is_key(key) and key.startswith(shown["prefix"]) and len(shown["prefix"]) == 10
    assert (shown["scopes"], shown["state"], shown["used_at"]) == (["read", "manage"], "counts", None)
    good(ask(paper, key))
    clock.forward(30)
    good(ask(paper, key))
    (listed,) = chief.get("/sites/gazette/api-keys")["api_keys"]
    assert listed["used_at"] is not None and listed["by"] == chief.email.partition("@")[0]
    clock.forward(60)
    good(ask(paper, key))
    assert chief.get("/sites/gazette/api-keys")["api_keys"][0]["used_at"] > listed["used_at"]
    good(chief.call("DELETE", f"/sites/gazette/api-keys/{shown['id']}"), 204)
    assert refused(ask(paper, key), 401, "key_revoked")["detail"]
    good(chief.call("DELETE", f"/sites/gazette/api-keys/{shown['id']}"), 204)
    assert chief.get("/sites/gazette/api-keys")["api_keys"][0]["state"] == "revoked"
    with paper.read() as conn:
        rows = [str(row) for table in tables.Base.metadata.sorted_tables for row in conn.execute(sa.select(table))]
    assert not [row for row in rows if key in row or key[4:40] in row], "the key itself is kept nowhere"
    said = [entry["action"] for entry in chief.get("/sites/gazette/audit")["entries"]]
    assert said.count("add_api_key") == said.count("revoke_api_key") == 1


def test_a_key_ends_by_its_time(paper: Gazette, chief: Desk, clock: FakeClock) -> None:
    program = paper.program("read", expires_at=clock() + 60 * 1_000_000)
    clock.forward(59)
    good(ask(paper, program.key))
    clock.forward(1)
    refused(ask(paper, program.key), 401, "key_expired")
    chief.sign_in()
    assert chief.get("/sites/gazette/api-keys")["api_keys"][0]["state"] == "expired"


def test_where_a_key_opens(app: Flask, paper: Gazette, clock: FakeClock) -> None:
    Gazette.make(app, clock, "herald")
    program = paper.program("read", "moderate", "manage")
    assert {path: program.call("GET", path).status_code for path in WHERE} == WHERE
    assert program.call("POST", "/console/account/proof", {"password": PASSWORD}).status_code == 403


def test_a_key_and_a_cookie_together(app: Flask, paper: Gazette, chief: Desk, clock: FakeClock) -> None:
    """The key decides, also where the cookie would do: nobody gets more by showing both."""
    herald = Gazette.make(app, clock, "herald")
    reads, elsewhere = paper.program("read").key, herald.program("manage").key
    change = {"mode": "closed"}
    for key, status, code in (
        (reads, 403, "scope"),
        (elsewhere, 404, "not_found"),
        ("cak_nonsense", 401, "key_invalid"),
    ):
        answer = chief.call("PATCH", "/sites/gazette/articles/1", change, Authorization=f"Bearer {key}")
        refused(answer, status, code)
    refused(chief.call("GET", "/account", Authorization=f"Bearer {reads}"), 403, "key_not_here")
    refused(chief.call("POST", "/sites/gazette/api-keys", NEW, Authorization=f"Bearer {reads}"), 403, "scope")
    good(chief.call("PATCH", "/sites/gazette/articles/1", change))


def test_no_csrf_and_no_password_but_no_pages_of_others(paper: Gazette) -> None:
    program = paper.program("manage")
    good(program.call("PATCH", f"{SITE}/articles/1", {"mode": "closed"}))
    new = {"name": "moody", "kind": "openai", "config": {}, "secret": "k"}
    good(program.call("POST", f"{SITE}/classifiers", new), 201)  # of a person it asks for the password again
    answer = program.call(
        "OPTIONS", f"{SITE}/queues", Origin="https://evil.example", Access_Control_Request_Method="GET"
    )
    assert "Access-Control-Allow-Origin" not in answer.headers
    answer = program.call("GET", f"{SITE}/queues", Origin="https://evil.example")
    assert "Access-Control-Allow-Origin" not in answer.headers, "no page of a browser reads with a key"


def test_keys_are_peoples_alone(paper: Gazette, chief: Desk) -> None:
    everything = paper.program("read", "moderate", "manage")
    refused(everything.call("GET", f"{SITE}/api-keys"), 403, "scope")
    refused(everything.call("POST", f"{SITE}/api-keys", NEW), 403, "scope")
    refused(everything.call("DELETE", f"{SITE}/api-keys/{everything.id}"), 403, "scope")
    member = paper.reader().id
    refused(everything.call("POST", f"/console/members/{member}/ban-everywhere", {"reason": "x"}), 403, "scope")
    refused(paper.desk().call("POST", "/sites/gazette/api-keys", NEW), 403, "forbidden")
    paper.app.extensions["comments"].database.clock.forward(601)  # type: ignore[attr-defined]
    refused(chief.call("POST", "/sites/gazette/api-keys", NEW), 403, "proof_needed")
    refused(chief.call("DELETE", f"/sites/gazette/api-keys/{everything.id}"), 403, "proof_needed")


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"name": ""}, 400, "name"), ({"name": " \u200b"}, 400, "name"), ({"name": "x" * 61}, 400, "name"),
        ({"name": "\0"}, 400, "name"), ({"scopes": []}, 400, "scopes"), ({"scopes": ["all"]}, 400, None),
        ({"scopes": "read"}, 400, "scopes"), ({"expires_at": "2020-01-01T00:00:00Z"}, 400, "expires_at"),
        ({"expires_at": "tomorrow"}, 400, "expires_at"), ({"expires_at": "2030-01-01T00:00:00"}, 400, "expires_at"),
        ({"digest": "x"}, 400, None), ({"site_id": 2}, 400, None),
    ],
)  # fmt: skip
def test_what_makes_no_key(chief: Desk, change: dict[str, Any], status: int, field: str | None) -> None:
    problem = refused(chief.call("POST", "/sites/gazette/api-keys", NEW | change), status)
    assert field is None or problem["field"] == field
    assert chief.get("/sites/gazette/api-keys")["api_keys"] == []


def test_names_and_number(paper: Gazette, chief: Desk) -> None:
    first = made(chief)["api_key"]["id"]
    refused(chief.call("POST", "/sites/gazette/api-keys", NEW), 409, "key_exists")
    good(chief.call("DELETE", f"/sites/gazette/api-keys/{first}"), 204)
    made(chief)
    for _ in range(MOST_KEYS - 1):
        paper.program("read")
    refused(chief.call("POST", "/sites/gazette/api-keys", NEW | {"name": "one more"}), 409, "too_many_keys")
    page = chief.get("/sites/gazette/api-keys?limit=30")
    rest = chief.get(f"/sites/gazette/api-keys?limit=30&cursor={page['next_cursor']}")
    ids = [one["id"] for one in (*page["api_keys"], *rest["api_keys"])]
    assert len(set(ids)) == MOST_KEYS + 1 and rest["next_cursor"] is None


def bad_keys(key: str) -> list[str]:
    """Headers that hold no key which counts, made of one that does."""
    mark, secret, check = key[:4], key[4:-6], key[-6:]
    turned = [key[:at] + ("A" if key[at] != "A" else "B") + key[at + 1 :] for at in range(0, len(key), 3)]
    others = [key_of(bytes([number]) * 32) for number in range(6)]
    forms = [
        mark, mark + secret, mark + check, secret + check, key[:-1], key + "A", key + key, key[::-1],
        key.upper(), key.lower(), mark + check + secret, f"{key}.{key}", f"{key},{key}", f"{key} {key}", f"'{key}'",
        f'"{key}"', f"{key};", key.replace("cak_", "cak-"), key.replace("cak_", "CAK_"), key.replace("cak_", ""),
        f"{key}%00", f"{key}\u00a0", f"{mark}{secret}%{check}", "cak_" + "0" * 49, "cak_" + "z" * 49, "", "x" * 5000,
        "null", "true", "{}", "*", "' OR 1=1 --",
    ]  # fmt: skip
    schemes = [f"Basic {key}", f"bearer: {key}", f"Token {key}", f"{key}", f"Bearer{key}", f"Bearer\t{key}", "Bearer"]
    return [*(f"Bearer {one}" for one in (*turned, *others, *forms)), *schemes]


def test_bad_keys(paper: Gazette, chief: Desk) -> None:
    program = paper.program("read", "moderate", "manage")
    cases = bad_keys(program.key)
    assert len(cases) >= 60
    client = paper.app.test_client(use_cookies=False)
    for header, method in itertools.product(cases, ("GET", "POST")):
        path = f"{API}{SITE}/queues" if method == "GET" else f"{API}{SITE}/claims"
        sent = header.encode("utf-8").decode("latin-1")
        answer = client.open(path, method=method, json=None, headers={"Authorization": sent})
        assert (answer.status_code, answer.get_json()["code"]) == (401, "key_invalid"), header
        assert answer.headers["WWW-Authenticate"] == "Bearer" and program.key not in answer.get_data(as_text=True)
    good(ask(paper, program.key))
    good(paper.call("GET", f"{SITE}/queues", Authorization=f"bearer {program.key}"))  # the scheme's case is free


def test_every_digit_counts() -> None:
    """No other text is taken for a key that differs in one character, and every key has one form."""
    key = key_of(bytes(range(32)))
    assert re.fullmatch(r"cak_[0-9A-Za-z]{49}", key)
    assert is_key(key) and is_key(key_of(b"\0" * 32)) and is_key(key_of(b"\xff" * 32))
    others = [
        key[:at] + letter + key[at + 1 :] for at in range(4, len(key)) for letter in ALPHABET if key[at] != letter
    ]
    assert not any(map(is_key, others))


def test_decisions_claims_and_rules_are_named_after_the_key(paper: Gazette, chief: Desk) -> None:
    kiesel = paper.reader()
    comment = kiesel.post("hello there")["id"]
    hand, manager = paper.program("moderate", name="the desk's tool"), paper.program("manage", name="our CMS")
    good(hand.call("POST", f"{SITE}/claims", {"comment_ids": [comment]}))
    held = refused(chief.decide(comment, "approve"), 409, "claimed")
    assert held["claimed_by"]["name"] == "the desk's tool (API key)"
    body = {"decision": "reject", "reason": "spam", "version": chief.item(comment)["comment"]["version"]}
    done = good(hand.call("POST", f"/console/comments/{comment}/decision", body))
    assert chief.item(comment)["decisions"][0]["by"] == "the desk's tool (API key)"
    good(hand.call("POST", f"/console/decisions/{done['decision_id']}/undo"))
    good(manager.call("PATCH", f"{SITE}/rules", {"rules": {"max_links": 1}, "reason": "links"}))
    assert chief.get("/sites/gazette/rules")["by"] == "our CMS (API key)"
    refused(manager.call("POST", f"/console/comments/{comment}/decision", body), 403, "scope")
    entries = chief.get("/sites/gazette/audit")["entries"]
    assert {entry["by"] for entry in entries if entry["action"] in ("reject", "change_rules")} <= {
        "the desk's tool (API key)", "our CMS (API key)",
    }  # fmt: skip


def test_a_revoked_key_lets_go_what_it_had_claimed(paper: Gazette, chief: Desk) -> None:
    comment = paper.reader().post("hello there")["id"]
    hand = paper.program("moderate")
    good(hand.call("POST", f"{SITE}/claims", {"comment_ids": [comment]}))
    good(chief.call("DELETE", f"/sites/gazette/api-keys/{hand.id}"), 204)
    good(chief.decide(comment, "approve"))


def test_limits_of_each_key(paper: Gazette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ACCOUNT", 3)
    one, other = paper.program("read"), paper.program("read")
    for _ in range(3):
        good(one.call("GET", f"{SITE}/queues"))
    problem = refused(one.call("GET", f"{SITE}/queues"), 429)
    assert 0 < problem["retry_after"] <= 61
    assert one.call("GET", f"{SITE}/queues").headers["Retry-After"]
    good(other.call("GET", f"{SITE}/queues"))


def test_a_keys_account_is_nobodys(paper: Gazette, chief: Desk) -> None:
    """Nobody signs in by it, and it is no colleague: its name is free to members, it decides no appeal for others."""
    program = paper.program("moderate", name="Kiesel am Bach")
    with paper.read() as conn:
        row = conn.execute(sa.select(tables.users).where(tables.users.c.email.like("api-key:%"))).one()
    for password in ("", PASSWORD, program.key):
        answer = paper.call("POST", "/console/session", {"email": row.email, "password": password})
        assert answer.status_code == 401
    assert paper.reader("kiesel", name="Kiesel am Bach (API key)").viewer["name"] == "Kiesel am Bach (API key)"
