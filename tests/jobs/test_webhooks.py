"""Webhooks, from what happened to what a receiver is told: signatures, retries, receivers that are slow, dead or gone,
erasure, and a worker that is killed. By the test's clock in this process, and with real workers.
"""

import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from comments.actions.erasure import erase_member
from comments.actions.webhooks import rotate_secret
from comments.core.events import ExportFinished, Told
from comments.core.webhooks import DAY, HOUR, SECOND, WAITS
from comments.jobs.erasure import Place, carry_out
from comments.jobs.upkeep import sweep
from comments.jobs.webhooks import Delivering
from comments.storage.members import member_by_id
from comments.storage.sites import site_by_id
from comments.storage.tables import audit, webhook_attempts, webhook_deliveries, webhook_messages, webhooks
from comments.storage.transaction import system_clock
from tests.conftest import FakeClock
from tests.gazette import Desk, Gazette, Reader, good, parts_of
from tests.jobs.conftest import StartWorker
from tests.jobs.hooked import HERE, Hooked, add, keys_of, verified
from tests.opinions.service import Service, service
from tests.servers import free_port, wait_until


@pytest.fixture
def paper(app: Flask, clock: FakeClock) -> Gazette:
    return Gazette.make(app, clock, edit_window=10**6)


@pytest.fixture
def kiesel(paper: Gazette) -> Reader:
    return paper.reader("kiesel")


@pytest.fixture
def desk(paper: Gazette) -> Desk:
    return paper.desk()


@pytest.fixture
def told() -> Iterator[Service]:
    with service() as one:
        yield one


@pytest.fixture
def hook(paper: Gazette, told: Service) -> Hooked:
    """A webhook of all types."""
    return Hooked(paper, told, *add(paper, told.url))


# What is told


def test_one_comments_life(paper: Gazette, clock: FakeClock, kiesel: Reader, desk: Desk, hook: Hooked) -> None:
    comment = good(kiesel.send("a **good** one", article_url="https://www.gazette.example/a"), 201)["id"]
    clock.forward(60)
    good(kiesel.edit(comment, "a better one"))
    good(paper.reader("bach").report(comment), 201)
    good(desk.decide(comment, "reject"))
    good(desk.decide(comment, "approve"))
    good(desk.call("POST", f"/comments/{comment}/pick"))
    good(kiesel.withdraw(comment))
    hook.send()
    assert hook.types() == [
        "comment.published", "comment.edited", "comment.reported", "comment.rejected", "comment.published",
        "comment.marked", "comment.withdrawn",
    ]  # fmt: skip
    first, edited, reported, rejected, *_, marked, withdrawn = hook.heard()
    assert first == {
        "type": "comment.published",
        "timestamp": "2026-03-02T09:00:00Z",
        "data": {
            "site": "gazette",
            "article": {"id": "1", "url": "https://www.gazette.example/a", "title": None, "section": None},
            "comment": first["data"]["comment"],
            "member": {"id": kiesel.id, "sub": "kiesel"},
        },
    }
    shown = first["data"]["comment"]
    assert (shown["id"], shown["status"], shown["version"], shown["seq"]) == (comment, "published", 1, 1)
    assert (shown["text"], shown["body"]) == ("a good one", [["p", "a ", ["strong", "good"], " one"]])
    assert (edited["timestamp"], edited["data"]["comment"]["text"]) == ("2026-03-02T09:01:00Z", "a better one")
    assert reported["data"]["open_reports"] == 1
    assert rejected["data"]["comment"]["status"] == "rejected"
    assert marked["data"]["comment"]["picked"] is True
    versions = [one["data"]["comment"]["version"] for one in hook.heard()]
    assert versions == sorted(versions) and versions[-1] > versions[0], "what comes late is known by its version"
    gone = withdrawn["data"]["comment"]
    assert (gone["body"], gone["author"], "text" in gone) == (None, None, False), "what was taken back is told no more"


