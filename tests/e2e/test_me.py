"""One's own page in a browser: from the widget's bell through all of its parts, and back to the publisher's log-in."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.browsers import Reader
from tests.e2e.test_console_axe import PHONE, Looked, sticking_out
from tests.live.paper import HELD, Paper
from tests.postbox import Postbox
from tests.servers import wait_until

Visit = Callable[..., Reader]


def test_from_the_bell_through_all_parts_of_ones_own_page(new_paper: Callable[..., Paper], visit: Visit) -> None:
    paper = new_paper(single_use_tokens=True)
    kiesel, birke = paper.member("kiesel"), paper.member("birke")
    mine = kiesel.post("news", "My comment **here**.")
    birke.post("news", "A reply to it.", mine["id"])
    kiesel.post("news", f"Held for {HELD}.")
    someone = visit(paper, "news", "kiesel")
    thread = someone.thread
    thread.box.locator("[part=follow]").click()
    thread.comment("A reply to it.").choose("Mute birke")
    thread.box.locator("[part=bell]").click()
    panel = thread.box.get_by_role("dialog", name="Notifications")
    with someone.context.expect_page() as opened:
        panel.get_by_role("button", name="My comments").click()
    page, looked = opened.value, Looked()
    expect(page).to_have_url(re.compile(rf"/me/{paper.key}/\?lang=en$"))
    assert page.evaluate("document.cookie") == "" and page.evaluate("window.opener") is None
    expect(page.get_by_role("heading", name="My comments")).to_be_visible()
    items = page.get_by_role("article")
    expect(items).to_have_count(2)
    expect(items.last.locator("strong")).to_have_text("here")
    expect(items.first.locator("mark")).to_have_text(HELD)
    looked.at(page, "me-comments")

    page.get_by_role("button", name="Waiting for a moderator").click()
    expect(items).to_have_count(1)
    items.get_by_role("button", name="Appeal").click()
    page.get_by_role("textbox").fill("It is a name.")
    looked.at(page, "me-appeal")
    page.get_by_role("button", name="Send appeal").click()
    expect(page.get_by_role("status").first).to_have_text("Your appeal has been sent. You are told the outcome here.")
    expect(items).to_contain_text("Your appeal: It is a name.")
    page.get_by_role("button", name="Published", exact=True).click()
    items.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.get_by_role("alertdialog").get_by_role("button", name="Withdraw").click()
    expect(items).to_contain_text("Withdrawn")

    page.get_by_role("link", name="Notifications").click()
    expect(page.get_by_role("heading", name="Notifications")).to_be_focused()
    looked.at(page, "me-notifications")
    page.get_by_role("link", name="Following and muted").click()
    expect(page.get_by_text("The whole conversation")).to_be_visible()
    looked.at(page, "me-following")
    page.get_by_role("button", name="Stop following").click()
    expect(page.get_by_text("You follow no conversation.")).to_be_visible()
    page.get_by_role("button", name="Unmute birke").click()
    expect(page.get_by_text("You have muted nobody.")).to_be_visible()

    page.get_by_role("link", name="Name", exact=True).click()
    page.get_by_role("textbox", name="Display name").fill("Kiesel am Bach")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("banner")).to_contain_text("Kiesel am Bach")
    expect(page.get_by_role("listitem").filter(has_text="kiesel")).to_contain_text("From your log-in.")
    looked.at(page, "me-name")
    page.go_back()
    expect(page.get_by_role("heading", name="What you follow")).to_be_visible()

    page.get_by_role("link", name="My data").click()
    expect(page.get_by_role("button", name="Make the file")).to_be_enabled()
    expect(page.get_by_role("button", name="Erase for good")).to_be_disabled()
    page.get_by_role("textbox").fill("Kiesel am Bach")
    expect(page.get_by_role("button", name="Erase for good")).to_be_enabled()
    looked.at(page, "me-data")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Log in")).to_have_attribute("href", re.compile("/log-in"))
    looked.at(page, "me-door")
    assert not looked.faults, "\n".join(looked.faults)


def test_why_something_was_restricted_and_the_complaint_about_it(new_paper: Callable[..., Paper], visit: Visit) -> None:
    """The statement of reasons stands behind the receipt; what is laid upon the account stands above everything."""
    paper = new_paper()
    kiesel, moderator = paper.member("kiesel"), paper.moderator()
    comment = kiesel.post("news", "You fool.")["id"]
    moderator.reject(comment)
    moderator.call("POST", f"/members/{kiesel.id}/ban", {"reason": "abuse", "until": "2099-01-01T00:00:00Z"})
    page, looked = at_ones_page(visit(paper, "news", "kiesel")), Looked()
    item = page.get_by_role("article")
    item.get_by_text("Statement of reasons").click()
    expect(item.get_by_text("People found it and decided; no program took part.")).to_be_visible()
    expect(item.get_by_text("You can appeal at the comment for six months")).to_be_visible()
    account = page.locator(".notice .note")
    account.get_by_text("Statement of reasons").click()
    expect(account.get_by_text("You cannot write here for a time.")).to_be_visible()
    account.get_by_role("button", name="Appeal").click()
    page.get_by_role("textbox").fill("It was a quotation.")
    looked.at(page, "me-statements")
    page.get_by_role("button", name="Send appeal").click()
    expect(account).to_contain_text("Your appeal: It was a quotation.")
    expect(account.get_by_role("button", name="Appeal")).to_have_count(0)
    assert not looked.faults, "\n".join(looked.faults)


def test_who_is_no_longer_logged_in_is_told_how_to_come(paper: Paper, visit: Visit) -> None:
    someone = visit(paper, "news", "kiesel")
    thread = someone.thread
    thread.box.locator("[part=bell]").click()
    someone.context.clear_cookies()
    someone.foresee("status of 401")
    with someone.context.expect_page() as opened:
        thread.box.get_by_role("button", name="My comments").click()
    page = opened.value
    expect(page.get_by_role("link", name="Log in")).to_be_visible()
    expect(page.get_by_text("at the bell above the comments")).to_be_visible()


def test_choosing_ones_mail(new_paper: Callable[..., Paper], visit: Visit, post: Postbox) -> None:
    paper = new_paper(mail=True)
    someone, looked = visit(paper, "news", "kiesel"), Looked()
    page = at_ones_page(someone)
    page.get_by_role("link", name="Mail", exact=True).click()
    expect(page.get_by_text("We know no address of yours.")).to_be_visible()
    page.get_by_role("combobox", name="Replies to your comments").select_option("At once")
    page.get_by_role("textbox", name="Another address").fill("kiesel@home.example")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text("We have written to kiesel@home.example.")).to_be_visible()
    expect(page.get_by_role("combobox", name="Replies to your comments")).to_have_value("at_once")  # still to be saved
    page.get_by_role("combobox", name="Mentions").select_option("Once a day")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="Your choice has been saved.")).to_be_visible()
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    looked.at(page, "me-mail-waits")

    wait_until(lambda: "kiesel@home.example" in post.to, "the letter")
    letter = post.mails[post.to.index("kiesel@home.example")]
    text, html = (letter.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None and html is not None
    link = re.search(r"http://\S+/mail/confirm\?t=\S+", text.get_content())
    assert link is not None
    mail = someone.context.new_page()
    mail.set_content(html.get_content())
    mail.set_viewport_size(PHONE)
    looked.faults += sticking_out(mail)
    mail.get_by_role("link", name="Confirm the address").click()
    expect(mail.get_by_role("heading", name="Confirm your address")).to_be_visible()
    looked.at(mail, "mail-confirm")
    mail.get_by_role("button", name="Confirm the address").click()
    expect(mail.get_by_role("heading", name="The address is confirmed")).to_be_visible()
    looked.at(mail, "mail-confirmed")

    page.reload()
    expect(page.get_by_text("You chose this address here and confirmed it.")).to_be_visible()
    expect(page.get_by_role("combobox", name="Mentions")).to_have_value("daily")
    looked.at(page, "me-mail")
    assert not looked.faults, "\n".join(looked.faults)


def test_the_file_comes_although_a_question_after_it_was_lost(new_paper: Callable[..., Paper], visit: Visit) -> None:
    paper = new_paper()
    paper.member("kiesel").post("news", "Mine.")
    someone = visit(paper, "news", "kiesel")
    page = at_ones_page(someone)
    page.get_by_role("link", name="My data").click()
    make = page.get_by_role("button", name="Make the file")
    expect(make).to_be_enabled()
    someone.foresee("net::ERR_FAILED")
    page.route("**/data", lambda route: route.abort(), times=1)
    make.click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("link", name="Download the file")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_what_was_written_against_a_decision_outlives_the_visit(new_paper: Callable[..., Paper], visit: Visit) -> None:
    """The visit ends while it is sent: it stands in the form again at the next one, in another tab."""
    paper = new_paper()
    kiesel, moderator = paper.member("kiesel"), paper.moderator()
    for text in ("You fool.", "And you."):
        moderator.reject(kiesel.post("news", text)["id"])
    moderator.call("POST", f"/members/{kiesel.id}/ban", {"reason": "abuse", "until": "2099-01-01T00:00:00Z"})
    someone = visit(paper, "news", "kiesel")
    page = at_ones_page(someone)
    item, account = page.get_by_role("article").first, page.locator(".notice .note")
    account.get_by_role("button", name="Appeal").click()
    account.get_by_role("textbox").fill("It was a quotation.")
    item.get_by_role("button", name="Appeal").click()
    expect(item.get_by_role("textbox")).to_be_focused()
    item.get_by_role("textbox").fill("Read it again.")
    someone.foresee("net::ERR_FAILED")
    page.route("**/appeal", lambda route: route.abort(), times=1)
    item.get_by_role("button", name="Send appeal").click()
    expect(item.get_by_role("alert")).to_be_visible()
    item.get_by_role("textbox").fill("Read it once more.")
    expect(item.get_by_role("alert")).to_have_count(0)

    someone.foresee("status of 401")
    someone.context.clear_cookies(name=re.compile("comments_me"))
    item.get_by_role("button", name="Send appeal").click()
    expect(page.get_by_text("at the bell above the comments")).to_be_visible()
    page.close()
    someone.page.reload()
    page = at_ones_page(someone)
    item, account = page.get_by_role("article").first, page.locator(".notice .note")
    expect(item.get_by_role("textbox")).to_have_value("Read it once more.")
    expect(account.get_by_role("textbox")).to_have_value("It was a quotation.")
    expect(page.get_by_role("textbox")).to_have_count(2)
    expect(page.get_by_role("textbox").and_(page.locator(":focus"))).to_have_count(0)
    item.get_by_role("button", name="Send appeal").click()
    expect(item).to_contain_text("Your appeal: Read it once more.")
    account.get_by_role("button", name="Cancel").click()
    account.get_by_role("button", name="Appeal").click()
    expect(account.get_by_role("textbox")).to_have_value("It was a quotation.")
    assert kept(page) == [], "put aside"
    account.get_by_role("textbox").fill("It was a long quotation.")
    assert len(kept(page)) == 1
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Log in")).to_be_visible()
    assert kept(page) == []


def kept(page: Page) -> list[str]:
    found: list[str] = page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('comments:plea'))")
    return found


def at_ones_page(someone: Reader) -> Page:
    """“My comments” under the bell."""
    someone.thread.box.locator("[part=bell]").click()
    with someone.context.expect_page() as opened:
        someone.thread.box.get_by_role("button", name="My comments").click()
    return opened.value
