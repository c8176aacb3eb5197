"""When a word that is written otherwise is still the word: digits and signs for letters, letters drawn out. Pure, for
words.py, which finds candidates by their keys and asks here.

What is read as a disguise has to be one: `1000` and `A55` are no words, `god` is not in `good`, nor `bite` in `bitte`.
"""

from collections.abc import Sequence
from functools import cached_property
from itertools import compress, groupby
from operator import ne

from comments.core.moderation.folding import STANDS_FOR

DIGITS = "0123456789"
DRAWN_OUT = 3  # so many of one letter in a row say nothing; two are how other words are spelt


class Keyed:
    """Keys with each run of one told once: what the automata run over. `places`: where in the keys each run begins."""

    def __init__(self, keys: str) -> None:
        self._keys = keys
        self.key = "".join(compress(keys, map(ne, keys, f"\0{keys}")))

    @cached_property
    def places(self) -> Sequence[int]:
        size = len(self._keys)
        if len(self.key) == size:
            return range(size + 1)
        return [*compress(range(size), map(ne, self._keys, f"\0{self._keys}")), size]


class Spelling:
    """The folded letters of an entry. `open_start`, `open_end`: whether more letters may come before and after."""

    __slots__ = ("_runs", "letters", "open_end", "open_start")

    def __init__(self, letters: str, *, open_start: bool, open_end: bool) -> None:
        self.letters, self.open_start, self.open_end = letters, open_start, open_end
        self._runs: list[tuple[str, int]] | None = None

    @property
    def is_stem(self) -> bool:
        """Whether it is the beginning of words."""
        return self.open_end and not self.open_start

    def match(self, written: str) -> tuple[int, int] | None:
        """From where to where in `written` (whose key is the entry's) the entry stands; None if it does not."""
        if written == self.letters:
            return 0, len(written)
        start = 0
        while self.open_start and start < len(written) and not _same(written[start], self.letters[0]):
            start += 1
        end = self._end(written, start)
        if end is None or (end < len(written) and not self.open_end):
            return None
        return (start, end) if self._is_disguise(written[start:end]) else None

    def _end(self, written: str, at: int) -> int | None:
        """Each letter as often as the entry has it, or drawn out; at an open edge also as often as the text likes."""
        if self._runs is None:
            self._runs = [(letter, len(list(group))) for letter, group in groupby(self.letters)]
        for index, (letter, count) in enumerate(self._runs):
            end = at
            while end < len(written) and _same(written[end], letter):
                end += 1
            last = index == len(self._runs) - 1
            if end - at > count and not last and _same(written[at + count], self._runs[index + 1][0]):
                end = at + count  # a 1 that may be both
            is_open = (index == 0 and self.open_start) or (last and self.open_end)
            if end - at < count or (end - at > count and end - at < DRAWN_OUT and not is_open):
                return None
            at = end
        return at

    def _is_disguise(self, written: str) -> bool:
        """Whether digits and signs in it may be meant as letters: there are letters about, and it is no number."""
        odd = {sign for sign in written if sign in STANDS_FOR and sign not in self.letters}
        if not odd:
            return True
        if len(self.letters) < 3:
            return False
        letters = sum(map(str.isalpha, written))
        if odd.isdisjoint(DIGITS):
            return letters > 0 or len(odd) > 1
        edges = len(written) - len(written.lstrip(DIGITS)), len(written) - len(written.rstrip(DIGITS))
        if len(self.letters) == 3:
            return letters > 0 and edges == (0, 0)  # a55 is a road, 1st and mp3 are what they are
        return letters > 1 or (letters == 1 and max(edges) < 2)


def _same(written: str, letter: str) -> bool:
    return written == letter or letter in STANDS_FOR.get(written, "")
