"""The examples of docs/examples, each in a real browser on a publisher's origin: a thread shows and is written in."""

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from comments.actions import sites as actions
from comments.jobs.teasers import count_discussed, keep_recent
from tests.configuring import told_apart
from tests.e2e.browsers import Reader
from tests.e2e.conftest import PATIENCE
from tests.e2e.pages import ThreadOnPage
from tests.e2e.stage import EXAMPLES, Stage
from tests.live.conftest import second_process
from tests.live.paper import Paper, over_http
from tests.served import Served
from tests.servers import wait_until

ROOT = Path(__file__).parents[2]
FRONTEND = ROOT / "comments/frontend"
EMBEDDING = (ROOT / "docs/embedding.md").read_text()


@pytest.fixture
def stage(service: Served) -> Iterator[Stage]:
    """A publisher with the examples on their server, as `comments site create` makes one."""
    stage = Stage(service.url)
    with second_process(service.environ) as database:
        key = f"gazette-{secrets.token_hex(4)}"
        chosen = told_apart({"pace_seconds": 0, "repeat_hours": 0, "login_url": f"{stage.origin}/log-in?back={{url}}"})
        new = actions.NewSite(
            key=key, name="The Gazette", issuer=stage.origin, origins=(stage.origin,), products=("digital",), **chosen
        )
        with database.transaction() as tx:
            secret = actions.create_site(tx, new)
        assert secret is not None
        sent = over_http(service.url)
        stage.paper = Paper(sent, database, key, secret, stage.origin, stage.origin, product="digital")
        yield stage
    stage.close()


@pytest.fixture
def subscriber(reader: Callable[..., Reader], stage: Stage) -> Reader:
    someone = reader()
    someone.context.add_cookies([{"name": "reader", "value": "kiesel", "url": stage.origin}])
    return someone


def paper_of(stage: Stage) -> Paper:
    assert stage.paper is not None
    return stage.paper


def written_in(page: Page, stage: Stage, article: str) -> ThreadOnPage:
    """The thread shows what stands there; what is written in it arrives at the service."""
    thread = ThreadOnPage(page)
    expect(thread.comment("Somebody was here before.").box).to_be_visible(timeout=PATIENCE)
    thread.post("Written through an example.")
    assert [one["author"]["name"] for one in paper_of(stage).page(article)["comments"]] == ["kiesel", "birke"]
    return thread


def begin(stage: Stage, *articles: str) -> None:
    birke = paper_of(stage).member("birke")
    for article in articles:
        birke.post(article, "Somebody was here before.")


def test_every_example_is_told_of_and_tried() -> None:
    examples = {one.name for one in EXAMPLES.iterdir() if one.is_dir()}
    told = set(re.findall(r"\(examples/([a-z-]+)/", EMBEDDING))
    tried = set(re.findall(r"stage\.origin}/([a-z-]+)/", Path(__file__).read_text()))
    assert examples == told == tried | {"ssi"}  # which tests/deploy/test_ssi.py gives to nginx


def test_a_plain_page(stage: Stage, subscriber: Reader) -> None:
    begin(stage, "plain-1")
    page = subscriber.page
    page.goto(f"{stage.origin}/plain/")
    expect(page.locator("[data-comment-count]")).to_have_text("1")
    thread = written_in(page, stage, "plain-1")
    expect(page.get_by_text("Thank you for your comment.", exact=True)).to_be_visible()
    expect(page.locator("[data-comment-count]")).to_have_text("2")
    looks = thread.heading.evaluate("one => getComputedStyle(one).fontVariantCaps")
    assert looks == "small-caps"
    article = paper_of(stage).page("plain-1")["article"]
    assert (article["title"], article["url"]) == ("The lake is warm again", f"{stage.origin}/plain/")


