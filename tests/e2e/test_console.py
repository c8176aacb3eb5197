"""The moderators' console in a browser: in by password, queues with live counts, decisions that readers see at once."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.browsers import Reader
from tests.e2e.pages import ConsoleOnPage
from tests.live.paper import HELD, Paper
from tests.served import Served

Visit = Callable[..., Reader]


def test_a_wrong_password_is_told(reader: Callable[..., Reader], service: Served) -> None:
    someone = reader()
    someone.foresee("status of 401")
    ConsoleOnPage(someone.page, service.url).sign_in("nobody@gazette.example", "not the password")
    expect(someone.page.get_by_role("alert")).to_have_text("E-mail or password is wrong.")


def test_approving_a_held_comment_makes_it_appear(
    paper: Paper, visit: Visit, enter: Callable[[Paper], ConsoleOnPage]
) -> None:
    paper.member("birke").post("news", "Something else.")
    writer, watcher = visit(paper, "news", "kiesel"), visit(paper, "news")
    console = enter(paper)
    expect(console.queue("Waiting")).to_contain_text("0")
    writer.thread.post(f"Please {HELD} of the dog.")
    expect(console.queue("Waiting")).to_contain_text("1")
    console.page.get_by_role("button", name="1 new in queue").or_(console.row("of the dog")).first.click()
    console.open("of the dog")
    expect(console.page.locator("mark")).to_have_text(HELD)
    console.approve()
    expect(console.queue("Waiting")).to_contain_text("0")
    expect(watcher.thread.arrivals).to_have_text("1 new comment")
    watcher.thread.arrivals.click()
    expect(watcher.thread.comment("of the dog").box).to_be_visible()


def test_rejecting_with_a_reason_takes_it_from_the_page_and_tells_the_author(
    paper: Paper, visit: Visit, enter: Callable[[Paper], ConsoleOnPage]
) -> None:
    watcher = visit(paper, "news")
    writer = visit(paper, "news", "kiesel")
    mine = writer.thread.post("Buy my hats.")
    console = enter(paper)
    console.queue("New").click()
    console.open("Buy my hats.")
    console.reject("Spam or advertising")
    expect(console.queue("New")).to_contain_text("0")
    expect(watcher.thread.comment("Buy my hats.").box).to_have_count(0)
    expect(watcher.thread.heading).to_have_text("Comments")
    expect(mine.box).to_contain_text("Only you can see this")
    entry = paper.moderator().call("GET", f"/sites/{paper.key}/audit").expect(200)["entries"][0]
    assert (entry["action"], entry["reason"], entry["by"]) == ("reject", "spam", entry["by"])
    console.page.get_by_role("link", name="Audit log").click()
    expect(console.page.get_by_role("row").filter(has_text="Rejected").first).to_contain_text("Spam or advertising")


def test_a_report_by_a_reader_reaches_the_queue(
    paper: Paper, visit: Visit, enter: Callable[[Paper], ConsoleOnPage]
) -> None:
    paper.member("birke").post("news", "Something rude.")
    console = enter(paper)
    someone = visit(paper, "news", "kiesel")
    someone.thread.comment("Something rude.").report("Insult or harassment", "He means me.")
    expect(someone.thread.box.get_by_role("status")).to_have_text("Thank you. A moderator will look at it.")
    expect(console.queue("Reported")).to_contain_text("1")
    console.queue("Reported").click()
    console.open("Something rude.")
    expect(console.page.get_by_text("He means me.")).to_be_visible()


def test_a_ban_shuts_the_composer_and_says_why(
    paper: Paper, visit: Visit, enter: Callable[[Paper], ConsoleOnPage]
) -> None:
    someone = visit(paper, "news", "kiesel")
    someone.thread.post("Once too often.")
    console = enter(paper)
    console.queue("New").click()
    console.open("Once too often.")
    console.page.get_by_role("button", name="Ban").click()
    dialog = console.page.get_by_role("dialog")
    dialog.get_by_role("radio", name="For good").check()
    dialog.get_by_label("Reason").fill("Once too often, indeed.")
    dialog.get_by_role("button", name="Ban").click()
    expect(dialog).to_have_count(0)
    expect(someone.thread.gate).to_contain_text("You can no longer comment here.")
    expect(someone.thread.gate).to_contain_text("Once too often, indeed.")


def test_an_article_is_closed_from_the_console(
    paper: Paper, visit: Visit, enter: Callable[[Paper], ConsoleOnPage]
) -> None:
    paper.member("birke").post("news", "The last word.")
    watcher, console = visit(paper, "news", "kiesel"), enter(paper)
    console.page.get_by_role("link", name="Articles").click()
    console.page.get_by_role("combobox", name="Who may comment").select_option("Closed")
    expect(watcher.thread.box).to_contain_text("This conversation is closed.")


def test_planning_when_a_thread_opens_and_closes(
    paper: Paper, visit: Visit, enter: Callable[[Paper], ConsoleOnPage]
) -> None:
    """By keyboard alone; what cannot be is said in the dialog, and readers see at once that the thread is closed."""
    paper.member("birke").post("news", "Something else.")
    watcher = visit(paper, "news", "kiesel")
    page = enter(paper).page
    page.get_by_role("navigation").get_by_role("link", name="Articles").click()
    times = page.get_by_role("button", name="Plan times: ")
    times.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    opens, closes = dialog.get_by_label("Opens"), dialog.get_by_label("Closes")
    expect(opens).to_be_focused()
    closes.fill("2020-01-01T08:00")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_have_text("That time has passed.")
    opens.fill("2040-01-02T08:00")
    closes.fill("2040-01-01T08:00")
    dialog.get_by_role("button", name="Save times").press("Enter")
    expect(dialog.get_by_role("alert")).to_have_text("It has to close after it opens.")
    closes.fill("2040-01-03T20:30")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(times).to_be_focused()
    expect(times).to_contain_text("opens")
    expect(times).to_contain_text("2040")
    expect(page.get_by_role("combobox", name="Who may comment")).to_have_value("closed")
    expect(watcher.thread.box).to_contain_text("This conversation is closed.")
    shown = paper.page("news")["article"]
    assert (shown["mode"], shown["opens_at"][:7], shown["closes_at"][:7]) == ("closed", "2040-01", "2040-01")
    page.get_by_role("combobox", name="Who may comment").select_option("readonly")
    expect(times).to_have_text("Plan times")
    times.press("Enter")
    opens.fill("2040-01-02T08:00")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("frozen or switched off")
    page.keyboard.press("Escape")
    expect(times).to_be_focused()
