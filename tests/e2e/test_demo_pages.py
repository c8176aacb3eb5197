"""The demo's pages as one reads them: fronts, the wall, every kind of thread, colours, print, no scripts, axe-core."""

import json
import re
import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.browsers import Reader
from tests.e2e.demo import count_of, front, scroll_to_comments
from tests.e2e.test_console_axe import Looked
from tests.served import Served


def test_every_teaser_says_a_true_count(demo: Served, reader: Callable[..., Reader]) -> None:
    someone = reader()
    for publication in ("gazette", "magazine", "letter"):
        someone.page.goto(front(demo, publication))
        spans = someone.page.locator("[data-comment-count]")
        keys = [span.get_attribute("data-comment-count") for span in spans.all()]
        query = "&".join(f"article={key}" for key in keys)
        with urllib.request.urlopen(f"{demo.url}/api/v1/sites/{publication}/counts?{query}") as answer:
            counts = json.load(answer)["counts"]
        assert len(set(keys)) == someone.page.get_by_role("article").count()
        for key in keys:
            expect(count_of(someone, str(key))).to_have_text(str(counts[key]))


def test_the_wall_opens_with_the_same_subscription(open_article: Callable[..., Reader]) -> None:
    someone = open_article("gazette", "river-swimming")
    wall, rest = someone.page.locator(".wall"), someone.page.get_by_text("trust your memory more than the flag")
    expect(wall).to_contain_text("The rest of this article is for subscribers")
    expect(rest).to_have_count(0)
    wall.get_by_role("link", name="Log in").click()
    someone.page.get_by_label("Display name").fill("ahorn-at-the-wall")
    someone.page.get_by_role("button", name="Sign up").click()
    wall.get_by_role("link", name="Subscribe").click()
    someone.page.get_by_role("button", name="Try it").click()
    expect(rest).to_be_visible()
    expect(wall).to_have_count(0)
    scroll_to_comments(someone)
    someone.thread.post("Read to the end, and then some.")


def test_only_subscribers_read_the_comments_of_the_letter(open_article: Callable[..., Reader], demo: Served) -> None:
    outside, inside = open_article("letter", "empty-chair"), open_article("letter", "empty-chair", "kiesel")
    for one in (outside, inside):
        one.foresee("status of 401")  # the thread is asked for before anybody knows who asks
    expect(outside.thread.gate).to_contain_text("Reading and writing comments is for subscribers.")
    expect(inside.thread.comment("A stool counts double.").box).to_be_visible()
    expect(outside.thread.comment("A stool counts double.").box).to_have_count(0)


def test_each_kind_of_thread_is_there(open_article: Callable[..., Reader]) -> None:
    for article, said in (
        ("repair-saturday", "This conversation is closed."),
        ("harbour-fees", "Comments here appear after a moderator has read them."),
        ("tide-tables", "No comments yet."),
    ):
        someone = open_article("gazette", article)
        expect(someone.thread.box).to_contain_text(said)
    long = open_article("gazette", "from-the-window")
    expect(long.thread.heading).to_have_text(re.compile(r"^9\d comments$"))
    expect(long.thread.box.get_by_role("button", name="Show more comments")).to_be_attached()


def test_two_threads_stand_on_one_page(demo: Served, reader: Callable[..., Reader]) -> None:
    someone = reader()
    someone.page.goto(f"{front(demo, 'gazette')}articles/fountain")
    for number, words in enumerate(("Children would see it", "Make me an offer.")):
        thread = someone.page.locator("comment-thread").nth(number)
        thread.scroll_into_view_if_needed()
        expect(thread.get_by_text(words)).to_be_visible()


def test_colours_change_at_once_and_stay(open_article: Callable[..., Reader]) -> None:
    someone = open_article("gazette", "night-trams")
    page, thread = someone.page, someone.thread.box.locator("[data-theme]").first
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(paper)
    someone.wait_until_live()
    page.get_by_role("button", name="Dark", exact=True).click()
    assert page.evaluate(paper) != light
    expect(thread).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.get_by_role("button", name="Dark", exact=True)).to_have_attribute("aria-pressed", "true")
    assert page.evaluate(paper) != light
    scroll_to_comments(someone)
    expect(thread).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="As on this device").click()
    assert page.evaluate(paper) == light


def test_without_scripts_a_link_leads_to_the_comments(demo: Served, reader: Callable[..., Reader]) -> None:
    someone = reader(java_script_enabled=False)
    page = someone.page
    page.goto(f"{front(demo, 'gazette')}articles/night-trams")
    link = page.get_by_role("link", name="Read the comments")
    expect(link).to_have_attribute("href", f"{demo.url}/articles/gazette/night-trams")
    page.get_by_role("button", name="Dark", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page).to_have_url(re.compile("/articles/night-trams$"))
    link.click()
    expect(page).to_have_url(f"{demo.url}/articles/gazette/night-trams")
    expect(page.get_by_text("The coffee at the kiosk is the real news here.")).to_be_visible()


def test_an_article_is_printed_without_its_surroundings(demo: Served, reader: Callable[..., Reader]) -> None:
    page = reader().page
    page.goto(f"{front(demo, 'magazine')}articles/slow-letter")
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("fenced, signposted, and visited on Sundays")).to_be_visible()
    for gone in ("#login", ".sections", "#comments", ".beside", "footer"):
        expect(page.locator(gone)).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"


SCREENS = (
    ("front", "gazette", ""),
    ("section", "gazette", "sections/city"),
    ("magazine", "magazine", ""),
    ("letter", "letter", ""),
    ("article", "gazette", "articles/night-trams"),
    ("wall", "gazette", "articles/river-swimming"),
    ("two-threads", "gazette", "articles/fountain"),
    ("log-in", "gazette", "login"),
    ("subscription", "magazine", "subscription"),
    ("what-to-try", "gazette", "what-to-try"),
)


@pytest.mark.timeout(600)
def test_axe_finds_nothing_on_the_newspapers_pages(demo: Served, reader: Callable[..., Reader]) -> None:
    someone, looked = reader(), Looked()
    for screen, publication, path in SCREENS:
        someone.page.goto(front(demo, publication) + path)
        if "articles/" in path:
            scroll_to_comments(someone)
        looked.at(someone.page, f"demo-{screen}")
    assert not looked.faults, "\n".join(looked.faults)
