"""Risk: what findings, reports and opinions come to."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from comments.core.markup import render
from comments.core.moderation.findings import Facts
from comments.core.moderation.pipeline import judge
from comments.core.moderation.risk import WEIGHTS, risk_of
from comments.core.moderation.ruleset import RuleSet
from comments.core.site import SiteSettings


def record(reason: str, kind: str = "hold", rule: str = "some_rule", spans: int = 1) -> dict[str, Any]:
    return {"rule": rule, "kind": kind, "reason": reason, "spans": [[0, 1]] * spans, "params": {}}


def test_nothing_speaks_against_it() -> None:
    assert risk_of(()) == 0
    assert risk_of([record("trusted_author", "approve")]) == 0


def test_doubts_add_up() -> None:
    word, links = record("banned_word"), record("too_many_links")
    assert risk_of([word]) == WEIGHTS["banned_word"]
    assert WEIGHTS["banned_word"] < risk_of([word, links]) < 100
    assert risk_of([record("banned_word", spans=3)]) > risk_of([word])
    assert risk_of([record("banned_word", spans=4)]) == risk_of([record("banned_word", spans=400)])


def test_what_is_not_in_the_table() -> None:
    assert risk_of([record("of_somebody_elses_rule")]) > 0
    assert risk_of([record("of_somebody_elses_rule", "note")]) == 0


def test_what_other_figures_say_is_not_counted_twice() -> None:
    apart = [record(rule, rule=rule) for rule in ("decision", "reports", "opinion")]
    assert risk_of(apart) == 0


def test_reports_and_opinions_raise_it() -> None:
    assert 0 < risk_of((), report_weight=50) < risk_of((), report_weight=100) < risk_of((), report_weight=300) < 100
    assert 0 < risk_of((), opinions=(0.5,)) < risk_of((), opinions=(1.0,)) < risk_of((), opinions=(1.0, 1.0)) < 100


def test_trust_lowers_what_the_rules_say_only() -> None:
    trust, word = record("trusted_author", "approve"), record("suspect_word", "note")
    assert risk_of([word, trust]) < risk_of([word])
    assert risk_of([trust], report_weight=100) == risk_of((), report_weight=100)


@given(
    st.lists(st.builds(record, st.sampled_from([*WEIGHTS, "other"]), st.sampled_from(["hold", "note", "approve"]))),
    st.integers(-100, 100_000),
    st.lists(st.floats(-1, 2)),
)
def test_it_is_a_percentage(findings: list[dict[str, Any]], weight: int, opinions: list[float]) -> None:
    assert 0 <= risk_of(findings, report_weight=weight, opinions=opinions) <= 100


def test_judging_tells_it() -> None:
    facts = Facts(settings=SiteSettings(), rules=RuleSet(suspect_words=("fool",)), now=0)
    assert judge(render("A calm word"), facts).risk == 0
    assert judge(render("You fool"), facts).risk == WEIGHTS["suspect_word"]
