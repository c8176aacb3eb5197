"""What members are told of: replies, mentions, decisions; never twice, never what they may not see or do not want."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.jobs.upkeep import sweep
from comments.storage.notifications import KEPT, MOST_UNREAD
from comments.storage.tables import journal, notifications
from tests.conftest import FakeClock
from tests.gazette import Gazette, Reader, good, refused


@pytest.fixture
def kiesel(paper: Gazette) -> Reader:
    return paper.reader("kiesel")


@pytest.fixture
def bach(paper: Gazette) -> Reader:
    return paper.reader("bach")


def bell(reader: Reader, query: str = "") -> Any:
    return good(reader.call("GET", f"/me/notifications{query}"))


def kinds(reader: Reader) -> list[tuple[str, str]]:
    """(what, comment), newest first."""
    return [(one["kind"], one["comment"]["id"]) for one in bell(reader)["notifications"]]


def see(reader: Reader, until: str) -> Any:
    return reader.call("POST", "/me/notifications/seen", {"until": until})


def mute(reader: Reader, other: Reader, method: str = "PUT") -> None:
    assert reader.call(method, f"/members/{other.id}/mute").status_code == 204


# Replies and mentions


def test_a_reply_is_told_to_whom_it_answers(paper: Gazette, clock: FakeClock, kiesel: Reader, bach: Reader) -> None:
    root = kiesel.post("root", article="news")["id"]
    assert bell(kiesel) == {"notifications": [], "followed": [], "unread": 0, "next_cursor": None}
    clock.forward(5)
    reply = bach.post("so **it** is", root, "news")["id"]
    told = bell(kiesel)
    assert told["unread"] == kiesel.mine("elsewhere")["unread"] == 1 and told["next_cursor"] is None
    (one,) = told["notifications"]
    assert one == {
        "id": one["id"], "kind": "reply", "created_at": "2026-03-02T09:00:05Z", "seen": False,
        "comment": {
            "id": reply,
            "author": {"id": bach.id, "name": "bach", "badges": [], "avatar": None},
            "excerpt": "so it is",
        },
        "article": {"id": "news", "title": None, "url": None},
    }  # fmt: skip
    deeper = kiesel.post("thank you", reply, "news")["id"]
    assert kinds(kiesel) == [("reply", reply)], "one's own acts are no news, nor what hangs deeper"
    assert kinds(bach) == [("reply", deeper)]
    kiesel.post("to myself", root, "news")
    assert bell(kiesel)["unread"] == 1


def test_mentions_are_told_once_to_each(paper: Gazette, kiesel: Reader, bach: Reader) -> None:
    linde = paper.reader("linde")
    root = kiesel.post("root")["id"]
    linde.post("here, too")
    both = bach.post("@kiesel @KIESEL @linde @bach", root)["id"]
    assert kinds(kiesel) == [("reply", both)], "whom one answers hears of it as a reply, once"
    assert kinds(linde) == [("mention", both)] and kinds(bach) == []
    good(bach.edit(both, "@linde and @kiesel, again"))
    plain = bach.post("nothing as yet")["id"]
    assert kinds(linde) == [("mention", both)] and kinds(kiesel) == [("mention", both), ("reply", both)]
    good(bach.edit(plain, "to @linde after all"))
    assert kinds(linde) == [("mention", plain), ("mention", both)]


def test_who_is_muted_tells_nothing_and_what_was_told_goes(paper: Gazette, kiesel: Reader, bach: Reader) -> None:
    root = kiesel.post("root")["id"]
    heard = bach.post("@kiesel hello", root)["id"]
    mute(kiesel, bach)
    assert kinds(kiesel) == [] and bell(kiesel)["unread"] == 0
    bach.post("@kiesel hello?", root)
    bach.post("hello?", root)
    mute(kiesel, bach, "DELETE")
    assert kinds(kiesel) == [("reply", heard)], "what came meanwhile was told to nobody"


def test_what_waits_is_told_when_it_is_public(app: Flask, clock: FakeClock) -> None:
    paper = Gazette.make(app, clock, premoderate=True)
    desk = paper.desk()
    kiesel, bach, linde = (paper.reader(name) for name in ("kiesel", "bach", "linde"))
    root, other = kiesel.post("root")["id"], linde.post("other")["id"]
    for one in (root, other):
        good(desk.decide(one, "approve", version=1))
    reply = bach.post("@linde @kiesel yes", root)["id"]
    assert kinds(kiesel) == [("published", root)] and kinds(linde) == [("published", other)]
    good(desk.decide(reply, "approve", version=1))
    assert kinds(kiesel) == [("reply", reply), ("published", root)]
    assert kinds(linde) == [("mention", reply), ("published", other)]
    assert kinds(bach) == [("published", reply)]
    good(desk.decide(reply, "reject", version=2, reason="abuse"))
    assert kinds(kiesel) == [("published", root)], "what is not public any more is told to nobody"
    assert kinds(bach) == [("rejected", reply)] and bell(bach)["unread"] == 1
    good(desk.decide(reply, "approve", version=3))
    assert kinds(kiesel) == [("reply", reply), ("published", root)], "and not twice, when it comes back"
    assert kinds(bach) == [("published", reply)]


def test_the_answer_of_the_author_to_a_question(app: Flask, clock: FakeClock) -> None:
    paper = Gazette.make(app, clock, ask_author=True)
    kiesel, author = paper.reader("kiesel"), paper.reader("columnist", badges=["author"])
    asked = good(kiesel.send("why?", question=True), 201)["id"]
    plain = kiesel.post("I see.")["id"]
    answer, reply = author.post("because", asked)["id"], author.post("yes", plain)["id"]
    assert kinds(kiesel) == [("reply", reply), ("answered", answer)]


# Decisions


def test_a_decision_is_told_and_its_undoing_takes_it_back(paper: Gazette, kiesel: Reader, bach: Reader) -> None:
    desk = paper.desk()
    root = kiesel.post("root")["id"]
    bach.post("reply", root)
    made = good(desk.decide(root, "approve", version=1))
    assert [kind for kind, _ in kinds(kiesel)] == ["reply"], "a decision that confirms is no news"
    made = good(desk.decide(root, "reject", version=2, reason="spam"))
    assert kinds(kiesel)[0] == ("rejected", root)
    good(desk.call("POST", f"/decisions/{made['decision_id']}/undo"))
    assert [kind for kind, _ in kinds(kiesel)] == ["reply"]


def test_a_pick_and_its_end(paper: Gazette, kiesel: Reader) -> None:
    desk, root = paper.desk("staff"), kiesel.post("root")["id"]
    for _ in range(2):
        good(desk.call("POST", f"/comments/{root}/pick"))
        assert kinds(kiesel) == [("picked", root)]
    good(desk.call("DELETE", f"/comments/{root}/pick"))
    assert kinds(kiesel) == []


@pytest.mark.parametrize("outcome", ["overturned", "upheld"])
def test_an_appeal_is_answered(paper: Gazette, kiesel: Reader, outcome: str) -> None:
    root = kiesel.post("root")["id"]
    good(paper.desk().decide(root, "reject", version=1, reason="abuse"))
    good(kiesel.call("POST", f"/comments/{root}/appeal", {"text": "why?"}), 201)
    desk = paper.desk()
    appeal = desk.get(f"/sites/{paper.key}/queues/appeals")["items"][0]["appeal"]["id"]
    answer = {"outcome": outcome, "version": 3, "note": None, "reason": None}
    good(desk.call("POST", f"/appeals/{appeal}/decision", answer))
    assert kinds(kiesel) == [("restored" if outcome == "overturned" else "upheld", root)]


def test_what_the_author_takes_back_is_told_no_more(paper: Gazette, kiesel: Reader, bach: Reader) -> None:
    root = kiesel.post("root")["id"]
    reply = bach.post("reply", root)["id"]
    good(paper.desk("staff").call("POST", f"/comments/{root}/pick"))
    assert bell(kiesel)["unread"] == 2
    bach.withdraw(reply)
    assert kinds(kiesel) == [("picked", root)]
    kiesel.withdraw(root)
    assert bell(kiesel)["notifications"] == [] and bell(kiesel)["unread"] == 0


# Reading them


def test_pages_and_what_was_seen(paper: Gazette, kiesel: Reader, bach: Reader) -> None:
    root = kiesel.post("root")["id"]
    replies = [bach.post(f"reply {number}", root)["id"] for number in range(5)]
    first = bell(kiesel, "?limit=2")
    second = bell(kiesel, f"?limit=2&cursor={first['next_cursor']}")
    third = bell(kiesel, f"?limit=2&cursor={second['next_cursor']}")
    pages = [[one["comment"]["id"] for one in page["notifications"]] for page in (first, second, third)]
    assert pages == [replies[:2:-1], replies[2:0:-1], replies[:1]] and third["next_cursor"] is None
    assert first["unread"] == third["unread"] == 5
    middle = second["notifications"][0]["id"]
    assert good(see(kiesel, middle)) == {"unread": 2} == {"unread": kiesel.mine()["unread"]}
    assert [one["seen"] for one in bell(kiesel)["notifications"]] == [False, False, True, True, True]
    assert good(see(kiesel, "1")) == {"unread": 2}, "never back"
    assert good(see(bach, "9" * 18)) == {"unread": 0}
    assert good(see(kiesel, "9" * 18)) == {"unread": 0}
    kiesel.post("answer", replies[0])
    bach.post("one more", root)
    assert (bell(kiesel)["unread"], bell(bach)["unread"]) == (1, 1), "what comes later is not seen yet"


def test_more_than_a_hundred_are_counted_no_further(paper: Gazette, kiesel: Reader, bach: Reader) -> None:
    root = int(kiesel.post("root")["id"])
    reply = int(bach.post("reply", str(root))["id"])
    row = {"member_id": int(kiesel.id), "comment_id": reply, "article_id": 1, "created_at": 1}
    kiesel.site.change(
        lambda conn: conn.execute(sa.insert(notifications), [row | {"kind": f"reply {n}"} for n in range(150)])
    )
    assert kiesel.mine()["unread"] == MOST_UNREAD == 100


def test_who_may_not(paper: Gazette, app: Flask, clock: FakeClock, kiesel: Reader, bach: Reader) -> None:
    for method, path, body in (("GET", "", None), ("POST", "/seen", {"until": "1"})):
        refused(paper.call(method, f"/me/notifications{path}", body), 401, "token_missing")
        refused(kiesel.call(method, f"/me/notifications{path}", body, Origin="https://evil.example"), 403, "origin")
    assert refused(see(kiesel, "x"), 400, "malformed")["field"] == "until"
    for query in ("?cursor=x", "?limit=0", "?limit=51", "?cursor=-1"):
        refused(kiesel.call("GET", f"/me/notifications{query}"), 400, "malformed")
    other = Gazette.make(app, clock, "magazine", issuer="https://m.example", origins=("https://m.example",))
    bach.post("reply", kiesel.post("root")["id"])
    assert kinds(other.reader("kiesel")) == [], "each site is told apart"


def test_for_whom_reading_is_not_any_more(app: Flask, clock: FakeClock) -> None:
    """Decisions about their own comments they hear of; of others' texts nothing."""
    paper = Gazette.make(app, clock, read="subscribers")
    kiesel, bach = paper.reader("kiesel"), paper.reader("bach")
    root = kiesel.post("root")["id"]
    good(kiesel.call("PUT", f"{paper.article()}/follow"))
    bach.post("a secret", root)
    good(paper.desk().decide(root, "reject", version=1, reason="abuse"))
    lapsed = paper.reader("kiesel", state="lapsed")
    told = bell(lapsed)
    shown = [(one["kind"], one["comment"] and one["comment"]["excerpt"]) for one in told["notifications"]]
    assert shown == [("rejected", "root"), ("reply", None)] and told["followed"] == []
    assert "secret" not in str(told)


