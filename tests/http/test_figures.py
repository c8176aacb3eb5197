"""The console's figures: what they say of a small story, who sees which, and the tables as CSV."""

import csv
import io
from typing import Any

import pytest
import sqlalchemy as sa

from comments.jobs.figures import plan_hours
from comments.storage.sites import update_user
from comments.storage.tables import comments, decisions, users
from tests.conftest import FakeClock
from tests.gazette import Desk, Gazette, good, refused

FIGURES = "/sites/gazette/figures"


@pytest.fixture
def paper(app: Any, clock: FakeClock) -> Gazette:
    return Gazette.make(app, clock, banned_words=["weasel"])


def count(paper: Gazette, clock: FakeClock) -> None:
    clock.forward(61)
    plan_hours(paper.database)
    clock.forward(1)
    paper.work()


def decided(paper: Gazette, comment: str, desk: Desk | None, decision: str, **more: Any) -> None:
    """A decision as it is written down."""

    def write(conn: sa.Connection) -> None:
        user = None if desk is None else sa.select(users.c.id).where(users.c.email == desk.email).scalar_subquery()
        row = conn.execute(sa.select(comments).where(comments.c.id == int(comment))).one()
        now = paper.database.clock()
        conn.execute(sa.insert(decisions).values(
            {"site_id": paper.id, "comment_id": row.id, "member_id": row.member_id, "user_id": user,
             "decision": decision, "before": "{}", "version": 2, "created_at": now} | more))  # fmt: skip

    paper.change(write)


def a_story(paper: Gazette, clock: FakeClock, first: Desk, second: Desk) -> None:
    kiesel, bach = paper.reader("kiesel"), paper.reader("bach")
    shown = [kiesel.post(f"number {number}")["id"] for number in range(3)]
    held = bach.post("a weasel")["id"]
    good(bach.report(shown[0]), 201)
    clock.forward(100)
    decided(paper, held, first, "reject", reason="abuse", waited=100_000_000, overturned_at=clock.now)
    decided(paper, shown[0], first, "reject", reason="spam", waited=1000_000_000)
    decided(paper, shown[1], second, "approve", waited=10_000_000)
    decided(paper, shown[2], second, "reject", reason="spam", waited=1, undone_at=clock.now)
    decided(paper, shown[2], None, "reject", reason="banned_author")
    count(paper, clock)


def test_a_small_story(paper: Gazette, clock: FakeClock) -> None:
    chief, first, second = paper.desk("administrator"), paper.desk(), paper.desk()
    a_story(paper, clock, first, second)
    found = chief.get(f"{FIGURES}?by=hour")
    assert (found["by"], found["time_zone"], found["hours_to_count"]) == ("hour", "UTC", 0)
    assert found["as_of"].startswith("2026-03-02T09:02:4")
    assert [step["at"] for step in found["series"]][-1] == "2026-03-02T09:00:00+00:00"
    total = found["total"]
    assert found["series"][-1] == {"at": "2026-03-02T09:00:00+00:00"} | total
    assert {name: total[name] for name in ("posted", "held", "imported", "held_share", "reported", "appealed")} == {
        "posted": 4, "held": 1, "imported": 0, "held_share": 0.25, "reported": 1, "appealed": 0,
    }  # fmt: skip
    assert (total["approved"], total["rejected"], total["by_service"], total["overturned"]) == (1, 2, 1, 1)
    assert total["p50"] == pytest.approx(100, rel=0.1)
    assert total["p95"] == pytest.approx(1000, rel=0.1)
    assert found["rules"] == [{"rule": "banned_words", "held": 1}]
    assert sorted(map(tuple, (one.values() for one in found["reasons"]))) == [
        ("abuse", 1, 1), ("banned_author", 1, 0), ("spam", 1, 0),
    ]  # fmt: skip
    names = {one["name"]: (one["decided"], one["overturned"]) for one in found["moderators"]}
    assert names == {first.email.partition("@")[0]: (2, 1), second.email.partition("@")[0]: (1, 0)}


