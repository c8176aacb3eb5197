"""A publisher's public keys, fetched from a real server: three algorithms, rotation, failures, what is never asked."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask

from comments.core.errors import Unavailable
from comments.outgoing import MOST_BYTES, JwksCache, OutgoingError, fetch
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
    watch.now += 60
    assert kids(cache, server.url) == ["rsa"]
    assert len(server.asked) == 1
    assert kids(cache, server.url, "ec") == ["ec"], "an unknown kid is a reason to ask"
    watch.now += 60.1
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


PRIVATE = [
    "127.0.0.1", "localhost", "[::1]", "10.0.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",
    "[::ffff:127.0.0.1]", "2130706433", "0x7f000001", "127.1", "100.64.0.1", "[fd00::1]", "[fe80::1]",
]  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE)
def test_ways_to_say_private(host: str) -> None:
    with pytest.raises(OutgoingError, match=r"private address|not known|Name|address"):
        fetch(f"http://{host}:{free_port()}/keys", frozenset({"elsewhere.example"}))


def test_a_name_that_does_not_exist(cache: JwksCache) -> None:
    with pytest.raises(Unavailable):
        cache.keys("http://no-such-host.invalid/keys", None)


def test_nobody_listens(cache: JwksCache) -> None:
    with pytest.raises(Unavailable):
        cache.keys(f"http://localhost:{free_port()}/keys", None)


def test_plain_http_is_not_taken_for_tls(server: KeyServer) -> None:
    with pytest.raises(OutgoingError):
        fetch(server.url.replace("http://", "https://"), frozenset({"localhost"}))
