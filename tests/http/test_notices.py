"""A notice of illegal content from the form to its end: receipt, queue, decision, redress; on plain pages and
as JSON.
"""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from comments.core.law.clock import due
from comments.core.receipt import APPEALS_FOR
from comments.core.times import time_text
from comments.http.limiter import Limiter
from comments.storage.tables import audit, flaggers, notices, statements
from tests.conftest import FakeClock
from tests.gazette import Desk, Gazette, Reader, good, parts_of, refused

WHY = "“Thief” in the second sentence is untrue and hurts my standing."
LANGUAGES = ("ar", "de", "en", "es", "fr", "he", "it", "nl", "pl", "pt")


@pytest.fixture
def herald(paper: Gazette, clock: FakeClock) -> Gazette:
    return Gazette.make(
        paper.app, clock, "herald", read="subscribers", taste=0, law={"uk": True, "uk_contact": "law@herald.example"}
    )


@pytest.fixture
def kiesel(herald: Gazette) -> Reader:
    return herald.reader("kiesel")


def ask(paper: Gazette, path: str, form: dict[str, Any] | None = None, **headers: str) -> TestResponse:
    """A browser without cookies asks for a page, or sends a form."""
    client = paper.app.test_client(use_cookies=False)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if form is None:
        return client.get(path, headers=named)
    return client.post(path, data=form, headers=named)


def filled(paper: Gazette, comment: str, **more: Any) -> dict[str, Any]:
    """The form as it was given out, with a good notice in it."""
    page = ask(paper, f"/notice/{paper.key}").get_data(as_text=True)
    ticket = re.search(r'name="ticket" value="([^"]+)"', page)
    assert ticket is not None
    good_form = {
        "ticket": ticket[1], "lang": "en", "urls": f"{paper.origin}/1#comment-{comment}", "about": "defamation",
        "text": WHY, "name": "Birke", "email": "birke@reader.example", "good_faith": "1",
    }  # fmt: skip
    return {name: value for name, value in (good_form | more).items() if value is not None}


def give(paper: Gazette, comment: str, **more: Any) -> Any:
    body = {
        "about": "defamation", "text": WHY, "urls": [f"{paper.origin}/1#comment-{comment}"], "good_faith": True,
        "name": "Birke", "email": "birke@reader.example",
    }  # fmt: skip
    paper.app.extensions["comments"].limiter = Limiter(None)
    return good(paper.call("POST", f"/sites/{paper.key}/notices", body | more), 201)


def queue(desk: Desk, paper: Gazette, query: str = "") -> Any:
    return desk.get(f"/sites/{paper.key}/notices{query}")


def decide(desk: Desk, paper: Gazette, notice: Any, outcome: str, **more: Any) -> TestResponse:
    body = {"outcome": outcome, "version": notice["version"], "answer": "We looked at it closely."} | more
    return desk.call("POST", f"/sites/{paper.key}/notices/{notice['id']}/decision", body)


def restrict(desk: Desk, paper: Gazette, notice: str, **more: Any) -> TestResponse:
    item = desk.get(f"/sites/{paper.key}/notices/{notice}")
    chosen = [{"id": one["comment"]["id"], "version": one["comment"]["version"]} for one in item["items"]]
    return decide(desk, paper, item, "restricted", **{"comments": chosen, "reason": "abuse"} | more)


