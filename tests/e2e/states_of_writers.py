"""The widget's states for somebody who writes, and for whom moderators have written to; registered by their names."""

from typing import Any

from playwright.sync_api import Locator, expect

from tests.e2e.states import NO_LINE
from tests.e2e.talk import said, talk
from tests.e2e.widget_stage import Stage, state
from tests.live.paper import HELD, Member

TOO_LONG = 120


def post(stage: Stage, text: str) -> None:
    stage.compose(text)
    stage.button("write.post").click()


def own(stage: Stage, text: str) -> Locator:
    """One's own comment in the thread."""
    found = stage.comments.filter(has_text=text)
    expect(found).to_be_visible()
    return found


@state
def composer(stage: Stage) -> None:
    talk(stage)
    stage.read("kiesel")
    stage.compose()


@state
def composer_with_text(stage: Stage) -> None:
    talk(stage)
    stage.read("kiesel")
    stage.compose(said(stage, "list"))
    expect(stage.button("write.post")).to_be_enabled()


@state
def preview(stage: Stage) -> None:
    talk(stage)
    stage.read("kiesel")
    stage.compose(said(stage, "list"))
    stage.button("write.preview").click()
    expect(stage.box.get_by_role("region", name=stage.says("write.preview")).get_by_role("blockquote")).to_be_visible()


@state
def people(stage: Stage) -> None:
    """Offered to be named."""
    talk(stage)
    stage.read("kiesel")
    stage.compose()
    stage.someone.page.keyboard.type("@b" if stage.language == "en" else "@نخ")
    expect(stage.box.get_by_role("listbox").get_by_role("option")).not_to_have_count(0)


@state
def question(stage: Stage) -> None:
    stage.found(ask_author=True)
    stage.read("kiesel")
    stage.compose(said(stage, "root"))
    stage.box.get_by_role("checkbox", name=stage.says("write.question")).check()


@state
def composer_too_long(stage: Stage) -> None:
    stage.found(max_length=TOO_LONG)
    stage.read("kiesel")
    stage.compose(said(stage, "root"))
    expect(stage.box.locator(".over")).to_be_visible()


@state
def composer_refused(stage: Stage) -> None:
    """By a rule, which says what and why; the text is still there."""
    stage.found(banned_words_action="refuse")
    stage.read("kiesel").foresee("status of 422")
    post(stage, said(stage, "held"))
    expect(stage.box.get_by_role("alert")).to_contain_text(HELD)


@state
def composer_of_nobody(stage: Stage) -> None:
    stage.found()
    stage.read()
    stage.compose(said(stage, "mine"))
    expect(stage.someone.thread.gate).to_be_visible()


@state
def composer_without_a_name(stage: Stage) -> None:
    paper = stage.found()
    token = paper.sign("nameless", name=None)
    stage.read().page.evaluate(
        "token => { document.querySelector('comment-thread').getToken = async () => token }", token
    )
    stage.compose(said(stage, "mine"))
    expect(stage.box.get_by_role("textbox", name=stage.says("write.name"))).to_be_visible()


@state
def composer_of_a_newcomer(stage: Stage) -> None:
    stage.found(newcomer_comments=3, pace_seconds=60)
    stage.read("kiesel")
    stage.compose(said(stage, "mine"))
    expect(stage.box.locator(".limits")).to_be_visible()


@state
def reply(stage: Stage) -> None:
    ids = talk(stage)
    stage.read("kiesel")
    stage.button("comment.reply", stage.by(ids["deep"])).click()
    expect(stage.box.get_by_role("textbox", name=stage.says("write.reply_label"))).to_be_focused()


@state
def editor(stage: Stage) -> None:
    ids = talk(stage)
    stage.read("kiesel")
    stage.choose(ids["mine"], "menu.edit")
    expect(stage.by(ids["mine"]).get_by_role("textbox")).to_be_focused()


@state
def unsent(stage: Stage) -> None:
    talk(stage)
    stage.read("kiesel", through=stage.cable).foresee(NO_LINE)
    stage.compose(said(stage, "mine"))
    stage.cable.cut()
    stage.button("write.post").click()
    expect(stage.button("write.again")).to_be_visible()


