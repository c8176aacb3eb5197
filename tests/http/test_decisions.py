"""What moderators do with comments besides deciding them one by one: take back, many at once, pick, lock, put aside."""

from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from comments.storage.checks import CHECKS
from comments.storage.tables import appeals, comments, decisions, deferrals, reports
from tests.conftest import FakeClock
from tests.gazette import Desk, Gazette, Reader, good, refused
from tests.http.test_console import held

GAZETTE = "/sites/gazette"


@pytest.fixture
def anna(paper: Gazette) -> Desk:
    return paper.desk()


@pytest.fixture
def berta(paper: Gazette) -> Desk:
    return paper.desk()


@pytest.fixture
def kiesel(paper: Gazette) -> Reader:
    return paper.reader("kiesel")


@pytest.fixture
def bach(paper: Gazette) -> Reader:
    return paper.reader("bach")


@pytest.fixture(autouse=True)
def counted(paper: Gazette) -> Any:
    """Whatever a test does, every counter is what a recount says."""
    yield
    paper.work()
    with paper.read() as conn:
        assert {name: check(conn) for name, check in CHECKS.items()} == dict.fromkeys(CHECKS, 0)


def made(paper: Gazette, comment: str) -> list[Any]:
    with paper.read() as conn:
        query = sa.select(decisions).where(decisions.c.comment_id == int(comment))
        return list(conn.execute(query.order_by(decisions.c.id)).all())


def undo(desk: Desk, decision: str) -> Any:
    return desk.call("POST", f"/decisions/{decision}/undo")


def state(paper: Gazette, comment: str) -> dict[str, Any]:
    """What a decision changes and an undo puts back."""
    with paper.read() as conn:
        c, r = comments.c, reports.c
        row = conn.execute(
            sa.select(c.status, c.looked_at, c.open_reports, c.report_weight).where(c.id == int(comment))
        ).one()
        told = conn.execute(
            sa.select(r.id, r.settled_at, r.outcome).where(r.comment_id == int(comment)).order_by(r.id)
        ).all()
    return dict(row._mapping) | {"reports": [tuple(one) for one in told]}


def names(desk: Desk, comment: str) -> list[str]:
    return [entry["action"] for entry in desk.item(comment)["decisions"]]


# What a decision leaves


def test_a_decision_is_kept(paper: Gazette, anna: Desk, kiesel: Reader, bach: Reader, clock: FakeClock) -> None:
    comment = kiesel.post("hello")["id"]
    clock.forward(100)
    good(bach.report(comment), 201)
    before = state(paper, comment)
    clock.forward(7)
    decided = good(anna.decide(comment, "reject", reason="abuse", note="again", message="be kind"))
    (row,) = made(paper, comment)
    assert str(row.id) == decided["decision_id"]
    assert (row.decision, row.reason, row.note, row.user_id) == ("reject", "abuse", "be kind", 1)
    assert (str(row.member_id), row.version, row.waited) == (kiesel.id, 2, 7_000_000)
    assert decided["undo_until"] == "2026-03-02T09:01:57Z"
    kept = msgspec.json.decode(row.before)
    assert kept["status"] == "published" and kept["looked_at"] is None and len(kept["reports"]) == 1
    assert before["reports"][0][2] is None
    assert state(paper, comment)["reports"][0][2] == "upheld"


def test_outcomes_and_waiting(paper: Gazette, anna: Desk, kiesel: Reader, bach: Reader, clock: FakeClock) -> None:
    """An approval rejects the reports; how long it took counts from when it came to the queue, if it was in one."""
    comment = held(paper, kiesel)
    clock.forward(30)
    good(anna.decide(comment, "approve"))
    good(bach.report(comment), 201)
    clock.forward(5)
    good(anna.decide(comment, "approve"))
    clock.forward(5)
    good(anna.decide(comment, "reject"))
    assert [row.waited for row in made(paper, comment)] == [30_000_000, 5_000_000, None]
    assert state(paper, comment)["reports"][0][2] == "rejected"


