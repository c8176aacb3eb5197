"""Mail as a member chooses it at their own page: from an address of their own to mail that a real server on loopback
gets, and to the page that says they want no more.
"""

import re
from dataclasses import replace
from email.message import EmailMessage

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.actions.archive import import_comments
from comments.core.archive import ArchivedAuthor
from comments.core.pseudonyms import pseudonym_key
from comments.core.smtp import read_smtp_url
from comments.jobs.mail import Mailing
from comments.storage.sites import find_site
from comments.storage.tables import mailboxes, mails
from tests.conftest import FakeClock
from tests.gazette import Gazette, Visitor, good, parts_of, refused
from tests.importers.conftest import record
from tests.postbox import Postbox

OURS = "http://localhost:8000"
KINDS = ["replies", "mentions", "follows", "decisions", "appeals"]
VOUCHED, OWN = "kiesel@gazette.example", "kiesel@home.example"


@pytest.fixture
def paper(mailing_app: Flask, clock: FakeClock) -> Gazette:
    return Gazette.make(mailing_app, clock, mail=True)


def send(paper: Gazette, box: Postbox) -> list[EmailMessage]:
    """What is sent once nobody can be looking at the page any more."""
    paper.clock.forward(61)  # type: ignore[attr-defined]
    mailing = Mailing(paper.database, parts_of(paper.app).settings)
    before = len(box.mails)
    while mailing.work():
        pass
    return box.mails[before:]


def link_in(mail: EmailMessage, page: str) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    found = re.search(rf"{OURS}(/mail/{page}\?t=\S+)", part.get_content())
    assert found is not None, part.get_content()
    return found[1]


def one_click(mail: EmailMessage) -> str:
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    return str(mail["List-Unsubscribe"]).strip("<>").removeprefix(OURS)


