"""For whoever reads and writes by keyboard, by ear, large, without motion, in colours or a language of their own."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e import states, states_around, states_of_writers
from tests.e2e.browsers import Reader
from tests.e2e.newspaper import Newspaper
from tests.e2e.talk import talk
from tests.e2e.widget_stage import STATES, Stage
from tests.live.paper import Paper

__all__ = ["states", "states_around", "states_of_writers"]  # imported for what they register

Visit = Callable[..., Reader]
ENGLISH = pytest.mark.parametrize("stage", ["en"], indirect=True)
FOCUSED = """() => {
    const inside = document.querySelector("comment-thread").shadowRoot.activeElement;
    return inside ? (inside.getAttribute("aria-label") ?? inside.textContent).trim() : null;
}"""
# Where the focus is, in sight: not under something that lies over it, and with a ring that can be told from the rest.
HIDDEN = """() => {
    const root = document.querySelector("comment-thread").shadowRoot;
    const one = root.activeElement;
    if (!one) return null;
    const {x, y, width, height} = one.getBoundingClientRect();
    const top = root.elementFromPoint(x + Math.min(width, innerWidth) / 2, y + height / 2);
    const style = getComputedStyle(one);
    const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1 || style.boxShadow !== "none";
    const over = top && top !== one && !one.contains(top) && !top.contains(one);
    return over ? `${one.outerHTML.slice(0, 90)} lies under ${top.outerHTML.slice(0, 90)}`
        : ring || one.matches("article") ? null : `${one.outerHTML.slice(0, 90)} has no ring`;
}"""


def focused(page: Page) -> str | None:
    found: str | None = page.evaluate(FOCUSED)
    return found


def tab_to(page: Page, element: Locator, most: int = 60, back: bool = False) -> None:
    """By the tab key alone; the focus is in sight at every step."""
    for _ in range(most):
        if element.evaluate("one => one === one.getRootNode().activeElement"):
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
        hidden = page.evaluate(HIDDEN)
        assert hidden is None, hidden
    raise AssertionError(f"the tab key does not lead to {element}; it is at {focused(page)}")


@ENGLISH
def test_a_story_by_keyboard(stage: Stage) -> None:
    """Read, recommend, write, answer, edit, report, mute, withdraw; after each the focus is where one goes on."""
    ids = talk(stage)
    page = stage.read("kiesel").page
    keys = page.keyboard

    tab_to(page, stage.button("thread.join"))
    keys.press("Enter")
    field = stage.box.get_by_role("textbox", name=stage.says("write.label"))
    expect(field).to_be_focused()
    keys.type("By keys alone.")
    keys.press("Control+Enter")
    mine = stage.comments.filter(has_text="By keys alone.")
    expect(mine).to_be_focused()

    root = stage.by(ids["root"])
    answer = stage.button("comment.reply", root)
    tab_to(page, answer)
    keys.press("Enter")
    expect(stage.box.get_by_role("textbox", name=stage.says("write.reply_label"))).to_be_focused()
    keys.type("An answer by keys.")
    keys.press("Control+Enter")
    expect(stage.comments.filter(has_text="An answer by keys.")).to_be_focused()

    dots = stage.button("comment.menu", mine)
    tab_to(page, dots, back=True)
    keys.press("Enter")
    expect(stage.box.get_by_role("menuitem").first).to_be_focused()
    keys.press("Escape")
    expect(stage.box.get_by_role("menu")).to_have_count(0)
    expect(mine).to_be_focused()

    edit(stage, mine)
    report(stage, stage.by(ids["list"]))
    withdraw(stage, mine)


def pick(stage: Stage, comment: Locator, key: str, back: bool = False) -> None:
    """An item of a comment's menu, by the arrow keys."""
    page = stage.someone.page
    tab_to(page, stage.button("comment.menu", comment), back=back)
    page.keyboard.press("Enter")
    item = comment.get_by_role("menuitem", name=stage.says(key), exact=True)
    expect(item).to_be_visible()
    for _ in range(12):
        if item.evaluate("one => one === one.getRootNode().activeElement"):
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def edit(stage: Stage, mine: Locator) -> None:
    keys = stage.someone.page.keyboard
    own = stage.box.locator(f"#{mine.get_attribute('id')}")  # its text gives way to the editor
    pick(stage, own, "menu.edit")
    expect(own.get_by_role("textbox")).to_be_focused()
    keys.press("Control+End")
    keys.type(" And changed.")
    keys.press("Control+Enter")
    changed = stage.comments.filter(has_text="And changed.")
    expect(changed).to_be_visible()
    expect(changed).to_be_focused()


