"""Rules in the console: changed, tried before they count, told apart by section and article, taken back."""

import json
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from comments.core.moderation.differences import SHOWN
from comments.jobs.upkeep import sweep
from comments.storage.rules import rules_of
from comments.storage.sites import find_site
from comments.storage.tables import articles, audit, opinions, rule_sets, trials
from comments.storage.trials import KEPT
from tests.conftest import FakeClock
from tests.gazette import Desk, Gazette, Reader, good, refused
from tests.importers.conftest import record
from tests.importers.test_claiming import move_in

GAZETTE = "/sites/gazette"
RULES = f"{GAZETTE}/rules"


@pytest.fixture
def chief(paper: Gazette) -> Desk:
    return paper.desk("administrator")


@pytest.fixture
def kiesel(paper: Gazette) -> Reader:
    return paper.reader("kiesel")


def change(desk: Desk, rules: dict[str, Any], *, method: str = "PATCH", path: str = RULES, **more: Any) -> Any:
    return good(desk.call(method, path, {"rules": rules} | more))


def tried(paper: Gazette, desk: Desk, rules: dict[str, Any], **more: Any) -> Any:
    """A trial as the console makes one: asked for, done by the worker, fetched."""
    asked = good(desk.call("POST", f"{GAZETTE}/trials", {"rules": rules} | more), 202)
    assert (asked["result"], asked["finished_at"]) == (None, None)
    paper.work()
    done = desk.get(f"{GAZETTE}/trials/{asked['id']}")
    assert done["finished_at"] and not done["error"], done
    return done["result"]


def test_a_change_counts_from_now_on(paper: Gazette, chief: Desk, kiesel: Reader) -> None:
    before = chief.get(RULES)
    assert (before["number"], before["rules"]["banned_words"], before["rules"]["repeat_hours"]) == (1, [], 0)
    assert before["defaults"]["repeat_hours"] == 24
    assert kiesel.post("a weasel")["status"] == "published"
    after = change(chief, {"banned_words": ["weasel", "stoat"]}, based_on=1, reason="too many of them")
    assert (after["number"], after["rules"]["banned_words"], after["rules"]["repeat_hours"]) == (
        2, ["weasel", "stoat"], 0
    )  # fmt: skip
    assert (after["by"], after["reason"], after["at"]) == (chief.get("/session")["user"]["name"], "too many of them",
                                                           "2026-03-02T09:00:00Z")  # fmt: skip
    assert kiesel.post("a weasel")["status"] == "waiting"
    whole = change(chief, {"banned_words": ["stoat"]}, method="PUT", based_on=2)
    assert (whole["number"], whole["rules"]["repeat_hours"]) == (3, 24)
    assert change(chief, {"banned_words": ["stoat"]}, based_on=3)["number"] == 3, "what changes nothing is no version"


def test_two_administrators(paper: Gazette, chief: Desk) -> None:
    """Who had an older version before them gets the present one, and nothing is overwritten."""
    other = paper.desk("administrator")
    change(other, {"max_links": 7}, based_on=1)
    problem = refused(chief.call("PATCH", RULES, {"rules": {"max_links": 3}, "based_on": 1}), 409, "changed_meanwhile")
    assert (problem["number"], problem["present"]["rules"]["max_links"], problem["present"]["number"]) == (2, 7, 2)
    refused(chief.call("POST", f"{RULES}/versions/1/restore", {"based_on": 1}), 409, "changed_meanwhile")
    assert chief.get(RULES)["rules"]["max_links"] == 7


