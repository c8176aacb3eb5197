"""`comments demo` as a visitor finds it: both publications (HS256 and a key set), subscriptions come and go."""

import contextlib
import re
import socket
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.conftest import NO_LIMIT
from tests.e2e.browsers import Reader
from tests.e2e.pages import ConsoleOnPage
from tests.served import Served
from tests.servers import free_port, wait_until

PUBLICATIONS = ["gazette", "magazine"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Started as `make run` starts it, in an empty data folder."""
    folder = tmp_path_factory.mktemp("demo")
    port, demo_port = free_port(), free_port()
    environ = {
        "COMMENTS_PORT": str(port),
        "DEMO_PORT": str(demo_port),
        "COMMENTS_DATA_DIR": str(folder / "var"),
        "COMMENTS_SOCKETS_PER_MINUTE": NO_LIMIT,
        "COMMENTS_POSTS_PER_MINUTE": NO_LIMIT,
    }
    demo = Served(["demo"], environ, f"http://localhost:{port}", folder / "demo.log")
    demo.wait_until_ready()
    wait_until(lambda: opens(int(environ["DEMO_PORT"])), "the newspaper")  # it starts when the service is there
    yield demo
    code = demo.stop()
    print(demo.log())
    assert (code, demo.complaints()) == (0, [])


def opens(port: int) -> bool:
    with contextlib.closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def front(demo: Served, publication: str) -> str:
    return f"http://{publication}.localhost:{demo.environ['DEMO_PORT']}/"


@pytest.fixture
def open_first_article(demo: Served, reader: Callable[..., Reader]) -> Callable[[str], Reader]:
    """Somebody opens the first article of a publication's front page."""

    def go(publication: str) -> Reader:
        someone = reader()
        someone.page.goto(front(demo, publication))
        someone.page.get_by_role("article").first.get_by_role("heading").get_by_role("link").click()
        scroll_to_comments(someone)
        return someone

    return go


def scroll_to_comments(someone: Reader) -> None:
    """The thread is loaded when the reader comes near."""
    someone.thread.box.scroll_into_view_if_needed()
    expect(someone.thread.heading).to_be_visible()


def log_in(someone: Reader, name: str) -> None:
    someone.page.locator("#login").click()
    someone.page.locator(f'[data-reader="{name}"]').click()
    scroll_to_comments(someone)


def test_the_addresses_and_log_ins_are_printed(demo: Served) -> None:
    for publication in PUBLICATIONS:
        assert front(demo, publication) in demo.log()
    assert f"{demo.url}/console" in demo.log()
    assert re.search(r"\S+@\S+ +password \S+", demo.log())


@pytest.mark.parametrize("publication", PUBLICATIONS)
def test_the_front_page_counts_and_the_articles_have_comments(
    demo: Served, reader: Callable[..., Reader], publication: str
) -> None:
    someone = reader()
    someone.page.goto(front(demo, publication))
    counted = someone.page.locator("[data-comment-count]").filter(has_text=re.compile("^[1-9]"))
    expect(counted.first).to_be_visible()
    teaser = someone.page.get_by_role("article").filter(has=counted).first
    count = teaser.locator("[data-comment-count]").inner_text()
    teaser.get_by_role("heading").get_by_role("link").click()
    scroll_to_comments(someone)
    expect(someone.thread.heading).to_have_text(re.compile(f"^{count} comments?$"))
    expect(someone.thread.comments.first).to_be_visible()


@pytest.mark.parametrize("publication", PUBLICATIONS)
def test_a_subscriber_posts_and_another_reader_sees_it(
    open_first_article: Callable[[str], Reader], publication: str
) -> None:
    watcher, writer = open_first_article(publication), open_first_article(publication)
    watcher.wait_until_live()
    log_in(writer, "kiesel")
    writer.thread.post(f"Said at the {publication} by a subscriber.")
    expect(watcher.thread.arrivals).to_have_text("1 new comment")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("quiet-reader", "Writing comments is for subscribers."),
        ("former-subscriber", "Your subscription has ended."),
        ("trial-reader", None),
        ("kiesel", None),
    ],
)
def test_each_reader_of_the_demo_sees_their_own_gate(
    open_first_article: Callable[[str], Reader], name: str, told: str | None
) -> None:
    someone = open_first_article("gazette")
    expect(someone.thread.gate).to_contain_text("Subscribe to leave a comment.")
    log_in(someone, name)
    someone.thread.write("A thought.")
    if told is None:
        expect(someone.thread.box.get_by_role("button", name="Post", exact=True)).to_be_visible()
    else:
        expect(someone.thread.gate).to_contain_text(told)