def report(stage: Stage, theirs: Locator) -> None:
    keys = stage.someone.page.keyboard
    pick(stage, theirs, "menu.report")
    expect(theirs.get_by_role("radio").first).to_be_focused()
    keys.press("Space")
    tab_to(stage.someone.page, stage.button("report.send"))
    keys.press("Enter")
    expect(stage.box.get_by_role("status").first).to_contain_text("Thank you.")
    expect(theirs).to_be_focused()


def withdraw(stage: Stage, mine: Locator) -> None:
    own = stage.box.locator(f"#{mine.get_attribute('id')}")
    pick(stage, mine, "menu.withdraw", back=True)
    expect(stage.button("menu.keep")).to_be_focused()
    stage.someone.page.keyboard.press("Escape")
    expect(own).to_be_focused()
    pick(stage, own, "menu.withdraw")
    tab_to(stage.someone.page, stage.button("menu.withdraw", own.get_by_role("alertdialog")))
    stage.someone.page.keyboard.press("Enter")
    expect(stage.box.get_by_role("alertdialog")).to_have_count(0)
    stage.someone.page.wait_for_function(FOCUSED)  # is not lost with the comment


@ENGLISH
def test_a_thread_as_it_is_heard(stage: Stage) -> None:
    """Nested lists of articles with names that say who, when, and which answer of how many."""
    ids = talk(stage)
    stage.read("kiesel")
    expect(stage.by(ids["deep"])).to_be_visible()
    expect(stage.box.get_by_role("region", name="Comments")).to_match_aria_snapshot("""
        - region "Comments":
          - heading "12 comments" [level=2]
          - combobox "Order"
          - button "Join the conversation"
          - list:
            - listitem:
              - article /Comment by kiesel, now/
    """)
    below = stage.box.locator(f"li:has(> #comment-{ids['root']})")
    expect(below).to_match_aria_snapshot("""
        - listitem:
          - article /Comment by birke, now/
          - list:
            - listitem:
              - article /Reply 1 of \\d by ahorn, now/
              - list:
                - listitem:
                  - article /Reply 1 of 1 by kiesel, now/
                  - list:
                    - listitem:
                      - article /Reply 1 of 1 by birke, now/
    """)


@ENGLISH
def test_arrivals_are_said_and_take_no_focus(stage: Stage) -> None:
    """A polite region that was there before says it; who is writing goes on writing."""
    talk(stage)
    someone = stage.read("kiesel")
    someone.wait_until_live()
    stage.compose("Half a thought")
    bar = stage.box.locator(".arrivals[aria-live=polite]")
    expect(bar).to_be_attached()
    stage.member("birke").post("news", "Said meanwhile.")
    expect(stage.button("live.new", bar)).to_be_visible()
    assert focused(someone.page) == "Your comment"
    someone.page.keyboard.type(", and on")
    expect(stage.box.get_by_role("textbox", name="Your comment")).to_have_value("Half a thought, and on")


