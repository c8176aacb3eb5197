"""Words whose letters stand alone: `s p a m`, `s.p.a.m`, `s - p - a - m`. Pure, for words.py.

A run of such letters is read as one word, and again as several if what stands between them changes: `a s p a m` and
`this is  s p a m  here` are found, while `c l a s s` is no `ass`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Generic, TypeVar

import ahocorasick_rs

from comments.core.moderation.disguise import Keyed, Spelling
from comments.core.moderation.folding import Folded, key_of

SHORTEST = 3  # letters of an entry, and of a run

_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff"
_ONE = rf"[^\W_{_UNSPACED}]"
_RUN = re.compile(rf"(?<= )(?:{_ONE} ){{{SHORTEST - 1},}}{_ONE}(?= )")

Of = TypeVar("Of")


class Spaced(Generic[Of]):
    """Entries without their spaces, to be looked for in such runs. `Of`: what is given back for one."""

    def __init__(self, spellings: Iterable[tuple[Spelling, Of]]) -> None:
        by_key: dict[str, list[tuple[Spelling, Spelling, Of]]] = {}
        for spelling, of in spellings:
            letters = spelling.letters.replace(" ", "")
            if len(letters) >= SHORTEST:
                within = Spelling(letters, open_start=True, open_end=True)
                by_key.setdefault(Keyed(key_of(letters)).key, []).append((spelling, within, of))
        self._of_key = list(by_key.values())
        self._automaton = ahocorasick_rs.AhoCorasick(list(by_key), store_patterns=False)

    def find(self, folded: Folded, runs: Sequence[re.Match[str]]) -> Iterator[tuple[int, int, Of]]:
        """Entries in these runs of a text: from where to where in its words."""
        letters, places = _joined(folded, runs)
        keyed, matched = Keyed(key_of(letters)), cache(Spelling.match)
        for index, first, last in self._automaton.find_matches_as_indexes(keyed.key, overlapping=True):
            start, end = keyed.places[first], keyed.places[last]
            for spelling, within, of in self._of_key[index]:
                match = matched(within, letters[start:end])
                if match is not None and _has_borders(letters, spelling, start + match[0], start + match[1]):
                    yield places[start + match[0]], places[start + match[1] - 1] + 1, of


def spaced_runs(folded: Folded) -> list[re.Match[str]]:
    """Runs of letters that stand alone."""
    return list(_RUN.finditer(folded.keys))


def _joined(folded: Folded, runs: Iterable[re.Match[str]]) -> tuple[str, list[int]]:
    """The letters of the runs as words, and where in the text's words each stands. A run in which the gaps change is
    told once more in pieces, broken at each gap that is unlike the one before and the one after it.
    """
    places: list[int] = [0]
    for run in runs:
        own = range(run.start(), run.end(), 2)
        places += [*own, 0]
        gaps = folded.gaps(run.start(), run.end()) if len(own) > SHORTEST + 1 else []
        if len(set(gaps)) < 2:
            continue
        beside = zip(gaps, ["", *gaps], [*gaps[1:], ""], strict=False)
        breaks = [at for at, (gap, before, after) in enumerate(beside, 1) if gap not in (before, after)]
        for begin, end in zip([0, *breaks], [*breaks, len(own)], strict=True):
            if end - begin >= SHORTEST:
                places += [*own[begin:end], 0]
    return "".join(map(folded.words.__getitem__, places)), places  # at 0 there is a space


def _has_borders(letters: str, spelling: Spelling, start: int, end: int) -> bool:
    """Whether the word may begin and end here: at the run's ends, or with a word of one letter beside it."""
    begins = spelling.open_start or " " in letters[max(start - 2, 0) : start]
    return begins and (spelling.open_end or " " in letters[end : end + 2])
