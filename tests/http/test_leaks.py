"""A canary in everything that is not public: it is found in 0 bytes of what the public and other members are answered.

Nor may the numbers sing: what the public does not see takes no seq and changes no count, no ETag, no page.
"""

from typing import Any

import pytest
import sqlalchemy as sa

from comments.core.thread import Sort
from comments.jobs.teasers import keep_recent
from comments.storage.tables import users
from tests.conftest import FakeClock
from tests.gazette import Desk, Gazette, Reader, good

CANARY = "canary7f3a"


@pytest.fixture
def herald(paper: Gazette, clock: FakeClock) -> Gazette:
    return Gazette.make(paper.app, clock, "herald", banned_words=["weasel", f"{CANARY}-word"], reserved_names=[CANARY])


def every_answer(paper: Gazette, ids: list[str], *others: Reader) -> dict[str, bytes]:
    """All that anybody but author and moderators can ask for: path → bytes of head and body."""
    article = paper.article()
    seq = paper.page()["seq"]
    paths = [
        *(f"{article}/comments?sort={sort}&limit={n}" for sort in Sort for n in (1, 50)),
        f"{article}/picks", f"{article}/answers",
        *(f"{article}/changes?after={after}" for after in range(seq + 2)),
        *(f"/comments/{one}/{what}" for one in ids for what in ("replies", "context")),
        f"/sites/{paper.key}/counts?article=1", f"/sites/{paper.key}/picks", "/openapi.json",
    ]  # fmt: skip
    answers = {f"nobody {path}": paper.call("GET", path) for path in paths}
    html = [
        f"/articles/{paper.key}/1{query}"
        for query in ("", "/fragment", "?sort=oldest", *(f"?comment={one}" for one in ids))
    ]
    keep_recent(paper.database)
    html += [f"/articles/{paper.key}/1/feed", f"/sites/{paper.key}/feed"]
    answers |= {f"nobody {path}": paper.app.test_client(use_cookies=False).get(path) for path in html}
    for reader in others:
        people = f"{article}/people"
        theirs = [*paths, f"{article}/mine", people, f"{people}?q={CANARY[:4]}", "/me/notifications"]
        answers |= {f"{reader.id} {path}": reader.call("GET", path) for path in theirs}
        answers[f"{reader.id} follow"] = reader.call("PUT", f"{article}/follow")
        answers[f"{reader.id} mention"] = reader.call("POST", f"/sites/{paper.key}/preview", {"body": f"@{CANARY[:4]}"})
        for one in ids:
            answers[f"{reader.id} react {one}"] = reader.react(one)
            answers[f"{reader.id} edit {one}"] = reader.edit(one, "mine now")
            answers[f"{reader.id} withdraw {one}"] = reader.withdraw(one)
            answers[f"{reader.id} reply {one}"] = reader.send("a reply?", one)
            answers[f"{reader.id} follow {one}"] = reader.call("PUT", f"/comments/{one}/follow")
            answers[f"{reader.id} appeal {one}"] = reader.call("POST", f"/comments/{one}/appeal", {"text": "why?"})
    return {name: str(answer.headers).encode() + answer.get_data() for name, answer in answers.items()}


def unseen(paper: Gazette) -> dict[str, Any]:
    """What the public sees, without the identity of each request."""
    article = paper.article()
    page = paper.call("GET", f"{article}/comments")
    return {
        "page": good(page), "etag": page.headers.get("ETag"), "changes": paper.changes(0),
        "counts": paper.get(f"/sites/{paper.key}/counts?article=1"),
        "html": paper.app.test_client().get(f"/articles/{paper.key}/1").headers["ETag"],
    }  # fmt: skip


def nothing_sings(paper: Gazette, ids: list[str], *others: Reader) -> None:
    answers = every_answer(paper, ids, *others)
    assert len(answers) > 10
    assert [name for name, data in answers.items() if CANARY.encode() in data] == []


def test_a_held_comment(herald: Gazette) -> None:
    kiesel, bach = herald.reader("kiesel"), herald.reader("bach")
    kiesel.post("in the open")
    before = unseen(herald)
    held = good(kiesel.send(f"weasel {CANARY}"), 201)
    assert (held["status"], held["seq"]) == ("waiting", 0)
    assert unseen(herald) == before
    nothing_sings(herald, [held["id"]], bach)
    assert CANARY in str(kiesel.mine()), "its author sees it"
    assert CANARY in str(herald.desk().item(held["id"])), "and so do moderators"