def test_from_the_form_to_the_end(herald: Gazette, kiesel: Reader, clock: FakeClock) -> None:
    """Outside the paywall, without cookie and script; the notice removes the comment, and both sides learn why."""
    comment = kiesel.post("the thief!")["id"]
    form = filled(herald, comment)
    clock.forward(30)
    sent = ask(herald, "/notice/herald", form)
    assert sent.status_code == 303 and "Set-Cookie" not in sent.headers
    link = sent.headers["Location"]
    page = ask(herald, link).get_data(as_text=True)
    reference = re.search(r"N-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", page)
    assert reference is not None and "We have received your notice" in page and WHY in page

    desk = herald.desk()
    waiting = queue(desk, herald)
    (listed,) = waiting["items"]
    assert (waiting["open"], listed["reference"], listed["comments"]) == (1, reference[0], [comment])
    assert (listed["trusted"], listed["about"], listed["overdue"]) == (False, "defamation", False)
    assert listed["due_at"] == time_text(due(clock()))
    law = {"legal_ground": "Section 1 Defamation Act 2013", "explanation": "It says that somebody stole."}
    done = good(restrict(desk, herald, listed["id"], **law))
    assert (done["outcome"], done["can"], done["items"][0]["comment"]["status"]) == ("restricted", False, "rejected")

    page = ask(herald, link).get_data(as_text=True)
    assert "We have removed" in page and "We looked at it closely." in page and "Article 21" in page
    (told,) = good(kiesel.call("GET", "/me/statements"))["statements"]
    assert (told["measure"], told["ground"], told["legal_ground"], told["source"]) == (
        "remove", "law", law["legal_ground"], "notice"
    )  # fmt: skip
    assert told["comment_id"] == comment and any(law["explanation"] in one for one in told["text"])
    assert "Birke" not in str(told) and "birke" not in str(kiesel.mine())
    assert queue(desk, herald)["items"] == [] and len(queue(desk, herald, "?state=decided")["items"]) == 1


def test_readers_are_led_to_it(paper: Gazette) -> None:
    """Whoever reads learns where the form is, and it has the comment's address then."""
    leading = paper.page()["site"]["notices"]
    shown = ask(paper, leading + "https%3A%2F%2Fwww.gazette.example%2F1%23comment-1").get_data(as_text=True)
    assert "https://www.gazette.example/1#comment-1</textarea>" in shown


def test_the_page(herald: Gazette) -> None:
    """It runs nothing, asks for nothing elsewhere, and speaks ten languages."""
    for language in LANGUAGES:
        shown = ask(herald, f"/notice/herald?lang={language}&url=https://www.gazette.example/1%23comment-1")
        assert shown.status_code == 200 and shown.headers["Content-Language"] == language
        text = shown.get_data(as_text=True)
        assert f'<html lang="{language}" dir="{"rtl" if language in ("ar", "he") else "ltr"}">' in text
        assert "<script" not in text and "notice." not in re.sub(r"/notice/|<[^>]*>", " ", text)
        assert "https://www.gazette.example/1#comment-1</textarea>" in text
    policy = shown.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "form-action 'self'" in policy and "frame-ancestors 'none'" in policy
    assert "Set-Cookie" not in shown.headers and shown.headers["Cache-Control"] == "no-store"
    assert ask(herald, "/notice/herald", None, Accept_Language="it, en;q=0.5").headers["Content-Language"] == "it"
    evil = ask(herald, "/notice/herald?url=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").get_data(as_text=True)
    assert "<script" not in evil


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"urls": ""}, "urls"),
    ({"urls": "javascript:alert(1)"}, "urls"),
    ({"urls": "\n".join(f"https://www.gazette.example/{n}" for n in range(21))}, "urls"),
    ({"about": ""}, "about"),
    ({"about": "weather"}, "about"),
    ({"text": "because"}, "text"),
    ({"text": "x" * 5001}, "text"),
    ({"name": " "}, "name"),
    ({"email": "nowhere"}, "email"),
    ({"email": None}, "email"),
    ({"good_faith": None}, "good_faith"),
    ({"flagger_key": "ctf_guessed"}, "flagger_key"),
    ({"about": "child_abuse", "name": "", "email": "half@"}, "email"),
]


def test_what_is_wrong_is_said_and_nothing_is_lost(herald: Gazette, kiesel: Reader, clock: FakeClock) -> None:
    comment = kiesel.post("the thief!")["id"]
    for change, field in WRONG:
        form = filled(herald, comment, **change)
        clock.forward(30)
        herald.app.extensions["comments"].limiter = Limiter(None)
        answer = ask(herald, "/notice/herald", form)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 400, change
        assert f'href="#{field}"' in page and f'id="{field}-wrong"' in page, change
        if "text" not in change:
            assert WHY in page
    with herald.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(notices)).scalar() == 0


