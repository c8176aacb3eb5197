"""Every route's answers of every kind have exactly the headers that keep browsers from misusing them."""

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from tests.conftest import FakeClock
from tests.gazette import API, OWN_PAGE, Desk, Gazette, Reader, Visitor, parts_of
from tests.http.test_errors import everything

EVERY = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}
API_ANSWER = EVERY | {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "cross-origin",
}
SHARED = EVERY | {
    "cross-origin-resource-policy": "cross-origin", "access-control-allow-origin": "*",
    "access-control-expose-headers": "ETag", "timing-allow-origin": "*",
}  # fmt: skip
PAGE = EVERY | {
    "cross-origin-opener-policy": "same-origin", "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "x-frame-options": "DENY",
}  # fmt: skip
BY_ANSWER = {  # what depends on the answer; other tests look at these
    "content-type", "content-length", "content-encoding", "content-language", "content-disposition", "allow", "vary",
    "retry-after", "www-authenticate", "etag", "set-cookie", "cache-control", "x-request-id",
    "x-robots-tag", "location",
}  # fmt: skip
WITH_FORMS = ("/notice/", "/mail/", "/api/docs")  # pages that work without scripts send forms, to us alone
OF_CORS = {"access-control-allow-origin", "access-control-expose-headers"}
TLS = pytest.mark.environ(COMMENTS_PUBLIC_URL="https://comments.example")


def looked_at(answer: TestResponse, what: str, is_https: bool = True) -> None:
    has = {name.lower(): value for name, value in answer.headers}
    assert len(has) == len(answer.headers), f"{what}: a header is there twice"
    assert "cache-control" in has or (answer.status_code == 308), what
    assert has.pop("strict-transport-security", None) == ("max-age=31536000" if is_https else None), what
    policy = has.get("content-security-policy", "")
    assert "unsafe" not in policy and "*" not in policy and "http:" not in policy, what
    if answer.mimetype == "text/html":
        is_a_page(has.pop("content-security-policy"), what, answer.request.path.startswith(WITH_FORMS))
        wanted = PAGE
    elif "x-request-id" in has:
        wanted = API_ANSWER
        if API in what and "/console" not in what:
            has = {name: value for name, value in has.items() if name not in OF_CORS}
    else:
        wanted = SHARED
    assert {name: value for name, value in has.items() if name not in BY_ANSWER} == wanted, what


def is_a_page(policy: str, what: str, has_forms: bool) -> None:
    said = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    assert said["frame-ancestors"] == said["default-src"] == said["base-uri"] == "'none'", what
    assert said["form-action"] in ({"'none'", "'self'"} if has_forms else {"'none'"}), what  # their errors have none
    assert (said["require-trusted-types-for"], said["trusted-types"]) == ("'script'", "'none'"), what
    assert "script-src" not in said or re.fullmatch(r"'nonce-[\w-]{24}' 'strict-dynamic'", said["script-src"]), what


@TLS
def test_every_route_asked_by_nobody(app: Flask, clock: FakeClock) -> None:
    """Found, refused, not found, not allowed: with every method."""
    paper, client = Gazette.make(app, clock), app.test_client()
    kinds = set()
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<[^>]+>", "1", rule.rule.replace("<site>", paper.key))
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"):
            answer = client.open(path, method=method, headers={"Origin": paper.origin})
            looked_at(answer, f"{method} {path}")
            assert answer.status_code < 500
            if answer.status_code == 405:
                assert method not in answer.headers["Allow"].split(", ") and answer.headers["Allow"], (method, path)
            kinds.add(answer.status_code)
        for odd in (f"{path}/", f"{path}//", f"{path}%00", f"/{path}"):
            answer = client.get(odd)
            looked_at(answer, f"GET {odd}")
            assert answer.status_code not in range(300, 400), f"{odd} leads elsewhere"
    assert {200, 204, 400, 401, 404, 405} <= kinds


@TLS
def test_every_route_asked_by_who_may(app: Flask, clock: FakeClock) -> None:
    paper = Gazette.make(app, clock)
    reader, desk = paper.reader("kiesel"), paper.desk("administrator")
    comment = reader.post("hello there")["id"]
    kinds = set()
    for method, path, body in everything(paper, comment, paper.reader("bach").id):
        who: Reader | Desk | Visitor = reader.visitor if path.startswith(OWN_PAGE) else reader
        if path.startswith("/console"):
            who = desk
        answer = who.call(method, path.removeprefix("/console"), body, Idempotency_Key="k")
        looked_at(answer, f"{method} {answer.request.path}")
        kinds.add(answer.status_code)
    assert {200, 201, 204} <= kinds


@TLS
def test_what_is_known_already(app: Flask, clock: FakeClock) -> None:
    paper, client = Gazette.make(app, clock), app.test_client()
    for path in (
        f"{API}{paper.article()}/comments",
        f"{API}/sites/gazette/counts?article=1",
        "/articles/gazette/1",
        "/embed.js",
    ):
        tag = client.get(path).headers["ETag"]
        answer = client.get(path, headers={"If-None-Match": tag})
        assert answer.status_code == 304 and answer.headers["ETag"] == tag
        has = {name.lower(): value for name, value in answer.headers}
        for name, value in (PAGE if path.startswith("/articles") else SHARED).items():
            assert has[name] == value, (path, name)
        assert "strict-transport-security" in has and "cache-control" in has and "vary" in has


