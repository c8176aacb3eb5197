"""Refuses what is too short or too long for the site."""

from comments.core.moderation.findings import Draft, Facts, Refuse


def length(draft: Draft, facts: Facts) -> Refuse | None:
    """A comment has as many characters, as people count them, as the site wants."""
    least, most = facts.settings.min_length, facts.settings.max_length
    if max(least, 1) <= draft.length <= most and draft.text.strip():
        return None
    return Refuse("length", params={"length": draft.length, "min": least, "max": most})
