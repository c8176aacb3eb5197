"""Opinions, from a post to what becomes of it: services that answer, are slow, talk nonsense or are dead, and a worker
that is killed. By the test's clock in this process, and with real workers.
"""

import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.actions.classifiers import Classifier, add_classifier
from comments.actions.rules import change_rules
from comments.jobs.opinions import THREADS, Asking
from comments.storage.sites import Site, site_by_id
from comments.storage.tables import comments, jobs, opinions
from tests.conftest import FakeClock
from tests.gazette import Desk, Gazette, Reader, good, parts_of
from tests.jobs.conftest import StartWorker
from tests.opinions.service import Service, service
from tests.servers import free_port, wait_until

HERE = frozenset({"localhost"})
SECRET = "whsec_" + "c2VjcmV0IG9mIHRoZSB0ZXN0cywgMjQgYnl0ZXM="  # pragma: allowlist secret


@pytest.fixture
def paper(app: Flask, clock: FakeClock) -> Gazette:
    return Gazette.make(app, clock)


@pytest.fixture
def kiesel(paper: Gazette) -> Reader:
    return paper.reader("kiesel")


@pytest.fixture
def desk(paper: Gazette) -> Desk:
    return paper.desk()


@pytest.fixture
def moody(paper: Gazette) -> Iterator[Service]:
    """A classifier of this name that is asked from now on; calm unless told otherwise."""
    with service() as told:
        add(paper, "moody", told.says(hate=0.1).url)
        rule(paper)
        yield told


def site_of(paper: Gazette, conn: Any) -> Site:
    return site_by_id(conn, paper.id)


def key_of(paper: Gazette) -> bytes:
    return parts_of(paper.app).settings.secret_key


def add(paper: Gazette, name: str, url: str) -> None:
    with paper.database.transaction() as tx:
        new = Classifier(name=name, kind="http", config={"url": url}, secret=SECRET)
        add_classifier(tx, site_of(paper, tx.conn), new, key_of(paper))


def rule(paper: Gazette, name: str = "moody", **other: Any) -> None:
    """What this classifier causes; the others stay."""
    wanted = {"thresholds": {"hate": 0.8}} | other
    with paper.database.transaction() as tx:
        from comments.storage.rules import rules_of

        site = site_of(paper, tx.conn)
        stands = {key: one for key, one in rules_of(tx.conn, site).opinions.items() if key != name}
        change_rules(tx, site, {"opinions": stands | {name: wanted}})


def status(paper: Gazette, comment: str) -> str:
    with paper.read() as conn:
        return str(conn.execute(sa.select(comments.c.status).where(comments.c.id == int(comment))).scalar_one())


def said(paper: Gazette) -> list[Any]:
    with paper.read() as conn:
        return list(conn.execute(sa.select(opinions).order_by(opinions.c.id)).all())


def waiting_jobs(paper: Gazette, kind: str = "ask_opinion") -> list[Any]:
    with paper.read() as conn:
        return list(conn.execute(sa.select(jobs).where(jobs.c.kind == kind).order_by(jobs.c.id)).all())


def findings(desk: Desk, comment: str) -> list[tuple[str, str, str]]:
    return [(one["rule"], one["kind"], one["reason"]) for one in desk.item(comment)["comment"]["findings"]]


# What becomes of comments


def test_a_bad_comment_goes_to_the_moderators(paper: Gazette, kiesel: Reader, desk: Desk, moody: Service) -> None:
    moody.says(hate=0.93, fun=1.0)
    sent = good(kiesel.send("something bad", article_url="https://www.gazette.example/a"), 201)
    assert sent["status"] == "published", "nobody waits for a classifier"
    paper.ask()
    assert status(paper, sent["id"]) == "waiting"
    assert paper.page()["comments"] == []
    shown = desk.item(sent["id"])
    (finding,) = shown["comment"]["findings"]
    assert finding == {
        "rule": "opinion", "kind": "hold", "reason": "opinion", "spans": [],
        "params": {"classifier": "moody", "model": "moody", "label": "hate", "score": 0.93, "threshold": 0.8},
    }  # fmt: skip
    (opinion,) = shown["opinions"]
    assert opinion.pop("took_ms") >= 0
    assert opinion == {
        "classifier": "moody", "kind": "http", "model": "moody", "model_version": "3", "version": 1,
        "scores": {"hate": 0.93, "fun": 1.0}, "thresholds": {"hate": 0.8}, "outcome": "hold", "error": None,
        "at": "2026-03-02T09:00:00Z",
    }  # fmt: skip
    (asked,) = moody.asked
    assert asked.json["data"] == {
        "text": "something bad", "language": "en", "site": "gazette", "site_url": "https://www.gazette.example",
        "article": "1", "article_url": "https://www.gazette.example/a", "author": kiesel.id, "author_name": "kiesel",
        "is_reply": False, "is_edit": False,
    }  # fmt: skip
    good(desk.decide(sent["id"], "approve"))
    assert status(paper, sent["id"]) == "published"
    assert waiting_jobs(paper) == []