def test_what_nobody_sees_is_told_the_publisher(paper: Gazette, desk: Desk, hook: Hooked) -> None:
    good(paper.desk("administrator").call("PATCH", "/sites/gazette/rules", {"rules": {"premoderate": True}}))
    comment = paper.reader("kiesel").post("wait for me")["id"]
    good(desk.decide(comment, "approve"))
    hook.send()
    waiting, published = hook.heard()
    assert (waiting["type"], published["type"]) == ("comment.waiting", "comment.published")
    assert waiting["data"]["comment"]["text"] == "wait for me"


def test_restrictions_and_appeals(paper: Gazette, kiesel: Reader, desk: Desk, hook: Hooked) -> None:
    comment = kiesel.post("a bad one")["id"]
    good(desk.decide(comment, "reject"))
    appeal = good(kiesel.call("POST", f"/comments/{comment}/appeal", {"text": "it was good"}), 201)
    good(desk.call("POST", f"/members/{kiesel.id}/ban", {"reason": "abuse", "until": None, "reject_waiting": False}))
    hook.send()
    *_, appealed, banned = hook.heard()
    assert appealed["type"] == "appeal.received"
    assert (appealed["data"]["appeal"]["text"], appealed["data"]["appeal"]["outcome"]) == ("it was good", None)
    assert appealed["data"]["comment"]["id"] == comment and appeal
    assert (banned["type"], banned["data"]["measure"]) == ("member.restricted", "ban")
    assert banned["data"]["member"] == {
        "id": kiesel.id, "sub": "kiesel", "name": "kiesel", "banned": True, "suspended_until": None,
        "premoderated": False, "reason": "abuse",
    }  # fmt: skip


def test_only_what_is_wanted(paper: Gazette, kiesel: Reader, told: Service) -> None:
    some = Hooked(paper, told, *add(paper, told.url, "comment.edited"))
    with service() as other:
        elsewhere = Gazette.make(paper.app, paper.clock, "herald")
        foreign = Hooked(elsewhere, other, *add(elsewhere, other.url))
        comment = kiesel.post("hello")["id"]
        good(kiesel.edit(comment, "hello again"))
        some.send()
        foreign.send()
        assert (some.types(), other.asked) == (["comment.edited"], [])


def test_a_decision_about_many(paper: Gazette, kiesel: Reader, desk: Desk, hook: Hooked) -> None:
    ids = [kiesel.post(f"number {number}")["id"] for number in range(12)]
    items = [{"id": one, "version": 1} for one in ids]
    with hook.paper.read() as conn:
        before = conn.execute(sa.select(sa.func.count()).select_from(webhook_messages)).scalar_one()
    good(desk.call("POST", "/sites/gazette/bulk", {"decision": "reject", "reason": "spam", "items": items}))
    found = hook.deliveries()[before:]
    assert sorted(str(one.comment_id) for one in found) == sorted(ids)
    assert {one.type for one in found} == {"comment.rejected"}


def test_nothing_is_told_of_what_was_refused_or_undone(paper: Gazette, kiesel: Reader, hook: Hooked) -> None:
    with pytest.raises(ZeroDivisionError), paper.database.transaction() as tx:
        tx.record(Told(paper.id, "export.finished", {"site": "gazette"}))
        raise ZeroDivisionError
    assert kiesel.send("").status_code == 422
    assert hook.deliveries() == []


def test_what_has_no_comment(paper: Gazette, hook: Hooked) -> None:
    """Notices and exports, at a site that wants to know of them."""
    with paper.database.transaction() as tx:
        tx.record(Told(paper.id, "notice.received", {"notice": {"id": "1"}}))
        tx.record(ExportFinished(paper.id, 7, "csv", "done"))
        tx.record(ExportFinished(paper.id, 8, "member", "done"))
    hook.send()
    assert [(one["type"], one["data"]) for one in hook.heard()] == [
        ("notice.received", {"site": "gazette", "notice": {"id": "1"}}),
        ("export.finished", {"site": "gazette", "export": {"id": "7", "kind": "csv", "state": "done"}}),
    ]


# Signatures


