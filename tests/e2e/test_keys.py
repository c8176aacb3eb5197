"""Keys of one's own: changed, switched off, refused where two would share one; presses faster than frames."""

from collections.abc import Callable

import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect

from comments.storage.tables import decisions
from tests.e2e.pages import ConsoleOnPage
from tests.live.paper import HELD, Paper
from tests.servers import wait_until

Enter = Callable[..., ConsoleOnPage]


def change(page: Page, what: str, key: str) -> None:
    page.get_by_role("button", name=f"{what}: key").click()
    page.keyboard.press(key)


def wait_for(paper: Paper, count: int) -> list[str]:
    writer = paper.member("birke")
    return [writer.post("news", f"{HELD} of number {number}.")["id"] for number in range(1, count + 1)]


def in_hand(console: ConsoleOnPage) -> Locator:
    return console.page.locator(".subject .body")


def test_a_key_is_changed_and_stays_changed(paper: Paper, enter: Enter) -> None:
    wait_for(paper, 2)
    console = enter(paper)
    page, dialog = console.page, console.page.get_by_role("dialog")
    expect(in_hand(console)).to_contain_text("number 1.")
    page.keyboard.press("?")
    change(page, "Approve", "v")
    expect(dialog.get_by_role("alert")).to_contain_text("Not saved: V is the key for “Overturn")
    page.keyboard.press("F2")
    expect(dialog.get_by_role("alert")).to_contain_text("Take a letter, a digit or a sign")
    dialog.get_by_role("button", name="Off: Overturn").click()
    expect(dialog.get_by_role("status")).to_contain_text("no key")
    change(page, "Approve", "V")
    expect(dialog.get_by_role("status")).to_have_text("Saved: Approve: V")
    dialog.get_by_role("button", name="Off: Ban the author").click()
    expect(dialog.get_by_role("button", name="On: Ban the author")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.reload()
    expect(in_hand(console)).to_contain_text("number 1.")
    expect(page.get_by_role("button", name="Approve")).to_have_attribute("aria-keyshortcuts", "V")
    expect(page.get_by_role("button", name="Ban")).not_to_have_attribute("aria-keyshortcuts", "B")
    expect(page.get_by_role("button", name="Ban").locator("kbd")).to_have_count(0)
    page.keyboard.press("a")
    page.keyboard.press("b")
    page.wait_for_timeout(200)  # nothing is what should happen
    expect(in_hand(console)).to_contain_text("number 1.")
    expect(dialog).to_have_count(0)
    page.keyboard.press("v")
    expect(in_hand(console)).to_contain_text("number 2.")


def test_esc_leaves_a_key_and_all_can_be_the_usual_ones_again(paper: Paper, enter: Enter) -> None:
    wait_for(paper, 1)
    console = enter(paper)
    page, dialog = console.page, console.page.get_by_role("dialog")
    page.keyboard.press("?")
    expect(dialog.get_by_role("button", name="The usual keys again")).to_be_disabled()
    dialog.get_by_role("button", name="Approve: key").focus()
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("button", name="Approve: key")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    change(page, "List of keys", ";")
    expect(dialog.get_by_role("status")).to_contain_text("Saved")
    page.keyboard.press("Escape")
    page.keyboard.press(";")
    dialog.get_by_role("button", name="The usual keys again").click()
    expect(dialog.get_by_role("status")).to_contain_text("usual ones again")
    page.keyboard.press("Escape")
    page.keyboard.press(";")
    expect(dialog).to_have_count(0)
    page.keyboard.press("?")
    expect(dialog).to_be_visible()


def test_keys_faster_than_the_screen_decide_one_comment_each(paper: Paper, enter: Enter) -> None:
    """Six presses in one task: no comment is decided twice, none unseen, no press is lost."""
    ids = wait_for(paper, 5)
    console = enter(paper)
    expect(in_hand(console)).to_contain_text("number 1.")
    console.page.evaluate(
        """() => {
            window.seen = [];
            const look = () => {
                const text = document.querySelector(".subject .body")?.textContent;
                if (text && text !== window.seen.at(-1)) window.seen.push(text);
                requestAnimationFrame(look);
            };
            look();
            const press = (key) => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
            for (const key of "aar3aa") press(key);
        }"""
    )
    expect(console.page.get_by_role("heading", name="Nothing is waiting")).to_be_visible()
    seen = console.page.evaluate("window.seen.map((text) => /number (\\d)/.exec(text)[1])")
    assert seen == ["1", "2", "3", "4", "5"]
    query = sa.select(decisions.c.decision).where(decisions.c.comment_id.in_(map(int, ids)))

    def made() -> list[str]:
        with paper.database.read() as conn:
            return list(conn.execute(query.order_by(decisions.c.comment_id)).scalars())

    wait_until(lambda: made() == ["approve", "approve", "reject", "approve", "approve"], "all decisions written down")