def test_an_edit_that_is_held(herald: Gazette) -> None:
    kiesel, bach = herald.reader("kiesel"), herald.reader("bach")
    root = kiesel.post("in the open")["id"]
    reply = bach.post("a reply", root)["id"]
    held = good(kiesel.edit(root, f"weasel {CANARY}"))
    assert held["status"] == "waiting"
    nothing_sings(herald, [root, reply], herald.reader("cara"))


@pytest.mark.parametrize("how", ["rejected", "withdrawn", "edited"])
def test_what_was_public_once(herald: Gazette, how: str) -> None:
    """With a reply below (a stub stays) and without."""
    kiesel, bach, desk = herald.reader("kiesel"), herald.reader("bach"), herald.desk()
    alone = kiesel.post(f"{CANARY} alone")["id"]
    root = kiesel.post(f"{CANARY} with a reply")["id"]
    bach.post("a reply", root)
    for comment in (alone, root):
        if how == "rejected":
            good(desk.decide(comment, "reject", note=f"{CANARY} note"))
        elif how == "withdrawn":
            good(kiesel.withdraw(comment))
        else:
            good(kiesel.edit(comment, f"nothing to see {comment}"))
    nothing_sings(herald, [alone, root], herald.reader("cara"))


def test_the_name_of_who_withdrew(herald: Gazette) -> None:
    kiesel = herald.reader(CANARY, avatar=f"https://pictures.example/{CANARY}.png", badges=[CANARY])
    root = kiesel.post("hello")["id"]
    herald.reader("bach").post("a reply", root)
    good(kiesel.withdraw(root))
    nothing_sings(herald, [root], herald.reader("cara"))


def test_reports_notes_and_decisions(herald: Gazette) -> None:
    """Reporting, looking, approving what is public already, writing notes: nobody outside notices any of it."""
    kiesel, bach, desk = herald.reader("kiesel"), herald.reader("bach"), herald.desk()
    comment = kiesel.post("in the open")["id"]
    before = unseen(herald)
    good(bach.report(comment, detail=CANARY), 201)
    assert unseen(herald) == before
    good(desk.decide(comment, "approve", note=CANARY))
    assert unseen(herald) == before
    good(bach.report(comment, detail=CANARY), 200)
    good(desk.call("POST", f"/members/{kiesel.id}/ban", {"reason": CANARY, "until": None, "reject_waiting": True}))
    good(desk.call("DELETE", f"/members/{kiesel.id}/ban"))
    herald.work()
    assert unseen(herald) == before
    nothing_sings(herald, [comment], bach, kiesel)
    assert CANARY in str(desk.item(comment)["decisions"])


def test_the_search_of_another_site(herald: Gazette, paper: Gazette) -> None:
    """Its own moderators find a text and a name in every state; those of the site beside it find nothing."""
    kiesel, desk, stranger = herald.reader(f"{CANARY} kiesel"), herald.desk(), paper.desk(sites=(paper.key,))
    good(kiesel.send(f"weasel {CANARY}"), 201)
    rejected = kiesel.post(f"{CANARY} in the open")["id"]
    good(desk.decide(rejected, "reject"))
    for kind in ("comments", "members"):
        asked = f"/search?q={CANARY}&kind={kind}"
        assert CANARY in str(desk.get(f"/sites/herald{asked}")[kind])
        assert CANARY not in stranger.call("GET", f"/sites/{paper.key}{asked}").text
        assert CANARY not in stranger.call("GET", f"/sites/herald{asked}").text.replace(asked, "")


def test_rejecting_what_waits(herald: Gazette) -> None:
    kiesel, desk = herald.reader("kiesel"), herald.desk()
    kiesel.post("in the open")
    held = good(kiesel.send(f"weasel {CANARY}"), 201)["id"]
    before = unseen(herald)
    good(desk.decide(held, "reject", note=CANARY))
    assert unseen(herald) == before
    good(kiesel.withdraw(held))
    assert unseen(herald) == before
    nothing_sings(herald, [held], herald.reader("bach"))


