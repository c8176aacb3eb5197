"""Two moderators at work in one queue, each at a browser: what one has before them the other sees, and passes over."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, expect

from comments.storage.tables import claims, sites, users
from tests.e2e.pages import ConsoleOnPage
from tests.live.paper import HELD, Paper
from tests.servers import wait_until

SOON = 1_000  # milliseconds in which colleagues see a claim
Enter = Callable[..., ConsoleOnPage]
Both = tuple[ConsoleOnPage, ConsoleOnPage]


@pytest.fixture
def waiting(paper: Paper) -> Paper:
    """Three comments wait."""
    for number in ("one", "two", "three"):
        paper.member("birke").post("news", f"{HELD} of number {number}.")
    return paper


@pytest.fixture
def both(waiting: Paper, enter: Enter) -> Both:
    """Anna has the first comment before her, Bert, who came after her, the first that was free."""
    anna = enter(waiting, "Anna")
    expect(in_hand(anna)).to_contain_text("number one")
    wait_until(lambda: holders(waiting) == ["Anna"], "Anna's claim")
    bert = enter(waiting, "Bert")
    expect(in_hand(bert)).to_contain_text("number two")
    is_held(anna, "number two", "Bert")
    is_held(bert, "number one", "Anna")
    return anna, bert


def holders(paper: Paper) -> list[str]:
    """Who has a comment before them, by what the service has written down."""
    query = (
        sa.select(users.c.name).join(claims, claims.c.user_id == users.c.id).join(sites, sites.c.id == claims.c.site_id)
    )
    with paper.database.read() as conn:
        return list(conn.execute(query.where(sites.c.key == paper.key)).scalars())


def is_held(console: ConsoleOnPage, text: str, by: str) -> None:
    expect(console.row(text)).to_contain_text(f"{by} is looking at this", timeout=SOON)


def in_hand(console: ConsoleOnPage) -> Locator:
    return console.page.locator(".subject .body")


def test_a_claim_is_seen_at_once_and_passed_over(waiting: Paper, both: Both) -> None:
    anna, bert = both
    anna.page.keyboard.press("j")
    expect(in_hand(anna)).to_contain_text("number three")
    is_held(bert, "number three", "Anna")
    expect(bert.row("number one")).not_to_contain_text("is looking")
    anna.page.keyboard.press("a")
    expect(in_hand(anna)).to_contain_text("number one")
    is_held(bert, "number one", "Anna")
    bert.page.keyboard.press("a")
    expect(bert.page.get_by_role("heading", name="Colleagues are looking at all of these")).to_be_visible()
    expect(anna.queue("Waiting")).to_contain_text("1")
    anna.page.keyboard.press("a")
    expect(anna.page.get_by_role("heading", name="Nothing is waiting")).to_be_visible()
    entries = waiting.moderator().call("GET", f"/sites/{waiting.key}/audit").expect(200)["entries"]
    assert [entry["action"] for entry in entries[:3]] == ["approve"] * 3


def test_a_decision_on_what_a_colleague_has_comes_back_and_can_be_forced(both: Both) -> None:
    anna, bert = both
    bert.open("number one")
    expect(bert.page.get_by_text("Anna is looking at this comment.")).to_be_visible()
    bert.page.keyboard.press("a")
    expect(in_hand(bert)).to_contain_text("number two")  # the work goes on
    expect(bert.row("number one")).to_contain_text("Not saved: Anna is looking at it.")
    bert.page.get_by_role("log").get_by_role("button", name="Show").click()
    alert = bert.page.get_by_role("alert")
    expect(alert).to_contain_text("Not approved. Anna is looking at it.")
    alert.get_by_role("button", name="Take over").click()
    expect(bert.row("number one")).to_have_count(0)
    expect(anna.row("number one")).to_contain_text("Decided by somebody else")


def test_taking_over_before_deciding_and_letting_go(both: Both) -> None:
    anna, bert = both
    bert.open("number one")
    bert.page.get_by_role("button", name="Take over").click()
    is_held(anna, "number one", "Bert")
    expect(bert.page.get_by_text("Anna is looking at this comment.")).to_have_count(0)
    expect(in_hand(anna)).to_contain_text("number one")  # nothing moves under her hands
    bert.page.close()
    expect(anna.row("number one")).not_to_contain_text("is looking")


def test_signing_out_lets_go(both: Both) -> None:
    anna, bert = both
    bert.page.get_by_role("button", name="Sign out").click()
    expect(bert.page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(bert.page.get_by_text("Your session has ended")).to_have_count(0)
    expect(anna.row("number two")).not_to_contain_text("is looking")
