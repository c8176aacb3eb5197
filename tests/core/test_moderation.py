"""Judging: what findings of several rules come to; hashes of texts; the words for every finding."""

import json
import logging
import re
from importlib import resources
from typing import Any

import msgspec
import pytest

from comments.core.errors import Refused
from comments.core.markup import render
from comments.core.moderation.findings import Approve, Draft, Facts, Finding, Hold, Note, Refuse, text_hash
from comments.core.moderation.pipeline import judge
from comments.core.moderation.ruleset import RuleSet
from comments.core.site import SiteSettings
from comments.core.status import Status
from tests.core.test_rules import CASES

FACTS = Facts(settings=SiteSettings(), now=0)
DRAFT = render("some words")


def first(draft: Draft, facts: Facts) -> Finding | None:
    return Hold("one", ((0, 4),), {"words": ["some"]})


def second(draft: Draft, facts: Facts) -> Finding | None:
    return Hold("two")


def notes(draft: Draft, facts: Facts) -> Finding | None:
    return Note("three", params={"n": 3})


def approves(draft: Draft, facts: Facts) -> Finding | None:
    return Approve("four")


def refuses(draft: Draft, facts: Facts) -> Finding | None:
    return Refuse("refuses", params={"why": "so"})


def nothing(draft: Draft, facts: Facts) -> Finding | None:
    return None


def fails(draft: Draft, facts: Facts) -> Finding | None:
    raise ValueError(draft.text)


def reasons(*rules: Any) -> tuple[Status, list[str]]:
    verdict = judge(DRAFT, FACTS, rules)
    return verdict.status, [found["reason"] for found in verdict.findings]


def test_nothing_found_is_published() -> None:
    assert reasons() == (Status.PUBLISHED, [])
    assert reasons(nothing, nothing) == (Status.PUBLISHED, [])
    assert judge(render("An ordinary comment."), FACTS).status is Status.PUBLISHED


def test_a_hold_is_kept_and_the_run_goes_on() -> None:
    assert reasons(first, notes, second) == (Status.WAITING, ["one", "three", "two"])


def test_a_note_has_no_consequence() -> None:
    assert reasons(notes, nothing) == (Status.PUBLISHED, ["three"])


def test_approve_ends_the_run_and_lifts_nothing() -> None:
    assert reasons(approves, first, refuses) == (Status.PUBLISHED, ["four"])
    assert reasons(first, approves, second) == (Status.WAITING, ["one", "four"])


def test_the_first_refusal_is_raised() -> None:
    with pytest.raises(Refused) as caught:
        reasons(first, refuses, fails)
    assert caught.value.code == "refuses"
    assert caught.value.extras["finding"] == {
        "rule": "refuses",
        "kind": "refuse",
        "reason": "refuses",
        "spans": [],
        "params": {"why": "so"},
    }


def test_findings_are_stored_as_json() -> None:
    findings = judge(DRAFT, FACTS, (first, notes)).findings
    assert findings[0] == {
        "rule": "first",
        "kind": "hold",
        "reason": "one",
        "spans": [[0, 4]],
        "params": {"words": ["some"]},
    }
    assert tuple(json.loads(json.dumps(findings))) == findings


def test_a_failing_rule_holds_and_tells_no_text(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        verdict = judge(DRAFT, FACTS, (fails, notes))
    assert verdict.status is Status.WAITING
    assert [(found["rule"], found["kind"], found["reason"]) for found in verdict.findings] == [
        ("fails", "hold", "rule_failed"),
        ("notes", "note", "three"),
    ]
    assert "fails" in caplog.text
    assert DRAFT.text not in caplog.text


def test_every_reason_of_a_bad_comment_is_seen() -> None:
    rules = RuleSet(banned_words=("fool",), max_links=0, newcomer_comments=1, premoderate=True)
    verdict = judge(render("http://x.example you fool"), Facts(settings=SiteSettings(), rules=rules, now=0))
    assert verdict.status is Status.WAITING
    assert [found["rule"] for found in verdict.findings] == ["banned_words", "links", "newcomer", "premoderated"]


def test_trust_overrules_what_holds_but_neither_refusals_nor_the_lists() -> None:
    rules = RuleSet(banned_words=("fool",), trusted_comments=5, max_links=0)
    trusted = Facts(settings=SiteSettings(), rules=rules, now=0, author_published=5)
    assert judge(render("http://x.example"), trusted).status is Status.PUBLISHED
    assert judge(render("you fool"), trusted).status is Status.WAITING
    with pytest.raises(Refused):
        judge(render("x"), trusted)


def test_hashes() -> None:
    assert re.fullmatch("[0-9a-f]{32}", text_hash("Hello"))
    assert len({text_hash(text) for text in ("Große  Worte", "GROSSE\nWORTE ", "ｇroße worte", " große worte")}) == 1
    assert len({text_hash(text) for text in ("a b", "ab", "a b.", "", "ä b")}) == 5


def test_every_finding_has_its_words() -> None:
    """Each reason has a text in both languages, with no placeholder that the finding's params lack."""
    findings = [rule(render(source), facts) for rule, source, facts, _ in CASES]
    known = {(found.code if isinstance(found, Refuse) else found.reason): found.params for found in findings if found}
    known["rule_failed"] = {"rule": "x"}
    for language in ("en", "de"):
        texts = json.loads(resources.files("comments").joinpath(f"locales/{language}.json").read_text(encoding="utf-8"))
        for reason, params in known.items():
            placeholders = set(re.findall(r"\{(\w+)\}", texts[f"finding.{reason}"]))
            assert placeholders <= set(params), (language, reason)


def test_findings_survive_msgspec() -> None:
    findings = judge(DRAFT, FACTS, (first, notes)).findings
    assert tuple(msgspec.json.decode(msgspec.json.encode(findings))) == findings
