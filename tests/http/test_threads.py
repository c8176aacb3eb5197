"""Stories of readers: post, reply, edit, withdraw, recommend, report, mute, come back. Allowed, refused, malformed."""

from typing import Any

import pytest

from comments.core.thread import FIRST_REPLIES
from tests.conftest import FakeClock
from tests.gazette import ORIGIN, Gazette, Reader, good, refused


@pytest.fixture
def kiesel(paper: Gazette) -> Reader:
    return paper.reader("kiesel")


@pytest.fixture
def bach(paper: Gazette) -> Reader:
    return paper.reader("bach")


PUBLIC = {
    "id", "parent_id", "root_id", "depth", "author", "body", "status", "created_at", "edited_at", "reactions",
    "reply_count", "seq",
}  # fmt: skip


def ids(comments: list[Any]) -> list[str]:
    return [comment["id"] for comment in comments]


def find(page: Any, comment: str) -> Any:
    return next(one for one in page["comments"] if one["id"] == comment)


# Reading


def test_an_article_that_nobody_wrote_under(paper: Gazette) -> None:
    page = paper.page("12345")
    site = page.pop("site")
    assert page == {
        "article": {"id": "12345", "title": None, "url": None, "mode": "open"},
        "comments": [], "next_cursor": None, "total": 0, "seq": 0,
    }  # fmt: skip
    assert (site["key"], site["max_depth"], site["reactions"]) == ("gazette", 4, ["recommend"])
    assert paper.changes(0, "12345") == {"seq": 0, "changes": [], "total": 0, "reset": False}
    assert paper.desk().get("/sites/gazette/articles")["articles"] == [], "asking makes nothing"


def test_what_does_not_exist(paper: Gazette, kiesel: Reader) -> None:
    for path in ("/sites/nowhere/articles/1/comments", "/sites/nowhere/articles/1/changes", "/comments/99/replies",
                 "/comments/99/context", "/sites/nowhere/counts?article=1"):  # fmt: skip
        refused(paper.call("GET", path), 404, "not_found")
    refused(kiesel.call("GET", "/sites/nowhere/articles/1/mine"), 404, "not_found")
    for answer in (kiesel.edit("99", "x y"), kiesel.withdraw("99"), kiesel.react("99"), kiesel.report("99"),
                   kiesel.send("x y", "99")):  # fmt: skip
        refused(answer, 404, "not_found")


def test_a_thread(paper: Gazette, kiesel: Reader, bach: Reader, clock: FakeClock) -> None:
    """Roots newest first, each followed by its first three replies, oldest first; the rest by `replies`."""
    first = kiesel.post("the first")
    clock.forward(1)
    second = bach.post("the second")
    below = []
    for number in range(5):
        clock.forward(1)
        below.append(
            (kiesel, bach)[number % 2].post(f"reply {number}", first["id"] if number % 2 else second["id"])["id"]
        )
    page = paper.page()
    assert ids(page["comments"]) == [second["id"], below[0], below[2], below[4], first["id"], below[1], below[3]]
    assert (page["total"], page["seq"]) == (7, 7)
    assert all(set(comment) == PUBLIC for comment in page["comments"])
    assert (find(page, second["id"])["reply_count"], find(page, first["id"])["reply_count"]) == (3, 2)
    clock.forward(1)
    sixth = bach.post("one more", below[4])
    shown = find(paper.page(), second["id"])
    assert (shown["reply_count"], shown["seq"]) == (4, 8)
    assert ids(paper.page()["comments"]).count(sixth["id"]) == 0 and FIRST_REPLIES == 3
    replies = paper.get(f"/comments/{second['id']}/replies?limit=3")
    assert ids(replies["comments"]) == [below[0], below[2], below[4]]
    more = paper.get(f"/comments/{second['id']}/replies?limit=3&cursor={replies['next_cursor']}")
    assert (ids(more["comments"]), more["next_cursor"]) == ([sixth["id"]], None)
    assert ids(paper.get(f"/comments/{below[4]}/replies")["comments"]) == [sixth["id"]]
    assert (sixth["root_id"], sixth["parent_id"], sixth["depth"]) == (second["id"], below[4], 2)