def test_the_same_decision_twice_is_one(paper: Gazette, anna: Desk, berta: Desk, kiesel: Reader) -> None:
    comment = held(paper, kiesel)
    first = good(anna.decide(comment, "reject", version=1))
    assert good(anna.decide(comment, "reject", version=1))["decision_id"] == first["decision_id"]
    refused(anna.decide(comment, "approve", version=1), 409, "changed_meanwhile")
    refused(berta.decide(comment, "reject", version=1), 409, "changed_meanwhile")
    refused(anna.decide(comment, "reject", version=1, reason="abuse"), 409, "changed_meanwhile")
    assert len(made(paper, comment)) == 1 and names(anna, comment) == ["reject"]


# Undo


def test_an_undo_puts_everything_back(paper: Gazette, anna: Desk, kiesel: Reader, bach: Reader) -> None:
    comment = kiesel.post("hello")["id"]
    reply = bach.post("hello yourself", comment)["id"]
    good(bach.report(comment), 201)
    good(anna.decide(reply, "approve"))
    before, findings = state(paper, comment), anna.item(comment)["comment"]["findings"]
    decision = good(anna.decide(comment, "reject"))["decision_id"]
    assert paper.page()["comments"][0]["author"] is None, "a stub, because of the reply"
    item = good(undo(anna, decision))["item"]
    assert state(paper, comment) == before
    assert (item["comment"]["findings"], item["comment"]["status"]) == (findings, "published")
    assert item["comment"]["version"] == 3 and len(item["reports"]) == 1
    assert paper.page()["comments"][0]["author"]["name"] == "kiesel"
    assert names(anna, comment) == ["reject", "undo"]
    assert made(paper, comment)[0].undone_at == paper.clock()
    good(undo(anna, decision))
    assert names(anna, comment) == ["reject", "undo"], "sent twice it is one undo"


def test_undoing_one_after_another(paper: Gazette, anna: Desk, kiesel: Reader) -> None:
    comment = held(paper, kiesel)
    before = state(paper, comment)
    first = good(anna.decide(comment, "reject", reason="abuse"))["decision_id"]
    second = good(anna.decide(comment, "reject", reason="hate"))["decision_id"]
    refused(undo(anna, first), 409, "changed_meanwhile")
    good(undo(anna, second))
    (finding,) = [one for one in anna.item(comment)["comment"]["findings"] if one["rule"] == "decision"]
    assert finding["params"]["reason"] == "abuse"
    refused(undo(anna, first), 409, "changed_meanwhile")
    assert state(paper, comment)["status"] == "rejected" != before["status"]


def test_what_cannot_be_undone(
    paper: Gazette, anna: Desk, berta: Desk, kiesel: Reader, bach: Reader, clock: FakeClock
) -> None:
    edited, late, appealed, other = [held(paper, kiesel, text) for text in ("one", "two", "three", "four")]
    ids = {one: good(anna.decide(one, "approve"))["decision_id"] for one in (edited, late, other)}
    ids[appealed] = good(anna.decide(appealed, "reject"))["decision_id"]
    refused(undo(berta, ids[other]), 403, "forbidden")
    refused(undo(anna, "99"), 404)
    refused(undo(anna, "x"), 404)
    good(kiesel.edit(edited, "another text"))
    refused(undo(anna, ids[edited]), 409, "changed_meanwhile")
    row = {"site_id": paper.id, "comment_id": int(appealed), "member_id": int(kiesel.id), "text": "why?"}
    paper.change(lambda conn: conn.execute(sa.insert(appeals).values(created_at=clock(), **row)))
    refused(undo(anna, ids[appealed]), 409, "appealed")
    clock.forward(15)
    good(undo(anna, ids[other]))
    clock.forward(0.1)
    refused(undo(anna, ids[late]), 409, "undo_too_late")


def test_what_came_since_stays(paper: Gazette, anna: Desk, kiesel: Reader, bach: Reader) -> None:
    """A report that came after the decision is counted beside those that are open again."""
    comment = kiesel.post("hello")["id"]
    good(bach.report(comment), 201)
    decision = good(anna.decide(comment, "approve"))["decision_id"]
    good(paper.reader("cara").report(comment), 201)
    good(undo(anna, decision))
    assert state(paper, comment)["open_reports"] == 2
    assert anna.get(f"{GAZETTE}/queues")["reported"] == 1


