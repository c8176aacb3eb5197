"""A moderator on a train: what is decided without a network is kept, told, and written once there is one again."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, Route, expect

from comments.storage.tables import comments, decisions
from tests.e2e.pages import ConsoleOnPage
from tests.live.paper import HELD, Paper

Enter = Callable[..., ConsoleOnPage]
NO_NETWORK = "ERR_INTERNET_DISCONNECTED|WebSocket connection"


@pytest.fixture
def waiting(paper: Paper) -> list[int]:
    """Four comments wait."""
    writer = paper.member("birke")
    return [int(writer.post("news", f"{HELD} of number {number}.")["id"]) for number in range(4)]


def made(paper: Paper, ids: list[int]) -> list[tuple[str, str]]:
    """What was decided, and how the comments stand."""
    with paper.database.read() as conn:
        query = sa.select(decisions.c.decision, comments.c.status).join(
            comments, comments.c.id == decisions.c.comment_id
        )
        return [tuple(row) for row in conn.execute(query.where(comments.c.id.in_(ids)).order_by(comments.c.id))]


def told(console: ConsoleOnPage) -> Locator:
    return console.page.get_by_role("status").filter(has_text="not sent yet")


def decide(console: ConsoleOnPage) -> None:
    """The first three of four, by keys, each after it was read."""
    for number, keys in enumerate(("a", "r3", "a")):
        expect(console.page.locator(".subject .body")).to_contain_text(f"number {number}.")
        for key in keys:
            console.page.keyboard.press(key)
    expect(console.page.locator(".subject .body")).to_contain_text("number 3.")


def test_three_decisions_without_a_network(paper: Paper, waiting: list[int], enter: Enter) -> None:
    console = enter(paper, foreseen=NO_NETWORK)
    expect(console.page.locator(".subject .body")).to_contain_text("number 0.")
    console.page.context.set_offline(True)
    decide(console)
    expect(told(console)).to_have_text("3 decisions not sent yet")
    expect(console.row("number 0.")).to_have_count(0)
    assert made(paper, waiting) == []
    # Whoever leaves now is asked.
    asked: list[str] = []
    console.page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    console.page.close(run_before_unload=True)
    console.page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    console.page.get_by_role("button", name="Sign out").click()
    expect(console.page.get_by_role("log")).to_contain_text("3 decisions not sent yet")
    console.page.context.set_offline(False)
    expect(told(console)).to_have_count(0)
    expect(console.queue("Waiting")).to_contain_text("1")
    assert made(paper, waiting) == [("approve", "published"), ("reject", "rejected"), ("approve", "published")]


def test_what_a_colleague_decided_meanwhile_comes_back(paper: Paper, waiting: list[int], enter: Enter) -> None:
    console = enter(paper, foreseen=NO_NETWORK)
    expect(console.page.locator(".subject .body")).to_contain_text("number 0.")
    console.page.context.set_offline(True)
    decide(console)
    expect(told(console)).to_have_text("3 decisions not sent yet")
    body = {"decision": "reject", "reason": "abuse", "version": 1, "take_over": True}
    paper.moderator().call("POST", f"/comments/{waiting[0]}/decision", body).expect(200)
    console.page.context.set_offline(False)
    expect(told(console)).to_have_count(0)
    expect(console.page.get_by_role("log")).to_contain_text("The comment by birke is not approved.")
    assert made(paper, waiting) == [("reject", "rejected"), ("reject", "rejected"), ("approve", "published")]


def test_a_service_that_is_away_for_a_while(paper: Paper, waiting: list[int], enter: Enter) -> None:
    """A proxy answers for it; nobody presses anything again."""
    console = enter(paper, foreseen="50[23]")
    expect(console.page.locator(".subject .body")).to_contain_text("number 0.")
    answers = iter([503, 502])

    def away(route: Route) -> None:
        status = next(answers, None)
        route.fulfill(status=status, body="<h1>Away</h1>") if status else route.continue_()

    console.page.route("**/decision", away)
    decide(console)
    expect(told(console)).to_be_visible()
    expect(told(console)).to_have_count(0, timeout=20_000)
    assert len(made(paper, waiting)) == 3
