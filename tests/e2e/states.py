"""The widget's states for somebody who reads; registered by their names. Each waits until it is there."""

from typing import Any

from playwright.sync_api import expect

from tests.e2e.talk import said, talk
from tests.e2e.widget_stage import STATES, Stage, State, state
from tests.live.sockets import handshake

NO_LINE = "net::ERR_|WebSocket connection"
SOON = 30_000  # milliseconds in which the widget's next attempt comes


@state
def loading(stage: Stage) -> None:
    stage.found()
    stage.sit(asks=lambda _route: None)
    expect(stage.box.locator("[aria-busy=true]")).to_be_visible()


@state
def failed(stage: Stage) -> None:
    stage.found()
    stage.sit(asks=lambda route: route.abort()).foresee(NO_LINE)
    expect(stage.button("thread.again")).to_be_visible()


@state
def empty(stage: Stage) -> None:
    stage.found()
    stage.read("kiesel")
    expect(stage.box.locator(".empty")).to_be_visible()


@state
def thread(stage: Stage) -> None:
    ids = talk(stage)
    stage.read()
    expect(stage.by(ids["deep"])).to_be_visible()
    expect(stage.someone.thread.gate).to_be_visible()


@state
def thread_of_a_member(stage: Stage) -> None:
    ids = talk(stage)
    stage.read("kiesel")
    expect(stage.by(ids["root"]).locator("[aria-pressed=true]")).to_be_visible()


@state
def long_thread(stage: Stage) -> None:
    """More than a page, and readers beside one."""
    paper = stage.found()
    writer = stage.member("birke")
    for number in range(30):
        writer.post("news", f"{said(stage, 'short')} {number}")
    lines = [handshake(stage.service, paper.origin).greet({"site": paper.key, "article": "news"}) for _ in range(6)]
    stage.read("kiesel")
    expect(stage.button("thread.more")).to_be_visible()
    expect(stage.box.get_by_text(stage.says("live.readers"))).to_be_visible(timeout=SOON)
    for line in lines:
        line.close()


@state
def permalink(stage: Stage) -> None:
    ids = talk(stage)
    stage.read("kiesel", comment=ids["deep"])
    expect(stage.by(ids["deep"])).to_be_focused()
    expect(stage.button("live.whole")).to_be_visible()


@state
def permalink_gone(stage: Stage) -> None:
    talk(stage)
    stage.read("kiesel", comment="999999999").foresee("status of 404")
    expect(stage.box.get_by_text(stage.says("live.gone"))).to_be_visible()


@state
def arrivals(stage: Stage) -> None:
    ids = talk(stage)
    stage.read("kiesel").wait_until_live()
    birke = stage.member("birke")
    birke.post("news", said(stage, "short"))
    birke.post("news", said(stage, "reply"), ids["mine"])
    expect(stage.button("live.new")).to_be_visible()
    expect(stage.button("live.replies")).to_be_visible()


@state
def arrivals_taken(stage: Stage) -> None:
    arrivals(stage)
    stage.button("live.new").click()
    expect(stage.button("live.new")).to_have_count(0)
    expect(stage.box.locator("article.new").first).to_be_visible()


@state
def offline(stage: Stage) -> None:
    talk(stage)
    someone = stage.read("kiesel", through=stage.cable)
    someone.foresee(NO_LINE)
    someone.wait_until_live()
    stage.cable.cut()
    expect(stage.box.locator(".cut")).to_be_visible(timeout=SOON)


@state
def muted(stage: Stage) -> None:
    ids = talk(stage)
    stage.read("kiesel")
    stage.choose(ids["list"], "menu.mute")
    expect(stage.by(ids["list"]).locator(".stub")).to_be_visible()


@state
def locked_thread(stage: Stage) -> None:
    ids = talk(stage)
    stage.paper.moderator().mark(ids["root"], "lock", True)
    stage.read("kiesel")
    expect(stage.box.get_by_text(stage.says("comment.locked"))).to_be_visible()


def of_article(mode: str) -> State:
    def article(stage: Stage) -> None:
        talk(stage)
        stage.paper.moderator().set_mode("news", mode)
        stage.sit("kiesel")
        key = "article.closed" if mode == "readonly" else f"article.{mode}"
        expect(stage.box.get_by_text(stage.says(key))).to_be_visible()

    return article


def locked_out(read: str) -> State:
    """Reading is not for everybody."""

    def article(stage: Stage) -> None:
        talk(stage, read=read)
        stage.sit().foresee("status of 401")
        expect(stage.box.get_by_text(stage.says(f"gate.read_{read}"))).to_be_visible()

    return article


def at_the_gate(code: str, name: str | None, standing: str, **settings: Any) -> State:
    def article(stage: Stage) -> None:
        talk(stage, **settings)
        stage.read(name, standing)
        expect(stage.someone.thread.gate.get_by_text(stage.says(f"gate.{code}"))).to_be_visible()

    return article


for mode in ("premoderated", "closed", "readonly", "off"):
    STATES[f"article-{mode}"] = of_article(mode)
for readers in ("registered", "subscribers"):
    STATES[f"read-{readers}"] = locked_out(readers)
STATES |= {
    "gate-nobody": at_the_gate("nobody", None, ""),
    "gate-nobody-free": at_the_gate("nobody_free", None, "", write="registered"),
    "gate-registered": at_the_gate("registered", "bach", "registered"),
    "gate-lapsed": at_the_gate("lapsed", "bach", "lapsed"),
    "gate-trial-over": at_the_gate("trial_over", "bach", "trial", write_states=("active",)),
}
