"""Nobody hears anything of who was erased through any way out: feeds, pages, teasers, oEmbed, mail, webhooks and their
log, search, the console, exports of before. What the law has kept is what docs/privacy.md names, and nothing else.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
import sqlalchemy as sa
from flask import Flask

from comments.actions.mail import set_mail_preferences
from comments.core.mail import MailChange
from comments.core.smtp import read_smtp_url
from comments.jobs.mail import Mailing
from comments.jobs.teasers import count_discussed, keep_recent
from comments.storage.members import member_by_id
from comments.storage.tables import mails, webhook_attempts, webhook_deliveries
from tests.conftest import FakeClock
from tests.gazette import Desk, Gazette, Reader, Visitor, good, parts_of
from tests.http.test_notices import give, queue, restrict
from tests.jobs.hooked import Hooked, add
from tests.jobs.test_erasure import BESIDE, EARLIER, NAME, TEXT, dumped, erase, files, said_in, wrong
from tests.opinions.service import service
from tests.postbox import Postbox
from tests.servers import wait_until

FORMER, AT_HOME, AT_WORK = "Canaryformer", "canary@canaryhome.example", "canary@canarywork.example"
NOTIFIED = "canarynotice"  # what somebody wrote in a legal notice about them
KEPT = ("notices", "audit")  # the one table that the law has kept for a while, and the log of what was answered
PAGE = "https://www.gazette.example/1"
KINDS = ("replies", "mentions", "follows", "decisions", "appeals")
GONE = (TEXT, EARLIER, NAME, BESIDE, FORMER, AT_HOME, AT_WORK)


@dataclass
class Outside:
    """A paper with everything that goes out of it. The receiver of its webhook answers with what it was told."""

    paper: Gazette
    clock: FakeClock
    hook: Hooked
    box: Postbox
    desk: Desk
    known: dict[str, str]

    def send(self) -> list[str]:
        """Send the mail that is due, a day's digests too; every letter as a text."""
        settings = replace(
            parts_of(self.paper.app).settings,
            smtp=read_smtp_url(self.box.url()),
            mail_from="comments@gazette.example",
        )
        mailing, before = Mailing(self.paper.database, settings), len(self.box.raw)
        for _ in range(2):
            self.clock.forward(86_400)
            while mailing.work():
                pass
        letters = self.box.mails[before:]
        whole = [part.get_content() for one in letters for part in one.walk() if part.get_content_maintype() == "text"]
        return [*whole, *(f"{one['To']} {one['Subject']}" for one in letters)]

    def exits(self) -> dict[str, str]:
        """What everybody, and the newsroom, is answered, by path."""
        paper, root = self.paper, self.known["root"]
        plain = [
            "/articles/gazette/1", "/articles/gazette/1/fragment", f"/articles/gazette/1?comment={root}",
            "/articles/gazette/1/feed", "/sites/gazette/feed", "/sites/gazette/picks/fragment",
            "/sites/gazette/most-discussed/fragment", "/api/v1/sites/gazette/picks",
            "/api/v1/sites/gazette/most-discussed", "/api/v1/sites/gazette/articles/1/comments",
            "/api/v1/sites/gazette/articles/1/changes?after=0", "/api/v1/sites/gazette/articles/1/picks",
            f"/api/v1/comments/{root}/context", f"/api/v1/comments/{root}/replies",
            f"/oembed?url={quote(f'{PAGE}#comment-{root}', safe='')}",
            f"/oembed?format=xml&url={quote(f'{PAGE}#comment-{root}', safe='')}",
        ]  # fmt: skip
        client = paper.app.test_client(use_cookies=False)
        shown = {path: client.get(path).get_data(as_text=True) for path in plain}
        site = "/sites/gazette"
        hooks = f"{site}/webhooks/{self.hook.id}/deliveries"
        console = [
            f"/comments/{root}", f"/members/{self.known['member']}", f"/members/{self.known['member']}/comments",
            f"{site}/audit", f"{site}/notices", f"{site}/notices?state=decided", f"{site}/complaints",
            f"{site}/complaints?state=decided", f"{site}/search?q={TEXT}", f"{site}/search?q={NAME}&kind=members",
            f"{site}/search?q=author:{NAME}", f"{site}/queues/new", f"{site}/queues/reported", f"{site}/exports", hooks,
            *(f"{hooks}/{row.id}" for row in self.hook.deliveries()),
        ]  # fmt: skip
        desk = paper.desk("administrator")  # the clock went on
        return shown | {f"console {path}": desk.call("GET", path).get_data(as_text=True) for path in console}


