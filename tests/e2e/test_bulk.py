"""Many comments decided on at once in the console: chosen by keys or by pointing, looked over, decided, taken back."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, expect

from tests.e2e.pages import ConsoleOnPage
from tests.live.paper import HELD, Paper

Enter = Callable[..., ConsoleOnPage]
NUMBERS = ("one", "two", "three", "four", "five")


def write(paper: Paper, text: str = HELD, article: str = "news") -> list[str]:
    return [paper.member("birke").post(article, f"{text} of number {number}.")["id"] for number in NUMBERS]


def rows(console: ConsoleOnPage) -> Locator:
    return console.page.locator(".rows .row-text")


def tick(console: ConsoleOnPage, text: str) -> Locator:
    return console.row(text).get_by_role("checkbox")


def bar(console: ConsoleOnPage) -> Locator:
    return console.page.get_by_role("group", name="Several at once")


def figures(dialog: Locator) -> dict[str, str]:
    return {one.locator("dt").inner_text(): one.locator("dd").inner_text() for one in dialog.locator("dl > div").all()}


def public(paper: Paper) -> set[str]:
    return {one["id"] for one in paper.page("news")["comments"] if one["status"] == "published"}


def in_hand(console: ConsoleOnPage, number: str) -> None:
    expect(console.page.locator(".subject .body")).to_contain_text(f"number {number}.")


def test_chosen_looked_over_rejected_and_taken_back_by_keys_alone(paper: Paper, enter: Enter) -> None:
    ids = write(paper, "A comment")
    paper.member("linde").report(ids[2], "spam")
    console = enter(paper)
    console.queue("New").click()
    keyboard = console.page.keyboard
    in_hand(console, "one")
    keyboard.press("x")
    for number in NUMBERS[1:3]:
        keyboard.press("j")
        in_hand(console, number)
        keyboard.press("x")
    expect(bar(console)).to_contain_text("3 selected")
    expect(tick(console, "number two")).to_be_checked()
    keyboard.press("x")
    expect(tick(console, "number three")).not_to_be_checked()
    keyboard.press("x")
    keyboard.press("r")
    keyboard.press("3")
    dialog = console.page.get_by_role("dialog", name="Reject 3 comments?")
    expect(dialog).to_contain_text("Reason: Spam or advertising")
    expect(dialog.get_by_role("button", name="Reject 3")).to_be_focused()
    expect(dialog.locator("dl")).to_be_visible()
    assert figures(dialog) == {"Published": "3", "Authors": "1", "Articles": "1", "Open reports that this answers": "1"}
    assert public(paper) == set(ids), "looking changes nothing"
    keyboard.press("Enter")
    expect(rows(console)).to_have_count(2)
    in_hand(console, "four")
    expect(console.page.get_by_role("log")).to_contain_text("Rejected: 3 comments")
    expect(console.queue("New")).to_contain_text("2")
    assert public(paper) == set(ids[3:])
    keyboard.press("u")
    expect(rows(console)).to_contain_text([f"number {number}." for number in NUMBERS])
    expect(console.queue("New")).to_contain_text("5")
    assert public(paper) == set(ids)
    keyboard.press("r")  # nothing is chosen any more, and what is back can be decided on again
    console.page.get_by_role("dialog", name="Reject: for which reason?").get_by_role("button", name="Cancel").click()
    tick(console, "number one").click()
    keyboard.press("a")
    keyboard.press("Escape")
    expect(console.page.get_by_role("dialog")).to_have_count(0)
    expect(tick(console, "number one")).to_be_checked()
    keyboard.press("Escape")
    expect(tick(console, "number one")).not_to_be_checked()


def test_what_is_left_out_comes_back_and_says_why(paper: Paper, enter: Enter) -> None:
    """One is claimed by a colleague when the moderator looks, another is changed between looking and deciding."""
    ids = write(paper)
    colleague = paper.moderator()
    colleague.call("POST", f"/sites/{paper.key}/claims", {"comment_ids": [ids[4]]}).expect(200)
    console = enter(paper)
    in_hand(console, "one")
    console.page.get_by_role("checkbox", name="Select all shown").click()
    expect(bar(console)).to_contain_text("4 selected")  # a colleague's is not among "all"
    tick(console, "number five").click()
    console.page.get_by_role("button", name="Approve selected").click()
    dialog = console.page.get_by_role("dialog", name="Approve 4 comments?")
    expect(dialog.get_by_role("listitem")).to_contain_text(["number five"])
    expect(dialog).to_contain_text("is looking at it")
    paper.member("birke").edit(ids[1], f"{HELD} of number two, corrected.")
    dialog.get_by_role("button", name="Approve 4").click()
    expect(rows(console)).to_contain_text(["number two, corrected", "number five"])
    expect(console.row("number two")).to_contain_text("Not saved: The comment changed meanwhile.")
    expect(console.row("number five")).to_contain_text("is looking at it")
    log = console.page.get_by_role("log")
    expect(log).to_contain_text("2 comments were left out")
    assert public(paper) == {ids[0], ids[2], ids[3]}
    log.get_by_role("button", name=re.compile("^Undo")).click()
    expect(rows(console)).to_have_count(5)
    assert public(paper) == set()


def test_a_range_and_a_phone(paper: Paper, enter: Enter) -> None:
    write(paper)
    console = enter(paper, viewport={"width": 320, "height": 640})
    tick(console, "number two").click()
    tick(console, "number four").click(modifiers=["Shift"])
    expect(bar(console)).to_contain_text("3 selected")
    box: Any = tick(console, "number two").bounding_box()
    assert min(box["width"], box["height"]) >= 24
    assert console.page.evaluate("document.documentElement.scrollWidth") <= 320
    console.page.get_by_role("button", name="Approve selected").click()
    console.page.get_by_role("button", name="Approve 3").click()
    expect(rows(console)).to_contain_text(["number one", "number five"])
    expect(rows(console)).to_have_count(2)


def test_staff_choose_nothing(paper: Paper, enter: Enter) -> None:
    write(paper)
    console = enter(paper, role="staff")
    in_hand(console, "one")
    console.page.keyboard.press("x")
    expect(console.page.get_by_role("checkbox")).to_have_count(0)
    expect(bar(console)).to_have_count(0)
