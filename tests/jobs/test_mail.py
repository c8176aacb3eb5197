"""Mail, to a real server on loopback: what it says, to whom it goes and to whom not, and that nobody gets it twice."""

import email
import email.policy
import re
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from flask import Flask

from comments.actions.mail import plan_letter, set_mail_preferences
from comments.core.mail import MailChange
from comments.core.smtp import read_smtp_url
from comments.jobs.mail import Mailing
from comments.storage.members import member_by_id
from comments.storage.sites import find_site
from comments.storage.tables import articles, mailboxes, mails, sites
from tests.conftest import FakeClock
from tests.gazette import Gazette, Reader, good, parts_of
from tests.postbox import Postbox, postbox

AT_HOME = "kiesel@home.example"


@pytest.fixture
def paper(app: Flask, clock: FakeClock) -> Gazette:
    return Gazette.make(app, clock, mail=True)


@pytest.fixture
def kiesel(paper: Gazette) -> Reader:
    return listening(paper, "kiesel")


@pytest.fixture
def bach(paper: Gazette) -> Reader:
    return paper.reader("bach")


def listening(paper: Gazette, name: str, choice: str = "at_once", **change: Any) -> Reader:
    reader = paper.reader(name, email=f"{name}@home.example")
    kinds = ("replies", "mentions", "follows", "decisions", "appeals")
    choose(reader, choices=dict.fromkeys(kinds, choice), **change)
    return reader


def choose(reader: Reader, **change: Any) -> None:
    with reader.site.database.transaction() as tx:
        set_mail_preferences(tx, member_by_id(tx.conn, int(reader.id)), msgspec.convert(change, MailChange))


def send(paper: Gazette, box: Postbox, seconds: float = 61) -> list[EmailMessage]:
    """What is sent once so much time has passed."""
    paper.clock.forward(seconds)  # type: ignore[attr-defined]
    known = parts_of(paper.app).settings
    known = replace(known, smtp=read_smtp_url(box.url()), mail_from="comments@gazette.example")
    mailing = Mailing(paper.database, known)
    before = len(box.mails)
    while mailing.work():
        pass
    return box.mails[before:]


def states(paper: Gazette) -> list[str]:
    with paper.read() as conn:
        return list(conn.execute(sa.select(mails.c.state).order_by(mails.c.id)).scalars())


def why(paper: Gazette) -> list[str | None]:
    with paper.read() as conn:
        return list(conn.execute(sa.select(mails.c.why).order_by(mails.c.id)).scalars())


def heading(answer: Any) -> str:
    """What a page's title and heading say."""
    assert answer.status_code == 200
    found = re.search(r"<title>(.*)</title>.*<h1>\1</h1>", answer.get_data(as_text=True), re.S)
    assert found is not None
    return found[1]


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def test_a_reply_is_mailed_as_text_and_html(paper: Gazette, box: Postbox, kiesel: Reader, bach: Reader) -> None:
    root = kiesel.post("root")["id"]
    reply = bach.post("so **it** is, at https://evil.example/x", root)["id"]
    assert send(paper, box, 30) == [], "whoever has the page open sees it in the bell first"
    (mail,) = send(paper, box)
    assert (mail["To"], mail["From"]) == (AT_HOME, "Gazette <comments@gazette.example>")
    assert mail["Subject"] == "bach replied to your comment"
    assert mail["Auto-Submitted"] == "auto-generated" and mail["Content-Language"] == "en"
    assert re.fullmatch(r"<[^<>@\s]+@localhost>", mail["Message-ID"]) and mail["Date"].datetime
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    link = f"http://localhost:8000/articles/gazette/1?comment={reply}#comment-{reply}"
    for said in (text_of(mail), html_of(mail).replace("&amp;", "&")):
        assert "so it is, at [link]" in said and link in said and "evil" not in said
    assert mail["List-Id"] == "<gazette.comments.localhost>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    way_out = mail["List-Unsubscribe"].strip("<>")
    assert f"\r\nList-Unsubscribe: <{way_out}>\r\n".encode() in box.raw[0], "as it stands: RFC 2047 encodes no URL"
    assert way_out in text_of(mail) and way_out.startswith("http://localhost:8000/mail/unsubscribe?t=")
    assert max(map(len, box.raw[0].split(b"\r\n"))) <= 998 and box.raw[0].isascii()
    assert send(paper, box) == [] and states(paper) == ["sent"]
    client = paper.app.test_client(use_cookies=False)
    path = way_out.removeprefix("http://localhost:8000")
    assert client.get(path).status_code == 200
    bach.post("one more", root)
    assert len(send(paper, box)) == 1, "looking at the page changes nothing"
    assert heading(client.post(path, data={"List-Unsubscribe": "One-Click"})) == "You get no more such mail"
    bach.post("and more", root)
    assert send(paper, box) == []


