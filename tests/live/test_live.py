"""What readers see without a reload: arrivals, edits, withdrawals, reactions, the article; on a real service."""

import time

from comments.core.markup import render
from tests.live.conftest import Desk
from tests.live.paper import HELD, Json
from tests.servers import wait_until

PRIVATE = ("source", "findings", "receipt", "version")


def public(comment: Json) -> Json:
    return {name: value for name, value in comment.items() if name not in PRIVATE}


def test_a_post_arrives_at_another_socket_within_a_second(desk: Desk) -> None:
    anna = desk.paper.member("anna")
    first = anna.post("news", "The first word.")
    line = desk.follow("news", after=1)
    began = time.monotonic()
    posted = anna.post("news", "A reply.", first["id"])
    answered = time.monotonic()
    event, change = line.batch_with(posted["id"], "added")
    took, after_answer = event.at - began, event.at - answered
    print(f"POST to the other socket: {took * 1000:.0f} ms; {after_answer * 1000:.0f} ms after its answer")
    assert took < 3
    assert (event.data["site"], event.data["article"]) == (desk.paper.key, "news")
    assert event.data["after"] <= 1
    assert (event.data["seq"], event.data["total"], event.data["counts"]) == (2, 2, {"total": 2})
    assert change["comment"] == public(posted)
    above = next(one["comment"] for one in event.data["changes"] if one["comment"]["id"] == first["id"])
    assert (above["reply_count"], above["seq"]) == (1, 2)


def test_edits_and_withdrawals_arrive(desk: Desk) -> None:
    anna, bert = desk.paper.member("anna"), desk.paper.member("bert")
    root, alone = anna.post("news", "Have your say."), anna.post("news", "To be gone.")
    bert.post("news", "My say.", root["id"])
    line = desk.follow("news", after=3)
    anna.edit(root["id"], "Have your say, *please*.")
    _, change = line.batch_with(root["id"], "changed")
    assert change["comment"]["body"] == [["p", "Have your say, ", ["em", "please"], "."]]
    assert change["comment"]["edited_at"] is not None
    anna.withdraw(root["id"])
    event, change = line.batch_with(root["id"], "changed")
    stub = change["comment"]
    assert (stub["status"], stub["author"], stub["body"], stub["reactions"]) == ("withdrawn", None, None, {})
    assert event.data["total"] == 2
    anna.withdraw(alone["id"])
    event, change = line.batch_with(alone["id"], "gone")
    assert change["comment"].keys() == {"id", "seq", "root_id", "parent_id"}
    assert event.data["total"] == 1


def test_the_first_recommendation_shows_at_once_and_the_others_together(desk: Desk) -> None:
    anna = desk.paper.member("anna")
    posted = anna.post("news", "Recommend me.")
    others = [desk.paper.member(f"reader-{number}") for number in range(5)]
    line = desk.follow("news", after=1)
    began = time.monotonic()
    others[0].recommend(posted["id"])
    event, change = line.batch_with(posted["id"], "changed")
    assert change["comment"]["reactions"] == {"recommend": 1}
    assert event.at - began < 3
    for reader in others[1:]:
        reader.recommend(posted["id"])
    others[1].recommend(posted["id"], on=False)
    event = line.wait("thread.batch", lambda data: data["changes"][0]["comment"]["reactions"] == {"recommend": 4})
    print(f"gathered recommendations: {(event.at - began) * 1000:.0f} ms after the first")
    batches = [one.data for one in line.events if one.name == "thread.batch" and one.data["seq"] > 1]
    assert [one["seq"] for one in batches] == [2, 3], "five changes of a number take one more seq, not five"


def test_closing_an_article_tells_its_readers(desk: Desk) -> None:
    desk.paper.member("anna").post("news", "Open.")
    line = desk.follow("news", after=1)
    desk.paper.moderator().set_mode("news", "closed")
    wanted = {"id": "news", "title": None, "url": None, "mode": "closed"}
    assert line.wait("thread.batch").data["article_state"] == wanted
    assert line.wait("article.changed").data == {"site": desk.paper.key, "article": wanted, "seq": 2}