@state
def menu(stage: Stage) -> None:
    ids = talk(stage)
    stage.read("kiesel")
    stage.button("comment.menu", stage.by(ids["list"])).click()
    expect(stage.box.get_by_role("menuitem").first).to_be_focused()


@state
def menu_of_ones_own(stage: Stage) -> None:
    ids = talk(stage)
    stage.read("kiesel")
    stage.button("comment.menu", stage.by(ids["mine"])).click()
    expect(stage.box.get_by_role("menuitem", name=stage.says("menu.withdraw"))).to_be_visible()


@state
def copied(stage: Stage) -> None:
    """What is said for a moment."""
    ids = talk(stage)
    stage.read("kiesel")
    stage.choose(ids["mine"], "menu.copy")
    expect(stage.box.locator(".toast")).to_be_visible()


@state
def report(stage: Stage) -> None:
    ids = talk(stage)
    stage.read("kiesel")
    stage.choose(ids["list"], "menu.report")
    stage.by(ids["list"]).get_by_role("radio").first.check()
    expect(stage.button("report.send")).to_be_enabled()


@state
def withdrawal(stage: Stage) -> None:
    ids = talk(stage)
    stage.read("kiesel")
    stage.choose(ids["mine"], "menu.withdraw")
    expect(stage.button("menu.keep")).to_be_focused()


@state
def receipt_waiting(stage: Stage) -> None:
    talk(stage)
    stage.read("kiesel")
    post(stage, said(stage, "held"))
    expect(own(stage, HELD).locator(".note")).to_be_visible()
    expect(own(stage, HELD).locator("mark")).to_have_text(HELD)


def rejected(stage: Stage) -> tuple[Member, str]:
    """The reader's comment, which a moderator rejected with a reason."""
    talk(stage)
    kiesel = stage.member("kiesel")
    comment = kiesel.post("news", said(stage, "held"))["id"]
    stage.paper.moderator().reject(comment)
    return kiesel, comment


@state
def receipt_rejected(stage: Stage) -> None:
    _, comment = rejected(stage)
    stage.read("kiesel")
    expect(stage.button("appeal.start", stage.by(comment))).to_be_visible()


@state
def appeal(stage: Stage) -> None:
    receipt_rejected(stage)
    stage.button("appeal.start").click()
    stage.box.get_by_role("textbox", name=stage.says("appeal.label")).fill(said(stage, "mine"))
    expect(stage.button("appeal.send")).to_be_enabled()


def appealed(stage: Stage, outcome: str | None) -> None:
    kiesel, comment = rejected(stage)
    kiesel.call("POST", f"/api/v1/comments/{comment}/appeal", {"text": said(stage, "mine")}).expect(201)
    if outcome:
        desk = stage.paper.moderator()
        item = desk.call("GET", f"/comments/{comment}").expect(200)
        body = {"outcome": outcome, "version": item["comment"]["version"], "note": said(stage, "short")}
        desk.call("POST", f"/appeals/{item['appeal']['id']}/decision", body).expect(200)
    stage.read("kiesel")
    expect(stage.by(comment).get_by_text(stage.says(f"appeal.{outcome or 'open'}"))).to_be_visible()


@state
def appeal_sent(stage: Stage) -> None:
    appealed(stage, None)


@state
def appeal_upheld(stage: Stage) -> None:
    appealed(stage, "upheld")


@state
def appeal_overturned(stage: Stage) -> None:
    appealed(stage, "overturned")


def restricted(stage: Stage, what: str, body: dict[str, Any], code: str) -> None:
    talk(stage)
    kiesel = stage.member("kiesel")
    stage.paper.moderator().call("POST", f"/members/{kiesel.id}/{what}", body).expect(200, 201)
    stage.read("kiesel")
    expect(stage.someone.thread.gate.get_by_text(stage.says(f"gate.{code}"))).to_be_visible()


@state
def warned(stage: Stage) -> None:
    restricted(stage, "warnings", {"reason": "abuse", "text": said(stage, "root")}, "warned")


@state
def suspended(stage: Stage) -> None:
    restricted(
        stage, "ban", {"reason": said(stage, "short"), "until": stage.in_days(3), "reject_waiting": False}, "suspended"
    )


@state
def banned(stage: Stage) -> None:
    restricted(stage, "ban", {"reason": said(stage, "short"), "until": None, "reject_waiting": False}, "banned")
