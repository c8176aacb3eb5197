"""Whose address is known, who wants mail of what, and what is planned with what it tells of."""

from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from comments.actions.mail import (
    LETTERS_A_DAY,
    LETTERS_AN_HOUR,
    LETTERS_OF_SITE_AN_HOUR,
    confirm_address,
    mail_preferences,
    plan_letter,
    set_mail_preferences,
    unsubscribe,
)
from comments.core.errors import CommentsError, Conflict, Malformed, TooMany
from comments.core.mail import MailChange, MailKind, mailable, read_link, sign_link
from comments.storage.members import member_by_id
from comments.storage.sites import find_site
from comments.storage.tables import mail_follows, mails
from tests.conftest import FakeClock
from tests.gazette import Gazette, Reader, good, refused

AT_HOME = "kiesel@home.example"


@pytest.fixture
def paper(app: Any, clock: FakeClock) -> Gazette:
    return Gazette.make(app, clock, mail=True)


@pytest.fixture
def kiesel(paper: Gazette) -> Reader:
    return paper.reader("kiesel", email=AT_HOME)


def chosen(reader: Reader) -> Any:
    with reader.site.read() as conn:
        return mail_preferences(conn, int(reader.id))


def choose(reader: Reader, **change: Any) -> Any:
    with reader.site.database.transaction() as tx:
        return set_mail_preferences(tx, member_by_id(tx.conn, int(reader.id)), msgspec.convert(change, MailChange))


def letter(paper: Gazette, address: str, key: str, **more: Any) -> bool:
    with paper.database.transaction() as tx:
        site = find_site(tx.conn, paper.key)
        assert site is not None
        return plan_letter(tx, address, "confirm", {"member": 1}, key, site=site, **more)


def planned(paper: Gazette) -> list[tuple[str, str]]:
    with paper.read() as conn:
        return [(row.kind, row.state) for row in conn.execute(sa.select(mails).order_by(mails.c.id))]


def test_the_publishers_word_is_an_address_and_no_consent(paper: Gazette, kiesel: Reader) -> None:
    told = chosen(kiesel)
    assert (told["address"], told["vouched"], told["pending"]) == (AT_HOME, AT_HOME, None)
    assert set(told["choices"].values()) == {"off"} and told["kinds"] == list(MailKind)
    bach = paper.reader("bach")
    assert chosen(bach)["address"] is None
    bach.post("so it is", kiesel.post("root")["id"])
    assert planned(paper) == [], "nobody asked for it"
    paper.reader("kiesel", email="new@home.example")
    assert chosen(kiesel)["address"] == "new@home.example"
    paper.reader("kiesel", email="not yet@home.example")
    paper.reader("kiesel", email="nobody@verified.example", email_verified=False)
    assert chosen(kiesel)["address"] == "new@home.example"
    assert refused(paper.session(paper.token("kiesel", email=7)), 401)["claim"] == "email"


def test_what_somebody_chose_is_planned_with_what_it_tells(paper: Gazette, kiesel: Reader) -> None:
    bach = paper.reader("bach", email="bach@home.example")
    choose(kiesel, choices={"replies": "at_once", "mentions": "daily"})
    root = kiesel.post("root")["id"]
    bach.post("so it is", root)
    assert planned(paper) == [("replies", "waiting")]
    bach.post("@kiesel, here", None)
    kiesel.post("nobody hears of it", None)
    assert planned(paper) == [("replies", "waiting"), ("mentions", "held")]
    with paper.database.transaction() as tx:
        unsubscribe(tx, int(kiesel.id))
    assert set(chosen(kiesel)["choices"].values()) == {"off"}
    bach.post("once more", root)
    assert len(planned(paper)) == 2


def test_a_hidden_reply_that_comes_back_is_not_mailed_again(paper: Gazette, kiesel: Reader) -> None:
    choose(kiesel, choices={"replies": "at_once"})
    reply = paper.reader("bach").post("so it is", kiesel.post("root")["id"])["id"]
    desk = paper.desk()
    good(desk.decide(reply, "reject"))
    good(desk.decide(reply, "approve"))
    assert planned(paper) == [("replies", "waiting")]


