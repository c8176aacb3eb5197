"""Holds everything where the publisher wants to see it first."""

from comments.core.moderation.findings import Draft, Facts, Hold


def premoderated(draft: Draft, facts: Facts) -> Hold | None:
    """Where member, article, section or site are pre-moderated, every comment waits for a moderator."""
    if facts.author_premoderated:
        what = "member"
    elif facts.article_mode == "premoderated":
        what = "article"
    elif facts.rules.premoderate:
        own = facts.rules.sections.get(facts.section or "", {})
        what = "section" if own.get("premoderate") else "site"
    else:
        return None
    return Hold(f"premoderated_{what}", params={"what": what})