def test_who_may(paper: Gazette, chief: Desk, kiesel: Reader) -> None:
    """Everybody of the console looks, moderators try, administrators change; of sections, moderators look alone."""
    kiesel.post("hello")
    staff, moderator = paper.desk("staff"), paper.desk()
    change_it = {"rules": {"max_links": 1}, "based_on": None}
    for desk in (staff, moderator, chief):
        assert desk.get(RULES)["number"] == 1
        assert desk.get(f"{RULES}/versions")["versions"]
        assert desk.get(f"{GAZETTE}/articles/1/rules")["rules"] == {}
    for desk in (staff, moderator):
        for method, path, body in (
            ("PATCH", RULES, change_it), ("PUT", RULES, change_it), ("PUT", f"{GAZETTE}/articles/1/rules", change_it),
            ("POST", f"{RULES}/versions/0/restore", {"based_on": 1}),
            ("POST", f"{GAZETTE}/articles/1/rules/versions/0/restore", {"based_on": 1}),
        ):  # fmt: skip
            refused(desk.call(method, path, body), 403, "forbidden")
    refused(staff.call("POST", f"{GAZETTE}/trials", {"rules": {}}), 403, "forbidden")
    mine = good(moderator.call("POST", f"{GAZETTE}/trials", {"rules": {}}), 202)
    refused(staff.call("GET", f"{GAZETTE}/trials/{mine['id']}"), 403, "forbidden")
    Gazette.make(paper.app, paper.clock, "herald")
    refused(chief.call("GET", f"/sites/herald/trials/{mine['id']}"), 404, "not_found")
    foreign = paper.desk("administrator", ("herald",))
    for path in (RULES, f"{RULES}/versions", f"{GAZETTE}/articles/1/rules", f"{GAZETTE}/trials/{mine['id']}"):
        refused(foreign.call("GET", path), 404, "not_found")


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"max_links": 101}, "max_links", "100"),
    ({"max_links": "2"}, "max_links", "int"),
    ({"banned_words": ["fine", ""]}, "banned_words", "entry 2"),
    ({"suspect_words": ["x" * 101]}, "suspect_words", "entry 1"),
    ({"banned_words": [f"w{n}" for n in range(10_001)]}, "banned_words", "10000"),
    ({"quiet_hours": [{"start": "9", "end": "10:00"}]}, "quiet_hours", "entry 1"),
    ({"time_zone": "Mars/Olympus"}, "time_zone", "Mars/Olympus"),
    ({"beauty": 1}, "beauty", "unknown"),
    ({"sections": {"sport": {"banned_words": ["a", ""]}}}, "sections.sport.banned_words", "entry 2"),
    ({"sections": {"sport": {"time_zone": "UTC"}}}, "sections.sport", "time_zone"),
]


@pytest.mark.parametrize(("rules", "field", "said"), WRONG)
def test_what_is_wrong_is_named(paper: Gazette, chief: Desk, rules: dict[str, Any], field: str, said: str) -> None:
    for method, path in (("PATCH", RULES), ("PUT", RULES), ("POST", f"{GAZETTE}/trials")):
        problem = refused(chief.call(method, path, {"rules": rules}), 400, "malformed")
        assert problem["field"] == field
        assert said in problem["detail"]
    assert chief.get(RULES)["number"] == 1


def test_the_log_stays_readable(paper: Gazette, chief: Desk) -> None:
    """One entry for a change, with what changed; of 10,000 words it tells how many and names the first."""
    words = [f"word{number}" for number in range(9_000)]
    change(chief, {"banned_words": words, "max_links": 5}, reason="a list")
    change(chief, {"banned_words": [*words[1:], "weasel"], "sections": {"sport": {"suspect_words": ["foul"]}}})
    second, first = chief.get(f"{GAZETTE}/audit")["entries"][:2]
    assert (first["action"], first["reason"], first["subject"]["type"]) == ("change_rules", "a list", "site")
    assert first["before"] == {"banned_words": {"entries": 0, "removed": []}, "max_links": 2}
    added = first["after"]["banned_words"]
    assert (added["entries"], added["added"], added["more"]) == (9_000, words[:SHOWN], 9_000 - SHOWN)
    assert first["after"] | {"banned_words": None} == {"banned_words": None, "max_links": 5, "version": 2}
    assert second["before"]["banned_words"] == {"entries": 9_000, "removed": ["word0"]}
    assert second["after"]["banned_words"] == {"entries": 9_000, "added": ["weasel"]}
    assert second["after"]["sections.sport.suspect_words"] == {"entries": 1, "added": ["foul"]}
    with paper.read() as conn:
        assert max(len(text) for text in conn.execute(sa.select(audit.c.after)).scalars() if text) < 2000
        assert conn.execute(sa.select(sa.func.count()).select_from(rule_sets)).scalar() == 3