def test_a_calm_one_stays_and_raises_little(paper: Gazette, kiesel: Reader, desk: Desk, moody: Service) -> None:
    sent = kiesel.post("something good")["id"]
    seq = paper.page()["seq"]
    paper.ask()
    assert (status(paper, sent), findings(desk, sent), said(paper)[0].outcome) == ("published", [], "none")
    assert paper.page()["seq"] == seq, "the public sees no difference, and is told of none"


def test_a_note_informs_and_holds_nothing(paper: Gazette, kiesel: Reader, desk: Desk, moody: Service) -> None:
    rule(paper, action="note")
    moody.says(hate=0.9)
    sent = kiesel.post("something bad")["id"]
    paper.ask()
    assert (status(paper, sent), findings(desk, sent)) == ("published", [("opinion", "note", "opinion")])
    with paper.read() as conn:
        assert conn.execute(sa.select(comments.c.risk)).scalar_one() == 72


def test_a_thread_with_an_answer_becomes_a_stub(paper: Gazette, kiesel: Reader, moody: Service) -> None:
    moody.answers = lambda question: b'{"scores":{"hate":%d}}' % (b"bad" in question.body)
    root = kiesel.post("something bad")["id"]
    reply = paper.reader("bach").post("an answer", parent=root)["id"]
    paper.ask()
    shown = [(one["id"], one["status"], one["body"] is None) for one in paper.page()["comments"]]
    assert shown == [(root, "waiting", True), (reply, "published", False)]


def test_a_moderator_is_never_overruled(paper: Gazette, kiesel: Reader, desk: Desk, moody: Service) -> None:
    moody.says(hate=0.99)
    fine, bad = kiesel.post("approved meanwhile")["id"], kiesel.post("rejected meanwhile")["id"]
    good(desk.decide(fine, "approve"))
    good(desk.decide(bad, "reject"))
    paper.ask()
    assert (status(paper, fine), status(paper, bad)) == ("published", "rejected")
    assert findings(desk, fine) == [("opinion", "note", "opinion")]
    assert [one.outcome for one in said(paper)] == ["note", "note"]


def test_another_text_is_another_question(paper: Gazette, kiesel: Reader, clock: FakeClock, moody: Service) -> None:
    """Asked about the first text, answered after the edit: kept for its version, without effect on the new one."""
    moody.says(hate=0.99)
    moody.open.clear()
    sent = kiesel.post("something bad")["id"]
    asking = Asking(paper.database, HERE, key_of(paper))
    assert asking.work() == 1
    wait_until(lambda: moody.asked, "the question to arrive")
    clock.forward(1)
    good(kiesel.edit(sent, "something better"))
    moody.open.set()
    assert asking.wait(10)
    assert status(paper, sent) == "published"
    (first,) = said(paper)
    assert (first.comment_version, first.outcome) == (1, "none")
    moody.says(hate=0.1)
    paper.ask()
    assert [one.json["data"]["is_edit"] for one in moody.asked] == [False, True]
    assert [(one.comment_version, one.outcome) for one in said(paper)] == [(1, "none"), (2, "none")]
    good(kiesel.edit(sent, "something bad again"))
    clock.forward(1)
    good(kiesel.edit(sent, "and again"))
    paper.ask()
    assert [one.json["data"]["text"] for one in moody.asked][2:] == ["and again"], "nobody asks about what is no more"


def test_trusted_authors_are_not_asked_about(paper: Gazette, kiesel: Reader, moody: Service) -> None:
    with paper.database.transaction() as tx:
        change_rules(tx, site_of(paper, tx.conn), {"trusted_comments": 1})
    kiesel.post("the first")
    kiesel.post("the second")
    paper.ask()
    assert [one.json["data"]["text"] for one in moody.asked] == ["the first"]


