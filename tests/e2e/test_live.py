"""Two browsers on one article: what one reader does, the other sees without a reload."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.browsers import Reader
from tests.e2e.cable import Cable
from tests.e2e.newspaper import Newspaper
from tests.live.paper import HELD, Paper
from tests.live.sockets import handshake
from tests.served import Served

Visit = Callable[..., Reader]
AT_ONCE = 4.0  # seconds, on a machine that runs other tests beside; the figure is of `make bench-live`
CAUGHT_UP = 30_000  # milliseconds: the widget waits longer after each attempt that failed


def test_a_post_appears_in_the_second_browser_within_a_second(paper: Paper, visit: Visit) -> None:
    writer, watcher = visit(paper, "news", "kiesel"), visit(paper, "news")
    writer.thread.post("The first word.")
    expect(watcher.thread.arrivals).to_have_text("1 new comment")
    watcher.thread.arrivals.click()
    writer.thread.write("The second word.")
    began = time.monotonic()
    writer.thread.send()
    expect(watcher.thread.arrivals).to_have_text("1 new comment")
    took = time.monotonic() - began
    expect(watcher.thread.heading).to_have_text("2 comments")
    assert watcher.thread.texts() == ["The first word."], "nothing moves under somebody who reads"
    watcher.thread.arrivals.click()
    expect(watcher.thread.comment("The second word.").box).to_be_visible()
    assert watcher.thread.texts() == ["The second word.", "The first word."]
    assert took < AT_ONCE, f"it took {took:.2f} s"


def test_edits_withdrawals_and_recommendations_arrive(paper: Paper, visit: Visit) -> None:
    first = paper.member("kiesel").post("news", "As it was first said.")
    paper.member("birke").post("news", "A reply that keeps its place.", first["id"])
    writer, watcher = visit(paper, "news", "kiesel"), visit(paper, "news", "ahorn")
    count = watcher.page.locator("[data-comment-count]")
    expect(count).to_have_text("2")

    writer.thread.comment("As it was first said.").edit("As it was **then** put.")
    expect(watcher.thread.comment("As it was then put.").body.locator("strong")).to_have_text("then")
    expect(watcher.thread.comment("As it was then put.").box).to_contain_text("edited")

    seen_by_writer = writer.thread.comment("As it was then put.").recommend
    watcher.thread.comment("As it was then put.").recommend.click()
    expect(seen_by_writer).to_have_accessible_name("Recommend, 1")
    watcher.thread.comment("As it was then put.").recommend.click()
    expect(seen_by_writer).to_have_accessible_name("Recommend, 0")

    writer.thread.comment("As it was then put.").withdraw()
    expect(watcher.thread.comments.first).to_contain_text("Withdrawn by its author.")
    expect(watcher.thread.comment("A reply that keeps its place.").box).to_be_visible()
    expect(watcher.thread.comment("As it was then put.").box).to_have_count(0)
    expect(count).to_have_text("1")
    expect(watcher.thread.heading).to_have_text("1 comment")


def test_a_held_comment_is_seen_by_its_author_and_moderators_only(paper: Paper, visit: Visit) -> None:
    paper.member("birke").post("news", "Something else.")
    writer, watcher = visit(paper, "news", "kiesel"), visit(paper, "news", "birke")
    held = writer.thread.post(f"Please {HELD} of the dog.")
    expect(held.box).to_contain_text("waits for a moderator")
    writer.page.reload()
    expect(held.box).to_contain_text("waits for a moderator")
    watcher.page.reload()
    expect(watcher.thread.comment("Something else.").box).to_be_visible()
    expect(watcher.thread.heading).to_have_text("1 comment")
    assert watcher.thread.texts() == ["Something else."]

    paper.moderator().approve(held.id)
    expect(watcher.thread.arrivals).to_have_text("1 new comment")
    watcher.thread.arrivals.click()
    expect(watcher.thread.comment("of the dog").box).to_be_visible()
    expect(held.box).not_to_contain_text("waits for a moderator")


def test_closing_an_article_closes_it_for_who_is_writing(paper: Paper, visit: Visit) -> None:
    paper.member("birke").post("news", "The last word.")
    writer, desk = visit(paper, "news", "kiesel"), paper.moderator()
    writer.thread.write("I was about to say")
    desk.set_mode("news", "closed")
    expect(writer.thread.box).to_contain_text("This conversation is closed.")
    expect(writer.thread.comment("The last word.").box.get_by_role("button", name="Reply", exact=True)).to_have_count(0)
    desk.set_mode("news", "open")
    expect(writer.thread.field).to_have_value("I was about to say")


@pytest.mark.parametrize("who", [None, "kiesel"], ids=["nobody", "author"])
def test_after_a_cut_line_the_thread_is_that_of_a_fresh_reload(
    paper: Paper, visit: Visit, cable: Cable, who: str | None
) -> None:
    kiesel, birke, desk = paper.member("kiesel"), paper.member("birke"), paper.moderator()
    roots = [kiesel.post("news", f"Root number {number}.") for number in range(5)]
    reply = birke.post("news", "A reply.", roots[0]["id"])
    watcher = visit(paper, "news", who, service=cable.url)
    watcher.foresee("net::ERR_|WebSocket connection")
    expect(watcher.thread.comments).to_have_count(6)
    watcher.wait_until_live()

    watcher.context.set_offline(True)
    cable.cut()
    birke.post("news", "Said while the line was cut.")
    birke.post("news", "A reply said meanwhile.", roots[1]["id"])
    kiesel.edit(roots[1]["id"], "Root number 1, changed meanwhile.")
    kiesel.withdraw(roots[0]["id"])
    kiesel.withdraw(roots[2]["id"])
    desk.reject(reply["id"])
    held = kiesel.post("news", f"To be held: {HELD}.")
    desk.approve(kiesel.post("news", f"To be approved: {HELD}.")["id"])
    birke.recommend(roots[3]["id"])
    assert held["status"] == "waiting"
    assert len(watcher.thread.picture()) == 6, "the line was not cut"
    cable.mend()
    watcher.context.set_offline(False)

    expect(watcher.thread.arrivals).to_have_text(re.compile("^[23] new comments$"), timeout=CAUGHT_UP)
    watcher.thread.arrivals.click()
    fresh = visit(paper, "news", who)
    fresh.reload_until_shown("Said while the line was cut.")
    for one in (fresh, watcher):
        expect(one.thread.comment("To be held").box).to_have_count(1 if who else 0)
        expect(one.thread.comment("Root number 3.").recommend).to_have_accessible_name("Recommend, 1")
    expect(watcher.thread.heading).to_have_text(fresh.thread.heading.inner_text())
    assert watcher.thread.picture() == fresh.thread.picture()


def test_what_is_posted_without_a_line_is_sent_when_it_is_back(paper: Paper, visit: Visit, cable: Cable) -> None:
    paper.member("birke").post("news", "Something to answer.")
    writer = visit(paper, "news", "kiesel", service=cable.url)
    writer.foresee("net::ERR_|WebSocket connection")
    writer.thread.write("Sent into the void.")
    cable.cut()
    writer.thread.send()
    expect(writer.thread.box.get_by_role("alert")).to_contain_text("Not sent yet.")
    cable.mend()
    expect(writer.thread.comment("Sent into the void.").box).to_be_visible(timeout=CAUGHT_UP)
    assert paper.page("news")["comments"][0]["body"] == [["p", "Sent into the void."]]
    assert paper.page("news")["total"] == 2


def test_what_cannot_be_loaded_anew_takes_nothing_away(paper: Paper, visit: Visit, cable: Cable) -> None:
    for number in range(2):
        paper.member("birke").post("news", f"Number {number}.")
    someone = visit(paper, "news", "kiesel", service=cable.url)
    someone.foresee("net::ERR_|WebSocket connection")
    someone.thread.write("Half a thought")
    cable.cut()
    someone.thread.box.get_by_role("combobox", name="Order").select_option("Oldest")
    expect(someone.thread.box.get_by_role("status").last).to_have_text("The comments could not be loaded.")
    assert someone.thread.texts() == ["Number 1.", "Number 0."]
    expect(someone.thread.field).to_have_value("Half a thought")


def test_a_line_cut_before_the_live_part_came(
    paper: Paper, reader: Callable[..., Reader], newspaper: Newspaper
) -> None:
    watcher = reader()
    cut: list[str] = []

    def once(route: Route) -> None:
        if cut:
            route.continue_()
        else:
            cut.append(route.request.url)
            route.abort()

    watcher.context.route("**/static/later-*.js", once)
    watcher.foresee(r"later-|ERR_FAILED")
    watcher.read(newspaper.address(paper, "news"))
    expect(watcher.thread.heading).to_be_visible()
    paper.member("kiesel").post("news", "Said while the line was away.")
    expect(watcher.thread.arrivals).to_have_text("1 new comment", timeout=CAUGHT_UP)
    assert cut


def test_a_reader_sees_roughly_how_many_others_are_there(paper: Paper, service: Served, visit: Visit) -> None:
    paper.member("kiesel").post("crowd", "Come and see.")
    lines = [handshake(service.url, paper.origin).greet({"site": paper.key, "article": "crowd"}) for _ in range(6)]
    watcher = visit(paper, "crowd")
    expect(watcher.page.get_by_text("5+ here now")).to_be_visible(timeout=CAUGHT_UP)
    for line in lines:
        line.close()
