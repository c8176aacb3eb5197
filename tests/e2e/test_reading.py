"""Finding one's way in a long thread: what is new, branches folded up, tabs, whom a reply answers."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsers import Reader
from tests.e2e.newspaper import Newspaper
from tests.live.paper import Member, Paper
from tests.servers import wait_until

Visit = Callable[..., Reader]
LATER_TODAY = "() => { const now = Date.now; Date.now = () => now() + 3600e3; }"  # a visit ends after half an hour


def come_back(someone: Reader, address: str) -> None:
    """An hour later, in the same browser."""
    someone.page.goto("about:blank")
    someone.context.add_init_script(f"({LATER_TODAY})()")
    someone.read(address)


def chain(member: Member, depth: int) -> list[str]:
    ids: list[str] = []
    for at in range(depth + 1):
        ids.append(member.post("news", f"Depth {at}.", ids[-1] if ids else None)["id"])
    return ids


def test_what_is_new_since_the_last_visit_is_counted_marked_and_gone_to(
    paper: Paper, visit: Visit, newspaper: Newspaper
) -> None:
    birke = paper.member("birke")
    old = birke.post("news", "An old comment.")
    for number in range(30):
        birke.post("news", f"Old comment {number}.")
    someone = visit(paper, "news")
    someone.wait_until_live()
    expect(someone.thread.box).not_to_contain_text("since your last visit")
    birke.post("news", "A new reply to the oldest.", old["id"])
    birke.post("news", "A new comment on top.")
    come_back(someone, newspaper.address(paper, "news"))

    someone.reload_until_shown("A new comment on top.")
    thread = someone.thread
    expect(thread.box).to_contain_text("2 new since your last visit")
    expect(thread.comment("A new comment on top.").box).to_have_class(re.compile("fresh"))
    expect(thread.comment("Old comment 29.").box).not_to_have_class(re.compile("fresh"))
    thread.box.get_by_role("button", name="Next new", exact=True).click()
    expect(thread.comment("A new comment on top.").box).to_be_focused()
    thread.page.keyboard.press("n")
    expect(thread.comment("A new reply to the oldest.").box).to_be_focused()
    expect(thread.comments).to_have_count(33)
    birke.post("news", "One more, live.")
    expect(thread.box).to_contain_text("3 new since your last visit")
    thread.page.keyboard.press("n")
    expect(thread.comment("One more, live.").box).to_be_focused()


def test_a_reload_belongs_to_the_same_visit(paper: Paper, visit: Visit, newspaper: Newspaper) -> None:
    birke = paper.member("birke")
    birke.post("news", "An old comment.")
    someone = visit(paper, "news")
    someone.wait_until_live()
    birke.post("news", "A new comment.")
    come_back(someone, newspaper.address(paper, "news"))
    expect(someone.thread.box).to_contain_text("1 new since your last visit")
    someone.page.reload()
    expect(someone.thread.box).to_contain_text("1 new since your last visit")


def test_a_branch_is_folded_up_and_unfolds_for_a_link_into_it(paper: Paper, visit: Visit) -> None:
    ids = chain(paper.member("birke"), 3)
    someone = visit(paper, "news")
    thread = someone.thread
    fold = thread.box.get_by_role("button", name="Hide replies").first
    size = fold.bounding_box()
    assert size is not None and size["width"] >= 24 and size["height"] >= 24
    fold.focus()
    someone.page.keyboard.press("Enter")
    folded = thread.box.get_by_role("button", name="Show 3 replies")
    expect(folded).to_be_focused()
    expect(folded).to_have_attribute("aria-expanded", "false")
    assert thread.texts() == ["Depth 0."]
    someone.page.evaluate(f"location.hash = '#comment-{ids[3]}'")
    expect(thread.comment("Depth 3.").box).to_be_focused()


def test_each_comment_says_who_when_and_which_of_how_many(paper: Paper, visit: Visit) -> None:
    birke = paper.member("birke")
    root = birke.post("news", "The root.")
    for number in (1, 2):
        birke.post("news", f"Reply {number}.", root["id"])
    thread = visit(paper, "news").thread
    expect(thread.comment("The root.").box).to_have_accessible_name(re.compile("^Comment by birke, "))
    expect(thread.comment("Reply 2.").box).to_have_accessible_name(re.compile("^Reply 2 of 2 by birke, "))
    expect(thread.box.get_by_role("list").first.get_by_role("listitem").first).to_be_visible()


def test_picks_and_answers_have_tabs_that_lead_into_the_conversation(
    new_paper: Callable[..., Paper], visit: Visit
) -> None:
    paper = new_paper(ask_author=True)
    kiesel, author = paper.member("kiesel"), paper.member("ahorn", badges=["author"])
    path = f"{paper.path('news')}/comments"
    question = {"body": "Where was it?", "parent_id": None, "question": True}
    asked = kiesel.call("POST", path, question, **{"Idempotency-Key": "asked"}).expect(201)
    for number in range(30):
        kiesel.post("news", f"Comment {number}.")
    author.post("news", "By the river.", asked["id"])
    paper.moderator().mark(asked["id"], "pick", True)
    wait_until(lambda: paper.page("news").get("tabs") == {"picks": 1, "answers": 1}, "the tabs")
    someone = visit(paper, "news")
    thread = someone.thread
    tabs = thread.box.get_by_role("tab")
    expect(tabs).to_have_text(["All", re.compile("Editors’ picks 1"), re.compile("Author’s answers 1")])
    tabs.first.focus()
    someone.page.keyboard.press("ArrowRight")
    expect(tabs.nth(1)).to_be_focused()
    expect(tabs.nth(1)).to_have_attribute("aria-selected", "true")
    expect(thread.box.get_by_role("article")).to_have_count(1)
    someone.page.keyboard.press("ArrowRight")
    expect(thread.box.get_by_role("article")).to_have_count(2)
    expect(thread.box.get_by_role("article").first).to_contain_text("Question to the author")
    thread.box.get_by_role("button", name="Show in the conversation").nth(1).click()
    expect(thread.comment("By the river.").box).to_be_focused()
    expect(thread.box).to_contain_text("You are looking at one conversation.")
    thread.box.get_by_role("button", name="Answered").click()
    expect(thread.comment("By the river.").box).to_be_focused()


def test_nothing_moves_when_something_changes_above(paper: Paper, visit: Visit) -> None:
    birke = paper.member("birke")
    first = birke.post("news", "At the bottom.")
    for number in range(20):
        birke.post("news", f"Comment {number}.")
    last = birke.post("news", "On top.")
    someone = visit(paper, "news")
    someone.wait_until_live()
    box = someone.thread.comment("At the bottom.").box
    box.scroll_into_view_if_needed()
    for anchored in ("auto", "none"):  # as most browsers do, and as Safari, which does not keep the place itself
        someone.page.evaluate(f"document.documentElement.style.setProperty('overflow-anchor', '{anchored}')")
        settle(someone.page)
        before = box.bounding_box()
        birke.edit(last["id"], f"On top, {anchored}.\n\n" + "Much longer. " * 150)
        expect(someone.thread.comment(f"On top, {anchored}.").box).to_have_count(1)
        settle(someone.page)
        after = box.bounding_box()
        assert before is not None and after is not None
        assert abs(before["y"] - after["y"]) < 2, anchored
    assert first["id"]


def settle(page: Page) -> None:
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def test_a_thread_says_when_it_closes(paper: Paper, visit: Visit) -> None:
    paper.member("birke").post("news", "Said in time.")
    hours = {"opens_at": None, "closes_at": "2100-01-01T18:00:00Z"}
    paper.moderator().call("PUT", f"/sites/{paper.key}/articles/news/hours", hours).expect(200)
    expect(visit(paper, "news").thread.box).to_contain_text("Closes January 1, 2100")


def answered(paper: Paper) -> None:
    kiesel = paper.member("kiesel")
    reply = kiesel.post("news", "The reply.", kiesel.post("news", "The root.")["id"])
    kiesel.post("news", "The answer to it.", reply["id"])


@pytest.mark.parametrize("name", [None, "birke"], ids=["nobody", "birke"])
def test_what_a_reply_answers_is_shown_to_who_points_at_it(
    new_paper: Callable[..., Paper], visit: Visit, name: str | None
) -> None:
    paper = new_paper(max_depth=1)
    answered(paper)
    someone = visit(paper, "news", name)
    someone.wait_until_live()
    thread, keyboard = someone.thread, someone.page.keyboard
    button = thread.box.get_by_role("button", name="in reply to kiesel")
    preview = thread.box.get_by_role("tooltip")
    button.hover()
    expect(preview.locator(".body")).to_have_text("The reply.")
    expect(button).to_have_accessible_description(re.compile("The reply."))
    preview.hover()
    someone.page.wait_for_timeout(600)  # longer than its patience with a pointer that left
    expect(preview).to_be_visible()
    keyboard.press("Escape")
    expect(preview).to_have_count(0)
    thread.heading.hover()
    button.hover()
    expect(preview).to_be_visible()
    thread.heading.hover()
    expect(preview).to_have_count(0)
    button.focus()
    expect(preview).to_be_visible()
    keyboard.press("Escape")
    expect(preview).to_have_count(0)
    expect(button).to_be_focused()
    keyboard.press("Enter")
    expect(thread.comment("The reply.").box).to_be_focused()


def test_a_tap_shows_what_a_reply_answers_and_another_leads_there(
    new_paper: Callable[..., Paper], visit: Visit
) -> None:
    paper = new_paper(max_depth=1)
    answered(paper)
    phone = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}
    someone = visit(paper, "news", "birke", browser=phone)
    someone.wait_until_live()
    thread = someone.thread
    expect(thread.box.locator("[part=bell]")).to_be_visible()
    button = thread.box.get_by_role("button", name="in reply to kiesel")
    preview = thread.box.get_by_role("tooltip")
    button.tap()
    expect(preview.locator(".body")).to_have_text("The reply.")
    thread.heading.tap()
    expect(preview).to_have_count(0)
    button.tap()
    expect(preview).to_be_visible()
    button.tap()
    expect(preview).to_have_count(0)
    expect(thread.comment("The reply.").box).to_be_focused()