PLAIN = ("/articles/gazette/1", "/articles/gazette/1?sort=oldest&cursor=x", "/articles/gazette/1?comment=1")


@TLS
def test_failures(app: Flask, clock: FakeClock) -> None:
    """Of the database: pages say so as pages, the API in problem documents, and none tells of the inside."""
    paper = Gazette.make(app, clock)
    paper.reader().post("hello")
    with parts_of(app).database.engine.begin() as conn:
        conn.execute(sa.text("ALTER TABLE articles RENAME TO mislaid"))
    try:
        for path in (*PLAIN, f"{API}{paper.article()}/changes", f"{API}{paper.article()}/comments"):
            answer = app.test_client().get(path)
            looked_at(answer, path)
            failed = 500 if paper.database.engine.dialect.name == "postgresql" else 503  # SQLite calls this operational
            assert answer.status_code == (400 if "cursor" in path else failed), path
            assert (answer.mimetype == "text/html") is path.startswith("/articles"), path
            assert b"mislaid" not in answer.get_data() and b"SELECT" not in answer.get_data()
    finally:
        with parts_of(app).database.engine.begin() as conn:
            conn.execute(sa.text("ALTER TABLE mislaid RENAME TO articles"))


@TLS
@pytest.mark.environ(COMMENTS_REQUESTS_PER_MINUTE="1")
def test_who_is_over_a_limit(app: Flask, clock: FakeClock) -> None:
    Gazette.make(app, clock)
    for path in ("/console", "/articles/gazette/2", f"{API}/sites/gazette/articles/3/changes", "/readyz"):
        app.test_client().get(path)
        answer = app.test_client().get(path)
        assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0
        assert (answer.mimetype == "text/html") is not path.startswith(("/api", "/readyz")), path
        looked_at(answer, path)


def test_without_tls_nothing_is_said_of_it(app: Flask) -> None:
    for path in ("/console", "/embed.js", "/healthz"):
        looked_at(app.test_client().get(path), path, is_https=False)


def test_the_console_has_a_nonce_for_each_page(app: Flask) -> None:
    pages = [app.test_client().get("/console") for _ in range(3)]
    nonces = [re.findall(r'nonce="([\w-]+)"', page.get_data(as_text=True)) for page in pages]
    assert all(len(found) == 2 and len(set(found)) == 1 for found in nonces)
    assert len({found[0] for found in nonces}) == 3
    for page, (nonce, *_) in zip(pages, nonces, strict=True):
        policy = page.headers["Content-Security-Policy"]
        assert f"script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'nonce-{nonce}';" in policy
        assert page.headers["Cache-Control"] == "no-store"


EVIL = [
    "Host", "X-Forwarded-Host", "X-Forwarded-Server", "X-Host", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Prefix",
    "X-Script-Name", "Origin", "Referer", "Accept", "Accept-Language", "User-Agent", "X-Forwarded-Scheme", "Via",
]  # fmt: skip
UNKEYED: list[dict[str, str]] = [{name: "evil.example"} for name in EVIL] + [
    {"X-Forwarded-Proto": "https"}, {"X-Forwarded-Port": "666"}, {"Forwarded": "host=evil.example;proto=https"},
    {"X-HTTP-Method-Override": "DELETE"}, {"Cookie": "x=evil.example"}, {"Range": "bytes=0-1"},
    {"Accept-Language": "ar"},
]  # fmt: skip


@pytest.mark.parametrize("headers", UNKEYED, ids=lambda one: next(iter(one)))
def test_what_no_cache_knows_of_changes_no_answer(app: Flask, clock: FakeClock, headers: dict[str, str]) -> None:
    """Host and its like, and all else that is no part of a cache's key, make no difference to what others are given."""
    paper = Gazette.make(app, clock, login_url="https://www.gazette.example/login?back={url}")
    paper.reader().post("hello")
    for path in ("/articles/gazette/1", "/articles/gazette/1?sort=oldest", f"{API}{paper.article()}/comments",
                 f"{API}/sites/gazette/counts?article=1", "/embed.js", f"{API}/openapi.json"):  # fmt: skip
        first = app.test_client().get(path, headers=headers)  # it is made for them, and kept
        plain = app.test_client().get(path)
        assert (first.status_code, first.get_data()) == (plain.status_code, plain.get_data()), path
        assert "evil" not in first.get_data(as_text=True) and "evil" not in str(first.headers)
        fixed = [{name: one for name, one in answer.headers if name != "X-Request-Id"} for answer in (first, plain)]
        assert fixed[0] == fixed[1], path


def test_addresses_are_those_of_the_public_url(app: Flask, clock: FakeClock) -> None:
    Gazette.make(app, clock)
    page = app.test_client().get("/articles/gazette/1", headers={"Host": "evil.example"}).get_data(as_text=True)
    assert 'rel="canonical" href="http://localhost:8000/articles/gazette/1"' in page