# Picks and locks


def test_a_pick(paper: Gazette, anna: Desk, kiesel: Reader) -> None:
    comment = kiesel.post("well said")["id"]
    seq = paper.page()["seq"]
    item = good(anna.call("POST", f"/comments/{comment}/pick"))["item"]
    assert (item["comment"]["picked"], item["comment"]["version"]) == (True, 1)
    page = paper.page()
    assert page["comments"][0]["picked"] is True and page["seq"] == seq + 1
    (change,) = paper.changes(seq)["changes"]
    assert (change["kind"], change["comment"]["picked"]) == ("changed", True)
    good(anna.call("POST", f"/comments/{comment}/pick"))
    assert paper.page()["seq"] == seq + 1, "it is one already"
    good(anna.call("DELETE", f"/comments/{comment}/pick"))
    assert "picked" not in paper.page()["comments"][0]
    assert names(anna, comment) == ["pick", "unpick"]


def test_a_pick_is_of_a_text(paper: Gazette, anna: Desk, kiesel: Reader) -> None:
    comment, waiting = kiesel.post("well said")["id"], held(paper, kiesel)
    refused(anna.call("POST", f"/comments/{waiting}/pick"), 409, "status")
    good(anna.call("POST", f"/comments/{comment}/pick"))
    good(kiesel.edit(comment, "buy my pills"))
    assert "picked" not in paper.page()["comments"][0]
    good(anna.call("POST", f"/comments/{comment}/pick"))
    kiesel.post("so it is", comment)
    good(anna.decide(comment, "reject"))
    stub = next(one for one in paper.page()["comments"] if one["id"] == comment)
    assert stub["author"] is None and "picked" not in stub
    good(anna.call("DELETE", f"/comments/{comment}/pick"))


def test_a_lock(paper: Gazette, anna: Desk, kiesel: Reader, bach: Reader) -> None:
    root = kiesel.post("hello")["id"]
    reply = bach.post("hello yourself", root)["id"]
    refused(anna.call("POST", f"/comments/{reply}/lock"), 400, "malformed")
    assert good(anna.call("POST", f"/comments/{root}/lock"))["item"]["comment"]["locked"] is True
    good(kiesel.withdraw(root))
    shown = {one["id"]: one.get("locked") for one in paper.page()["comments"]}
    assert shown == {root: True, reply: None}, "also of a stub"
    seq = paper.page()["seq"]
    good(anna.call("DELETE", f"/comments/{root}/lock"))
    assert paper.page()["seq"] == seq + 1 and "locked" not in paper.page()["comments"][0]
    assert names(anna, root) == ["lock", "unlock"]


def test_what_the_public_does_not_see_takes_no_seq(paper: Gazette, anna: Desk, kiesel: Reader) -> None:
    kiesel.post("hello")
    hidden = held(paper, kiesel)
    seq = paper.page()["seq"]
    assert good(anna.call("POST", f"/comments/{hidden}/lock"))["item"]["comment"]["locked"] is True
    assert paper.page()["seq"] == seq


def test_staff_picks_and_notes_only(paper: Gazette, kiesel: Reader) -> None:
    comment, desk = kiesel.post("hello")["id"], paper.desk("staff")
    good(desk.call("POST", f"/comments/{comment}/pick"))
    good(desk.call("POST", f"/comments/{comment}/notes", {"text": "for the front page"}))
    refused(desk.call("POST", f"/comments/{comment}/lock"), 403, "forbidden")
    refused(desk.call("POST", f"/comments/{comment}/defer", {"minutes": 5}), 403, "forbidden")
    refused(desk.call("POST", f"/comments/{comment}/second-opinion", {"note": "x"}), 403, "forbidden")
    for what in ("bulk", "bulk/preview"):
        body = {"decision": "approve", "items": [{"id": comment, "version": 1}]}
        refused(desk.call("POST", f"{GAZETTE}/{what}", body), 403, "forbidden")
    refused(desk.call("POST", f"{GAZETTE}/bulk/undo", {"decisions": ["1"]}), 403, "forbidden")


# Putting aside, asking, noting


def listed(desk: Desk) -> list[str]:
    return [item["comment"]["id"] for item in desk.get(f"{GAZETTE}/queues/waiting")["items"]]


