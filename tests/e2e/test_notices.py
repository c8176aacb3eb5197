"""A legal notice in browsers, from somebody without an account to its end: the form, the receipt, the desk that
decides, what became of it, and the complaint about that. Trusted flaggers come first. All of it is looked at by
axe-core.
"""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from comments.storage.tables import console_sessions
from tests.e2e.browsers import Reader
from tests.e2e.pages import ConsoleOnPage
from tests.e2e.test_console_axe import Looked
from tests.live.paper import PASSWORD, Paper
from tests.served import Served

Enter = Callable[..., ConsoleOnPage]
Seat = Callable[..., Reader]
CLAIM = "The baker of Mill Lane is a thief, and everybody knows it."
WHY = "“Thief” is untrue: the court acquitted me, and it hurts my standing."
LOOKED_AT = [
    ("en", "Report illegal content"),
    ("de", "Rechtswidrigen Inhalt melden"),
    ("ar", "الإبلاغ عن محتوى غير قانوني"),
]


def stranger(reader: Seat, service: Served, paper: Paper, comment: str, number: int) -> Page:
    """Somebody without an account at the form, from a network of their own."""
    someone = reader(extra_http_headers={"X-Forwarded-For": f"10.7.0.{number}"})
    someone.foresee("status of 400")  # a form that is to be corrected
    page = someone.page
    page.goto(f"{service.url}/notice/{paper.key}?lang=en&url={paper.origin}/news%23comment-{comment}")
    return page


def fill(page: Page, **more: str) -> None:
    said = {"Why is it illegal?": WHY, "Your name": "Birke", "Your e-mail address": "birke@reader.example"} | more
    page.get_by_label("What is it about?").select_option("defamation")
    for label, text in said.items():
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("checkbox", name=re.compile("honestly believe")).check()


def send(page: Page) -> str:
    """Send the form as people do, who need some seconds; the reference of the notice."""
    page.wait_for_timeout(3100)  # the form refuses what is quicker
    page.get_by_role("button", name="Send notice").click()
    expect(page.get_by_role("heading", name="We have received your notice")).to_be_visible()
    found = re.search(r"N-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", page.content())
    assert found is not None
    return found[0]


def to_notices(console: ConsoleOnPage, part: str = "Notices") -> Page:
    console.page.get_by_role("navigation").get_by_role("link", name="Notices").click()
    expect(console.page.get_by_role("heading", name="Notices", exact=True)).to_be_visible()
    console.page.get_by_role("button", name=part, exact=True).click()
    return console.page


@pytest.mark.timeout(600)
def test_from_the_form_to_the_removal(
    new_paper: Callable[..., Paper], reader: Seat, enter: Enter, service: Served
) -> None:
    paper, looked = new_paper(law={"uk": True}), Looked()
    comment = paper.member("kiesel").post("news", CLAIM)["id"]
    desk = enter(paper)
    count = desk.queue("Notices").locator(".count")
    expect(count).to_have_text("0")
    form = stranger(reader, service, paper, comment, 1)
    for language, title in LOOKED_AT:
        form.get_by_role("navigation").locator(f"a[lang={language}]").click()
        expect(form.get_by_role("heading", level=1)).to_contain_text(title)
        looked.at(form, f"notice-form-{language}")
    form.get_by_role("navigation").locator("a[lang=en]").click()
    expect(form.get_by_label("Address of the comment")).to_have_value(f"{paper.origin}/news#comment-{comment}")
    fill(form, **{"Your name": ""})
    form.wait_for_timeout(3100)
    form.get_by_role("button", name="Send notice").click()
    expect(form.get_by_role("alert")).to_contain_text("Give your name.")
    expect(form.get_by_label("Why is it illegal?")).to_have_value(WHY)
    looked.at(form, "notice-form-wrong")
    form.get_by_label("Your name").fill("Birke")
    reference = send(form)
    state = form.url.partition("?")[0]
    looked.at(form, "notice-received")

    expect(count).to_have_text("1")
    page = to_notices(desk)
    row = page.get_by_role("listitem").filter(has_text=reference)
    expect(row).to_contain_text("court acquitted me")
    looked.at(page, "notices-open")
    row.get_by_role("link").click()
    expect(page.locator(".subject .body")).to_have_text(CLAIM)
    expect(page.locator(".subject")).to_contain_text("kiesel")
    looked.at(page, "notices-item")
    page.get_by_role("radio", name="Remove comments").check()
    page.get_by_role("combobox", name="Reason").select_option("abuse")
    page.get_by_label(re.compile("whoever gave notice")).fill("The judgment says so, too.")
    page.get_by_label(re.compile("Provision")).fill("Section 1 Defamation Act 2013")
    page.get_by_label(re.compile("the author reads this")).fill("It calls somebody a thief who is none.")
    looked.at(page, "notices-decide")
    page.get_by_role("button", name="Remove comments").click()
    expect(page.locator(".subject .status")).to_have_text("Rejected")
    expect(page.get_by_text("The judgment says so, too.")).to_be_visible()
    looked.at(page, "notices-decided")
    expect(count).to_have_text("0")
    assert CLAIM not in str(paper.page("news"))
    for language, _ in LOOKED_AT:
        form.goto(f"{state}?lang={language}")
        expect(form.get_by_text("The judgment says so, too.")).to_be_visible()
        looked.at(form, f"notice-decided-{language}")
    assert not looked.faults, "\n".join(looked.faults)