def test_programs_are_slowed_down(herald: Gazette, kiesel: Reader, clock: FakeClock) -> None:
    """By time and number; what is sent too fast is there to be sent again."""
    comment = kiesel.post("the thief!")["id"]
    form = filled(herald, comment)
    at_once = ask(herald, "/notice/herald", form)
    assert at_once.status_code == 400 and "once more" in at_once.get_data(as_text=True)
    for ticket in ("", "1.x", form["ticket"][:-1] + "x", "99999999999999999999.aa"):
        assert ask(herald, "/notice/herald", form | {"ticket": ticket}).status_code == 400
    clock.forward(25 * 3600)
    assert ask(herald, "/notice/herald", form).status_code == 400
    herald.app.extensions["comments"].limiter = Limiter(None)
    form = filled(herald, comment)
    clock.forward(30)
    assert {ask(herald, "/notice/herald", form).status_code for _ in range(6)} == {303}
    slowed = ask(herald, "/notice/herald", form)
    assert slowed.status_code == 429 and int(slowed.headers["Retry-After"]) > 0
    page = slowed.get_data(as_text=True)
    assert WHY in page and "That was a lot at once." in page  # and nothing that was typed is lost


def test_without_a_name_of_child_abuse_alone(herald: Gazette, kiesel: Reader) -> None:
    comment = kiesel.post("something terrible")["id"]
    give(herald, comment, about="child_abuse", name="", email="")
    body = {"about": "hate", "text": WHY, "urls": ["https://www.gazette.example/1"], "good_faith": True}
    wrong = refused(herald.call("POST", "/sites/herald/notices", body), 400, "malformed")
    assert wrong["field"] == "name"


def test_several_comments_and_foreign_addresses(herald: Gazette, paper: Gazette, kiesel: Reader) -> None:
    """Comments of the site are found by permalink and page; others' and unknown ones stay addresses."""
    first, second = kiesel.post("one")["id"], kiesel.post("two")["id"]
    other = paper.reader("bach").post("of another site")["id"]
    base = parts_of(herald.app).settings.public_url
    urls = [f"https://www.gazette.example/1?x=1#comment-{first}", f"{base}/articles/herald/1?comment={second}",
            f"https://elsewhere.example/#comment-{other}", "https://www.gazette.example/1",
            f"{base}/x#comment-99999999"]  # fmt: skip
    given = give(herald, first, urls=urls)
    assert given["comments"] == [first, second]
    desk = herald.desk()
    (listed,) = queue(desk, herald)["items"]
    item = desk.get(f"/sites/herald/notices/{listed['id']}")
    assert item["urls"] == urls and [one["comment"]["id"] for one in item["items"]] == [first, second]
    wrong = [{"id": other, "version": 1}]
    refused(decide(desk, herald, item, "restricted", comments=wrong, reason="abuse"), 400, "malformed")
    refused(decide(desk, herald, item, "restricted", comments=[], reason="abuse"), 400, "malformed")
    only = [{"id": second, "version": item["items"][1]["comment"]["version"]}]
    good(decide(desk, herald, item, "restricted", comments=only, reason="abuse"))
    assert [one["id"] for one in kiesel.mine()["comments"]] == [second]


def test_a_site_trusts_fifty_at_most(herald: Gazette) -> None:
    chief, new = herald.desk("administrator"), {"name": "Wacht", "email": "post@wacht.example", "area": "hate"}
    row = {"site_id": herald.id, "name": "Amt", "email": "post@amt.example", "created_at": 1}
    rows = [row | {"digest": f"digest {number}"} for number in range(49)]
    herald.change(lambda conn: conn.execute(sa.insert(flaggers).values(rows)))
    good(chief.call("POST", "/sites/herald/flaggers", new), 201)
    refused(chief.call("POST", "/sites/herald/flaggers", new), 409, "too_many_flaggers")
    shown = chief.get("/sites/herald/flaggers")["flaggers"]
    assert len(shown) == 50
    good(chief.call("DELETE", f"/sites/herald/flaggers/{shown[0]['id']}"), 204)
    good(chief.call("POST", "/sites/herald/flaggers", new), 201)