def test_taking_back(paper: Gazette, chief: Desk, kiesel: Reader) -> None:
    change(chief, {"banned_words": ["weasel"]}, reason="weasels")
    change(chief, {"banned_words": [], "max_links": 0})
    assert kiesel.post("a weasel")["status"] == "published"
    again = good(chief.call("POST", f"{RULES}/versions/2/restore", {"based_on": 3, "reason": "they are back"}))
    assert (again["number"], again["rules"]["banned_words"], again["rules"]["max_links"]) == (4, ["weasel"], 2)
    assert kiesel.post("a weasel, twice")["status"] == "waiting"
    shown = chief.get(f"{RULES}/versions?limit=3")
    assert [one["number"] for one in shown["versions"]] == [4, 3, 2]
    assert shown["versions"][0]["after"] == {"banned_words": {"entries": 1, "added": ["weasel"]}, "max_links": 2}
    assert (shown["versions"][0]["before"]["max_links"], shown["versions"][0]["reason"]) == (0, "they are back")
    rest = chief.get(f"{RULES}/versions?limit=3&cursor={shown['next_cursor']}")
    assert ([one["number"] for one in rest["versions"]], rest["next_cursor"]) == ([1], None)
    assert rest["versions"][0]["after"] == {"pace_seconds": 0, "repeat_hours": 0}
    entry = chief.get(f"{GAZETTE}/audit")["entries"][0]
    assert (entry["action"], entry["after"]["taken_back_to"]) == ("take_back_rules", 2)
    assert good(chief.call("POST", f"{RULES}/versions/0/restore", {"based_on": 4}))["rules"]["repeat_hours"] == 24
    refused(chief.call("POST", f"{RULES}/versions/0/restore", {"based_on": 5}), 409, "unchanged")
    for number in ("9", "x", "99999999999"):
        refused(chief.call("POST", f"{RULES}/versions/{number}/restore", {"based_on": 5}), 404, "not_found")


def test_an_article_has_it_otherwise(paper: Gazette, chief: Desk, kiesel: Reader) -> None:
    own = f"{GAZETTE}/articles/hot/rules"
    change(chief, {"banned_words": ["weasel"]})
    made = change(chief, {"premoderate": True, "banned_words": ["stoat"]}, method="PUT", path=own, reason="hot")
    assert (made["number"], made["rules"]) == (1, {"premoderate": True, "banned_words": ["stoat"]})
    assert made["inherited"]["banned_words"] == ["weasel"]
    sent = {text: kiesel.post(text, article="hot") for text in ("a weasel", "a stoat", "peace")}
    assert [one["status"] for one in sent.values()] == ["waiting"] * 3
    assert {finding["rule"] for finding in sent["a weasel"]["findings"]} == {"banned_words", "premoderated"}
    assert kiesel.post("a stoat", article="cold")["status"] == "published"
    refused(chief.call("PUT", own, {"rules": {}, "based_on": 0}), 409, "changed_meanwhile")
    for wrong in ({"sections": {}}, {"time_zone": "UTC"}, {"beauty": 1}, {"max_links": -1}):
        assert refused(chief.call("PUT", own, {"rules": wrong}), 400)["field"] == next(iter(wrong))
    assert change(chief, {}, method="PUT", path=own, based_on=1)["rules"] == {}
    assert kiesel.post("peace again", article="hot")["status"] == "published"
    back = good(chief.call("POST", f"{own}/versions/1/restore", {"based_on": 2}))
    assert (back["number"], back["rules"]["premoderate"]) == (3, True)
    assert [one["number"] for one in back["versions"]] == [3, 2, 1]
    assert back["versions"][2]["after"]["premoderate"] is True
    entry = chief.get(f"{GAZETTE}/audit")["entries"][0]
    assert (entry["subject"]["type"], entry["subject"]["label"]) == ("article", "hot")
    assert chief.get(RULES)["number"] == 2, "the site's own versions are counted apart"
    refused(chief.call("POST", f"{GAZETTE}/articles/none/rules/versions/0/restore", {"based_on": 0}), 404)