def test_an_address_of_ones_own_counts_once_it_is_confirmed(paper: Gazette, clock: FakeClock, kiesel: Reader) -> None:
    told = choose(kiesel, address="Kiesel@Müller.example")
    assert (told["address"], told["pending"]) == (AT_HOME, "kiesel@xn--mller-kva.example")
    assert planned(paper) == [("letter", "waiting")]
    with paper.database.transaction() as tx:
        assert not confirm_address(tx, int(kiesel.id), "other@home.example")
        assert confirm_address(tx, int(kiesel.id), told["pending"])
    assert chosen(kiesel)["address"] == "kiesel@xn--mller-kva.example" and chosen(kiesel)["pending"] is None
    paper.reader("kiesel", email="third@home.example")
    assert chosen(kiesel)["address"] == "kiesel@xn--mller-kva.example", "one's own stays"
    assert choose(kiesel, address=None)["address"] == "third@home.example"
    clock.forward(1)
    choose(kiesel, address="late@home.example")
    clock.forward(49 * 3600)
    with paper.database.transaction() as tx:
        assert not confirm_address(tx, int(kiesel.id), "late@home.example")


@pytest.mark.parametrize(
    "address",
    ["", "kiesel", "a@b", "a b@home.example", "a\r\nBcc: x@home.example", '"a"@home.example', "ü@home.example",
     "a@127.0.0.1", "a@-home.example", "a@home..example", f"{'a' * 65}@home.example",
     "a@b@home.example", "a@[::1]", "a,b@home.example", "<a@home.example>", "a@home.example\u202e"],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    assert mailable(address) is None
    assert mailable("  A@home.Example\n") == "a@home.example"


def test_bad_choices_are_refused(paper: Gazette, kiesel: Reader) -> None:
    with pytest.raises(Malformed):
        choose(kiesel, address="nobody at home")
    with pytest.raises(msgspec.ValidationError):
        choose(kiesel, choices={"replies": "sometimes"})
    other = Gazette.make(paper.app, paper.clock, "silent")
    with pytest.raises(Conflict):
        choose(other.reader("kiesel"), choices={"replies": "daily"})


def test_nobody_is_bombed(paper: Gazette, clock: FakeClock, kiesel: Reader) -> None:
    for number in range(LETTERS_AN_HOUR):
        assert letter(paper, "victim@home.example", f"a{number}")
    assert not letter(paper, "victim@home.example", "one more")
    assert not letter(paper, "VICTIM@HOME.example", "and so")
    assert letter(paper, "victim@home.example", "of the newsroom", limited=False)
    assert not letter(paper, "victim@home.example", "of the newsroom", limited=False), "a key is planned once"
    with pytest.raises(TooMany):
        choose(kiesel, address="victim@home.example")
    for name in ("one", "two", "three"):
        clock.forward(1)
        choose(kiesel, address=f"{name}@home.example")
    with pytest.raises(TooMany):
        choose(kiesel, address="four@home.example")
    for hour in range(LETTERS_A_DAY):
        clock.forward(3601)
        letter(paper, "victim@home.example", f"b{hour}")
    assert len(planned(paper)) == LETTERS_A_DAY + 3, "three of them to others"
    sent = len(planned(paper))
    clock.forward(3601)
    for number in range(LETTERS_OF_SITE_AN_HOUR + 3):
        letter(paper, f"somebody{number}@home.example", f"c{number}")
    assert len(planned(paper)) - sent == LETTERS_OF_SITE_AN_HOUR


def test_what_is_followed_is_watched_for_those_who_want_mail(paper: Gazette, kiesel: Reader) -> None:
    def watched() -> int:
        with paper.read() as conn:
            return len(conn.execute(sa.select(mail_follows)).all())

    assert kiesel.call("PUT", f"{paper.article('1')}/follow").status_code == 200
    assert watched() == 0
    choose(kiesel, choices={"follows": "at_once"})
    assert watched() == 1
    assert kiesel.call("PUT", f"{paper.article('2')}/follow").status_code == 200
    assert watched() == 2
    assert kiesel.call("DELETE", f"{paper.article('2')}/follow").status_code == 200
    assert watched() == 1
    choose(kiesel, choices={"follows": "off"})
    assert watched() == 0


def test_links_are_ours_and_for_one_thing() -> None:
    key = b"k" * 32
    link = sign_link(key, "confirm", 7, AT_HOME)
    assert read_link(key, "confirm", link) == [7, AT_HOME]
    for wrong in (link[:-1], link + "x", "", "é", link.replace(".", "", 1)):
        assert read_link(key, "confirm", wrong) is None
    assert read_link(key, "unsubscribe", link) is None and read_link(b"o" * 32, "confirm", link) is None
    assert issubclass(Conflict, CommentsError)
