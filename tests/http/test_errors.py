"""Whatever is sent, the answer is a problem document that says what is wrong: nothing answers 500."""

import json
import random
from typing import Any

import pytest
from flask import Flask

from comments.http.limiter import Limiter
from tests.gazette import API, OWN_PAGE, PASSWORD, Desk, Gazette, Reader, address, good, refused

NUL, HALF = "\0", "\ud800"


@pytest.fixture
def kiesel(paper: Gazette) -> Reader:
    return paper.reader("kiesel")


def endpoints(paper: Gazette, comment: str, member: str) -> list[tuple[str, str, dict[str, Any] | None]]:
    """Every route of the API with a good body where it takes one: (method, path, body)."""
    site, article = f"/sites/{paper.key}", paper.article()
    console = f"/console/sites/{paper.key}"
    return [
        ("GET", f"{article}/comments", None), ("GET", f"{article}/changes", None), ("GET", f"{article}/mine", None),
        ("GET", f"/comments/{comment}/replies", None), ("GET", f"/comments/{comment}/context", None),
        ("GET", f"{site}/counts?article=1", None),
        ("GET", f"{site}/most-discussed", None), ("GET", f"{site}/picks", None), ("GET", "/openapi.json", None),
        ("GET", f"{article}/picks", None), ("GET", f"{article}/answers", None),
        ("POST", f"{article}/comments", {"body": "hello there", "parent_id": None}),
        ("PATCH", f"/comments/{comment}", {"body": "hello again"}),
        ("PUT", f"/comments/{comment}/reactions/recommend", None),
        ("DELETE", f"/comments/{comment}/reactions/recommend", None),
        ("POST", f"/comments/{comment}/reports", {"reason": "abuse", "detail": "x"}),
        ("PUT", f"/members/{member}/mute", None), ("DELETE", f"/members/{member}/mute", None),
        ("GET", "/me/notifications", None), ("POST", "/me/notifications/seen", {"until": "1"}),
        ("POST", f"{site}/preview", {"body": "hello @kiesel", "article": "1"}),
        ("GET", f"{article}/people?q=k", None),
        ("PUT", f"{article}/follow", None), ("DELETE", f"{article}/follow", None),
        ("PUT", f"/comments/{comment}/follow", None), ("DELETE", f"/comments/{comment}/follow", None),
        ("POST", "/session", {"site": paper.key, "token": "t"}),
        ("POST", "/members/kiesel/entitlement", {"site": paper.key, "token": "t"}),
        ("PATCH", "/me", {"name": "Kiesel am Bach"}),
        ("DELETE", f"/comments/{comment}", None),
        ("POST", "/console/session", {"email": "a@b.example", "password": "x"}),
        ("GET", "/console/session", None), ("DELETE", "/console/session", None),
        ("GET", "/console/account", None), ("POST", "/console/account/proof", {"password": PASSWORD}),
        ("POST", "/console/account/second-factor", None), ("POST", "/console/account/recovery-codes", None),
        ("PUT", "/console/account/second-factor", {"ticket": "x", "code": "123456"}),
        ("POST", "/console/account/second-factor/removal", {"password": PASSWORD}),
        ("PUT", "/console/account/password", {"password": PASSWORD}),
        ("DELETE", "/console/account/sessions/99", None), ("DELETE", "/console/account/other-sessions", None),
        ("DELETE", "/console/account/sessions", None),
        ("GET", f"{console}/queues", None), ("GET", f"{console}/queues/waiting", None),
        ("GET", f"{console}/filters", None), ("GET", f"{console}/search?q=hello", None),
        ("GET", f"/console/comments/{comment}", None),
        ("POST", f"/console/comments/{comment}/decision", {"decision": "approve", "version": 1}),
        ("POST", "/console/decisions/1/undo", None),
        ("POST", f"/console/comments/{comment}/pick", None), ("DELETE", f"/console/comments/{comment}/pick", None),
        ("POST", f"/console/comments/{comment}/lock", None), ("DELETE", f"/console/comments/{comment}/lock", None),
        ("POST", f"/console/comments/{comment}/defer", {"minutes": 60}),
        ("POST", f"/console/comments/{comment}/second-opinion", {"note": "spam?"}),
        ("POST", f"/console/comments/{comment}/notes", {"text": "seen before"}),
        ("POST", f"{console}/bulk/preview", {"decision": "approve", "items": [{"id": comment, "version": 1}]}),
        ("POST", f"{console}/bulk", {"decision": "approve", "items": [{"id": comment, "version": 1}]}),
        ("POST", f"{console}/bulk/undo", {"decisions": ["1"]}),
        ("GET", "/console/preferences", None), ("PUT", "/console/preferences", {"keys": {"approve": "y"}}),
        ("POST", f"/console/members/{member}/ban", {"reason": "x", "until": None, "reject_waiting": False}),
        ("DELETE", f"/console/members/{member}/ban", None),
        ("GET", f"/console/members/{member}", None), ("GET", f"/console/members/{member}/comments", None),
        ("POST", f"/console/members/{member}/ban-everywhere", {"reason": "x", "reject_waiting": False}),
        ("DELETE", f"/console/members/{member}/ban-everywhere", None),
        ("POST", f"/console/members/{member}/warnings", {"reason": "abuse", "text": "x", "comment_id": comment}),
        ("DELETE", f"/console/members/{member}/warnings/1", None),
        ("PUT", f"/console/members/{member}/premoderation", {"reason": "x"}),
        ("DELETE", f"/console/members/{member}/premoderation", None),
        ("POST", f"/console/members/{member}/notes", {"note": "x"}),
        ("POST", "/me/warnings/1/seen", None),
        ("PATCH", f"{console}/articles/1", {"mode": "closed"}),
        ("PUT", f"{console}/articles/1/hours", {"opens_at": None, "closes_at": "2026-04-01T09:00:00Z"}),
        ("GET", f"{console}/articles", None),
        ("GET", f"{console}/audit", None), ("GET", f"{console}/settings", None),
        ("GET", f"{console}/figures", None), ("GET", f"{console}/figures.csv", None),
        ("GET", f"{console}/gates", None),
        ("POST", f"{console}/claims", {"comment_ids": [comment], "take_over": False}),
        ("DELETE", f"{console}/claims?comment={comment}", None),
        ("POST", f"{console}/queues/waiting/claims", {"limit": 1}),
        ("GET", f"{console}/rules", None), ("GET", f"{console}/rules/versions", None),
        ("PUT", f"{console}/rules", {"rules": {}, "based_on": 1}),
        ("PATCH", f"{console}/rules", {"rules": {}, "based_on": 1}),
        ("POST", f"{console}/rules/versions/0/restore", {"based_on": 1}),
        ("GET", f"{console}/articles/1/rules", None),
        ("PUT", f"{console}/articles/1/rules", {"rules": {}, "based_on": 0}),
        ("POST", f"{console}/articles/1/rules/versions/0/restore", {"based_on": 0}),
        ("POST", f"{console}/trials", {"rules": {}, "article": None, "most": 10}),
        ("GET", f"{console}/trials/1", None),
        ("GET", f"{console}/classifiers", None), ("DELETE", f"{console}/classifiers/moody", None),
        ("POST", f"{console}/classifiers", {"name": "moody", "kind": "openai", "config": {}, "secret": "k"}),
        ("PATCH", f"{console}/classifiers/moody", {"config": {}, "secret": "k", "enabled": True}),
        ("PUT", f"{console}/classifiers/moody/rule", {"rule": {"thresholds": {"hate": 0.5}}}),
        ("POST", f"{console}/classifiers/moody/test", {"text": "hello"}),
        ("GET", f"{console}/webhooks", None), ("POST", f"{console}/webhooks", {"url": "https://hooks.example/"}),
        ("PATCH", f"{console}/webhooks/1", {"enabled": True}), ("DELETE", f"{console}/webhooks/1", None),
        ("POST", f"{console}/webhooks/1/secret", {"overlap_hours": 1}),
        ("POST", f"{console}/webhooks/1/test", None),
        ("POST", f"{console}/webhooks/1/replay", {"since": "2026-03-01T00:00:00Z"}),
        ("GET", f"{console}/webhooks/1/deliveries", None), ("GET", f"{console}/webhooks/1/deliveries/1", None),
        ("POST", f"{console}/webhooks/1/deliveries/1/replay", None),
        ("POST", f"/comments/{comment}/appeal", {"text": "why?"}),
        ("POST", "/console/appeals/1/decision", {"outcome": "upheld", "version": 1, "note": None, "reason": None}),
        ("GET", f"{console}/exports", None), ("POST", f"{console}/exports", {"kind": "csv"}),
        ("GET", f"{console}/exports/1", None), ("GET", f"{console}/exports/1/file", None),
        ("GET", f"{console}/imports", None),
        ("POST", f"{console}/imports", {"name": "old.ndjson", "size": 9, "format": "archive", "articles": ""}),
        ("GET", f"{console}/imports/1", None), ("PUT", f"{console}/imports/1/chunks/0", None),
        ("POST", f"{console}/imports/1/start", {"dry_run": True}), ("POST", f"{console}/imports/1/stop", None),
        ("GET", f"{console}/imports/1/lines", None), ("DELETE", f"{console}/imports/1", None),
        ("GET", f"{console}/api-keys", None), ("DELETE", f"{console}/api-keys/99", None),
        ("POST", f"{console}/api-keys", {"name": "our CMS", "scopes": ["read"], "expires_at": "2030-01-01T00:00:00Z"}),
        ("POST", f"{site}/notices", {"about": "child_abuse", "text": "It shows what nobody may show.",
                                     "urls": [f"https://www.gazette.example/1#comment-{comment}"],
                                     "good_faith": True}),
        ("GET", "/me/statements", None), ("POST", "/me/statements/1/complaint", {"text": "why?"}),
        ("GET", f"{console}/notices", None), ("GET", f"{console}/notices/1", None),
        ("POST", f"{console}/notices/1/decision", {"outcome": "no_action", "version": 1, "answer": "It is lawful."}),
        ("POST", f"{console}/notices/1/steps", {"step": "escalate", "version": 1, "note": "look"}),
        ("GET", f"{console}/complaints", None),
        ("POST", f"{console}/complaints/1/decision", {"outcome": "upheld", "note": "It stands."}),
        ("GET", f"{console}/transparency?since=2026-01-01&until=2026-12-31", None),
        ("GET", f"{console}/transparency/figures.csv?since=2026-01-01&until=2026-12-31", None),
        ("GET", f"{console}/transparency/statements.csv?since=2026-01-01&until=2026-12-31", None),
        ("GET", f"{console}/transparency/statements.ndjson?since=2026-01-01&until=2026-12-31", None),
        ("GET", f"{console}/flaggers", None), ("DELETE", f"{console}/flaggers/1", None),
        ("POST", f"{console}/flaggers", {"name": "Wacht", "email": "post@wacht.example", "area": "hate"}),
        ("GET", console, None), ("PATCH", console, {"name": "The Gazette", "settings": {"max_depth": 4}}),
        ("GET", f"{console}/articles/1", None),
        ("PUT", f"{console}/articles/1", {"title": "One", "section": "sport", "mode": "open"}),
        ("GET", f"{console}/signing-keys", None), ("DELETE", f"{console}/signing-keys/99", None),
        ("POST", f"{console}/signing-keys", {"kid": "new"}),
        ("GET", f"{console}/members?sub=kiesel", None),
        ("PUT", f"{console}/members/{member}/access", {"state": "active", "until": None}),
        ("GET", f"{console}/texts", None),
        ("PUT", f"{console}/texts", {"reason": "waiting", "language": "en", "text": "soon"}),
    ]  # fmt: skip


