"""Finds the words of a list in a text, however they are accented, cased, joined or spaced. Pure; rules ask it.

The text is folded character by character with the way back remembered, and a tree of the list's letters is walked
from the beginning of each word: the cost grows with the text and the longest entry, not with the number of entries.
"""

import unicodedata
from functools import lru_cache
from typing import Any, NamedTuple

import regex

_UNSEEN = regex.compile(r"[\p{M}\p{Default_Ignorable_Code_Point}]")
_UNSPACED = regex.compile(  # scripts written without spaces between words: an entry is found within others
    r"[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]"
)
_ENTRY = ""  # the key in the tree under which an entry ends; letters are never empty


class Found(NamedTuple):
    """An entry of the list and where it stands, in code points of the text as it was given."""

    start: int
    end: int
    entry: str


class WordList:
    """The entries, ready to be looked for. `word` is found as a whole word, `stem*` also as the beginning of one."""

    def __init__(self, entries: tuple[str, ...]) -> None:
        self._tree: dict[str, Any] = {}
        for entry in entries:
            letters, _ = fold(entry.strip().removesuffix("*"))
            at = self._tree
            for letter in letters.strip():
                at = at.setdefault(letter, {})
            if at is not self._tree:
                at.setdefault(_ENTRY, (entry, entry.strip().endswith("*")))

    def find(self, text: str) -> list[Found]:
        """The longest entry at each place, from left to right, without overlaps."""
        if not self._tree:
            return []
        letters, origins = fold(text)
        found: list[Found] = []
        at = 0
        while at < len(letters):
            begins = letters[at] in self._tree and _is_edge(letters, at)  # the cheaper question first
            hit = self._at(letters, at) if begins else None
            if hit is None:
                at += 1
                continue
            end, entry = hit
            found.append(Found(origins[at], _end(text, origins[end - 1] + 1), entry))
            at = end
        return found

    def _at(self, letters: str, start: int) -> tuple[int, str] | None:
        """The end of the longest entry that begins here, and the entry."""
        longest = None
        node = self._tree
        for at in range(start, len(letters)):
            if letters[at] not in node:
                break
            node = node[letters[at]]
            if _ENTRY not in node:
                continue
            entry, is_stem = node[_ENTRY]
            end = at + 1
            while is_stem and not _is_edge(letters, end):
                end += 1
            if _is_edge(letters, end):
                longest = (end, entry)
        return longest


@lru_cache(maxsize=64)
def word_list(entries: tuple[str, ...]) -> WordList:
    """The list for these entries, built once for each set of settings."""
    return WordList(entries)


def fold(text: str) -> tuple[str, list[int]]:
    """The text without case, accents, invisible characters, white space as one space; and where each came from."""
    letters: list[str] = []
    origins: list[int] = []
    for origin, character in enumerate(text):
        for letter in _folded(character):
            if letter != " " or letters[-1:] != [" "]:
                letters.append(letter)
                origins.append(origin)
    return "".join(letters), origins


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    seen: str = _UNSEEN.sub("", plain)
    return " " if seen and seen.isspace() else seen


def _is_edge(letters: str, at: int) -> bool:
    """Whether a word may begin or end between the letters before and at this place."""
    if at in (0, len(letters)):
        return True
    return any(not side.isalnum() or bool(_UNSPACED.match(side)) for side in letters[at - 1 : at + 1])


def _end(text: str, end: int) -> int:
    """The end of a span, moved over accents that belong to its last letter."""
    while end < len(text) and not _folded(text[end]):
        end += 1
    return end
