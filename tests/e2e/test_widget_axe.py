"""The widget in every state, light and dark, on a desktop and a phone, from left to right and from right to left:
axe-core finds nothing, nothing sticks out, what is to be pressed is large enough. `make pictures` takes pictures of it.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize

from tests.e2e import states, states_around, states_of_writers
from tests.e2e.widget_stage import STATES, Stage

__all__ = ["states", "states_around", "states_of_writers"]  # imported for what they register

AXE = Path(__file__).parents[2] / "comments/frontend/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESKTOP, PHONE = ViewportSize(width=1000, height=760), ViewportSize(width=320, height=640)
LOOKS: list[tuple[str, ViewportSize, Any]] = [
    ("light-desktop", DESKTOP, "light"),
    ("dark-desktop", DESKTOP, "dark"),
    ("light-phone", PHONE, "light"),
    ("dark-phone", PHONE, "dark"),
]
SHOTS = os.environ.get("SHOTS")  # a folder for pictures of all states
RUN = (
    """rules => axe.run({include: [["comment-thread"]]}, {runOnly: rules, resultTypes: ["violations", "incomplete"]})"""
)
# Whatever the pointer may press, with what its label adds. Targets within a sentence may be as small as its letters.
SMALL = """() => {
    const PRESSED = "button, a[href], select, input, textarea, [role=menuitem], [role=tab], [role=option]";
    const root = document.querySelector("comment-thread").shadowRoot;
    const inSentence = (one) => one.closest("[part=body]") && one.matches("a[href]");
    return [...root.querySelectorAll(PRESSED)]
        .filter((one) => one.checkVisibility() && !inSentence(one) && !one.closest("[aria-hidden=true]"))
        .map((one) => [one, (one.closest("label") ?? one).getBoundingClientRect()])
        .filter(([, { width, height }]) => width > 0 && (width < 23.99 || height < 23.99))
        .map(([one, { width, height }]) =>
            `too small: ${one.outerHTML.slice(0, 120)} is ${width.toFixed(1)} × ${height.toFixed(1)}`)
        .filter((_, at) => at < 3);
}"""
COVERED = {"bgOverlap", "elmPartiallyObscured", "elmPartiallyObscuring", "partiallyObscured", "shortTextContent"}
WIDE = """() => {
    const root = document.querySelector("comment-thread").shadowRoot;
    const page = document.documentElement;
    const all = [...root.querySelectorAll("*")]
        .filter((one) => one.checkVisibility() && !one.closest("pre, .sr, [role=tablist]"));
    const outside = all.filter((one) => {
        const {left, right, width} = one.getBoundingClientRect();
        return width > 0 && (left < -1 || right > innerWidth + 1);
    });
    const over = page.scrollWidth > page.clientWidth + 1;
    return [
        ...(over ? [`the page is ${page.scrollWidth} wide in ${page.clientWidth}`] : []),
        ...outside.slice(0, 3).map((one) => `sticks out: ${one.outerHTML.slice(0, 120)}`),
    ];
}"""


@pytest.mark.parametrize("name", STATES)
@pytest.mark.parametrize("stage", ["en", "ar"], indirect=True)
def test_every_state(stage: Stage, name: str) -> None:
    STATES[name](stage)
    page = stage.someone.page
    faults: list[str] = []
    for look, viewport, scheme in LOOKS:
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.wait_for_timeout(120)  # painted anew
        if SHOTS is not None:
            page.screenshot(path=f"{SHOTS}/{name}-{stage.language}-{look}.png", full_page=True)
        found = wrong(page)
        if found:  # a busy browser paints late: what is wrong is so a second later, too
            page.wait_for_timeout(1000)
            found = wrong(page)
        faults += [f"{look}: {fault}" for fault in found]
    assert not faults, "\n".join(faults)


def wrong(page: Page) -> list[str]:
    return [*violations(page), *page.evaluate(SMALL), *page.evaluate(WIDE)]


def violations(page: Page) -> Iterator[str]:
    """What axe-core finds, and the contrasts that it could not compute; what a menu or a bar covers for the moment, and
    the one letter of an avatar, which test_contrast_of_avatars computes, are no faults.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found = page.evaluate(RUN, RULES)
    unsure = [fault for fault in found["incomplete"] if fault["id"] == "color-contrast"]
    for fault in [*found["violations"], *unsure]:
        nodes = [node for node in fault["nodes"] if not any(COVERED & {_key(check)} for check in node["any"])]
        if nodes:
            told = [f"{node['html'][:200]} {node['failureSummary']}" for node in nodes[:3]]
            yield f"{fault['id']}, {len(nodes)} times: {'; '.join(told)}"


def _key(check: Any) -> str | None:
    data = check["data"]
    return data.get("messageKey") if isinstance(data, dict) else None