def next_of(desk: Desk) -> list[str]:
    items = good(desk.call("POST", f"{GAZETTE}/queues/waiting/claims", {"limit": 9}))["items"]
    return [item["comment"]["id"] for item in items]


def test_putting_aside(paper: Gazette, anna: Desk, berta: Desk, kiesel: Reader, clock: FakeClock) -> None:
    first, second = held(paper, kiesel, "one"), held(paper, kiesel, "two")
    assert next_of(anna) == [first, second]
    until = good(anna.call("POST", f"/comments/{first}/defer", {"minutes": 5}))["until"]
    assert until == "2026-03-02T09:05:00Z"
    assert listed(anna) == [second] and listed(berta) == [first, second]
    assert anna.item(first)["claimed_by"] is None
    clock.forward(240)
    assert next_of(anna) == [second] and next_of(berta) == [first]
    clock.forward(61)
    assert listed(anna) == [first, second]
    for minutes in (4, 1441, -1):
        refused(anna.call("POST", f"/comments/{first}/defer", {"minutes": minutes}), 400, "malformed")


def test_a_decision_ends_what_was_put_aside(paper: Gazette, anna: Desk, berta: Desk, kiesel: Reader) -> None:
    comment = held(paper, kiesel)
    good(anna.call("POST", f"/comments/{comment}/defer", {"minutes": 60}))
    decision = good(berta.decide(comment, "approve"))["decision_id"]
    with paper.read() as conn:
        assert not conn.execute(sa.select(deferrals)).all()
    good(undo(berta, decision))
    assert listed(anna) == [] and listed(berta) == [comment], "put back with the rest"


def test_a_second_opinion(paper: Gazette, anna: Desk, berta: Desk, kiesel: Reader, clock: FakeClock) -> None:
    comment = held(paper, kiesel)
    good(anna.call("POST", f"/comments/{comment}/second-opinion", {"note": "satire?"}))
    asked = {"by": anna.email.partition("@")[0], "note": "satire?", "at": "2026-03-02T09:00:00Z"}
    assert anna.item(comment)["second_opinion"] == asked | {"by_me": True}
    assert berta.item(comment)["second_opinion"] == asked | {"by_me": False}
    assert listed(anna) == [] and listed(berta) == [comment]
    refused(anna.decide(comment, "approve"), 409, "own_second_opinion")
    body = {"decision": "approve", "items": [{"id": comment, "version": 1}]}
    done = good(anna.call("POST", f"{GAZETTE}/bulk", body))
    assert (done["decided"], done["left_out"][0]["why"]) == ([], "own_second_opinion")
    good(berta.decide(comment, "approve"))
    assert anna.item(comment)["second_opinion"] is None
    good(anna.decide(comment, "reject"))
    assert names(anna, comment) == ["second_opinion", "approve", "reject"]
    refused(anna.call("POST", f"/comments/{comment}/second-opinion", {"note": "  "}), 400, "malformed")


def test_nobody_else_to_ask(paper: Gazette, anna: Desk, kiesel: Reader, clock: FakeClock) -> None:
    """Who is alone decides alone; two who asked each other do not wait for ever; nor does anybody for a week."""
    alone, both, late = [held(paper, kiesel, text) for text in ("one", "two", "three")]
    paper.desk("staff")
    paper.desk(sites=())
    good(anna.call("POST", f"/comments/{alone}/second-opinion", {"note": "?"}))
    good(anna.decide(alone, "approve"))
    berta = paper.desk()
    for desk in (anna, berta):
        good(desk.call("POST", f"/comments/{both}/second-opinion", {"note": "?"}))
    good(anna.decide(both, "approve"))
    good(anna.call("POST", f"/comments/{late}/second-opinion", {"note": "?"}))
    refused(anna.decide(late, "approve"), 409, "own_second_opinion")
    clock.forward(7 * 86_400)
    anna.sign_in()
    good(anna.decide(late, "approve"))


