"""What a reader and a moderator see, by the names that people know things by: the thread on an article, the console."""

import re

from playwright.sync_api import Locator, Page, expect

WRITE = "Your comment"


class ThreadOnPage:
    """The widget on the article that a page shows."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.box = page.locator("comment-thread")
        self.heading = self.box.get_by_role("heading", level=2)
        self.gate = self.box.locator("[part=gate]")
        self.field = self.box.get_by_role("textbox", name=WRITE)
        self.comments = self.box.locator("article[id^=comment-]")
        self.arrivals = self.box.get_by_role("button", name=re.compile(r"^\d+ new comments?$"))

    def comment(self, text: str) -> "CommentOnPage":
        """The comment with this text in its body."""
        return CommentOnPage(self, self.comments.filter(has=self.page.locator("[part=body]", has_text=text)))

    def write(self, text: str) -> None:
        """Type into the composer, as somebody who opens it first."""
        self.box.get_by_role("button", name="Join the conversation").click()
        self.field.fill(text)

    def post(self, text: str) -> "CommentOnPage":
        """Write, send, and wait until it stands in the thread as the service knows it."""
        self.write(text)
        self.send()
        comment = self.comment(text)
        expect(comment.box).to_be_visible()
        return comment

    def send(self) -> None:
        self.box.get_by_role("button", name="Post", exact=True).click()

    def texts(self) -> list[str]:
        """The bodies of all comments in the order in which they stand."""
        return self.comments.locator("[part=body]").all_text_contents()

    def picture(self) -> list[tuple[str, str]]:
        """All that one sees of each comment, in order: who and text, state, counts; times and buttons left out."""
        return [(one.get_attribute("id") or "", _plain(one)) for one in self.comments.all()]


def _plain(comment: Locator) -> str:
    parts = comment.locator("[part=name], [part=badge], [part=body], .stub, [part=recommend], .note")
    return " | ".join(text.strip() for text in parts.all_text_contents())


class CommentOnPage:
    """One comment of a thread and what one can do with it."""

    def __init__(self, thread: ThreadOnPage, box: Locator) -> None:
        self.thread = thread
        self.box = box
        self.body = box.locator("[part=body]")
        self.recommend = box.get_by_role("button", name=re.compile("^Recommend"))

    @property
    def id(self) -> str:
        return (self.box.get_attribute("id") or "").removeprefix("comment-")

    def choose(self, item: str | re.Pattern[str]) -> None:
        """An item of the menu behind the dots."""
        self.box.get_by_role("button", name="More", exact=True).click()
        self.box.get_by_role("menuitem", name=item, exact=True).click()

    def reply(self, text: str) -> "CommentOnPage":
        self.box.get_by_role("button", name="Reply", exact=True).click()
        self.thread.box.get_by_role("textbox", name=re.compile("^Your reply to")).fill(text)
        self.thread.box.locator("form").get_by_role("button", name="Reply", exact=True).click()
        reply = self.thread.comment(text)
        expect(reply.box).to_be_visible()
        return reply

    def edit(self, text: str) -> None:
        box = self.thread.box.locator(f"#comment-{self.id}")  # its body gives way to the editor
        self.choose("Edit")
        box.get_by_role("textbox", name=WRITE).fill(text)
        box.get_by_role("button", name="Save").click()

    def withdraw(self) -> None:
        self.choose("Withdraw")
        self.box.get_by_role("alertdialog").get_by_role("button", name="Withdraw").click()

    def report(self, reason: str, detail: str = "") -> None:
        self.choose("Report")
        self.box.get_by_role("radio", name=reason).check()
        if detail:
            self.box.get_by_role("textbox").fill(detail)
        self.box.get_by_role("button", name="Send report").click()


class ConsoleOnPage:
    """The moderators' console."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = f"{url}/console"

    def sign_in(self, email: str, password: str) -> None:
        self.page.goto(self.url)
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def queue(self, name: str) -> Locator:
        """The link to a queue, which says how many wait in it."""
        return self.page.get_by_role("navigation").get_by_role("link", name=re.compile(f"^{name}"))

    def row(self, text: str) -> Locator:
        return self.page.get_by_role("listitem").filter(has_text=text)

    def open(self, text: str) -> None:
        """Take a comment of the queue in hand."""
        self.row(text).get_by_role("link").click()

    def approve(self) -> None:
        self.page.get_by_role("button", name="Approve").click()

    def reject(self, reason: str) -> None:
        self.page.get_by_role("button", name="Reject").click()
        self.page.get_by_role("dialog").get_by_role("button", name=reason).click()
