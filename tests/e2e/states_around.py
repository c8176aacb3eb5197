"""The widget's states in what stands around the comments: tabs, the bell, what is new, what is folded up; registered by
their names.
"""

from playwright.sync_api import expect

from tests.e2e.talk import said, talk
from tests.e2e.widget_stage import STATES, Stage, state
from tests.servers import wait_until

LATER_TODAY = "(() => { const now = Date.now; Date.now = () => now() + 3600e3; })()"  # a visit ends after half an hour


def asked(stage: Stage) -> dict[str, str]:
    """A question to the author, who has answered it; and the editors' pick."""
    ids = talk(stage, ask_author=True)
    path = f"{stage.paper.path('news')}/comments"
    question = {"body": said(stage, "root"), "parent_id": None, "question": True}
    kiesel, author = stage.member("kiesel"), stage.paper.member("bach", badges=["author"])
    ids["question"] = kiesel.call("POST", path, question, **{"Idempotency-Key": "q"}).expect(201)["id"]
    ids["answer"] = author.post("news", said(stage, "reply"), ids["question"])["id"]
    wait_until(lambda: stage.paper.page("news").get("tabs") == {"picks": 1, "answers": 1}, "the tabs")
    return ids


@state
def answered_question(stage: Stage) -> None:
    ids = asked(stage)
    stage.read("kiesel")
    expect(stage.by(ids["answer"])).to_be_visible()
    expect(stage.by(ids["question"])).to_contain_text(stage.words("branch.question"))
    expect(stage.box.get_by_role("tab")).to_have_count(3)


@state
def tab_of_answers(stage: Stage) -> None:
    asked(stage)
    stage.read("kiesel")
    stage.box.get_by_role("tab").last.click()
    expect(stage.button("bell.show").first).to_be_visible()


@state
def tab_of_picks(stage: Stage) -> None:
    asked(stage)
    stage.read()
    stage.box.get_by_role("tab").nth(1).click()
    expect(stage.button("bell.show")).to_have_count(1)


@state
def folded(stage: Stage) -> None:
    ids = talk(stage)
    stage.read("kiesel")
    expect(stage.by(ids["deep"])).to_be_visible()
    stage.button("branch.fold").last.click()
    expect(stage.button("branch.folded").first).to_be_visible()


@state
def new_since_the_last_visit(stage: Stage) -> None:
    ids = talk(stage)
    someone = stage.read("kiesel")
    someone.wait_until_live()
    birke = stage.member("birke")
    birke.post("news", said(stage, "mixed"))
    birke.post("news", said(stage, "short"), ids["mine"])
    address = someone.page.url
    someone.page.goto("about:blank")
    someone.context.add_init_script(LATER_TODAY)
    wait_until(lambda: stage.paper.page("news")["total"] == 14, "the page to have them")
    someone.page.goto(address)
    stage.dress()
    expect(stage.button("live.next")).to_be_visible()


@state
def bell_empty(stage: Stage) -> None:
    stage.found()
    stage.read("kiesel")
    stage.button("live.bell").click()
    expect(stage.box.get_by_role("dialog")).to_contain_text(stage.words("bell.empty"))


@state
def bell(stage: Stage) -> None:
    """Replied to, picked, rejected; something is followed and somebody muted."""
    ids = talk(stage)
    desk = stage.paper.moderator()
    kiesel = stage.member("kiesel")
    desk.mark(ids["mine"], "pick", True)
    desk.reject(kiesel.post("news", said(stage, "held"))["id"])
    stage.member("ahorn").post("news", said(stage, "reply"), ids["mine"])
    stage.member("birke").post("news", "@kiesel " + said(stage, "short"), ids["list"])
    stage.read("kiesel")
    stage.choose(ids["list"], "menu.mute")
    stage.button("live.bell").click()
    expect(stage.box.get_by_role("dialog").get_by_role("listitem").first).to_be_visible()


def opening(what: str, key: str) -> None:
    """An article whose thread opens or closes at a time that was set."""

    def article(stage: Stage) -> None:
        talk(stage)
        hours = {"opens_at": None, "closes_at": None} | {what: stage.in_days(1)}
        stage.paper.moderator().call("PUT", f"/sites/{stage.paper.key}/articles/news/hours", hours).expect(200)
        stage.read("kiesel")
        expect(stage.box.get_by_text(stage.says(key))).to_be_visible()

    STATES[what.replace("_", "-")] = article


opening("closes_at", "live.closes")
