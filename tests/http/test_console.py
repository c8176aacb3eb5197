"""The console: who gets in and how, what a moderator does, what is written down, and what nobody else may."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.storage.tables import audit
from tests.conftest import FakeClock
from tests.gazette import API, PASSWORD, Desk, Gazette, Reader, good, refused

ITEM = {
    "comment", "article", "parent", "reports", "reports_before", "brigading", "author", "decisions", "claimed_by",
    "opinions",
    "appeal",
    "second_opinion",
}  # fmt: skip
GAZETTE = "/sites/gazette"


@pytest.fixture
def desk(paper: Gazette) -> Desk:
    return paper.desk()


@pytest.fixture
def kiesel(paper: Gazette) -> Reader:
    return paper.reader("kiesel")


@pytest.fixture
def bach(paper: Gazette) -> Reader:
    return paper.reader("bach")


def held(paper: Gazette, reader: Reader, text: str = "hello", **where: Any) -> str:
    """A comment that waits: its member is pre-moderated for a moment."""
    from comments.storage.comments import update_member

    paper.change(lambda conn: update_member(conn, int(reader.id), premoderated=True))
    sent = good(reader.send(text, **where), 201)
    paper.change(lambda conn: update_member(conn, int(reader.id), premoderated=False))
    assert sent["status"] == "waiting"
    return str(sent["id"])


# Signing in


def test_signing_in_and_out(paper: Gazette, desk: Desk) -> None:
    shown = desk.get("/session")
    assert set(shown) == {"user", "csrf", "sites", "keys", "second_factor"}
    can = shown["user"].pop("can")
    assert "decide" in can and "manage_site" not in can
    assert shown["user"] == {
        "id": "1", "email": desk.email, "name": desk.email.partition("@")[0], "role": "moderator", "sections": None
    }  # fmt: skip
    assert (shown["csrf"], shown["sites"]) == (desk.csrf, [{"key": "gazette", "name": "Gazette"}])
    good(desk.call("DELETE", "/session"), 204)
    refused(desk.call("GET", "/session"), 401, "signed_out")
    refused(desk.call("GET", f"{GAZETTE}/queues"), 401, "signed_out")


def test_the_cookie(app: Flask, paper: Gazette, desk: Desk) -> None:
    answer = desk.call("POST", "/session", {"email": desk.email, "password": PASSWORD})
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("comments_console=")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie
    assert PASSWORD not in cookie and desk.email not in cookie


@pytest.mark.environ(COMMENTS_PUBLIC_URL="https://comments.example.com")
def test_the_cookie_over_tls(paper: Gazette) -> None:
    desk = paper.desk()
    answer = desk.call("POST", "/session", {"email": desk.email, "password": PASSWORD})
    assert answer.headers["Set-Cookie"].startswith("__Host-comments_console=")
    assert "Secure" in answer.headers["Set-Cookie"]


def test_wrong_passwords(paper: Gazette, desk: Desk) -> None:
    for email, password in ((desk.email, "wrong"), (desk.email, ""), ("nobody@gazette.example", PASSWORD), ("", "")):
        answer = paper.app.test_client().post(f"{API}/console/session", json={"email": email, "password": password})
        refused(answer, 401, "bad_credentials")
        assert "Set-Cookie" not in answer.headers
    assert (
        good(
            paper.app.test_client().post(
                f"{API}/console/session", json={"email": desk.email.upper(), "password": PASSWORD}
            )
        )["user"]["email"]
        == desk.email
    )


def test_guessing_is_limited(paper: Gazette, desk: Desk) -> None:
    client = paper.app.test_client()
    answers = [
        client.post(f"{API}/console/session", json={"email": desk.email, "password": f"guess {number}"})
        for number in range(12)
    ]
    assert [answer.status_code for answer in answers] == [401] * 6 + [429] * 6
    assert refused(answers[-1], 429, "too_many_requests")["retry_after"] > 0
    refused(client.post(f"{API}/console/session", json={"email": desk.email, "password": PASSWORD}), 429)


def test_a_new_password_ends_all_sessions(paper: Gazette, desk: Desk) -> None:
    from comments.actions.sites import set_password
    from tests.gazette import CHEAP

    other = Desk(paper.app.test_client(), desk.email)
    other.sign_in()
    with paper.database.transaction() as tx:
        set_password(tx, desk.email, CHEAP.hash("another password"))
    for one in (desk, other):
        refused(one.call("GET", "/session"), 401, "signed_out")
    refused(other.call("POST", "/session", {"email": desk.email, "password": PASSWORD}), 401, "bad_credentials")


def test_a_disabled_account(paper: Gazette, desk: Desk) -> None:
    from comments.storage.sites import update_user

    paper.change(lambda conn: update_user(conn, 1, disabled_at=1))
    refused(desk.call("GET", "/session"), 401, "signed_out")


def unsafe(comment: str, member: str) -> list[tuple[str, str, Any]]:
    return [
        ("POST", f"/comments/{comment}/decision", {"decision": "approve", "version": 1}),
        ("POST", f"/members/{member}/ban", {"reason": "x", "until": None, "reject_waiting": False}),
        ("DELETE", f"/members/{member}/ban", None),
        ("POST", f"/members/{member}/warnings", {"reason": "abuse", "text": "x"}),
        ("PUT", f"/members/{member}/premoderation", {"reason": "x"}),
        ("DELETE", f"/members/{member}/premoderation", None),
        ("POST", f"/members/{member}/notes", {"note": "x"}),
        ("POST", f"/comments/{comment}/pick", None),
        ("DELETE", f"/comments/{comment}/pick", None),
        ("POST", f"/comments/{comment}/lock", None),
        ("DELETE", f"/comments/{comment}/lock", None),
        ("POST", f"/comments/{comment}/notes", {"text": "x"}),
        ("PATCH", f"{GAZETTE}/articles/1", {"mode": "closed"}),
        ("DELETE", "/session", None),
    ]


def claiming(comment: str) -> list[tuple[str, str, Any]]:
    """What decides nothing and stands in no log."""
    return [
        ("POST", f"{GAZETTE}/claims", {"comment_ids": [comment]}),
        ("DELETE", f"{GAZETTE}/claims?comment={comment}", None),
        ("POST", f"{GAZETTE}/queues/new/claims", {"limit": 1}),
        ("POST", f"{GAZETTE}/trials", {"rules": {}, "most": 1}),
        ("POST", f"/comments/{comment}/defer", {"minutes": 5}),
        ("POST", f"{GAZETTE}/bulk/preview", {"decision": "approve", "items": [{"id": comment, "version": 1}]}),
        ("POST", f"{GAZETTE}/bulk", {"decision": "approve", "items": [{"id": comment, "version": 99}]}),
    ]


def test_unsafe_calls_need_the_csrf_token(paper: Gazette, desk: Desk, kiesel: Reader) -> None:
    comment = kiesel.post("hello")["id"]
    other = paper.desk()
    calls = [*claiming(comment), *unsafe(comment, kiesel.id)]
    for method, path, body in calls:
        for token in ("", "x", other.csrf, desk.csrf[:-1], desk.csrf + "x", "ä"):
            refused(desk.call(method, path, body, X_CSRF_Token=token), 403, "csrf")
        for origin in (
            "null",
            "https://www.gazette.example",
            "https://evil.example",
            "http://localhost:8000.evil.example",
        ):
            refused(desk.call(method, path, body, Origin=origin), 403, "origin")
    assert paper.page()["article"]["mode"] == "open"
    for method, path, body in calls:
        assert desk.call(method, path, body, Origin="http://localhost:8000").status_code in (200, 202, 204)


def test_signing_in_from_elsewhere(paper: Gazette, desk: Desk) -> None:
    body = {"email": desk.email, "password": PASSWORD}
    for origin in ("null", "https://evil.example", "https://www.gazette.example"):
        refused(paper.call("POST", "/console/session", body, Origin=origin), 403, "origin")
    assert paper.call("POST", "/console/session", body, Origin="http://localhost:8000").status_code == 200


def test_the_console_knows_no_bearer(paper: Gazette, desk: Desk, kiesel: Reader) -> None:
    comment = kiesel.post("hello")["id"]
    for method, path, body in [
        *unsafe(comment, kiesel.id),
        *claiming(comment),
        ("GET", f"{GAZETTE}/queues", None),
        ("GET", "/session", None),
    ]:
        refused(kiesel.call(method, f"/console{path}", body, X_CSRF_Token="x"), 401, "key_invalid")
    refused(desk.client.get(f"{API}/sites/gazette/articles/1/mine"), 401, "token_missing")


def test_the_widget_knows_no_cookie(paper: Gazette, desk: Desk, kiesel: Reader) -> None:
    """With a moderator's cookie every other address answers as it does without: nothing read or set."""
    comment = kiesel.post("hello")["id"]
    hidden = held(paper, kiesel, "not for the public")
    assert desk.client.get_cookie("comments_console") is not None
    for path in (f"{paper.article()}/comments", f"/comments/{hidden}/context", f"{paper.article()}/mine",
                 "/openapi.json", "/sites/gazette/counts?article=1", f"{paper.article()}/changes?after=0"):  # fmt: skip
        with_cookie = desk.client.get(API + path)
        without = paper.call("GET", path)
        assert (with_cookie.status_code, with_cookie.get_data()) == (without.status_code, without.get_data()), path
        for answer in (with_cookie, without):
            assert "Set-Cookie" not in answer.headers, path
            assert "cookie" not in answer.headers.get("Vary", "").lower(), path
    answer = desk.client.post(
        f"{API}{paper.article()}/comments", json={"body": "x y"}, headers={"X-CSRF-Token": desk.csrf}
    )
    refused(answer, 401, "token_missing")
    refused(desk.client.delete(f"{API}/comments/{comment}", headers={"X-CSRF-Token": desk.csrf}), 401, "token_missing")
    for path in ("/healthz", "/embed.js", "/nothing", "/console"):
        assert "cookie" not in desk.client.get(path).headers.get("Vary", "").lower(), path


