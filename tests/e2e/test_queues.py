"""Queues sifted and ordered in a browser, by pointing and by keys; and search over comments and members."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from comments.storage.tables import articles, comments, sites
from tests.e2e.pages import ConsoleOnPage
from tests.live.paper import HELD, Paper

Enter = Callable[..., ConsoleOnPage]


@pytest.fixture
def waiting(paper: Paper) -> Paper:
    """Four wait under two articles of two sections, the second of them with the highest risk."""
    texts = {"one": "goals", "two": "opera", "three": "goals", "four": "opera"}
    risks = {"one": 10, "two": 92, "three": 45, "four": 0}
    for number, article in texts.items():
        paper.member("birke").post(article, f"{HELD} of number {number}, Ärger.")
    with paper.database.transaction() as tx:
        site = tx.conn.execute(sa.select(sites.c.id).where(sites.c.key == paper.key)).scalar_one()
        for article, section in (("goals", "Sport"), ("opera", "Culture")):
            here = sa.and_(articles.c.site_id == site, articles.c.key == article)
            tx.conn.execute(sa.update(articles).where(here).values(section=section))
        for number, risk in risks.items():
            mine = sa.and_(comments.c.site_id == site, comments.c.text.contains(f"number {number}"))
            tx.conn.execute(sa.update(comments).where(mine).values(risk=risk))
    return paper


def rows(console: ConsoleOnPage) -> Any:
    return console.page.locator(".rows .row-text")


def test_a_queue_is_sifted_and_keeps_it_over_a_reload(waiting: Paper, enter: Enter) -> None:
    console = enter(waiting)
    page = console.page
    expect(rows(console)).to_contain_text(["one", "two", "three", "four"])
    page.get_by_label("Order").select_option("risk")
    expect(rows(console)).to_contain_text(["two", "three", "one", "four"])
    expect(page.locator(".risk").first).to_have_text("High risk 92")
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("Section").select_option("Sport")
    expect(rows(console)).to_contain_text(["three", "one"])
    expect(rows(console)).to_have_count(2)
    page.reload()
    expect(rows(console)).to_contain_text(["three", "one"])
    expect(page.get_by_label("Section")).to_have_value("Sport")
    page.keyboard.press("j")
    expect(page.locator(".subject .body")).to_contain_text("number one")
    assert "section=Sport" in page.url and "order=risk" in page.url
    console.approve()
    expect(rows(console)).to_have_count(1)
    page.get_by_label("Rule").select_option(label="Banned word")
    expect(rows(console)).to_have_count(1)
    page.get_by_label("Written").select_option("older")
    expect(page.get_by_role("heading", name="Nothing fits these filters")).to_be_visible()
    page.get_by_role("button", name="Clear all filters").first.click()
    expect(rows(console)).to_contain_text(["two", "three", "four"])


def test_search_by_keys_alone(waiting: Paper, enter: Enter) -> None:
    """From anywhere: the key, the words, the hit; case and accents make no difference."""
    console = enter(waiting)
    page = console.page
    expect(rows(console)).to_have_count(4)
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("arger -three")
    expect(page.locator(".hit")).to_have_count(3)
    expect(page.locator(".hit mark").first).to_have_text("Ärger")
    page.get_by_label("Status").select_option("published")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    page.get_by_label("Status").select_option("waiting")
    expect(page.locator(".hit")).to_have_count(3)
    page.get_by_role("link", name="Members", exact=True).click()
    page.get_by_role("searchbox").fill("bir")
    expect(page.locator(".hit")).to_have_count(1)
    expect(page.locator(".hit a")).to_have_attribute("href", re.compile(r"/console/[^/]+/members/\d+$"))
