"""Every route has a limit, whatever it is asked with: who is over it is told how long to wait, all others go on."""

import re
from itertools import count

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from comments.http.limits import ACCOUNT, COSTLY, FREE
from comments.http.request import client_address, network_of
from comments.settings import read_settings
from tests.conftest import FakeClock
from tests.gazette import Gazette, good, parts_of

PROXY = "127.0.0.1"  # where the test's client comes from
addresses = (f"203.{one >> 8 & 255}.{one & 255}.1" for one in count(1))


def is_too_many(answer: TestResponse) -> None:
    assert answer.status_code == 429, answer.get_data()
    assert 1 <= int(answer.headers["Retry-After"]) <= 61
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.environ(COMMENTS_REQUESTS_PER_MINUTE="4", COMMENTS_TRUSTED_PROXIES=PROXY)
def test_every_route_is_limited_for_an_address(app: Flask) -> None:
    client = app.test_client()
    rules = list(app.url_map.iter_rules())
    assert len(rules) > 90
    for rule in rules:
        path = re.sub(r"<[^>]+>", "1", rule.rule)
        for method in sorted(rule.methods or ()):
            here = {"X-Forwarded-For": next(addresses)}
            statuses = [client.open(path, method=method, headers=here).status_code for _ in range(4)]
            assert 429 not in statuses, (method, path)
            last = client.open(path, method=method, headers=here)
            if rule.endpoint in FREE:
                assert last.status_code != 429
            else:
                is_too_many(last)
            assert client.open(path, method=method, headers={"X-Forwarded-For": next(addresses)}).status_code != 429


@pytest.mark.environ(COMMENTS_REQUESTS_PER_MINUTE="20", COMMENTS_TRUSTED_PROXIES=PROXY)
def test_what_lies_ready_is_free(app: Flask, clock: FakeClock) -> None:
    paper = Gazette.make(app, clock)
    for path in (f"/api/v1{paper.article()}/comments", "/articles/gazette/1", "/embed.js"):
        for _ in range(60):
            assert app.test_client().get(path, headers={"X-Forwarded-For": "198.51.100.1"}).status_code == 200, path


@pytest.mark.environ(COMMENTS_REQUESTS_PER_MINUTE="2")
def test_a_plain_page_says_so_as_a_page(app: Flask, clock: FakeClock) -> None:
    Gazette.make(app, clock)
    answers = [app.test_client().get(f"/articles/gazette/{number}") for number in range(3)]
    is_too_many(answers[2])
    assert answers[2].mimetype == "text/html" and b"<h1" in answers[2].get_data()


@pytest.mark.parametrize("spoofed", [
    {"X-Forwarded-For": "{}"}, {"X-Forwarded-For": "{}, 10.0.0.1"}, {"X-Forwarded-For": "garbage-{}"},
    {"X-Real-IP": "{}"}, {"Forwarded": "for={}"}, {"Forwarded": 'for="[2001:db8::{}]"'}, {"Client-IP": "{}"},
    {"True-Client-IP": "{}"}, {"CF-Connecting-IP": "{}"}, {"X-Client-IP": "{}"}, {"X-Forwarded": "{}"},
    {"X-Cluster-Client-IP": "{}"}, {"X-Originating-IP": "{}"}, {"Via": "1.1 {}"}, {"Host": "{}.example"},
    {"X-Forwarded-Host": "{}"}, {"X-Forwarded-For": "fe80::1%{}"}, {"User-Agent": "{}"}, {"Origin": "https://{}.example"},
])  # fmt: skip
@pytest.mark.parametrize("proxies", ["", PROXY])
@pytest.mark.environ(COMMENTS_REQUESTS_PER_MINUTE="3")
def test_spoofed_headers_change_nothing(app: Flask, spoofed: dict[str, str], proxies: str) -> None:
    """Also behind our own proxy, which puts the real address behind whatever the client had sent."""
    client = app.test_client()
    if proxies:
        object.__setattr__(parts_of(app).settings, "trusted_proxies", read_settings({
            "COMMENTS_TRUSTED_PROXIES": proxies, "COMMENTS_SECRET_KEY": "x" * 32, "COMMENTS_DATABASE_URL": "sqlite:////x"
        }).trusted_proxies)  # fmt: skip
    statuses = []
    for number in range(4):
        headers = {name: value.format(number) for name, value in spoofed.items()}
        if proxies:
            sent = headers.get("X-Forwarded-For")
            headers["X-Forwarded-For"] = "203.0.113.9" if sent is None else f"{sent}, 203.0.113.9"
        statuses.append(client.get("/readyz", headers=headers).status_code)
    assert statuses[3] == 429 and 429 not in statuses[:3]


def environ(remote: str, forwarded: str | None = None) -> dict[str, str]:
    return {"REMOTE_ADDR": remote} | ({} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded})