# Roles


def routes(comment: str, member: str) -> list[tuple[str, str, Any]]:
    reads = ("queues", "queues/waiting", "queues/reported", "queues/new", "articles", "audit", "settings", "figures",
             "figures.csv", "rules", "rules/versions", "articles/1/rules")  # fmt: skip
    return [*(("GET", f"{GAZETTE}/{what}", None) for what in reads), ("GET", f"/comments/{comment}", None),
            ("GET", f"/members/{member}", None), ("GET", f"/members/{member}/comments", None),
            *unsafe(comment, member)[:-1], *claiming(comment)]  # fmt: skip


def test_an_account_knows_its_own_sites_alone(paper: Gazette, clock: FakeClock) -> None:
    """Who may call what is in tests/test_roles.py, for every route."""
    Gazette.make(paper.app, clock, "herald")
    assert paper.desk(sites=("herald",)).get("/session")["sites"] == [{"key": "herald", "name": "Herald"}]
    assert paper.desk(sites=()).get("/session")["sites"] == []
    assert len(paper.desk("administrator").get("/session")["sites"]) == 2


def test_what_does_not_exist(desk: Desk) -> None:
    for method, path, body in routes("99", "99"):
        if GAZETTE not in path:
            refused(desk.call(method, path, body), 404, "not_found")
    for path in (
        "/sites/nowhere/queues",
        f"{GAZETTE}/queues/notices",
        f"{GAZETTE}/queues/",
        "/comments/x",
        "/members/x/ban",
    ):
        assert desk.call("GET", path).status_code in (404, 405)


