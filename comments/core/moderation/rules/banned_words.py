"""Holds or refuses comments with words of the site's list."""

from comments.core.moderation.findings import Draft, Facts, Hold, Refuse
from comments.core.moderation.words import word_list


def banned_words(draft: Draft, facts: Facts) -> Hold | Refuse | None:
    """A comment with a word that the site listed waits or is refused, as the site wants, however it is written."""
    found = word_list(facts.rules.banned_words).find(draft.text)
    if not found:
        return None
    spans = tuple((hit.start, hit.end) for hit in found)
    words = {"words": list(dict.fromkeys(hit.entry for hit in found))}
    if facts.rules.banned_words_action == "refuse":
        return Refuse("banned_words", spans, words)
    return Hold("banned_word", spans, words)
