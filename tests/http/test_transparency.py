"""What goes to the Transparency Database and into the reports: by a schema, without a word of anybody."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from comments.core.law import categories, transparency
from tests.conftest import FakeClock
from tests.gazette import Gazette, good, refused
from tests.http.test_notices import give, queue, restrict

SCHEMA = json.loads((Path(transparency.__file__).parent / "transparency_v2.schema.json").read_text())
SPAN = "?since=2026-01-01&until=2026-12-31"
CANARY = "Zwetschge"


@pytest.fixture
def herald(paper: Gazette, clock: FakeClock) -> Gazette:
    """A site where everything that restricts has happened, each with a name in its texts."""
    site = Gazette.make(paper.app, clock, "herald", law={"territory": ["DE", "AT"]}, banned_words=["weasel"])
    desk, chief = site.desk(), site.desk("administrator")
    kiesel, bach = site.reader("kiesel", name=CANARY), site.reader("bach")
    good(desk.decide(kiesel.post(f"{CANARY} here")["id"], "reject", reason="abuse", message=f"{CANARY}, no"))
    good(desk.decide(kiesel.post("a weasel")["id"], "reject", reason="hate"))
    comment = kiesel.post("the thief")["id"]
    give(site, comment, name=CANARY, text=f"{CANARY} is no thief, whoever says so")
    ground = f"§ 186 StGB, see https://law.example/{CANARY} or mail {CANARY}@reader.example, +49 170 1234567"
    law = {"legal_ground": ground, "explanation": f"{CANARY} was slandered."}
    good(restrict(desk, site, queue(desk, site)["items"][0]["id"], **law))
    member = f"/members/{bach.id}"
    until = {"reason": f"{CANARY} again", "until": "2026-04-01T00:00:00Z"}
    good(desk.call("POST", f"{member}/ban", until))
    good(desk.call("PUT", f"{member}/premoderation", {"reason": CANARY}))
    good(desk.call("POST", f"{member}/warnings", {"reason": "spam", "text": CANARY}))
    good(chief.call("POST", f"{member}/ban", {"reason": CANARY, "until": None}))
    undone = good(desk.decide(kiesel.post("taken back")["id"], "reject"))["decision_id"]
    good(desk.call("POST", f"/decisions/{undone}/undo"))
    return site


def test_by_the_schema_and_without_a_word_of_anybody(herald: Gazette) -> None:
    desk = herald.desk()
    validator = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
    answer = desk.call("GET", f"/sites/herald/transparency/statements.ndjson{SPAN}")
    text = answer.get_data(as_text=True)
    lines = [json.loads(line) for line in text.splitlines()]
    assert [list(validator.iter_errors(one)) for one in lines] == [[]] * 6
    assert CANARY not in text and "Anna" not in text
    assert "170" not in re.sub(r'"puid":"\w+"', "", text)  # of a telephone number
    assert len({one["puid"] for one in lines}) == 6
    assert all(one["territorial_scope"] == ["AT", "DE"] for one in lines)
    abuse, hate, law, suspended, premoderated, banned = lines
    assert abuse["automated_detection"] == "No" and hate["automated_detection"] == "Yes"
    assert hate["automated_decision"] == "AUTOMATED_DECISION_PARTIALLY"
    assert (
        law["decision_ground"] == "DECISION_GROUND_ILLEGAL_CONTENT"
        and "§ 186 StGB" in law["illegal_content_legal_ground"]
    )
    assert law["source_type"] == "SOURCE_ARTICLE_16" and law["category_specification"] == ["KEYWORD_DEFAMATION"]
    assert suspended["end_date_account_restriction"] == "2026-04-01"
    assert premoderated["decision_provision"] and banned["decision_account"] == "DECISION_ACCOUNT_TERMINATED"
    table = desk.call("GET", f"/sites/herald/transparency/statements.csv{SPAN}").get_data(as_text=True)
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["puid"] for row in rows] == [one["puid"] for one in lines] and CANARY not in table
    assert json.loads(rows[0]["territorial_scope"]) == ["AT", "DE"]


def test_the_schema_refuses() -> None:
    """It is no schema that lets everything through."""
    validator = Draft202012Validator(SCHEMA)
    Draft202012Validator.check_schema(SCHEMA)
    good_one = {
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"], "puid": "a-1",
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT", "incompatible_content_ground": "x",
        "incompatible_content_explanation": "y", "content_type": ["CONTENT_TYPE_TEXT"],
        "category": "STATEMENT_CATEGORY_SELF_HARM", "territorial_scope": ["DE"], "content_date": "2026-01-01",
        "application_date": "2026-01-01", "decision_facts": "z", "source_type": "SOURCE_VOLUNTARY",
        "automated_detection": "No", "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
    }  # fmt: skip
    assert validator.is_valid(good_one)
    wrong: list[dict[str, Any]] = [
        {"puid": "a b"}, {"category": "STATEMENT_CATEGORY_PIRACY"}, {"territorial_scope": ["US"]},
        {"automated_decision": "No"}, {"source_type": "SOURCE_OTHER"}, {"decision_visibility": []}, {"name": "x"},
        {"decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT"}, {"content_date": "1.1.2026"},
    ]  # fmt: skip
    assert [change for change in wrong if validator.is_valid(good_one | change)] == []
    for name in good_one:
        assert not validator.is_valid({key: value for key, value in good_one.items() if key != name}), name
    known = SCHEMA["properties"]
    for category, keyword in (*categories.ABOUT.values(), *categories.REASONS.values(), categories.BREACH):
        assert category in known["category"]["enum"]
        assert keyword is None or keyword in known["category_specification"]["items"]["enum"]


def test_figures(herald: Gazette, clock: FakeClock) -> None:
    desk = herald.desk()
    found = desk.get(f"/sites/herald/transparency{SPAN}")
    assert found["notices"]["received"] == found["notices"]["restricted"] == found["notices"]["by_law"] == 1
    speech = "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH"  # pragma: allowlist secret
    assert found["notices"]["by_category"] == [{"key": speech, "number": 1}]
    assert found["restrictions"]["total"] == 6
    measures = {one["key"]: one["number"] for one in found["restrictions"]["by_measure"]}
    assert measures == {"ban": 1, "premoderate": 1, "remove": 3, "suspend": 1}
    assert found["automation"] == {
        "decided_alone": 0, "helped": 1, "appealed": 0, "overturned": 0, "error_rate": None
    }  # fmt: skip
    table = desk.call("GET", f"/sites/herald/transparency/figures.csv{SPAN}").get_data(as_text=True)
    assert "restrictions,total,6" in table
    assert desk.get("/sites/herald/transparency?since=2020-01-01&until=2020-12-31")["restrictions"]["total"] == 0
    for query in ("", "?since=2026-01-01", "?since=x&until=y", "?since=2026-01-02&until=2026-01-01",
                  "?since=2020-01-01&until=2026-01-01"):  # fmt: skip
        refused(desk.call("GET", f"/sites/herald/transparency{query}"), 400, "malformed")


def test_complaints_of_members(herald: Gazette, clock: FakeClock) -> None:
    """Against what was laid upon them: another moderator answers, and what was wrong is lifted."""
    wren, anna, berta = herald.reader("wren"), herald.desk(), herald.desk()
    member = f"/members/{wren.id}"
    for measure, lay in (
        ("ban", ("POST", f"{member}/ban", {"reason": "x", "until": None})),
        ("suspend", ("POST", f"{member}/ban", {"reason": "x", "until": "2030-01-01T00:00:00Z"})),
        ("premoderate", ("PUT", f"{member}/premoderation", {"reason": "x"})),
        ("warn", ("POST", f"{member}/warnings", {"reason": "abuse"})),
    ):
        assert anna.call(*lay).status_code in (200, 201)
        told = good(wren.call("GET", "/me/statements?limit=1"))["statements"][0]
        assert (told["measure"], told["complaint"]["possible"]) == (measure, True)
        sent = {"text": "That was not me."}
        good(wren.call("POST", f"/me/statements/{told['id']}/complaint", sent), 201)
        good(wren.call("POST", f"/me/statements/{told['id']}/complaint", sent), 200)
        other = {"text": "And besides."}
        refused(wren.call("POST", f"/me/statements/{told['id']}/complaint", other), 409, "complaint_exists")
        (complaint,) = berta.get("/sites/herald/complaints")["items"]
        path = f"/sites/herald/complaints/{complaint['id']}/decision"
        refused(anna.call("POST", path, {"outcome": "upheld", "note": "no"}), 403, "own_decision")
        good(berta.call("POST", path, {"outcome": "overturned", "note": "We were wrong."}))
        told = good(wren.call("GET", "/me/statements?limit=1"))["statements"][0]
        assert told["ended_at"] is not None and told["complaint"]["state"] == "overturned"
        good(wren.send("I am back"), 201)
        with herald.read():
            clock.forward(1)
    counted = berta.get(f"/sites/herald/transparency{SPAN}")["complaints"]
    assert (counted["received"], counted["overturned"]) == (4, 4)