# Queues and decisions


def test_the_queues(paper: Gazette, desk: Desk, kiesel: Reader, bach: Reader, clock: FakeClock) -> None:
    assert desk.get(f"{GAZETTE}/queues") == {"waiting": 0, "reported": 0, "new": 0, "appeals": 0, "notices": 0}
    root = kiesel.post("root")["id"]
    clock.forward(1)
    waits = [held(paper, bach, f"number {number}", parent=root) for number in range(3)]
    good(bach.report(root, "spam", detail="look"), 201)
    assert desk.get(f"{GAZETTE}/queues") == {"waiting": 3, "reported": 1, "new": 1, "appeals": 0, "notices": 0}
    page = desk.get(f"{GAZETTE}/queues/waiting?limit=2")
    assert [item["comment"]["id"] for item in page["items"]] == waits[:2]
    more = desk.get(f"{GAZETTE}/queues/waiting?limit=2&cursor={page['next_cursor']}")
    assert ([item["comment"]["id"] for item in more["items"]], more["next_cursor"]) == (waits[2:], None)
    item = page["items"][0]
    assert set(item) == ITEM
    assert item["article"] == {
        "id": "1", "title": None, "url": None, "mode": "open", "section": None, "key_id": "1"
    }  # fmt: skip
    assert (item["parent"]["id"], item["comment"]["text"], item["comment"]["source"]) == (root, "number 0", "number 0")
    assert item["comment"]["findings"][0]["reason"] == "premoderated_member"
    standing = item["author"].pop("standing")
    assert (standing["level"], standing["score"]) == ("new", 50)
    assert item["author"] == {
        "id": bach.id, "name": "bach", "state": "active", "published": 0, "rejected": 0, "waiting": 3, "withdrawn": 0,
        "first_seen": "2026-03-02T09:00:00Z", "banned": False, "suspended_until": None, "restriction_reason": None,
        "premoderated": False, "premoderated_reason": None, "warnings": 0, "unseen_warnings": 0,
    }  # fmt: skip
    reported = desk.get(f"{GAZETTE}/queues/reported")
    assert [item["comment"]["id"] for item in reported["items"]] == [root]
    assert reported["items"][0]["reports"][0]["by"] == {"id": bach.id, "name": "bach"}
    assert reported["counts"] == {"waiting": 3, "reported": 1, "new": 1, "appeals": 0}


