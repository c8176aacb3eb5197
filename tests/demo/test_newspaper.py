"""The demo newspaper as a publisher's site: tokens that the service accepts, log-in, subscriptions, a strict policy."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from comments.core.entitlement import SECOND, State
from comments.core.identity import Identity, identity_from_claims
from comments.core.tokens import key_from_secret, keys_from_jwks, verify
from comments.demo.config import GAZETTE, LETTER, MAGAZINE, PRODUCT, PUBLICATIONS, DemoConfig, Publication
from comments.demo.house import local_path
from comments.demo.newspaper import create_newspaper
from comments.demo.readers import READY_MADE
from comments.demo.tokens import secret_name
from tests.servers import free_port

NOBODY_LISTENS = free_port()


@pytest.fixture
def config(tmp_path: Path) -> DemoConfig:
    return DemoConfig(data_dir=tmp_path / "demo", port=8001, service_url=f"http://localhost:{NOBODY_LISTENS}")


class Browser(FlaskClient):
    """Asks one publication, and says where its forms come from, as browsers do."""

    def __init__(self, *args: Any, origin: str = "http://localhost:8001", **more: Any) -> None:
        super().__init__(*args, **more)
        self._origin = origin

    def open(self, *args: Any, **more: Any) -> Any:
        more.setdefault("base_url", self._origin)
        more.setdefault("headers", {"Origin": self._origin})
        return super().open(*args, **more)


@pytest.fixture
def clients(config: DemoConfig) -> Iterator[dict[Publication, FlaskClient]]:
    app = create_newspaper(config)
    app.test_client_class = Browser
    clients = {publication: app.test_client(origin=config.origin(publication)) for publication in PUBLICATIONS}
    yield clients


def identity(config: DemoConfig, client: FlaskClient, publication: Publication) -> Identity:
    """Whom the service would see: the token as it comes, checked with what the service has of the site."""
    answer = client.get("/token")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    if publication.algorithm == "HS256":
        keys = [key_from_secret(config.secret(secret_name(publication)), None)]
    else:
        keys = keys_from_jwks(client.get("/.well-known/jwks.json").json)
    claims = verify(answer.get_json()["token"], keys)
    now = time.time_ns() // 1000
    return identity_from_claims(claims, config.origin(publication), publication.key, (PRODUCT,), now)


@pytest.mark.parametrize("publication", PUBLICATIONS, ids=lambda publication: publication.key)
@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("kiesel", State.ACTIVE),
        ("northwind", State.ACTIVE),
        ("trial-reader", State.TRIAL),
        ("grace-reader", State.GRACE),
        ("crumb", State.ACTIVE),
        ("gull", State.ACTIVE),
        ("rattle", State.ACTIVE),
        ("thistle", State.ACTIVE),
        ("quiet-reader", State.REGISTERED),
        ("former-subscriber", State.LAPSED),
        ("newsroom", State.ACTIVE),
        (None, State.ACTIVE),
    ],
)
def test_the_service_accepts_the_tokens(
    config: DemoConfig, clients: dict[Publication, FlaskClient], publication: Publication, name: str, state: State
) -> None:
    client = clients[publication]
    reader = next(reader for reader in READY_MADE if reader.name == name)
    assert client.post("/login", data={"sub": reader.sub}).status_code == 303
    found = identity(config, client, publication)
    assert (found.sub, found.name, found.badges) == (reader.sub, name, reader.badges)
    assert found.entitlement.state == state
    assert found.expires - found.issued == 300 * SECOND
    assert identity(config, client, publication).jti != found.jti


def test_keys_are_made_once_for_their_owner_alone(config: DemoConfig, clients: dict[Publication, FlaskClient]) -> None:
    before = clients[MAGAZINE].get("/.well-known/jwks.json").json
    again = create_newspaper(config).test_client()
    assert again.get("/.well-known/jwks.json", base_url="http://localhost:8001").json == before
    assert "d" not in before["keys"][0]
    for name in ("gazette-secret", "magazine-key.pem", "newspaper-session-key"):
        config.secret("gazette-secret")
        assert (config.data_dir / name).stat().st_mode & 0o777 == 0o600


def test_nobody_has_no_token(clients: dict[Publication, FlaskClient]) -> None:
    assert clients[GAZETTE].get("/token").get_json() == {"token": None}


def test_each_publication_has_readers_of_its_own(clients: dict[Publication, FlaskClient], config: DemoConfig) -> None:
    clients[GAZETTE].post("/login", data={"sub": "r-1001"})
    clients[GAZETTE].post("/subscription", data={"plan": "cancelled"})
    clients[MAGAZINE].post("/login", data={"sub": "r-1001"})
    assert identity(config, clients[GAZETTE], GAZETTE).entitlement.state == State.LAPSED
    assert identity(config, clients[MAGAZINE], MAGAZINE).entitlement.state == State.ACTIVE


def test_signing_up_buying_and_cancelling(config: DemoConfig, clients: dict[Publication, FlaskClient]) -> None:
    client = clients[GAZETTE]
    back = "/articles/night-trams#comments"
    answer = client.post("/login", data={"name": "  somebody\tnew ", "return": back})
    assert (answer.status_code, answer.location) == (303, back)
    states = [identity(config, client, GAZETTE).entitlement.state]
    for plan in ("trial", "full", "cancelled", "full"):
        answer = client.post("/subscription", data={"plan": plan, "return": back})
        assert answer.status_code == 303
        assert answer.location == (
            back if plan != "cancelled" else "/subscription?return=" + "%2Farticles%2Fnight-trams%23comments"
        )
        states.append(identity(config, client, GAZETTE).entitlement.state)
    assert states == [State.REGISTERED, State.TRIAL, State.ACTIVE, State.LAPSED, State.ACTIVE]
    assert identity(config, client, GAZETTE).name == "somebody new"
    client.post("/logout")
    assert client.get("/token").get_json() == {"token": None}


def test_readers_are_kept(config: DemoConfig, clients: dict[Publication, FlaskClient]) -> None:
    clients[GAZETTE].post("/login", data={"sub": "r-1004"})
    clients[GAZETTE].post("/subscription", data={"plan": "full"})
    again = create_newspaper(config).test_client()
    base = config.origin(GAZETTE)
    again.post("/login", data={"sub": "r-1004"}, base_url=base, headers={"Origin": base})
    claims = again.get("/token", base_url=base).get_json()["token"]
    assert verify(claims, [key_from_secret(config.secret("gazette-secret"), None)])["ent"][0]["state"] == "active"


def test_who_subscribes_without_an_account_is_led_to_one_and_back(clients: dict[Publication, FlaskClient]) -> None:
    answer = clients[GAZETTE].post("/subscription", data={"plan": "full", "return": "/articles/night-trams"})
    assert answer.location.startswith("/login?return=%2Fsubscription")
    page = clients[GAZETTE].get(answer.location).text
    assert 'value="/subscription?return=%2Farticles%2Fnight-trams"' in page


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        (None, "/"),
        ("/articles/a?x=1#comments", "/articles/a?x=1#comments"),
        ("http://gazette.localhost:8001/articles/a#c", "/articles/a#c"),
        ("http://gazette.localhost:8001", "/"),
        ("http://evil.example/", "/"),
        ("http://gazette.localhost:8001//evil.example", "/"),
        ("http://gazette.localhost:8001@evil.example/", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("articles/a", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
    ],
)
def test_one_comes_back_to_this_site_only(asked: str | None, path: str) -> None:
    assert local_path(asked, "http://gazette.localhost:8001") == path


@pytest.mark.parametrize("origin", ["http://evil.example", "http://magazine.localhost:8001", "null", ""])
def test_forms_of_other_sites_are_refused(clients: dict[Publication, FlaskClient], origin: str) -> None:
    client = clients[GAZETTE]
    assert client.post("/login", data={"sub": "r-1001"}, headers={"Origin": origin}).status_code == 403
    assert client.get("/token").get_json() == {"token": None}


PAGES = [
    "/",
    "/sections/city",
    "/articles/night-trams",
    "/articles/fountain",
    "/login",
    "/subscription",
    "/what-to-try",
]


@pytest.mark.parametrize("path", PAGES)
def test_pages_need_no_inline_code_and_one_foreign_origin(
    config: DemoConfig, clients: dict[Publication, FlaskClient], path: str
) -> None:
    answer = clients[GAZETTE].get(path)
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    service = config.service_url
    assert policy.startswith(f"default-src 'none'; script-src 'self' {service}; connect-src 'self' {service} ws://")
    assert policy.endswith("require-trusted-types-for 'script'; trusted-types 'none'")
    assert "unsafe" not in policy
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", answer.text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", answer.text))


def test_an_article_carries_the_script_tag(config: DemoConfig, clients: dict[Publication, FlaskClient]) -> None:
    page = clients[GAZETTE].get("/articles/night-trams").text
    address = f"{config.origin(GAZETTE)}/articles/night-trams"
    assert (
        f'<script async src="{config.service_url}/embed.js" data-site="gazette" data-article="night-trams" '
        f'data-token-url="/token" data-article-url="{address}" '
        'data-article-title="Night trams return to the harbour line" data-article-section="City"></script>'
    ) in page
    assert "By Staff" in page
    assert f'<noscript><p class="meta"><a href="{config.service_url}/articles/gazette/night-trams">' in page
    feed = (
        f'type="application/atom+xml" title="Comments" href="{config.service_url}/articles/gazette/night-trams/feed">'
    )
    assert feed in page and "atom+xml" not in clients[LETTER].get("/articles/empty-chair").text
    front = clients[GAZETTE].get("/").text
    assert '<span data-comment-count="night-trams">' in front
    assert f'<script async src="{config.service_url}/teasers.js"></script>' in front
    assert re.findall(r'<(comment-[a-z-]+) site="gazette"', front) == ["comment-most-discussed", "comment-picks"]


def test_a_page_may_carry_two_threads(clients: dict[Publication, FlaskClient]) -> None:
    page = clients[GAZETTE].get("/articles/fountain").text
    assert re.findall(r'<script async [^>]*data-article="([^"]+)"', page) == ["fountain-yes", "fountain-no"]
    assert '<span data-comment-count="fountain-yes">' in clients[GAZETTE].get("/").text


LAST_WORDS = {GAZETTE: ("river-swimming", "trust your memory"), MAGAZINE: ("dark-sky", "no darker; only the sky is")}


@pytest.mark.parametrize("publication", LAST_WORDS, ids=lambda publication: publication.key)
@pytest.mark.parametrize(
    ("sub", "whole"),
    [(None, False), ("r-1001", True), ("r-1003", True), ("r-1009", True), ("r-1004", False), ("r-1005", False)],
)
def test_only_subscribers_are_sent_the_rest_of_an_article(
    clients: dict[Publication, FlaskClient], publication: Publication, sub: str | None, whole: bool
) -> None:
    client, (article, words) = clients[publication], LAST_WORDS[publication]
    if sub is not None:
        client.post("/login", data={"sub": sub})
    page = client.get(f"/articles/{article}").text
    assert (words in page) is whole
    assert ("The rest of this article is for subscribers" in page) is not whole
    assert f'data-article="{article}"' in page


def test_the_wall_opens_with_the_subscription_and_closes_with_it(clients: dict[Publication, FlaskClient]) -> None:
    client = clients[GAZETTE]
    client.post("/login", data={"sub": "r-1004"})
    seen = []
    for plan in ("trial", "full", "cancelled"):
        client.post("/subscription", data={"plan": plan, "return": "/articles/river-swimming"})
        seen.append("trust your memory" in client.get("/articles/river-swimming").text)
    assert seen == [True, True, False]


def test_colours_are_remembered_without_a_script(clients: dict[Publication, FlaskClient]) -> None:
    client = clients[GAZETTE]
    assert 'data-theme="auto"' in client.get("/").text
    answer = client.post("/colours", data={"colours": "dark", "return": "/articles/night-trams"})
    assert (answer.status_code, answer.location) == (303, "/articles/night-trams")
    page = client.get(answer.location).text
    assert 'data-theme="dark"' in page
    assert '<meta name="color-scheme" content="dark">' in page
    assert re.search(r'value="dark" aria-pressed="true"', page)
    assert client.post("/colours", data={"colours": "<b>"}).status_code == 400
    client.set_cookie("colours", '"><script>', domain="gazette.localhost")
    assert 'data-theme="auto"' in client.get("/").text


def test_sections_hold_their_articles(clients: dict[Publication, FlaskClient]) -> None:
    page = clients[GAZETTE].get("/sections/city").text
    assert 'aria-current="page">City' in page
    assert "Night trams return" in page
    assert "library opens" not in page
    assert clients[GAZETTE].get("/sections/essay").status_code == 404
    assert 'aria-label="Sections"' not in clients[LETTER].get("/").text


def test_what_one_may_try_is_there(config: DemoConfig, clients: dict[Publication, FlaskClient]) -> None:
    page = clients[GAZETTE].get("/what-to-try").text
    assert f'href="{config.service_url}/console"' in page
    tried = 0
    for publication in PUBLICATIONS:
        for path in re.findall(rf'href="{config.origin(publication)}(/[^"]*)"', page):
            assert clients[publication].get(path).status_code == 200, path
            tried += 1
    assert tried >= 12


def test_assets_may_be_kept_until_they_change(clients: dict[Publication, FlaskClient]) -> None:
    page = clients[MAGAZINE].get("/articles/slow-letter").text
    found = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(found) >= 4
    for path in found:
        assert re.search(r"\?v=[0-9a-f]{8}$", path)
        with clients[MAGAZINE].get(path) as answer:
            assert answer.status_code == 200
            assert "max-age=31536000" in answer.headers["Cache-Control"]


def test_other_hosts_have_a_page_that_leads_to_all(config: DemoConfig, clients: dict[Publication, FlaskClient]) -> None:
    client = create_newspaper(config).test_client()
    page = client.get("/", base_url="http://localhost:8001").text
    assert all(f'href="{config.origin(publication)}/"' in page for publication in PUBLICATIONS)
    assert client.get("/token", base_url="http://localhost:8001").status_code == 404
    assert clients[GAZETTE].get("/articles/slow-letter").status_code == 404


def test_an_archives_articles_take_the_place_of_the_gazettes(config: DemoConfig) -> None:
    ids = ["12", "a/b?c#d", "x<y"] + [f"n{number}" for number in range(100)]
    config.data_dir.mkdir()
    config.archive_list.write_text(json.dumps([{"id": key, "title": f"Title <{key}>"} for key in ids]))
    archive = DemoConfig(
        data_dir=config.data_dir, port=8001, service_url=config.service_url, archive=Path("forum.ndjson")
    )
    client = create_newspaper(archive).test_client()
    base = config.origin(GAZETTE)
    front = client.get("/", base_url=base).text
    assert "Night trams" not in front
    links = re.findall(r'<h2><a href="([^"]+)"', front)
    assert len(links) == 60
    for link, key in zip(links, ids, strict=False):
        page = client.get(link, base_url=base)
        assert page.status_code == 200
        assert f"Title &lt;{key}&gt;" in page.text.replace("&lt;x&lt;y&gt;", "&lt;x<y&gt;")
    assert len(re.findall(r"<h2><a", client.get("/?page=2", base_url=base).text)) == 43
    assert "Slow Post" in client.get("/", base_url=config.origin(MAGAZINE)).text


def test_the_newspaper_knows_nothing_of_the_service() -> None:
    code = (
        "import sys; import comments.demo.newspaper; "
        "print([name for name in sys.modules if name.startswith('comments.') and not name.startswith('comments.demo')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
