"""Holds what the author has said before in nearly the same words."""

from comments.core.moderation.findings import Draft, Facts, Hold
from comments.core.moderation.likeness import alike, simhash


def near_repeat(draft: Draft, facts: Facts) -> Hold | None:
    """What is nearly one of the author's last comments here waits for a moderator."""
    limit = facts.rules.near_repeat_percent
    if not limit or not facts.recent_texts:
        return None
    bits = simhash(draft.text)
    if bits is None:
        return None
    percent = max(alike(bits, earlier) for earlier in facts.recent_texts)
    return Hold("near_repeat", params={"percent": percent, "limit": limit}) if percent >= limit else None
