"""Marks comments with words that moderators want to see."""

from comments.core.moderation.findings import Draft, Facts, Note
from comments.core.moderation.words import word_list


def suspect_words(draft: Draft, facts: Facts) -> Note | None:
    """A comment with a suspect word appears, and is marked for the moderators."""
    found = word_list(facts.rules.suspect_words).find(draft.text)
    if not found:
        return None
    spans = tuple((hit.start, hit.end) for hit in found)
    return Note("suspect_word", spans, {"words": list(dict.fromkeys(hit.entry for hit in found))})