def listening(paper: Gazette, sub: str, choice: str, other: str | None = None, **claims: Any) -> Reader:
    """Somebody who wants mail of everything. `other`: an address of their own, which they have not confirmed."""
    reader = paper.reader(sub, **claims)
    with paper.database.transaction() as tx:
        asked = {"choices": dict.fromkeys(KINDS, choice)} | ({"address": other} if other else {})
        change = msgspec.convert(asked, MailChange)
        set_mail_preferences(tx, member_by_id(tx.conn, int(reader.id)), change)
    return reader


@pytest.fixture
def outside(app: Flask, clock: FakeClock, box: Postbox) -> Iterator[Outside]:
    with service() as told:
        told.answers = lambda question: question.body
        paper = Gazette.make(app, clock, mail=True, edit_window=10**6)
        out = Outside(paper, clock, Hooked(paper, told, *add(paper, told.url)), box, paper.desk("administrator"), {})
        a_life(out)
        yield out


def a_life(out: Outside) -> None:
    """Somebody who writes, is picked, answered, reported, notified of and warned, who complains, and changes a name."""
    paper, clock, desk = out.paper, out.clock, out.desk
    paper.reader("canary", name=FORMER)
    canary = listening(paper, "canary", "at_once", AT_WORK, name=NAME, email=AT_HOME)
    rune = listening(paper, "rune", "at_once", email="rune@home.example")
    listening(paper, "bach", "daily", email="bach@home.example")
    visitor = Visitor.of(paper, "canary", name=NAME, email=AT_HOME)
    about = {"article_url": PAGE, "article_title": "One"}
    root = good(canary.send(f"It was {EARLIER}.", **about), 201)["id"]
    clock.forward(2)
    good(canary.edit(root, f"It was {TEXT}."))
    good(desk.call("POST", f"/comments/{root}/pick"))
    asked = rune.post("Was it?")["id"]
    good(canary.call("PUT", f"/comments/{asked}/follow"))
    reply = canary.post(f"@rune, @bach, it was {TEXT}.", asked)["id"]
    rune.post(f"No, @{NAME}, it was not.", root)
    disputed = canary.post(f"The {TEXT} thief!")["id"]
    out.hook.send()  # half of it is delivered and in the log
    notice = give(paper, disputed, text=f"{NOTIFIED}: “thief” is untrue.", name="Birke")
    (listed,) = queue(desk, paper)["items"]
    said = {"legal_ground": "Section 1", "explanation": f"{BESIDE} says so", "answer": f"{NOTIFIED} is right"}
    good(restrict(desk, paper, listed["id"], **said))
    warned = {"reason": "spam", "text": f"{BESIDE} warns"}
    assert desk.call("POST", f"/members/{canary.id}/warnings", warned).status_code < 300
    (warning, *_) = [
        one for one in good(canary.call("GET", "/me/statements"))["statements"] if one["measure"] == "warn"
    ]
    complaint = canary.call("POST", f"/me/statements/{warning['id']}/complaint", {"text": f"{BESIDE} complains of it"})
    assert complaint.status_code < 300, complaint.get_data(True)
    (waiting,) = desk.get("/sites/gazette/complaints")["items"]
    good(desk.call("POST", f"/sites/gazette/complaints/{waiting['id']}/decision",
                   {"outcome": "upheld", "note": f"{BESIDE} answers"}))  # fmt: skip
    for kind in ("archive", "csv"):
        good(desk.call("POST", "/sites/gazette/exports", {"kind": kind}), 201)
    good(visitor.call("POST", "/export"), 201)
    paper.work()
    keep_recent(paper.database)
    count_discussed(paper.database)
    out.known |= {"root": root, "reply": reply, "member": canary.id, "notice": notice["reference"]}