def test_what_is_new_in_what_one_follows(paper: Gazette, kiesel: Reader, bach: Reader) -> None:
    root = kiesel.post("root", article="news")["id"]
    for what in (paper.article("news"), f"/comments/{root}", paper.article("empty")):
        good(bach.call("PUT", f"{what}/follow"))
    assert bell(bach)["followed"] == []
    kiesel.post("more", root, "news")
    kiesel.post("another", article="news")
    news = {"id": "news", "title": None, "url": None}
    person = {"id": kiesel.id, "name": "kiesel", "badges": [], "avatar": None}
    assert bell(bach)["followed"] == [
        {"article": news, "comment": {"id": root, "author": person, "excerpt": "root"}, "new": 1},
        {"article": news, "comment": None, "new": 2},
    ]
    assert bell(bach)["unread"] == 0 and bell(bach, "?cursor=5")["followed"] == []
    good(bach.call("PUT", f"{paper.article('news')}/follow"))
    assert [(one["comment"] is None, one["new"]) for one in bell(bach)["followed"]] == [(False, 1)]
    kiesel.withdraw(root)
    assert bell(bach)["followed"] == [], "what is not public is not shown"


# What it costs, and how long it is kept


def test_whoever_tells_nobody_writes_nothing(paper: Gazette, kiesel: Reader, bach: Reader) -> None:
    def sent(*post: Any) -> list[str]:
        found: list[str] = []

        def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
            found.append(statement)

        engine = paper.database.engine
        sa.event.listen(engine, "before_cursor_execute", note)
        try:
            assert kiesel.send(*post).status_code == 201
        finally:
            sa.event.remove(engine, "before_cursor_execute", note)
        return found

    root = bach.post("root")["id"]
    own = kiesel.post("mine")["id"]
    plain, reply, to_oneself = sent("plain"), sent("reply", root), sent("to myself", own)
    named, of_nobody = sent("@bach hello"), sent("@nobody hello")
    assert not [one for one in plain + to_oneself + of_nobody if "notifications" in one]
    for told in (reply, named):
        assert len([one for one in told if "INSERT INTO notifications" in one]) == 1
    assert len(reply) == len(to_oneself) + 2, "the notification, and a mail for those who want one"
    assert (len(of_nobody), len(named)) == (len(plain) + 1, len(plain) + 3)


def test_open_pages_are_told_by_the_journal(paper: Gazette, kiesel: Reader, bach: Reader) -> None:
    """So that every process hears of it, also what the worker wrote."""
    root = kiesel.post("root")["id"]
    reply = bach.post("reply", root)["id"]
    query = sa.select(journal.c.comment_id, journal.c.seq).where(
        journal.c.kind == "own", journal.c.member_id == int(kiesel.id)
    )
    with paper.read() as conn:
        assert [tuple(row) for row in conn.execute(query)] == [(int(reply), None)]


def test_after_half_a_year_it_is_forgotten(paper: Gazette, clock: FakeClock, kiesel: Reader, bach: Reader) -> None:
    root = kiesel.post("root")["id"]
    old = bach.post("old", root)["id"]
    clock.forward(KEPT / 1_000_000)
    kiesel, bach = paper.reader("kiesel"), paper.reader("bach")
    new = bach.post("new", root)["id"]
    sweep(paper.database)
    assert kinds(kiesel) == [("reply", new), ("reply", old)]
    clock.forward(1)
    sweep(paper.database)
    assert kinds(kiesel) == [("reply", new)]
