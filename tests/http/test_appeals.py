"""From a rejection to its end: the receipt, the appeal, another moderator's answer, and everybody's page after it."""

import threading
from typing import Any

import pytest
import sqlalchemy as sa

from comments.core.receipt import APPEALS_FOR
from comments.storage.checks import CHECKS
from comments.storage.tables import appeals, decisions, users
from tests.conftest import FakeClock
from tests.gazette import Desk, Gazette, Reader, good, refused

WHY = "I only repeated what stands in the article."


@pytest.fixture
def herald(paper: Gazette, clock: FakeClock) -> Gazette:
    return Gazette.make(paper.app, clock, "herald", banned_words=["weas*"], newcomer_comments=0)


@pytest.fixture
def kiesel(herald: Gazette) -> Reader:
    return herald.reader("kiesel")


def appeal(reader: Reader, comment: str, text: str = WHY, **headers: str) -> Any:
    return reader.call("POST", f"/comments/{comment}/appeal", {"text": text}, **headers)


def answered(desk: Desk, comment: str, outcome: str, **more: Any) -> Any:
    """The answer to a comment's appeal, about the version that stands unless another is given."""
    item = desk.item(comment)
    body = {"outcome": outcome, "version": item["comment"]["version"]} | more
    return desk.call("POST", f"/appeals/{item['appeal']['id']}/decision", body)


def rejected(desk: Desk, reader: Reader, text: str = "hello", **more: Any) -> str:
    comment = str(reader.post(text)["id"])
    good(desk.decide(comment, "reject", reason="abuse", **more))
    return comment


def own(reader: Reader, comment: str) -> Any:
    return next(one for one in reader.mine()["comments"] if one["id"] == comment)


def nothing_wrong(paper: Gazette) -> None:
    with paper.read() as conn:
        assert {name: count(conn) for name, count in CHECKS.items() if count(conn)} == {}


def test_from_rejection_to_everybodys_page(herald: Gazette, kiesel: Reader, clock: FakeClock) -> None:
    anna, berta = herald.desk(), herald.desk()
    comment = rejected(anna, kiesel)
    receipt = own(kiesel, comment)["receipt"]
    assert (receipt["by"], receipt["rule"], receipt["reason"]) == ("moderator", "decision", "abuse")
    assert "insults or harasses" in receipt["text"]
    assert receipt["appeal"]["possible"] and receipt["appeal"]["until"].startswith("2026-09-01")
    assert anna.item(comment)["comment"]["receipt"]["text"] == receipt["text"], "moderators read what the author reads"

    clock.forward(60)
    sent = good(appeal(kiesel, comment), 201)
    assert sent["receipt"]["appeal"] == {
        "possible": False, "until": None, "state": "open", "text": WHY, "note": None, "decided_at": None
    }  # fmt: skip
    shown = berta.item(comment)["appeal"]
    assert shown["against"] == {
        "by": "moderator", "by_me": False, "name": anna.email.partition("@")[0], "reason": "abuse"
    }  # fmt: skip
    assert (shown["text"], shown["state"], shown["decidable"]) == (WHY, "open", True)
    mine = anna.item(comment)["appeal"]
    assert (mine["against"]["by_me"], mine["decidable"]) == (True, False)

    for outcome in ("overturned", "upheld"):
        refused(answered(anna, comment, outcome), 403, "own_decision")
    refused(anna.decide(comment, "approve"), 403, "own_decision")
    assert herald.page()["total"] == 0

    seq = herald.page()["seq"]
    done = good(answered(berta, comment, "overturned", note="You are right."))
    assert done["item"]["comment"]["status"] == "published"
    assert (done["item"]["appeal"]["state"], done["item"]["appeal"]["decidable"]) == ("overturned", False)
    assert herald.page()["total"] == 1
    (change,) = herald.changes(seq)["changes"]
    assert (change["kind"], change["comment"]["id"]) == ("added", comment)
    after = kiesel.mine()
    assert after["comments"] == []
    assert after["appeals"] == [
        {"comment_id": comment, "state": "overturned", "note": "You are right.", "decided_at": "2026-03-02T09:01:00Z"}
    ]
    good(appeal(kiesel, comment), 200)  # asked again by a widget that has not heard
    nothing_wrong(herald)
    with herald.read() as conn:
        marked = conn.execute(sa.select(decisions.c.overturned_at).order_by(decisions.c.id)).scalars().first()
    assert marked == clock()
    actions = [entry["action"] for entry in anna.get("/sites/herald/audit")["entries"]]
    assert "overturn_appeal" in actions


