"""What is kept for so many days only: forgotten by the worker once a day, by the site's own settings, nothing else."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.core.errors import Malformed
from comments.core.site import read_settings
from comments.jobs.retention import forget_old, plan_retention
from comments.storage.checks import CHECKS
from comments.storage.integrity import snapshot
from comments.storage.tables import (
    audit,
    comments,
    complaints,
    edits,
    jobs,
    mails,
    notices,
    reports,
    statements,
    warnings,
)
from comments.storage.transparency import count_all
from tests.conftest import FakeClock
from tests.gazette import Gazette, good
from tests.http.test_notices import ask, decide, give, queue, restrict

DAY = 86_400
CANARY = "canarytext"


def cells(gazette: Gazette) -> str:
    with gazette.read() as conn:
        tables = (comments, edits, reports, warnings, audit)
        return "\n".join(str(row) for table in tables for row in conn.execute(sa.select(table)))


def a_story(gazette: Gazette) -> dict[str, str]:
    kiesel, rune, desk = gazette.reader("kiesel"), gazette.reader("rune"), gazette.desk()
    stays = kiesel.post(f"It was {CANARY} edits.")
    good(kiesel.edit(stays["id"], "It is published and stays."))
    rejected, withdrawn = kiesel.post(f"A {CANARY} rejected."), kiesel.post(f"A {CANARY} withdrawn.")
    reply = rune.post("A reply to what will be withdrawn.", withdrawn["id"])
    assert rune.report(rejected["id"], detail=f"{CANARY} reports").status_code == 201
    good(desk.decide(rejected["id"], "reject", note=f"{CANARY} log"))
    assert kiesel.withdraw(withdrawn["id"]).status_code < 300
    warned = {"reason": "spam", "text": f"{CANARY} warnings"}
    assert desk.call("POST", f"/members/{kiesel.id}/warnings", warned).status_code < 300
    with gazette.read() as conn:
        warning = conn.execute(sa.select(sa.func.max(warnings.c.id))).scalar_one()
    assert kiesel.call("POST", f"/me/warnings/{warning}/seen").status_code == 200
    return {"stays": stays["id"], "reply": reply["id"], "rejected": rejected["id"]}


def test_each_kind_goes_in_its_time(app: Flask, clock: FakeClock) -> None:
    kept = {"keep_rejected": 200, "keep_withdrawn": 10, "keep_edits": 20, "keep_reports": 30, "keep_warnings": 40,
            "keep_log": 50}  # fmt: skip
    gazette, herald = Gazette.make(app, clock, **kept), Gazette.make(app, clock, "herald")
    known = a_story(gazette)
    a_story(herald)
    gone = {11: "withdrawn", 21: "edits", 31: "reports", 41: "warnings", 51: "log", 201: "rejected"}
    began = clock()
    words = ["withdrawn", "edits", "reports", "warnings", "log", "rejected"]
    for day, kind in gone.items():
        clock.now = began + (day - 2) * DAY * 1_000_000
        forget_old(gazette.database, {})
        before = cells(gazette).count(f"{CANARY} {kind}")
        assert before > 0, (day, kind)
        clock.forward(3 * DAY)
        forget_old(gazette.database, {})
        assert cells(gazette).count(f"{CANARY} {kind}") < before, (day, kind)  # the other site keeps its own
        words.remove(kind)
        assert all(f"{CANARY} {word}" in cells(gazette) for word in words)
    page = gazette.page()
    assert {one["id"] for one in page["comments"] if one["status"] == "published"} >= {known["stays"], known["reply"]}
    assert f"A {CANARY} rejected." in cells(gazette), "the other site keeps them longer"
    with snapshot(gazette.database) as conn:
        assert {name: wrong for name, check in CHECKS.items() if (wrong := check(conn))} == {}


def law_cells(gazette: Gazette) -> str:
    with gazette.read() as conn:
        tables = (notices, complaints, statements, audit, mails)
        return "\n".join(f"{table.name}: {row}" for table in tables for row in conn.execute(sa.select(table)))


def page_of(notice: Any) -> str:
    """The path behind the secret link."""
    return "/" + str(notice["status_url"]).partition("//")[2].partition("/")[2]


def test_notices_go_in_their_time(app: Flask, clock: FakeClock) -> None:
    """What they say and who gave them, once decided; not while a complaint waits or a restriction holds. The figures
    that the law asks for stay as they were.
    """
    gazette = Gazette.make(app, clock, keep_notices=200)
    kiesel, desk = gazette.reader("kiesel"), gazette.desk("administrator")
    began = clock()
    comment, other = kiesel.post("the thief!")["id"], kiesel.post("the liar!")["id"]
    given = [
        give(gazette, one, text=f"{CANARY} is why this is untrue", name=f"{CANARY} giver") for one in (comment, other)
    ]
    waiting, disputed = give(gazette, other, text=f"{CANARY} waits to be looked at"), given[1]
    items = {one["reference"]: one for one in queue(desk, gazette)["items"]}
    why = {"legal_ground": "Section 1", "explanation": f"{CANARY} explains"}
    good(restrict(desk, gazette, items[given[0]["reference"]]["id"], **why, answer=f"{CANARY} answer"))
    good(decide(desk, gazette, items[disputed["reference"]], "no_action", answer=f"{CANARY} disputed"))
    assert ask(gazette, page_of(disputed), {"text": f"{CANARY} complains about that"}).status_code == 303
    suspended = {"reason": f"{CANARY} suspends", "until": None, "reject_waiting": False}
    good(desk.call("POST", f"/members/{kiesel.id}/ban", suspended))
    with gazette.read() as conn:
        before = count_all(conn, gazette.id, began, clock() + 1)

    clock.forward(201 * DAY)
    forget_old(gazette.database, {})
    left = law_cells(gazette)
    assert f"{CANARY} answer" not in left and f"{CANARY} explains" not in left
    assert left.count(f"{CANARY} is why this is untrue") == 1, "the disputed one stays"
    assert f"{CANARY} disputed" in left and f"{CANARY} complains" in left and f"{CANARY} waits" in left
    desk = gazette.desk("administrator")
    shown = desk.get(f"/sites/gazette/notices/{items[given[0]['reference']]['id']}")
    assert (shown["text"], shown["name"], shown["urls"], shown["outcome"]) == ("", None, [], "restricted")
    assert ask(gazette, page_of(given[0])).status_code == 404
    assert ask(gazette, page_of(waiting)).status_code == 200

    (complaint,) = desk.get("/sites/gazette/complaints")["items"]
    good(desk.call("POST", f"/sites/gazette/complaints/{complaint['id']}/decision",
                   {"outcome": "upheld", "note": f"{CANARY} note"}))  # fmt: skip
    clock.forward(201 * DAY)
    forget_old(gazette.database, {})
    left = law_cells(gazette)
    assert [one for one in left.splitlines() if CANARY in one and "waits" not in one and "suspends" not in one] == []
    assert f"{CANARY} waits" in left, "what nobody has decided is not forgotten"
    with gazette.read() as conn:
        now = count_all(conn, gazette.id, began, began + DAY * 1_000_000)
    assert (now["notices"], now["restrictions"]) == (before["notices"], before["restrictions"])


def test_the_log_of_mail_goes_in_its_time(app: Flask, clock: FakeClock) -> None:
    """As each site wants it; what has not gone out yet stays."""
    short, usual = Gazette.make(app, clock, keep_mails=10), Gazette.make(app, clock, "herald")
    row = {"kind": "letter", "run_at": 1, "created_at": clock()}
    rows = [
        row | {"site_id": site.id, "state": state, "key": state}
        for site in (short, usual)
        for state in ("sent", "failed", "waiting")
    ]
    short.change(lambda conn: conn.execute(sa.insert(mails), rows))
    for days, left in ((9, 6), (2, 4), (20, 2)):
        clock.forward(days * DAY)
        forget_old(short.database, {})
        with short.read() as conn:
            states = conn.execute(sa.select(mails.c.state)).scalars().all()
        assert len(states) == left and states.count("waiting") == 2, days


def test_it_is_planned_once_a_day(app: Flask, clock: FakeClock) -> None:
    gazette = Gazette.make(app, clock)
    for _ in range(3):
        plan_retention(gazette.database)
    with gazette.read() as conn:
        planned = conn.execute(sa.select(jobs.c.kind).where(jobs.c.kind == "retention")).scalars().all()
    assert planned == ["retention"]
    gazette.work()
    clock.forward(DAY + 1)
    plan_retention(gazette.database)
    with gazette.read() as conn:
        assert conn.execute(sa.select(jobs.c.kind)).scalars().all() == ["retention"]


def test_what_is_rejected_stays_as_long_as_one_may_appeal() -> None:
    for setting in ("keep_rejected", "keep_notices"):
        with pytest.raises(Malformed, match=f"{setting} is 190 days"):
            read_settings(f'{{"{setting}": 30}}')


def test_the_log_loses_details_and_nothing_else(app: Flask, clock: FakeClock) -> None:
    gazette = Gazette.make(app, clock)
    a_story(gazette)
    for change in ({"action": "other"}, {"note": "another"}, {"created_at": 1}, {"subject_id": 7}):
        with pytest.raises(sa.exc.DatabaseError, match="append-only"):
            gazette.change(lambda conn, change=change: conn.execute(sa.update(audit).values(change)))
    with pytest.raises(sa.exc.DatabaseError, match="append-only"):
        gazette.change(lambda conn: conn.execute(sa.delete(audit)))
