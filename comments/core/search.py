"""What somebody looks for, as they type it: words, "phrases", -not, author:, article:, status:. Pure.

The query language is ours: no database sees it. Words are letters and digits; everything else parts them, as it does in
the index (storage/search.py), which also tells no case and no accents of Latin letters apart.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import regex

from comments.core.errors import Malformed
from comments.core.status import Status

LONGEST = 300  # characters of a query
MOST_TERMS = 12
PREFIX = 2  # letters from which the last word may be the beginning of one
_PART = regex.compile(r'(?P<no>-)?(?:(?P<field>author|article|status):)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_WORDS = regex.compile(r"[\p{L}\p{N}\p{M}\p{Co}]+")
_MARKS = regex.compile(r"([a-z])\p{Mn}+")
FINDABLE = tuple(status for status in Status if status is not Status.ERASED)


@dataclass(frozen=True, slots=True)
class Term:
    """Words in a row. `begins`: the last of them may go on; `without`: what holds them is not looked for."""

    words: tuple[str, ...]
    begins: bool = False
    without: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """All terms hold at once; `statuses`: any of them."""

    terms: tuple[Term, ...] = ()
    author: tuple[str, ...] | None = None
    article: str | None = None
    statuses: tuple[Status, ...] = FINDABLE

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing in particular."""
        return not self.terms and self.author is None and self.article is None and self.statuses == FINDABLE


def read_query(text: str) -> Query:
    """Raises Malformed (field `q`) saying what is wrong; whatever else is typed is taken for words."""
    if len(text) > LONGEST:
        raise Malformed(f"A search has at most {LONGEST} characters.", field="q")
    terms: list[Term] = []
    author: tuple[str, ...] | None = None
    article: str | None = None
    statuses: list[Status] = []
    parts = list(_PART.finditer(text))
    for at, part in enumerate(parts):
        field, given = part["field"], part["word"] if part["phrase"] is None else part["phrase"]
        if field is None:
            words = words_of(given)
            begins = part["word"] is not None and at == len(parts) - 1 and part["no"] is None
            begins = begins and bool(words) and len(words[-1]) >= PREFIX
            terms += [Term(words, begins=begins, without=part["no"] is not None)] if words else []
            continue
        if part["no"] is not None:
            raise Malformed(f"“-” stands before words, not before {field}:.", field="q")
        if field == "author":
            author = words_of(given)
        elif field == "article":
            article = given
        else:
            statuses.append(_status(given))
    if len(terms) > MOST_TERMS:
        raise Malformed(f"A search has at most {MOST_TERMS} words and phrases.", field="q")
    if author == () or article == "":
        raise Malformed("Say whose: author:NAME, or under what: article:ID.", field="q")
    return Query(tuple(terms), author, article, tuple(dict.fromkeys(statuses)) or FINDABLE)


def _status(text: str) -> Status:
    known = [str(status) for status in FINDABLE]
    if text.lower() not in known:
        raise Malformed(f"status: is one of {', '.join(known)}.", field="q")
    return Status(text.lower())


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, folded."""
    return tuple(_folded(found[0]) for found in _WORDS.finditer(text) if _folded(found[0]))


def _folded(word: str) -> str:
    """Lower case, Latin letters without accents. What is nothing but marks is no word."""
    bare = unicodedata.normalize("NFC", _MARKS.sub(r"\1", unicodedata.normalize("NFD", word.lower())))
    return bare if regex.search(r"[\p{L}\p{N}\p{Co}]", bare) else ""


def marks(query: Query, text: str) -> list[tuple[int, int]]:
    """Where the words that were looked for stand in a text, in code points; at most one mark for each place."""
    found = [(_folded(one[0]), one.start(), one.end()) for one in _WORDS.finditer(text)]
    spans: set[tuple[int, int]] = set()
    for term in query.terms:
        if not term.without:
            spans.update(_marks_of(term, found))
    return sorted(spans)


def _marks_of(term: Term, found: list[tuple[str, int, int]]) -> Iterator[tuple[int, int]]:
    last = len(term.words) - 1
    for at in range(len(found) - last):
        here = found[at : at + len(term.words)]
        pairs = zip(here, term.words, strict=True)
        if all(
            one[0].startswith(word) if term.begins and place == last else one[0] == word
            for place, (one, word) in enumerate(pairs)
        ):
            yield (here[0][1], here[-1][2])
