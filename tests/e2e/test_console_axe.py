"""Every screen of the console, light, dark and on a narrow phone: axe-core finds nothing, and nothing sticks out."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.e2e.browsers import Reader
from tests.e2e.pages import ConsoleOnPage
from tests.e2e.test_offline_decisions import NO_NETWORK
from tests.live.paper import HELD, Paper
from tests.served import Served

Enter = Callable[..., ConsoleOnPage]
AXE = Path(__file__).parents[2] / "comments/frontend/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDE, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=320, height=640)
LOOKS: list[tuple[str, ViewportSize, Any]] = [
    ("light", WIDE, "light"),
    ("dark", WIDE, "dark"),
    ("phone", PHONE, "light"),
]
SHOTS = os.environ.get("SHOTS")  # a folder: pictures of all screens for whoever wants to look at them
LONG = "The council has decided on the bicycle lanes, and nobody asked the shops. See https://example.com/minutes."


class Looked:
    """What is wrong with the screens looked at so far."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def at(self, page: Page, screen: str) -> None:
        for look, viewport, scheme in LOOKS:
            page.set_viewport_size(viewport)
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.wait_for_timeout(250)
            if SHOTS is not None:
                page.screenshot(path=f"{SHOTS}/axe-{screen}-{look}.png")
            faults = [*violations(page), *sticking_out(page)]
            if faults:  # a busy browser paints late: what is wrong is so a second later, too
                page.wait_for_timeout(1000)
                faults = [*violations(page), *sticking_out(page)]
            self.faults += [f"{screen}, {look}: {fault}" for fault in faults]
        page.set_viewport_size(WIDE)
        page.emulate_media(color_scheme="light")


