"""Statements of reasons (DSA, Article 17): what a restriction is, on what it rests, who or what made it, until when its
receiver may complain; as its receiver reads it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from comments.core.receipt import APPEALS_FOR
from comments.core.times import time_text

Measure = Literal["remove", "hide", "suspend", "ban", "premoderate", "warn"]
Source = Literal["own", "reports", "notice", "flagger"]
Automated = Literal["no", "partly", "fully"]
Json = dict[str, Any]

OF_COMMENTS: frozenset[str] = frozenset({"remove", "hide"})
PUBLIC: frozenset[str] = frozenset({"remove", "hide", "suspend", "ban", "premoderate"})  # a warning restricts nothing
LAWFUL = 500  # characters of a legal ground, as the Transparency Database takes them
EXPLAINED = 2000  # … of why


@dataclass(frozen=True, slots=True)
class Grounds:
    """Why, if not by the site's own terms alone. `law`: the provision; `why`: how the content breaks it; `notice_id`,
    `about` and `flagged`: the notice that led to it, its category, and whether a trusted flagger made it.
    """

    law: str | None = None
    why: str | None = None
    notice_id: int | None = None
    about: str | None = None
    flagged: bool = False

    @property
    def source(self) -> Source:
        if self.notice_id is None:
            return "own"
        return "flagger" if self.flagged else "notice"


OWN = Grounds()


def automation(found: bool, decided_by: int | None) -> tuple[bool, Automated]:
    """Whether a machine found it, and how far it decided: a person who agreed with a machine decided with its help."""
    if decided_by is None:
        return found, "fully"
    return found, "partly" if found else "no"


def complain_until(row: Any) -> int:
    """µs UTC: six months after the restriction (Article 20(1))."""
    return int(row.created_at) + APPEALS_FOR


def may_complain(row: Any, complaint: Any, now: int) -> bool:
    """Once, in time, against what still holds. Comments have their appeals."""
    return (
        row.measure not in OF_COMMENTS
        and complaint is None
        and row.ended_at is None
        and now <= complain_until(row)
    )  # fmt: skip


def present(row: Any, complaint: Any, words: Any, now: int, *, redress: bool) -> Json:
    """A statement for whom it is about. `words`: core.words.Words in their language; `redress`: whether the site takes
    complaints.
    """
    possible = redress and may_complain(row, complaint, now)
    return {
        "id": str(row.id),
        "reference": row.puid,
        "measure": row.measure,
        "comment_id": None if row.comment_id is None else str(row.comment_id),
        "reason": row.reason,
        "ground": row.ground,
        "legal_ground": row.law,
        "explanation": row.why,
        "source": row.source,
        "automated_detection": row.automated_detection,
        "automated_decision": row.automated_decision,
        "created_at": time_text(row.created_at),
        "until": time_text(row.until),
        "ended_at": time_text(row.ended_at),
        "text": sentences(row, words, redress=redress),
        "complaint": {
            "possible": possible,
            "until": time_text(complain_until(row)) if possible else None,
            "state": None if complaint is None else complaint.outcome or "open",
            "text": None if complaint is None else complaint.text,
            "note": None if complaint is None else complaint.note,
            "decided_at": None if complaint is None else time_text(complaint.decided_at),
        },
    }


def sentences(row: Any, words: Any, *, redress: bool) -> list[str]:
    """What Article 17(3) asks for, (a) to (f), a sentence each."""
    reason = words.find(f"reject_reason.{row.reason}") or row.reason or ""
    said = [words.t(f"statement.measure.{row.measure}")]
    if row.measure not in ("warn", "hide"):  # the one restricts nothing, the other says how long it holds
        said.append(
            words.t("statement.until", until=words.time(row.until)) if row.until else words.t("statement.open_ended")
        )
    said.append(words.t(f"statement.source.{row.source}"))
    if row.ground == "law":
        said.append(words.t("statement.ground.law", law=row.law or "", why=row.why or "").strip())
    elif row.measure == "hide":  # nobody has said yet that it breaks anything
        said.append(words.t("statement.ground.doubt"))
    else:
        said.append(words.t("statement.ground.terms", reason=reason) if reason else words.t("statement.ground.rules"))
        if row.why:
            said.append(words.t("appeal.note", note=row.why))
    said.append(words.t(f"statement.automated.{_automated(row)}"))
    if redress and row.measure in OF_COMMENTS:
        said.append(words.t("statement.redress.comment"))
    elif redress:
        said.append(words.t("statement.redress.member", until=words.time(complain_until(row))))
    return said


def _automated(row: Any) -> str:
    if row.automated_decision != "no":
        return str(row.automated_decision)
    return "found" if row.automated_detection else "no"


def found_by_machine(findings: Mapping[int, list[Any]], comment_id: int) -> bool:
    """Whether a rule or classifier had pointed at this comment before a person decided about it."""
    return any(
        one["kind"] in ("hold", "note") and one["rule"] not in ("reports", "decision", "premoderated", "newcomer")
        for one in findings.get(comment_id, ())
    )