def test_approving(paper: Gazette, desk: Desk, kiesel: Reader) -> None:
    comment = held(paper, kiesel)
    decided = good(desk.decide(comment, "approve", note="fine"))
    assert (decided["comment"]["status"], decided["comment"]["version"]) == ("published", 2)
    assert decided["counts"] == {"waiting": 0, "reported": 0, "new": 0, "appeals": 0}
    assert (paper.page()["total"], paper.page()["seq"]) == (1, 1)
    assert kiesel.mine()["comments"] == []
    item = desk.item(comment)
    entry = item["decisions"][0].pop("id")
    assert entry.isdigit()
    assert item["decisions"] == [
        {"action": "approve", "by": desk.email.partition("@")[0], "at": "2026-03-02T09:00:00Z", "reason": None,
         "note": "fine"}
    ]  # fmt: skip


def test_rejecting(paper: Gazette, desk: Desk, kiesel: Reader, bach: Reader) -> None:
    comment = kiesel.post("hello")["id"]
    good(bach.report(comment), 201)
    for reason in (None, "", "because", "premoderated"):
        body = {"decision": "reject", "version": 1, "reason": reason}
        assert refused(desk.call("POST", f"/comments/{comment}/decision", body), 400)["field"] == "reason"
    decided = good(desk.decide(comment, "reject", reason="abuse"))
    assert (decided["comment"]["status"], decided["counts"]["reported"]) == ("rejected", 0)
    own = kiesel.mine()["comments"]
    assert [(one["id"], one["status"], one["findings"][0]["rule"]) for one in own] == [
        (comment, "rejected", "decision")
    ]
    refused(kiesel.edit(comment, "hello again"), 409, "status")
    assert paper.page()["total"] == 0
    good(desk.decide(comment, "approve"))
    assert (paper.page()["total"], kiesel.mine()["comments"]) == (1, [])
    cara = paper.reader("cara")
    good(bach.report(comment), 200)
    assert desk.get(f"{GAZETTE}/queues")["reported"] == 0, "the old report was answered"
    good(cara.report(comment), 201)
    assert desk.get(f"{GAZETTE}/queues")["reported"] == 1, "a fresh one brings it back"


