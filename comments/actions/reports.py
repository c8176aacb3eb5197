"""Readers report comments; reports that weigh enough hide one until a moderator has looked. What a report weighs and
how many it takes: core/reports.py and docs/moderating.md.
"""

from typing import Any

from comments.actions.members import Access
from comments.actions.statements import state_hidden
from comments.actions.threads import change_of, own_comment
from comments.core.errors import Malformed
from comments.core.events import CommentReported, StatusChanged
from comments.core.moderation.ruleset import RuleSet
from comments.core.policy import Action
from comments.core.reports import hides, weight_of
from comments.core.status import Status
from comments.storage import comments as rows
from comments.storage import reports
from comments.storage.audit import write_audit
from comments.storage.members import member_by_id
from comments.storage.rules import rules_for
from comments.storage.sites import site_by_id
from comments.storage.threads import article_of, find_comment
from comments.storage.transaction import Transaction

MINUTE = 60_000_000  # µs


def report_comment(
    tx: Transaction, access: Access, comment_id: int, reason: str, detail: str | None, address: str | None = None
) -> tuple[int, bool]:
    """Report a comment to the moderators: (report's id, whether it is new). `address`: of the client; what is kept of
    it names nobody.
    """
    site, member, comment = own_comment(tx, access, comment_id, Action.REPORT)
    if reason not in site.settings.report_reasons:
        raise Malformed(f"Reasons here are {', '.join(site.settings.report_reasons)}.", field="reason")
    source = None if address is None else reports.source_today(tx.conn, address, tx.now)
    weight = weight_of(member.reports_upheld, member.reports_rejected)
    report_id, new = reports.insert_report(
        tx.conn, comment, member, reason, detail, tx.now, weight=weight, source=source
    )  # fmt: skip
    if new:
        rules = rules_for(tx.conn, site, article_of(tx.conn, comment.article_id))
        is_enough = _enough(tx, comment, rules) is not None
        tx.record(CommentReported(site.id, comment.article_id, comment.id, is_enough))
    return report_id, new


def _enough(tx: Transaction, comment: Any, rules: RuleSet) -> dict[str, int] | None:
    """What reports on a (locked) comment come to, as the finding tells it, if they are enough to hide it."""
    if not rules.hide_reports or comment.status != Status.PUBLISHED:
        return None
    number, weight = reports.fresh_reports(tx.conn, comment, tx.now - rules.hide_minutes * MINUTE)
    if not hides(weight, rules.hide_reports):
        return None
    return {"weight": weight, "reports": number, "minutes": rules.hide_minutes}


def hide_reported(tx: Transaction, comment_id: int) -> bool:
    """Hide a comment whose fresh reports still weigh enough; whether it did. A job of its own: it counts on the
    author's row, which comes before the article in the order of locks.
    """
    seen = find_comment(tx.conn, comment_id)
    if seen is None:
        return False
    tx.lock(member_id=seen.member_id, article_id=seen.article_id)
    comment = find_comment(tx.conn, comment_id, lock=True)
    rules = rules_for(tx.conn, site_by_id(tx.conn, comment.site_id), article_of(tx.conn, comment.article_id))
    found = _enough(tx, comment, rules)
    if found is None:
        return False
    finding = {"rule": "reports", "kind": "hold", "reason": "reports", "spans": [], "params": found}
    rows.supersede_findings(tx.conn, comment.id, tx.now, rule="reports")
    rows.insert_findings(tx.conn, comment.id, [finding], tx.now)
    rows.update_comment(tx.conn, comment.id, status=str(Status.WAITING))
    write_audit(
        tx.conn, "hide", ("comment", comment.id), tx.now, site_id=comment.site_id,
        before={"status": comment.status}, after={"status": str(Status.WAITING)}, reason="reports",
    )  # fmt: skip
    state_hidden(tx, comment, "reports", by_readers=True)
    tx.record(StatusChanged(**change_of(comment, Status.WAITING)))
    return True


def recount_reporter(tx: Transaction, member_id: int) -> None:
    """How often a member's reports were right, after a decision or its undoing."""
    if member_by_id(tx.conn, member_id, lock=True) is not None:
        reports.recount_outcomes(tx.conn, member_id)
