"""Members, as moderators and they themselves see them: warned, pre-moderated, and told so, in two browsers."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.browsers import Reader
from tests.e2e.pages import ConsoleOnPage
from tests.live.paper import Paper

Visit = Callable[..., Reader]
Enter = Callable[..., ConsoleOnPage]


def test_a_warning_is_read_before_writing_goes_on(paper: Paper, visit: Visit, enter: Enter) -> None:
    someone = visit(paper, "news", "kiesel")
    someone.thread.post("Rude words.")
    console = enter(paper)
    console.queue("New").click()
    console.open("Rude words.")
    console.page.keyboard.press("w")
    dialog = console.page.get_by_role("dialog")
    dialog.get_by_label("Your words to them (optional)").fill("Stay polite, please.")
    expect(dialog.get_by_text("Stay polite, please.").last).to_be_visible()
    dialog.get_by_role("button", name="Warn").click()
    expect(dialog).to_have_count(0)
    expect(someone.thread.gate).to_contain_text("Stay polite, please.")
    expect(someone.thread.gate).to_contain_text("abuse or insult")
    someone.thread.gate.get_by_role("button", name="I have read this").click()
    expect(someone.thread.gate).to_have_count(0)
    someone.thread.post("Polite words.")


def test_a_member_page_and_who_is_pre_moderated_is_told(paper: Paper, visit: Visit, enter: Enter) -> None:
    someone = visit(paper, "news", "kiesel")
    someone.thread.post("Buy my hats.")
    console = enter(paper)
    console.queue("New").click()
    console.open("Buy my hats.")
    console.page.get_by_role("link", name="kiesel", exact=True).click()
    expect(console.page).to_have_url(re.compile("/members/"))
    expect(console.page.get_by_text("Everybody begins with")).to_be_visible()
    console.page.keyboard.press("m")
    dialog = console.page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("Too much advertising.")
    dialog.get_by_role("button", name="Pre-moderate").click()
    expect(console.page.get_by_text("Too much advertising.").first).to_be_visible()
    someone.page.reload()
    someone.thread.write("Buy my shoes.")
    expect(someone.thread.box).to_contain_text("A moderator looks at your comments before they appear.")
    expect(someone.thread.box).to_contain_text("Too much advertising.")
    someone.thread.send()
    expect(someone.thread.box).to_contain_text("Only you can see this")