def test_notes(paper: Gazette, anna: Desk, berta: Desk, kiesel: Reader) -> None:
    comment = kiesel.post("hello")["id"]
    item = good(anna.call("POST", f"/comments/{comment}/notes", {"text": " knows the mayor "}))["item"]
    (entry,) = item["decisions"]
    assert (entry["action"], entry["note"], entry["by"]) == ("note", "knows the mayor", anna.email.partition("@")[0])
    assert berta.item(comment)["decisions"] == [entry]
    assert "mayor" not in str(paper.page()) and "mayor" not in str(kiesel.mine())
    refused(anna.call("POST", f"/comments/{comment}/notes", {"text": " "}), 400, "malformed")


# Many at once


def bulk(desk: Desk, what: str, decision: str, items: dict[str, int], **more: Any) -> Any:
    asked = [{"id": comment, "version": version} for comment, version in items.items()]
    return good(desk.call("POST", f"{GAZETTE}/{what}", {"decision": decision, "items": asked} | more))


def test_a_preview_tells_what_it_touches(paper: Gazette, anna: Desk, berta: Desk, kiesel: Reader, bach: Reader) -> None:
    root, lone = kiesel.post("root")["id"], bach.post("lone", article="2")["id"]
    for text in ("one", "two"):
        bach.post(text, root)
    good(bach.report(root), 201)
    waiting, changed, claimed, gone = [held(paper, kiesel, text) for text in ("one", "two", "three", "four")]
    good(kiesel.edit(changed, "b, corrected"))
    good(berta.call("POST", f"{GAZETTE}/claims", {"comment_ids": [claimed]}))
    good(kiesel.withdraw(gone))
    items = {root: 1, lone: 1, waiting: 1, changed: 1, claimed: 1, gone: 2, "999": 1}
    shown = bulk(anna, "bulk/preview", "reject", items, reason="spam")
    left_out = {one["id"]: one["why"] for one in shown.pop("left_out")}
    assert left_out == {changed: "changed_meanwhile", claimed: "claimed", gone: "status", "999": "not_found"}
    assert shown == {"count": 3, "by_status": {"published": 2, "waiting": 1}, "authors": 2, "articles": 2,
                     "reports": 1, "stubs": 1, "replies": 2}  # fmt: skip
    assert names(anna, root) == [], "looking changes nothing"
    done = bulk(anna, "bulk", "reject", items, reason="spam")
    assert {one["id"] for one in done["decided"]} == {root, lone, waiting}
    assert {one["id"]: one["why"] for one in done["left_out"]} == left_out
    assert {one["id"]: (one["claimed_by"] or {}).get("name") for one in done["left_out"]}[claimed] is not None


def test_a_bulk_decision_and_its_undo(paper: Gazette, anna: Desk, kiesel: Reader, bach: Reader) -> None:
    root = kiesel.post("root")["id"]
    ids = [bach.post(f"reply {number}", root)["id"] for number in range(3)] + [held(paper, kiesel, "held")]
    good(kiesel.report(ids[0]), 201)
    before = {one: state(paper, one) for one in (root, *ids)}
    done = bulk(anna, "bulk", "reject", dict.fromkeys((root, *ids), 1), reason="spam", note="all of it")
    assert paper.page()["total"] == 0 and done["left_out"] == []
    entries = anna.get(f"{GAZETTE}/audit")["entries"][:5]
    assert {entry["subject"]["id"] for entry in entries} == {root, *ids}
    assert {(entry["action"], entry["note"]) for entry in entries} == {("reject", "all of it")}
    undone = anna.call("POST", f"{GAZETTE}/bulk/undo", {"decisions": [one["decision_id"] for one in done["decided"]]})
    assert good(undone)["left_out"] == []
    back = {item["comment"]["id"]: item["comment"] for item in good(undone)["items"]}
    assert back == {one: anna.item(one)["comment"] for one in (root, *ids)}, "as they stand now, to be decided on again"
    assert {one: state(paper, one) for one in (root, *ids)} == before
    assert paper.page()["total"] == 4


