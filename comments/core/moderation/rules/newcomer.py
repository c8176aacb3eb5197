"""Holds the first comments of new authors."""

from comments.core.moderation.findings import Draft, Facts, Hold


def newcomer(draft: Draft, facts: Facts) -> Hold | None:
    """The first comments of an author wait for a moderator, as many as the site wants."""
    limit = facts.rules.newcomer_comments
    if facts.author_published >= limit:
        return None
    return Hold("newcomer", params={"published": facts.author_published, "limit": limit})
