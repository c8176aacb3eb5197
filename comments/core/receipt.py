"""Receipts: what the author of a held or rejected comment is told. Which rule, which words, a machine or a person, what
it means, and whether they may appeal; nothing of lists, reporters, scores or other people.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from comments.core.errors import Malformed
from comments.core.present import Json
from comments.core.status import Status
from comments.core.times import time_text

APPEALS_FOR = 183 * 86_400 * 1_000_000  # µs: six months after what is appealed against
MAX_APPEAL = 500  # grapheme clusters
MAX_WORDS, MAX_WORD = 20, 100  # of an author's words that a receipt repeats
LOOKED_AT_ANYWAY = frozenset(  # holds that say nothing against a comment: it is in a queue, an appeal would be another
    {"newcomer", "premoderated_member", "premoderated_article", "premoderated_section", "premoderated_site",
     "quiet_hours", "rule_failed", "awaiting_opinion"}
)  # fmt: skip
TOLD = frozenset(  # params of findings that are the author's business; `words` are told as they stand in the text
    {"reason", "by", "count", "limit", "min", "max", "length", "hours", "seconds", "mode", "until", "zone", "published",
     "percent", "what", "label", "model", "classifier"}
)  # fmt: skip
PLACES = frozenset(  # of the texts
    {"reason", "words", "note", "left", "limit", "count", "percent", "hours", "until", "zone", "label"}
)
PLACE = re.compile(r"\{([^{}]*)\}")

Texts = Mapping[str, str]  # a locale file
Templates = Mapping[str, Mapping[str, str]]  # the site's own: reason → language → text


@dataclass(frozen=True, slots=True)
class Wording:
    """Where a receipt's words come from, in the order of `languages`: the site's own before those of the house."""

    languages: Sequence[str]
    own: Templates
    house: Mapping[str, Texts]

    def text(self, reason: str) -> str | None:
        for language in self.languages:
            found = self.own.get(reason, {}).get(language) or self.house.get(language, {}).get(f"receipt.{reason}")
            if found is not None:
                return found
        return None

    def reason_name(self, reason: str) -> str:
        """A reason of the site's list in people's words; a publisher's own is a text already."""
        for language in self.languages:
            found = self.house.get(language, {}).get(f"reject_reason.{reason}")
            if found is not None:
                return found
        return reason


