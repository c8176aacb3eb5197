"""Refuses what the author has just said."""

from comments.core.moderation.findings import Draft, Facts, Refuse

HOUR = 3_600_000_000  # µs


def repeat(draft: Draft, facts: Facts) -> Refuse | None:
    """Nobody posts the same text twice within the site's number of hours."""
    hours = facts.rules.repeat_hours
    if facts.same_text_at is None or facts.now - facts.same_text_at >= hours * HOUR:
        return None
    return Refuse("repeat", params={"hours": hours})