def test_a_held_comment_is_its_authors_and_the_moderators_until_it_is_approved(desk: Desk) -> None:
    anna, bert, moderator = desk.paper.member("anna"), desk.paper.member("bert"), desk.paper.moderator()
    bert.post("news", "Something before.")
    public_line, others, own = desk.follow("news", after=1), desk.follow("news", bert, 1), desk.follow("news", anna, 1)
    console = desk.watch(moderator)
    held = anna.post("news", f"{HELD} of the dog")
    assert held["status"] == "waiting"
    assert own.wait("mine.changed").data == {"site": desk.paper.key, "article": "news", "comment_id": held["id"]}
    counts = console.wait("queue.counts", lambda data: data["waiting"] == 1).data
    assert counts == {"site": desk.paper.key, "waiting": 1, "reported": 0, "new": 1, "appeals": 0, "notices": 0}
    fence = bert.post("news", "A fence: what came before it has been sent.")
    for line in (public_line, others, own):
        line.batch_with(fence["id"], "added")
    sent = [event.data for line in (public_line, others, own) for event in line.events if event.name == "thread.batch"]
    assert [[one["comment"]["id"] for one in data["changes"]] for data in sent] == [[fence["id"]]] * 3
    assert [event.name for event in public_line.events + others.events] == ["thread.batch", "thread.batch"]
    moderator.approve(held["id"])
    for line in (public_line, others, own):
        event, change = line.batch_with(held["id"], "added")
        assert (change["comment"]["status"], event.data["total"]) == ("published", 3)
    wait_until(lambda: own.names().count("mine.changed") == 2, "the author to be told, before the batch or after it")
    console.wait("queue.counts", lambda data: data["waiting"] == 0)


def test_a_rejected_comment_goes_and_its_author_is_told(desk: Desk) -> None:
    anna, moderator = desk.paper.member("anna"), desk.paper.moderator()
    posted = anna.post("news", "Nothing nice.")
    line, own = desk.follow("news", after=1), desk.follow("news", anna, 1)
    moderator.reject(posted["id"])
    line.batch_with(posted["id"], "gone")
    own.wait("mine.changed", lambda data: data["comment_id"] == posted["id"])
    assert [one["id"] for one in anna.mine("news")["comments"]] == [posted["id"]]


def test_a_report_reaches_the_console_alone(desk: Desk) -> None:
    anna, bert = desk.paper.member("anna"), desk.paper.member("bert")
    posted = anna.post("news", "Report me.")
    console, line = desk.watch(desk.paper.moderator()), desk.follow("news", anna, 1)
    bert.report(posted["id"]).expect(201)
    console.wait("queue.counts", lambda data: data["reported"] == 1)
    fence = bert.post("news", "A fence.")
    line.batch_with(fence["id"], "added")
    assert "reported" not in str(line.events)


def test_the_first_comment_of_a_thread_reaches_who_waited_for_it(desk: Desk) -> None:
    anna = desk.paper.member("anna")
    line, other = desk.follow("empty", after=0), desk.follow("elsewhere", after=0)
    first = anna.post("empty", "Nobody here yet?")
    event, _ = line.batch_with(first["id"], "added")
    assert (event.data["after"], event.data["seq"], event.data["total"]) == (0, 1, 1)
    second = anna.post("empty", "Here I am.")
    line.batch_with(second["id"], "added")
    assert other.names() == []


def test_the_first_comment_reaches_who_waited_also_when_it_was_held_before(desk: Desk) -> None:
    anna, moderator = desk.paper.member("anna"), desk.paper.moderator()
    line = desk.follow("empty", after=0)
    held = anna.post("empty", f"{HELD}!")
    later = desk.follow("empty", after=0)  # the article exists now, nothing of it is public
    moderator.approve(held["id"])
    line.batch_with(held["id"], "added")
    later.batch_with(held["id"], "added")


