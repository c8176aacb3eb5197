"""The bell and what one follows: counted live, read in a panel, led to the comment, on this page or another."""

import re
import time
from collections.abc import Callable

from playwright.sync_api import Route, expect

from tests.e2e.browsers import Reader
from tests.live.paper import Paper
from tests.servers import wait_until

Visit = Callable[..., Reader]


def test_the_bell_counts_live_and_leads_to_what_happened(paper: Paper, visit: Visit) -> None:
    kiesel, birke = paper.member("kiesel"), paper.member("birke")
    here = kiesel.post("news", "My comment here.")
    there = kiesel.post("sports", "My comment there.")
    someone = visit(paper, "news", "kiesel")
    someone.wait_until_live()
    thread = someone.thread
    bell = thread.box.locator("[part=bell]")
    expect(bell).to_have_accessible_name("Notifications")
    birke.post("news", "A reply here.", here["id"])
    expect(bell).to_have_accessible_name("Notifications, 1 unread")
    birke.post("sports", "A reply there.", there["id"])
    expect(bell).to_have_accessible_name("Notifications, 2 unread")
    bell.click()
    panel = thread.box.get_by_role("dialog", name="Notifications")
    expect(panel).to_be_focused()
    told = [re.compile("birke replied to you.*A reply there"), re.compile("A reply here")]
    expect(panel.get_by_role("listitem")).to_have_text(told)
    expect(bell).to_have_accessible_name("Notifications")
    someone.page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(bell).to_be_focused()
    bell.click()
    panel.get_by_role("link", name="A reply here.").click()
    expect(thread.comment("A reply here.").box).to_be_focused()
    expect(panel).to_have_count(0)


def test_an_empty_bell_says_what_will_be_there(paper: Paper, visit: Visit) -> None:
    thread = visit(paper, "news", "kiesel").thread
    thread.box.locator("[part=bell]").click()
    expect(thread.box.get_by_role("dialog", name="Notifications")).to_contain_text("Nothing has happened yet.")


def test_who_is_not_signed_in_has_no_bell(paper: Paper, visit: Visit) -> None:
    paper.member("birke").post("news", "Something.")
    someone = visit(paper, "news")
    someone.wait_until_live()
    expect(someone.thread.box.locator("[part=bell], [part=follow]")).to_have_count(0)


def test_a_thread_and_a_comment_are_followed_until_told_otherwise(paper: Paper, visit: Visit) -> None:
    kiesel = paper.member("kiesel")
    paper.member("birke").post("news", "Worth following.")
    someone = visit(paper, "news", "kiesel")
    thread = someone.thread
    follow = thread.box.locator("[part=follow]")
    follow.click()
    expect(follow).to_have_attribute("aria-pressed", "true")
    thread.comment("Worth following.").choose("Follow")
    expect(thread.box.get_by_role("status").last).to_have_text("You follow this from now on.")
    both = {"article": True, "comments": [thread.comment("Worth following.").id]}
    wait_until(lambda: kiesel.mine("news")["follows"] == both, "both to be followed")
    someone.page.reload()
    expect(follow).to_have_attribute("aria-pressed", "true")
    follow.click()
    thread.comment("Worth following.").choose("Stop following")
    expect(thread.box.get_by_role("status").last).to_have_text("You no longer follow this.")
    wait_until(lambda: kiesel.mine("news")["follows"] == {"article": False, "comments": []}, "both to be given up")


def test_an_answer_about_oneself_from_before_a_click_does_not_take_it_back(paper: Paper, visit: Visit) -> None:
    kiesel = paper.member("kiesel")
    mine = kiesel.post("news", "My comment here.")
    someone = visit(paper, "news", "kiesel")
    someone.wait_until_live()
    follow = someone.thread.box.locator("[part=follow]")
    expect(follow).to_be_visible()
    held: list[Route] = []
    someone.page.route("**/mine", lambda route: route.continue_() if held else held.append(route))
    paper.member("birke").post("news", "Makes the page ask.", mine["id"])
    give_up = time.monotonic() + 10
    while not held:
        assert time.monotonic() < give_up, "the page did not ask what is its reader's own"
        someone.page.wait_for_timeout(20)
    before = held[0].fetch()
    follow.click()
    wait_until(lambda: kiesel.mine("news")["follows"]["article"], "the click to arrive")
    held[0].fulfill(response=before)
    expect(someone.thread.box.locator("[part=bell]")).to_have_accessible_name("Notifications, 1 unread")
    expect(follow).to_have_attribute("aria-pressed", "true")


def test_the_panel_says_how_many_are_muted(paper: Paper, visit: Visit) -> None:
    paper.member("birke").post("news", "Something.")
    thread = visit(paper, "news", "kiesel").thread
    thread.comment("Something.").choose("Mute birke")
    expect(thread.box).to_contain_text("You have muted birke.")
    thread.box.locator("[part=bell]").click()
    panel = thread.box.get_by_role("dialog", name="Notifications")
    expect(panel).to_contain_text("You have muted 1 reader.")
    panel.get_by_role("button", name="Hear all again").click()
    expect(thread.comment("Something.").box).to_be_visible()