def test_deeper_than_the_cap(paper: Gazette, kiesel: Reader) -> None:
    chain = [kiesel.post("level 0")]
    for level in range(1, 8):
        chain.append(kiesel.post(f"level {level}", chain[-1]["id"]))
    assert [one["depth"] for one in chain] == [0, 1, 2, 3, 4, 4, 4, 4]
    assert [one["parent_id"] for one in chain[1:]] == ids(chain[:-1]), "the true parent is kept"
    context = paper.get(f"/comments/{chain[6]['id']}/context")
    assert ids(context["comments"]) == ids(chain)
    assert (context["article"]["id"], context["site"]["key"], context["seq"], context["total"]) == (
        "1",
        "gazette",
        8,
        8,
    )


def test_three_sorts(paper: Gazette, kiesel: Reader, bach: Reader, clock: FakeClock) -> None:
    posted = []
    for number in range(3):
        posted.append(kiesel.post(f"number {number}")["id"])
        clock.forward(2)
    good(bach.react(posted[1]))
    assert ids(paper.page()["comments"]) == posted[::-1]
    assert ids(paper.page(query="?sort=oldest")["comments"]) == posted
    assert ids(paper.page(query="?sort=recommended")["comments"]) == [posted[1], posted[2], posted[0]]


def test_a_permalink_to_a_reply(paper: Gazette, kiesel: Reader) -> None:
    root = kiesel.post("root")["id"]
    reply = kiesel.post("reply", root)["id"]
    below = [kiesel.post(f"below {number}", reply)["id"] for number in range(5)]
    context = paper.get(f"/comments/{reply}/context")
    assert ids(context["comments"]) == [root, reply, *below[:3]]
    assert ids(paper.get(f"/comments/{root}/context")["comments"]) == [root, reply, *below[:2]]


def test_counts(paper: Gazette, kiesel: Reader, bach: Reader) -> None:
    kiesel.post("one", article="a")
    good(kiesel.withdraw(kiesel.post("two", article="a")["id"]))
    kiesel.post("three", article="b b")
    answer = paper.call("GET", "/sites/gazette/counts?article=a&article=b%20b&article=c&article=a")
    assert good(answer) == {"counts": {"a": 1, "b b": 1, "c": 0}}
    assert answer.headers["Cache-Control"].startswith("public")
    assert paper.get("/sites/gazette/counts") == {"counts": {}}


READING = [
    ("registered", "registered", "registered_only"),
    ("subscribers", "active", "subscribers_only"),
]


@pytest.mark.parametrize(("read", "state", "code"), READING)
def test_a_site_that_not_everyone_may_read(paper: Gazette, clock: FakeClock, read: str, state: str, code: str) -> None:
    """The door is checked before anything is read; the refusal tells the gate what to say and how much there is."""
    herald = Gazette.make(paper.app, clock, "herald", read=read, write="registered", taste=0)
    reader = herald.reader("kiesel", state=state)
    comment = reader.post("CANARY")["id"]
    paths = (f"{herald.article()}/comments", f"{herald.article()}/changes", f"/comments/{comment}/replies",
             f"/comments/{comment}/context")  # fmt: skip
    stranger = Reader(herald, paper.reader("kiesel").token, {})
    for path in paths:
        assert good(reader.call("GET", path))
        assert reader.call("GET", path).headers["Cache-Control"] in ("no-store", "private, no-cache")
        for answer in (herald.call("GET", path), stranger.call("GET", path)):
            problem = refused(answer, 401, "token_missing")
            assert problem["site"]["key"] == "herald" and "taste" not in problem
            assert b"CANARY" not in answer.get_data()
    assert refused(herald.call("GET", paths[0]), 401)["total"] == 1
    if read == "subscribers":
        lapsed = herald.reader("bach", state="lapsed")
        for path in paths:
            answer = lapsed.call("GET", path)
            problem = refused(answer, 403, code)
            assert (problem["site"]["read"], problem["state"]) == (read, "lapsed")
            assert b"CANARY" not in answer.get_data()
        assert refused(lapsed.call("GET", paths[0]), 403)["total"] == 1
        assert lapsed.mine()["viewer"]["can"] == {"read": False, "write": True, "react": False, "report": True}
        refused(lapsed.react(comment), 403, "not_entitled_lapsed")


# Writing


