"""What is left of a text when only its words are told: no case, accents, look-alikes, punctuation. For words.py.

A character becomes its letters, or a space (punctuation), or itself between spaces (symbols, and the letters of scripts
that put no spaces between words), or nothing (accents, the invisible). Keys are coarser: i and l are one, 3 and e.
`Folded` knows the way back.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Callable
from functools import cached_property
from itertools import accumulate, pairwise, repeat

import regex

from comments.core.moderation.lookalikes import LOOKS

MOST_KNOWN = 20_000  # characters that a table remembers
SYMBOLS = "@$€£¢§!|+"  # stand for letters where letters are beside them, and else for themselves

STANDS_FOR = {
    **{"0": "o", "1": "il", "2": "z", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b", "9": "g"},
    **{"@": "a", "$": "s", "€": "e", "£": "l", "¢": "c", "§": "s", "!": "il", "|": "il", "+": "t"},
}
_KEYS = str.maketrans({sign: letters[0] for sign, letters in STANDS_FOR.items()} | {"l": "i", "£": "i"})
_ACCENT = regex.compile(  # and what is invisible; signs that are vowels and the like are letters
    r"[[\p{M}&&[\p{Script=Inherited}\p{Script=Common}\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}"
    r"\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}]]\p{Default_Ignorable_Code_Point}\u0640]",
    regex.V1,
)
_UNSPACED = regex.compile(  # scripts written without spaces between words: an entry is found within others
    r"[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]"
)
_LETTER = regex.compile(r"[\p{L}\p{N}\p{M}]")
_SYMBOL = regex.compile(r"\p{S}")
_WHOLE = regex.compile(r"[\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}]")  # decomposing would change these
_LOOK = {character: letter for letter, looks in LOOKS.items() for character in looks}
_NOT_SO_ALIKE = frozenset("σγг")  # among Greek and Cyrillic letters nobody reads them as Latin ones
_ALSO = {  # letters that no decomposition makes equal
    **dict(zip("øđłħŧıƒىیک", ("o", "d", "l", "h", "t", "i", "f", "ي", "ي", "ك"), strict=True)),
    **{"æ": "ae", "œ": "oe", "ð": "d", "þ": "th"},
}


class _Made(dict[int, str]):
    """What a function says of a character, kept."""

    def __init__(self, make: Callable[[int], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, code: int) -> str:
        if len(self) >= MOST_KNOWN:
            self.clear()
        self[code] = made = self._make(code)
        return made


def key_of(letters: str) -> str:
    """The keys of folded letters, one for each."""
    return letters.translate(_KEYS)


class Table(dict[int, str]):
    """What each character becomes, made when it is first met; for str.translate, which does the work in C.

    `looks`: by how the character itself looks, so that `Н` is an h; else by how its small letter looks, so that a word
    stays the same in capitals. `symbols`: whether SYMBOLS are letters.
    """

    def __init__(self, *, looks: bool = False, symbols: bool = False) -> None:
        super().__init__()
        self._looks, self._symbols = looks, symbols
        self.keys_of = _Made(lambda code: key_of(self[code]) if self[code][:1] != " " else self[code])
        self.sizes_of = _Made(lambda code: chr(len(self[code].replace(" ", ""))))  # as characters: translate is quick

    def __missing__(self, code: int) -> str:
        if len(self) >= MOST_KNOWN:
            self.clear()
        self[code] = found = self._told(chr(code))
        return found

    def _told(self, character: str) -> str:
        if self._symbols and character in SYMBOLS:
            return character
        form = "NFKC" if _WHOLE.match(character) else "NFKD"
        return "".join(map(self._piece, unicodedata.normalize(form, character)))  # type: ignore[arg-type]

    def _piece(self, character: str) -> str:
        if self._looks and (character == "I" or character in _LOOK):
            return _LOOK.get(character, "1")  # which may be an i and an l
        if _ACCENT.match(character):
            return ""
        if not _LETTER.match(character):
            own = f" {character} " if _SYMBOL.match(character) else " "
            return _LOOK.get(character, own)
        if (digit := unicodedata.decimal(character, None)) is not None:
            return str(digit)
        if "ァ" <= character <= "ヶ":
            character = chr(ord(character) - 0x60)  # katakana as hiragana: the other case, as it were
        if _UNSPACED.match(character):
            return f" {character} " if character.isalpha() else character
        return "".join(map(_small, unicodedata.normalize("NFKD", character.casefold())))


def _small(character: str) -> str:
    """What a small letter counts as, in every table and in the entries."""
    if _ACCENT.match(character):
        return ""
    look = _LOOK.get(character, character) if character not in _NOT_SO_ALIKE else character
    return _ALSO.get(character, "i" if look == "1" else look)


class Folded:
    """A text by a table: `words` is its words with one space between, before and after them; `keys` their keys."""

    def __init__(self, text: str, table: Table) -> None:
        self._text, self._table = text, table
        self.keys = f" {' '.join(text.translate(table.keys_of).split())} "

    @cached_property
    def words(self) -> str:
        return f" {' '.join(self._text.translate(self._table).split())} "

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where these letters of `words` stand in the text, with the accents of the last one."""
        first, last = (self._origin(at - self.keys.count(" ", 0, at)) for at in (start, end - 1))
        end = last + 1
        while end < len(self._text) and not self._table[ord(self._text[end])]:
            end += 1
        return first, end

    def gaps(self, start: int, end: int) -> list[str]:
        """What stands in the text between these letters of `words`, of which every second is a space."""
        first = start - self.keys.count(" ", 0, start)
        letters = range(first, first + (end - start + 1) // 2)
        origins = list(map(bisect_right, repeat(self._letters_up_to), letters))
        between = self._text[origins[0] + 1 : origins[-1] : 2]
        if origins[-1] - origins[0] == 2 * len(between) and between == between[:1] * len(letters[1:]):
            return [between[0]] * len(between)  # one sign everywhere, as nearly always
        return [self._text[one + 1 : other] for one, other in pairwise(origins)]

    def _origin(self, letter: int) -> int:
        """Which character of the text a letter comes from, counted without the spaces."""
        return bisect_right(self._letters_up_to, letter)

    @cached_property
    def _letters_up_to(self) -> list[int]:
        """How many letters each character of the text and those before it have become."""
        return list(accumulate(self._text.translate(self._table.sizes_of).encode()))