@pytest.mark.timeout(600)
def test_trusted_flaggers_and_complaints(paper: Paper, reader: Seat, enter: Enter, service: Served) -> None:
    """One is added after the password, and stands first; what is left alone may be complained about."""
    looked = Looked()
    comment = paper.member("kiesel").post("news", CLAIM)["id"]
    ordinary = stranger(reader, service, paper, comment, 2)
    fill(ordinary)
    first = send(ordinary)
    chief = enter(paper, role="administrator", foreseen="status of 403")
    page = to_notices(chief, "Trusted flaggers")
    expect(page.get_by_text("Nobody yet")).to_be_visible()
    page.get_by_label("Organisation").fill("Mill Lane Legal Aid")
    page.get_by_label("E-mail address").fill("notices@aid.example")
    page.get_by_label("Area of expertise").fill("Defamation")
    with paper.database.transaction() as tx:
        tx.conn.execute(sa.update(console_sessions).values(proved_at=tx.now - 601_000_000))
    page.get_by_role("button", name="Trust", exact=True).click()
    dialog = page.get_by_role("dialog", name="Is it you?")
    dialog.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    key = page.get_by_role("dialog").get_by_label("Key of a trusted flagger").input_value()
    looked.at(page, "notices-flagger-key")
    page.get_by_role("dialog").get_by_role("button", name="I have kept it").click()
    expect(page.get_by_role("listitem").filter(has_text="Mill Lane Legal Aid")).to_contain_text("Defamation")
    assert key not in page.content()
    looked.at(page, "notices-flaggers")

    trusted = stranger(reader, service, paper, comment, 3)
    fill(trusted, **{"Key of a trusted flagger": key})
    second = send(trusted)
    page.get_by_role("button", name="Notices", exact=True).click()
    rows = page.locator(".text-row")
    expect(rows).to_contain_text([second, first])
    expect(rows.first).to_contain_text("Trusted flagger")

    rows.last.get_by_role("link").click()
    page.get_by_label(re.compile("whoever gave notice")).fill("It is an opinion.")
    page.get_by_role("button", name="Leave it as it is").click()
    expect(page.get_by_text("It is an opinion.")).to_be_visible()
    ordinary.reload()
    ordinary.get_by_label("Your complaint").fill("The second sentence is no opinion.")
    looked.at(ordinary, "notice-complain")
    ordinary.get_by_role("button", name="Send complaint").click()
    expect(ordinary.get_by_text("It has arrived")).to_be_visible()

    page = to_notices(enter(paper, name="colleague"), "Complaints")
    row = page.locator(".text-row")
    expect(row).to_contain_text("The second sentence is no opinion.")
    looked.at(page, "notices-complaints")
    row.get_by_role("textbox").fill("You are right.")
    row.get_by_role("button", name="Overturn").click()
    expect(page.get_by_text("No complaint waits")).to_be_visible()
    ordinary.reload()
    expect(ordinary.get_by_text("You were right: your notice is looked at again.")).to_be_visible()
    looked.at(ordinary, "notice-overturned")
    page.get_by_role("button", name="Notices", exact=True).click()
    expect(page.locator(".text-row")).to_contain_text([second, first])

    page = to_notices(chief, "Statements and figures")
    looked.at(page, "notices-reports")
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Figures, CSV").click()
    assert fetched.value.suggested_filename.endswith(".csv")
    page.get_by_role("button", name="Trusted flaggers").click()
    page.once("dialog", lambda one: one.accept())
    page.get_by_role("button", name=re.compile("no more")).click()
    expect(page.get_by_text("Nobody yet")).to_be_visible()
    assert not looked.faults, "\n".join(looked.faults)
