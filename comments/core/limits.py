"""What limits a member here, told to the member: nothing of it is secret. Pure."""

from typing import Any

from comments.core.entitlement import SECOND
from comments.core.moderation.ruleset import RuleSet
from comments.core.reports import weight_of
from comments.core.times import time_text

HOUR = 3600 * SECOND


def limits_of(member: Any, rules: RuleSet, now: int) -> dict[str, Any]:
    """For a member's row under these rules: whether their comments wait and why, and how fast they may write."""
    young_until = member.created_at + rules.newcomer_hours * HOUR
    return {
        "premoderated": {"reason": member.premoderated_reason} if member.premoderated else None,
        "site_premoderated": rules.premoderate,
        "newcomer_left": max(0, rules.newcomer_comments - member.published),
        "newcomer_until": time_text(young_until) if young_until > now else None,
        "pace_seconds": rules.pace_seconds,
        "report_percent": weight_of(member.reports_upheld, member.reports_rejected),
    }
