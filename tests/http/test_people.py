"""Members as moderators see them, what is laid upon them and lifted again, and what they are told of it."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.storage import checks
from comments.storage.comments import update_member
from comments.storage.reports import DAY, forget_sources, prune_salts
from comments.storage.tables import reports, salts
from tests.conftest import FakeClock
from tests.gazette import Desk, Gazette, Reader, good, refused


@pytest.fixture
def desk(paper: Gazette) -> Desk:
    return paper.desk()


@pytest.fixture
def kiesel(paper: Gazette) -> Reader:
    return paper.reader("kiesel")


@pytest.fixture
def bach(paper: Gazette) -> Reader:
    return paper.reader("bach")


def viewer(reader: Reader) -> Any:
    return reader.mine()["viewer"]


def take_back(desk: Desk, answer: Any) -> Any:
    """Do what an answer names as its undoing."""
    undo = answer["undo"]
    return good(desk.call(undo["method"], undo["path"].removeprefix("/api/v1/console")))


def nothing_wrong(paper: Gazette) -> None:
    with paper.read() as conn:
        assert {name: found for name, check in checks.CHECKS.items() if (found := check(conn))} == {}


# Warnings


def test_a_warning_is_read_before_one_posts_again(paper: Gazette, desk: Desk, kiesel: Reader) -> None:
    comment = kiesel.post("rude")["id"]
    body = {"reason": "abuse", "text": " Stay polite. ", "comment_id": comment}
    author = good(desk.call("POST", f"/members/{kiesel.id}/warnings", body))["author"]
    assert (author["warnings"], author["unseen_warnings"]) == (1, 1)
    shown = viewer(kiesel)
    assert (shown["gate"], shown["can"]["write"]) == ("warned", False)
    (warning,) = shown["warnings"]
    assert (warning["reason"], warning["text"], warning["comment_id"]) == ("abuse", "Stay polite.", comment)
    refused(kiesel.send("not yet"), 403, "warned")
    good(kiesel.edit(comment, "politer"))
    for _ in range(2):  # twice is once
        shown = good(kiesel.call("POST", f"/me/warnings/{warning['id']}/seen"))
        assert (shown["gate"], shown["warnings"]) == (None, [])
    kiesel.post("politely")
    nothing_wrong(paper)
    page = desk.get(f"/members/{kiesel.id}")
    assert page["warnings"][0]["seen_at"] is not None
    assert page["decisions"][0]["action"] == "warn"


def test_a_warning_taken_back(paper: Gazette, desk: Desk, kiesel: Reader) -> None:
    given = good(desk.call("POST", f"/members/{kiesel.id}/warnings", {"reason": "spam"}))
    assert take_back(desk, given)["author"]["unseen_warnings"] == 0
    kiesel.post("as if it had not been")
    read = good(desk.call("POST", f"/members/{kiesel.id}/warnings", {"reason": "spam"}))
    good(kiesel.call("POST", f"/me/warnings/{viewer(kiesel)['warnings'][0]['id']}/seen"))
    refused(desk.call("DELETE", read["undo"]["path"].removeprefix("/api/v1/console")), 409, "seen")
    nothing_wrong(paper)


def test_warnings_that_are_none(paper: Gazette, desk: Desk, kiesel: Reader, bach: Reader) -> None:
    path = f"/members/{kiesel.id}/warnings"
    assert refused(desk.call("POST", path, {"reason": "because"}), 400)["field"] == "reason"
    others = bach.post("of somebody else")["id"]
    refused(desk.call("POST", path, {"reason": "abuse", "comment_id": others}), 404)
    good(desk.call("POST", path, {"reason": "abuse"}))
    warning = viewer(kiesel)["warnings"][0]["id"]
    refused(bach.call("POST", f"/me/warnings/{warning}/seen"), 404)
    refused(paper.call("POST", f"/me/warnings/{warning}/seen"), 401)
    assert viewer(kiesel)["gate"] == "warned"


# Restrictions


def test_a_ban_is_not_shortened_by_a_suspension(desk: Desk, kiesel: Reader) -> None:
    path = f"/members/{kiesel.id}/ban"
    banned = good(desk.call("POST", path, {"reason": "for good"}))
    body = {"reason": "for a day", "until": "2026-03-03T09:00:00Z"}
    refused(desk.call("POST", path, body), 409, "banned")
    assert viewer(kiesel)["restriction_reason"] == "for good"
    assert take_back(desk, banned)["author"]["banned"] is False
    good(desk.call("POST", path, body))
    page = desk.get(f"/members/{kiesel.id}")
    assert page["suspension"] == {"reason": "for a day", "until": "2026-03-03T09:00:00Z"}
    assert page["ban"] is None


def test_premoderation_of_a_member(paper: Gazette, desk: Desk, kiesel: Reader) -> None:
    body = {"reason": "Too many links."}
    answer = good(desk.call("PUT", f"/members/{kiesel.id}/premoderation", body))
    assert answer["author"]["premoderated_reason"] == "Too many links."
    assert viewer(kiesel)["limits"]["premoderated"] == {"reason": "Too many links."}
    assert kiesel.post("looked at first")["status"] == "waiting"
    take_back(desk, answer)
    assert viewer(kiesel)["limits"]["premoderated"] is None
    assert kiesel.post("and now at once")["status"] == "published"
    assert refused(desk.call("PUT", f"/members/{kiesel.id}/premoderation", {"reason": " "}), 400)["field"] == "reason"


@pytest.fixture
def herald(app: Flask, clock: FakeClock, paper: Gazette) -> Gazette:
    """Another site of the same publisher."""
    return Gazette.make(app, clock, "herald")


def test_a_ban_everywhere(paper: Gazette, herald: Gazette, app: Flask, clock: FakeClock) -> None:
    foreign = Gazette.make(app, clock, "courier", issuer="https://courier.example")
    third = Gazette.make(app, clock, "echo")
    chief, kiesel, same, other = paper.desk("administrator"), paper.reader(), herald.reader(), foreign.reader()
    answer = good(chief.call("POST", f"/members/{kiesel.id}/ban-everywhere", {"reason": "threats"}))
    for reader in (kiesel, same):
        refused(reader.send("x y"), 403, "banned")
        assert viewer(reader)["restriction_reason"] == "threats"
    other.post("another publisher's reader of the same name")
    later = third.reader()
    refused(later.send("first time here"), 403, "banned")
    page = chief.get(f"/members/{later.id}")
    assert (page["ban"]["everywhere"], page["site"]) == (True, "echo")
    refused(paper.desk().call("DELETE", f"/members/{kiesel.id}/ban"), 409, "banned_everywhere")
    refused(chief.call("POST", f"/members/{same.id}/ban-everywhere", {"reason": "again"}), 409, "banned_everywhere")
    take_back(chief, answer)
    for reader in (kiesel, same, later):
        reader.post("free again")
    refused(chief.call("DELETE", f"/members/{kiesel.id}/ban-everywhere"), 409, "not_banned")


def test_a_ban_of_a_site_outlives_one_everywhere(paper: Gazette, herald: Gazette, clock: FakeClock) -> None:
    chief, kiesel, same = paper.desk("administrator"), paper.reader(), herald.reader()
    good(chief.call("POST", f"/members/{kiesel.id}/ban", {"reason": "here"}))
    clock.forward(1)
    good(chief.call("POST", f"/members/{same.id}/ban-everywhere", {"reason": "everywhere"}))
    assert (viewer(kiesel)["restriction_reason"], viewer(same)["restriction_reason"]) == ("here", "everywhere")
    good(chief.call("DELETE", f"/members/{kiesel.id}/ban"))
    assert viewer(kiesel)["restriction_reason"] == "everywhere", "what was decided here ends, the other holds"
    good(chief.call("DELETE", f"/members/{same.id}/ban-everywhere"))
    assert (viewer(kiesel)["gate"], viewer(same)["gate"]) == (None, None)


def test_who_bans_everywhere(paper: Gazette, herald: Gazette, kiesel: Reader) -> None:
    """Administrators of every site of the publisher, nobody else."""
    path, body = f"/members/{kiesel.id}/ban-everywhere", {"reason": "x"}
    for desk, status in (
        (paper.desk("staff"), 403),
        (paper.desk(), 403),
        (paper.desk("administrator", ("gazette",)), 403),
        (paper.desk("administrator", ("herald",)), 404),
        (paper.desk("administrator", ("gazette", "herald")), 200),
    ):
        assert desk.call("POST", path, body).status_code == status
        assert desk.call("DELETE", path).status_code == status


def test_staff_look_and_note_and_restrict_nobody(paper: Gazette, kiesel: Reader) -> None:
    staff, member = paper.desk("staff"), f"/members/{kiesel.id}"
    page = staff.get(member)
    assert page["can"] == {"warn": False, "premoderate": False, "ban": False, "ban_everywhere": False, "note": True}
    good(staff.call("POST", f"{member}/notes", {"note": "Met at the press conference."}))
    for method, path, body in (
        ("POST", "warnings", {"reason": "abuse"}),
        ("PUT", "premoderation", {"reason": "x"}),
        ("POST", "ban", {"reason": "x"}),
    ):
        refused(staff.call(method, f"{member}/{path}", body), 403, "forbidden")
    assert staff.get(member)["decisions"][0]["note"] == "Met at the press conference."


# The page of a member


def test_the_page_of_a_member(paper: Gazette, desk: Desk, kiesel: Reader, bach: Reader, clock: FakeClock) -> None:
    ids = []
    for number in range(3):
        clock.forward(1)
        ids.append(kiesel.post(f"number {number}")["id"])
    good(bach.report(ids[0], detail="look"), 201)
    good(desk.decide(ids[1], "reject", reason="abuse"))
    page = desk.get(f"/members/{kiesel.id}")
    standing = page["member"]["standing"]
    assert standing["level"] in ("mixed", "poor", "good")
    assert standing["score"] == 50 + sum(part["points"] for part in standing["parts"])
    assert [(one["comment_id"], one["other"]["name"]) for one in page["reports_received"]] == [(ids[0], "bach")]
    assert [one["comment_id"] for one in desk.get(f"/members/{bach.id}")["reports_made"]] == [ids[0]]
    path = f"/members/{kiesel.id}/comments"
    first = desk.get(f"{path}?limit=2")
    assert [one["comment"]["id"] for one in first["comments"]] == ids[:0:-1]
    rest = desk.get(f"{path}?limit=2&cursor={first['next_cursor']}")
    assert ([one["comment"]["id"] for one in rest["comments"]], rest["next_cursor"]) == (ids[:1], None)
    rejected = desk.get(f"{path}?status=rejected")["comments"]
    assert [one["comment"]["id"] for one in rejected] == [ids[1]]
    refused(paper.desk(sites=()).call("GET", f"/members/{kiesel.id}"), 404)


# Reports


def report_of(paper: Gazette, comment: str) -> Any:
    with paper.read() as conn:
        return conn.execute(sa.select(reports).where(reports.c.comment_id == int(comment))).one()


def test_a_report_weighs_what_its_maker_was_right(paper: Gazette, kiesel: Reader, bach: Reader, desk: Desk) -> None:
    paper.change(lambda conn: update_member(conn, int(bach.id), reports_upheld=3, reports_rejected=0))
    comment = kiesel.post("hello")["id"]
    good(bach.report(comment), 201)
    item = desk.item(comment)
    assert (item["reports"][0]["weight"], item["reports_before"]) == (160, 0)
    assert item["comment"]["id"] == comment
    assert viewer(bach)["limits"]["report_percent"] == 160
    good(desk.decide(comment, "approve"))
    assert desk.item(comment)["reports_before"] == 1


@pytest.mark.parametrize(("decision", "counted"), [("reject", (1, 0)), ("approve", (0, 1))])
def test_a_decision_says_who_was_right(
    paper: Gazette, desk: Desk, kiesel: Reader, bach: Reader, decision: str, counted: tuple[int, int]
) -> None:
    """And its undoing takes that back."""
    comment = kiesel.post("hello")["id"]
    good(bach.report(comment), 201)
    decided = good(desk.decide(comment, decision))
    paper.work()
    page = desk.get(f"/members/{bach.id}")
    assert (page["reports_upheld"], page["reports_rejected"]) == counted
    assert page["reports_made"][0]["outcome"] == ("upheld" if decision == "reject" else "rejected")
    complaints = [
        one["count"] for one in desk.item(comment)["author"]["standing"]["parts"] if one["name"] == "complaints"
    ]
    assert complaints == [counted[0]]
    good(desk.call("POST", f"/decisions/{decided['decision_id']}/undo"))
    paper.work()
    page = desk.get(f"/members/{bach.id}")
    assert (page["reports_upheld"], page["reports_rejected"], page["report_weight"]) == (0, 0, 100)
    nothing_wrong(paper)


def hiding(app: Flask, clock: FakeClock) -> Gazette:
    return Gazette.make(app, clock, "herald", hide_reports=2, hide_minutes=5)


def test_trusted_reports_hide_a_comment_until_it_is_looked_at(app: Flask, clock: FakeClock) -> None:
    herald = hiding(app, clock)
    author, desk = herald.reader("author"), herald.desk()
    comment = author.post("hello")["id"]
    readers = [herald.reader(f"r{number}") for number in range(5)]
    good(readers[0].report(comment), 201)
    clock.forward(6 * 60)
    good(readers[1].report(comment), 201)
    herald.work()
    assert herald.page()["total"] == 1, "two, but not within five minutes"
    good(readers[2].report(comment), 201)
    herald.work()
    assert herald.page()["total"] == 0
    (own,) = author.mine()["comments"]
    assert (own["status"], own["findings"][-1]["reason"]) == ("waiting", "reports")
    assert desk.item(comment)["comment"]["findings"][-1]["params"] == {"weight": 200, "reports": 2, "minutes": 5}
    good(desk.decide(comment, "approve"))
    clock.forward(1)
    good(readers[3].report(comment), 201)
    herald.work()
    assert herald.page()["total"] == 1, "reports from before the decision hide nothing"
    good(readers[4].report(comment), 201)
    herald.work()
    assert herald.page()["total"] == 0, "fresh ones do"


def test_two_reports_at_once_hide_once(app: Flask, clock: FakeClock) -> None:
    herald = hiding(app, clock)
    author = herald.reader("author")
    comment = author.post("hello")["id"]
    for number in range(4):
        good(herald.reader(f"r{number}").report(comment), 201)
    herald.work()
    hidden = [one for one in herald.desk().item(comment)["decisions"] if one["action"] == "hide"]
    assert len(hidden) == 1
    nothing_wrong(herald)


def test_reports_raise_the_risk_within_bounds(paper: Gazette, desk: Desk, kiesel: Reader) -> None:
    from comments.storage.tables import comments

    comment = kiesel.post("hello")["id"]
    seen = []
    for number in range(12):
        good(paper.reader(f"r{number}").report(comment), 201)
        with paper.read() as conn:
            seen.append(conn.execute(sa.select(comments.c.risk).where(comments.c.id == int(comment))).scalar_one())
    assert seen == sorted(seen) and 0 < seen[0] < seen[5] <= seen[-1] <= 100


def test_brigading_shows(paper: Gazette, desk: Desk, kiesel: Reader, clock: FakeClock) -> None:
    comment = kiesel.post("hello")["id"]
    assert desk.item(comment)["brigading"] == {"suspected": False, "why": []}
    for number in range(4):
        good(paper.reader(f"new{number}").report(comment), 201)
    found = desk.item(comment)["brigading"]
    assert found["suspected"]
    assert set(found["why"]) == {"young_accounts", "one_source", "never_commented", "burst"}


def test_where_a_report_came_from_is_forgotten(paper: Gazette, kiesel: Reader, bach: Reader, clock: FakeClock) -> None:
    """Never the address: a hash with the day's salt; the salt goes after two days, the hash after thirty."""
    comment = kiesel.post("hello")["id"]
    good(bach.report(comment), 201)
    source = report_of(paper, comment).source
    assert len(source) == 16 and "127" not in source
    for days, salts_left, known in ((2, 1, True), (1, 0, True), (28, 0, False)):
        clock.forward(days * DAY / 1_000_000)
        paper.change(lambda conn: (prune_salts(conn, clock()), forget_sources(conn, clock())))
        with paper.read() as conn:
            assert conn.execute(sa.select(sa.func.count()).select_from(salts)).scalar_one() == salts_left
        assert (report_of(paper, comment).source is not None) is known