def own_endpoints(paper: Gazette, comment: str, member: str) -> list[tuple[str, str, dict[str, Any] | None]]:
    """The same of one's own page, which is called by the cookie of a visit; leaving it comes last, erasure
    before another name is chosen, by which a strange value would confirm it.
    """
    own = f"{OWN_PAGE}{paper.key}"
    return [
        ("POST", f"{own}/erasure", {"mode": "text", "name": "not mine"}),
        ("GET", f"{own}/visit", None), ("GET", f"{own}/comments", None), ("GET", f"{own}/notifications", None),
        ("GET", f"{own}/mutes", None), ("GET", f"{own}/follows", None), ("GET", f"{own}/names", None),
        ("POST", f"{own}/notifications/seen", {"until": "1"}), ("PUT", f"{own}/name", {"name": "Kiesel am Bach"}),
        ("DELETE", f"{own}/mutes/{member}", None), ("DELETE", f"{own}/follows/99", None),
        ("POST", f"{own}/statements/1/complaint", {"text": "why?"}),
        ("POST", f"{own}/comments/{comment}/appeal", {"text": "why?"}), ("DELETE", f"{own}/comments/{comment}", None),
        ("GET", f"{own}/mail", None), ("PUT", f"{own}/mail", {"choices": {"replies": "daily"}}),
        ("GET", f"{own}/data", None), ("POST", f"{own}/export", None), ("GET", f"{own}/export/file", None),
        ("DELETE", f"{own}/visit", None),
    ]  # fmt: skip


