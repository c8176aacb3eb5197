"""The rules in a browser: a word is listed, tried on what was written, switched on, counts, and is taken back."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.pages import ConsoleOnPage
from tests.live.paper import HELD, Paper


def to_rules(console: ConsoleOnPage) -> Page:
    console.page.get_by_role("navigation").get_by_role("link", name="Rules").click()
    expect(console.page.get_by_role("heading", name="Rules", exact=True)).to_be_visible()
    return console.page


def test_a_word_is_tried_switched_on_and_taken_back(paper: Paper, enter: Callable[..., ConsoleOnPage]) -> None:
    writer = paper.member("kiesel")
    writer.post("news", "A weasel in the garden.")
    writer.post("news", "A hedgehog in the garden.")
    page = to_rules(enter(paper, role="administrator"))
    words = page.get_by_label("Banned words", exact=True)
    expect(words).to_have_value(HELD)
    words.fill(f"{HELD}\nweasel\nWeasel\n*")
    expect(page.get_by_text("2 entries")).to_be_visible()
    expect(page.get_by_text("1 line said twice is left out")).to_be_visible()
    expect(page.get_by_text("Line 4 has no letter")).to_be_visible()
    trying = page.get_by_role("button", name="Try it on the last 5,000")
    expect(trying).to_be_disabled()
    words.fill(f"{HELD}\nweasel")
    expect(page.get_by_text("1 change, not switched on")).to_be_visible()
    trying.click()
    expect(page.get_by_role("heading", name="1 more would be held")).to_be_visible()
    example = page.get_by_role("listitem").filter(has_text="in the garden")
    expect(example.locator("mark")).to_have_text("weasel")
    assert writer.post("news", "A weasel before it counts.")["status"] == "published"

    page.get_by_label("Why").fill("Too many weasels")
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_text("These rules count now.")).to_be_visible()
    assert writer.post("news", "Another weasel.")["status"] == "waiting"
    newest = page.get_by_role("listitem").filter(has_text="Version 2")
    expect(newest).to_contain_text("Too many weasels")
    expect(newest).to_contain_text("+ weasel")

    page.get_by_role("button", name="Take back to this Version 1").click()
    page.get_by_role("dialog").get_by_role("button", name="Take back").click()
    expect(words).to_have_value(HELD)
    assert writer.post("news", "A weasel, free again.")["status"] == "published"


def test_who_may_not_change_looks_and_tries(paper: Paper, enter: Callable[..., ConsoleOnPage]) -> None:
    paper.member("kiesel").post("news", "A weasel in the garden.")
    page = to_rules(enter(paper))
    page.get_by_label("Links in a comment").fill("7")
    page.get_by_role("button", name="Try it on the last 5,000").click()
    expect(page.get_by_role("heading", name="None more would be held")).to_be_visible()
    expect(page.get_by_role("button", name="Switch on")).to_have_count(0)
    page = to_rules(enter(paper, role="staff"))
    expect(page.get_by_label("Links in a comment")).to_be_disabled()
    expect(page.get_by_role("button", name="Try it on the last 5,000")).to_have_count(0)


def test_an_article_has_it_otherwise(paper: Paper, enter: Callable[..., ConsoleOnPage]) -> None:
    writer = paper.member("kiesel")
    writer.post("news", "Hello.")
    page = enter(paper, role="administrator").page
    page.get_by_role("navigation").get_by_role("link", name="Articles").click()
    page.get_by_role("link", name="Rules of “news”").click()
    page.get_by_role("checkbox", name="Every comment waits: Otherwise here").check()
    page.get_by_label("Every comment waits", exact=True).check()
    page.get_by_role("button", name="Try it on the last 5,000").click()
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_text("These rules count now.")).to_be_visible()
    assert writer.post("news", "Hello again.")["status"] == "waiting"
    assert writer.post("other", "Hello there.")["status"] == "published"