@pytest.fixture(scope="session")
def react_app(tmp_path_factory: pytest.TempPathFactory) -> str:
    """App.jsx with React, as a publisher's bundler makes it."""
    node = shutil.which("node") or str(Path(sys.executable).parent / "node")
    made = tmp_path_factory.mktemp("react") / "app.js"
    command = [
        node, str(FRONTEND / "node_modules/esbuild/bin/esbuild"), str(EXAMPLES / "react/App.jsx"), "--bundle",
        "--jsx=automatic", "--define:process.env.NODE_ENV=\"production\"", f"--outfile={made}",
    ]  # fmt: skip
    environ = {"PATH": os.environ["PATH"], "NODE_PATH": str(FRONTEND / "node_modules")}
    done = subprocess.run(command, env=environ, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return made.read_text()


def test_a_react_application(stage: Stage, subscriber: Reader, react_app: str) -> None:
    begin(stage, "react-1", "react-2")
    stage.given["/react/app.js"] = lambda _reader: stage.fill(react_app)
    page = subscriber.page
    page.goto(f"{stage.origin}/react/")
    written_in(page, stage, "react-1")
    expect(page.get_by_text("You have written 1 today.")).to_be_visible()
    page.get_by_role("button", name="A bench for the square").click()
    expect(ThreadOnPage(page).comments).to_have_count(1)
    written_in(page, stage, "react-2")
    expect(page.get_by_text("You have written 2 today.")).to_be_visible()
    assert page.locator("script[src$='/embed.js']").count() == 1


def wordpress(stage: Stage, what: str, name: str | None) -> str:
    php = shutil.which("php")
    if php is None:
        pytest.skip("no PHP on this machine: apt-get install php-cli")
    paper = paper_of(stage)
    plugin, runner = EXAMPLES / "wordpress/comments-gazette.php", ROOT / "tests/samples/wordpress.php"
    given = [str(plugin), what, stage.service, paper.key, stage.origin, paper.secret, name or ""]
    done = subprocess.run([php, str(runner), *given], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("what", ["shortcode", "template"])
def test_the_wordpress_plugin(stage: Stage, subscriber: Reader, what: str) -> None:
    begin(stage, "42")

    def token(name: str | None) -> str:
        answer = json.loads(wordpress(stage, "token", name))
        assert answer["headers"] == {"Cache-Control": "no-store"}
        return json.dumps(answer["data"])

    stage.given["/wordpress/"] = lambda _: f"<!doctype html><title>Salt</title><body>{wordpress(stage, what, None)}"
    stage.given["/index.php"] = token
    assert json.loads(token(None)) == {"token": None}
    page = subscriber.page
    page.goto(f"{stage.origin}/wordpress/")
    written_in(page, stage, "42")
    tag = page.locator("script[data-site]")
    assert tag.get_attribute("data-article-title") == 'Salt & "pepper" again'
    assert tag.get_attribute("data-lang") == "en-GB"


def test_a_front_page_with_teasers(stage: Stage, subscriber: Reader) -> None:
    paper = paper_of(stage)
    birke, desk = paper.member("birke"), paper.moderator()
    texts = {"lake": "Cold, **wonderful**, [mine](https://birke.example/).", "bench": "Two benches."}
    for article, text in texts.items():
        about = {"article_url": f"{stage.origin}/plain/?{article}", "article_title": f"The {article} again"}
        sent = {"body": text, "parent_id": None} | about
        headers = {"Idempotency-Key": article}
        posted = birke.call("POST", f"{paper.path(article)}/comments", sent, **headers).expect(201)
        desk.mark(posted["id"], "pick", True)
    paper.member("kiesel").post("lake", "Colder than last year.")
    keep_recent(paper.database)
    count_discussed(paper.database)
    page = subscriber.page
    page.goto(f"{stage.origin}/teasers/")
    discussed, said = page.locator("comment-most-discussed"), page.locator("comment-picks")
    expect(discussed.locator("li")).to_have_text(["The lake again 2 comments", "The bench again 1 comment"])
    expect(page.get_by_role("heading", name="What readers say")).to_be_visible()
    expect(said.locator("li")).to_have_count(2)
    expect(said.locator("li").last).to_contain_text("Cold, wonderful, mine.")
    expect(said.locator("strong")).to_have_text("wonderful")
    assert said.locator("a").count() == 2, "a reader's link is no link on a front page"
    assert said.locator("blockquote").first.evaluate("one => getComputedStyle(one).fontStyle") == "italic"
    discussed.evaluate("one => one.setAttribute('lang', 'pl')")
    expect(discussed.locator("li").first).to_contain_text("2 komentarze")
    said.evaluate("one => one.setAttribute('site', 'no-such-site')")
    subscriber.foresee("404")
    expect(page.get_by_role("heading", name="What readers say")).to_be_hidden()
    discussed.get_by_role("link", name="The lake again").click()
    page.wait_for_url(f"{stage.origin}/plain/?lake")
    wait_until(lambda: stage.beacons, "what the page's analytics hears")
    [(path, body)] = stage.beacons
    told = {"site": paper.key, "teaser": "most-discussed", "article": "lake", "comment": None, "url": page.url}
    assert (path, json.loads(body)) == ("/analytics", told)


def test_the_strictest_policy(stage: Stage, subscriber: Reader) -> None:
    begin(stage, "strict-1")
    nginx = (EXAMPLES / "strict-csp/nginx.conf").read_text()
    policy = re.search(r'add_header Content-Security-Policy "([^"]+)" always;', nginx)
    assert policy is not None
    stage.headers["strict-csp"] = {"Content-Security-Policy": stage.fill(policy[1])}
    page = subscriber.page
    page.goto(f"{stage.origin}/strict-csp/")
    assert page.evaluate("trustedTypes.defaultPolicy") is None
    written_in(page, stage, "strict-1")


def test_a_single_page_application(stage: Stage, subscriber: Reader) -> None:
    begin(stage, "spa-1", "spa-2")
    page = subscriber.page
    page.goto(f"{stage.origin}/single-page/")
    written_in(page, stage, "spa-1")
    page.get_by_role("link", name="A bench for the square").click()
    expect(ThreadOnPage(page).comments).to_have_count(1)
    written_in(page, stage, "spa-2")
    page.get_by_role("link", name="About us").click()
    expect(page.locator("comment-thread")).to_have_count(0)
    page.get_by_role("link", name="The lake is warm again").click()
    expect(ThreadOnPage(page).comments).to_have_count(2)


BRIDGE = """
window.asked = [];
let name = null;
window.GazetteApp = {
  token: async () => name && (await (await fetch("/comments-token")).json()).token,
  login: (detail) => { window.asked.push(["login", detail]); name = "kiesel"; },
  subscribe: (detail) => { window.asked.push(["subscribe", detail]); name = "kiesel"; },
};
"""


def test_a_web_view_of_an_app(stage: Stage, subscriber: Reader) -> None:
    """The bridge is the app's: it stands for its screens. The session cookie is the app's, too."""
    begin(stage, "app-1")
    page = subscriber.page
    page.add_init_script(BRIDGE)
    page.goto(f"{stage.origin}/webview/?article=app-1")
    gate = ThreadOnPage(page).gate
    gate.get_by_text("Log in", exact=True).click()
    expect(gate).to_have_count(0)
    assert page.evaluate("window.asked") == [["login", "null"]]
    assert page.url.endswith("/webview/?article=app-1"), "the app took the step over"
    expect(ThreadOnPage(page).field).to_be_focused()  # who comes back from a log-in goes on writing
    page.keyboard.press("Escape")
    written_in(page, stage, "app-1")
