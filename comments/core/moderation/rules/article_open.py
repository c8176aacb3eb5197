"""Refuses comments where the article takes none."""

from comments.core.moderation.findings import Draft, Facts, Refuse

SHUT_FOR_NEW = frozenset({"closed", "readonly", "off"})
SHUT_FOR_EDITS = frozenset({"readonly", "off"})  # who wrote before it was closed may still correct it


def article_open(draft: Draft, facts: Facts) -> Refuse | None:
    """Nobody writes under a closed article, and nobody changes anything under one that is read-only or off."""
    shut = SHUT_FOR_EDITS if facts.is_edit else SHUT_FOR_NEW
    if facts.article_mode not in shut:
        return None
    return Refuse("article_open", params={"mode": facts.article_mode})