def everything(paper: Gazette, comment: str, member: str) -> list[tuple[str, str, dict[str, Any] | None]]:
    return [*endpoints(paper, comment, member), *own_endpoints(paper, comment, member)]


def test_the_list_has_every_route(app: Flask, paper: Gazette) -> None:
    """A route that is added without a line above fails here."""
    adapter = app.url_map.bind("localhost")
    listed = {
        (adapter.match(address(path.partition("?")[0]), method)[0], method)
        for method, path, _ in everything(paper, "1", "1")
    }
    routes = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith((API, OWN_PAGE))
    }
    assert listed == routes


def asked(paper: Gazette, kiesel: Reader, desk: Desk, method: str, path: str, **sent: Any) -> Any:
    """A request as a member, or in the console as its moderator; nothing was counted before it."""
    paper.app.extensions["comments"].limiter = Limiter(None)
    headers = sent.pop("headers", {})
    if path.startswith(OWN_PAGE):
        headers = {"X-CSRF-Token": kiesel.visitor.csrf} | headers
        return kiesel.visitor.client.open(path, method=method, headers=headers, **sent)
    if path.startswith("/console"):
        headers = {"X-CSRF-Token": desk.csrf} | headers
        return desk.client.open(API + path, method=method, headers=headers, **sent)
    headers = {"Authorization": f"Bearer {kiesel.token}", "Idempotency-Key": "k"} | headers
    return paper.app.test_client(use_cookies=False).open(API + path, method=method, headers=headers, **sent)