@pytest.mark.parametrize("publication", PUBLICATIONS)
def test_a_subscription_is_bought_with_a_draft_in_hand_and_cancelled(
    open_first_article: Callable[[str], Reader], publication: str
) -> None:
    someone = open_first_article(publication)
    someone.thread.write("Worth subscribing for.")
    someone.thread.gate.get_by_role("link", name="Log in").click()
    someone.page.get_by_label("Display name").fill(f"ahorn-{publication}")
    someone.page.get_by_role("button", name="Sign up").click()
    scroll_to_comments(someone)
    expect(someone.thread.gate).to_contain_text("Writing comments is for subscribers.")
    someone.thread.gate.get_by_role("link", name="Subscribe").click()
    someone.page.get_by_role("button", name="Subscribe").click()
    scroll_to_comments(someone)
    expect(someone.thread.field).to_have_value("Worth subscribing for.")
    someone.thread.send()
    expect(someone.thread.comment("Worth subscribing for.").box).to_be_visible()

    article = someone.page.url
    someone.page.get_by_role("link", name="Subscription").click()
    someone.page.get_by_role("button", name="Cancel the subscription").click()
    someone.page.goto(article)
    scroll_to_comments(someone)
    expect(someone.thread.gate).to_contain_text("Your subscription has ended.")


def test_a_reader_without_a_name_is_asked_for_one(open_first_article: Callable[[str], Reader]) -> None:
    someone = open_first_article("gazette")
    log_in(someone, "no-name")
    someone.thread.write("Who am I?")
    someone.thread.box.get_by_role("textbox", name="Display name").fill("ulme")
    someone.thread.box.get_by_role("button", name="Save").click()
    someone.thread.send()
    expect(someone.thread.comment("Who am I?").box.locator("[part=name]")).to_have_text("ulme")


def test_the_printed_log_in_opens_the_console(demo: Served, reader: Callable[..., Reader]) -> None:
    found = re.search(r"(\S+@\S+) +password (\S+)", demo.log())
    assert found
    someone = reader()
    someone.foresee("status of 401")
    console = ConsoleOnPage(someone.page, demo.url)
    console.sign_in(found[1], found[2])
    expect(console.queue("Waiting")).to_be_visible()
    someone.page.get_by_role("combobox", name="Site").select_option("magazine")
    expect(someone.page).to_have_url(re.compile("/console/magazine"))


def test_a_second_start_keeps_the_data(tmp_path: Path) -> None:
    environ = {"COMMENTS_PORT": str(free_port()), "DEMO_PORT": str(free_port())}
    environ["COMMENTS_DATA_DIR"] = str(tmp_path / "var")
    logs = []
    for start in ("first", "second"):
        demo = Served(["demo"], environ, f"http://localhost:{environ['COMMENTS_PORT']}", tmp_path / f"{start}.log")
        demo.wait_until_ready()
        with urllib.request.urlopen(f"{demo.url}/api/v1/sites/gazette/counts?article=night-trams") as answer:
            logs.append((answer.read(), re.findall(r"\S+@\S+ +password \S+", demo.log())))
        assert demo.stop() == 0
    assert logs[0] == logs[1]
    assert b'"night-trams":0' not in logs[0][0]
