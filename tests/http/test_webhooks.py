"""The console's API of webhooks: who may, what is kept, what is shown once, the log and sending again. And that no way
of naming an inner address reaches one.
"""

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from comments.core.sealing import is_sealed
from comments.core.webhooks import TYPES
from comments.http.limits import COSTLY
from comments.storage.tables import audit, webhooks
from tests.conftest import FakeClock
from tests.gazette import Desk, Gazette, good, refused
from tests.jobs.hooked import Hooked, verified
from tests.opinions.service import Service, service
from tests.test_outgoing import INSIDE, LOOPBACK, canary  # noqa: F401 - the fixture

PATH = "/sites/gazette/webhooks"


@pytest.fixture
def chief(paper: Gazette) -> Desk:
    return paper.desk("administrator")


@pytest.fixture
def told() -> Iterator[Service]:
    with service() as one:
        yield one


@pytest.fixture
def hook(paper: Gazette, chief: Desk, told: Service) -> Hooked:
    made = good(chief.call("POST", PATH, {"url": told.url, "description": "ours"}), 201)
    return Hooked(paper, told, int(made["webhook"]["id"]), made["secret"])


HERE = pytest.mark.environ(COMMENTS_PRIVATE_HOSTS="localhost")


def entries(paper: Gazette) -> list[tuple[str, Any, Any]]:
    with paper.read() as conn:
        found = conn.execute(sa.select(audit).where(audit.c.subject_type == "webhook").order_by(audit.c.id)).all()
    return [(row.action, json.loads(row.before or "null"), json.loads(row.after or "null")) for row in found]


@HERE
def test_from_adding_to_removing(paper: Gazette, chief: Desk, hook: Hooked) -> None:
    one, url = f"{PATH}/{hook.id}", hook.told.url
    shown = chief.get(PATH)
    assert [row["type"] for row in shown["types"]] == list(TYPES)
    assert shown["webhooks"] == [
        {
            "id": str(hook.id), "url": url, "description": "ours", "events": [], "enabled": True, "off_reason": None,
            "failing_since": None, "resting_until": None, "delivered_at": None,
            "created_at": "2026-03-02T09:00:00Z", "old_secrets": [],
        }
    ]  # fmt: skip
    good(chief.call("PATCH", one, {"events": ["comment.erased", "comment.published"], "description": None}))
    good(chief.call("PATCH", one, {"enabled": False}))
    good(chief.call("PATCH", one, {}))
    assert refused(chief.call("POST", f"{one}/test"), 409)["code"] == "webhook_off"
    good(chief.call("PATCH", one, {"enabled": True}))
    second = good(chief.call("POST", f"{one}/secret", {"overlap_hours": 2}), 201)
    assert second["secret"] != hook.secret
    assert second["webhook"]["old_secrets"] == [{"until": "2026-03-02T11:00:00Z"}]
    good(chief.call("DELETE", one), 204)
    assert chief.get(PATH)["webhooks"] == []
    refused(chief.call("POST", f"{one}/test"), 404)
    events = ["comment.published", "comment.erased"]
    assert entries(paper) == [
        ("add_webhook", None, {"url": url, "description": "ours", "events": []}),
        ("change_webhook", {"description": "ours", "events": []}, {"description": None, "events": events}),
        ("change_webhook", {"enabled": True}, {"enabled": False}),
        ("change_webhook", {"enabled": False}, {"enabled": True}),
        ("rotate_webhook_secret", None, {"overlap_hours": 2.0}),
        ("remove_webhook", {"url": url}, None),
    ]