def test_an_old_after_gets_the_missed_batch_and_a_very_old_one_a_reset(desk: Desk) -> None:
    anna = desk.paper.member("anna")
    posted = [anna.post("news", f"Number {number}.") for number in range(5)]
    line = desk.follow("news", after=2)
    event, _ = line.batch_with(posted[2]["id"], "added")
    assert (event.data["after"], event.data["seq"], event.data["total"]) == (2, 5, 5)
    assert [one["comment"]["id"] for one in event.data["changes"]] == [one["id"] for one in posted[2:]]
    assert desk.follow("news", after=5).names() == []
    for _ in range(100):
        anna.edit(posted[0]["id"], "Once more.")
        anna.edit(posted[0]["id"], "And again.")
    assert desk.follow("news", after=4).wait("thread.reset").data == {
        "site": desk.paper.key,
        "article": "news",
        "seq": 205,
    }
    missed = desk.follow("news", after=5).wait("thread.batch", lambda data: data["after"] == 5).data
    assert missed["seq"] >= 205
    assert desk.follow("news", after=206).wait("thread.reset").data["seq"] == 205, "a database older than the page"
    assert desk.follow("nowhere", after=3).wait("thread.reset").data["seq"] == 0


def test_follow_and_unfollow(desk: Desk) -> None:
    anna = desk.paper.member("anna")
    here, there = anna.post("here", "Here."), anna.post("there", "There.")
    line = desk.follow("here", after=1)
    site = desk.paper.key
    assert line.ask("follow", {"site": site, "article": "there", "after": 0}) == {"ok": True, "seq": 1}
    line.batch_with(there["id"], "added")
    anna.edit(there["id"], "There, edited.")
    line.batch_with(there["id"], "changed")
    assert line.ask("unfollow", {"site": site, "article": "there"}) == {"ok": True}
    anna.edit(there["id"], "There, edited twice.")
    anna.edit(here["id"], "Here, edited.")
    line.batch_with(here["id"], "changed")
    assert [event.data["article"] for event in line.events] == ["there", "there", "here"]


def test_asking_wrongly_is_answered(desk: Desk) -> None:
    line = desk.follow("news")
    assert line.ask("follow", {"site": "elsewhere", "article": "x"})["error"]["code"] == "not_found"
    assert line.ask("follow", {"article": 5})["error"]["code"] == "malformed"
    assert line.ask("follow", {"site": desk.paper.key, "article": "x" * 300})["error"]["code"] == "malformed"
    assert line.ask("token", None)["error"]["code"] == "malformed"
    for number in range(19):
        assert "ok" in line.ask("follow", {"site": desk.paper.key, "article": f"article-{number}"})
    assert line.ask("follow", {"site": desk.paper.key, "article": "one-more"})["error"]["code"] == "malformed"


def test_a_large_batch_is_whole_for_a_reader_who_is_slow_to_take_it(desk: Desk) -> None:
    anna = desk.paper.member("anna")
    texts = [f"{number} " + "long " * 900 for number in range(150)]
    posted = [anna.post("news", text) for text in texts]
    line = desk.handshake(receive_buffer=4096)
    line.greet_without_reading({"site": desk.paper.key, "article": "news", "after": 0})
    fast = desk.follow("news", after=150)
    anna.post("news", "The service goes on for the others meanwhile.")
    fast.wait("thread.batch")
    event = line.wait("thread.batch")
    assert len(event.data["changes"]) >= 150
    bodies = {one["comment"]["id"]: one["comment"]["body"] for one in event.data["changes"]}
    assert [bodies[one["id"]] for one in posted] == [list(map(list, render(text).tree)) for text in texts]


def test_whom_something_concerns_is_told_on_any_page_of_the_site(desk: Desk) -> None:
    """A reply, a mention and a pick: each tells its member, also where others hear of the same comment."""
    anna, bert, carla = (desk.paper.member(name) for name in ("anna", "bert", "carla"))
    root = anna.post("news", "Have your say.")
    carla.post("news", "Here I am.")
    lines = {name: desk.follow("elsewhere", member, 0) for name, member in (("anna", anna), ("carla", carla))}
    writer = desk.follow("elsewhere", bert, 0)
    reply = bert.post("news", "My say, @carla.", root["id"])
    told = {"site": desk.paper.key, "article": "news", "comment_id": reply["id"]}
    for line in lines.values():
        assert line.wait("mine.changed").data == told
    desk.paper.moderator().mark(root["id"], "pick", True)
    lines["anna"].wait("mine.changed", lambda data: data["comment_id"] == root["id"])
    assert "mine.changed" not in writer.names()
