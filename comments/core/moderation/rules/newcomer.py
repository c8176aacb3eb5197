"""Holds the first comments of new authors."""

from comments.core.moderation.findings import Draft, Facts, Hold, is_newcomer


def newcomer(draft: Draft, facts: Facts) -> Hold | None:
    """The first comments of an author, and those of their first hours here, wait, as many as the site wants."""
    rules = facts.rules
    if not is_newcomer(facts):
        return None
    limits = {"limit": rules.newcomer_comments, "hours": rules.newcomer_hours}
    return Hold("newcomer", params={"published": facts.author_published, **limits})
