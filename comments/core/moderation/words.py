"""Finds the words of a list in a text, however they are written. Pure; rules ask it.

Text and entries are folded (folding.py) to words, and these to keys in which i and l, 3 and e, aaa and a are one. An
Aho-Corasick automaton of all entries' keys passes once over the text's, whatever their number; what it finds is then
compared letter by letter (disguise.py). The spaces are in the keys: they are what makes a word whole.
"""

import re
from collections.abc import Iterator
from functools import cache, cached_property, lru_cache
from itertools import chain, islice
from typing import NamedTuple

import ahocorasick_rs

from comments.core.moderation.disguise import Keyed, Spelling
from comments.core.moderation.folding import SYMBOLS, Folded, Table
from comments.core.moderation.lookalikes import LOOKS
from comments.core.moderation.spaced import Spaced, spaced_runs
from comments.core.moderation.writing import Found, Writing

KEPT = 64  # lists in a process
MOST = 50  # hits in a text that are looked at: nobody needs more to decide about it

_PLAIN, _LOOKING = Table(), Table(looks=True)
_SIGNED = Table(looks=True, symbols=True)
_ALL, _INNER, _OUTER = (f"[{re.escape(signs)}]" for signs in (SYMBOLS, "!|+", SYMBOLS.strip("!|+")))
_HAS_SIGNS = re.compile(  # beside a letter, between letters, or between letters that stand alone
    rf"{_ALL}(?:(?<={_OUTER})(?=[^\W\d_])|(?<=[^\W\d_]{_OUTER})|(?<=[^\W_]{_INNER})(?=[^\W_])"
    rf"|(?<=[^\W_]\W{_ALL})(?=\W[^\W_]))"
)
_NO_LETTER = re.compile(rf"(?<=[^\W_]){_INNER}(?=\s|$)")  # the end of a sentence
_I_AS_L = re.compile("[a-z]I")
_OTHER_LOOK = re.compile(  # letters whose look says something else than their small letter does
    f"[{''.join(sign for looks in LOOKS.values() for sign in looks if _LOOKING[ord(sign)] != _PLAIN[ord(sign)])}]"
)


class Entry(NamedTuple):
    text: str  # as the list has it
    key: str  # with the spaces that make it a whole word
    spelling: Spelling


class WordList:
    """The entries, ready to be looked for. `word` is found as a whole word, `stem*` as the beginning of one, `*part*`
    anywhere in it. Punctuation counts as a space; in scripts without spaces every entry is found within others.
    """

    def __init__(self, entries: tuple[str, ...]) -> None:
        self._entries = [entry for text in entries if (entry := _entry(text)) is not None]
        by_key: dict[str, list[Entry]] = {}
        for entry in self._entries:
            by_key.setdefault(entry.key, []).append(entry)
        self._of_key = list(by_key.values())
        self._automaton = ahocorasick_rs.AhoCorasick(list(by_key), store_patterns=False)

    def find(self, text: str) -> list[Found]:
        """The longest entry at each place, from left to right, without overlaps. Linear in the text."""
        if not self._entries:
            return []
        writing = Writing(text)
        standing = chain.from_iterable(map(self._standing_in, _readings(text)))
        candidates = [found for found in islice(standing, MOST) if writing.allows(found)]
        candidates.sort(key=lambda one: (one.start, -one.end))
        found: list[Found] = []
        for one in candidates:
            if not found or one.start >= found[-1].end:
                found.append(one)
        return found

    def _standing_in(self, folded: Folded) -> Iterator[Found]:
        """What is found in a reading; first the words whose letters stand alone."""
        if runs := spaced_runs(folded):
            for start, end, entry in self._spaced.find(folded, runs):
                yield Found(*folded.span(start, end), entry.text)
        keyed = Keyed(folded.keys)
        matched = cache(Spelling.match)  # most comments say the same words again
        for index, first, last in self._automaton.find_matches_as_indexes(keyed.key, overlapping=True):
            start, end = keyed.places[first], keyed.places[last]
            start, end = start + (folded.keys[start] == " "), end - (folded.keys[end - 1] == " ")
            written = folded.words[start:end]
            for entry in self._of_key[index]:
                match = matched(entry.spelling, written)
                if match is not None:
                    stop = start + match[1]
                    stop = folded.keys.index(" ", stop) if entry.spelling.is_stem else stop
                    yield Found(*folded.span(start + match[0], stop), entry.text)

    @cached_property
    def _spaced(self) -> Spaced[Entry]:
        """Made when somebody first spaces letters out."""
        return Spaced((entry.spelling, entry) for entry in self._entries)


def _entry(text: str) -> Entry | None:
    trimmed = text.strip()
    folded = Folded(trimmed.strip("*"), _PLAIN)
    letters = folded.words.strip()
    if not letters:
        return None
    open_start = trimmed.startswith("*") and not trimmed.startswith("**")
    open_end = trimmed.endswith("*") and not trimmed.endswith("**")  # f*** is a word that somebody masked
    key = folded.keys[open_start : len(folded.keys) - open_end]
    return Entry(text, Keyed(key).key, Spelling(letters, open_start=open_start, open_end=open_end))


def _readings(text: str) -> Iterator[Folded]:
    """The text as it stands; and if that may say something else, by its looks, with signs as letters."""
    yield Folded(text, _PLAIN)
    if _HAS_SIGNS.search(text):
        yield Folded(_NO_LETTER.sub(" ", text), _SIGNED)
    elif _I_AS_L.search(text) or (not text.isascii() and _OTHER_LOOK.search(text)):
        yield Folded(text, _LOOKING)


_known: dict[int, tuple[tuple[str, ...], WordList]] = {}


def word_list(entries: tuple[str, ...]) -> WordList:
    """The list for these entries, built once for each set of rules. By identity first: to hash 10,000 entries takes
    as long as to look for them.
    """
    known = _known.get(id(entries))
    if known is not None and known[0] is entries:
        return known[1]
    if len(_known) >= KEPT:
        _known.clear()
    found = _by_value(entries)
    _known[id(entries)] = entries, found  # while it is here, nothing else has its id
    return found


@lru_cache(maxsize=KEPT)
def _by_value(entries: tuple[str, ...]) -> WordList:
    return WordList(entries)
