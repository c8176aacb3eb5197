"""Holds comments with many links."""

from comments.core.moderation.domains import host_of, lies_in
from comments.core.moderation.findings import Draft, Facts, Hold
from comments.core.tree import link_spans


def links(draft: Draft, facts: Facts) -> Hold | None:
    """A comment with more links than the site allows waits for a moderator; allowed domains are not counted."""
    limit = facts.rules.max_links
    if len(draft.links) <= limit:
        return None
    allowed = facts.rules.allowed_domains
    counted = [link for link in link_spans(draft.tree) if lies_in(host_of(link[0]), allowed) is None]
    if len(counted) <= limit:
        return None
    spans = tuple((start, end) for _, start, end in counted)
    return Hold("too_many_links", spans, {"count": len(counted), "limit": limit})
