"""What happens when a classifier's opinion arrives, or does not: kept with the comment, it may hold the comment, mark
it, or end its waiting. It never overrules a moderator, and says nothing about a text that is another by now.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from comments.actions.notifications import tell_appeared
from comments.actions.statements import state_hidden, state_shown
from comments.actions.threads import change_of
from comments.core.events import StatusChanged
from comments.core.moderation.opinions import Reached, params_of, reached, risk_with
from comments.core.moderation.ruleset import OpinionRule
from comments.core.status import Status
from comments.storage import comments as rows
from comments.storage.members import member_by_id
from comments.storage.opinions import insert_opinion, open_findings, put_aside, risk_of_comment, set_risk
from comments.storage.rules import rules_of
from comments.storage.sites import site_by_id
from comments.storage.threads import find_comment
from comments.storage.transaction import Transaction

OPEN = (Status.PUBLISHED, Status.WAITING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a classifier was asked about and what came of it: scores, or an `error`."""

    comment_id: int
    version: int
    edited_at: int | None  # which text: that of this edit, None for the first
    classifier: str
    kind: str
    scores: Mapping[str, float] = field(default_factory=dict)
    model: str | None = None
    model_version: str | None = None
    error: str | None = None
    took: int | None = None  # µs


def apply_opinion(tx: Transaction, asked: Asked) -> None:
    """Keep an opinion with its comment and let it have its effect."""
    seen = find_comment(tx.conn, asked.comment_id)
    if seen is None:
        return
    tx.lock(member_id=seen.member_id, article_id=seen.article_id)
    comment = find_comment(tx.conn, asked.comment_id, lock=True)
    rule = rules_of(tx.conn, site_by_id(tx.conn, comment.site_id)).opinions.get(asked.classifier)
    same_text = comment.edited_at == asked.edited_at and comment.status != Status.ERASED
    undecided = same_text and comment.looked_at is None and comment.status in OPEN
    one = None if rule is None or asked.error is not None else reached(rule, asked.scores)
    finding = _finding(asked, rule, one, undecided) if same_text else None
    if rule is not None and comment.status != Status.ERASED:
        _keep(tx, comment, asked, rule, _outcome(asked, finding))
    if not same_text:
        return
    awaited = _end_waiting(tx, comment, asked.classifier)
    if finding is not None:
        rows.insert_findings(tx.conn, comment.id, [finding], tx.now)
    if rule is not None and asked.scores:
        set_risk(tx.conn, comment.id, risk_with(risk_of_comment(tx.conn, comment.id), rule, asked.scores))
    if undecided:
        _settle(tx, comment, finding, awaited)


def _finding(asked: Asked, rule: OpinionRule | None, one: Reached | None, undecided: bool) -> dict[str, Any] | None:
    """What stands on the comment from now on; about a comment that somebody decided on it is no more than a note."""
    if rule is None:
        return None
    if one is not None:
        kind = "hold" if rule.action == "hold" and undecided else "note"
        return _record(kind, "opinion", params_of(asked.classifier, asked.model, one))
    if asked.error is not None and rule.without == "wait" and undecided:
        return _record("hold", "opinion_missing", {"classifier": asked.classifier})
    return None


def _record(kind: str, reason: str, params: dict[str, Any], rule: str = "opinion") -> dict[str, Any]:
    return {"rule": rule, "kind": kind, "reason": reason, "spans": [], "params": params}


def _outcome(asked: Asked, finding: dict[str, Any] | None) -> str:
    if asked.error is not None:
        return "failed"
    return "none" if finding is None else str(finding["kind"])


def _keep(tx: Transaction, comment: Any, asked: Asked, rule: OpinionRule, outcome: str) -> None:
    insert_opinion(
        tx.conn,
        site_id=comment.site_id,
        comment_id=comment.id,
        comment_version=asked.version,
        classifier=asked.classifier,
        kind=asked.kind,
        model=asked.model,
        model_version=asked.model_version,
        scores=msgspec.json.encode(dict(asked.scores)).decode(),
        thresholds=msgspec.json.encode(rule.thresholds).decode(),
        outcome=outcome,
        error=None if asked.error is None else asked.error[:500],
        took=asked.took,
        created_at=tx.now,
    )


def _end_waiting(tx: Transaction, comment: Any, classifier: str) -> bool:
    """The comment does not wait for this classifier any more; whether it did. It may still wait for others."""
    for finding_id, finding in open_findings(tx.conn, comment.id):
        names = finding["params"].get("classifiers", []) if finding["reason"] == "awaiting_opinion" else []
        if classifier in names:
            put_aside(tx.conn, [finding_id], tx.now)
            others = [name for name in names if name != classifier]
            if others:
                again = _record("hold", "awaiting_opinion", {"classifiers": others})
                rows.insert_findings(tx.conn, comment.id, [again], tx.now)
            return True
    return False


def _settle(tx: Transaction, comment: Any, finding: dict[str, Any] | None, awaited: bool) -> None:
    """A published comment that is held waits from now on; one that waited for this alone appears."""
    if comment.status == Status.PUBLISHED:
        after = Status.WAITING if finding is not None and finding["kind"] == "hold" else Status.PUBLISHED
    else:
        held = any(one["kind"] == "hold" for _, one in open_findings(tx.conn, comment.id))
        after = Status.PUBLISHED if awaited and not held and _may_appear(tx, comment) else Status.WAITING
    if after == comment.status:
        return
    rows.update_comment(tx.conn, comment.id, status=str(after))
    tx.record(StatusChanged(**change_of(comment, after)))
    if after is Status.PUBLISHED:
        state_shown(tx, [comment.id])
        tell_appeared(tx, comment)
    else:
        state_hidden(tx, comment, "opinion", by_readers=False)


def _may_appear(tx: Transaction, comment: Any) -> bool:
    """Unless its author was restricted while it waited: then a moderator looks at it."""
    member = None if comment.member_id is None else member_by_id(tx.conn, comment.member_id)
    if member is None:
        return True
    suspended = (member.suspended_until or 0) > tx.now
    if member.banned_at is None and not suspended and not member.premoderated:
        return True
    finding = _record("hold", "premoderated_member", {"what": "member"}, rule="premoderated")
    rows.insert_findings(tx.conn, comment.id, [finding], tx.now)
    return False
