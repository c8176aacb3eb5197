"""One's own page: how a member comes to it and leaves, who does not, and what it shows and does."""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.core.times import time_text
from comments.http.limiter import Limiter
from comments.jobs.upkeep import sweep
from comments.storage import tables
from tests.conftest import FakeClock
from tests.gazette import SECRET, Gazette, Reader, Visitor, good, refused, sign

MINUTE, HOUR = 60, 3600


def visits(paper: Gazette) -> int:
    with paper.read() as conn:
        return int(conn.execute(sa.select(sa.func.count()).select_from(tables.visits)).scalar_one())


def door(answer: Any, status: int) -> str:
    """The page that says how to come."""
    assert (answer.status_code, answer.mimetype) == (status, "text/html"), answer.get_data(True)
    text: str = answer.get_data(as_text=True)
    assert "My comments" in text and "at the bell above the comments" in text
    assert "me.js" not in text and "/static/me-" not in text
    return text


def test_coming_looking_around_and_leaving(paper: Gazette) -> None:
    reader = paper.reader()
    reader.post("what I think")
    visitor = Visitor(paper, paper.app.test_client())
    came = visitor.enter(paper.token(), lang="de")
    assert (came.status_code, came.headers["Location"]) == (303, "/me/gazette/?lang=de")
    cookie = came.headers["Set-Cookie"]
    assert cookie.startswith("comments_me_gazette=") and "Domain" not in cookie
    assert {"HttpOnly", "SameSite=Lax", "Path=/me"} <= set(cookie.split("; "))
    assert "Max-Age" not in cookie and "Expires" not in cookie  # gone with the browser
    page = visitor.page("?lang=de")
    text = page.get_data(as_text=True)
    assert page.status_code == 200 and '<html lang="de"' in text and "/static/me-de" in text
    policy = page.headers["Content-Security-Policy"]
    assert (
        "require-trusted-types-for 'script'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    )
    assert page.headers["Cache-Control"] == "no-store" and page.headers["Referrer-Policy"] == "no-referrer"
    visit = visitor.get("/visit")
    assert (visit["viewer"]["name"], visit["site"]["key"]) == ("kiesel", "gazette")
    assert (visit["since"], visit["until"]) == ("2026-03-02T09:00:00Z", "2026-03-02T17:00:00Z")
    visitor.csrf = visit["csrf"]
    assert [one["comment"]["source"] for one in visitor.get("/comments")["comments"]] == ["what I think"]
    left = visitor.call("DELETE", "/visit")
    assert left.status_code == 204 and "comments_me_gazette=;" in left.headers["Set-Cookie"]
    assert visits(paper) == 0
    refused(visitor.call("GET", "/comments"), 401, "signed_out")
    door(visitor.page(), 200)


def test_the_cookie_over_tls(paper: Gazette, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = paper.app.extensions["comments"].settings
    monkeypatch.setattr(type(settings), "is_https", property(lambda _: True))
    came = Visitor(paper, paper.app.test_client()).enter(paper.token())
    assert came.headers["Set-Cookie"].startswith("__Secure-comments_me_gazette=")
    assert "Secure" in came.headers["Set-Cookie"].split("; ")


def test_who_comes_without_a_visit_is_told_how(app: Flask, clock: FakeClock) -> None:
    login = "https://www.gazette.example/log-in?back={url}"
    paper = Gazette.make(app, clock, login_url=login, locale="de")
    client = app.test_client()
    text = client.get("/me/gazette/", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert "https://www.gazette.example/log-in?back=https%3A%2F%2Fwww.gazette.example" in text
    assert "Gazette" in text and "Log in" in text
    german = client.get("/me/gazette/").get_data(as_text=True)
    assert 'lang="de"' in german and "Meine Kommentare" in german
    assert client.get("/me/gazette").headers["Location"] == "/me/gazette/"
    nowhere = client.get("/me/herald/")
    assert (nowhere.status_code, nowhere.mimetype) == (404, "text/html")
    assert client.post("/me/herald", data={"token": paper.token()}).status_code == 404


@pytest.mark.parametrize("origin", ["", "null", "https://evil.example", "https://www.gazette.example.evil.example"])
def test_only_pages_of_the_site_send_readers_here(paper: Gazette, origin: str) -> None:
    """Whoever could send somebody with a token of their own would have them write and read as another."""
    visitor = Visitor(paper, paper.app.test_client())
    answer = visitor.enter(paper.token(), origin)
    door(answer, 403)
    assert "Set-Cookie" not in answer.headers and visits(paper) == 0


def test_tokens_that_open_nothing(paper: Gazette, clock: FakeClock) -> None:
    reader = paper.reader()
    old = paper.token()
    clock.forward(20 * MINUTE)
    claims = paper.claims()
    bad = {
        "the widget's own": reader.token,
        "none": "",
        "over": old,
        "signed by somebody else": sign(claims, "another secret that is as long as ours"),
        "for another site": sign(claims | {"aud": "herald"}, SECRET),
        "unsigned": sign(claims, SECRET).rpartition(".")[0] + ".",
        "too long": "a" * 20_000,
        "a text": "hello",
    }
    for name, token in bad.items():
        answer = Visitor(paper, paper.app.test_client()).enter(token)
        door(answer, 401)
        assert "Set-Cookie" not in answer.headers, name
    client = paper.app.test_client()
    headers = {"Origin": paper.origin}
    door(client.post(f"/me/gazette?token={paper.token()}", headers=headers), 401)  # never in an address
    door(client.post("/me/gazette", json={"token": paper.token()}, headers=headers), 401)
    assert visits(paper) == 0


def test_the_widgets_token_opens_nothing_under_me(paper: Gazette) -> None:
    reader = paper.reader()
    client = paper.app.test_client(use_cookies=False)
    for path in ("/visit", "/comments", "/names", "/mutes", "/follows", "/notifications"):
        answer = client.get(f"/me/api/gazette{path}", headers={"Authorization": f"Bearer {reader.token}"})
        refused(answer, 401, "signed_out")
    desk = paper.desk()
    refused(desk.client.get("/me/api/gazette/visit"), 401, "signed_out")


def test_the_visit_opens_nothing_elsewhere(paper: Gazette) -> None:
    visitor = Visitor.of(paper)
    for path in ("/api/v1/me/notifications", "/api/v1/console/session", "/api/v1/sites/gazette/articles/1/mine"):
        refused(visitor.client.get(path), 401)


def test_a_token_counts_once_where_the_site_says_so(app: Flask, clock: FakeClock) -> None:
    paper = Gazette.make(app, clock, "once", single_use_tokens=True)
    token = paper.token()
    good(paper.session(token))
    visitor = Visitor(paper, app.test_client())
    door(visitor.enter(token), 401)
    fresh = paper.token()
    assert visitor.enter(fresh).status_code == 303
    refused(paper.session(fresh), 401, "token_replayed")


@pytest.mark.environ(COMMENTS_SITE_REQUESTS_PER_MINUTE="5")
def test_coming_is_limited(paper: Gazette) -> None:
    answers = [Visitor(paper, paper.app.test_client()).enter(paper.token()) for _ in range(8)]
    assert [one.status_code for one in answers].count(429) >= 3
    assert door(answers[-1], 429) and int(answers[-1].headers["Retry-After"]) > 0


def test_a_visit_ends_when_nobody_uses_it(paper: Gazette, clock: FakeClock) -> None:
    visitor = Visitor.of(paper)
    for _ in range(3):
        clock.forward(29 * MINUTE)
        visitor.get("/visit")
    clock.forward(31 * MINUTE)
    refused(visitor.call("GET", "/visit"), 401, "signed_out")


def test_a_visit_ends_after_eight_hours(paper: Gazette, clock: FakeClock) -> None:
    visitor = Visitor.of(paper)
    for _ in range(17):
        clock.forward(28 * MINUTE)
        visitor.get("/visit")
    clock.forward(10 * MINUTE)
    refused(visitor.call("GET", "/visit"), 401, "signed_out")
    clock.forward(9 * HOUR)
    sweep(paper.database)
    assert visits(paper) == 0


def test_the_publishers_word_ends_all_visits(paper: Gazette) -> None:
    first, second, other = Visitor.of(paper), Visitor.of(paper), Visitor.of(paper, "bach")
    notice = {"site": "gazette", "token": paper.token(state="lapsed")}
    assert paper.call("POST", "/members/kiesel/entitlement", notice).status_code == 204
    for visitor in (first, second):
        refused(visitor.call("GET", "/comments"), 401, "signed_out")
    other.get("/comments")


def test_unsafe_calls_need_the_visits_own_word(paper: Gazette) -> None:
    visitor, other = Visitor.of(paper), Visitor.of(paper, "bach")
    calls: list[tuple[str, str, Any]] = [
        ("DELETE", "/visit", None), ("PUT", "/name", {"name": "Kiesel am Bach"}), ("DELETE", "/mutes/1", None),
        ("DELETE", "/follows/1", None), ("POST", "/comments/1/appeal", {"text": "why?"}),
        ("DELETE", "/comments/1", None), ("POST", "/notifications/seen", {"until": "1"}),
    ]  # fmt: skip
    for method, path, body in calls:
        for wrong in ("", "x", other.csrf):
            refused(visitor.call(method, path, body, X_CSRF_Token=wrong), 403, "csrf")
        refused(visitor.call(method, path, body, Origin="https://www.gazette.example"), 403, "origin")
    assert visitor.get("/names")["name"] == "kiesel"
    with paper.read() as conn:
        stored = conn.execute(sa.select(tables.visits.c.digest)).scalars().all()
    cookie = visitor.client.get_cookie("comments_me_gazette", path="/me")
    assert cookie is not None and cookie.value not in stored and visitor.csrf not in stored


def test_two_sites_side_by_side(app: Flask, paper: Gazette, clock: FakeClock) -> None:
    herald = Gazette.make(app, clock, "herald")
    here = Visitor.of(paper)
    there = Visitor(herald, here.client)
    assert there.enter(herald.token("bach")).status_code == 303
    assert (here.get("/visit")["viewer"]["name"], there.get("/visit")["viewer"]["name"]) == ("kiesel", "bach")
    value = here.client.get_cookie("comments_me_gazette", path="/me")
    assert value is not None
    stranger = app.test_client()
    stranger.set_cookie("comments_me_herald", value.value, path="/me")
    refused(stranger.get("/me/api/herald/visit"), 401, "signed_out")


def test_history_by_status_page_by_page_with_receipts(app: Flask, clock: FakeClock) -> None:
    paper = Gazette.make(app, clock, banned_words=["weasel"])
    kiesel, bach, desk = paper.reader(), paper.reader("bach"), paper.desk()
    bach.post("not mine")
    made = []
    for number in range(7):
        clock.forward(60)
        made.append(kiesel.post(f"number {number}")["id"])
    waiting = good(kiesel.send("a weasel", article_title="On weasels", article="2",
                               article_url="https://www.gazette.example/2"), 201)["id"]  # fmt: skip
    good(desk.decide(made[0], "reject", reason="abuse", message="no names"))
    good(kiesel.withdraw(made[1]))
    visitor = Visitor.of(paper)
    seen, cursor = [], ""
    while cursor is not None:
        page = visitor.get(f"/comments?limit=3{cursor and '&cursor=' + cursor}")
        seen += page["comments"]
        cursor = page["next_cursor"]
    assert [one["comment"]["id"] for one in seen] == [waiting, *reversed(made)]
    first, last = seen[0], seen[-1]
    assert first["article"] == {"id": "2", "title": "On weasels", "url": "https://www.gazette.example/2"}
    assert first["comment"]["receipt"]["by"] == "machine" and "weasel" in first["comment"]["receipt"]["text"]
    assert "no names" in last["comment"]["receipt"]["text"] and last["comment"]["receipt"]["appeal"]["possible"]
    assert seen[-2]["comment"]["body"] == [["p", "number 1"]]  # withdrawn: to its author alone
    counted = {status: len(visitor.get(f"/comments?status={status}")["comments"])
               for status in ("published", "waiting", "rejected", "withdrawn")}  # fmt: skip
    assert counted == {"published": 5, "waiting": 1, "rejected": 1, "withdrawn": 1}
    refused(visitor.call("GET", "/comments?status=erased"), 400, "malformed")
    refused(visitor.call("GET", "/comments?cursor=x"), 400, "malformed")
    german = good(visitor.call("GET", "/comments?status=waiting", Accept_Language="de"))["comments"][0]
    assert "automatische" in german["comment"]["receipt"]["text"].lower()


def test_appeal_and_withdraw_from_here(paper: Gazette) -> None:
    kiesel, desk, bach = paper.reader(), paper.desk(), paper.reader("bach")
    mine, gone, others = kiesel.post("mine")["id"], kiesel.post("soon gone")["id"], bach.post("others")["id"]
    good(desk.decide(mine, "reject", reason="abuse"))
    visitor = Visitor.of(paper)
    appealed = good(visitor.call("POST", f"/comments/{mine}/appeal", {"text": "it was no insult"}), 201)
    assert appealed["comment"]["receipt"]["appeal"]["state"] == "open"
    good(visitor.call("POST", f"/comments/{mine}/appeal", {"text": "it was no insult"}))
    refused(visitor.call("POST", f"/comments/{mine}/appeal", {"text": "another"}), 409, "appeal_exists")
    refused(visitor.call("POST", f"/comments/{others}/appeal", {"text": "why?"}), 403, "forbidden")
    refused(visitor.call("DELETE", f"/comments/{others}"), 403, "forbidden")
    assert good(visitor.call("DELETE", f"/comments/{gone}"))["comment"]["status"] == "withdrawn"
    assert [one["status"] for one in paper.page()["comments"]] == ["published"]
    queue = desk.get("/sites/gazette/queues/appeals")
    assert [item["comment"]["id"] for item in queue["items"]] == [mine]


def test_names_and_those_before(paper: Gazette, clock: FakeClock) -> None:
    paper.reader(name="K")
    paper.reader(name="Kiesel")
    paper.reader(name="Kiesel")
    visitor = Visitor.of(paper, name="Kiesel")
    assert visitor.get("/names") == {
        "name": "Kiesel", "by": "publisher",
        "former": [{"name": "K", "by": "publisher", "until": "2026-03-02T09:00:00Z"}],
    }  # fmt: skip
    clock.forward(60)
    changed = good(visitor.call("PUT", "/name", {"name": "Kiesel am Bach"}))
    assert (changed["name"], changed["by"]) == ("Kiesel am Bach", "member")
    good(visitor.call("PUT", "/name", {"name": "Kiesel am Bach"}))
    good(visitor.call("PUT", "/name", {"name": "Kies"}))
    assert [(one["name"], one["by"]) for one in visitor.get("/names")["former"]] == [
        ("Kiesel am Bach", "member"), ("Kiesel", "publisher"), ("K", "publisher"),
    ]  # fmt: skip
    paper.reader("bach", name="Bach")
    refused(visitor.call("PUT", "/name", {"name": "Bach"}), 409, "name_taken")
    refused(visitor.call("PUT", "/name", {"name": "Admin"}), 422, "reserved_name")
    paper.app.extensions["comments"].limiter = Limiter(None)  # five names a minute
    refused(visitor.call("PUT", "/name", {"name": "x"}), 400, "malformed")
    shown = paper.desk().get(f"/members/{paper.reader(name='K').id}")
    assert [one["name"] for one in shown["former_names"]] == ["Kiesel am Bach", "Kiesel", "K"]
    assert Visitor.of(paper, "bach", name="Bach").get("/names")["former"] == []


def test_no_more_than_fifty_former_names_are_kept(paper: Gazette) -> None:
    for number in range(60):
        paper.reader(name=f"Kiesel {number}")
    former = Visitor.of(paper, name="Kiesel 59").get("/names")["former"]
    assert [one["name"] for one in former] == [f"Kiesel {number}" for number in range(58, 8, -1)]


def others(paper: Gazette, number: int) -> list[Reader]:
    return [paper.reader(f"reader-{one}", name=f"Reader {one}") for one in range(number)]


def test_mutes_and_follows_are_let_go(paper: Gazette, clock: FakeClock) -> None:
    kiesel = paper.reader()
    crowd = others(paper, 5)
    for one in crowd:
        good(kiesel.call("PUT", f"/members/{one.id}/mute"), 204)
    posted = crowd[0].post("follow this")["id"]
    hidden = crowd[1].post("and this")["id"]
    for path in (f"/comments/{posted}", f"/comments/{hidden}", paper.article()):
        good(kiesel.call("PUT", f"{path}/follow"))
    good(crowd[1].withdraw(hidden))
    visitor = Visitor.of(paper)
    first = visitor.get("/mutes?limit=3")
    rest = visitor.get(f"/mutes?limit=3&cursor={first['next_cursor']}")
    muted = [*first["mutes"], *rest["mutes"]]
    assert [one["member"]["name"] for one in muted] == [f"Reader {number}" for number in range(5)]
    assert rest["next_cursor"] is None
    assert visitor.call("DELETE", f"/mutes/{crowd[0].id}").status_code == 204
    assert len(visitor.get("/mutes")["mutes"]) == 4 and crowd[0].id not in kiesel.mine()["mutes"]
    followed = visitor.get("/follows")["follows"]
    assert [(one["kind"], one["comment"] and one["comment"]["excerpt"]) for one in followed] == [
        ("thread", None), ("comment", None), ("comment", "follow this"),
    ]  # fmt: skip
    page = visitor.get("/follows?limit=2")
    assert visitor.get(f"/follows?limit=2&cursor={page['next_cursor']}")["follows"] == followed[2:]
    refused(Visitor.of(paper, "reader-0").call("DELETE", f"/follows/{followed[0]['id']}"), 404, "not_found")
    for one in followed:
        assert visitor.call("DELETE", f"/follows/{one['id']}").status_code == 204
    refused(visitor.call("DELETE", f"/follows/{followed[0]['id']}"), 404, "not_found")
    assert visitor.get("/follows")["follows"] == []


def test_notifications_are_seen_here(paper: Gazette) -> None:
    kiesel, bach = paper.reader(), paper.reader("bach")
    root = kiesel.post("what do you say?")["id"]
    for number in range(3):
        bach.post(f"answer {number}", root)
    visitor = Visitor.of(paper)
    first = visitor.get("/notifications?limit=2")
    assert (first["unread"], len(first["notifications"])) == (3, 2)
    rest = visitor.get(f"/notifications?limit=2&cursor={first['next_cursor']}")["notifications"]
    assert [one["comment"]["excerpt"] for one in rest] == ["answer 0"]
    until = first["notifications"][0]["id"]
    assert good(visitor.call("POST", "/notifications/seen", {"until": until})) == {"unread": 0}
    assert kiesel.mine()["unread"] == 0


@pytest.mark.parametrize("what", ["lapsed", "suspended", "banned", "nameless"])
def test_whoever_may_not_take_part_keeps_their_page(app: Flask, clock: FakeClock, what: str) -> None:
    paper = Gazette.make(app, clock, read="subscribers")
    kiesel, bach, desk = paper.reader(), paper.reader("bach"), paper.desk()
    mine, other = kiesel.post("mine")["id"], bach.post("theirs")["id"]
    bach.post("an answer", mine)
    good(kiesel.call("PUT", f"/members/{bach.id}/mute"), 204)
    for path in (f"/comments/{other}", paper.article()):
        good(kiesel.call("PUT", f"{path}/follow"))
    good(kiesel.call("DELETE", f"/members/{bach.id}/mute"), 204)
    good(desk.decide(mine, "reject", reason="abuse"))
    if what in ("suspended", "banned"):
        until = None if what == "banned" else "2026-04-01T00:00:00Z"
        body = {"reason": "insults", "until": until, "reject_waiting": False}
        good(desk.call("POST", f"/members/{kiesel.id}/ban", body))
    claims: dict[str, Any] = {"lapsed": {"state": "lapsed"}, "nameless": {"name": None}}.get(what, {})
    visitor = Visitor.of(paper, **claims)
    viewer = visitor.get("/visit")["viewer"]
    assert viewer["gate"] == (None if what == "nameless" else what)  # their name of before stands
    assert visitor.get("/comments")["comments"][0]["comment"]["body"] == [["p", "mine"]]
    good(visitor.call("POST", f"/comments/{mine}/appeal", {"text": "why?"}), 201)
    told = visitor.get("/notifications")["notifications"]
    followed = visitor.get("/follows")["follows"]
    if what == "lapsed":  # of others' comments they see nothing any more
        assert [one["comment"] for one in told if one["kind"] == "reply"] in ([], [None])
        assert [one["comment"] for one in followed] == [None, None]
    for one in followed:
        assert visitor.call("DELETE", f"/follows/{one['id']}").status_code == 204
    good(visitor.call("PUT", "/name", {"name": "Kiesel am Bach"}))
    assert re.search(r"/static/me-[\w-]+\.js", visitor.page().get_data(as_text=True))


def test_statements_of_reasons_from_the_restriction_to_the_complaint(
    database_url: str, app: Flask, clock: FakeClock
) -> None:
    """Beside a comment what Article 17 asks for, a sentence each, with what machines had to do with it; about the
    account the same, and the complaint about it.
    """
    paper = Gazette.make(app, clock, suspect_words=["weasel"], hide_reports=1)
    kiesel, bach, desk = paper.reader(), paper.reader("bach"), paper.desk()
    found, unseen, doubted, restored = (kiesel.post(text)["id"] for text in ("a weasel", "you fool", "hm", "fine"))
    public = kiesel.post("public")["id"]
    good(desk.decide(found, "reject", reason="abuse", message="Call nobody that."))
    for one in (unseen, restored):
        good(desk.decide(one, "reject", reason="abuse"))
    good(desk.decide(restored, "approve"))
    good(bach.report(doubted), 201)
    paper.work()
    visitor = Visitor.of(paper)
    own = {one["comment"]["id"]: one["statement"] for one in visitor.get("/comments?lang=en")["comments"]}
    assert own[public] is None and own[restored] is None
    assert [(own[one]["measure"], own[one]["source"], own[one]["automated_detection"], own[one]["automated_decision"])
            for one in (found, unseen, doubted)] == [
        ("remove", "own", True, "partly"), ("remove", "own", False, "no"), ("hide", "reports", False, "fully"),
    ]  # fmt: skip
    assert own[found]["text"][:5] == [
        "Your comment was removed.",
        "This has no end, and holds wherever the service can be reached.",
        "We noticed it ourselves.",
        "It breaks the rules of this site: abuse or insult.",
        "The moderator writes: Call nobody that.",
    ]
    assert own[found]["explanation"] == "Call nobody that." and own[unseen]["explanation"] is None
    assert own[found]["text"][5] == "A program pointed it out, a person decided."
    assert "appeal at the comment for six months" in own[found]["text"][6]
    assert own[doubted]["text"][2] == "It may break the rules of this site: a moderator looks at that and decides."
    german = visitor.get("/comments?lang=de")["comments"][-1]["statement"]["text"]
    assert german[0] == "Ihr Kommentar wurde entfernt."

    until = time_text(clock() + 86_400_000_000)
    good(desk.call("POST", f"/members/{kiesel.id}/ban", {"reason": "abuse", "until": until}))
    (laid_upon,) = visitor.get("/visit")["statements"]
    assert (laid_upon["measure"], laid_upon["until"], laid_upon["complaint"]["possible"]) == ("suspend", until, True)
    path = f"/statements/{laid_upon['id']}/complaint"
    refused(Visitor.of(paper, "bach").call("POST", path, {"text": "not mine"}), 404, "not_found")
    refused(visitor.call("POST", path, {"text": " "}), 400, "malformed")
    complained = good(visitor.call("POST", path, {"text": "That was somebody else."}), 201)
    assert complained["complaint"]["state"] == "open" and good(
        visitor.call("POST", path, {"text": "That was somebody else."})
    )
    refused(visitor.call("POST", path, {"text": "And besides."}), 409, "complaint_exists")
    (queued,) = paper.desk().get("/sites/gazette/complaints")["items"]
    assert queued["text"] == "That was somebody else."
    clock.forward(86_401)
    assert Visitor.of(paper).get("/visit")["statements"] == []
