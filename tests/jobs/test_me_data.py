"""What the worker does for somebody at their own page: a file with all of their data, and their erasure."""

import io
import json
import zipfile

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.storage import tables
from tests.conftest import FakeClock
from tests.gazette import Gazette, Visitor, good, refused


@pytest.fixture
def paper(app: Flask, clock: FakeClock) -> Gazette:
    return Gazette.make(app, clock, mail=True)


LEFT_OUT = {  # what names a member and is not in their file
    "exports": "the file itself",
    "webhook_messages": "what is told of their comments, which are in it",
    "mail_follows": "their follows, which are in it",
    "old_addresses": "a hash that says nothing to them",
    "journal": "for a week, which of their comments changed",
    "erasures": "that they are being erased",
}


def test_taking_ones_data_and_being_erased(paper: Gazette) -> None:
    kiesel, bach = paper.reader(name="Kies"), paper.reader("bach")
    mine, rude = kiesel.post("what I said")["id"], kiesel.post("You fool.")["id"]
    good(paper.desk().decide(rude, "reject"))
    bach.post("an answer", mine)
    visitor = Visitor.of(paper, name="Kiesel", email="kiesel@gazette.example")
    data = visitor.get("/data")
    assert data == {"export": None, "erasure": ["text", "identity"]}
    refused(visitor.call("GET", "/export/file"), 404, "not_found")
    assert good(visitor.call("POST", "/export"), 201)["export"]["state"] == "waiting"
    paper.work()
    made = visitor.get("/data")["export"]
    assert (made["state"], made["done"]) == ("done", 2)
    answer = visitor.call("GET", "/export/file")
    assert answer.status_code == 200 and "gazette-my-data-" in answer.headers["Content-Disposition"]
    packed = answer.get_data()
    answer.close()
    with zipfile.ZipFile(io.BytesIO(packed)) as pack:
        said = json.loads(pack.read("data.json"))
    assert (said["member"]["name"], said["comments"][0]["source"]) == ("Kiesel", "what I said")
    assert [one["name"] for one in said["former_names"]] == ["Kies"]
    assert [one["vouched"] for one in said["mailboxes"]] == ["kiesel@gazette.example"] and len(said["visits"]) == 1
    assert [(one["measure"], one["comment_id"]) for one in said["statements"]] == [("remove", rude)]
    naming = {one.name for one in tables.Base.metadata.sorted_tables if "member_id" in one.c}
    assert naming - LEFT_OUT.keys() <= said.keys(), "tables that name a member, and are not in their file"
    refused(Visitor.of(paper, "bach").call("GET", "/export/file"), 404, "not_found")
    refused(visitor.call("POST", "/erasure", {"mode": "text", "name": "Kies"}), 400, "malformed")
    erased = visitor.call("POST", "/erasure", {"mode": "text", "name": " kiesel"})
    assert erased.status_code == 204 and "comments_me_gazette=;" in erased.headers["Set-Cookie"]
    refused(visitor.call("GET", "/comments"), 401, "signed_out")
    paper.work()
    shown = paper.page()["comments"]
    assert [(one["status"], one["author"] and one["author"]["name"]) for one in shown] == [
        ("erased", None), ("published", "bach"),
    ]  # fmt: skip
    with paper.read() as conn:
        for table in (tables.visits, tables.former_names):
            assert conn.execute(sa.select(table).where(table.c.member_id == int(kiesel.id))).all() == []