def test_signatures_and_their_time(paper: Gazette, clock: FakeClock, kiesel: Reader, hook: Hooked) -> None:
    kiesel.post("hello")
    hook.send()
    (asked,) = hook.told.asked
    assert asked.headers["webhook-timestamp"] == str(clock.now // SECOND)
    assert asked.headers["content-type"] == "application/json"
    for change in ({"webhook-id": "msg_other"}, {"webhook-timestamp": "1772442001"}):
        asked.headers |= change
        with pytest.raises(WebhookVerificationError):
            verified(asked, hook.secret)


def test_two_secrets_sign_for_a_while(paper: Gazette, clock: FakeClock, hook: Hooked) -> None:
    def rotate(overlap: int) -> str:
        with paper.database.transaction() as tx:
            return rotate_secret(tx, site_by_id(tx.conn, paper.id), hook.id, overlap, keys_of(paper))

    def good_secrets() -> list[bool]:
        hook.told.asked.clear()
        paper.reader("kiesel").post(f"at {clock.now}")
        hook.send()
        (asked,) = hook.told.asked
        return [_is_good(asked, one) for one in (first, second, third)]

    first, second, third = hook.secret, rotate(24 * HOUR), "whsec_" + "eA==" * 8
    assert good_secrets() == [True, True, False]
    third = rotate(HOUR)
    assert good_secrets() == [True, True, True]
    clock.forward(3601)
    assert good_secrets() == [False, False, True], "what was rotated away sooner does not last longer"
    second = rotate(0)
    assert good_secrets() == [False, True, False], "without an overlap the old one is forgotten at once"
    row = hook.row()
    assert first not in row.secrets and row.secrets.startswith("sealed1:")


def _is_good(asked: Any, secret: str) -> bool:
    try:
        verified(asked, secret)
    except WebhookVerificationError:
        return False
    return True


# Retries


def test_a_day_of_retries(paper: Gazette, clock: FakeClock, kiesel: Reader, hook: Hooked) -> None:
    hook.told.status, hook.told.answers = 500, b"not\0 now " + b"x" * 5000
    kiesel.post("hello")
    began = clock.now
    times = []
    for wait in (0, *WAITS):
        clock.now += round(wait * 1.1)
        hook.send()
        times.append((clock.now - began) / HOUR)
        clock.forward(60)  # a receiver that fails is asked less often, however much waits
    (one,) = hook.deliveries()
    assert (one.state, one.attempts, one.status) == ("failed", 8, 500)
    assert len(hook.told.asked) == 8 and 24 < times[-1] < 36
    assert len({asked.headers["webhook-id"] for asked in hook.told.asked}) == 1, "the same id at every attempt"
    assert len({asked.body for asked in hook.told.asked}) == 1
    hook.heard()
    with paper.read() as conn:
        tries = conn.execute(sa.select(webhook_attempts).order_by(webhook_attempts.c.id)).all()
    assert [row.status for row in tries] == [500] * 8
    assert tries[0].excerpt.startswith("not\ufffd now xx") and len(tries[0].excerpt) <= 1000
    assert hook.row().failing_since == began


def test_before_its_time_nothing_is_tried(clock: FakeClock, kiesel: Reader, hook: Hooked) -> None:
    hook.told.status = 503
    kiesel.post("hello")
    hook.send()
    clock.forward(4)
    hook.send()
    assert len(hook.told.asked) == 1
    hook.told.status = 204
    clock.forward(2)
    hook.send()
    (one,) = hook.deliveries()
    assert (one.state, one.attempts, one.status, hook.row().failing_since) == ("delivered", 2, 204, None)


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 500])
def test_only_2xx_counts_and_redirects_are_not_followed(kiesel: Reader, hook: Hooked, status: int) -> None:
    hook.told.status, hook.told.headers = status, {"Location": "/elsewhere"}
    kiesel.post("hello")
    hook.send()
    (one,) = hook.deliveries()
    assert (one.state, one.status, [asked.path for asked in hook.told.asked]) == ("waiting", status, ["/judge"])