def test_two_moderators_at_once(paper: Gazette, desk: Desk, kiesel: Reader) -> None:
    """Nobody decides on what they have not seen: the answer shows how it stands now."""
    comment = held(paper, kiesel)
    good(paper.desk().decide(comment, "reject"))
    problem = refused(desk.decide(comment, "approve", version=1), 409, "changed_meanwhile")
    assert problem["version"] == 2
    assert (problem["item"]["comment"]["status"], problem["item"]["comment"]["version"]) == ("rejected", 2)
    assert problem["item"]["decisions"][0]["action"] == "reject"
    other = kiesel.post("before")["id"]
    good(kiesel.edit(other, "after"))
    problem = refused(desk.decide(other, "approve", version=1), 409, "changed_meanwhile")
    assert problem["item"]["comment"]["source"] == "after"
    good(kiesel.withdraw(other))
    problem = refused(desk.decide(other, "approve", version=3), 409, "status")
    assert problem["item"]["comment"]["status"] == "withdrawn"
    assert paper.page()["total"] == 0


def test_a_comment_with_its_thread(paper: Gazette, desk: Desk, kiesel: Reader, bach: Reader) -> None:
    root = kiesel.post("root")["id"]
    reply = bach.post("reply", root)["id"]
    below = held(paper, kiesel, "below", parent=reply)
    good(kiesel.edit(root, "root, corrected"))
    shown = desk.item(reply)
    assert set(shown) == ITEM | {"thread", "edits"}
    assert [one["id"] for one in shown["thread"]] == [root, reply, below]
    assert all({"source", "version"} <= set(one) for one in shown["thread"])
    assert [one["source"] for one in desk.item(root)["edits"]] == ["root"]


# Bans


def test_a_ban(paper: Gazette, desk: Desk, kiesel: Reader, bach: Reader) -> None:
    comment, other = kiesel.post("published stays")["id"], bach.post("of somebody else")["id"]
    waits = [held(paper, kiesel, f"number {number}") for number in range(3)]
    not_theirs = held(paper, bach)
    body = {"reason": " Spam,\nagain ", "until": None, "reject_waiting": True}
    author = good(desk.call("POST", f"/members/{kiesel.id}/ban", body))["author"]
    assert (author["banned"], author["restriction_reason"], author["waiting"]) == (True, "Spam,\nagain", 3)
    for answer in (kiesel.send("x y"), kiesel.edit(comment, "x y"), kiesel.react(other), kiesel.report(other)):
        refused(answer, 403, "banned")
    viewer = kiesel.mine()["viewer"]
    assert (viewer["gate"], viewer["restriction_reason"]) == ("banned", "Spam,\nagain")
    assert {one["status"] for one in kiesel.mine()["comments"]} == {"waiting"}
    paper.work()
    assert {one["id"]: one["status"] for one in kiesel.mine()["comments"]} == dict.fromkeys(waits, "rejected")
    assert desk.item(not_theirs)["comment"]["status"] == "waiting"
    assert paper.page()["total"] == 2
    good(kiesel.withdraw(comment))
    author = good(desk.call("DELETE", f"/members/{kiesel.id}/ban"))["author"]
    assert (author["banned"], author["restriction_reason"], author["rejected"]) == (False, None, 3)
    kiesel.post("welcome back")


