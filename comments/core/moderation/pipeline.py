"""Judges a draft by the rules, in their order. Pure: actions call `judge` and act on the verdict."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from comments.core.errors import Refused
from comments.core.moderation.findings import Approve, Draft, Facts, Finding, Hold, Refuse, Rule
from comments.core.moderation.risk import risk_of
from comments.core.moderation.rules import RULES
from comments.core.status import Status

log = logging.getLogger(__name__)

Record = dict[str, Any]  # {rule, kind: hold|note|approve|refuse, reason, spans: [[start, end]…], params}: stored, JSON


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of the comment, and everything that the rules found, in their order."""

    status: Status
    findings: tuple[Record, ...]
    risk: int  # 0–100: what they say against it


def judge(draft: Draft, facts: Facts, rules: Sequence[Rule] = RULES) -> Verdict:
    """WAITING if a rule holds it, else PUBLISHED; raises Refused with the finding of the first rule that refuses.

    Approve ends the run and lifts nothing: what was held before it stays held; its place in RULES says what it
    overrules.
    """
    findings: list[Record] = []
    status = Status.PUBLISHED
    for rule in rules:
        finding = _ask(rule, draft, facts)
        if finding is None:
            continue
        record = _record(rule, finding)
        if isinstance(finding, Refuse):
            raise Refused(finding.code, record)
        findings.append(record)
        if isinstance(finding, Hold):
            status = Status.WAITING
        if isinstance(finding, Approve):
            break
    return Verdict(status, tuple(findings), risk_of(findings))


def _ask(rule: Rule, draft: Draft, facts: Facts) -> Finding | None:
    """A rule that fails loses no comment: a person looks at it. The log gets its name and no text."""
    try:
        return rule(draft, facts)
    except Exception as error:
        log.error("rule %s failed: %s", rule.__name__, type(error).__name__)
        return Hold("rule_failed", params={"rule": rule.__name__})


def _record(rule: Rule, finding: Finding) -> Record:
    return {
        "rule": rule.__name__,
        "kind": type(finding).__name__.lower(),
        "reason": finding.code if isinstance(finding, Refuse) else finding.reason,
        "spans": [list(span) for span in finding.spans],
        "params": dict(finding.params),
    }
