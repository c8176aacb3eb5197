"""Without JavaScript: the link under the tag leads to the thread as a plain page, which is paged, read and walked."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.browsers import Reader
from tests.e2e.newspaper import Newspaper
from tests.e2e.test_console_axe import LOOKS, SHOTS, sticking_out, violations
from tests.live.paper import Paper
from tests.served import Served

LONG = "The council has decided on the bicycle lanes, and nobody asked the shops. See https://example.com/minutes."


@pytest.fixture
def busy(paper: Paper) -> dict[str, str]:
    """More than a page of roots; one of them with many replies, deep ones, a stub and a pick."""
    birke, kiesel, desk = paper.member("birke", badges=["staff"]), paper.member("kiesel"), paper.moderator()
    for number in range(1, 31):
        kiesel.post("news", f"Number {number}. {LONG}")
    root = birke.post("news", f"The root. {LONG}")["id"]
    deep = root
    for level in range(1, 7):
        deep = kiesel.post("news", f"Level {level}. {LONG}", deep)["id"]
    gone = birke.post("news", "To be withdrawn.", root)["id"]
    kiesel.post("news", "Below what is withdrawn.", gone)
    birke.withdraw(gone)
    desk.mark(root, "pick", True)
    return {"root": root, "deep": deep}


def test_the_link_under_the_tag_leads_to_the_thread(
    paper: Paper, busy: dict[str, str], reader: Callable[..., Reader], newspaper: Newspaper
) -> None:
    page = reader(java_script_enabled=False).page
    page.goto(newspaper.address(paper, "news"))
    expect(page.locator("comment-thread")).to_have_count(0)
    page.get_by_role("link", name="Read the comments").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Comments")
    expect(page.get_by_text("38 comments", exact=True)).to_be_visible()
    roots = page.locator("main > ol > li")
    expect(roots).to_have_count(25)
    expect(roots.first).to_contain_text("The root.")
    page.get_by_role("link", name="Show 4 more replies").click()
    expect(page.get_by_text("Level 6.")).to_be_visible()
    expect(page.get_by_text("Withdrawn by its author.")).to_be_visible()
    page.get_by_role("link", name="Show all comments").click()
    page.get_by_role("link", name="Show more comments").click()
    expect(roots).to_have_count(6)
    expect(roots.last).to_contain_text("Number 1.")
    expect(page.get_by_role("link", name="Show more comments")).to_have_count(0)
    page.get_by_role("link", name="Oldest").click()
    expect(roots.first).to_contain_text("Number 1.")
    expect(page.get_by_role("link", name="Oldest")).to_have_attribute("aria-current", "page")


def test_axe_finds_nothing_in_it(
    paper: Paper, new_paper: Callable[..., Paper], busy: dict[str, str], reader: Callable[..., Reader], service: Served
) -> None:
    """Nor does anything stick out on a narrow phone, in either direction of writing."""
    closed = new_paper(read="subscribers")
    closed.member("birke").post("news", LONG)
    path = f"/articles/{paper.key}/news"
    screens = {
        "first": path, "middle": f"{path}?sort=oldest", "deep": f"{path}?comment={busy['deep']}",
        "arabic": f"{path}?lang=ar", "closed": f"/articles/{closed.key}/news", "empty": f"{path}-none",
        "lost": "/articles/nobody/news",
    }  # fmt: skip
    faults: list[Any] = []
    someone = reader()
    someone.foresee("404")
    for name, address in screens.items():
        for look, viewport, scheme in LOOKS:
            someone.page.set_viewport_size(viewport)
            someone.page.emulate_media(color_scheme=scheme)
            someone.page.goto(service.url + address)
            if SHOTS is not None:
                someone.page.screenshot(path=f"{SHOTS}/plain-{name}-{look}.png")
            faults += [f"{name}, {look}: {one}" for one in (*violations(someone.page), *sticking_out(someone.page))]
    assert faults == []