def test_nothing_is_mailed_that_the_receiver_may_not_see_by_then(
    paper: Gazette, box: Postbox, kiesel: Reader, bach: Reader
) -> None:
    root = kiesel.post("root")["id"]
    desk = paper.desk()

    def after(act: Any) -> list[EmailMessage]:
        reply = bach.post(f"reply to {act}", root)["id"]
        act(reply)
        return send(paper, box)

    assert after(bach.withdraw) == []
    assert after(lambda reply: good(desk.decide(reply, "reject"))) == []
    assert after(lambda _: kiesel.call("PUT", f"/members/{bach.id}/mute")) == []
    kiesel.call("DELETE", f"/members/{bach.id}/mute")

    def read(_: str) -> None:
        newest = good(kiesel.call("GET", "/me/notifications"))["notifications"][0]["id"]
        good(kiesel.call("POST", "/me/notifications/seen", {"until": newest}))

    assert after(read) == [], "read in the widget meanwhile"
    assert after(lambda _: choose(kiesel, choices={"replies": "off"})) == []
    choose(kiesel, choices={"replies": "at_once"})

    def only_subscribers(_: str) -> None:
        settings = msgspec.json.encode({"mail": True, "read": "subscribers"}).decode()
        paper.change(lambda conn: conn.execute(sa.update(sites).values(settings=settings)))

    paper.reader("kiesel", state="lapsed")
    assert len(after(lambda _: None)) == 1, "everybody may read"
    assert after(only_subscribers) == []
    assert set(states(paper)) == {"dropped", "sent"} and None not in why(paper)[:5]


def test_decisions_are_mailed_where_the_site_says_so(app: Flask, clock: FakeClock, box: Postbox) -> None:
    paper = Gazette.make(app, clock, mail=True, mail_decisions=True, mail_name="Gazette, comments")
    paper.change(lambda conn: conn.execute(sa.update(sites).values(name="The Gazette")))
    kiesel, bach = paper.reader("kiesel", email=AT_HOME), paper.reader("bach", email="bach@home.example")
    one = kiesel.post("root")["id"]
    bach.post("reply", one)
    good(paper.desk().decide(one, "reject"))
    (mail,) = send(paper, box)
    assert mail["Subject"] == "Your comment was not published" and mail["To"] == AT_HOME
    assert mail["From"] == '"Gazette, comments" <comments@gazette.example>'
    good(paper.desk().decide(one, "approve"))
    assert [mail["Subject"] for mail in send(paper, box)] == ["Your comment is published"]
    choose(kiesel, choices={"decisions": "off"})
    good(paper.desk().decide(one, "reject"))
    assert send(paper, box) == []


def test_who_is_mailed_often_gets_the_rest_in_a_digest(app: Flask, clock: FakeClock, box: Postbox) -> None:
    paper = Gazette.make(app, clock, mail=True, mail_per_hour=2, mail_hour=12)
    kiesel, bach = listening(paper, "kiesel"), paper.reader("bach")
    root = kiesel.post("root")["id"]
    for number in range(5):
        bach.post(f"reply {number}", root)
    assert len(send(paper, box)) == 2 and states(paper) == ["sent"] * 2 + ["held"] * 3
    assert send(paper, box, 2 * 3600) == [], "it is 11 o'clock"
    (digest,) = send(paper, box, 3600)
    assert digest["Subject"] == "What is new for you at Gazette"
    assert [text_of(digest).count(f"reply {n}") for n in range(5)] == [0, 0, 1, 1, 1]
    assert states(paper) == ["sent"] * 2 + ["folded"] * 3 + ["sent"]
    bach = paper.reader("bach")
    bach.post("late", root)
    choose(kiesel, choices={"replies": "daily"})
    bach.post("later", root)
    assert len(send(paper, box)) == 1, "what was planned at once"
    assert send(paper, box, 4 * 3600) == [], "one digest a day"
    (digest,) = send(paper, box, 20 * 3600)
    assert "later" in text_of(digest) and "reply" not in text_of(digest).replace("replied", "")


def test_what_is_followed_is_mailed_once_until_one_looks(app: Flask, clock: FakeClock, box: Postbox) -> None:
    paper = Gazette.make(app, clock, mail=True, mail_hour=23)
    kiesel, linde, bach = listening(paper, "kiesel"), listening(paper, "linde", "daily"), paper.reader("bach")
    for reader in (kiesel, linde):
        good(reader.call("PUT", f"{paper.article('1')}/follow"))
    bach.post("one")
    bach.post("two")
    (mail,) = send(paper, box)
    assert mail["To"] == AT_HOME and mail["Subject"] == "2 new comments in what you follow: “1”"
    bach.post("three")
    assert send(paper, box) == [], "they have not looked"
    good(kiesel.call("PUT", f"{paper.article('1')}/follow"))
    bach.post("four")
    (mail,) = send(paper, box)
    assert mail["Subject"] == "1 new comment in what you follow: “1”"
    (digest,) = send(paper, box, 14 * 3600)
    assert digest["To"] == "linde@home.example" and "4 new comments" in text_of(digest)
    assert send(paper, box, 24 * 3600) == [], "nothing came since"


