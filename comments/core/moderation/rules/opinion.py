"""Holds or marks what a classifier of the site thinks bad, and holds what is to wait for such an opinion."""

from comments.core.moderation.findings import Draft, Facts, Hold, Note
from comments.core.moderation.opinions import params_of, reached


def opinion(draft: Draft, facts: Facts) -> Hold | Note | None:
    """A text with a score that reaches its threshold waits or is marked, as the site wants; where the site wants to
    hear a classifier first, a new text waits for it.
    """
    rules, noted = facts.rules.opinions, None
    for name, wanted in rules.items():
        said = facts.opinions.get(name)
        one = None if said is None else reached(wanted, said.scores)
        if said is None or one is None:
            continue
        if wanted.action == "hold":
            return Hold("opinion", params=params_of(name, said.model, one))
        noted = noted or Note("opinion", params=params_of(name, said.model, one))
    awaited = [name for name in rules if rules[name].first == "wait" and name not in facts.opinions]
    if facts.awaits_opinions and awaited:
        return Hold("awaiting_opinion", params={"classifiers": awaited})
    return noted