def violations(page: Page) -> Iterator[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
    for fault in found["violations"]:
        nodes = [f"{node['html'][:200]} {node['failureSummary']}" for node in fault["nodes"][:3]]
        yield f"{fault['id']}, {len(fault['nodes'])} times: {'; '.join(nodes)}"


def sticking_out(page: Page) -> list[str]:
    """The page itself never scrolls sideways; a wide table does so in a box of its own."""
    wide: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("html, main, dialog, .detail, .list")]
            .filter((one) => one.scrollWidth > one.clientWidth + 1)
            .map((one) => `${one.tagName}.${one.className} is ${one.scrollWidth} wide in ${one.clientWidth}`)"""
    )
    return wide


@pytest.fixture
def busy(paper: Paper) -> dict[str, str]:
    """A site on which there is something to see on every screen; the comments by the queue that they stand in."""
    kiesel, bach, desk = paper.member("kiesel"), paper.member("bach"), paper.moderator()
    root = bach.post("the-bicycle-lanes", LONG)["id"]
    reported = kiesel.post("the-bicycle-lanes", "Read it again, and slowly this time.", root)["id"]
    bach.report(reported, "abuse").expect(201)
    appealed = kiesel.post("the-bicycle-lanes", "Nobody believes that.")["id"]
    desk.reject(appealed)
    kiesel.call("POST", f"/api/v1/comments/{appealed}/appeal", {"text": "I only repeat what stands there."}).expect(201)
    waiting = [kiesel.post("the-bicycle-lanes", f"{HELD} of number {number}. {LONG}")["id"] for number in range(3)]
    body = {"reason": "abuse", "text": "Stay polite, please.", "comment_id": reported}
    desk.call("POST", f"/members/{kiesel.id}/warnings", body).expect(200, 201)
    desk.call("POST", f"/comments/{waiting[0]}/notes", {"text": "Wrote the same yesterday."}).expect(200, 201)
    return {"waiting": waiting[0], "reported": reported, "new": root, "appeals": appealed, "member": kiesel.id}


@pytest.mark.timeout(900)
def test_every_screen(
    paper: Paper, busy: dict[str, str], enter: Enter, reader: Callable[..., Reader], service: Served
) -> None:
    looked = Looked()
    stranger = reader()
    stranger.foresee("status of 401")
    door = ConsoleOnPage(stranger.page, service.url)
    door.page.goto(door.url)
    expect(door.page.get_by_label("Password")).to_be_visible()
    looked.at(door.page, "sign-in")

    console = enter(paper, role="administrator", foreseen=NO_NETWORK)
    page, base = console.page, f"{console.url}/{paper.key}"
    queues(page, base, busy, looked)
    dialogs(page, base, busy, looked)
    for screen, path, there in (
        ("search-comments", "search?q=council", page.locator(".hit").first),
        ("search-members", "search?q=kie&kind=members", page.locator(".hit").first),
        ("member", f"members/{busy['member']}", page.get_by_text("Everybody begins with")),
        ("comment", f"comments/{busy['reported']}", page.locator(".subject .body")),
        ("rules", "rules", page.get_by_role("heading", name="Rules", exact=True)),
        ("classifiers", "classifiers", page.get_by_role("heading", name="Classifiers", exact=True)),
        ("figures", "figures", page.get_by_role("heading", name="Figures", exact=True)),
        ("texts", "texts", page.get_by_role("heading", level=1)),
        ("articles", "articles", page.get_by_role("table")),
        ("audit", "audit", page.get_by_role("table")),
        ("account", "account", page.get_by_role("heading", name="Account", exact=True)),
        ("nothing", "nowhere", page.get_by_role("heading", name="Nothing here")),
    ):
        page.goto(f"{base}/{path}")
        expect(there).to_be_visible()
        looked.at(page, screen)
    account(page, base, looked)
    assert not looked.faults, "\n".join(looked.faults)


def account(page: Page, base: str, looked: Looked) -> None:
    """A second factor is set up, and the console asks for the password once more."""
    page.goto(f"{base}/account")
    page.get_by_role("button", name="Set up").click()
    secret = page.locator(".secret").inner_text().replace(" ", "")
    looked.at(page, "account-qr")
    page.get_by_role("textbox", name="Code").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_role("listitem").filter(has_text=re.compile("^[a-z2-7]{6}-")).first).to_be_visible()
    looked.at(page, "account-codes")
    page.get_by_role("button", name="I have kept them").click()
    page.get_by_role("button", name="Remove second factor").click()
    looked.at(page, "account-proof")
    page.keyboard.press("Escape")


def queues(page: Page, base: str, busy: dict[str, str], looked: Looked) -> None:
    for queue in ("waiting", "reported", "new", "appeals"):
        page.goto(f"{base}/{queue}/{busy[queue]}")
        expect(page.locator(".subject .body")).to_be_visible()
        looked.at(page, f"queue-{queue}")
    page.set_viewport_size(PHONE)
    page.goto(f"{base}/waiting")
    expect(page.get_by_role("listitem").filter(has_text="number 0")).to_be_visible()
    looked.at(page, "list")
    page.get_by_role("button", name="Filters").click()
    looked.at(page, "filters")


def dialogs(page: Page, base: str, busy: dict[str, str], looked: Looked) -> None:
    page.goto(f"{base}/waiting/{busy['waiting']}")
    expect(page.locator(".subject .body")).to_be_visible()
    for screen, key in (
        ("help", "?"),
        ("reject", "r"),
        ("ban", "b"),
        ("warn", "w"),
        ("note", "n"),
        ("premoderate", "m"),
    ):
        page.keyboard.press(key)
        expect(page.get_by_role("dialog")).to_be_visible()
        looked.at(page, f"dialog-{screen}")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile("thread", re.I)).first).to_be_visible()
    looked.at(page, "thread")
    page.keyboard.press("a")
    expect(page.get_by_role("log").get_by_role("button", name="Undo")).to_be_visible()
    looked.at(page, "decided")
    page.context.set_offline(True)
    page.keyboard.press("a")
    expect(page.get_by_role("status").filter(has_text="not sent yet")).to_be_visible()
    looked.at(page, "unsent")
    page.context.set_offline(False)
    expect(page.get_by_role("status").filter(has_text="not sent yet")).to_have_count(0)
