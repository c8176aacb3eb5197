"""Who may write, and what everybody else is told; what somebody wrote before logging in or subscribing is kept."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.browsers import Reader
from tests.e2e.newspaper import Newspaper
from tests.live.paper import Paper

Visit = Callable[..., Reader]


@pytest.mark.parametrize(
    ("name", "state", "told", "ways"),
    [
        (None, "", "Subscribe to leave a comment. Already a subscriber? Log in.", ["Subscribe", "Log in"]),
        ("birke", "registered", "Writing comments is for subscribers.", ["Subscribe"]),
        ("birke", "lapsed", "Your subscription has ended. Renew it to go on commenting.", ["Renew"]),
    ],
    ids=["nobody", "registered", "lapsed"],
)
def test_each_state_is_told_its_own_way_in(
    paper: Paper, visit: Visit, name: str | None, state: str, told: str, ways: list[str]
) -> None:
    thread = visit(paper, "news", name, state).thread
    expect(thread.gate.locator("p").first).to_have_text(told)
    assert thread.gate.get_by_role("link").all_inner_texts() == ways
    thread.write("I would like to say something.")
    expect(thread.box.get_by_role("button", name="Post", exact=True)).to_have_count(0)
    expect(thread.gate).to_be_visible()


@pytest.mark.parametrize("state", ["trial", "active", "grace"])
def test_subscribers_write(paper: Paper, visit: Visit, state: str) -> None:
    thread = visit(paper, "news", "birke", state).thread
    thread.post("Said by a subscriber.")
    expect(thread.gate).to_have_count(0)
    assert [one["author"]["name"] for one in paper.page("news")["comments"]] == ["birke"]


def test_a_trial_may_be_too_little(new_paper: Callable[..., Paper], visit: Visit) -> None:
    thread = visit(new_paper(write_states=("active",)), "news", "birke", "trial").thread
    expect(thread.gate).to_contain_text("Your trial has ended. Subscribe to go on commenting.")


def test_a_draft_survives_logging_in_and_subscribing(paper: Paper, visit: Visit, newspaper: Newspaper) -> None:
    newspaper.accounts["birke"] = "registered"
    someone = visit(paper, "news")
    someone.thread.write("Written before anybody knew me.")
    someone.thread.gate.get_by_role("link", name="Log in").click()
    someone.page.get_by_role("link", name="birke").click()
    expect(someone.thread.field).to_have_value("Written before anybody knew me.")
    expect(someone.thread.gate).to_contain_text("Writing comments is for subscribers.")
    someone.thread.gate.get_by_role("link", name="Subscribe").click()
    expect(someone.thread.field).to_have_value("Written before anybody knew me.")
    someone.thread.send()
    expect(someone.thread.comment("Written before anybody knew me.").box).to_be_visible()
    expect(someone.thread.heading).to_have_text("1 comment")
    someone.page.reload()
    expect(someone.thread.comment("Written before anybody knew me.").box).to_be_visible()
    expect(someone.thread.field).to_have_count(0)


def test_a_draft_is_there_in_a_new_tab(paper: Paper, visit: Visit) -> None:
    someone = visit(paper, "news", "birke")
    someone.thread.write("Half a thought")
    address = someone.page.url
    someone.another_page()
    expect(someone.read(address).field).to_have_value("Half a thought")


def test_who_may_not_read_is_shown_the_way_in(new_paper: Callable[..., Paper], visit: Visit) -> None:
    paper = new_paper(read="subscribers")
    paper.member("kiesel").post("news", "Between ourselves.")
    outside = visit(paper, "news")
    outside.foresee("status of 401")
    expect(outside.thread.gate).to_contain_text("Reading and writing comments is for subscribers.")
    expect(outside.thread.comment("Between ourselves.").box).to_be_visible()  # the taste
    expect(outside.thread.box.get_by_role("button", name=re.compile("Recommend|Reply|More"))).to_have_count(0)
    inside = visit(paper, "news", "birke")
    inside.foresee("status of 401")  # the page is asked for before it is known who asks
    expect(inside.thread.comment("Between ourselves.").box).to_be_visible()
    expect(inside.thread.heading).to_have_text("1 comment")