def test_a_moderators_words_are_not_for_the_author(herald: Gazette) -> None:
    """They learn the reason from the site's list; notes, reporters and other people's words stay inside."""
    kiesel, bach, desk = herald.reader("kiesel"), herald.reader("bach"), herald.desk()
    comment = kiesel.post("hello")["id"]
    good(bach.report(comment, detail=CANARY), 201)
    good(desk.decide(comment, "reject", reason="abuse", note=CANARY))
    own = kiesel.mine()
    assert CANARY not in str(own)
    (finding,) = own["comments"][0]["findings"]
    assert finding["params"] == {"reason": "abuse", "by": "moderator"}
    assert desk.email.partition("@")[0] not in str(own)


def test_receipts_and_appeals(herald: Gazette) -> None:
    """What an author is told, what they appeal with and what they are answered: theirs and the moderators'."""
    kiesel, bach, anna, berta = herald.reader("kiesel"), herald.reader("bach"), herald.desk(), herald.desk()
    comments = [kiesel.post(f"in the open {number}")["id"] for number in range(2)]
    for comment in comments:
        bach.post("a reply", comment)
        good(anna.decide(comment, "reject", reason="abuse"))
    before = unseen(herald)
    for comment, outcome in zip(comments, ("upheld", None), strict=True):
        good(kiesel.call("POST", f"/comments/{comment}/appeal", {"text": f"{CANARY} why"}), 201)
        item = berta.item(comment)
        assert CANARY in str(item)
        if outcome is not None:
            body = {"outcome": outcome, "version": item["comment"]["version"], "note": f"{CANARY} no"}
            good(berta.call("POST", f"/appeals/{item['appeal']['id']}/decision", body))
    assert unseen(herald) == before
    assert CANARY in str(kiesel.mine())
    nothing_sings(herald, comments, bach, herald.reader("cara"))
    item = berta.item(comments[1])
    body = {"outcome": "overturned", "version": item["comment"]["version"], "note": f"{CANARY} yes"}
    good(berta.call("POST", f"/appeals/{item['appeal']['id']}/decision", body))
    nothing_sings(herald, comments, bach)


def test_lists_and_colleagues_stay_inside(herald: Gazette) -> None:
    """The author reads their own words: not the list's entry, not who decided, not the note for moderators."""
    kiesel, desk = herald.reader("kiesel"), herald.desk()
    herald.change(lambda conn: conn.execute(sa.update(users).values(name=CANARY)))
    held = good(kiesel.send("a weasel"), 201)
    assert held["receipt"]["words"] == ["weasel"]
    good(desk.decide(held["id"], "reject", reason="abuse", note=CANARY))
    good(kiesel.call("POST", f"/comments/{held['id']}/appeal", {"text": "why?"}), 201)
    assert CANARY not in str(kiesel.mine())


def test_settings_stay_inside(herald: Gazette) -> None:
    herald.reader("kiesel").post("hello")
    nothing_sings(herald, ["1"], herald.reader("bach"))
    assert CANARY in str(herald.desk().get("/sites/herald/settings"))


def test_another_site(paper: Gazette, herald: Gazette) -> None:
    """What is in one site's threads is in nobody's answers at another."""
    comment = herald.reader(CANARY).post(f"{CANARY} here")["id"]
    kiesel = paper.reader("kiesel")
    for path in (f"{paper.article()}/comments", f"{paper.article()}/mine", "/sites/gazette/counts?article=1"):
        assert CANARY.encode() not in kiesel.call("GET", path).get_data()
    for answer in (
        kiesel.edit(comment, "x y"),
        kiesel.react(comment),
        kiesel.send("x y", comment),
        kiesel.report(comment),
    ):
        assert answer.status_code == 404
        assert CANARY.encode() not in answer.get_data()
    desk: Desk = paper.desk(sites=("gazette",))
    for path in (f"/comments/{comment}", "/sites/herald/queues/new", "/sites/herald/audit", "/sites/herald/articles"):
        answer = desk.call("GET", path)
        assert answer.status_code == 404
        assert CANARY.encode() not in answer.get_data()