def test_upheld(herald: Gazette, kiesel: Reader) -> None:
    anna, berta = herald.desk(), herald.desk()
    comment = rejected(anna, kiesel)
    good(appeal(kiesel, comment), 201)
    done = good(answered(berta, comment, "upheld", note="It stays as it is."))
    assert done["item"]["comment"]["status"] == "rejected"
    told = own(kiesel, comment)["receipt"]
    assert told["appeal"]["state"] == "upheld" and told["appeal"]["note"] == "It stays as it is."
    assert not told["appeal"]["possible"]
    refused(answered(berta, comment, "overturned"), 409, "appeal_decided")
    refused(appeal(kiesel, comment, "Once more, please."), 409, "appeal_exists")
    entry = berta.get("/sites/herald/audit")["entries"][0]
    assert (entry["action"], entry["by"], entry["note"]) == (
        "uphold_appeal", berta.email.partition("@")[0], "It stays as it is."
    )  # fmt: skip
    nothing_wrong(herald)


def test_alone_one_may_and_the_log_says_so(herald: Gazette, kiesel: Reader) -> None:
    anna = herald.desk()
    comment = rejected(anna, kiesel)
    good(appeal(kiesel, comment), 201)
    assert anna.item(comment)["appeal"]["decidable"]
    good(answered(anna, comment, "overturned"))
    entry = next(one for one in anna.get("/sites/herald/audit")["entries"] if one["action"] == "overturn_appeal")
    assert entry["after"] == {"status": "published", "own_decision": True}


@pytest.mark.parametrize("who", ["disabled", "elsewhere", "staff", "section"])
def test_who_is_no_other_moderator(herald: Gazette, kiesel: Reader, who: str) -> None:
    """A colleague who may not decide there is nobody to wait for."""
    anna = herald.desk()
    comment = rejected(anna, kiesel)
    good(appeal(kiesel, comment), 201)
    other = herald.desk("staff" if who == "staff" else "moderator", ("gazette",) if who == "elsewhere" else None)
    change = {"disabled": {"disabled_at": 1}, "section": {"sections": '["sports"]'}}.get(who)
    if change:
        herald.change(lambda conn: conn.execute(sa.update(users).where(users.c.email == other.email).values(change)))
    good(answered(anna, comment, "overturned"))


def test_moderators_of_a_section(herald: Gazette, kiesel: Reader) -> None:
    """What they do not look after is not there for them."""
    anna, berta = herald.desk(), herald.desk()
    comment = rejected(anna, kiesel)
    good(appeal(kiesel, comment), 201)
    number = anna.item(comment)["appeal"]["id"]
    body = {"outcome": "upheld", "version": 1}
    change = sa.update(users).where(users.c.email == berta.email).values(sections='["sports"]')
    herald.change(lambda conn: conn.execute(change))
    refused(berta.call("POST", f"/appeals/{number}/decision", body), 404, "not_found")
    with herald.read() as conn:
        assert conn.execute(sa.select(appeals.c.decided_at)).scalar() is None


def test_another_sites_appeal_is_not_there(paper: Gazette, herald: Gazette, kiesel: Reader) -> None:
    comment = rejected(herald.desk(), kiesel)
    good(appeal(kiesel, comment), 201)
    foreign = herald.desk(sites=("gazette",))
    refused(foreign.call("POST", "/appeals/1/decision", {"outcome": "overturned", "version": 1}), 404, "not_found")
    refused(foreign.call("POST", "/appeals/99/decision", {"outcome": "overturned", "version": 1}), 404, "not_found")
    refused(appeal(paper.reader("kiesel"), comment), 404, "not_found")
    staff = herald.desk("staff")
    refused(staff.call("POST", "/appeals/1/decision", {"outcome": "overturned", "version": 1}), 403, "forbidden")


def test_one_appeal(herald: Gazette, kiesel: Reader) -> None:
    desk = herald.desk()
    comment = rejected(desk, kiesel)
    for text in ("", " \n ", "x" * 501, "\u200b"):
        assert refused(appeal(kiesel, comment, text), 400)["field"] == "text"
    flags = "\U0001f1e6\U0001f1f9" * 500  # characters as people count them
    first = good(appeal(kiesel, comment, flags), 201)
    again = good(appeal(kiesel, comment, flags), 200)
    assert again == first
    refused(appeal(kiesel, comment, "Something else."), 409, "appeal_exists")
    with herald.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(appeals)).scalar() == 1