def test_days_by_the_sites_time_zone(app: Any, clock: FakeClock) -> None:
    paper = Gazette.make(app, clock, "herald", time_zone="Pacific/Auckland")
    paper.reader("kiesel").post("on the second of March")
    clock.forward(3 * 3600)
    paper.reader("bach").post("on the third, there")
    count(paper, clock)
    found = paper.desk().get("/sites/herald/figures?from=2026-03-01&to=2026-03-03")
    assert [(step["at"], step["posted"]) for step in found["series"]] == [
        ("2026-03-01T00:00:00+13:00", 0), ("2026-03-02T00:00:00+13:00", 1), ("2026-03-03T00:00:00+13:00", 1),
    ]  # fmt: skip
    assert found["series"][0]["held_share"] is None and found["series"][0]["p50"] is None


def test_before_anything_was_counted(paper: Gazette) -> None:
    found = paper.desk().get(FIGURES)
    assert (found["as_of"], len(found["series"]), found["total"]["posted"]) == (None, 30, 0)
    assert found["rules"] == found["reasons"] == found["moderators"] == []


def test_moderators_see_their_own_figures_alone(paper: Gazette, clock: FakeClock) -> None:
    chief, first, second, staff = paper.desk("administrator"), paper.desk(), paper.desk(), paper.desk("staff")
    a_story(paper, clock, first, second)
    assert (chief.get(FIGURES)["moderators_shown"], len(chief.get(FIGURES)["moderators"])) == ("all", 2)
    own = first.get(FIGURES)
    assert (own["moderators_shown"], [one["decided"] for one in own["moderators"]]) == ("own", [2])
    assert staff.get(FIGURES)["moderators"] == []
    names = second.email.partition("@")[0], first.email.partition("@")[0]
    for path in (FIGURES, f"{FIGURES}.csv?table=moderators"):
        text = second.call("GET", path).get_data(as_text=True)
        assert names[0] in text and names[1] not in text


def test_who_looks_after_sections_sees_none(paper: Gazette) -> None:
    desk = paper.desk()
    paper.change(
        lambda conn: conn.execute(sa.update(users).where(users.c.email == desk.email).values(sections='["s"]'))
    )
    for path in (FIGURES, f"{FIGURES}.csv"):
        refused(desk.call("GET", path), 403, "forbidden")


def test_csv(paper: Gazette, clock: FakeClock) -> None:
    chief, first = paper.desk("administrator"), paper.desk()
    a_story(paper, clock, first, paper.desk())
    user = first.get("/session")["user"]["id"]
    paper.change(lambda conn: update_user(conn, int(user), name='=HYPERLINK("x"), "y"'))
    answer = chief.call("GET", f"{FIGURES}.csv?from=2026-03-01&to=2026-03-02")
    assert answer.mimetype == "text/csv" and answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="gazette-series-2026-03-01-2026-03-02.csv"'
    text = answer.get_data(as_text=True)
    assert text.endswith("\r\n") and text.count("\r\n") == 3
    rows = list(csv.DictReader(io.StringIO(text)))
    assert (rows[0]["posted"], rows[0]["held_share"], rows[1]["posted"], rows[1]["held_share"]) == (
        "0",
        "",
        "4",
        "0.25",
    )
    tables = {}
    for table in ("rules", "reasons", "moderators"):
        text = chief.call("GET", f"{FIGURES}.csv?table={table}").get_data(as_text=True)
        tables[table] = list(csv.DictReader(io.StringIO(text, newline="")))
    assert tables["rules"] == [{"rule": "banned_words", "held": "1"}]
    assert tables["reasons"][0].keys() == {"reason", "rejected", "overturned"}
    assert tables["moderators"][0]["name"] == '\'=HYPERLINK("x"), "y"', "no spreadsheet takes it for a formula"
