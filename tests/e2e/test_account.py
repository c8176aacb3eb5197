"""A moderator's own account in real browsers: a second factor, recovery codes, sessions that end elsewhere."""

import time
from collections.abc import Callable

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsers import Reader
from tests.e2e.pages import ConsoleOnPage
from tests.live.paper import HELD, PASSWORD, Paper
from tests.served import Served

Enter = Callable[..., ConsoleOnPage]


def email_of(page: Page) -> str:
    shown: str = page.evaluate(
        "fetch('/api/v1/console/session').then((answer) => answer.json()).then((own) => own.user.email)"
    )
    return shown


def unused_code(secret: str, used: str) -> str:
    """A code that was not taken yet: the one of the next step counts already."""
    code = pyotp.TOTP(secret).now()
    return code if code != used else pyotp.TOTP(secret).at(time.time() + 30)


def door(reader: Callable[..., Reader], service: Served, email: str, number: int) -> ConsoleOnPage:
    """One more browser at the sign-in."""
    someone = reader(extra_http_headers={"X-Forwarded-For": f"10.9.0.{number}"})
    someone.foresee("status of (401|429)")
    console = ConsoleOnPage(someone.page, service.url)
    console.sign_in(email, PASSWORD)
    return console


@pytest.mark.timeout(240)
def test_a_second_factor(paper: Paper, enter: Enter, reader: Callable[..., Reader], service: Served) -> None:
    console = enter(paper)
    page, email = console.page, email_of(console.page)
    page.get_by_role("link", name="Account").click()
    expect(page.get_by_role("heading", name="Account", exact=True)).to_be_visible()
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("img", name="QR code for your app")).to_be_visible()
    secret = page.locator(".secret").inner_text().replace(" ", "")
    used = pyotp.TOTP(secret).now()
    page.get_by_role("textbox", name="Code").fill(used)
    page.keyboard.press("Enter")
    codes = page.locator(".recovery-codes code")
    expect(codes).to_have_count(10)
    recovery = codes.first.inner_text()
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_text("10 recovery codes are left.")).to_be_visible()

    second = door(reader, service, email, 1)
    expect(second.page.get_by_role("textbox", name="Code")).to_be_focused()
    second.page.get_by_role("textbox", name="Code").fill("000000")
    second.page.keyboard.press("Enter")
    expect(second.page.get_by_role("alert")).to_contain_text("This code is wrong")
    second.page.get_by_role("textbox", name="Code").fill(unused_code(secret, used))
    second.page.keyboard.press("Enter")
    expect(second.queue("Waiting")).to_be_visible()

    third = door(reader, service, email, 2)
    third.page.get_by_role("textbox", name="Code").fill(recovery)
    third.page.keyboard.press("Enter")
    expect(third.queue("Waiting")).to_be_visible()
    page.reload()
    expect(page.get_by_text("9 recovery codes are left.")).to_be_visible()


@pytest.mark.timeout(240)
def test_signing_out_everywhere(paper: Paper, enter: Enter, reader: Callable[..., Reader], service: Served) -> None:
    """The other browser's console ends with its socket, without a click there; so does one that is named."""
    console = enter(paper)
    page, email = console.page, email_of(console.page)
    second, third = (door(reader, service, email, number) for number in (3, 4))
    for other in (second, third):
        expect(other.queue("Waiting")).to_be_visible()
    page.goto(f"{console.url}/{paper.key}/account")
    sessions = page.locator(".sessions > li")
    expect(sessions).to_have_count(3)
    expect(sessions.filter(has_text="this one")).to_have_count(1)
    expect(sessions.first).to_contain_text("Chrome, Linux")
    paper.member("kiesel").post("news", f"{HELD} first")
    expect(second.queue("Waiting")).to_contain_text("1")  # its socket is alive

    sessions.filter(has_not_text="this one").first.get_by_role("button", name="Sign out").click()
    expect(sessions).to_have_count(2)
    page.wait_for_timeout(5000)  # what is promised: within five seconds
    gone = [one for one in (second, third) if one.page.get_by_text("Your session has ended").is_visible()]
    assert len(gone) == 1
    left = second if gone[0] is third else third
    expect(left.queue("Waiting")).to_be_visible()

    page.get_by_role("button", name="Sign out everywhere").click()
    expect(page.get_by_label("E-mail")).to_be_visible()
    expect(left.page.get_by_text("Your session has ended")).to_be_visible(timeout=6000)


@pytest.mark.timeout(240)
def test_the_password_once_more(paper: Paper, enter: Enter, reader: Callable[..., Reader], service: Served) -> None:
    """Ten minutes after signing in the console asks for it in a dialog, then does what was wanted."""
    import sqlalchemy as sa

    from comments.storage.tables import console_sessions

    console = enter(paper, foreseen="status of (401|403)")
    page, email = console.page, email_of(console.page)
    page.goto(f"{console.url}/{paper.key}/account")
    page.get_by_label("New password").fill("another long password")
    with paper.database.transaction() as tx:
        tx.conn.execute(sa.update(console_sessions).values(proved_at=tx.now - 601_000_000))
    page.get_by_role("button", name="Change password").click()
    dialog = page.get_by_role("dialog", name="Is it you?")
    dialog.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("wrong")
    dialog.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your password is changed.")).to_be_visible()
    other = reader(extra_http_headers={"X-Forwarded-For": "10.9.0.5"})
    other.foresee("status of 401")
    fresh = ConsoleOnPage(other.page, service.url)
    fresh.sign_in(email, "another long password")
    expect(fresh.queue("Waiting")).to_be_visible()
