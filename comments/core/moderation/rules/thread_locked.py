"""Refuses replies in a thread that moderators have locked."""

from comments.core.moderation.findings import Draft, Facts, Refuse


def thread_locked(draft: Draft, facts: Facts) -> Refuse | None:
    """Nobody replies in a locked thread; who has written there may still correct it."""
    if not (facts.thread_locked and facts.is_reply) or facts.is_edit:
        return None
    return Refuse("thread_locked")
