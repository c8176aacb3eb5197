"""What stands around a comment in hand: the thread opens by itself where there is room, edits say what they changed."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.pages import ConsoleOnPage
from tests.live.paper import HELD, Paper

Enter = Callable[..., ConsoleOnPage]
BUTTONS = ".bench button:not(.detail-around *)"


def deep(paper: Paper) -> None:
    """A held comment four levels down, edited twice, with something above it."""
    writer, parent = paper.member("birke"), None
    for level in ("first", "second", "third"):
        parent = writer.post("news", f"The {level} level.", parent)["id"]
    held = writer.post("news", f"{HELD} of the small dog.", parent)["id"]
    writer.edit(held, f"{HELD} of the small brown dog!")
    writer.edit(held, f"{HELD} of the brown cat!")


def places(page: Page) -> list[Any]:
    return page.locator(BUTTONS).evaluate_all("all => all.map((b) => [b.innerText, b.getBoundingClientRect().top])")


def test_the_thread_opens_by_itself_and_moves_no_button(paper: Paper, enter: Enter) -> None:
    deep(paper)
    console = enter(paper)
    page = console.page
    expect(page.locator(".subject .body")).to_contain_text("brown cat")
    before = places(page)
    expect(page.get_by_text("The first level.")).to_be_attached()
    expect(page.locator(".edits li")).to_have_count(2)
    assert places(page) == before
    expect(page.locator(".edits li").first.locator("ins")).to_have_text(["brown ", "!"])
    expect(page.locator(".edits li").last.locator("del")).to_have_text(["small ", "dog"])
    page.keyboard.press("t")
    expect(page.locator(".edits li")).to_have_count(0)
    page.wait_for_timeout(500)  # who closed it has it closed
    expect(page.get_by_text("The first level.")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator(".edits li")).to_have_count(2)


def test_on_a_narrow_screen_it_opens_by_its_key_alone(paper: Paper, enter: Enter) -> None:
    deep(paper)
    console = enter(paper, viewport={"width": 320, "height": 640})
    page = console.page
    console.open("brown cat")
    expect(page.locator(".subject .body")).to_contain_text("brown cat")
    page.wait_for_timeout(600)
    expect(page.get_by_role("button", name="Show thread")).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_text("The first level.")).to_have_count(0)
    page.keyboard.press("t")
    expect(page.get_by_text("The first level.")).to_be_attached()
