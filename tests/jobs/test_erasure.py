"""Erasing a person: not a byte of their text or name is left in any table, answer or file; replies stay, and the erased
stay erased after a restore.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from comments.actions.erasure import allowed_modes, erase_member
from comments.actions.exports import export_member
from comments.core.errors import Malformed
from comments.core.site import SiteSettings
from comments.jobs.erasure import Place, come_back, erase_again, noted
from comments.storage.checks import CHECKS
from comments.storage.integrity import REFERENCES, WHOLE, snapshot
from comments.storage.members import find_member
from comments.storage.tables import Base
from tests.conftest import FakeClock
from tests.gazette import Gazette, good, parts_of, refused

TEXT, EARLIER, NAME, BESIDE = "canarytext", "canaryearlier", "Canaryname", "canarybeside"


@pytest.fixture
def gazette(app: Flask, clock: FakeClock) -> Gazette:
    return Gazette.make(app, clock, ask_author=True)


def a_life(gazette: Gazette, clock: FakeClock) -> dict[str, str]:
    """Somebody who did and was done to everything that there is; ids of comments by what they are."""
    canary, rune = gazette.reader("canary", name=NAME, badges=["author"]), gazette.reader("rune")
    desk = gazette.desk("administrator")
    asked = good(rune.send("Why?", question=True), 201)
    answer = canary.post(f"Because of {TEXT} 0.", asked["id"])
    root = canary.post(f"It was {EARLIER}.")
    clock.forward(2)
    good(canary.edit(root["id"], f"It was {TEXT} 1."))
    reply = rune.post(f"No, @{NAME}, it was not.", root["id"])
    done(canary.react(reply["id"]))
    done(canary.report(reply["id"], detail=f"{BESIDE} reports"))
    settled = rune.post("Something else")
    done(canary.report(settled["id"], detail=f"{BESIDE} reports"))
    good(desk.decide(settled["id"], "approve"))
    rejected = canary.post(f"Buy {TEXT} 2.")
    done(rune.report(rejected["id"], detail=f"{BESIDE} is reported"))
    good(desk.decide(rejected["id"], "reject", message=f"{BESIDE} to you", note=f"{BESIDE} of you"))
    assert (
        canary.call(
            "POST", f"/comments/{rejected['id']}/appeal", {"text": f"{BESIDE} appeals, was it not?"}
        ).status_code
        < 300
    )
    withdrawn = canary.post(f"Sorry, {TEXT} 3.")
    done(canary.withdraw(withdrawn["id"]))
    assert (
        desk.call("POST", f"/members/{canary.id}/warnings", {"reason": "spam", "text": f"{BESIDE} warns"}).status_code
        < 300
    )
    done(desk.call("POST", f"/members/{canary.id}/notes", {"note": f"{BESIDE} notes"}))
    done(desk.call("POST", f"/comments/{root['id']}/notes", {"text": f"{BESIDE} notes"}))
    done(rune.call("PUT", f"/members/{canary.id}/mute"))
    done(canary.call("PUT", f"{gazette.article()}/follow"))
    with gazette.database.transaction() as tx:
        export_member(tx, find_member(tx.conn, gazette.id, "canary", lock=True))
    gazette.work()
    return {"root": root["id"], "reply": reply["id"], "asked": asked["id"], "answer": answer["id"],
            "rejected": rejected["id"]}  # fmt: skip


def dumped(gazette: Gazette) -> str:
    """Every cell of every table, the index of words too."""
    with gazette.read() as conn:
        names = sa.inspect(conn).get_table_names()
        rows = {name: conn.exec_driver_sql(f'SELECT * FROM "{name}"').all() for name in names}
    return "\n".join(f"{name}: {row}" for name, found in rows.items() for row in found)


def said_in(dump: str, *words: str) -> list[str]:
    return [line for line in dump.splitlines() if any(word.lower() in line.lower() for word in words)]


def done(answer: TestResponse) -> None:
    assert answer.status_code < 300, answer.get_data(True)


def files(gazette: Gazette) -> bytes:
    folder = parts_of(gazette.app).settings.data_dir
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def erase(gazette: Gazette, mode: Any) -> int:
    with gazette.database.transaction() as tx:
        erasure = erase_member(tx, find_member(tx.conn, gazette.id, "canary", lock=True), mode)
    gazette.work()
    return erasure


def wrong(gazette: Gazette) -> dict[str, int]:
    with snapshot(gazette.database) as conn:
        return {name: number for name, check in (CHECKS | REFERENCES | WHOLE).items() if (number := check(conn))}


def place_of(gazette: Gazette) -> Place:
    settings = parts_of(gazette.app).settings
    return Place(settings.data_dir, settings.secret_key)


def test_nothing_of_the_text_or_the_name_is_left(gazette: Gazette, clock: FakeClock) -> None:
    known = a_life(gazette, clock)
    before = dumped(gazette)
    assert all(word in before for word in (TEXT, EARLIER, NAME, BESIDE, "canary'"))
    seq = gazette.page()["seq"]
    assert len(list((place_of(gazette).data_dir / "exports").iterdir())) == 1
    erase(gazette, "text")
    after = dumped(gazette)
    lines = [
        line for line in after.splitlines() for word in (TEXT, EARLIER, NAME, BESIDE) if word.lower() in line.lower()
    ]
    assert lines == []
    assert "'canary'" not in after and b"canary" not in files(gazette)
    page = gazette.page()
    stub = next(one for one in page["comments"] if one["id"] == known["root"])
    assert (stub["status"], stub["body"], stub["author"]) == ("erased", None, None)
    reply = next(one for one in page["comments"] if one["id"] == known["reply"])
    assert "@…" in json.dumps(reply["body"], ensure_ascii=False) and reply["reactions"] == {}
    changed = gazette.changes(seq)
    assert changed.get("reset") or known["root"] in json.dumps(changed)  # open pages hear of it
    assert NAME not in json.dumps(page) and TEXT not in json.dumps(page)
    assert wrong(gazette) == {}


def test_texts_may_stay_and_be_nobodys(gazette: Gazette, clock: FakeClock) -> None:
    known = a_life(gazette, clock)
    erase(gazette, "identity")
    after = dumped(gazette)
    assert [
        line for line in after.splitlines() for word in (EARLIER, NAME, BESIDE) if word.lower() in line.lower()
    ] == []
    assert "'canary'" not in after and TEXT in after
    page = gazette.page()
    root = next(one for one in page["comments"] if one["id"] == known["root"])
    assert (root["status"], root["author"]) == ("published", None) and TEXT in json.dumps(root["body"])
    assert wrong(gazette) == {}


def test_access_ends_at_once_and_who_comes_back_is_new(gazette: Gazette, clock: FakeClock) -> None:
    a_life(gazette, clock)
    canary = gazette.reader("canary", name=NAME)
    with gazette.database.transaction() as tx:
        erase_member(tx, find_member(tx.conn, gazette.id, "canary", lock=True), "text")
    assert canary.send("Still here").status_code == 401
    again = gazette.reader("canary", name="Another")
    assert again.id != canary.id
    again.post("I am new here.")
    gazette.work()
    assert again.viewer["name"] == "Another" and "I am new here." in dumped(gazette)
    assert wrong(gazette) == {}


def test_erasure_lifts_no_ban(gazette: Gazette, clock: FakeClock) -> None:
    canary = gazette.reader("canary", name=NAME)
    canary.post(f"A {TEXT}.")
    good(gazette.desk().call("POST", f"/members/{canary.id}/ban", {"reason": "Threats", "reject_waiting": False}))
    erase(gazette, "text")
    assert NAME not in dumped(gazette)
    assert gazette.reader("canary", name=NAME).send("Me again").status_code == 403


def test_the_log_says_that_and_not_who(gazette: Gazette, clock: FakeClock) -> None:
    a_life(gazette, clock)
    erase(gazette, "text")
    log = gazette.desk("administrator").get("/sites/gazette/audit")
    assert [entry["subject"]["type"] for entry in log["entries"] if entry["action"] == "erase_member"] == ["site"]
    with gazette.read() as conn:
        (row,) = conn.execute(sa.select(Base.metadata.tables["erasures"])).all()
    assert (row.state, row.sub, row.member_id, row.mode) == ("done", None, None, "text")


def test_the_site_decides_what_members_may_choose(gazette: Gazette) -> None:
    gazette.reader("canary")
    assert allowed_modes(SiteSettings()) == ("text", "identity")
    only = SiteSettings(erasure="identity")
    assert allowed_modes(only) == ("identity",)
    with pytest.raises(Malformed, match="text or identity"), gazette.database.transaction() as tx:
        erase_member(tx, find_member(tx.conn, gazette.id, "canary", lock=True), "everything")  # type: ignore[arg-type]


def test_a_complaint_of_who_was_erased_waits_for_nobody(gazette: Gazette) -> None:
    """What they were restricted for holds on; there is nobody left to answer."""
    canary, desk, path = gazette.reader("canary"), gazette.desk(), "/sites/gazette/complaints"
    done(desk.call("POST", f"/members/{canary.id}/ban", {"reason": "x", "until": None}))
    (told,) = good(canary.call("GET", "/me/statements"))["statements"]
    good(canary.call("POST", f"/me/statements/{told['id']}/complaint", {"text": "That was not me."}), 201)
    (waiting,) = desk.get(path)["items"]
    erase(gazette, "text")
    decision = {"outcome": "overturned", "note": "We were wrong."}
    refused(desk.call("POST", f"{path}/{waiting['id']}/decision", decision), 409, "complaint_decided")
    assert desk.get(path) == {"items": [], "next_cursor": None, "open": 0}
    (closed,) = desk.get(f"{path}?state=decided")["items"]
    assert (closed["outcome"], closed["member"], closed["text"]) == ("closed", None, "")


def test_the_erased_stay_erased_after_a_restore(gazette: Gazette, clock: FakeClock) -> None:
    """The backup is what stood there before; who came by themselves afterwards stays."""
    gazette.reader("canary", name=NAME).post(f"A {TEXT}.")
    gazette.reader("rune").post("Something else")
    with gazette.read() as conn:
        backup = {name: conn.execute(sa.select(table)).mappings().all() for name, table in Base.metadata.tables.items()
                  if name in ("members", "comments")}  # fmt: skip
    clock.forward(60)
    erase(gazette, "text")
    place = place_of(gazette)
    (line,) = noted(place)
    assert (line.site, line.mode) == ("gazette", "text") and "canary" not in str(line)
    clock.forward(60)
    newcomer = gazette.reader("canary", name="Another")
    assert list(come_back(gazette.database, place)) == []
    members, comments = (Base.metadata.tables[name] for name in ("members", "comments"))
    with gazette.database.transaction() as tx:
        tx.conn.execute(sa.delete(members).where(members.c.id == int(newcomer.id)))
        (gone,) = [dict(row) for row in backup["members"] if row["sub"] == "canary"]
        tx.conn.execute(sa.insert(members).values(gone))
        (text,) = [dict(row) for row in backup["comments"] if TEXT in row["text"]]
        text.pop("shown")
        tx.conn.execute(sa.update(comments).where(comments.c.id == text["id"]).values(text))
    assert TEXT in dumped(gazette) and [one.mode for _, one in come_back(gazette.database, place)] == ["text"]
    assert erase_again(gazette.database, place) == 1
    assert TEXT not in dumped(gazette) and NAME not in dumped(gazette)
    assert list(come_back(gazette.database, place)) == []
    assert isinstance(place.data_dir, Path) and erase_again(gazette.database, place) == 0
