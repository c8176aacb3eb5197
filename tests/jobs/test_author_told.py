"""The author of a comment that somebody calls defamatory is told (section 5): at their own page and under the bell, and
by a letter that a real server gets.
"""

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.core.law.clock import answer_due
from comments.core.times import time_text
from comments.http.limiter import Limiter
from comments.jobs.mail import Mailing
from comments.storage.tables import mails
from tests.conftest import FakeClock
from tests.gazette import Desk, Gazette, Visitor, good, parts_of, refused
from tests.postbox import Postbox

NEWSROOM, KIESEL = "law@gazette.example", "kiesel@home.example"
WHY = "“Thief” in the first sentence is untrue, see thief.example/proof, and hurts my standing."
DETAILS = {"meaning": "That I stole money.", "wrong": "I never stole.", "author_unknown": True}


@pytest.fixture
def paper(mailing_app: Flask, clock: FakeClock) -> Gazette:
    return Gazette.make(mailing_app, clock, mail=True, law={"uk": True, "uk_contact": NEWSROOM})


def give(paper: Gazette, *comments: str, **details: object) -> None:
    """Somebody complains of defamation by these comments."""
    parts_of(paper.app).limiter = Limiter(None)
    body = {
        "about": "defamation", "text": WHY, "urls": [f"{paper.origin}/1#comment-{one}" for one in comments],
        "good_faith": True, "name": "Birke", "email": "birke@reader.example", "defamation": DETAILS | details,
    }  # fmt: skip
    good(paper.call("POST", f"/sites/{paper.key}/notices", body), 201)


def tell(desk: Desk, paper: Gazette) -> tuple[str, dict[str, object]]:
    """Where the step is sent for the last notice, and with what."""
    last = desk.get(f"/sites/{paper.key}/notices")["items"][-1]
    return f"/sites/{paper.key}/notices/{last['id']}/steps", {"step": "author_told", "version": last["version"]}


def letter_to(paper: Gazette, box: Postbox, address: str) -> str:
    mailing = Mailing(paper.database, parts_of(paper.app).settings)
    while mailing.work():
        pass
    (mail,) = [one for one in box.mails if one["To"] == address]
    assert mail["Subject"].startswith("A complaint of defamation about your comment (N-")
    texts = [mail.get_body((kind,)) for kind in ("plain", "html")]
    assert all(text is not None and "Birke" not in text.get_content() for text in texts)
    assert texts[0] is not None
    return " ".join(str(texts[0].get_content()).split())


def test_under_the_bell_at_their_own_page_and_by_letter(paper: Gazette, box: Postbox, clock: FakeClock) -> None:
    """What the regulations ask for, without who complains; the clock stops, and the author's days begin."""
    kiesel, desk = paper.reader("kiesel", email=KIESEL), paper.desk()
    comment = kiesel.post("He is a thief.")["id"]
    give(paper, comment)
    visitor = Visitor.of(paper, email=KIESEL)
    assert visitor.get("/comments")["comments"][0]["complaint"] is None, "nobody has told them yet"
    told = good(desk.call("POST", *tell(desk, paper)))
    until = time_text(answer_due(clock()))
    assert told["author_told_at"] and told["author_due_at"] == until and not told["overdue"]

    bell = good(kiesel.call("GET", "/me/notifications"))
    assert [(one["kind"], one["comment"]["id"]) for one in bell["notifications"]] == [("complained", comment)]
    (own,) = visitor.get("/comments?lang=en")["comments"]
    said = "\n".join(own["complaint"]["text"])
    assert own["complaint"]["until"] == until and "Birke" not in said and "birke" not in str(own)
    for part in ("He is a thief.", WHY, DETAILS["meaning"], DETAILS["wrong"], f"in writing to {NEWSROOM}",
                 "by the end of 7 March 2026, London time", "full name and your postal address", "may be removed",
                 "unless a court orders it"):  # fmt: skip
        assert str(part) in said, part
    assert (
        "Artikel" not in said and "Verleumdung" in visitor.get("/comments?lang=de")["comments"][0]["complaint"]["title"]
    )

    letter = letter_to(paper, box, KIESEL)
    for part in (
        "He is a thief.",
        "That I stole money.",
        f"in writing to {NEWSROOM}",
        "postal address",
        "by the end of 7 March 2026, London time",
    ):
        assert part in letter, part
    assert "thief.example" not in letter, "no mail program makes a link of somebody's words"
    path, step = tell(desk, paper)
    refused(desk.call("POST", path, step), 409, "no_clock")
    listed = desk.get(f"/sites/{paper.key}/notices")["items"][0]
    decision = {"outcome": "no_action", "version": listed["version"], "answer": "The author stands by it."}
    good(desk.call("POST", f"/sites/{paper.key}/notices/{listed['id']}/decision", decision))
    assert visitor.get("/comments")["comments"][0]["complaint"] is None, "there is nothing to answer any more"


def test_who_complains_is_named_if_they_allow_it(paper: Gazette) -> None:
    kiesel, desk = paper.reader("kiesel"), paper.desk()
    give(paper, kiesel.post("He is a thief.")["id"], may_be_named=True)
    good(desk.call("POST", *tell(desk, paper)))
    said = Visitor.of(paper).get("/comments?lang=en")["comments"][0]["complaint"]["text"]
    assert "The complaint comes from Birke, birke@reader.example." in said
    with paper.read() as conn:
        to = conn.execute(sa.select(mails.c.template).where(mails.c.template == "notice_author")).all()
    assert to == [], "no address is known"


def test_who_cannot_be_told_is_not_said_to_have_been(paper: Gazette, app: Flask, clock: FakeClock) -> None:
    """Without a place for answers, and of comments that nobody here can answer for: the clock runs on."""
    herald = Gazette.make(app, clock, "herald", law={"uk": True})
    give(herald, herald.reader("bach").post("He is a thief.")["id"])
    refused(herald.desk().call("POST", *tell(herald.desk(), herald)), 409, "no_contact")
    kiesel, desk = paper.reader("kiesel"), paper.desk()
    comment = kiesel.post("He is a thief.")["id"]
    give(paper, comment)
    good(kiesel.withdraw(comment))
    path, step = tell(desk, paper)
    refused(desk.call("POST", path, step), 409, "no_author")
    assert desk.get(path.removesuffix("/steps"))["author_told_at"] is None
