"""Holds comments with links to places that the site does not want."""

from comments.core.moderation.domains import host_of, lies_in
from comments.core.moderation.findings import Draft, Facts, Hold
from comments.core.tree import link_spans


def blocked_domains(draft: Draft, facts: Facts) -> Hold | None:
    """A comment that links to a blocked domain, or to anything below one, waits for a moderator."""
    if not draft.links or not facts.rules.blocked_domains:
        return None
    found = [
        (domain, (start, end))
        for href, start, end in link_spans(draft.tree)
        if (domain := lies_in(host_of(href), facts.rules.blocked_domains)) is not None
    ]
    if not found:
        return None
    domains = list(dict.fromkeys(domain for domain, _ in found))
    return Hold("blocked_domain", tuple(span for _, span in found), {"domains": domains})
