"""What members are told of besides what is on the page: the kinds of notifications, and what they show of a comment."""

import re
from enum import StrEnum

LONGEST = 160  # code points of an excerpt

_CUT = re.compile(r"\s+\S*$")


class Kind(StrEnum):
    """What happened, to the receiver or to what they wrote."""

    REPLY = "reply"
    MENTION = "mention"
    ANSWERED = "answered"  # the article's author answered their question
    PUBLISHED = "published"  # what waited is public now
    REJECTED = "rejected"
    RESTORED = "restored"  # on appeal
    UPHELD = "upheld"  # the rejection, on appeal
    PICKED = "picked"
    COMPLAINED = "complained"  # of defamation: the author is asked to answer (core/law/author.py); mailed as a letter


STATES = frozenset({Kind.PUBLISHED, Kind.REJECTED, Kind.RESTORED, Kind.UPHELD})  # one of a comment: the last counts


def excerpt(text: str) -> str:
    """The beginning of a comment in one line, cut between words where there are any."""
    line = " ".join(text[: 4 * LONGEST].split())
    if len(line) <= LONGEST:
        return line
    cut = line[:LONGEST]
    return f"{_CUT.sub('', cut) or cut}…"
