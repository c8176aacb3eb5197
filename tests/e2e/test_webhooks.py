"""Webhooks in a browser, by a real worker and a real receiver: added, its secret shown once, tried, told of a comment,
failing, sent again, removed. Every state is looked at by axe-core in light, dark and on a narrow phone.
"""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import ConsoleOnPage
from tests.e2e.test_console_axe import Looked
from tests.jobs.hooked import verified
from tests.live.paper import Paper
from tests.opinions.service import Service
from tests.opinions.service import service as receiver


@pytest.fixture
def told() -> Iterator[Service]:
    with receiver() as one:
        yield one


def to_webhooks(console: ConsoleOnPage) -> Page:
    console.page.get_by_role("navigation").get_by_role("link", name="Webhooks").click()
    expect(console.page.get_by_role("heading", name="Webhooks", exact=True)).to_be_visible()
    return console.page


@pytest.mark.timeout(600)
def test_from_adding_to_removing(paper: Paper, enter: Callable[..., ConsoleOnPage], told: Service) -> None:
    looked = Looked()
    page = to_webhooks(enter(paper, role="administrator"))
    expect(page.get_by_role("heading", name="No webhooks")).to_be_visible()
    looked.at(page, "webhooks-none")
    page.get_by_role("button", name="Add a webhook").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Address").fill(told.url)
    dialog.get_by_label("What it is for").fill("Our search")
    dialog.get_by_role("checkbox", name="Everything that happens").uncheck()
    dialog.get_by_role("checkbox", name=re.compile("Comment appeared")).check()
    looked.at(page, "webhooks-form")
    dialog.get_by_role("button", name="Save").click()
    secret = page.get_by_role("dialog").get_by_label("Secret").input_value()
    assert secret.startswith("whsec_")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_visible()
    looked.at(page, "webhooks-secret")
    page.get_by_role("dialog").get_by_role("button", name="I have kept it").click()
    expect(page.get_by_text("Our search")).to_be_visible()
    assert secret not in page.content()

    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("The test was taken: 200")).to_be_visible(timeout=20_000)
    (asked,) = told.asked
    assert verified(asked, secret)["type"] == "webhook.test"

    told.status, told.answers = 500, b"<b>out of order</b>"
    comment = paper.member("kiesel").post("news", "Hello, receiver.")["id"]
    page.get_by_role("link", name=re.compile("^Log of")).click()
    row = page.get_by_role("row").filter(has_text="Comment appeared")
    expect(page.get_by_role("heading", name="Log", exact=True)).to_be_visible()
    until_it_says(page, row.get_by_text("Waits · 500"))
    row.get_by_role("button").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("<b>out of order</b>").first).to_be_visible()
    expect(dialog.get_by_text("Hello, receiver.").first).to_be_visible()
    looked.at(page, "webhooks-delivery")
    dialog.get_by_role("button", name="Close").click()
    expect(page.get_by_text("It takes no messages.")).to_be_visible()
    looked.at(page, "webhooks-log")
    told.status = 200
    row.get_by_role("button").click()
    told.asked.clear()
    page.get_by_role("dialog").get_by_role("button", name="Send again").click()
    until_it_says(page, row.get_by_text("Taken · 200"), 30)
    assert verified(told.asked[-1], secret)["data"]["comment"]["id"] == comment
    page.get_by_label("State").select_option("Failed")
    expect(page.get_by_role("heading", name="Nothing here")).to_be_visible()

    page.get_by_role("link", name="All webhooks").click()
    page.get_by_role("button", name="New secret").click()
    page.get_by_role("dialog").get_by_role("button", name="New secret").click()
    second = page.get_by_role("dialog").get_by_label("Secret").input_value()
    assert second != secret
    page.get_by_role("dialog").get_by_role("button", name="I have kept it").click()
    expect(page.get_by_text("The secret before goes on signing")).to_be_visible()
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_text("Switched off: what happens meanwhile")).to_be_visible()
    looked.at(page, "webhooks-off")
    page.once("dialog", lambda one: one.accept())
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("heading", name="No webhooks")).to_be_visible()
    assert not looked.faults, "\n".join(looked.faults)


def until_it_says(page: Page, what: object, seconds: float = 15) -> None:
    """Ask for the log again and again."""
    for _ in range(round(seconds * 2)):
        if what.is_visible():  # type: ignore[attr-defined]
            return
        page.get_by_role("button", name="Refresh").click()
        page.wait_for_timeout(500)
    expect(what).to_be_visible()  # type: ignore[call-overload]