def test_a_ban_of_many_comments(paper: Gazette, desk: Desk, kiesel: Reader) -> None:
    """More than one chunk; what a moderator approved meanwhile stays approved, and lifting the ban stops the rest."""
    waits = [held(paper, kiesel, f"number {number}", article=str(number % 7)) for number in range(60)]
    good(desk.decide(waits[7], "approve"))
    body = {"reason": "x", "until": None, "reject_waiting": True}
    good(desk.call("POST", f"/members/{kiesel.id}/ban", body))
    paper.work()
    assert desk.get(f"{GAZETTE}/queues")["waiting"] == 0
    author = desk.item(waits[0])["author"]
    assert (author["rejected"], author["published"]) == (59, 1)
    good(desk.call("DELETE", f"/members/{kiesel.id}/ban"))
    late = held(paper, kiesel, "one more")
    good(desk.call("POST", f"/members/{kiesel.id}/ban", body))
    good(desk.call("DELETE", f"/members/{kiesel.id}/ban"))
    paper.work()
    assert desk.item(late)["comment"]["status"] == "waiting"


def test_a_suspension(paper: Gazette, desk: Desk, kiesel: Reader, clock: FakeClock) -> None:
    until = "2026-03-02T10:00:00Z"
    body = {"reason": "cool down", "until": "2026-03-02T11:00:00+01:00", "reject_waiting": False}
    author = good(desk.call("POST", f"/members/{kiesel.id}/ban", body))["author"]
    assert (author["banned"], author["suspended_until"]) == (False, until)
    assert refused(kiesel.send("x y"), 403, "suspended")["until"] == until
    viewer = kiesel.mine()["viewer"]
    assert (viewer["gate"], viewer["suspended_until"], viewer["restriction_reason"]) == (
        "suspended",
        until,
        "cool down",
    )
    clock.forward(3600)
    paper.reader("kiesel").post("back")


NO_ENDS = [
    "soon", "2026-03-02", "2026-03-02T09:00:00Z", "2020-01-01T00:00:00Z", "2027-01-01T00:00:00",
    "9999-12-31T23:59:59-12:00", "1969-01-01T00:00:00Z",
]  # fmt: skip


@pytest.mark.parametrize("until", NO_ENDS)
def test_ends_of_suspensions_that_are_none(desk: Desk, kiesel: Reader, until: str) -> None:
    body = {"reason": "x", "until": until, "reject_waiting": False}
    assert refused(desk.call("POST", f"/members/{kiesel.id}/ban", body), 400)["field"] == "until"


def test_a_ban_needs_a_reason(desk: Desk, kiesel: Reader) -> None:
    for reason in ("", " ", "\n"):
        problem = refused(desk.call("POST", f"/members/{kiesel.id}/ban", {"reason": reason}), 400)
        assert problem["field"] == "reason"


# Articles, log, settings


def test_articles(paper: Gazette, desk: Desk, kiesel: Reader) -> None:
    for number in range(5):
        kiesel.post("hello", article=f"a{number}")
    good(
        kiesel.send("hello", article="named", article_url="https://www.gazette.example/x", article_title="100 % Wool_"),
        201,
    )
    held(paper, kiesel, article="a1")
    page = desk.get(f"{GAZETTE}/articles?limit=4")
    assert [one["id"] for one in page["articles"]] == ["named", "a4", "a3", "a2"]
    rest = desk.get(f"{GAZETTE}/articles?limit=4&cursor={page['next_cursor']}")
    assert ([one["id"] for one in rest["articles"]], rest["next_cursor"]) == (["a1", "a0"], None)
    assert rest["articles"][0] == {
        "id": "a1", "title": None, "url": None, "mode": "open", "section": None, "total": 1, "waiting": 1,
        "created_at": "2026-03-02T09:00:00Z",
    }  # fmt: skip
    for q, found in (
        ("a1", ["a1"]),
        ("WOOL", ["named"]),
        ("100 %25", ["named"]),
        ("%25", ["named"]),
        ("_", ["named"]),
        ("z", []),
    ):
        assert [one["id"] for one in desk.get(f"{GAZETTE}/articles?q={q}")["articles"]] == found, q