def test_a_post(paper: Gazette, kiesel: Reader, clock: FakeClock) -> None:
    sent = kiesel.post("Hello **world**, see https://www.example.com/")
    assert set(sent) == PUBLIC | {"source", "findings", "version", "receipt"}
    assert sent == {
        "id": "1", "parent_id": None, "root_id": "1", "depth": 0, "status": "published", "edited_at": None,
        "author": {"id": kiesel.id, "name": "kiesel", "badges": [], "avatar": None},
        "created_at": "2026-03-02T09:00:00Z",
        "body": [["p", "Hello ", ["strong", "world"], ", see ",
                  ["a", {"href": "https://www.example.com/"}, "https://www.example.com/"]]],
        "source": "Hello **world**, see https://www.example.com/",
        "reactions": {}, "reply_count": 0, "seq": 1, "findings": [], "version": 1, "receipt": None,
    }  # fmt: skip
    shown = paper.page()["comments"][0]
    assert shown == {name: value for name, value in sent.items() if name in PUBLIC}


def test_the_article_learns_its_address_from_an_entitled_page(paper: Gazette, kiesel: Reader, bach: Reader) -> None:
    page = {"article_url": f"{ORIGIN}/2026/harvest?page=2", "article_title": " The\n<b>harvest</b>\u202e "}
    good(kiesel.send("one", **page), 201)
    article = {"id": "1", "title": "The <b>harvest</b>", "url": f"{ORIGIN}/2026/harvest?page=2", "mode": "open"}
    assert paper.page()["article"] == article
    good(bach.send("two", article_url=f"{ORIGIN}/elsewhere", article_title="Another"), 201)
    assert paper.page()["article"] == article, "the first word counts"
    for url in ("https://evil.example/", "javascript:alert(1)", f"{ORIGIN}.evil.example/", f"{ORIGIN}:444/", "/2026"):
        problem = refused(bach.send("three", article="9", article_url=url), 400, "malformed")
        assert problem["field"] == "article_url"
    assert paper.page("9")["article"]["url"] is None
    refused(paper.reader("lapsed", state="lapsed").send("x y", article="9", **page), 403)
    assert paper.page("9")["article"]["url"] is None


@pytest.mark.parametrize("key", ["", "x" * 201, "ä", "a\tb"])
def test_an_idempotency_key_is_needed(kiesel: Reader, key: str) -> None:
    path = f"{kiesel.site.article()}/comments"
    assert refused(kiesel.call("POST", path, {"body": "hello"}, Idempotency_Key=key), 400)["field"] == "Idempotency-Key"
    assert refused(kiesel.call("POST", path, {"body": "hello"}), 400)["field"] == "Idempotency-Key"


def test_the_same_key_again(paper: Gazette, kiesel: Reader, bach: Reader, clock: FakeClock) -> None:
    first = good(kiesel.send("hello", key="k1"), 201)
    clock.forward(100)
    assert good(kiesel.send("hello", key="k1"), 200) == first
    refused(kiesel.send("hello!", key="k1"), 409, "idempotency_key_reused")
    refused(kiesel.send("hello", key="k1", article="2"), 409, "idempotency_key_reused")
    refused(kiesel.send("hello", parent=first["id"], key="k1"), 409, "idempotency_key_reused")
    assert good(bach.send("hello", key="k1"), 201)["id"] != first["id"], "keys are each member's own"
    good(kiesel.withdraw(first["id"]))
    assert good(kiesel.send("hello", key="k1"), 200)["status"] == "withdrawn", "for the comment's lifetime"
    assert paper.page()["total"] == 1


def test_a_refused_post_may_be_sent_again_under_its_key(paper: Gazette, clock: FakeClock) -> None:
    herald = Gazette.make(paper.app, clock, "herald", pace_seconds=30)
    kiesel = herald.reader()
    kiesel.post("first")
    problem = refused(kiesel.send("second", key="again"), 422, "pace")
    assert problem["finding"] == {
        "rule": "pace", "kind": "refuse", "reason": "pace", "spans": [], "params": {"seconds": 30}
    }  # fmt: skip
    clock.forward(30)
    good(kiesel.send("second", key="again"), 201)


