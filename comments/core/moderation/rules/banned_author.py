"""Refuses comments of people who may not write at this site."""

from comments.core.moderation.findings import Draft, Facts, Refuse
from comments.core.times import time_text


def banned_author(draft: Draft, facts: Facts) -> Refuse | None:
    """Who is banned does not write, and who is suspended writes again when the suspension is over."""
    if facts.author_banned:
        return Refuse("banned_author", params={"until": None, "reason": facts.author_ban_reason})
    until = facts.author_suspended_until
    if until is None or until <= facts.now:
        return None
    return Refuse("banned_author", params={"until": time_text(until), "reason": facts.author_ban_reason})