def test_a_mode_for_an_article_that_nobody_wrote_under(paper: Gazette, desk: Desk) -> None:
    shown = good(desk.call("PATCH", f"{GAZETTE}/articles/2026/new", {"mode": "premoderated"}))
    public = {"id": "2026/new", "title": None, "url": None, "mode": "premoderated"}
    assert shown == public | {"section": None}
    assert paper.page("2026/new")["article"] == public
    assert good(desk.call("PATCH", f"{GAZETTE}/articles/2026/new", {"mode": "premoderated"})) == shown
    assert refused(desk.call("PATCH", f"{GAZETTE}/articles/1", {"mode": "shut"}), 400)["field"] == "mode"


def test_the_log(paper: Gazette, desk: Desk, kiesel: Reader) -> None:
    comment = kiesel.post("hello")["id"]
    good(desk.decide(comment, "reject", reason="abuse", note="x"))
    good(desk.call("POST", f"/members/{kiesel.id}/ban", {"reason": "spam", "until": None, "reject_waiting": False}))
    good(desk.call("DELETE", f"/members/{kiesel.id}/ban"))
    good(desk.call("PATCH", f"{GAZETTE}/articles/1", {"mode": "closed"}))
    page = desk.get(f"{GAZETTE}/audit?limit=3")
    entries = page["entries"] + desk.get(f"{GAZETTE}/audit?cursor={page['next_cursor']}")["entries"]
    assert [entry["action"] for entry in entries] == ["set_mode", "lift_ban", "ban", "reject", "create_site"]
    name = desk.email.partition("@")[0]
    assert {entry["by"] for entry in entries[:4]} == {name} and entries[4]["by"] is None
    mode, lift, ban, reject, _ = entries
    assert (mode["before"], mode["after"], mode["subject"]["label"]) == ({"mode": "open"}, {"mode": "closed"}, "1")
    assert (reject["subject"], reject["reason"], reject["note"]) == (
        {"type": "comment", "id": comment, "label": None}, "abuse", "x")  # fmt: skip
    assert (reject["before"], reject["after"]) == ({"status": "published"}, {"status": "rejected"})
    assert (ban["subject"], ban["reason"]) == ({"type": "member", "id": kiesel.id, "label": "kiesel"}, "spam")
    assert ban["after"]["reject_waiting"] is False and lift["after"] is None


def test_every_unsafe_call_is_in_the_log(paper: Gazette, desk: Desk, kiesel: Reader) -> None:
    comment = kiesel.post("hello")["id"]
    for method, path, body in unsafe(comment, kiesel.id)[:-1]:
        before = len(desk.get(f"{GAZETTE}/audit?limit=100")["entries"])
        good(desk.call(method, path, body))
        assert len(desk.get(f"{GAZETTE}/audit?limit=100")["entries"]) == before + 1, path


def test_a_decision_that_fails_is_not_in_the_log(paper: Gazette, desk: Desk, kiesel: Reader) -> None:
    comment = kiesel.post("hello")["id"]
    before = desk.get(f"{GAZETTE}/audit")
    refused(desk.decide(comment, "reject", version=9), 409)
    refused(desk.decide(comment, "reject", reason="because"), 400)
    assert desk.get(f"{GAZETTE}/audit") == before


def test_the_log_only_grows(paper: Gazette, desk: Desk, kiesel: Reader) -> None:
    good(desk.decide(kiesel.post("hello")["id"], "approve"))
    for change in (sa.update(audit).values(reason="x"), sa.delete(audit), sa.delete(audit).where(audit.c.id == 1)):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), paper.database.engine.begin() as conn:
            conn.execute(change)
    assert len(desk.get(f"{GAZETTE}/audit")["entries"]) == 2


def test_the_settings(paper: Gazette, clock: FakeClock, desk: Desk) -> None:
    shown = desk.get(f"{GAZETTE}/settings")
    assert (shown["version"], shown["settings"]["max_depth"]) == (1, 4)
    assert shown["reject_reasons"] == ["abuse", "hate", "spam", "off_topic", "personal_data", "copyright", "other"]
    assert "secret" not in str(shown)
