"""Holds comments with many links."""

from comments.core.moderation.findings import Draft, Facts, Hold
from comments.core.tree import link_spans


def links(draft: Draft, facts: Facts) -> Hold | None:
    """A comment with more links than the site allows waits for a moderator."""
    limit = facts.rules.max_links
    if len(draft.links) <= limit:
        return None
    spans = tuple((start, end) for _, start, end in link_spans(draft.tree))
    return Hold("too_many_links", spans, {"count": len(draft.links), "limit": limit})
