"""A moderator at the keyboard: a queue worked off without a mouse, decisions taken back, picks, locks and notes."""

from collections.abc import Callable

import sqlalchemy as sa
from playwright.sync_api import expect

from comments.storage.tables import decisions
from tests.e2e.pages import ConsoleOnPage
from tests.live.paper import HELD, Paper
from tests.servers import wait_until

Enter = Callable[..., ConsoleOnPage]


def made(paper: Paper, ids: list[str]) -> list[tuple[str, str | None]]:
    """What was decided, in the order of the comments."""
    with paper.database.read() as conn:
        query = sa.select(decisions.c.decision, decisions.c.reason).where(decisions.c.comment_id.in_(map(int, ids)))
        return [tuple(row) for row in conn.execute(query.order_by(decisions.c.comment_id))]


def test_a_queue_of_fifty_with_keys_only(paper: Paper, enter: Enter) -> None:
    """A key for an approval, two for a rejection: nothing else is pressed, and nothing is lost."""
    writer = paper.member("birke")
    ids = [writer.post("news", f"{HELD} of number {number}.")["id"] for number in range(50)]
    console = enter(paper)
    pressed = 0
    for number in range(50):
        expect(console.page.locator(".subject .body")).to_contain_text(f"number {number}.")  # nobody decides unread
        for key in ("r", "3") if number % 5 == 0 else ("a",):
            console.page.keyboard.press(key)
            pressed += 1
    expect(console.page.get_by_role("heading", name="Nothing is waiting")).to_be_visible(timeout=20_000)
    assert pressed == 60
    wait_until(lambda: len(made(paper, ids)) == 50, "the last of fifty decisions")
    assert made(paper, ids) == [("reject", "spam") if number % 5 == 0 else ("approve", None) for number in range(50)]


def test_decisions_taken_back(paper: Paper, enter: Enter) -> None:
    writer = paper.member("birke")
    for number in ("one", "two", "three"):
        writer.post("news", f"{HELD} of number {number}.")
    console = enter(paper)
    in_hand, keyboard = console.page.locator(".subject .body"), console.page.keyboard
    expect(in_hand).to_contain_text("number one")
    keyboard.press("a")
    expect(in_hand).to_contain_text("number two")
    keyboard.press("a")
    expect(in_hand).to_contain_text("number three")
    log = console.page.get_by_role("log")
    expect(log.get_by_role("button", name="Undo")).to_have_count(2)
    keyboard.press("u")
    expect(in_hand).to_contain_text("number two")
    log.get_by_role("button", name="Undo").first.click()
    expect(in_hand).to_contain_text("number one")
    expect(console.queue("Waiting")).to_contain_text("3")
    expect(console.page.get_by_text("Decision undone", exact=True).first).to_be_visible()
    keyboard.press("r")
    keyboard.press("3")
    expect(in_hand).to_contain_text("number two")


def test_picks_locks_notes_and_asking_by_keys(paper: Paper, enter: Enter) -> None:
    comment = paper.member("birke").post("news", "Well said.")["id"]
    console = enter(paper)
    console.queue("New").click()
    expect(console.page.locator(".subject .body")).to_contain_text("Well said.")
    keyboard = console.page.keyboard
    keyboard.press("p")
    expect(console.page.get_by_role("button", name="Pick")).to_have_attribute("aria-pressed", "true")
    keyboard.press("l")
    expect(console.page.get_by_role("button", name="Lock")).to_have_attribute("aria-pressed", "true")
    (shown,) = paper.page("news")["comments"]
    assert (shown["id"], shown["picked"], shown["locked"]) == (comment, True, True)
    keyboard.press("n")
    console.page.get_by_role("textbox").fill("for the front page, says a.")
    console.page.get_by_role("button", name="Leave the note").click()
    expect(console.page.get_by_text("for the front page, says a.")).to_be_visible()
    keyboard.press("o")
    console.page.get_by_role("textbox").fill("is it?")
    console.page.get_by_role("button", name="Ask", exact=True).click()
    expect(console.row("Well said.")).to_have_count(0)
    item = paper.moderator().call("GET", f"/comments/{comment}").expect(200)
    assert item["second_opinion"]["note"] == "is it?"
