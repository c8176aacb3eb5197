"""Writing: toolbar and preview, people, what is pasted, drafts in every tab, refused words, back from a log-in."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.browsers import Reader
from tests.e2e.cable import Cable
from tests.e2e.newspaper import Newspaper
from tests.live.paper import Paper

Visit = Callable[..., Reader]
CAUGHT_UP = 30_000  # milliseconds
PASTE = """(field, html) => {
    const data = new DataTransfer();
    for (const [type, text] of Object.entries(html)) data.setData(type, text);
    const how = { clipboardData: data, bubbles: true, composed: true, cancelable: true };
    field.dispatchEvent(new ClipboardEvent("paste", how));
}"""


def test_the_toolbar_is_one_stop_and_the_preview_looks_like_the_comment(paper: Paper, visit: Visit) -> None:
    someone = visit(paper, "news", "kiesel")
    thread, keys = someone.thread, someone.page.keyboard
    thread.write("so **bold**")
    bar = thread.box.get_by_role("toolbar", name="Formatting")
    thread.field.press("Shift+Tab")
    expect(bar.get_by_role("button", name="Bold")).to_be_focused()
    keys.press("ArrowRight")
    expect(bar.get_by_role("button", name="Italic")).to_be_focused()
    expect(bar.get_by_role("button", name="Italic")).to_have_attribute("title", "Italic (Ctrl+I)")
    keys.press("End")
    keys.press("Enter")
    expect(thread.box.get_by_role("region", name="Preview").locator("strong")).to_have_text("bold")
    expect(thread.field).to_be_hidden()
    keys.press("Enter")
    expect(thread.field).to_be_focused()
    expect(thread.field).to_have_value("so **bold**")
    keys.press("Escape")
    expect(thread.field).to_be_visible()  # something would be lost
    keys.press("Control+Enter")
    expect(thread.comment("so bold").box).to_be_visible()


def test_people_of_the_thread_are_offered_and_no_key_is_stolen(paper: Paper, visit: Visit) -> None:
    paper.member("birke").post("news", "First.")
    paper.member("bertha").post("news", "Second.")
    someone = visit(paper, "news", "kiesel", browser={"viewport": {"width": 320, "height": 640}})
    thread, keys = someone.thread, someone.page.keyboard
    thread.write("")
    keys.type("Hello @b")
    options = thread.box.get_by_role("listbox").get_by_role("option")
    expect(options).to_have_text([re.compile("bertha"), re.compile("birke")])
    assert thread.box.get_by_role("listbox").bounding_box()["x"] >= 0  # type: ignore[index]
    keys.press("ArrowDown")
    expect(thread.field).to_have_attribute("aria-activedescendant", "person-1")
    keys.press("Enter")
    expect(thread.field).to_have_value("Hello @birke ")
    expect(options).to_have_count(0)
    keys.press("Enter")
    keys.type("new line")
    expect(thread.field).to_have_value("Hello @birke \nnew line")


def test_a_paste_keeps_links_and_can_be_undone(paper: Paper, visit: Visit) -> None:
    thread = visit(paper, "news", "kiesel").thread
    thread.write("this page")
    thread.field.evaluate(PASTE, {"text/html": '<p>see <a href="https://e.org/">it</a></p>', "text/plain": "see it"})
    expect(thread.field).to_have_value("this pagesee [it](https://e.org/)")
    thread.field.press("Control+z")
    expect(thread.field).to_have_value("this page")
    thread.field.evaluate("field => field.setSelectionRange(0, 4)")
    thread.field.evaluate(PASTE, {"text/plain": "https://e.org/a"})
    expect(thread.field).to_have_value("[this](https://e.org/a) page")


def test_two_tabs_write_one_draft_and_posting_ends_it(paper: Paper, visit: Visit) -> None:
    someone = visit(paper, "news", "kiesel")
    first, page = someone.thread, someone.page
    first.write("Half")
    expect(first.box.get_by_text("Draft kept")).to_be_visible()
    someone.another_page()
    second = someone.read(page.url)
    second.field.fill("Half and half")
    expect(first.field).to_have_value("Half and half")
    second.send()
    expect(second.comment("Half and half").box).to_be_visible()
    expect(first.field).to_have_value("")


def test_refused_words_are_quoted_and_selected(new_paper: Callable[..., Paper], visit: Visit) -> None:
    paper = new_paper(banned_words=("gadzooks",), banned_words_action="refuse")
    someone = visit(paper, "news", "kiesel")
    someone.foresee("status of 422")
    thread = someone.thread
    thread.write("All **well**. Then gadzooks they said. The end.")
    thread.send()
    expect(thread.box.get_by_role("alert").locator("mark")).to_have_text("gadzooks")
    expect(thread.box.get_by_role("alert").locator("blockquote")).to_have_text("Then gadzooks they said.")
    selected = "field => field.value.slice(field.selectionStart, field.selectionEnd)"
    assert thread.field.evaluate(selected) == "gadzooks"


def test_back_from_the_log_in_one_is_at_the_reply(paper: Paper, visit: Visit, newspaper: Newspaper) -> None:
    newspaper.accounts["birke"] = "active"
    paper.member("kiesel").post("news", "Answer me.")
    someone = visit(paper, "news")
    thread = someone.thread
    thread.comment("Answer me.").box.get_by_role("button", name="Reply", exact=True).click()
    field = thread.box.get_by_role("textbox", name="Your reply to kiesel")
    field.fill("An answer")
    thread.box.locator("form").get_by_role("link", name="Log in").click()
    someone.page.get_by_role("link", name="birke").click()
    expect(field).to_have_value("An answer")
    expect(field).to_be_focused()
    expect(field).to_be_in_viewport()


def test_a_text_sent_without_a_line_survives_a_reload_and_goes_out_once(
    paper: Paper, visit: Visit, cable: Cable, newspaper: Newspaper
) -> None:
    someone = visit(paper, "news", "kiesel", service=cable.url)
    someone.foresee("net::ERR_|WebSocket connection")
    someone.thread.write("Sent before the reload.")
    cable.cut()
    someone.thread.send()
    expect(someone.thread.box.get_by_role("alert")).to_contain_text("Not sent yet.")
    cable.mend()
    someone.page.reload()
    expect(someone.thread.comment("Sent before the reload.").box).to_be_visible(timeout=CAUGHT_UP)
    assert [one["body"] for one in paper.page("news")["comments"]] == [[["p", "Sent before the reload."]]]