def test_rules_refuse(paper: Gazette, clock: FakeClock) -> None:
    herald = Gazette.make(paper.app, clock, "herald", repeat_hours=1, max_length=20)
    kiesel = herald.reader()
    kiesel.post("the same words")
    refused(kiesel.send("The same  WORDS"), 422, "repeat")
    problem = refused(kiesel.send("x" * 21), 422, "length")
    assert problem["finding"]["params"] == {"length": 21, "min": 2, "max": 20}
    clock.forward(3600)
    herald.reader().post("the same words")


def test_replies_go_only_below_what_is_seen(paper: Gazette, kiesel: Reader, bach: Reader, clock: FakeClock) -> None:
    herald = Gazette.make(paper.app, clock, "herald")
    foreign = herald.reader("kiesel").post("in the herald")["id"]
    withdrawn = bach.post("soon gone")["id"]
    kiesel.post("a reply keeps its place", withdrawn)
    good(bach.withdraw(withdrawn))
    elsewhere = bach.post("under another article", article="2")["id"]
    for parent in (foreign, withdrawn, elsewhere):
        refused(kiesel.send("a reply", parent), 404, "not_found")
    for parent in ("x", "-1", "", "1.0", 1):
        assert refused(kiesel.send("a reply", parent), 400)["field"] == "parent_id"  # type: ignore[arg-type]


MODES = {"open": 201, "premoderated": 201, "closed": 422, "readonly": 422, "off": 422}


@pytest.mark.parametrize(("mode", "status"), MODES.items())
def test_modes_of_an_article(paper: Gazette, kiesel: Reader, bach: Reader, mode: str, status: int) -> None:
    comment = kiesel.post("before")["id"]
    desk = paper.desk()
    assert good(desk.call("PATCH", f"{paper.article()}", {"mode": mode}))["mode"] == mode
    answer = bach.send("after")
    assert answer.status_code == status
    if status == 422:
        assert refused(answer, 422, "article_open")["finding"]["params"] == {"mode": mode}
    frozen = mode in ("readonly", "off")
    for answer in (bach.react(comment), kiesel.edit(comment, "before, corrected")):
        refused(answer, 422, "article_open") if frozen else good(answer)
    good(kiesel.withdraw(comment))
    assert paper.page()["article"]["mode"] == mode


# One's own comments


def test_an_edit(paper: Gazette, kiesel: Reader, bach: Reader, clock: FakeClock) -> None:
    comment = kiesel.post("Helo")["id"]
    clock.forward(10)
    edited = good(kiesel.edit(comment, "Hello", version=1))
    assert (edited["source"], edited["version"], edited["edited_at"]) == ("Hello", 2, "2026-03-02T09:00:10Z")
    shown = paper.page()["comments"][0]
    assert (shown["body"], shown["edited_at"], shown["seq"]) == ([["p", "Hello"]], "2026-03-02T09:00:10Z", 2)
    refused(kiesel.edit(comment, "Hello again", version=1), 409, "changed_meanwhile")
    assert good(kiesel.edit(comment, "Hello"))["version"] == 2, "the same text is no edit"
    refused(bach.edit(comment, "mine now"), 403, "forbidden")
    assert [one["source"] for one in paper.desk().item(comment)["edits"]] == ["Helo"]
    assert paper.page()["seq"] == 2


def test_the_edit_window(kiesel: Reader, clock: FakeClock) -> None:
    comment = kiesel.post("hello")["id"]
    clock.forward(300)
    good(kiesel.edit(comment, "hello!"))
    clock.forward(0.000001)
    assert refused(kiesel.edit(comment, "hello?"), 403, "edit_window_over")["edit_window"] == 300


def test_an_edit_is_judged_again(paper: Gazette, clock: FakeClock) -> None:
    herald = Gazette.make(paper.app, clock, "herald", banned_words=["weasel"], max_length=30)
    kiesel, bach = herald.reader("kiesel"), herald.reader("bach")
    comment = kiesel.post("hello")["id"]
    refused(kiesel.edit(comment, "x" * 31), 422, "length")
    held = good(kiesel.edit(comment, "hello weasel"))
    assert held["status"] == "waiting"
    assert held["findings"] == [
        {"rule": "banned_words", "kind": "hold", "reason": "banned_word", "spans": [[6, 12]],
         "params": {"words": ["weasel"]}}
    ]  # fmt: skip
    assert (herald.page()["comments"], herald.page()["total"]) == ([], 0)
    refused(bach.react(comment), 404)
    refused(herald.call("GET", f"/comments/{comment}/context"), 404)
    assert ids(kiesel.mine()["comments"]) == [comment]
    freed = good(kiesel.edit(comment, "hello again"))
    assert (freed["status"], freed["findings"]) == ("published", [])
    assert ids(herald.page()["comments"]) == [comment]


