"""How much speaks against a comment: 0–100, what queues are ordered by. Pure; judge, reports and opinions ask it.

Every reason is a doubt of so many percent, and doubts add up as chances do: two of 50 come to 75, and none reaches 100
by itself. The figure orders a queue; it decides nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Any

# How many of a hundred comments with this reason a moderator may be expected to reject. They are a start, made before
# there were figures: what matters is their order.
WEIGHTS: Mapping[str, int] = {
    "banned_word": 60,
    "blocked_domain": 60,
    "near_repeat": 45,
    "suspect_word": 35,
    "too_many_links": 35,
    "newcomer_link": 30,
    "capitals": 15,
    "premoderated_member": 25,
    "newcomer": 10,
    "rule_failed": 10,
    "quiet_hours": 5,
    "premoderated_article": 5,
    "premoderated_section": 5,
    "premoderated_site": 5,
}
OTHER_HOLD = 20  # a rule that is not in the table
EACH_MORE = 15  # for each further place that a finding marks …
MOST_MORE = 3  # … up to so many
TRUST = 0.5  # what is left of the doubts where an author is trusted
APART = frozenset({"decision", "reports", "opinion"})  # told by the other parameters, or settled
REPORT = 40  # one report of ordinary weight (100 hundredths)
OPINION = 80  # a classifier that is certain


def risk_of(findings: Iterable[Mapping[str, Any]], *, report_weight: int = 0, opinions: Iterable[float] = ()) -> int:
    """0–100. `findings`: the records that stand on the comment; `report_weight`: of the open reports, in hundredths
    (comments.report_weight); `opinions`: the highest score (0–1) of each classifier.
    """
    fine = 1.0  # the chance that nothing is wrong with it
    trusted = False
    for finding in findings:
        trusted = trusted or finding["kind"] == "approve"
        fine *= 1 - _doubt(finding)
    if trusted:
        fine = 1 - (1 - fine) * TRUST
    fine *= float((1 - REPORT / 100) ** (max(report_weight, 0) / 100))
    for score in opinions:
        fine *= 1 - OPINION / 100 * min(max(score, 0.0), 1.0)
    return round(100 * (1 - fine))


def _doubt(finding: Mapping[str, Any]) -> float:
    if finding["kind"] == "approve" or finding["rule"] in APART:
        return 0.0
    weight = WEIGHTS.get(finding["reason"], OTHER_HOLD if finding["kind"] == "hold" else 0)
    more = min(max(len(finding["spans"]) - 1, 0), MOST_MORE)
    return 1 - (1 - weight / 100) * (1 - EACH_MORE / 100) ** more if weight else 0.0
