"""Sites where a publisher's token counts once: whoever shows it again, wherever and however soon, is refused."""

import base64
import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.actions.sites import configure_site
from comments.app import create_app
from comments.jobs.upkeep import sweep
from comments.settings import read_settings
from comments.storage import tables
from comments.storage.sites import find_site
from comments.storage.transaction import system_clock
from tests.bad_tokens import Keys, b64
from tests.conftest import Environ, FakeClock
from tests.gazette import Gazette, good, refused
from tests.http.key_server import key_server
from tests.live.conftest import OwnRedis
from tests.live.paper import over_http
from tests.served import Served

pytestmark = pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
HOUR = 3600


@pytest.fixture
def once(app: Flask, clock: FakeClock) -> Gazette:
    return Gazette.make(app, clock, "once", single_use_tokens=True)


def written(paper: Gazette) -> int:
    with paper.read() as conn:
        return int(conn.execute(sa.select(sa.func.count()).select_from(tables.used_tokens)).scalar_one())


def test_a_token_counts_once(once: Gazette, clock: FakeClock) -> None:
    token = once.token()
    good(once.session(token))
    for _ in range(3):
        problem = refused(once.session(token), 401, "token_replayed")
        assert "sign a new one" in problem["detail"]
    good(once.session(once.token()))
    clock.forward(599)
    refused(once.session(token), 401, "token_replayed")
    clock.forward(61)
    refused(once.session(token), 401, "token_expired")


def test_the_jti_counts_and_not_the_bytes(once: Gazette) -> None:
    claims = once.claims()
    good(once.session(once.token(jti=claims["jti"])))
    refused(once.session(once.token(jti=claims["jti"], name="another")), 401, "token_replayed")
    refused(once.session(once.token("bach", jti=claims["jti"])), 401, "token_replayed")


@pytest.mark.environ(COMMENTS_PRIVATE_HOSTS="localhost")
def test_a_signature_bent_into_another_that_is_valid(app: Flask, clock: FakeClock) -> None:
    """Of every ES256 signature there is a second one: the token's bytes are others, its jti is not."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    keys = Keys()
    with key_server(keys.public()) as server:
        herald = Gazette.make(app, clock, "herald", jwks_url=server.url, single_use_tokens=True)
        token = keys.sign(herald.claims(), "ec")
        head, _, signature = token.rpartition(".")
        raw = base64.urlsafe_b64decode(signature + "==")
        bent = raw[:32] + (order - int.from_bytes(raw[32:], "big")).to_bytes(32, "big")
        good(herald.session(token))
        refused(herald.session(f"{head}.{b64(bent)}"), 401, "token_replayed")


def test_one_token_is_not_taken_at_both_doors(once: Gazette, clock: FakeClock) -> None:
    once.reader("kiesel")
    clock.forward(2)
    token = once.token("kiesel")
    notice = {"site": "once", "token": token}
    good(once.call("POST", "/members/kiesel/entitlement", notice), 204)
    refused(once.call("POST", "/members/kiesel/entitlement", notice), 401, "token_replayed")
    refused(once.session(token), 401, "token_replayed")


def test_what_was_refused_has_not_counted(once: Gazette) -> None:
    """Written with what the token brings about, or not at all: the publisher may try again."""
    token = once.token("nobody-yet")
    notice = {"site": "once", "token": token}
    refused(once.call("POST", "/members/nobody-yet/entitlement", notice), 404)
    assert written(once) == 0
    good(once.session(token))


def test_sites_do_not_use_up_each_others(once: Gazette, app: Flask, clock: FakeClock) -> None:
    other = Gazette.make(app, clock, "other", single_use_tokens=True)
    good(once.session(once.token(jti="same")))
    good(other.session(other.token(jti="same")))


def test_elsewhere_nothing_is_written(app: Flask, clock: FakeClock) -> None:
    paper = Gazette.make(app, clock)
    token = paper.token()
    for _ in range(3):
        good(paper.session(token))
    assert written(paper) == 0


def test_switched_on_and_off(app: Flask, clock: FakeClock) -> None:
    paper = Gazette.make(app, clock)
    token = paper.token()

    def switch(on: bool) -> None:
        with paper.database.transaction() as tx:
            site = find_site(tx.conn, paper.key)
            assert site is not None
            configure_site(tx, site, {"single_use_tokens": on})

    good(paper.session(token))
    switch(True)
    good(paper.session(token))  # what came before was not written down
    refused(paper.session(token), 401, "token_replayed")
    switch(False)
    good(paper.session(token))


def test_what_is_long_over_is_forgotten(once: Gazette, clock: FakeClock) -> None:
    good(once.session(once.token()))
    clock.forward(600 + HOUR)
    sweep(once.database)
    assert written(once) == 1, "clocks may differ"
    clock.forward(1)
    sweep(once.database)
    assert written(once) == 0


def at_once(urls: list[str], token: str) -> list[int]:
    """Show one token at all these doors in the same moment; the answers' statuses."""
    ready, found = threading.Barrier(len(urls)), []
    body, headers = json.dumps({"site": "once", "token": token}).encode(), {"Content-Type": "application/json"}

    def show(url: str) -> None:
        ready.wait()
        found.append(over_http(url)("POST", "/api/v1/session", headers, body).status)

    threads = [threading.Thread(target=show, args=(url,)) for url in urls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(found)


def test_over_two_processes_and_restarts(served: Callable[..., Served], environ: Environ, tmp_path: Path) -> None:
    """Eight at once at two services: one gets in. Nobody does after Redis and the services began anew."""
    own_redis = OwnRedis(tmp_path)
    own_redis.start()
    app = create_app(read_settings(environ))
    try:
        paper = Gazette.make(app, system_clock, "once", single_use_tokens=True)
        first, second = (served("serve", COMMENTS_REDIS_URL=own_redis.url) for _ in range(2))
        tokens = [paper.token(f"reader-{number}") for number in range(4)]
        for token in tokens:
            assert at_once([first.url, second.url] * 4, token) == [200] + [401] * 7
        own_redis.kill()
        own_redis.start()
        assert [at_once([second.url], token) for token in tokens] == [[401]] * 4
        assert [one.stop() for one in (first, second)] == [0, 0]
        third = served("serve", COMMENTS_REDIS_URL=own_redis.url)
        assert [at_once([third.url], token) for token in tokens] == [[401]] * 4
        assert written(paper) == 4
    finally:
        app.extensions["comments"].database.engine.dispose()
        own_redis.kill()
