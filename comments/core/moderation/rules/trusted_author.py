"""Publishes at once what proven authors write; the rules after it are not asked."""

from comments.core.moderation.findings import Approve, Draft, Facts


def trusted_author(draft: Draft, facts: Facts) -> Approve | None:
    """Whom the site published often and never rejected is published, unless article or member are pre-moderated."""
    enough = facts.rules.trusted_comments
    if not enough or facts.author_published < enough or facts.author_rejected:
        return None
    if facts.author_premoderated or facts.article_mode == "premoderated":
        return None
    return Approve("trusted_author", params={"published": facts.author_published})
