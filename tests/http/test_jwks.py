"""A publisher's public keys, fetched from a real server: three algorithms, rotation, failures, what is never asked."""

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from comments.core.errors import Unavailable
from comments.core.tokens import keys_from_jwks
from comments.outgoing import MOST_BYTES, JwksCache
from tests.bad_tokens import Keys, key_tokens
from tests.conftest import FakeClock
from tests.gazette import Gazette, good, refused
from tests.http.key_server import KeyServer, key_server
from tests.servers import free_port, wait_until

pytestmark = pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
here = pytest.mark.environ(COMMENTS_PRIVATE_HOSTS="localhost")
KEYS = Keys()


@pytest.fixture
def server() -> Iterator[KeyServer]:
    with key_server(KEYS.public()) as told:
        yield told


@pytest.fixture
def herald(app: Flask, clock: FakeClock, server: KeyServer) -> Gazette:
    """A newspaper that signs with keys of its own."""
    return Gazette.make(app, clock, "herald", jwks_url=server.url)


@here
@pytest.mark.parametrize("kid", ["rsa", "ec", "okp"])
def test_each_algorithm_lets_a_reader_in(herald: Gazette, server: KeyServer, kid: str) -> None:
    for named in (kid, None):
        opened = good(herald.session(KEYS.sign(herald.claims(), kid, kid=named)))
        assert (opened["viewer"]["name"], opened["viewer"]["state"], opened["expires_in"]) == ("kiesel", "active", 600)
    assert server.asked == ["/keys?v=1"], "once for a minute"


@here
def test_bad_tokens(herald: Gazette) -> None:
    for name, (token, claim) in key_tokens(herald.claims(), KEYS).items():
        problem = refused(herald.session(token), 401)
        assert (problem["code"], problem.get("claim")) == ("token_invalid", claim), name


@here
def test_a_secret_does_not_sign_for_a_site_with_keys(herald: Gazette, clock: FakeClock) -> None:
    gazette = Gazette.make(herald.app, clock)
    assert refused(herald.session(gazette.token(aud="herald")), 401)["claim"] == "alg"
    assert refused(gazette.session(KEYS.sign(gazette.claims(), "ec")), 401)["claim"] == "alg"


def test_private_addresses_are_not_asked(herald: Gazette, server: KeyServer) -> None:
    problem = refused(herald.session(KEYS.sign(herald.claims(), "ec")), 503, "unavailable")
    assert problem["retry_after"] == 5
    assert server.asked == []


@here
@pytest.mark.parametrize("status", [301, 302, 404, 500])
def test_a_server_that_fails_from_the_start(herald: Gazette, server: KeyServer, status: int) -> None:
    server.status, server.headers = status, {"Location": "/elsewhere"}
    answer = herald.session(KEYS.sign(herald.claims(), "ec"))
    refused(answer, 503, "unavailable")
    assert answer.headers["Retry-After"] == "5"
    assert server.asked == ["/keys?v=1"], "redirects are not followed"


@dataclass
class Watch:
    """Seconds that stand still."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def cache(watch: Watch) -> JwksCache:
    return JwksCache(frozenset({"localhost"}), watch)


def kids(cache: JwksCache, url: str, kid: str | None = None) -> list[str | None]:
    return [one.kid for one in cache.keys(url, kid)]


def test_rotation(cache: JwksCache, watch: Watch, server: KeyServer) -> None:
    """A key that is withdrawn counts for a minute at most; a new one is found at once."""
    server.serve(KEYS.public("rsa"))
    assert kids(cache, server.url) == ["rsa"]
    server.serve(KEYS.public("ec"))
    watch.now += 50
    assert kids(cache, server.url) == ["rsa"]
    assert len(server.asked) == 1
    assert kids(cache, server.url, "ec") == ["ec"], "an unknown kid is a reason to ask"
    watch.now += 50.1
    server.serve(KEYS.public("okp"))
    assert kids(cache, server.url) == ["okp"]
    assert len(server.asked) == 3


def test_unknown_kids_do_not_make_us_ask_for_ever(cache: JwksCache, watch: Watch, server: KeyServer) -> None:
    for number in range(100):
        kids(cache, server.url, f"made up {number}")
        watch.now += 0.1
    assert len(server.asked) <= 3


BROKEN = [b"", b"{", b"[]", b'{"keys":{}}', b"[" * 60_000, b"<html>", b"\xff", b"x" * (MOST_BYTES + 1)]


@pytest.mark.parametrize("broken", BROKEN, ids=range(len(BROKEN)))
def test_a_failure_keeps_the_old_keys_for_a_day(
    cache: JwksCache, watch: Watch, server: KeyServer, broken: bytes
) -> None:
    assert kids(cache, server.url) == ["rsa", "ec", "okp"]
    server.body = broken
    watch.now += 86_400
    assert kids(cache, server.url) == ["rsa", "ec", "okp"]
    watch.now += 1
    with pytest.raises(Unavailable):
        cache.keys(server.url, None)
    server.serve(KEYS.public("ec"))
    watch.now += 5
    assert kids(cache, server.url) == ["ec"]


def test_no_keys_any_more(cache: JwksCache, watch: Watch, server: KeyServer) -> None:
    """An empty document is the publisher's word: nobody gets in."""
    assert kids(cache, server.url)
    server.serve({"keys": []})
    watch.now += 61
    with pytest.raises(Unavailable):
        cache.keys(server.url, None)