def test_trusted_flaggers_first(herald: Gazette, kiesel: Reader, clock: FakeClock) -> None:
    comment = kiesel.post("the thief!")["id"]
    chief, desk = herald.desk("administrator"), herald.desk()
    new = {"name": "Wacht", "email": "Post@wacht.example", "area": "hate"}
    refused(desk.call("POST", "/sites/herald/flaggers", new), 403)
    added = good(chief.call("POST", "/sites/herald/flaggers", new), 201)
    assert added["key"].startswith("ctf_") and added["key"] not in str(desk.get("/sites/herald/flaggers"))
    for about in ("hate", "privacy", "fraud"):
        give(herald, comment, about=about)
        clock.forward(1)
    give(herald, comment, about="threat", flagger_key=added["key"])
    assert [one["about"] for one in queue(desk, herald)["items"]] == ["threat", "hate", "privacy", "fraud"]
    seen, cursor = [], ""
    while cursor is not None:
        page = queue(desk, herald, f"?limit=1{cursor and '&cursor=' + cursor}")
        seen += [one["about"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert seen == ["threat", "hate", "privacy", "fraud"]
    (shown,) = desk.get("/sites/herald/flaggers")["flaggers"]
    assert shown["notices"] == {"open": 1} and shown["email"] == "post@wacht.example"
    good(restrict(desk, herald, queue(desk, herald)["items"][0]["id"]))
    assert good(kiesel.call("GET", "/me/statements"))["statements"][0]["source"] == "flagger"
    good(chief.call("DELETE", f"/sites/herald/flaggers/{shown['id']}"), 204)
    body = {"about": "hate", "text": WHY, "urls": ["https://a.example/"], "good_faith": True, "name": "B",
            "email": "b@c.example", "flagger_key": added["key"]}  # fmt: skip
    refused(herald.call("POST", "/sites/herald/notices", body), 400, "malformed")


def test_the_clock_of_section_5(herald: Gazette, kiesel: Reader, clock: FakeClock) -> None:
    """It runs for defamation where the site keeps it, and stops when the author was told."""
    comment = kiesel.post("the thief!")["id"]
    give(herald, comment)
    give(herald, comment, about="hate")
    desk = herald.desk()
    defamation, hate = queue(desk, herald)["items"]
    assert hate["due_at"] is None and defamation["due_at"] is not None
    clock.forward(8 * 86_400)
    desk = herald.desk()
    assert queue(desk, herald)["items"][0]["overdue"]
    step = {"step": "author_told", "version": defamation["version"]}
    told = good(desk.call("POST", f"/sites/herald/notices/{defamation['id']}/steps", step))
    assert not told["overdue"] and told["author_told_at"] and told["author_due_at"] > told["author_told_at"]
    refused(desk.call("POST", f"/sites/herald/notices/{defamation['id']}/steps", step), 409, "changed_meanwhile")
    again = step | {"version": told["version"]}
    refused(desk.call("POST", f"/sites/herald/notices/{defamation['id']}/steps", again), 409, "no_clock")


def test_handed_to_administrators(herald: Gazette, kiesel: Reader) -> None:
    comment = kiesel.post("the thief!")["id"]
    give(herald, comment)
    desk, chief = herald.desk(), herald.desk("administrator")
    (listed,) = queue(desk, herald)["items"]
    step = {"step": "escalate", "version": listed["version"], "note": "For our lawyers."}
    handed = good(desk.call("POST", f"/sites/herald/notices/{listed['id']}/steps", step))
    assert not handed["can"] and handed["escalation"] == "For our lawyers."
    refused(decide(desk, herald, handed, "no_action"), 403, "escalated")
    good(decide(chief, herald, handed, "no_action"))
    refused(decide(chief, herald, handed, "no_action"), 409, "notice_decided")
    with herald.read() as conn:
        logged = conn.execute(sa.select(audit.c.action).where(audit.c.subject_type == "notice")).scalars().all()
    assert logged == ["escalate_notice", "decide_notice"]


def test_redress_of_who_gave_notice(herald: Gazette, kiesel: Reader, clock: FakeClock) -> None:
    """Against “no action”, once, for six months; another moderator decides, and the notice is open again."""
    comment = kiesel.post("the thief!")["id"]
    link = urlsplit(give(herald, comment)["status_url"]).path
    anna, berta = herald.desk(), herald.desk()
    assert ask(herald, link, {"text": "No!"}).status_code != 303, "nothing is decided yet"
    good(decide(anna, herald, queue(anna, herald)["items"][0], "no_action"))
    assert "complain here" in ask(herald, link).get_data(as_text=True)
    assert [ask(herald, link, {"text": " "}).status_code for _ in range(6)].count(400) < 6
    said = {"text": "You overlooked the second sentence."}
    slowed = ask(herald, link, said)
    assert slowed.status_code == 429 and said["text"] in slowed.get_data(as_text=True)
    herald.app.extensions["comments"].limiter = Limiter(None)
    assert ask(herald, link, said).status_code == 303
    assert ask(herald, link, {"text": "And another thing."}).status_code == 409
    (complaint,) = berta.get("/sites/herald/complaints")["items"]
    assert (complaint["kind"], complaint["against_me"], complaint["holds"]) == ("notice", False, True)
    path, body = f"/sites/herald/complaints/{complaint['id']}/decision", {"outcome": "overturned", "note": "Right."}
    refused(anna.call("POST", path, body), 403, "own_decision")
    refused(berta.call("POST", path, body | {"note": ""}), 400, "malformed")
    assert good(berta.call("POST", path, body))["outcome"] == "overturned"
    refused(berta.call("POST", path, body), 409, "complaint_decided")
    page = ask(herald, link).get_data(as_text=True)
    assert "You were right" in page and "complain here" not in page
    (again,) = queue(berta, herald)["items"]
    refused(decide(anna, herald, again, "no_action"), 403, "own_decision")
    good(restrict(berta, herald, again["id"]))

    link = urlsplit(give(herald, comment, about="hate")["status_url"]).path
    good(decide(anna, herald, queue(anna, herald)["items"][0], "no_action"))
    clock.forward(APPEALS_FOR // 1_000_000 + 60)
    assert "complain here" not in ask(herald, link).get_data(as_text=True)
    assert ask(herald, link, {"text": "Late."}).status_code == 409


def test_the_secret_link(herald: Gazette, paper: Gazette, kiesel: Reader) -> None:
    """Neither a guess nor the reference alone opens it, nor another site."""
    link = urlsplit(give(herald, kiesel.post("the thief!")["id"])["status_url"]).path
    _, _, _, reference, secret = link.split("/")
    assert ask(herald, link).status_code == 200
    other = secret[:-1] + ("1" if secret.endswith("0") else "0")
    for wrong in (f"/notice/herald/{reference}/{other}", f"/notice/herald/{reference}/x",
                  f"/notice/gazette/{reference}/{secret}", f"/notice/herald/N-AAAA-AAAA-AAAA/{secret}"):  # fmt: skip
        assert ask(herald, wrong).status_code == 404, wrong


def test_switched_off(herald: Gazette, kiesel: Reader, clock: FakeClock) -> None:
    """Each part by itself: no form, no statements, no complaints."""
    quiet = Gazette.make(
        herald.app, clock, "quiet", law={"notices": False, "statements": False, "redress": False, "uk": False}
    )
    reader, desk = quiet.reader("bach"), quiet.desk()
    assert ask(quiet, "/notice/quiet").status_code == 404 and quiet.page()["site"]["notices"] is None
    body = {"about": "hate", "text": WHY, "urls": ["https://a.example/"], "good_faith": True, "name": "B",
            "email": "b@c.example"}  # fmt: skip
    refused(quiet.call("POST", "/sites/quiet/notices", body), 404, "not_found")
    good(desk.decide(reader.post("hello")["id"], "reject"))
    good(desk.call("POST", f"/members/{reader.id}/ban", {"reason": "x", "until": None}))
    with quiet.read() as conn:
        assert conn.execute(sa.select(statements.c.id).where(statements.c.site_id == quiet.id)).first() is None
    assert good(reader.call("GET", "/me/statements"))["statements"] == []