def test_nothing_to_appeal_against(herald: Gazette, kiesel: Reader, clock: FakeClock) -> None:
    desk, bach = herald.desk(), herald.reader("bach")
    public = kiesel.post("hello")["id"]
    refused(appeal(kiesel, public), 409, "no_appeal")
    refused(appeal(bach, public), 403, "forbidden")
    hidden = rejected(desk, kiesel, "another")
    refused(appeal(bach, hidden), 404, "not_found")
    refused(appeal(kiesel, "99"), 404, "not_found")
    refused(herald.call("POST", f"/comments/{hidden}/appeal", {"text": WHY}), 401, "token_missing")
    clock.forward(APPEALS_FOR // 1_000_000 + 1)
    late = herald.reader("kiesel")
    assert not own(late, hidden)["receipt"]["appeal"]["possible"]
    refused(appeal(late, hidden), 409, "no_appeal")


def test_what_waits_for_a_moderator_anyway(herald: Gazette, kiesel: Reader) -> None:
    desk = herald.desk()
    kiesel.post("hello")
    good(desk.call("PATCH", "/sites/herald/articles/1", {"mode": "premoderated"}))
    waits = good(kiesel.send("on a premoderated article"), 201)
    assert "every comment" in waits["receipt"]["text"]
    assert not waits["receipt"]["appeal"]["possible"]
    refused(appeal(kiesel, waits["id"]), 409, "no_appeal")


@pytest.mark.parametrize("state", ["lapsed", "suspended", "banned"])
def test_who_may_not_write_may_appeal(herald: Gazette, kiesel: Reader, state: str) -> None:
    anna, berta = herald.desk(), herald.desk()
    comment = rejected(anna, kiesel)
    if state == "lapsed":
        kiesel = herald.reader("kiesel", state="lapsed")
    else:
        until = "2027-01-01T00:00:00Z" if state == "suspended" else None
        good(anna.call("POST", f"/members/{kiesel.id}/ban", {"reason": "x", "until": until}))
    refused(kiesel.send("may not write"), 403)
    good(appeal(kiesel, comment), 201)
    good(answered(berta, comment, "overturned"))
    assert herald.page()["total"] == 1


def test_a_machines_hold(herald: Gazette, kiesel: Reader) -> None:
    """Receipt with the words as they were written; any moderator decides, by either way."""
    desk = herald.desk()
    held = good(kiesel.send("such a Weasel, really"), 201)
    assert held["receipt"]["by"] == "machine" and held["receipt"]["rule"] == "banned_words"
    assert held["receipt"]["words"] == ["Weasel"] and "Weasel" in held["receipt"]["text"]
    assert held["receipt"]["appeal"]["possible"]
    assert "weas*" not in str(held), "the list's entry is not the author's business"
    good(appeal(kiesel, held["id"]), 201)
    assert desk.item(held["id"])["appeal"]["against"] == {
        "by": "machine", "by_me": False, "name": None, "reason": None
    }  # fmt: skip
    assert refused(answered(desk, held["id"], "upheld"), 400)["field"] == "reason"
    good(answered(desk, held["id"], "upheld", reason="abuse", note="Not in this tone."))
    told = own(kiesel, held["id"])
    assert told["status"] == "rejected"
    assert (told["receipt"]["by"], told["receipt"]["appeal"]["state"]) == ("moderator", "upheld")
    nothing_wrong(herald)


@pytest.mark.parametrize(("decision", "outcome"), [("approve", "overturned"), ("reject", "upheld")])
def test_deciding_the_usual_way_answers_the_appeal(
    herald: Gazette, kiesel: Reader, decision: str, outcome: str
) -> None:
    desk = herald.desk()
    held = good(kiesel.send("such a weasel"), 201)["id"]
    good(appeal(kiesel, held), 201)
    good(desk.decide(held, decision))
    assert desk.item(held)["appeal"]["state"] == outcome
    nothing_wrong(herald)


def test_an_answer_is_not_undone(herald: Gazette, kiesel: Reader) -> None:
    """Its author has been told."""
    anna, berta = herald.desk(), herald.desk()
    comment = rejected(anna, kiesel)
    good(appeal(kiesel, comment), 201)
    made = good(berta.decide(comment, "approve"))
    assert berta.item(comment)["appeal"]["state"] == "overturned"
    refused(berta.call("POST", f"/decisions/{made['decision_id']}/undo"), 409, "appealed")
    nothing_wrong(herald)


def test_what_is_said_to_the_author_and_what_is_not(herald: Gazette, kiesel: Reader) -> None:
    desk = herald.desk()
    comment = rejected(desk, kiesel, message="Please without the last word.", note="the third time")
    told = own(kiesel, comment)["receipt"]["text"]
    assert told.endswith("The moderator writes: Please without the last word.")
    assert "third" not in str(kiesel.mine())


def test_an_open_appeal_ends_with_its_comment(herald: Gazette, kiesel: Reader) -> None:
    """Withdrawn, or published by an edit: nothing is left to decide, and the right to appeal is not used up."""
    desk = herald.desk()
    gone, edited = (good(kiesel.send(f"a weasel {number}"), 201)["id"] for number in range(2))
    for comment in (gone, edited):
        good(appeal(kiesel, comment), 201)
    good(kiesel.withdraw(gone))
    good(kiesel.edit(edited, "nothing to see"))
    assert desk.item(gone)["appeal"]["state"] == desk.item(edited)["appeal"]["state"] == "closed"
    good(desk.decide(edited, "reject"))
    assert own(kiesel, edited)["receipt"]["appeal"]["possible"]
    good(appeal(kiesel, edited, "Again."), 201)
    nothing_wrong(herald)


def test_a_claim_holds_for_appeals_too(herald: Gazette, kiesel: Reader) -> None:
    anna, berta, cara = herald.desk(), herald.desk(), herald.desk()
    comment = rejected(anna, kiesel)
    good(appeal(kiesel, comment), 201)
    good(berta.call("POST", "/sites/herald/claims", {"comment_ids": [comment]}))
    problem = refused(answered(cara, comment, "overturned"), 409, "claimed")
    assert problem["item"]["comment"]["status"] == "rejected"
    good(answered(cara, comment, "overturned", take_over=True))


def test_an_appeal_makes_another_version(herald: Gazette, kiesel: Reader) -> None:
    """Who decides has seen the appeal; and the other way round."""
    desk = herald.desk()
    held = good(kiesel.send("such a weasel"), 201)
    good(appeal(kiesel, held["id"]), 201)
    problem = refused(desk.decide(held["id"], "reject", version=held["version"]), 409, "changed_meanwhile")
    assert problem["item"]["appeal"]["text"] == WHY
    refused(answered(desk, held["id"], "overturned", version=held["version"]), 409, "changed_meanwhile")


def test_two_answer_at_once(herald: Gazette, kiesel: Reader) -> None:
    """One outcome: the other moderator is told so."""
    anna, desks = herald.desk(), [herald.desk(), herald.desk()]
    comment = rejected(anna, kiesel)
    good(appeal(kiesel, comment), 201)
    item = anna.item(comment)
    body = {"version": item["comment"]["version"]}
    answers: list[Any] = []

    def answer(desk: Desk, outcome: str) -> None:
        path = f"/appeals/{item['appeal']['id']}/decision"
        answers.append(desk.call("POST", path, body | {"outcome": outcome}))

    both = [threading.Thread(target=answer, args=given) for given in zip(desks, ("upheld", "overturned"), strict=True)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(one.status_code for one in answers) == [200, 409]
    problem = next(one for one in answers if one.status_code == 409)
    assert problem.json["code"] in ("appeal_decided", "changed_meanwhile")
    nothing_wrong(herald)


def test_the_language_of_a_receipt(herald: Gazette, kiesel: Reader) -> None:
    comment = rejected(herald.desk(), kiesel)
    mine = f"{herald.article()}/mine"

    def text(path: str = mine, **headers: str) -> str:
        shown = good(kiesel.call("GET", path, **headers))["comments"]
        return str(next(one for one in shown if one["id"] == comment)["receipt"]["text"])

    assert text().startswith("A moderator")
    assert text(Accept_Language="sv, de-AT;q=0.9, en;q=0.1").startswith("Die Moderation")
    assert text(f"{mine}?lang=de", Accept_Language="en").startswith("Die Moderation")
    assert text(f"{mine}?lang=%00", Accept_Language="xx").startswith("A moderator")


# Texts of the site's own


def test_the_sites_own_texts(herald: Gazette, kiesel: Reader) -> None:
    administrator, desk = herald.desk("administrator"), herald.desk()
    path = "/sites/herald/texts"
    shown = desk.get(path)
    assert {"decision.abuse", "banned_word", "waiting", "decision.banned_author"} <= set(shown["places"])
    assert shown["own"] == {} and {"de", "en"} <= set(shown["languages"])
    new = {"reason": "decision.abuse", "language": "en", "text": "Our house, our tone: {reason}. {note}"}
    refused(desk.call("PUT", path, new), 403, "forbidden")
    good(administrator.call("PUT", path, new))
    comment = rejected(desk, kiesel)
    assert own(kiesel, comment)["receipt"]["text"] == "Our house, our tone: abuse or insult."
    for wrong in (
        {"reason": "nothing"},
        {"language": "EN"},
        {"text": "x" * 1001},
        {"text": "{member} {reason}"},
        {"text": "{count}"},
    ):
        refused(administrator.call("PUT", path, new | wrong), 400)
    back = good(administrator.call("PUT", path, new | {"text": None}))
    assert back["own"] == {}
    assert "insults" in own(kiesel, comment)["receipt"]["text"]
    entries = administrator.get("/sites/herald/audit")["entries"]
    (reset, changed) = [one for one in entries if one["action"] == "change_text"]
    assert (changed["before"], changed["after"]["text"]) == ({"text": None}, new["text"])
    assert (reset["before"]["text"], reset["after"]["text"]) == (new["text"], None)
    refused(herald.desk("administrator", ("gazette",)).call("PUT", path, new), 404, "not_found")