@pytest.mark.parametrize(("remote", "forwarded", "address", "network"), [
    ("192.0.2.1", None, "192.0.2.1", "192.0.2.1"),
    ("192.0.2.1", "198.51.100.7", "192.0.2.1", "192.0.2.1"),
    ("10.0.0.1", "198.51.100.7", "198.51.100.7", "198.51.100.7"),
    ("10.0.0.1", "1.1.1.1, 198.51.100.7", "198.51.100.7", "198.51.100.7"),
    ("10.0.0.1", "1.1.1.1,198.51.100.7 , 10.0.0.2", "198.51.100.7", "198.51.100.7"),
    ("10.0.0.1", "198.51.100.7:4711", "198.51.100.7", "198.51.100.7"),
    ("10.0.0.1", "[2001:db8:1:2:3::4]:4711", "2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
    ("10.0.0.1", "2001:db8:1:2:ffff::4", "2001:db8:1:2:ffff::4", "2001:db8:1:2::/64"),
    ("10.0.0.1", "fe80::1%eth0", "fe80::1", "fe80::/64"),
    ("::ffff:10.0.0.1", "::ffff:198.51.100.7", "198.51.100.7", "198.51.100.7"),
    ("10.0.0.1", "1.1.1.1, unknown", "10.0.0.1", "10.0.0.1"),
    ("10.0.0.1", "1.1.1.1, _hidden", "10.0.0.1", "10.0.0.1"),
    ("10.0.0.1", "1.1.1.1,,", "10.0.0.1", "10.0.0.1"),
    ("10.0.0.1", "", "10.0.0.1", "10.0.0.1"),
    ("10.0.0.1", "9" * 5000, "10.0.0.1", "10.0.0.1"),
    ("10.0.0.1", "1.2.3.4.5", "10.0.0.1", "10.0.0.1"),
    ("10.0.0.1", "\u0661.1.1.1", "10.0.0.1", "10.0.0.1"),
    ("", None, "127.0.0.1", "127.0.0.1"),  # a socket of this machine
])  # fmt: skip
def test_who_is_counted(remote: str, forwarded: str | None, address: str, network: str) -> None:
    trusted = read_settings({
        "COMMENTS_TRUSTED_PROXIES": "10.0.0.0/8", "COMMENTS_SECRET_KEY": "x" * 32, "COMMENTS_DATABASE_URL": "sqlite:////x"
    }).trusted_proxies  # fmt: skip
    assert client_address(environ(remote, forwarded), trusted) == address
    assert network_of(environ(remote, forwarded), trusted) == network


@pytest.mark.environ(COMMENTS_SITE_POSTS_PER_MINUTE="3", COMMENTS_SITE_REQUESTS_PER_MINUTE="6")
def test_a_flood_on_one_site_leaves_the_others_theirs(app: Flask, clock: FakeClock) -> None:
    """Many members, many addresses, one site: it alone is over its limits, and its first pages are read as before."""
    gazette = Gazette.make(app, clock)
    herald = Gazette.make(app, clock, "herald", origins=("https://www.herald.example",))
    crowd = [gazette.reader(f"reader {number}") for number in range(2)]
    wren = herald.reader("wren")
    answers = [crowd[number % 2].send(f"hello {number}") for number in range(4)]
    assert [one.status_code for one in answers[:3]] == [201] * 3
    is_too_many(answers[3])
    is_too_many(gazette.session(gazette.token("one more")))
    reads = [gazette.call("GET", f"{gazette.article()}/changes?after=0") for _ in range(7)]
    assert {one.status_code for one in reads[:6]} == {200}
    is_too_many(reads[6])
    assert gazette.page()["total"] == 3
    assert good(wren.send("hello"), 201) and herald.changes(0) and good(herald.session(herald.token("owl")))


def test_what_costs_much_is_limited_for_each_account(app: Flask, clock: FakeClock) -> None:
    """… and no account is kept waiting for another."""
    paper = Gazette.make(app, clock)
    chief, other = paper.desk("administrator"), paper.desk("administrator")
    limiter, rules = parts_of(app).limiter, {rule.endpoint: rule for rule in app.url_map.iter_rules()}
    assert set(COSTLY) <= set(rules)
    number = good(chief.call("GET", "/session"))["user"]["id"]
    for endpoint, most in COSTLY.items():
        for _ in range(most):
            limiter.hit(endpoint, number, most)
        rule = rules[endpoint]
        method = "POST" if "POST" in (rule.methods or ()) else "GET"
        path = re.sub(r"<[^>]+>", "1", rule.rule.replace("<site>", paper.key)).removeprefix("/api/v1/console")
        is_too_many(chief.call(method, path, {} if method == "POST" else None))
        assert other.call(method, path, {} if method == "POST" else None).status_code != 429
    for _ in range(ACCOUNT):
        try:
            limiter.hit("account", number, ACCOUNT)
        except Exception:
            break
    is_too_many(chief.call("GET", "/preferences"))
    assert good(other.call("GET", "/preferences"))
