"""Holds comments with words of the site's list."""

from comments.core.moderation.findings import Draft, Facts, Hold
from comments.core.moderation.words import word_list


def banned_words(draft: Draft, facts: Facts) -> Hold | None:
    """A comment with a word that the site listed waits for a moderator, whatever its case and accents."""
    found = word_list(facts.rules.banned_words).find(draft.text)
    if not found:
        return None
    spans = tuple((hit.start, hit.end) for hit in found)
    return Hold("banned_word", spans, {"words": list(dict.fromkeys(hit.entry for hit in found))})
