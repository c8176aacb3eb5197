"""From a rejection to its end, both sides at a browser: receipt, appeal, a colleague's answer, everybody's page."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.browsers import Reader
from tests.e2e.pages import CommentOnPage, ConsoleOnPage
from tests.live.paper import HELD, Paper

Visit = Callable[..., Reader]
Enter = Callable[..., ConsoleOnPage]
WHY = "I only repeat what stands in the article."


def address(console: ConsoleOnPage, paper: Paper, comment: str) -> str:
    return f"{console.url}/{paper.key}/comments/{comment}"


def note(comment: CommentOnPage) -> Locator:
    return comment.box.locator(".note")


def appeal(comment: CommentOnPage, text: str) -> None:
    comment.box.get_by_role("button", name="Appeal").click()
    field = comment.box.get_by_role("textbox", name="Why should this be decided differently?")
    expect(field).to_be_focused()
    field.fill(text)
    comment.box.get_by_role("button", name="Send appeal").click()


@pytest.fixture
def rejected(paper: Paper, visit: Visit, enter: Enter) -> tuple[CommentOnPage, Reader, ConsoleOnPage]:
    """Anna has rejected what somebody wrote, who has the page open."""
    writer = visit(paper, "news", "kiesel")
    comment = writer.thread.post("Nobody believes that.")
    anna = enter(paper, "Anna")
    anna.page.goto(address(anna, paper, comment.id))
    anna.reject("Abuse or insult")
    expect(note(comment)).to_contain_text("because it insults or harasses somebody")
    return comment, writer, anna


def test_from_appeal_to_outcome(
    paper: Paper, visit: Visit, enter: Enter, rejected: tuple[CommentOnPage, Reader, ConsoleOnPage]
) -> None:
    comment, writer, anna = rejected
    watcher = visit(paper, "news")
    expect(note(comment)).to_contain_text("Decided by a person")
    appeal(comment, WHY)
    expect(note(comment)).to_contain_text("You have appealed.")
    expect(writer.thread.box.get_by_role("status")).to_contain_text("Your appeal has been sent.")

    berta = enter(paper, "Berta")
    berta.page.goto(address(berta, paper, comment.id))
    panel = berta.page.get_by_role("region", name="Appeal")
    expect(panel).to_contain_text(WHY)
    expect(panel).to_contain_text("a decision by Anna")
    anna.page.goto(address(anna, paper, comment.id))
    expect(anna.page.get_by_role("region", name="Appeal")).to_contain_text("A colleague decides about this")
    expect(anna.page.get_by_role("button", name="Overturn")).to_have_count(0)
    anna.page.close()

    panel.get_by_role("textbox", name="Note to the author").fill("You are right.")
    berta.page.keyboard.press("Tab")
    berta.page.keyboard.press("v")
    expect(panel).to_contain_text("Appeal: overturned")
    expect(watcher.thread.arrivals).to_have_text("1 new comment")
    expect(note(comment)).to_have_text(
        "Your appeal was successful: this comment is public.The moderator writes: You are right."
    )
    expect(writer.thread.box.get_by_role("status")).to_contain_text("Your appeal was successful")
    expect(writer.thread.heading).to_have_text("1 comment")


def test_upheld(paper: Paper, enter: Enter, rejected: tuple[CommentOnPage, Reader, ConsoleOnPage]) -> None:
    comment, writer, anna = rejected
    anna.page.get_by_role("button", name="Sign out").click()  # what she has before her is hers until then
    expect(anna.page.get_by_role("button", name="Sign in")).to_be_visible()
    appeal(comment, WHY)
    berta = enter(paper, "Berta")
    berta.page.goto(address(berta, paper, comment.id))
    berta.page.get_by_role("button", name="Uphold").click()
    expect(note(comment)).to_contain_text("Your appeal was looked at: the decision stands.")
    expect(comment.box.get_by_role("button", name="Appeal")).to_have_count(0)
    expect(writer.thread.box.get_by_role("status")).to_contain_text("the decision stands")


def test_the_words_are_marked_in_ones_own_text(paper: Paper, visit: Visit) -> None:
    writer = visit(paper, "news", "kiesel")
    comment = writer.thread.post(f"Please {HELD} of the dog.")
    expect(comment.body.locator("mark")).to_have_text(HELD)
    expect(note(comment)).to_contain_text(f"want to see first: {HELD}.")
    expect(note(comment)).to_contain_text("Held by a machine")
    comment.box.get_by_role("button", name="Appeal").click()
    field = comment.box.get_by_role("textbox", name="Why should this be decided differently?")
    field.fill("\U0001f1e6\U0001f1f9" * 501)
    expect(comment.box.get_by_text("Characters left: -1")).to_be_visible()
    expect(comment.box.get_by_role("button", name="Send appeal")).to_be_disabled()
    field.fill("")
    field.press("Escape")
    expect(field).to_have_count(0)