def test_from_an_address_of_ones_own_to_mail_and_out_of_it_by_one_click(paper: Gazette, box: Postbox) -> None:
    kiesel, bach = paper.reader("kiesel", email=VOUCHED), paper.reader("bach")
    root = kiesel.post("what do you say?")["id"]
    visitor = Visitor.of(paper, email=VOUCHED)
    assert visitor.get("/mail") == {
        "off": None, "address": VOUCHED, "by": "publisher", "pending": None, "vouched": VOUCHED, "refused": False,
        "kinds": KINDS, "choices": dict.fromkeys(KINDS, "off"), "language": None,
    }  # fmt: skip
    chosen = good(visitor.call("PUT", "/mail", {"choices": {"replies": "at_once", "decisions": "daily"}}))
    assert chosen["choices"] == dict.fromkeys(KINDS, "off") | {"replies": "at_once", "decisions": "daily"}
    asked = good(visitor.call("PUT", "/mail", {"address": " Kiesel@Home.example ", "language": "de"}))
    assert (asked["address"], asked["pending"], asked["by"]) == (VOUCHED, OWN, "publisher")
    (letter,) = send(paper, box)
    assert (letter["To"], letter["Content-Language"]) == (OWN, "de")
    bach.post("to the old address", root)
    assert [mail["To"] for mail in send(paper, box)] == [VOUCHED], "nothing but the question before the answer"

    client = paper.app.test_client(use_cookies=False)
    confirm = link_in(letter, "confirm")
    assert client.get(confirm).status_code == 200
    assert visitor.get("/mail")["pending"] == OWN, "a link that is looked at does nothing"
    assert client.post(confirm).status_code == 200
    confirmed = visitor.get("/mail")
    assert (confirmed["address"], confirmed["pending"], confirmed["by"]) == (OWN, None, "member")
    bach.post("to the new address", root)
    (mail,) = send(paper, box)
    assert (mail["To"], mail["Subject"]) == (OWN, "bach hat auf Ihren Kommentar geantwortet")

    assert client.post(one_click(mail), data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert set(visitor.get("/mail")["choices"].values()) == {"off"}
    bach.post("unheard", root)
    assert send(paper, box) == []
    back = good(visitor.call("PUT", "/mail", {"address": None, "choices": {"replies": "at_once"}}))
    assert (back["address"], back["by"]) == (VOUCHED, "publisher")
    bach.post("heard again", root)
    assert [mail["To"] for mail in send(paper, box)] == [VOUCHED]


def test_an_address_that_the_server_refuses_says_so_until_it_is_chosen_anew(paper: Gazette, box: Postbox) -> None:
    kiesel, bach = paper.reader("kiesel", email=VOUCHED), paper.reader("bach")
    root = kiesel.post("root")["id"]
    visitor = Visitor.of(paper, email=VOUCHED)
    good(visitor.call("PUT", "/mail", {"choices": {"replies": "at_once"}}))
    box.refuse[VOUCHED] = "550 5.1.1 no such mailbox"
    bach.post("reply", root)
    assert send(paper, box) == []
    assert visitor.get("/mail")["refused"] is True
    del box.refuse[VOUCHED]
    bach.post("another", root)
    assert send(paper, box) == []
    assert good(visitor.call("PUT", "/mail", {"address": VOUCHED}))["refused"] is False
    bach.post("the third", root)
    assert len(send(paper, box)) == 1


def test_what_is_no_choice_changes_nothing(paper: Gazette) -> None:
    visitor = Visitor.of(paper, email=VOUCHED)
    for body, named in (
        ({"address": "no address"}, "name@example.com"), ({"choices": {"weather": "daily"}}, "weather"),
        ({"choices": {"replies": "hourly"}}, "hourly"), ({"language": "?"}, "language"), ({"adress": OWN}, "adress"),
    ):  # fmt: skip
        problem = refused(visitor.call("PUT", "/mail", {"choices": {"replies": "daily"}} | body), 400, "malformed")
        assert named in problem["detail"], problem
    refused(visitor.call("PUT", "/mail", {"choices": {}}, X_CSRF_Token="x"), 403, "csrf")
    assert visitor.get("/mail")["choices"] == dict.fromkeys(KINDS, "off")
    for number in range(3):
        paper.clock.forward(1)  # type: ignore[attr-defined]
        good(visitor.call("PUT", "/mail", {"address": f"kiesel{number}@home.example"}))
    refused(visitor.call("PUT", "/mail", {"address": OWN}), 429, "too_many_requests")
    assert visitor.get("/mail")["pending"] == "kiesel2@home.example"


@pytest.mark.parametrize("who", ["operator", "site"])
def test_where_no_mail_is_sent_none_can_be_chosen(app: Flask, clock: FakeClock, who: str) -> None:
    if who == "site":
        parts_of(app).settings = replace(
            parts_of(app).settings, smtp=read_smtp_url("smtp+plain://localhost:1"), mail_from="comments@gazette.example"
        )
    paper = Gazette.make(app, clock, mail=who == "operator")
    visitor = Visitor.of(paper, email=VOUCHED)
    assert visitor.get("/mail")["off"] == who
    refused(visitor.call("PUT", "/mail", {"address": OWN, "choices": {"replies": "daily"}}), 409, "mail_off")
    with paper.read() as conn:
        assert conn.execute(sa.select(mails)).all() == []
        assert conn.execute(sa.select(mailboxes.c.pending)).scalars().all() in ([], [None])


def test_a_confirmed_address_claims_what_was_written_elsewhere(paper: Gazette, box: Postbox) -> None:
    with paper.read() as conn:
        site = find_site(conn, "gazette")
    assert site is not None
    key = pseudonym_key(parts_of(paper.app).settings.secret_key, "gazette")
    old = ArchivedAuthor(id="disqus:1", name="old kiesel", email="Kiesel@Home.example")
    import_comments(paper.database, site, [record(2, "a", author=old)], digest="one file", address_key=key)
    paper.reader("kiesel")
    visitor = Visitor.of(paper)
    good(visitor.call("PUT", "/mail", {"address": OWN}))
    (letter,) = send(paper, box)
    paper.work()
    assert visitor.get("/comments")["comments"] == [], "whoever asks for an address has not got it yet"
    client = paper.app.test_client(use_cookies=False)
    asked = client.get(link_in(letter, "confirm"))
    assert (asked.status_code, asked.headers["Content-Language"]) == (200, "en")
    said = f"written with this address before they came to {site.name} then stand under your name."
    assert said in asked.text, "whoever confirms is told before that old comments become theirs"
    for _ in range(2):  # pressed twice
        assert client.post(link_in(letter, "confirm")).status_code == 200
        paper.work()
        assert len(visitor.get("/comments")["comments"]) == 1
    assert [one["author"]["name"] for one in paper.page()["comments"]] == ["kiesel"]


def test_a_link_to_an_address_that_somebody_thought_better_of_is_over(paper: Gazette, box: Postbox) -> None:
    paper.reader("kiesel")
    visitor = Visitor.of(paper)
    good(visitor.call("PUT", "/mail", {"address": "kiesle@home.example"}))
    (mistaken,) = send(paper, box)
    good(visitor.call("PUT", "/mail", {"address": OWN}))
    client = paper.app.test_client(use_cookies=False)
    link = link_in(mistaken, "confirm")
    for answer in (client.get(link, headers={"Accept-Language": "de"}), client.post(link)):
        assert answer.status_code == 404
        said = {"de": "Dieser Link gilt nicht oder nicht mehr", "en": "This link does not work, or no longer"}
        assert said[answer.headers["Content-Language"]] in answer.text and "<button" not in answer.text
    assert (visitor.get("/mail")["address"], visitor.get("/mail")["pending"]) == (None, OWN)