def test_sites_without_opinions_pay_nothing(paper: Gazette, kiesel: Reader) -> None:
    kiesel.post("hello")
    assert waiting_jobs(paper) == []


# Waiting for an opinion


def test_a_comment_that_waits_for_its_opinion(paper: Gazette, kiesel: Reader, desk: Desk, moody: Service) -> None:
    rule(paper, first="wait")
    calm = kiesel.post("calm")
    assert (calm["status"], findings(desk, calm["id"])) == ("waiting", [("opinion", "hold", "awaiting_opinion")])
    paper.ask()
    assert (status(paper, calm["id"]), findings(desk, calm["id"])) == ("published", [])
    assert paper.page()["total"] == 1
    moody.says(hate=0.9)
    bad = kiesel.post("bad")
    paper.ask()
    assert (status(paper, bad["id"]), findings(desk, bad["id"])) == ("waiting", [("opinion", "hold", "opinion")])


def test_it_waits_for_all_of_them(paper: Gazette, kiesel: Reader, desk: Desk, moody: Service) -> None:
    with service() as second:
        add(paper, "second", second.says(hate=0).url)
        rule(paper, first="wait")
        rule(paper, "second", first="wait")
        sent = kiesel.post("calm")["id"]
        second.open.clear()
        asking = Asking(paper.database, HERE, key_of(paper))
        assert asking.work() == 2
        wait_until(lambda: len(said(paper)) == 1, "the first to answer")
        assert status(paper, sent) == "waiting"
        (finding,) = desk.item(sent)["comment"]["findings"]
        assert finding["params"] == {"classifiers": ["second"]}
        second.open.set()
        assert asking.wait(10)
        assert status(paper, sent) == "published"


def test_what_else_holds_it_goes_on_holding_it(paper: Gazette, kiesel: Reader, desk: Desk, moody: Service) -> None:
    rule(paper, first="wait")
    with paper.database.transaction() as tx:
        change_rules(tx, site_of(paper, tx.conn), {"banned_words": ["weasel"]})
    sent = kiesel.post("a weasel")["id"]
    paper.ask()
    assert (status(paper, sent), findings(desk, sent)) == ("waiting", [("banned_words", "hold", "banned_word")])


def test_who_was_banned_meanwhile_does_not_appear(paper: Gazette, kiesel: Reader, desk: Desk, moody: Service) -> None:
    rule(paper, first="wait")
    sent = kiesel.post("calm")["id"]
    good(desk.call("POST", f"/members/{kiesel.id}/ban", {"reason": "x", "until": None, "reject_waiting": False}))
    paper.ask()
    assert status(paper, sent) == "waiting"


# Services that do not answer


def dead(paper: Gazette, **wanted: Any) -> None:
    add(paper, "moody", f"http://localhost:{free_port()}/")
    rule(paper, **({"patience": 60} | wanted))


def last_for(paper: Gazette, clock: FakeClock, seconds: int, asking: Asking | None = None) -> Asking:
    asking = asking or Asking(paper.database, HERE, key_of(paper))
    for _ in range(seconds):
        while asking.work():
            assert asking.wait(20)
        clock.forward(1)
    return asking


@pytest.mark.parametrize("first", ["appear", "wait"])
@pytest.mark.parametrize("without", ["appear", "wait"])
def test_a_dead_classifier(
    paper: Gazette, kiesel: Reader, desk: Desk, clock: FakeClock, first: str, without: str
) -> None:
    """The comment does until then what the site wants, and after its patience what the site wants for that."""
    dead(paper, first=first, without=without)
    sent = kiesel.post("hello")
    at_first = "published" if first == "appear" else "waiting"
    assert sent["status"] == at_first
    asking = last_for(paper, clock, 59)
    assert (status(paper, sent["id"]), said(paper)) == (at_first, [])
    last_for(paper, clock, 5, asking)
    assert status(paper, sent["id"]) == ("published" if without == "appear" else "waiting")
    (opinion,) = desk.item(sent["id"])["opinions"]
    assert (opinion["outcome"], opinion["scores"]) == ("failed", {})
    assert "Connection refused" in opinion["error"]
    expected = [] if without == "appear" else [("opinion", "hold", "opinion_missing")]
    assert findings(desk, sent["id"]) == expected
    assert waiting_jobs(paper) == []


