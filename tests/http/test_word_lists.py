"""Word lists of 10,000 entries and what they do to a post: refused, held, published with a note; risk and language."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.storage.tables import comments
from tests.conftest import FakeClock
from tests.gazette import Gazette, Reader, good, refused

BANNED = [f"quimzal{number}x" for number in range(9_998)] + ["trollop*", "old fool"]
SUSPECT = [f"werbung{number}x" for number in range(9_999)] + ["casino"]


@pytest.fixture
def paper(app: Flask, clock: FakeClock) -> Gazette:
    return Gazette.make(app, clock, banned_words=BANNED, suspect_words=SUSPECT)


@pytest.fixture
def kiesel(paper: Gazette) -> Reader:
    return paper.reader("kiesel")


def stored(paper: Gazette, comment: str) -> Any:
    with paper.database.engine.connect() as conn:
        return conn.execute(sa.select(comments).where(comments.c.id == int(comment))).one()


def test_held_and_noted(paper: Gazette, kiesel: Reader) -> None:
    calm = kiesel.post("The council should have asked the residents before it closed this road.")
    assert calm["status"] == "published"
    assert (stored(paper, calm["id"]).risk, stored(paper, calm["id"]).language) == (0, "en")

    held = kiesel.post("What did the **0ld** _fооl_ say to those trollops?")
    assert held["status"] == "waiting"
    desk = paper.desk()
    (finding,) = desk.item(held["id"])["comment"]["findings"]
    assert (finding["rule"], finding["kind"], finding["reason"]) == ("banned_words", "hold", "banned_word")
    assert finding["params"] == {"words": ["old fool", "trollop*"]}
    text = stored(paper, held["id"]).text
    assert [text[start:end] for start, end in finding["spans"]] == ["0ld fооl", "trollops"]

    noted = kiesel.post("I have won it in the c.a.s.i.n.o yesterday")
    assert noted["status"] == "published"
    assert "findings" not in next(one for one in paper.page()["comments"] if one["id"] == noted["id"])
    (finding,) = desk.item(noted["id"])["comment"]["findings"]
    assert (finding["rule"], finding["kind"], finding["params"]) == ("suspect_words", "note", {"words": ["casino"]})
    assert 0 < stored(paper, noted["id"]).risk < stored(paper, held["id"]).risk


def test_refused(paper: Gazette, kiesel: Reader) -> None:
    desk = paper.desk("administrator")
    good(desk.call("PATCH", "/sites/gazette/rules", {"rules": {"banned_words_action": "refuse"}, "reason": "enough"}))
    problem = refused(kiesel.send("You TROLLOP"), 422, "banned_words")
    assert problem["finding"]["params"] == {"words": ["TROLLOP"]}, "as it was written, not as the list has it"
    assert problem["finding"]["spans"] == [[4, 11]]
    assert paper.page()["total"] == 0
    assert kiesel.post("You are right")["status"] == "published"


def test_an_edit_is_judged_and_weighed_again(paper: Gazette, kiesel: Reader) -> None:
    posted = kiesel.post("A calm word in the beginning of a thread of words")
    before = stored(paper, posted["id"])
    assert good(kiesel.edit(posted["id"], "Ihr seid allesamt nur ein Haufen von trollops und sonst gar nichts"))
    after = stored(paper, posted["id"])
    assert (before.status, before.risk, before.language) == ("published", 0, "en")
    assert (after.status, after.language) == ("waiting", "de")
    assert after.risk > 0
    assert after.simhash not in (None, before.simhash)


def test_nearly_the_same_waits(app: Flask, clock: FakeClock) -> None:
    paper = Gazette.make(app, clock, near_repeat_percent=80)
    kiesel, bach = paper.reader("kiesel"), paper.reader("bach")
    text = "Whoever wants to know more about this should have a look at the little shop by the river, it is worth it"
    assert kiesel.post(text)["status"] == "published"
    again = kiesel.post(text.replace("little shop", "small shop") + "!")
    assert again["status"] == "waiting"
    (finding,) = paper.desk().item(again["id"])["comment"]["findings"]
    assert finding["reason"] == "near_repeat"
    assert finding["params"]["percent"] >= 80
    assert bach.post(text)["status"] == "published", "another author's words are not compared"