def test_readers_who_come_at_once_wait_for_one_answer(cache: JwksCache, server: KeyServer) -> None:
    """The first minute of a service has more than one reader: none of them is turned away."""
    server.open.clear()
    found: list[list[str | None]] = []
    threads = [threading.Thread(target=lambda: found.append(kids(cache, server.url, "ec"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    wait_until(lambda: server.asked, "the first request")
    server.open.set()
    for thread in threads:
        thread.join()
    assert found == [["rsa", "ec", "okp"]] * 8
    assert len(server.asked) == 1


def test_nobody_waits_for_a_renewal(cache: JwksCache, watch: Watch, server: KeyServer) -> None:
    assert kids(cache, server.url)
    watch.now += 100
    server.open.clear()
    renewing = threading.Thread(target=lambda: kids(cache, server.url))
    renewing.start()
    wait_until(lambda: len(server.asked) == 2, "the renewal")
    assert kids(cache, server.url, "ec") == ["rsa", "ec", "okp"]
    server.open.set()
    renewing.join()


def test_a_key_that_is_gone_counts_for_less_than_a_minute(cache: JwksCache, watch: Watch, server: KeyServer) -> None:
    """Nobody asked for an hour, then two at once: the second waits for the renewal that the first began."""
    assert kids(cache, server.url) == ["rsa", "ec", "okp"]
    server.serve(KEYS.public("ec"))
    server.open.clear()
    watch.now += 59.1
    found: list[list[str | None]] = []
    threads = [threading.Thread(target=lambda: found.append(kids(cache, server.url, "rsa"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(server.asked) == 2, "the renewal")
    assert found == []
    server.open.set()
    for thread in threads:
        thread.join()
    assert found == [["ec"]] * 4


def test_while_the_publishers_server_fails_nobody_waits(cache: JwksCache, watch: Watch, server: KeyServer) -> None:
    """What is valid goes on: one asks every five seconds, the others get the keys that were known."""
    assert kids(cache, server.url)
    server.status = 500
    watch.now += 100
    assert kids(cache, server.url) == ["rsa", "ec", "okp"]
    watch.now += 5
    server.open.clear()
    renewing = threading.Thread(target=lambda: kids(cache, server.url))
    renewing.start()
    wait_until(lambda: len(server.asked) == 3, "the next try")
    assert kids(cache, server.url, "rsa") == ["rsa", "ec", "okp"]
    server.open.set()
    renewing.join()


def test_one_publishers_trouble_is_nobody_elses(cache: JwksCache, server: KeyServer) -> None:
    """A server that does not answer, and a host that is looked up for ever: others' keys come meanwhile."""
    with key_server(KEYS.public("ec")) as stuck:
        stuck.open.clear()

        def wait() -> None:
            with contextlib.suppress(Unavailable):
                cache.keys(stuck.url, None)

        waiting = threading.Thread(target=wait)
        waiting.start()
        wait_until(lambda: stuck.asked, "the request that hangs")
        began = time.monotonic()
        assert kids(cache, server.url) == ["rsa", "ec", "okp"]
        assert time.monotonic() - began < 4
        stuck.status = 500
        stuck.open.set()
        waiting.join()


def odd(keys: list[Any]) -> dict[str, Any]:
    return {"keys": [*keys, KEYS.key("ec").as_dict(private=False)]}


def test_keys_that_are_none_of_ours(cache: JwksCache, server: KeyServer) -> None:
    """Secrets, private keys, keys for other things, a thousand of them: the good one among them counts, or none."""
    rsa = KEYS.key("rsa").as_dict(private=False)
    server.serve(odd([
        {"kty": "oct", "kid": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"},
        KEYS.key("rsa").as_dict(private=True), rsa | {"alg": "ES256"},
        rsa | {"use": "enc"}, rsa | {"key_ops": ["encrypt"]}, rsa | {"key_ops": 7}, rsa | {"alg": "HS256"},
        rsa | {"alg": "none"}, rsa | {"kid": 7}, rsa | {"kid": "a" * 300}, rsa | {"kid": ""}, rsa | {"kid": "a\nb"},
        rsa | {"kty": ["RSA"]}, None, [], "key", 7,
    ]))  # fmt: skip
    assert kids(cache, server.url) == ["ec"]
    found = keys_from_jwks({"keys": [rsa | {"kid": f"k{number}"} for number in range(1000)]})
    assert len(found) == 50


@here
def test_two_keys_of_one_name(herald: Gazette, server: KeyServer) -> None:
    """A publisher's slip: what either signed counts, what a third did does not."""
    other = Keys()
    server.serve({"keys": [one.ec.as_dict(private=False) for one in (KEYS, other)]})
    for one in (KEYS, other):
        good(herald.session(one.sign(herald.claims(), "ec")))
    refused(herald.session(Keys().sign(herald.claims(), "ec")), 401, "token_invalid")


@pytest.mark.parametrize("content_type", ["text/html", "application/octet-stream", ""])
def test_the_content_type_decides_nothing(cache: JwksCache, server: KeyServer, content_type: str) -> None:
    """It is read as JSON or not at all; publishers' static files have all kinds of types."""
    server.headers = {"Content-Type": content_type} if content_type else {}
    assert kids(cache, server.url)


def test_a_name_that_does_not_exist(cache: JwksCache) -> None:
    with pytest.raises(Unavailable):
        cache.keys("http://no-such-host.invalid/keys", None)


def test_nobody_listens(cache: JwksCache) -> None:
    with pytest.raises(Unavailable):
        cache.keys(f"http://localhost:{free_port()}/keys", None)