GARBAGE = [
    b"", b"{", b"[]", b"null", b"<html>", b"\xff", b"[" * 60_000, b"{}", b'{"scores":[]}', b'{"scores":{"hate":"1"}}',
    b'{"scores":{"hate":1.5}}', b'{"scores":{"hate":-1}}', b'{"scores":{"hate":NaN}}', b'{"scores":{"hate":1e999}}',
    b'{"scores":{"hate":null}}', b"x" * 200_000, b'{"scores":{"' + b"x" * 101 + b'":0.9}}',
]  # fmt: skip


def test_nonsense_is_no_opinion(paper: Gazette, kiesel: Reader, clock: FakeClock, moody: Service) -> None:
    rule(paper, patience=5)
    for body in GARBAGE:
        moody.answers = body
        sent = kiesel.post(f"hello {len(body)}")["id"]
        last_for(paper, clock, 7)
        assert (status(paper, sent), said(paper)[-1].outcome) == ("published", "failed"), body[:50]
    assert [one.error for one in said(paper) if not one.error] == []


def test_it_comes_back_and_is_heard(paper: Gazette, kiesel: Reader, clock: FakeClock, moody: Service) -> None:
    moody.status = 503
    sent = kiesel.post("hello")["id"]
    asking = last_for(paper, clock, 30)
    moody.says(hate=0.9)
    last_for(paper, clock, 60, asking)
    assert status(paper, sent) == "waiting"
    assert [one.outcome for one in said(paper)] == ["hold"]


def test_a_thousand_comments_and_a_dead_service(
    paper: Gazette, kiesel: Reader, clock: FakeClock, moody: Service
) -> None:
    """After three failures it is asked now and then by one of them; when their patience is over all are given up."""
    rule(paper, patience=60)
    moody.status = 503
    ids = [kiesel.post(f"hello {number}")["id"] for number in range(100)]
    asking = last_for(paper, clock, 59)
    assert len(moody.asked) < 20, "not each of them asks"
    chief = paper.desk("administrator")
    (shown,) = chief.get("/sites/gazette/classifiers")["classifiers"]
    assert shown["trouble"]["error"].endswith("answered 503")
    last_for(paper, clock, 3, asking)
    assert [one.outcome for one in said(paper)] == ["failed"] * 100
    assert {status(paper, one) for one in ids[::20]} == {"published"}
    assert waiting_jobs(paper) == []
    moody.says(hate=0.1)
    kiesel.post("one more")
    last_for(paper, clock, 70, asking)
    (shown,) = chief.get("/sites/gazette/classifiers")["classifiers"]
    assert (shown["trouble"], said(paper)[-1].outcome) == (None, "none")


def test_a_slow_one_leaves_room_for_others(paper: Gazette, kiesel: Reader, moody: Service) -> None:
    """Four questions at once to one classifier; another one is asked meanwhile, and reactions are not held up."""
    with service() as quick:
        for number in range(6):
            kiesel.post(f"hello {number}")
        moody.open.clear()
        asking = Asking(paper.database, HERE, key_of(paper))
        asking.work()
        wait_until(lambda: moody.at_once == 4, "four questions")
        add(paper, "quick", quick.says(hate=0.9).url)
        rule(paper, "quick")
        sent = kiesel.post("asked both")["id"]
        asking.work()
        wait_until(lambda: status(paper, sent) == "waiting", "the quick one's opinion")
        assert moody.most_at_once == 4 < THREADS
        moody.open.set()
        assert asking.wait(10)


@pytest.mark.parametrize("change", ["off", "removed", "not wanted"])
def test_a_classifier_that_is_no_more(
    paper: Gazette, kiesel: Reader, clock: FakeClock, moody: Service, change: str
) -> None:
    rule(paper, first="wait")
    sent = kiesel.post("hello")["id"]
    chief, path = paper.desk("administrator"), "/sites/gazette/classifiers/moody"
    if change == "off":
        good(chief.call("PATCH", path, {"config": None, "secret": None, "enabled": False}))
    elif change == "removed":
        good(chief.call("DELETE", path))
    else:
        good(chief.call("PUT", f"{path}/rule", {"rule": None}))
    paper.ask()
    assert (status(paper, sent), moody.asked) == ("published", [])
    assert [one.outcome for one in said(paper)] == (["failed"] if change == "off" else [])


# Real workers


