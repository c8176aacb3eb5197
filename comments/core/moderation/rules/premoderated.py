"""Holds everything where the publisher wants to see it first."""

from comments.core.moderation.findings import Draft, Facts, Hold


def premoderated(draft: Draft, facts: Facts) -> Hold | None:
    """Where the member, the article or the whole site is pre-moderated, every comment waits for a moderator."""
    if facts.author_premoderated:
        what = "member"
    elif facts.article_mode == "premoderated":
        what = "article"
    elif facts.rules.premoderate:
        what = "site"
    else:
        return None
    return Hold(f"premoderated_{what}", params={"what": what})