@dataclass(frozen=True, slots=True)
class Ruling:
    """A moderator's decision as far as its author is told of it. Times: µs UTC."""

    at: int
    reason: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Plea:
    """An appeal. `outcome`: upheld, overturned, or closed because there was nothing left to decide."""

    text: str
    created_at: int
    decided_at: int | None = None
    outcome: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a comment when its author is told. `findings`: those that stand, as they are stored, each with
    the time (µs UTC) at which it was found.
    """

    status: str
    text: str
    created_at: int
    findings: Sequence[tuple[Mapping[str, Any], int]] = field(default=())
    ruling: Ruling | None = None
    plea: Plea | None = None

    @property
    def weighty(self) -> list[tuple[Mapping[str, Any], int]]:
        """The findings that are why it is not public."""
        decided = self.status == Status.REJECTED
        return [one for one in self.findings if (one[0]["rule"] == "decision") == decided and _counts(one[0])]

    @property
    def since(self) -> int:
        """When that became so which its author may appeal against."""
        if self.status == Status.REJECTED and self.ruling is not None:
            return self.ruling.at
        return max((at for _, at in self.weighty), default=self.created_at)


def _counts(finding: Mapping[str, Any]) -> bool:
    return finding["kind"] in ("hold", "refuse")


def told(finding: Mapping[str, Any], text: str) -> Json:
    """A finding as its author is told of it: the words as they stand in their text, never an entry of a list."""
    params = {name: value for name, value in finding["params"].items() if name in TOLD}
    if "words" in finding["params"]:
        params["words"] = words_of(finding, text)
    return dict(finding) | {"params": params}


def told_findings(standing: Standing) -> list[Json]:
    """What stands against a comment, for its author."""
    return [told(finding, standing.text) for finding, _ in standing.findings if _counts(finding)]


def words_of(finding: Mapping[str, Any], text: str) -> list[str]:
    """The words of the text that a finding points at, each once."""
    return list(dict.fromkeys(text[start:end][:MAX_WORD] for start, end in finding["spans"][:MAX_WORDS]))


def may_appeal(standing: Standing, now: int) -> bool:
    """Once, within six months, against a rejection or against a hold that says something against the comment."""
    if standing.plea is not None and standing.plea.outcome != "closed":
        return False
    if now > standing.since + APPEALS_FOR:
        return False
    if standing.status == Status.REJECTED:
        return True
    held = {finding["reason"] for finding, _ in standing.weighty}
    return standing.status == Status.WAITING and bool(held - LOOKED_AT_ANYWAY)


def receipt(standing: Standing, wording: Wording, now: int) -> Json | None:
    """What its author is told of a comment that is not public; None of one that is."""
    if standing.status not in (Status.WAITING, Status.REJECTED):
        return None
    reasons = standing.weighty
    first = reasons[0][0] if reasons else None
    is_decided = standing.status == Status.REJECTED
    words = dict.fromkeys(word for finding, _ in reasons for word in words_of(finding, standing.text))
    return {
        "by": "moderator" if is_decided else "machine",
        "rule": "decision" if is_decided else first and first["rule"],
        "reason": _ruled(standing) if is_decided else first and first["reason"],
        "words": list(words)[:MAX_WORDS],
        "text": _rejected(standing, wording) if is_decided else _held(standing, wording),
        "at": time_text(standing.since),
        "appeal": _appeal(standing, now),
    }


def _ruled(standing: Standing) -> str | None:
    """The reason of a rejection; comments that were imported as rejected have none."""
    if standing.ruling is not None:
        return standing.ruling.reason
    reasons = [finding["params"].get("reason") for finding, _ in standing.weighty]
    return reasons[-1] if reasons else None


def _rejected(standing: Standing, wording: Wording) -> str:
    reason, note = _ruled(standing), standing.ruling and standing.ruling.note
    template = reason and wording.text(f"decision.{reason}")
    template = template or wording.text("decision" if reason else "decision_without_reason") or "{reason}"
    name = wording.reason_name(reason) if reason else ""
    said = filled(template, {"reason": name, "note": note or "", "words": ""})
    if note and "{note}" not in template:
        said = f"{said} {filled(wording.text('note') or '{note}', {'note': note})}"
    return said.strip()


def _held(standing: Standing, wording: Wording) -> str:
    """A sentence for each reason, and what happens next."""
    said = []
    for finding, _ in standing.weighty:
        params = told(finding, standing.text)["params"] | {"note": "", "reason": finding["reason"]}
        params["words"] = ", ".join(words_of(finding, standing.text))
        left = _left(params)
        is_by_time = finding["reason"] == "newcomer" and left <= 0  # enough comments, and still new here
        template = wording.text("newcomer_hours" if is_by_time else finding["reason"]) or wording.text("held") or ""
        said.append(filled(template, params | {"left": left}).strip())
    return " ".join([*dict.fromkeys(said), wording.text("waiting") or ""]).strip()


def _left(params: Mapping[str, Any]) -> int:
    """How many more comments of a newcomer are looked at first, with this one."""
    return int(params.get("limit") or 0) - int(params.get("published") or 0)


def filled(template: str, params: Mapping[str, Any]) -> str:
    """The text with its places filled; what nobody knows stays as it is."""
    return PLACE.sub(lambda place: str(params.get(place[1], place[0])), template)


def _appeal(standing: Standing, now: int) -> Json:
    plea, possible = standing.plea, may_appeal(standing, now)
    if plea is None or plea.outcome == "closed":
        nothing = {"state": None, "text": None, "note": None, "decided_at": None}
        return {"possible": possible, "until": time_text(standing.since + APPEALS_FOR) if possible else None} | nothing
    return {"possible": False, "until": None} | present_plea(plea)


def present_plea(plea: Plea) -> Json:
    """An appeal as its author sees it."""
    return {
        "state": plea.outcome or "open",
        "text": plea.text,
        "note": plea.note,
        "decided_at": time_text(plea.decided_at),
    }


def check_templates(templates: Templates) -> None:
    """Raise Malformed naming the reason if a text has a place that nothing fills."""
    for reason, by_language in templates.items():
        for language, text in by_language.items():
            unknown = sorted({name for name in PLACE.findall(text) if name not in PLACES})
            if unknown:
                known = ", ".join(f"{{{name}}}" for name in sorted(PLACES))
                detail = f"The text of {reason!r} in {language!r} has {{{unknown[0]}}}; there are {known}."
                raise Malformed(detail, field="receipts")
