"""For the stories of this folder: a running service, a newspaper on another origin, and readers at real browsers.

Service, newspaper and Chromium start once; each test has a site of its own (`paper`) and a browser profile for each
reader, in which third-party cookies are blocked.
"""

import itertools
import json
import os
import secrets
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import argon2
import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from comments.actions import sites as actions
from tests.configuring import told_apart
from tests.e2e.browsers import CHROMIUM_OPTIONS, Reader
from tests.e2e.cable import Cable
from tests.e2e.demo import demo, open_article, open_first_article  # noqa: F401
from tests.e2e.newspaper import Newspaper
from tests.e2e.pages import ConsoleOnPage
from tests.e2e.widget_stage import Stage
from tests.live.conftest import second_process, settings_for
from tests.live.paper import HELD, PASSWORD, Paper, over_http
from tests.postbox import Postbox, postbox
from tests.served import Served

desks = itertools.count()
TOLD_TO = os.environ.get("STORIES_TOLD_TO")  # a file that describes a running service: see `service`
PATIENCE = 10_000  # milliseconds that an expectation may take to come true


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium")
    assert program, "Chromium is not installed (Debian: apt-get install chromium)."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def reader(browser: Browser) -> Iterator[Callable[..., Reader]]:
    """Seat a reader at a browser of their own: `reader()`; options are those of Playwright's new_context.

    At the end of the test no browser may have complained: no error or warning in a console, no uncaught exception, no
    answer of 500 or above, except what the story has foreseen.
    """
    seated: list[Reader] = []

    def seat(**options: Any) -> Reader:
        usual = {"locale": "en-GB", "timezone_id": "Europe/London", "ignore_https_errors": TOLD_TO is not None}
        context = browser.new_context(**usual | options)
        context.set_default_timeout(PATIENCE)
        seated.append(Reader(context))
        return seated[-1]

    yield seat
    surprises = [f"reader {number}: {text}" for number, one in enumerate(seated, 1) for text in one.surprises()]
    for one in seated:
        one.context.close()
    assert not surprises, "\n".join(surprises)


@dataclass(frozen=True)
class Running:
    """A service that somebody else started and will end: the stories are told to it as it is. See deploy/rehearsal."""

    url: str
    environ: dict[str, str]


@pytest.fixture(scope="session")
def post() -> Iterator[Postbox]:
    """Who takes the service's mail."""
    with postbox() as box:
        yield box


@pytest.fixture(scope="session")
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served | Running]:
    """`comments serve` on SQLite, as a small publisher runs it; or the one that TOLD_TO describes."""
    if TOLD_TO is not None:
        yield Running(**json.loads(Path(TOLD_TO).read_text()))
        return
    sqlite_template: Path = request.getfixturevalue("sqlite_template")
    post: Postbox = request.getfixturevalue("post")
    folder = tmp_path_factory.mktemp("e2e")
    shutil.copyfile(sqlite_template, folder / "comments.db")
    environ = settings_for(f"sqlite:///{folder / 'comments.db'}", folder) | {
        "COMMENTS_TRUSTED_PROXIES": "127.0.0.1",
        "COMMENTS_PRIVATE_HOSTS": "localhost",  # receivers of webhooks
        "COMMENTS_SMTP_URL": post.url(),
        "COMMENTS_MAIL_FROM": "comments@gazette.example",
    }
    served = Served(["serve"], environ, f"http://localhost:{environ['COMMENTS_PORT']}", folder / "serve.log")
    yield served.wait_until_ready()
    code = served.stop()
    print(served.log(), file=sys.stderr)
    assert (code, served.complaints()) == (0, [])


@pytest.fixture(scope="session")
def newspaper(service: Served | Running) -> Iterator[Newspaper]:
    newspaper = Newspaper(service.url)
    yield newspaper
    newspaper.close()


@pytest.fixture
def new_paper(service: Served | Running, newspaper: Newspaper) -> Iterator[Callable[..., Paper]]:
    """Found a site with these settings on the newspaper's origin; writers need a subscription, the pace is not held."""
    with second_process(service.environ) as database:

        def found(**settings: Any) -> Paper:
            key = f"gazette-{secrets.token_hex(4)}"
            chosen: dict[str, Any] = {
                "pace_seconds": 0,
                "banned_words": (HELD,),
                "login_url": f"{newspaper.origin}/{key}/log-in?back={{url}}",
                "subscribe_url": f"{newspaper.origin}/{key}/subscribe?back={{url}}",
            }
            new = actions.NewSite(
                key=key,
                name="The Gazette",
                issuer=newspaper.origin,
                origins=(newspaper.origin,),
                products=("plus",),
                **told_apart(chosen | settings),
            )
            with database.transaction() as tx:
                secret = actions.create_site(tx, new)
            assert secret is not None
            paper = Paper(over_http(service.url), database, key, secret, newspaper.origin, newspaper.origin)
            newspaper.papers[key] = paper
            return paper

        yield found


@pytest.fixture
def paper(new_paper: Callable[..., Paper]) -> Paper:
    return new_paper()


@pytest.fixture
def cable(service: Served | Running) -> Iterator[Cable]:
    """A way to the service that the test can cut."""
    cable = Cable(service.url)
    yield cable
    cable.close()


@pytest.fixture
def visit(reader: Callable[..., Reader], newspaper: Newspaper) -> Callable[..., Reader]:
    """Somebody reads an article: `visit(paper, "news", "kiesel", "active")`; without a name they are not logged in."""

    def go(paper: Paper, article: str, name: str | None = None, state: str = "active", **options: Any) -> Reader:
        someone = reader(**options.pop("browser", {}))
        if name is not None:
            newspaper.accounts[name] = state
            someone.context.add_cookies([{"name": "reader", "value": name, "url": newspaper.origin}])
        someone.read(newspaper.address(paper, article, **options))
        return someone

    return go


@pytest.fixture
def enter(reader: Callable[..., Reader], service: Served) -> Callable[..., ConsoleOnPage]:
    """A moderator of this paper signs in to the console: `enter(paper)`; `name` is what colleagues read.

    `foreseen`: complaints of the browser that the story provokes.
    """

    def sign_in(
        paper: Paper, name: str = "desk", role: str = "moderator", foreseen: str | None = None, **browser: Any
    ) -> ConsoleOnPage:
        email = f"desk-{secrets.token_hex(4)}@gazette.example"
        hashed = argon2.PasswordHasher(time_cost=1, memory_cost=8192).hash(PASSWORD)
        with paper.database.transaction() as tx:
            actions.create_user(tx, email, name, hashed, role, (paper.key,))
        address = f"10.0.0.{next(desks) % 250 + 1}"  # attempts to sign in are counted by address
        someone = reader(extra_http_headers={"X-Forwarded-For": address}, **browser)
        someone.foresee("status of (401|409)")  # is somebody signed in? was a colleague first?
        if foreseen is not None:
            someone.foresee(foreseen)
        console = ConsoleOnPage(someone.page, service.url)
        console.sign_in(email, PASSWORD)
        expect(console.queue("Waiting")).to_be_visible()
        return console

    return sign_in


@pytest.fixture
def stage(
    request: pytest.FixtureRequest,
    new_paper: Callable[..., Paper],
    reader: Callable[..., Reader],
    newspaper: Newspaper,
    cable: Cable,
    service: Served | Running,
) -> Stage:
    """The widget to be brought into states, in the language that the test is parametrized with."""
    return Stage(request.param, new_paper, reader, newspaper, cable, service.url)