def test_a_section_has_it_otherwise(paper: Gazette, chief: Desk, kiesel: Reader) -> None:
    kiesel.post("first", article="match")
    paper.change(lambda conn: conn.execute(sa.update(articles).values(section="sport")))
    assert chief.get(RULES)["sections"] == ["sport"]
    change(chief, {"banned_words": ["weasel"], "sections": {"sport": {"banned_words": ["foul"], "max_links": 0}}})
    assert kiesel.post("a foul", article="match")["status"] == "waiting"
    assert kiesel.post("a weasel", article="match")["status"] == "waiting"
    assert kiesel.post("a foul", article="town")["status"] == "published"
    assert chief.get(f"{GAZETTE}/articles/match/rules")["inherited"]["max_links"] == 0


def test_another_process_goes_by_the_new_rules_at_once(app: Flask, paper: Gazette, chief: Desk) -> None:
    """Every write reads which rules count, so that nobody has to be told."""
    from comments.app import create_app
    from tests.gazette import parts_of

    other = create_app(parts_of(app).settings, clock=paper.clock)
    try:
        elsewhere = Gazette(other, paper.clock, id=paper.id)
        reader = elsewhere.reader("bach")
        assert reader.post("a weasel")["status"] == "published"
        change(chief, {"banned_words": ["weasel"]})
        assert reader.post("a weasel again")["status"] == "waiting"
        good(chief.call("POST", f"{RULES}/versions/1/restore", {"based_on": 2}))
        assert reader.post("a weasel, free")["status"] == "published"
        with elsewhere.read() as conn:
            site = find_site(conn, "gazette")
            assert site is not None and rules_of(conn, site).banned_words == ()
    finally:
        parts_of(other).database.engine.dispose()


def test_a_trial(paper: Gazette, chief: Desk, kiesel: Reader, clock: FakeClock) -> None:
    change(chief, {"banned_words": ["stoat"]})
    bach = paper.reader("bach")
    texts = ("a weasel", "a stoat", "a weasel and a stoat", "peace", "see https://a.example and https://b.example")
    sent = {}
    for text in texts:
        clock.forward(60)
        sent[text] = kiesel.post(text)["id"]
    clock.forward(60)
    sent["bach"] = bach.post("a Weásel\n\ntoo")["id"]
    found = tried(paper, chief, {"banned_words": ["weasel"], "max_links": 1})
    assert (found["looked_at"], found["since"]) == (6, "2026-03-02T09:01:00Z")
    assert found["today"] == {"published": 4, "held": 2, "refused": 0}
    assert found["changed"] == {"published": 2, "held": 4, "refused": 0}
    held, free = found["differences"]["held"], found["differences"]["let_through"]
    assert (held["count"], free["count"], found["differences"]["refused"]["count"]) == (3, 1, 0)
    assert held["rules"] == [{"rule": "banned_words", "count": 2}, {"rule": "links", "count": 1}]
    assert held["words"] == [{"word": "weasel", "count": 2}]
    assert [one["comment_id"] for one in held["examples"]] == [sent["bach"], sent[texts[4]], sent["a weasel"]]
    first = held["examples"][0]
    assert (first["author"], first["before"], first["status"]) == ("bach", "published", "published")
    assert first["excerpt"] == [
        {"text": "a ", "marked": False}, {"text": "Weásel", "marked": True}, {"text": "\ntoo", "marked": False}
    ]  # fmt: skip
    assert [one["comment_id"] for one in free["examples"]] == [sent["a stoat"]]
    (rule, links) = found["rules"][:2]
    assert (rule["rule"], rule["today"]["hold"], rule["changed"]["hold"]) == ("banned_words", 2, 3)
    assert (links["rule"], links["changed"]["hold"]) == ("links", 1)
    assert {"rule": "pace", "how": "window"} in found["reckoned"]
    assert kiesel.post("a weasel still")["status"] == "published", "nothing was switched on"
    assert tried(paper, chief, {}, most=2)["looked_at"] == 2
    assert tried(paper, paper.desk(), {})["differences"]["held"]["count"] == 0