SPACED = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
        * { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
        p { margin-block-end: 2em !important; }`);
    const root = document.querySelector("comment-thread").shadowRoot;
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
}"""
# Text that its own box cuts off.
CUT_OFF = """() => {
    const root = document.querySelector("comment-thread").shadowRoot;
    return [...root.querySelectorAll("*")]
        .filter((one) => one.checkVisibility() && one.textContent.trim())
        .filter((one) => !one.closest(".sr, pre, .avatar, svg, textarea, select"))
        .filter((one) => getComputedStyle(one).overflow !== "visible")
        .filter((one) => one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1)
        .map((one) => one.outerHTML.slice(0, 100));
}"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
STATES_WITH_MUCH_IN_THEM = ["thread-of-a-member", "composer-with-text", "report", "receipt-rejected", "menu", "warned"]


@pytest.mark.parametrize("name", STATES_WITH_MUCH_IN_THEM)
@pytest.mark.parametrize("stage", ["en", "ar"], indirect=True)
def test_large_and_spaced_out(stage: Stage, name: str) -> None:
    """WCAG 1.4.4, 1.4.10, 1.4.12: at 200 % and in 320 px nothing scrolls sideways, widely spaced nothing is lost."""
    STATES[name](stage)
    page = stage.someone.page
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate(SIDEWAYS) <= 0, "320 px"
    page.set_viewport_size({"width": 640, "height": 640})
    page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
    assert page.evaluate(SIDEWAYS) <= 0, "200 %"
    page.evaluate("() => { document.documentElement.style.fontSize = '' }")
    page.evaluate(SPACED)
    for width in (320, 1000):
        page.set_viewport_size({"width": width, "height": 640})
        assert page.evaluate(SIDEWAYS) <= 0, f"spaced out in {width} px"
        assert page.evaluate(CUT_OFF) == []


MOVING = """() => {
    const root = document.querySelector("comment-thread").shadowRoot;
    const lasts = (value) => value.split(",").some((one) => parseFloat(one) > 0);
    const still = [...root.querySelectorAll("*")].filter((one) => {
        const style = getComputedStyle(one);
        return (lasts(style.transitionDuration) || (style.animationName !== "none" && lasts(style.animationDuration)));
    });
    return [...still.map((one) => one.outerHTML.slice(0, 100)), ...document.getAnimations().map(String)];
}"""


@pytest.mark.parametrize("name", ["loading", "arrivals", "copied", "menu", "composer-with-text", "permalink"])
@ENGLISH
def test_without_motion(stage: Stage, name: str) -> None:
    stage.options = {"reduced_motion": "reduce"}
    STATES[name](stage)
    assert stage.someone.page.evaluate(MOVING) == []


@pytest.mark.parametrize("name", ["thread-of-a-member", "composer-with-text", "report", "menu"])
@ENGLISH
def test_in_the_systems_own_colours(stage: Stage, name: str) -> None:
    """Every button and field can be told from its surroundings, and so can what has the focus."""
    stage.options = {"forced_colors": "active", "color_scheme": "dark"}
    STATES[name](stage)
    faults = stage.someone.page.evaluate("""() => {
        const root = document.querySelector("comment-thread").shadowRoot;
        const edge = (one) => {
            const style = getComputedStyle(one);
            return parseFloat(style.borderTopWidth) >= 1 && style.borderTopStyle !== "none";
        };
        return [...root.querySelectorAll(".button, textarea, .join, .popup, .avatar")]
            .filter((one) => one.checkVisibility() && !edge(one)).map((one) => one.outerHTML.slice(0, 100));
    }""")
    assert faults == []
    page = stage.someone.page
    for _ in range(12):
        page.keyboard.press("Tab")
        hidden = page.evaluate(HIDDEN)
        assert hidden is None, hidden


def test_white_letters_on_every_avatar(paper: Paper, visit: Visit) -> None:
    """Whatever the number of a member makes of the hue: 3 to 1, as large text needs, is not enough for us."""
    paper.member("birke").post("news", "With a face.")
    page = visit(paper, "news").page
    contrasts = page.evaluate("""() => {
        const avatar = document.querySelector("comment-thread").shadowRoot.querySelector(".avatar");
        const linear = (part) => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4;
        const luminance = (color) => {
            const [r, g, b] = color.match(/[\\d.]+/g).map((part) => linear(part / 255));
            return .2126 * r + .7152 * g + .0722 * b;
        };
        return Array.from({length: 360}, (_, hue) => {
            avatar.style.setProperty("--hue", hue);
            const { color, backgroundColor } = getComputedStyle(avatar);
            const [light, dark] = [luminance(color), luminance(backgroundColor)].sort((a, b) => b - a);
            return (light + .05) / (dark + .05);
        });
    }""")
    assert min(contrasts) >= 4.5, f"{min(contrasts):.2f} at {contrasts.index(min(contrasts))}"


@pytest.mark.parametrize(
    ("page_speaks", "browser_speaks", "told", "heading", "direction"),
    [
        ("fr", "de-DE", None, "Commentaires", "ltr"),
        ("pt-BR", "de-DE", None, "Comentários", "ltr"),
        ("he-IL", "en-GB", None, "תגובות", "rtl"),
        ("zh-Hant", "pl-PL", None, "Komentarze", "ltr"),
        ("zh-Hant", "zh-TW", None, "Comments", "ltr"),
        ("en-GB", "de-DE", None, "Comments", "ltr"),
        ("fr", "de-DE", "ar", "التعليقات", "rtl"),
    ],
)
def test_the_pages_language_unless_told_otherwise(
    paper: Paper,
    reader: Callable[..., Reader],
    newspaper: Newspaper,
    page_speaks: str,
    browser_speaks: str,
    told: str | None,
    heading: str,
    direction: str,
) -> None:
    someone = reader(locale=browser_speaks)
    someone.page.goto(newspaper.address(paper, "news", language=page_speaks))
    if told:
        someone.page.evaluate("told => document.querySelector('comment-thread').setAttribute('lang', told)", told)
    expect(someone.thread.heading).to_have_text(heading)
    place = someone.thread.box.locator("[part=thread]")
    expect(place).to_have_attribute("dir", direction)
    language: Any = place.get_attribute("lang")
    assert heading == {"en": "Comments"}.get(language, heading)