def test_the_server_refuses(paper: Gazette, box: Postbox, kiesel: Reader, bach: Reader) -> None:
    root = kiesel.post("root")["id"]
    bach.post("reply", root)
    box.refuse[AT_HOME] = "451 4.3.0 not now"
    assert send(paper, box) == [] and states(paper) == ["waiting"]
    box.refuse.clear()
    assert send(paper, box, 30) == [], "it waits"
    assert len(send(paper, box, 60)) == 1
    bach.post("policy", root)
    box.refuse[AT_HOME] = "550 5.7.1 we do not know you"
    assert send(paper, box) == [] and states(paper)[-1] == "failed"
    bach.post("unknown", root)
    box.refuse[AT_HOME] = "550 5.1.1 no such user"
    assert send(paper, box) == [] and states(paper)[-1] == "failed"
    with paper.read() as conn:
        marked = conn.execute(sa.select(mailboxes.c.failed_at, mailboxes.c.failure)).first()
    assert marked is not None and marked.failed_at and "550" in marked.failure and "home" not in marked.failure
    box.refuse.clear()
    bach.post("never again", root)
    assert send(paper, box) == [] and len(states(paper)) == 3
    box.answer = lambda _mail: "554 5.6.0 we do not like it"
    choose(kiesel, address=None)
    bach.post("content", root)
    assert send(paper, box) == [] and states(paper)[-1] == "failed"


def test_a_server_that_goes_down_is_asked_again(paper: Gazette, box: Postbox, kiesel: Reader, bach: Reader) -> None:
    root = kiesel.post("root")["id"]
    bach.post("reply", root)
    box.answer = lambda _mail: "421 4.3.2 going down"
    assert send(paper, box) == [] and states(paper) == ["waiting"], "it said so: for certain not taken"
    box.answer = lambda _mail: "250 OK"
    assert len(send(paper, box, 3600)) == 1


def test_without_a_server_nothing_is_lost(paper: Gazette, kiesel: Reader, bach: Reader) -> None:
    with postbox() as gone:
        pass
    bach.post("reply", kiesel.post("root")["id"])
    assert send(paper, gone) == [] and states(paper) == ["waiting"]
    with postbox(Postbox(port=gone.port)) as back:
        assert len(send(paper, back, 3600)) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_letters_to_those_without_an_account(paper: Gazette, box: Postbox, kiesel: Reader) -> None:
    def plan(key: str) -> bool:
        with paper.database.transaction() as tx:
            site = find_site(tx.conn, paper.key)
            assert site is not None
            return plan_letter(tx, "neighbour@home.example", "confirm", {}, key, site=site, member_id=int(kiesel.id))

    choose(kiesel, address="neighbour@home.example")
    (mail,) = send(paper, box)
    assert mail["Subject"] == "Confirm your address for Gazette" and mail["List-Unsubscribe"] is None
    confirm, stop = re.findall(r"http://localhost:8000(/mail/\S+)", text_of(mail))
    client = paper.app.test_client(use_cookies=False)
    assert "neighbour@home.example" in client.get(confirm).get_data(as_text=True)
    assert "neighbour" not in confirm and client.get(stop).status_code == 200
    token = confirm.partition("?t=")[2]
    done = client.post("/mail/confirm", data={"t": token})
    assert heading(done) == "The address is confirmed"
    with paper.read() as conn:
        assert conn.execute(sa.select(mailboxes.c.address)).scalar_one() == "neighbour@home.example"
        assert conn.execute(sa.select(mails.c.params)).scalar_one() is None, "sent: its words are forgotten"
    assert heading(client.post(stop)) == "No more letters will go to this address"
    choose(kiesel, address="kiesel@home.example")
    choose(kiesel, address="third@home.example")
    assert plan("one more") and [one["To"] for one in send(paper, box)] == ["third@home.example"]
    for wrong in ("/mail/confirm", "/mail/stop?t=x", confirm + "x", confirm.replace("confirm", "unsubscribe")):
        assert client.get(wrong).status_code == client.post(wrong).status_code == 404


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("language", ["ar", "de", "en", "es", "fr", "he", "it", "nl", "pl", "pt"])
def test_every_language(paper: Gazette, box: Postbox, bach: Reader, language: str) -> None:
    kiesel = listening(paper, "kiesel", language=language)
    paper.reader("kiesel")
    root = kiesel.post("root")["id"]
    bach.post("reply", root)
    paper.change(lambda conn: conn.execute(sa.update(articles).values(title="Über Füße: 日本")))
    (mail,) = send(paper, box)
    direction = "rtl" if language in ("ar", "he") else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in html_of(mail)
    assert "bach" in mail["Subject"] and "Über Füße: 日本" in text_of(mail) and "{" not in text_of(mail)
    again = email.message_from_bytes(box.raw[-1], policy=email.policy.default)
    assert again["Subject"] == mail["Subject"] and not again.defects