def now(clock: FakeClock) -> None:
    from comments.storage.transaction import system_clock

    clock.now = system_clock()


def test_a_real_worker_asks_and_does_its_other_jobs_meanwhile(
    start_worker: StartWorker, paper: Gazette, kiesel: Reader, clock: FakeClock, moody: Service
) -> None:
    now(clock)
    kiesel = paper.reader("kiesel")
    moody.says(hate=0.9)
    moody.open.clear()
    start_worker()
    sent = [kiesel.post(f"hello {number}")["id"] for number in range(8)]
    wait_until(lambda: moody.at_once == 4, "four questions at once", 20)
    good(kiesel.call("PATCH", "/me", {"name": "Kiesel am Bach"}))
    wait_until(lambda: not waiting_jobs(paper, "rename"), "the other job to be done", 20)
    assert len(waiting_jobs(paper)) == 8
    moody.open.set()
    wait_until(lambda: {status(paper, one) for one in sent} == {"waiting"}, "all opinions", 20)
    assert [one.outcome for one in said(paper)] == ["hold"] * 8


def test_a_worker_that_is_killed_while_it_asks(
    start_worker: StartWorker, paper: Gazette, clock: FakeClock, moody: Service
) -> None:
    """Its lease ends, another asks again, and there is one opinion."""
    now(clock)
    kiesel = paper.reader("kiesel")
    moody.says(hate=0.9).open.clear()
    sent = kiesel.post("hello")["id"]
    worker = start_worker()
    wait_until(lambda: moody.asked, "the question", 20)
    worker.kill()
    worker.wait()
    moody.open.set()
    asking = Asking(paper.database, HERE, key_of(paper))
    assert asking.work() == 0, "its lease holds"
    (job,) = waiting_jobs(paper)
    clock.now = job.locked_until
    assert asking.work() == 1
    assert asking.wait(10)
    assert (status(paper, sent), len(said(paper)), waiting_jobs(paper)) == ("waiting", 1, [])


def test_a_worker_that_is_to_stop_leaves_its_questions_to_the_next(
    start_worker: StartWorker, paper: Gazette, clock: FakeClock, moody: Service
) -> None:
    now(clock)
    paper.reader("kiesel").post("hello")
    moody.open.clear()
    worker = start_worker()
    wait_until(lambda: moody.asked, "the question", 20)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0
    (job,) = waiting_jobs(paper)
    assert job.locked_until == 0
    moody.open.set()


def test_threads_that_ask_at_once_lose_nothing(paper: Gazette, kiesel: Reader, moody: Service) -> None:
    """Two workers' worth of threads on one table: each comment gets one opinion."""
    for number in range(30):
        kiesel.post(f"hello {number}", article=f"{number % 3}")

    def until_done() -> None:
        asking = Asking(paper.database, HERE, key_of(paper))
        while waiting_jobs(paper):
            asking.work()
            asking.wait(5)

    workers = [threading.Thread(target=until_done) for _ in range(2)]
    paper_clock: FakeClock = paper.clock  # type: ignore[assignment]
    for one in workers:
        one.start()
    while any(one.is_alive() for one in workers):
        paper_clock.forward(0.2)
        workers[0].join(0.05)
    assert sorted(one.comment_id for one in said(paper)) == sorted({one.comment_id for one in said(paper)})
    assert len(said(paper)) == 30


def test_thresholds_are_tried_on_what_was_said(paper: Gazette, kiesel: Reader, moody: Service) -> None:
    """A lower threshold over past comments: what it would hold, by the scores of then; nobody is asked again."""
    moody.answers = lambda question: b'{"scores":{"hate":%f}}' % (0.7 if b"grumpy" in question.body else 0.1)
    for text in ("calm", "grumpy", "never heard"):
        kiesel.post(text)
        if text == "grumpy":
            paper.ask()
    rule(paper, first="wait")
    asked, chief = len(moody.asked), paper.desk("administrator")
    opinions_then = {"moody": {"thresholds": {"hate": 0.6}, "first": "wait"}}
    trial = good(chief.call("POST", "/sites/gazette/trials", {"rules": {"opinions": opinions_then}, "most": 100}), 202)
    paper.work()
    result = chief.get(f"/sites/gazette/trials/{trial['id']}")["result"]
    assert (result["today"]["held"], result["changed"]["held"], len(moody.asked)) == (0, 1, asked)