@HERE
def test_a_secret_is_shown_once(paper: Gazette, chief: Desk, hook: Hooked, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    hook.told.status = 500
    paper.reader("kiesel").post("hello")
    hook.send()
    (one,) = chief.get(f"{PATH}/{hook.id}/deliveries")["deliveries"]
    paths = (PATH, f"{PATH}/{hook.id}/deliveries/{one['id']}", "/sites/gazette/audit")
    heard = [chief.call("GET", path).get_data(True) for path in paths] + [caplog.text]
    assert not [text for text in heard if hook.secret.removeprefix("whsec_")[:12] in text]
    with paper.read() as conn:
        kept = conn.execute(sa.select(webhooks.c.secrets)).scalar_one()
    assert is_sealed(kept)


@HERE
def test_the_log_and_sending_again(paper: Gazette, chief: Desk, clock: FakeClock, hook: Hooked) -> None:
    log, kiesel = f"{PATH}/{hook.id}/deliveries", paper.reader("kiesel")
    comments = [kiesel.post(f"number {number}")["id"] for number in range(5)]
    good(chief.call("POST", f"{PATH}/{hook.id}/test"), 202)
    hook.told.status, hook.told.answers = 500, b"no"
    hook.send()
    first = chief.get(f"{log}?limit=2")
    assert [one["type"] for one in first["deliveries"]] == ["webhook.test", "comment.published"]
    rest = chief.get(f"{log}?limit=100&cursor={first['next_cursor']}")
    assert (len(rest["deliveries"]), rest["next_cursor"]) == (4, None)
    (tried,) = chief.get(f"{log}?state=failed")["deliveries"]
    assert (tried["type"], tried["status"], tried["attempts"]) == ("webhook.test", 500, 1), "a test is tried once"
    waiting = chief.get(f"{log}?state=waiting&type=comment.published")["deliveries"]
    assert len(waiting) == 5 and waiting[0]["ended_at"] is None
    whole = chief.get(f"{log}/{waiting[-1]['id']}")
    assert whole["payload"]["data"]["comment"]["id"] == comments[0]
    assert [(one["status"], one["excerpt"], one["error"]) for one in whole["tries"]] == [(500, "no", None)]
    clock.forward(31 * 3600)
    hook.paper.work()
    from comments.jobs.upkeep import sweep

    sweep(paper.database)
    chief.sign_in()
    assert len(chief.get(f"{log}?state=failed")["deliveries"]) == 6
    hook.told.status = 200
    hook.told.asked.clear()
    good(chief.call("POST", f"{log}/{waiting[0]['id']}/replay"), 202)
    hook.send()
    (again,) = hook.told.asked
    assert again.headers["webhook-id"] == waiting[0]["message"], "under the id that it had"
    assert verified(again, hook.secret)["data"]["comment"]["id"] == comments[-1]
    done = good(chief.call("POST", f"{PATH}/{hook.id}/replay", {"since": "2026-03-01T00:00:00Z"}), 202)
    assert done == {"replayed": 5, "more": False}
    hook.send()
    assert {one["state"] for one in chief.get(log)["deliveries"]} == {"delivered"}
    assert good(chief.call("POST", f"{PATH}/{hook.id}/replay", {"since": "2026-03-01T00:00:00Z"}), 202)["replayed"] == 0


@HERE
def test_what_is_refused(chief: Desk, hook: Hooked) -> None:
    for url in ("", "hooks.example", "http://hooks.example/", "ftp://hooks.example/", "https://a@hooks.example/",
                "https://hooks.example/#x", "https://hooks.example/ x", "//hooks.example/", "https://",
                "https://hooks.example/" + "x" * 2000):  # fmt: skip
        assert refused(chief.call("POST", PATH, {"url": url}), 400)["field"] == "url", url
    for events in (["comment.posted"], ["webhook.test"], [""]):
        assert (
            refused(chief.call("POST", PATH, {"url": "https://a.example/", "events": events}), 400)["field"] == "events"
        )
    one = f"{PATH}/{hook.id}"
    for path in (f"{one}/deliveries?state=lost", f"{one}/deliveries?type=x", f"{one}/deliveries?cursor=x"):
        refused(chief.call("GET", path), 400)
    assert refused(chief.call("POST", f"{one}/replay", {"since": "yesterday"}), 400)["field"] == "since"
    refused(chief.call("POST", f"{one}/secret", {"overlap_hours": 169}), 400)
    refused(chief.call("POST", f"{one}/deliveries/99/replay"), 409, "not_replayable")
    for path in (f"{PATH}/99/deliveries", f"{one}/deliveries/99"):
        refused(chief.call("GET", path), 404)
    for number in range(19):
        good(chief.call("POST", PATH, {"url": f"https://hooks.example/{number}"}), 201)
    refused(chief.call("POST", PATH, {"url": "https://hooks.example/"}), 409, "too_many_webhooks")


@HERE
def test_the_log_is_of_its_own_webhook(paper: Gazette, chief: Desk, hook: Hooked) -> None:
    other = good(chief.call("POST", PATH, {"url": "https://hooks.example/", "events": ["comment.erased"]}), 201)
    paper.reader("kiesel").post("hello")
    hook.send()
    (one,) = chief.get(f"{PATH}/{hook.id}/deliveries")["deliveries"]
    elsewhere = f"{PATH}/{other['webhook']['id']}/deliveries"
    assert chief.get(elsewhere)["deliveries"] == []
    refused(chief.call("GET", f"{elsewhere}/{one['id']}"), 404)
    refused(chief.call("POST", f"{elsewhere}/{one['id']}/replay"), 409)


def test_an_inner_number_is_refused_at_once(paper: Gazette, chief: Desk) -> None:
    """When it is added and when it is changed to; one from before can still be described anew and switched off."""
    made = good(chief.call("POST", PATH, {"url": "https://hooks.example/"}), 201)["webhook"]["id"]
    for url in ("https://10.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest", "https://2130706433/"):
        for method, path in (("POST", PATH), ("PATCH", f"{PATH}/{made}")):
            problem = refused(chief.call(method, path, {"url": url}), 400)
            assert problem["field"] == "url" and "private address" in problem["detail"], (method, url)
    (shown,) = chief.get(PATH)["webhooks"]
    assert shown["url"] == "https://hooks.example/"
    paper.change(lambda conn: conn.execute(sa.update(webhooks).values(url="https://10.0.0.1/")))
    good(chief.call("PATCH", f"{PATH}/{made}", {"enabled": False, "description": "of before"}))
    (shown,) = chief.get(PATH)["webhooks"]
    assert (shown["enabled"], shown["description"], shown["url"]) == (False, "of before", "https://10.0.0.1/")


@pytest.mark.environ(COMMENTS_PRIVATE_HOSTS="10.0.0.1,::1")
def test_an_inner_number_that_the_operator_allows(chief: Desk) -> None:
    for url in ("https://10.0.0.1/", "http://[::1]:8080/"):
        good(chief.call("POST", PATH, {"url": url}), 201)


# Inner addresses


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_message_reaches_an_inner_address(
    paper: Gazette,
    chief: Desk,
    canary: tuple[int, list[Any]],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However it is written: numbers are refused when they are added, names when they are sent to."""
    monkeypatch.delitem(COSTLY, "webhooks.test")  # more than an administrator may try in a minute
    port, came = canary
    added = []
    for host in [*LOOPBACK[:24], *INSIDE]:
        answer = chief.call("POST", PATH, {"url": f"https://{host}:{port}/"})
        if answer.status_code == 201:
            added.append(host)
            good(chief.call("POST", f"{PATH}/{answer.get_json()['webhook']['id']}/test"), 202)
            paper.tell()
            good(chief.call("DELETE", f"{PATH}/{answer.get_json()['webhook']['id']}"), 204)
    assert added == [host for host in LOOPBACK[:24] if host.casefold().startswith(("localhost", "\u24db"))]
    assert came == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_name_that_changes_its_answer(
    paper: Gazette,
    chief: Desk,
    canary: tuple[int, list[Any]],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Public when it is looked up, private a moment later: what is connected to is what was looked at."""
    port, came = canary
    answers, wanted = iter(["93.184.216.34", "127.0.0.1", "127.0.0.1"]), []

    def look_up(_host: Any, port: int, *_: Any, **__: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    def connect(address: Any, **_: Any) -> Any:
        wanted.append(address[0])
        raise ConnectionRefusedError("nothing outside is asked by tests")

    made = good(chief.call("POST", PATH, {"url": f"https://turning.example:{port}/"}), 201)["webhook"]["id"]
    if paper.database.is_sqlite:  # PostgreSQL is connected to by name, too
        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        monkeypatch.setattr(socket, "create_connection", connect)
    for _ in range(2):
        good(chief.call("POST", f"{PATH}/{made}/test"), 202)
        paper.tell()
    assert wanted == ["93.184.216.34"], "the second answer is private: not connected to at all"
    errors = [one["error"] for one in chief.get(f"{PATH}/{made}/deliveries")["deliveries"]]
    assert "private address" in errors[0] and "nothing outside" in errors[1]
    assert came == []