def test_a_bulk_undo_names_what_it_leaves(
    paper: Gazette, anna: Desk, berta: Desk, kiesel: Reader, clock: FakeClock
) -> None:
    one, two = held(paper, kiesel, "one"), held(paper, kiesel, "two")
    done = bulk(anna, "bulk", "approve", {one: 1, two: 1})
    ids = [entry["decision_id"] for entry in done["decided"]]
    good(berta.decide(one, "reject"))
    undone = good(anna.call("POST", f"{GAZETTE}/bulk/undo", {"decisions": ids}))
    assert [(entry["id"], entry["why"]) for entry in undone["left_out"]] == [(one, "changed_meanwhile")]
    assert (state(paper, one)["status"], state(paper, two)["status"]) == ("rejected", "waiting")
    refused(berta.call("POST", f"{GAZETTE}/bulk/undo", {"decisions": ids}), 403, "forbidden")
    refused(anna.call("POST", f"{GAZETTE}/bulk/undo", {"decisions": [*ids, "99"]}), 404, "not_found")


def test_a_bulk_decision_takes_a_fixed_number_of_statements(paper: Gazette, anna: Desk, kiesel: Reader) -> None:
    asked: list[str] = []

    def count(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    sa.event.listen(paper.database.engine, "before_cursor_execute", count)
    counts = []
    for size in (2, 20):
        items = {held(paper, kiesel, f"number {number}"): 1 for number in range(size)}
        asked.clear()
        assert len(bulk(anna, "bulk", "reject", items, reason="spam")["decided"]) == size
        counts.append(len(asked))
    assert counts[1] - counts[0] <= 2, counts


def test_malformed_bulks(paper: Gazette, anna: Desk, kiesel: Reader) -> None:
    item = {"id": kiesel.post("hello")["id"], "version": 1}
    for body in ({"decision": "reject", "items": [item]}, {"decision": "approve", "items": []},
                 {"decision": "approve", "items": [item] * 101}, {"decision": "lock", "items": [item]},
                 {"decision": "approve", "items": [{"id": "1"}]}):  # fmt: skip
        for what in ("bulk", "bulk/preview"):
            refused(anna.call("POST", f"{GAZETTE}/{what}", body), 400, "malformed")


def test_another_sites_comments(paper: Gazette, anna: Desk, kiesel: Reader, clock: FakeClock) -> None:
    herald = Gazette.make(paper.app, clock, "herald", issuer="https://herald.example")
    elsewhere, foreign = herald.reader("bach").post("at the herald")["id"], paper.desk(sites=("herald",))
    done = bulk(anna, "bulk", "reject", {elsewhere: 1}, reason="spam")
    assert (done["decided"], done["left_out"][0]["why"]) == ([], "not_found")
    comment = held(paper, kiesel)
    decision = good(anna.decide(comment, "approve"))["decision_id"]
    refused(undo(foreign, decision), 404, "not_found")
    refused(foreign.call("POST", "/sites/herald/bulk/undo", {"decisions": [decision]}), 404, "not_found")
    for what in ("pick", "lock"):
        refused(foreign.call("POST", f"/comments/{comment}/{what}"), 404, "not_found")


# Keys


def test_keys(paper: Gazette, anna: Desk, berta: Desk) -> None:
    usual = anna.get("/preferences")
    assert usual["keys"] == usual["usual"] and usual["keys"]["approve"] == "a"
    changed = good(anna.call("PUT", "/preferences", {"keys": {"approve": "1", "reject": "a", "lock": None}}))
    assert (changed["keys"]["approve"], changed["keys"]["reject"], changed["keys"]["lock"]) == ("1", "a", None)
    assert anna.get("/preferences") == changed and berta.get("/preferences") == usual
    assert anna.get("/session")["keys"] == changed["keys"]
    assert good(anna.call("PUT", "/preferences", {"keys": {}})) == usual
    other = {"approve": "ж", "search": None, "help": ";", "reasons": None}
    assert good(anna.call("PUT", "/preferences", {"keys": other}))["keys"] == usual["keys"] | other
    for keys in ({"approve": "r"}, {"approve": "ab"}, {"approve": "?"}, {"approve": "A"}, {"dance": "y"},
                 {"approve": "z", "reject": "z"}, {"approve": ""}, {"approve": 1},
                 {"approve": " "}, {"approve": "1-9"}, {"reasons": "x"}, {"approve": "/"}):  # fmt: skip
        refused(anna.call("PUT", "/preferences", {"keys": keys}), 400, "malformed")
