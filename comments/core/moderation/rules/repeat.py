"""Refuses what the author has just said."""

from comments.core.moderation.findings import Draft, Facts, Refuse

HOUR = 3_600_000_000  # µs


def repeat(draft: Draft, facts: Facts) -> Refuse | None:
    """Nobody posts the same text twice within the site's number of hours."""
    hours = facts.rules.repeat_hours
    # below 0 when the clock was set back: what is off stays off
    if facts.same_text_at is None or max(0, facts.now - facts.same_text_at) >= hours * HOUR:
        return None
    return Refuse("repeat", params={"hours": hours})
