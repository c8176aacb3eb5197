"""What classifiers' scores cause: the same when an opinion arrives and when a changed threshold is tried on past
comments. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from comments.core.moderation.risk import risk_of
from comments.core.moderation.ruleset import OpinionRule


@dataclass(frozen=True, slots=True)
class Said:
    """What a classifier said about a text: label → score, 0 to 1."""

    scores: Mapping[str, float]
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """A label that reached its threshold."""

    label: str
    score: float
    threshold: float


def reached(rule: OpinionRule, scores: Mapping[str, float]) -> Reached | None:
    """Of the labels that reached their thresholds the one with the highest score."""
    found = [
        Reached(label, scores[label], threshold)
        for label, threshold in rule.thresholds.items()
        if label in scores and scores[label] >= threshold
    ]
    return max(found, key=lambda one: one.score, default=None)


def risk_with(risk: int, rule: OpinionRule, scores: Mapping[str, float]) -> int:
    """A comment's risk with the doubt of one more classifier: doubts add up as chances do (risk.py)."""
    more = risk_of((), opinions=[max((scores.get(label, 0.0) for label in rule.thresholds), default=0.0)])
    return round(100 - (100 - risk) * (100 - more) / 100)


def params_of(classifier: str, model: str | None, one: Reached) -> dict[str, str | float | None]:
    """What a finding says of it."""
    return {
        "classifier": classifier,
        "model": model,
        "label": one.label,
        "score": round(one.score, 3),
        "threshold": one.threshold,
    }
