"""`comments demo` as a visitor finds it: its publications (HS256 and a key set), subscriptions come and go, and what
its page “What to try” promises.
"""

import re
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.browsers import Reader
from tests.e2e.demo import count_of, front, log_in, scroll_to_comments
from tests.e2e.pages import ConsoleOnPage
from tests.served import Served
from tests.servers import free_port

PUBLICATIONS = ["gazette", "magazine"]  # whose comments everybody reads


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


@pytest.mark.parametrize("publication", PUBLICATIONS)
def test_the_bell_leads_to_ones_own_page(open_first_article: Callable[[str], Reader], publication: str) -> None:
    """The strict policy of the publication's pages lets the form through."""
    someone = open_first_article(publication)
    log_in(someone, "kiesel")
    someone.thread.box.locator("[part=bell]").click()
    with someone.context.expect_page() as opened:
        someone.thread.box.get_by_role("button", name="My comments").click()
    page = opened.value
    expect(page.get_by_role("heading", name="My comments")).to_be_visible()
    page.close()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("quiet-reader", "Writing comments is for subscribers."),
        ("former-subscriber", "Your subscription has ended."),
        ("trial-reader", None),
        ("grace-reader", None),
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


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("gull", "You cannot comment until"),
        ("rattle", "You can no longer comment here."),
        ("thistle", "A moderator has written to you."),
    ],
)
def test_restricted_readers_are_told_why(open_article: Callable[..., Reader], name: str, told: str) -> None:
    someone = open_article("gazette", "library-roof", name)
    someone.thread.box.get_by_role("button", name="Join the conversation").click()
    expect(someone.thread.gate.filter(has_text=told)).to_be_visible()


def test_a_draft_outlives_the_log_in_and_the_counts_follow(
    demo: Served, open_article: Callable[..., Reader], reader: Callable[..., Reader]
) -> None:
    writer = open_article("gazette", "library-roof")
    address, before = writer.page.url, int(count_of(writer, "library-roof").inner_text())
    writer.thread.write("Written before anybody knew who I am.")
    writer.thread.gate.get_by_role("link", name="Log in").click()
    writer.page.locator('[data-reader="northwind"]').click()
    expect(writer.page).to_have_url(re.compile("^" + re.escape(address)))
    scroll_to_comments(writer)
    expect(writer.thread.field).to_have_value("Written before anybody knew who I am.")
    writer.thread.send()
    expect(count_of(writer, "library-roof")).to_have_text(str(before + 1))
    visitor = reader()
    visitor.page.goto(front(demo, "gazette"))
    expect(count_of(visitor, "library-roof")).to_have_text(str(before + 1))


def test_kiesel_finds_an_answer_a_hold_and_a_receipt(open_article: Callable[..., Reader]) -> None:
    answered = open_article("gazette", "night-trams", "kiesel")
    expect(answered.thread.comment("my sister and her colleague").box).to_be_visible()
    expect(answered.thread.comment("Thank you, all of you who wrote").box.locator("[part=badge]")).to_be_visible()
    held = open_article("gazette", "market-square", "kiesel")
    expect(held.thread.comment("One can try here what moderation does").box).to_be_visible()
    rejected = open_article("gazette", "library-roof", "kiesel")
    expect(rejected.thread.box).to_contain_text("there is one about the trams")


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