def test_who_is_gone_is_told_nothing_more(paper: Gazette, kiesel: Reader, hook: Hooked) -> None:
    hook.told.status = 410
    kiesel.post("hello")
    hook.send()
    kiesel.post("hello again")
    hook.send()
    row = hook.row()
    assert (row.enabled, row.off_reason, len(hook.told.asked), len(hook.deliveries())) == (False, "gone", 1, 1)
    with paper.read() as conn:
        log = conn.execute(sa.select(audit).where(audit.c.action == "switch_off_webhook")).one()
    assert (log.site_id, log.user_id, log.reason) == (paper.id, None, "gone")


def test_a_receiver_that_wants_to_rest(clock: FakeClock, kiesel: Reader, hook: Hooked) -> None:
    hook.told.status, hook.told.headers = 429, {"Retry-After": "120"}
    kiesel.post("hello")
    hook.send()
    kiesel.post("another")
    clock.forward(119)
    hook.send()
    assert len(hook.told.asked) == 1, "nothing at all is sent meanwhile"
    hook.told.status = 200
    clock.forward(2)
    hook.send()
    assert [one.state for one in hook.deliveries()] == ["delivered", "delivered"]
    hook.told.status, hook.told.headers = 503, {"Retry-After": "99999999"}
    kiesel.post("a third one")
    hook.send()
    assert hook.row().resting_until == clock.now + HOUR, "an hour at most"


def test_days_of_failure_switch_it_off(paper: Gazette, clock: FakeClock, hook: Hooked) -> None:
    hook.told.status = 500
    for day in range(6):
        paper.reader("kiesel").post(f"day {day}")
        hook.send()
        assert hook.row().enabled, day
        clock.forward(DAY / SECOND)
        sweep(paper.database)
    paper.reader("kiesel").post("the last one")
    hook.send()
    row = hook.row()
    assert (row.enabled, row.off_reason) == (False, "failing")
    assert {one.state for one in hook.deliveries()[:-2]} == {"failed"}, "each has its day"


def test_nothing_is_sent_to_who_has_no_secret_any_more(paper: Gazette, kiesel: Reader, hook: Hooked) -> None:
    """A database whose key is lost: the log says so."""
    kiesel.post("hello")
    lost = Delivering(paper.database, HERE, b"another key than the one that it was sealed with")
    assert lost.work() == 1 and lost.wait(20)
    (one,) = hook.deliveries()
    assert "COMMENTS_SECRET_KEY" in one.error and hook.told.asked == []


# Others are not held up


def test_a_slow_receiver_holds_up_nobody(paper: Gazette, kiesel: Reader, told: Service, hook: Hooked) -> None:
    with service() as slow:
        slow.open.clear()
        for _ in range(5):
            add(paper, slow.url)
        for number in range(4):
            kiesel.post(f"number {number}")
        stopped = threading.Event()
        running = threading.Thread(target=hook.delivering.run, args=(stopped,))
        running.start()
        try:
            wait_until(lambda: len(told.asked) == 4, "the quick one to have heard all", 20)
            assert slow.most_at_once <= 10, "two at a time for each"
        finally:
            slow.open.set()
            stopped.set()
            running.join()


def test_a_dead_receiver_is_asked_now_and_then(paper: Gazette, clock: FakeClock, kiesel: Reader) -> None:
    dead = Hooked(paper, Service(), *add(paper, f"http://localhost:{free_port()}/"))
    for number in range(30):
        kiesel.post(f"number {number}")
    dead.send()
    with paper.read() as conn:
        tries = conn.execute(sa.select(sa.func.count()).select_from(webhook_attempts)).scalar_one()
    assert tries <= 6
    clock.forward(6)
    dead.send()
    with paper.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(webhook_attempts)).scalar_one() <= tries + 1


def test_messages_of_one_comment_go_in_order(clock: FakeClock, kiesel: Reader, hook: Hooked) -> None:
    comment = kiesel.post("the first words")["id"]
    good(kiesel.edit(comment, "other words"))
    hook.told.status = 500
    hook.send()
    assert hook.types() == ["comment.published"], "the second waits for the first"
    hook.told.status = 200
    clock.forward(6)
    hook.send()
    assert hook.types() == ["comment.published", "comment.published", "comment.edited"]


# Forgetting


