"""Refuses comments that follow one another too fast."""

from comments.core.moderation.findings import Draft, Facts, Refuse

SECOND = 1_000_000  # µs


def pace(draft: Draft, facts: Facts) -> Refuse | None:
    """Between two new comments of one author lie as many seconds as the site wants."""
    wanted = facts.rules.pace_seconds * SECOND
    if facts.is_edit or facts.last_comment_at is None:
        return None
    passed = facts.now - facts.last_comment_at
    if not -wanted < passed < wanted:  # far in the future: the clock was set back, and nobody is to wait until then
        return None
    return Refuse("pace", params={"seconds": -(-min(wanted, wanted - passed) // SECOND)})