def test_what_an_edit_sends_back_to_waiting_keeps_its_replies(paper: Gazette, clock: FakeClock) -> None:
    herald = Gazette.make(paper.app, clock, "herald", banned_words=["weasel"])
    kiesel, bach = herald.reader("kiesel"), herald.reader("bach")
    root = kiesel.post("CANARY")["id"]
    reply = bach.post("a reply", root)["id"]
    good(kiesel.edit(root, "CANARY weasel"))
    answer = herald.call("GET", f"{herald.article()}/comments")
    stub, below = good(answer)["comments"]
    assert (stub["id"], stub["status"], stub["author"], stub["body"]) == (root, "waiting", None, None)
    assert (below["id"], good(answer)["total"]) == (reply, 1)
    assert b"CANARY" not in answer.get_data() and b"kiesel" not in answer.get_data()
    seq = herald.page()["seq"]
    good(kiesel.edit(root, "CANARY weasels and a weasel"))
    assert herald.page()["seq"] == seq, "nobody sees that the waiting text was edited again"
    refused(bach.send("another reply", root), 404)
    good(kiesel.edit(root, "back"))
    assert ids(herald.page()["comments"]) == [root, reply] and herald.page()["total"] == 2


def test_a_withdrawal(paper: Gazette, kiesel: Reader, bach: Reader) -> None:
    comment = kiesel.post("CANARY")["id"]
    refused(bach.withdraw(comment), 403, "forbidden")
    gone = good(kiesel.withdraw(comment))
    assert (gone["status"], gone["author"], gone["body"]) == ("withdrawn", None, None)
    assert (paper.page()["comments"], paper.page()["total"]) == ([], 0)
    refused(kiesel.withdraw(comment), 404)
    refused(kiesel.edit(comment, "back again"), 404)
    assert kiesel.mine()["comments"] == []


def test_a_stub_keeps_the_replies(paper: Gazette, kiesel: Reader, bach: Reader) -> None:
    root = kiesel.post("CANARY")["id"]
    reply = bach.post("a reply", root)["id"]
    good(kiesel.withdraw(root))
    answer = paper.call("GET", f"{paper.article()}/comments")
    page = good(answer)
    stub = page["comments"][0]
    assert (stub["id"], stub["status"], stub["author"], stub["body"], stub["reactions"]) == (
        root, "withdrawn", None, None, {})  # fmt: skip
    assert (stub["reply_count"], page["total"]) == (1, 1)
    assert b"CANARY" not in answer.get_data() and b"kiesel" not in answer.get_data()
    assert ids(paper.get(f"/comments/{reply}/context")["comments"]) == [root, reply]
    good(bach.withdraw(reply))
    assert paper.page()["comments"] == []


# Reactions, reports, mutes


def test_reactions(paper: Gazette, kiesel: Reader, bach: Reader, clock: FakeClock) -> None:
    comment = kiesel.post("hello")["id"]
    assert good(bach.react(comment)) == {"reactions": {"recommend": 1}, "mine": ["recommend"]}
    assert good(bach.react(comment)) == {"reactions": {"recommend": 1}, "mine": ["recommend"]}
    assert bach.mine()["reactions"] == {comment: ["recommend"]}
    assert paper.page()["comments"][0]["reactions"] == {"recommend": 1}
    refused(kiesel.react(comment), 403, "own_comment")
    assert refused(bach.react(comment, kind="applaud"), 400)["field"] == "kind"
    assert good(bach.react(comment, "DELETE")) == {"reactions": {}, "mine": []}
    assert good(bach.react(comment, "DELETE")) == {"reactions": {}, "mine": []}
    assert bach.mine()["reactions"] == {}


def test_several_kinds_of_reactions(paper: Gazette, clock: FakeClock) -> None:
    herald = Gazette.make(paper.app, clock, "herald", reactions=["recommend", "insightful"])
    comment = herald.reader("kiesel").post("hello")["id"]
    bach = herald.reader("bach")
    good(bach.react(comment))
    assert good(bach.react(comment, kind="insightful"))["mine"] == ["insightful", "recommend"]
    assert good(herald.reader("cara").react(comment, kind="insightful"))["reactions"] == {
        "recommend": 1,
        "insightful": 2,
    }


