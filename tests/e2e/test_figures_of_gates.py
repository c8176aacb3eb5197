"""Subscriptions that came through the comments, in the console: tables by gate, section and article, each as CSV."""

import csv
import io
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.pages import ConsoleOnPage
from tests.e2e.test_console_axe import Looked
from tests.live.paper import Paper


def test_gates_that_led_to_subscriptions(paper: Paper, enter: Callable[..., ConsoleOnPage]) -> None:
    looked = Looked()
    paper.member("kiesel").post("news", "The first word.")
    console = enter(paper)
    page, figures = console.page, f"{console.url}/{paper.key}/figures"
    page.goto(figures)
    through = page.get_by_role("region", name="Subscriptions through the comments")
    expect(through).to_contain_text("Nobody subscribed through the comments in these days.")

    for sub, state in (("bach", "lapsed"), ("birke", "registered"), ("rune", "lapsed")):
        paper.member(sub, state=state, issued=paper.database.clock() // 1_000_000 - 30)
        paper.member(sub, ref="news")
    page.reload()
    row = through.get_by_role("row").filter(has_text="Former subscriber")
    expect(row).to_contain_text("2")
    expect(through.get_by_role("row").filter(has_text="Registered, without a subscription")).to_contain_text("1")
    with page.expect_download() as saved:
        through.get_by_role("link", name="CSV: Which gate").click()
    rows = list(csv.DictReader(io.StringIO(saved.value.path().read_text())))
    assert [(one["gate"], one["number"]) for one in rows] == [("lapsed", "2"), ("registered", "1")]
    looked.at(page, "figures-gates")
    assert not looked.faults, "\n".join(looked.faults)
