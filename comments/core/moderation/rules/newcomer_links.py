"""Holds links of new authors."""

from comments.core.moderation.domains import host_of, lies_in
from comments.core.moderation.findings import Draft, Facts, Hold, is_newcomer
from comments.core.tree import link_spans


def newcomer_links(draft: Draft, facts: Facts) -> Hold | None:
    """Where the site wants it so, a newcomer's comment with a link waits, unless the link is to an allowed domain."""
    if facts.rules.newcomer_links or not draft.links:
        return None
    if facts.author_published and not is_newcomer(facts):
        return None
    allowed = facts.rules.allowed_domains
    spans = tuple(
        (start, end) for href, start, end in link_spans(draft.tree) if lies_in(host_of(href), allowed) is None
    )
    return Hold("newcomer_link", spans, {"count": len(spans)}) if spans else None