def test_a_trial_of_an_article_and_of_a_section(paper: Gazette, chief: Desk, kiesel: Reader) -> None:
    for article in ("match", "town"):
        kiesel.post("a weasel", article=article)
        kiesel.post("peace", article=article)
    paper.change(
        lambda conn: conn.execute(sa.update(articles).where(articles.c.key == "match").values(section="sport"))
    )
    found = tried(paper, chief, {"sections": {"sport": {"banned_words": ["weasel"]}}})
    assert (found["looked_at"], found["changed"]["held"]) == (4, 1)
    assert found["differences"]["held"]["examples"][0]["article"] == {"id": "match", "title": None}
    found = tried(paper, chief, {"premoderate": True}, article="town")
    assert (found["looked_at"], found["today"]["held"], found["changed"]["held"]) == (2, 0, 2)
    refused(chief.call("POST", f"{GAZETTE}/trials", {"rules": {}, "article": "none"}), 404, "not_found")
    for wrong, field in (({"time_zone": "UTC"}, "time_zone"), ({"max_links": "x"}, "max_links")):
        answer = chief.call("POST", f"{GAZETTE}/trials", {"rules": wrong, "article": "town"})
        assert refused(answer, 400)["field"] == field


def test_a_trial_of_an_article_looks_at_what_moved_in(paper: Gazette, chief: Desk, kiesel: Reader) -> None:
    """Also where the article was there before, and is younger than that."""
    kiesel.post("of today", article="1")
    move_in(paper, record(1, "old"), record(2, "answer", "old"))
    found = tried(paper, chief, {"premoderate": True}, article="1")
    assert (found["looked_at"], found["changed"]["held"]) == (3, 3)


def test_a_trial_of_thresholds(paper: Gazette, chief: Desk, kiesel: Reader) -> None:
    ids = [int(kiesel.post(f"number {number}")["id"]) for number in range(3)]

    def opine(conn: sa.Connection) -> None:
        for comment_id, score in zip(ids, (0.2, 0.6, 0.9), strict=True):
            row = {"site_id": paper.id, "comment_id": comment_id, "comment_version": 1, "classifier": "local"}
            row |= {"kind": "local", "scores": json.dumps({"toxic": score}), "outcome": "none", "created_at": 1}
            conn.execute(sa.insert(opinions).values(row))

    paper.change(opine)
    for threshold, held in ((0.95, 0), (0.9, 1), (0.5, 2)):
        found = tried(paper, chief, {"opinions": {"local": {"thresholds": {"toxic": threshold}}}})
        assert found["changed"]["held"] == held
    example = found["differences"]["held"]["examples"][0]
    assert example["findings"][0]["params"]["score"] == 0.9
    assert tried(paper, chief, {"opinions": {"local": {"thresholds": {"toxic": 0.5}, "action": "note"}}})["rules"] == [
        {"rule": "opinion", "today": {"hold": 0, "refuse": 0, "note": 0, "approve": 0},
         "changed": {"hold": 0, "refuse": 0, "note": 2, "approve": 0}}
    ]  # fmt: skip


def test_trials_are_forgotten(paper: Gazette, chief: Desk, clock: FakeClock) -> None:
    tried(paper, chief, {})
    clock.now += KEPT
    sweep(paper.database)
    tried(paper, paper.desk("administrator"), {})  # the session of before is long over
    clock.now += 1
    sweep(paper.database)
    with paper.read() as conn:
        assert conn.execute(sa.select(trials.c.id)).scalars().all() == [2]


def test_a_trial_that_fails_says_so(paper: Gazette, chief: Desk, kiesel: Reader) -> None:
    kiesel.post("hello")
    asked = good(chief.call("POST", f"{GAZETTE}/trials", {"rules": {}}), 202)
    paper.change(lambda conn: conn.execute(sa.update(trials).values(rules='{"max_links": -1}')))
    paper.work()
    done = chief.get(f"{GAZETTE}/trials/{asked['id']}")
    assert (done["result"], "max_links" in done["error"]) == (None, True)


def test_trials_are_limited(paper: Gazette, chief: Desk) -> None:
    answers = [chief.call("POST", f"{GAZETTE}/trials", {"rules": {}}) for _ in range(25)]
    assert {answer.status_code for answer in answers} == {202, 429}