def erased(paper: Gazette, kiesel: Reader, mode: str) -> None:
    with paper.database.transaction() as tx:
        row = member_by_id(tx.conn, int(kiesel.id), lock=True)
        made = erase_member(tx, row, mode, allowed=True)  # type: ignore[arg-type]
    place = Place(parts_of(paper.app).settings.data_dir, parts_of(paper.app).settings.secret_key)
    carry_out(paper.database, place, made)


@pytest.mark.parametrize("mode", ["text", "identity"])
def test_who_is_erased_is_spoken_of_no_more(paper: Gazette, kiesel: Reader, hook: Hooked, mode: str) -> None:
    """Neither in what waits nor in the log; that a text is gone is told."""
    kiesel.post("the canary sings")
    hook.send()
    hook.told.asked.clear()
    kiesel.post("the canary sings again")
    erased(paper, kiesel, mode)
    hook.send()
    assert hook.types() == (["comment.erased"] * 2 if mode == "text" else [])
    assert all(one["data"]["member"] is None for one in hook.heard())
    assert [one.state for one in hook.deliveries()][:2] == ["delivered", "dropped"]
    with paper.read() as conn:
        kept = str(conn.execute(sa.select(webhook_messages)).all())
    assert "canary" not in kept and "kiesel" not in kept


def test_the_log_is_kept_for_two_weeks(paper: Gazette, clock: FakeClock, hook: Hooked) -> None:
    for number in range(120):
        paper.change(lambda conn, number=number: _message(conn, paper.id, hook.id, clock.now + number))
    clock.forward(13 * 86_400)
    paper.reader("kiesel").post("a young one")
    hook.send()
    sweep(paper.database)
    assert len(hook.deliveries()) == 121
    clock.forward(2 * 86_400)
    sweep(paper.database)
    assert [one.type for one in hook.deliveries()] == ["comment.published"]
    with paper.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(webhook_messages)).scalar_one() == 1


def _message(conn: Any, site_id: int, webhook_id: int, at: int) -> None:
    from comments.storage.telling import write_message

    write_message(conn, site_id, "export.finished", {"site": "gazette"}, webhook_id, at)


def test_a_removed_webhook_goes_with_its_log(paper: Gazette, clock: FakeClock, kiesel: Reader, hook: Hooked) -> None:
    from comments.actions.webhooks import remove_webhook

    kiesel.post("hello")
    with paper.database.transaction() as tx:
        remove_webhook(tx, site_by_id(tx.conn, paper.id), hook.id)
    hook.send()
    assert (hook.told.asked, hook.row().secrets) == ([], "")
    clock.forward(15 * 86_400)
    sweep(paper.database)
    with paper.read() as conn:
        for table in (webhooks, webhook_deliveries, webhook_messages):
            assert conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 0


# The real worker


def test_a_worker_killed_in_the_middle(paper: Gazette, told: Service, start_worker: StartWorker) -> None:
    """What it had in hand is delivered again under the same id; nothing is lost. By the machine's clock."""
    paper.database.clock = paper.clock = system_clock
    hook = Hooked(paper, told, *add(paper, told.url))
    told.open.clear()
    reader = paper.reader("kiesel")
    ids = {reader.post(f"number {number}")["id"] for number in range(3)}
    first = start_worker()
    wait_until(lambda: told.at_once >= 1, "the worker to send", 30)
    first.send_signal(signal.SIGKILL)
    first.wait()
    begun = {asked.headers["webhook-id"] for asked in told.asked}
    assert all(one.state == "waiting" for one in hook.deliveries())
    paper.change(lambda conn: conn.execute(sa.update(webhook_deliveries).values(next_at=0)))  # as after a minute
    told.asked.clear()
    told.open.set()
    start_worker()
    wait_until(lambda: all(one.state == "delivered" for one in hook.deliveries()), "everything to be delivered", 30)
    heard = [verified(one, hook.secret, Webhook) for one in told.asked]
    assert {one["data"]["comment"]["id"] for one in heard} == ids
    assert begun <= {asked.headers["webhook-id"] for asked in told.asked}, "the same ids as before the kill"