NOT_JSON: dict[str, tuple[bytes, str | None]] = {
    "nothing": (b"", None),
    "white space": (b" ", None),
    "a word": (b"hello", None),
    "half an object": (b'{"body":', None),
    "two objects": (b"{}{}", None),
    "a list": (b"[]", None),
    "a text": (b'"body"', None),
    "null": (b"null", None),
    "a number": (b"1e999", None),
    "NaN": (b"NaN", None),
    "not UTF-8": (b'{"body":"\xff"}', None),
    "UTF-16": ('{"body":"x"}'.encode("utf-16"), None),
    "a byte order mark": (b'\xef\xbb\xbf{"body":"x"}', None),
    "a raw NUL": (b'{"body":"\0"}', None),
    "100,000 lists": (b"[" * 100_000, None),
    "100,000 lists in an unknown field": (b'{"x":' + b"[" * 50_000 + b"]" * 50_000 + b"}", None),
    "gzip": (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00", None),
}


def test_bodies_that_are_no_json(paper: Gazette, kiesel: Reader) -> None:
    comment, desk = kiesel.post("one")["id"], paper.desk("administrator")
    for method, path, body in everything(paper, comment, kiesel.id):
        if body is None:
            continue
        for name, (data, _) in NOT_JSON.items():
            answer = asked(paper, kiesel, desk, method, path, data=data, content_type="application/json")
            assert refused(answer, 400, "malformed"), (path, name)
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
            answer = asked(paper, kiesel, desk, method, path, data=json.dumps(body), content_type=kind)
            assert refused(answer, 400, "malformed")["field"] == "Content-Type", (path, kind)


STRANGE: list[Any] = [
    None, True, False, 0, -1, 1.5, 10**30, 1e300, "", " ", "x", NUL, "a" + NUL, HALF, "\u202e", "x" * 70_000, "0", "-1",
    "9" * 30, [], ["x"], {}, {"x": 1}, [[]],
]  # fmt: skip


def test_every_field_with_every_strange_value(paper: Gazette, kiesel: Reader) -> None:
    """Field by field: each answer is a success or says what is wrong; a wrong type names the field."""
    comment, desk = kiesel.post("one")["id"], paper.desk("administrator")
    for method, path, body in everything(paper, comment, kiesel.id):
        for field, good_value in (body or {}).items():
            for value in STRANGE:
                text = json.dumps((body or {}) | {field: value})
                if value == HALF:
                    text = text.replace(json.dumps(HALF), '"\\ud800"')
                answer = asked(paper, kiesel, desk, method, path, data=text, content_type="application/json")
                assert answer.status_code < 500, (path, field, value, answer.get_data(True))
                if value not in (None, HALF) and type(value) is not type(good_value) and good_value is not None:
                    assert refused(answer, 400).get("field") == field, (path, field, value)
            if path.endswith(("/me", "/name")):  # … or a strange name would be the one that an erasure asks for
                asked(paper, kiesel, desk, method, path, json=body)


def test_unknown_and_missing_fields_are_named(paper: Gazette, kiesel: Reader) -> None:
    comment, desk = kiesel.post("one")["id"], paper.desk("administrator")
    needed = 0
    for method, path, body in everything(paper, comment, kiesel.id):
        if body is None:
            continue
        for field in ("status", "author", "member_id", "is_staff", "__proto__", "Body", "x y"):
            problem = refused(asked(paper, kiesel, desk, method, path, json=body | {field: 1}), 400, "malformed")
            assert problem["field"] == field
        for field in body:
            without = {name: value for name, value in body.items() if name != field}
            answer = asked(paper, kiesel, desk, method, path, json=without)
            if answer.status_code == 400:
                assert refused(answer, 400, "malformed")["field"] == field
                needed += 1
    assert needed >= 12


def test_too_large(paper: Gazette, kiesel: Reader) -> None:
    """A megabyte is refused unread, whatever is in it and whether its length is told; so is a text beyond the limit."""
    comment, desk = kiesel.post("one")["id"], paper.desk("administrator")
    for method, path, body in everything(paper, comment, kiesel.id):
        if body is not None:
            answer = asked(paper, kiesel, desk, method, path, data=b"x" * 1_000_000, content_type="application/json")
            assert refused(answer, 413, "too_large")["limit"] == 256 * 1024
    body = json.dumps({"body": "x" * 10_001})
    assert refused(kiesel.send("x" * 10_001), 413, "too_large")["limit"] == 10_000
    assert len(body) < 40_000
    problem = refused(kiesel.send("x" * 40_001), 400, "malformed")
    assert problem["field"] == "body"


def test_texts_that_are_none(paper: Gazette, kiesel: Reader) -> None:
    for text in (NUL, f"one{NUL}two"):
        assert refused(kiesel.send(text), 400, "malformed")["field"] == "body"
    answer = asked(
        paper, kiesel, paper.desk("administrator"), "POST", f"{paper.article()}/comments",
        data=b'{"body":"half \\ud800 a character"}', content_type="application/json",
    )  # fmt: skip
    refused(answer, 400, "malformed")
    for text in ("", " ", "\n\n", "\u200b", "\u202e", "x"):
        assert refused(kiesel.send(text), 422, "length")["finding"]["params"]["min"] == 2


STRANGE_PATHS = [
    "", "0", "-1", "x", "1e3", "١", "9" * 18, "9" * 19, "9" * 100, "%00", "%20", "%ff", "%ed%a0%80", "..", "%2e%2e",
    "%2F", "%2f%2f", "1%00", "1;x", "1%0a", "'", "%27%20OR%201=1", "*", "a" * 2000,
]  # fmt: skip


def test_every_path_with_every_strange_part(paper: Gazette, kiesel: Reader) -> None:
    """Ids, keys and words in paths: found, refused, never an error of ours; what is no id is not found."""
    comment, desk = kiesel.post("one")["id"], paper.desk("administrator")
    for method, path, body in everything(paper, comment, kiesel.id):
        parts = path.partition("?")[0].split("/")
        for place in range(2, len(parts)):
            for strange in STRANGE_PATHS:
                if path.startswith("/console/session"):
                    continue
                bent = "/".join([*parts[:place], strange, *parts[place + 1 :]])
                answer = asked(paper, kiesel, desk, method, bent, json=body)
                assert answer.status_code < 500, (method, bent, answer.get_data(True))
                if answer.status_code >= 400:
                    refused(answer, answer.status_code)


QUERIES: list[tuple[str, str, list[str]]] = [
    ("{article}/comments", "sort", ["", "x", "NEWEST", "newest ", "%00", "replies"]),
    ("{article}/comments", "limit", ["", "0", "51", "-1", "x", "1.5", "٣", "9" * 30, "1e1", " 1", "%00"]),
    ("{article}/comments", "cursor", ["x", "%00", "a" * 3000, "é", "AAAA"]),
    ("{article}/changes", "after", ["", "-1", "x", "1.5", "9" * 19, "%00", "null"]),
    ("/comments/{comment}/replies", "limit", ["", "0", "101", "x"]),
    ("/comments/{comment}/replies", "cursor", ["x", "AAAA", "%00"]),
    ("/sites/gazette/counts", "article", ["", "%00", "a" * 256, "%20a", "a%0ab"]),
    ("/console/sites/gazette/queues/waiting", "limit", ["", "0", "101", "x"]),
    ("/console/sites/gazette/queues/waiting", "cursor", ["x", "AAAA"]),
    ("/console/members/{member}/comments", "status", ["x", "WAITING", "%00"]),
    ("/console/members/{member}/comments", "cursor", ["x", "AAAA"]),
    ("/console/members/{member}/comments", "limit", ["", "0", "101", "x"]),
    ("/console/sites/gazette/audit", "cursor", ["x", "-1", "0", "%00", "9" * 30]),
    ("/console/sites/gazette/audit", "limit", ["x", "0", "101"]),
    ("/console/sites/gazette/articles", "cursor", ["x", "0"]),
    ("/console/sites/gazette/figures", "by", ["", "week", "%00"]),
    (
        "/console/sites/gazette/figures",
        "from",
        ["x", "2026-02-30", "2026-3-2", "2026-03-02T09:00", "0001-01-01", "%00"],
    ),
    ("/console/sites/gazette/figures", "to", ["x", "9999-12-31", "2026-W10-01", "9999-12-31T23:59:59-12:00"]),
    ("/console/sites/gazette/figures.csv", "table", ["", "x", "%00"]),
    ("/console/sites/gazette/rules/versions", "cursor", ["x", "-1", "9" * 18]),
    ("/console/sites/gazette/rules/versions", "limit", ["x", "0", "101"]),
]


def test_queries_that_are_wrong_name_themselves(paper: Gazette, kiesel: Reader) -> None:
    comment, desk = kiesel.post("one")["id"], paper.desk("administrator")
    for pattern, name, values in QUERIES:
        path = pattern.format(article=paper.article(), comment=comment, member=kiesel.id)
        for value in values:
            answer = asked(paper, kiesel, desk, "GET", f"{path}?{name}={value}")
            assert refused(answer, 400, "malformed")["field"] == name, (path, value)
    many = "&".join(f"article={number}" for number in range(101))
    assert refused(paper.call("GET", f"/sites/gazette/counts?{many}"), 400)["field"] == "article"
    for q in ("%00", "%25", "_", "\\", "x" * 500, "%ff", "'"):
        good(asked(paper, kiesel, desk, "GET", f"/console/sites/gazette/articles?q={q}"))


def test_a_cursor_of_another_order(paper: Gazette, kiesel: Reader) -> None:
    for number in range(3):
        kiesel.post(f"number {number}")
    cursor = paper.page(query="?sort=newest&limit=1")["next_cursor"]
    assert paper.page(query=f"?sort=newest&limit=1&cursor={cursor}")["comments"]
    for sort in ("oldest", "recommended"):
        answer = paper.call("GET", f"{paper.article()}/comments?sort={sort}&cursor={cursor}")
        assert refused(answer, 400, "malformed")["field"] == "cursor"


NOWHERE = [
    "/nothing", "/api/v1", "/api/v1/", "/api/v2/session", "/api/v1/sites", "/api/v1/session/", "/embed.js/", "/.env",
    "/static/", "/static/x.js", "/static/%00", "/static/%ff", "/static/manifest.json", "/static/%2fetc/passwd",
    "/static/..%2f..%2fpyproject.toml", f"/static/{'a' * 300}", f"/static/{'a/' * 3000}",
]  # fmt: skip


def test_addresses_that_do_not_exist(app: Flask) -> None:
    for path in NOWHERE:
        refused(app.test_client().get(path), 404, "not_found")


def test_methods_that_do_not_exist(app: Flask, paper: Gazette) -> None:
    for method, path, allowed in (
        ("PUT", f"{paper.article()}/comments", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("GET", "/session", {"OPTIONS", "POST"}),
        ("DELETE", "/me", {"OPTIONS", "PATCH"}),
        ("TRACE", "/session", {"OPTIONS", "POST"}),
        ("BREW", "/session", {"OPTIONS", "POST"}),
    ):
        answer = app.test_client().open(API + path, method=method)
        refused(answer, 405)
        assert set(answer.headers["Allow"].split(", ")) == allowed


def test_every_answer_has_its_headers(app: Flask, paper: Gazette, kiesel: Reader) -> None:
    ids = set()
    for path in ("/api/v1/session", f"{API}{paper.article()}/mine", "/healthz", "/nothing", "/api/v1/openapi.json"):
        answer = app.test_client().get(path)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"]
        ids.add(answer.headers["X-Request-Id"])
    assert len(ids) == 5
    assert kiesel.call("GET", f"{paper.article()}/mine").headers["Cache-Control"] == "no-store"


def test_an_article_id_may_be_anything_printable(paper: Gazette, kiesel: Reader) -> None:
    """Also an address, a path, an emoji: whatever the publisher's system calls its articles."""
    from urllib.parse import quote

    for key in ("https://www.gazette.example/2026/03/a?b=c#d", "a//b", "a/b", "//x", "x/", "äöü 🐢", "%41", "a+b",
                "a;b", "comments", "a/comments", ".", "x" * 255):  # fmt: skip
        path = f"/sites/gazette/articles/{quote(key, safe='')}"
        sent = kiesel.call(
            "POST", f"{path}/comments", {"body": f"on {key[:9]}"}, Idempotency_Key=key.encode().hex()[:200]
        )
        assert good(sent, 201)["status"] == "published", key
        assert paper.get(f"{path}/comments")["article"]["id"] == key
        assert paper.get(f"{path}/changes?after=0")["seq"] == 1
        assert paper.get(f"/sites/gazette/counts?article={quote(key, safe='')}") == {"counts": {key: 1}}
    for key in ("%0a", "%00", "%20x", "x%20", "x" * 256, "%e2%80%a8"):
        answer = paper.call("GET", f"/sites/gazette/articles/{key}/comments")
        refused(answer, 404 if key == "%0a" else 400)


def test_noise(paper: Gazette, kiesel: Reader) -> None:
    """Random bytes and headers to random addresses."""
    chance, desk = random.Random(5), paper.desk("administrator")
    comment = kiesel.post("one")["id"]
    routes = endpoints(paper, comment, kiesel.id)
    for _ in range(300):
        method, path, _body = chance.choice(routes)
        method = chance.choice([method, method, "GET", "POST", "PUT", "PATCH", "DELETE"])
        if (method, path) in (("DELETE", "/console/session"), ("DELETE", "/console/account/sessions")):
            continue
        noise = chance.randbytes(chance.randrange(60))
        headers = {
            chance.choice(["Authorization", "Idempotency-Key", "Origin", "X-Forwarded-For", "If-None-Match", "Cookie",
                           "Content-Length", "Content-Encoding", "Accept-Encoding", "X-CSRF-Token"]):
            "".join(chr(chance.randrange(32, 256)) for _ in range(chance.randrange(40)))
        }  # fmt: skip
        answer = asked(paper, kiesel, desk, method, path, data=noise, content_type="application/json", headers=headers)
        assert answer.status_code < 500, (method, path, headers, answer.get_data(True))