def test_nothing_of_the_erased_goes_out(outside: Outside) -> None:
    before = outside.exits()
    for path in ("/articles/gazette/1", "/articles/gazette/1/fragment", "/articles/gazette/1/feed",
                 "/sites/gazette/feed", "/sites/gazette/picks/fragment", "console /sites/gazette/audit"):  # fmt: skip
        assert TEXT in before[path] or BESIDE in before[path], f"{path} says it while they are there"
    assert all(word in dumped(outside.paper) for word in GONE)
    with outside.paper.read() as conn:
        waiting = (
            sa.select(sa.func.count()).select_from(webhook_deliveries).where(webhook_deliveries.c.state == "waiting")
        )
        excerpts = conn.execute(sa.select(webhook_attempts.c.excerpt)).scalars().all()
        planned = conn.execute(sa.select(mails.c.state)).scalars().all()
        assert conn.execute(waiting).scalar_one() > 0 and any(TEXT in (one or "") for one in excerpts)
    assert {"waiting", "held"} <= set(planned) or planned.count("waiting") > 2
    assert len(outside.hook.told.asked) > 2
    heard = len(outside.hook.told.asked)

    erase(outside.paper, "text")

    left = said_in(dumped(outside.paper), *GONE)
    assert left == [], "\n".join(left)
    kept = said_in(dumped(outside.paper), NOTIFIED)
    assert kept and {line.partition(":")[0] for line in kept} <= set(KEPT)
    assert b"canary" not in files(outside.paper)
    out = {path: text for path, text in outside.exits().items() if any(w.lower() in text.lower() for w in GONE)}
    asked = [path for path in out if "search?q=" not in path]  # a search is answered with the question
    assert asked == [], json.dumps({path: out[path][:2000] for path in asked})
    outside.hook.send()
    later = outside.hook.heard()[heard:]
    assert "comment.erased" in [one["type"] for one in later]
    assert not said_in("\n".join(json.dumps(one) for one in later), *GONE, "canary")
    letters = outside.send()
    assert not said_in("\n".join(letters), *GONE, "canary"), "nor do others hear of them by mail"
    assert wrong(outside.paper) == {}


def test_texts_that_stay_name_nobody(outside: Outside) -> None:
    """Of whom the identity is erased the texts are read as before, and nowhere with a name or an address."""
    erase(outside.paper, "identity")
    names = tuple(word for word in GONE if word != TEXT)
    left = said_in(dumped(outside.paper), *names)
    assert left == [], "\n".join(left)
    exits = outside.exits()
    assert TEXT in exits["/articles/gazette/1/feed"] and TEXT in exits["/articles/gazette/1"]
    found = {path for path, text in exits.items() if any(word.lower() in text.lower() for word in names)}
    assert {path for path in found if "search?q=" not in path} == set()
    assert not said_in("\n".join(outside.send()), *names)
    assert b"canary" not in files(outside.paper)


def test_an_answer_that_comes_after_the_erasure(outside: Outside) -> None:
    """A receiver that repeats what it was told before: a name in somebody else's comment."""
    outside.hook.send()
    rune = outside.paper.reader("rune", email="rune@home.example")
    mention = rune.post(f"Once more, @{NAME}.", outside.known["root"])["id"]
    told = outside.hook.told
    told.open.clear()
    try:
        assert outside.hook.delivering.work() == 1
        wait_until(lambda: NAME.encode() in told.asked[-1].body, "the receiver to be told")
        erase(outside.paper, "text")
    finally:
        told.open.set()
    assert outside.hook.delivering.wait(20)
    (delivery,) = [one for one in outside.hook.deliveries() if one.comment_id == int(mention)]
    assert delivery.state == "delivered"
    assert said_in(dumped(outside.paper), NAME) == []
