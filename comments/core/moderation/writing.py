"""Whether a word in one script may stand for one in another: only where the script is not the text's own. For words.py.

Russian "сор" looks like English "cop"; in a Russian text it is the Russian word.
"""

import re
from functools import lru_cache
from typing import NamedTuple

_SCRIPTS = {
    "Latin": re.compile("[A-Za-z\u00c0-\u024f]"),
    "Greek": re.compile("[\u0370-\u03ff\u1f00-\u1fff]"),
    "Cyrillic": re.compile("[\u0400-\u052f]"),
}


class Found(NamedTuple):
    """An entry of the list and where it stands, in code points of the text as it was given."""

    start: int
    end: int
    entry: str


class Writing:
    """A text's scripts, counted when somebody asks."""

    __slots__ = ("_main", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._main: str | None = None

    def allows(self, found: Found) -> bool:
        """Whether the entry may be meant there: no, if only the script of the whole text makes it look so."""
        if found.entry.isascii() and self._text.isascii():
            return True
        written, meant = _only_script(self._text[found.start : found.end]), _only_script(found.entry)
        if written is None or meant is None or written == meant:
            return True
        if self._main is None:
            self._main = max(_SCRIPTS, key=lambda name: len(_SCRIPTS[name].findall(self._text)))
        return written != self._main


@lru_cache(maxsize=4096)
def _only_script(text: str) -> str | None:
    """The one script of these that the text is in; None if in several or none."""
    found = [name for name, letters in _SCRIPTS.items() if letters.search(text)]
    return found[0] if len(found) == 1 else None
