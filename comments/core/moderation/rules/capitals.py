"""Holds comments that shout."""

import regex

from comments.core.moderation.findings import Draft, Facts, Hold

ENOUGH = 20  # letters with case: fewer are an abbreviation, not a shout
_CASED = regex.compile(r"[\p{Lu}\p{Ll}\p{Lt}]")
_CAPITAL = regex.compile(r"[\p{Lu}\p{Lt}]")


def capitals(draft: Draft, facts: Facts) -> Hold | None:
    """A comment with a greater share of capitals among its letters than the site allows waits for a moderator."""
    limit = facts.rules.capitals_percent
    if not limit:
        return None
    cased = len(_CASED.findall(draft.text))
    if cased < ENOUGH:
        return None
    percent = len(_CAPITAL.findall(draft.text)) * 100 // cased
    return Hold("capitals", params={"percent": percent, "limit": limit}) if percent > limit else None
