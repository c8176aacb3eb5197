"""Threads that open and close by themselves, at times that moderators plan."""

from typing import Any

import pytest
import sqlalchemy as sa

from comments.core.times import time_text
from comments.jobs.worker import Worker
from comments.storage.tables import jobs
from tests.conftest import FakeClock
from tests.gazette import Desk, Gazette, Reader, good, refused

HOUR = 3600


@pytest.fixture
def desk(paper: Gazette) -> Desk:
    return paper.desk()


@pytest.fixture
def kiesel(paper: Gazette) -> Reader:
    return paper.reader("kiesel")


def at(clock: FakeClock, hours: float) -> str:
    """The time so many hours from now."""
    return str(time_text(clock() + int(hours * HOUR) * 1_000_000))


def plan(desk: Desk, opens_at: str | None = None, closes_at: str | None = None, article: str = "1") -> Any:
    return desk.call("PUT", f"/sites/gazette/articles/{article}/hours", {"opens_at": opens_at, "closes_at": closes_at})


def set_mode(desk: Desk, mode: str) -> Any:
    return good(desk.call("PATCH", "/sites/gazette/articles/1", {"mode": mode}))


def shown(paper: Gazette) -> tuple[str, str | None, str | None]:
    article = paper.page()["article"]
    return article["mode"], article.get("opens_at"), article.get("closes_at")


def later(paper: Gazette, clock: FakeClock, hours: float) -> None:
    clock.forward(int(hours * HOUR))
    paper.work()


def test_a_thread_closes_by_itself(paper: Gazette, desk: Desk, kiesel: Reader, clock: FakeClock) -> None:
    kiesel.post("hello there")
    seq, evening = paper.page()["seq"], at(clock, 0.1)
    told = good(plan(desk, closes_at=evening))
    assert told["closes_at"] == evening and "opens_at" not in told and told["mode"] == "open"
    assert paper.changes(seq)["article"] == {name: told[name] for name in ("id", "title", "url", "mode", "closes_at")}
    later(paper, clock, 0.05)
    assert shown(paper) == ("open", None, evening)
    seq = paper.page()["seq"]
    later(paper, clock, 0.05)
    assert shown(paper) == ("closed", None, None)
    assert paper.changes(seq)["article"]["mode"] == "closed", "readers hear it live"
    refused(kiesel.send("too late"), 422, "article_open")


def test_a_thread_opens_by_itself(paper: Gazette, desk: Desk, kiesel: Reader, clock: FakeClock) -> None:
    """One that is to open later is closed until then; and closes again."""
    morning, evening = at(clock, 0.1), at(clock, 0.2)
    good(plan(desk, morning, evening))
    assert shown(paper) == ("closed", morning, evening)
    refused(kiesel.send("too early"), 422, "article_open")
    later(paper, clock, 0.1)
    assert shown(paper) == ("open", None, evening)
    kiesel.post("in time")
    later(paper, clock, 0.1)
    assert shown(paper) == ("closed", None, None)
    log = [(one["action"], one["by"], one["after"]) for one in desk.get("/sites/gazette/audit")["entries"][:4]]
    me = desk.email.partition("@")[0]
    assert log == [
        ("set_mode", None, {"mode": "closed"}), ("set_mode", None, {"mode": "open"}),
        ("set_hours", me, {"opens_at": morning, "closes_at": evening}), ("set_mode", me, {"mode": "closed"}),
    ]  # fmt: skip


def test_what_was_premoderated_opens_so(paper: Gazette, desk: Desk, kiesel: Reader, clock: FakeClock) -> None:
    """Also when the plan is changed meanwhile."""
    set_mode(desk, "premoderated")
    good(plan(desk, at(clock, 0.1)))
    good(plan(desk, at(clock, 0.2)))
    later(paper, clock, 0.1)
    assert shown(paper)[0] == "closed", "the earlier time counts for nothing any more"
    later(paper, clock, 0.1)
    assert shown(paper) == ("premoderated", None, None)


def test_a_plan_is_changed_and_dropped(paper: Gazette, desk: Desk, clock: FakeClock) -> None:
    good(plan(desk, closes_at=at(clock, 0.1)))
    good(plan(desk, closes_at=at(clock, 0.3)))
    later(paper, clock, 0.2)
    assert shown(paper)[0] == "open"
    good(plan(desk))
    later(paper, clock, 0.2)
    assert shown(paper) == ("open", None, None)
    entries = len(desk.get("/sites/gazette/audit")["entries"])
    good(plan(desk))
    assert len(desk.get("/sites/gazette/audit")["entries"]) == entries, "nothing changed"


@pytest.mark.parametrize("mode", ["open", "premoderated", "closed", "readonly", "off"])
def test_a_mode_that_is_set_by_hand_wins(paper: Gazette, desk: Desk, clock: FakeClock, mode: str) -> None:
    good(plan(desk, at(clock, 0.1), at(clock, 0.2)))
    set_mode(desk, mode)
    taking = mode in ("open", "premoderated")
    assert shown(paper)[1] is None and (shown(paper)[2] is not None) == taking
    later(paper, clock, 0.1)
    assert shown(paper)[0] == mode
    later(paper, clock, 0.1)
    assert shown(paper) == ("closed" if taking else mode, None, None)


def test_a_worker_that_comes_late(paper: Gazette, desk: Desk, clock: FakeClock) -> None:
    """In whichever order two workers take what is due, the thread ends as planned."""
    good(plan(desk, at(clock, 0.1), at(clock, 0.2)))
    clock.forward(HOUR)
    last_first = sa.update(jobs).where(jobs.c.key.endswith("closes_at")).values(run_at=jobs.c.run_at - HOUR * 1_000_000)
    paper.change(lambda conn: conn.execute(last_first))
    worker = Worker(paper.database)
    while worker.work(most=1):
        pass
    assert shown(paper) == ("closed", None, None)


def test_what_cannot_be_planned(paper: Gazette, desk: Desk, kiesel: Reader, clock: FakeClock) -> None:
    kiesel.post("hello there")
    soon, then = at(clock, 1), at(clock, 2)
    for given, field in (
        ((at(clock, -1), None), "opens_at"), ((None, at(clock, 0)), "closes_at"), ((then, soon), "closes_at"),
        ((soon, soon), "closes_at"), (("tomorrow", None), "opens_at"), ((None, "2030-01-01T00:00:00"), "closes_at"),
        (("9999-12-31T23:59:59-14:00", None), "opens_at"), ((5, None), "opens_at"),
    ):  # fmt: skip
        assert refused(plan(desk, *given), 400, "malformed")["field"] == field, given
    set_mode(desk, "closed")
    refused(plan(desk, closes_at=soon), 409, "mode")
    for mode in ("readonly", "off"):
        set_mode(desk, mode)
        assert refused(plan(desk, soon, then), 409, "mode")["mode"] == mode
    assert shown(paper) == ("off", None, None)
    refused(paper.desk("staff").call("PUT", "/sites/gazette/articles/1/hours", {"opens_at": None, "closes_at": None}),
            403, "forbidden")  # fmt: skip


def test_an_article_that_nobody_wrote_under(paper: Gazette, desk: Desk, clock: FakeClock) -> None:
    morning = at(clock, 0.1)
    good(plan(desk, morning, article="new"))
    article = paper.page("new")["article"]
    assert (article["mode"], article["opens_at"]) == ("closed", morning)
    listed = {one["id"]: one for one in desk.get("/sites/gazette/articles")["articles"]}
    assert listed["new"]["opens_at"] == morning and "closes_at" not in listed["new"]