def test_reports(paper: Gazette, kiesel: Reader, bach: Reader) -> None:
    comment = kiesel.post("hello")["id"]
    report = good(bach.report(comment, detail=" it\nis \u202espam "), 201)
    assert good(bach.report(comment, "spam"), 200) == report, "twice is once"
    refused(kiesel.report(comment), 403, "own_comment")
    assert refused(bach.report(comment, "because"), 400)["field"] == "reason"
    shown = paper.desk().item(comment)["reports"]
    assert shown == [
        {"id": report["id"], "reason": "abuse", "detail": "it is spam", "created_at": "2026-03-02T09:00:00Z",
         "by": {"id": bach.id, "name": "bach"}, "weight": 100}
    ]  # fmt: skip
    lapsed = paper.reader("lapsed", state="lapsed")
    good(lapsed.report(comment), 201)


def test_mutes(paper: Gazette, kiesel: Reader, bach: Reader, clock: FakeClock) -> None:
    kiesel.post("hello")
    for _ in range(2):
        good(bach.call("PUT", f"/members/{kiesel.id}/mute"), 204)
    assert bach.mine()["mutes"] == [kiesel.id]
    assert paper.page()["total"] == 1, "mutes are one's own"
    refused(bach.call("PUT", f"/members/{bach.id}/mute"), 404)
    refused(bach.call("PUT", "/members/99/mute"), 404)
    herald = Gazette.make(paper.app, clock, "herald")
    refused(bach.call("PUT", f"/members/{herald.reader('x').id}/mute"), 404)
    for _ in range(2):
        good(bach.call("DELETE", f"/members/{kiesel.id}/mute"), 204)
    assert bach.mine()["mutes"] == []


def test_mine(paper: Gazette, clock: FakeClock) -> None:
    herald = Gazette.make(paper.app, clock, "herald", banned_words=["weasel"])
    kiesel = herald.reader("kiesel")
    assert kiesel.mine() == {
        "viewer": kiesel.viewer, "comments": [], "appeals": [], "reactions": {}, "mutes": [],
        "follows": {"article": False, "comments": []}, "unread": 0, "seq": 0
    }  # fmt: skip
    kiesel.post("for all")
    held = good(kiesel.send("a weasel"), 201)
    assert held["status"] == "waiting" and held["seq"] == 0
    own = kiesel.mine()
    assert (own["comments"], own["seq"]) == ([held], 1)
    assert herald.reader("bach").mine()["comments"] == []
    assert kiesel.mine("2")["comments"] == []


# Limits


@pytest.mark.environ(COMMENTS_POSTS_PER_MINUTE="3", COMMENTS_REACTIONS_PER_MINUTE="5")
def test_limits_of_requests(paper: Gazette, kiesel: Reader, bach: Reader) -> None:
    comment = kiesel.post("number 0")["id"]
    kiesel.post("number 1")
    good(kiesel.edit(comment, "number 2"))
    for answer in (kiesel.send("number 3"), kiesel.edit(comment, "number 4")):
        assert refused(answer, 429, "too_many_requests")["retry_after"] == int(answer.headers["Retry-After"])
        assert 1 <= int(answer.headers["Retry-After"]) <= 61
    good(kiesel.withdraw(comment))  # counts like a reaction
    other = bach.post("others have their own count")["id"]
    for number in range(4):
        good(kiesel.react(other, ("PUT", "DELETE")[number % 2]))
    for answer in (kiesel.react(other), kiesel.report(other), kiesel.call("PUT", f"/members/{bach.id}/mute")):
        refused(answer, 429, "too_many_requests")


@pytest.mark.environ(COMMENTS_POSTS_PER_MINUTE="2")
def test_spoofed_addresses_change_no_limit(kiesel: Reader) -> None:
    path = f"{kiesel.site.article()}/comments"
    statuses = [
        kiesel.call(
            "POST", path, {"body": f"number {n}"}, Idempotency_Key=str(n), X_Forwarded_For=f"10.0.0.{n}"
        ).status_code
        for n in range(4)
    ]
    assert statuses == [201, 201, 429, 429]
