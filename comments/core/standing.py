"""A member's standing at a site, from what became of their comments and reports. Pure, no secret: docs/moderating.md
says the same formula, and every part is shown with the points it makes.
"""

from dataclasses import dataclass
from typing import Literal

from comments.core.entitlement import SECOND

Level = Literal["new", "good", "mixed", "poor"]

BEGINNING = 50  # points of somebody who has done nothing yet
FEW = 3  # decided comments below which nobody is called anything but new
GOOD, MIXED = 50, 30  # points from which on
YEAR = 365 * 86_400 * SECOND  # µs: warnings and restrictions count for so long


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What is counted. `complaints`: comments of theirs with reports that a moderator upheld; `reports_…`: reports that
    they made; `warnings`, `restrictions`: of the last year; `overturned`: decisions against them, on appeal.
    """

    published: int = 0
    rejected: int = 0
    complaints: int = 0
    reports_upheld: int = 0
    reports_rejected: int = 0
    warnings: int = 0
    restrictions: int = 0
    overturned: int = 0
    days: int = 0  # since we first saw them


@dataclass(frozen=True, slots=True)
class Part:
    """What one figure adds to the score or takes from it."""

    name: str
    count: int
    points: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Score from 0 to 100 with the parts that make it, and the word for it."""

    level: Level
    score: int
    parts: tuple[Part, ...]


def standing_of(history: History) -> Standing:
    """What speaks against a member never raises the score, what speaks for them never lowers it."""
    parts = _parts(history)
    score = max(0, BEGINNING + sum(part.points for part in parts))
    return Standing(_level(history, score), score, parts)


def _parts(of: History) -> tuple[Part, ...]:
    decided = of.published + of.rejected
    reported = of.reports_upheld + of.reports_rejected
    return (
        Part("published", of.published, _share(30, of.published, of.published + 20)),
        Part("rejected", of.rejected, -_share(80, of.rejected, decided + 5)),
        Part("complaints", of.complaints, -_share(20, of.complaints, of.published + of.complaints + 5)),
        Part("reports", reported, _share(10, of.reports_upheld - of.reports_rejected, reported + 5)),
        Part("warnings", of.warnings, -min(20, 5 * of.warnings)),
        Part("restrictions", of.restrictions, -min(30, 10 * of.restrictions)),
        Part("overturned", of.overturned, 0),  # their comments are published again: that is where they count
        Part("days", of.days, min(10, of.days // 30)),
    )


def _share(most: int, number: int, of: int) -> int:
    """`most` × number / of, towards zero."""
    return most * number // of if number >= 0 else -(most * -number // of)


def _level(history: History, score: int) -> Level:
    blameless = not (history.rejected or history.complaints or history.warnings or history.restrictions)
    if blameless and history.published < FEW:
        return "new"
    return "good" if score >= GOOD else "mixed" if score >= MIXED else "poor"
