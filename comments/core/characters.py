"""Characters as people see them: what is invisible, reverses the line or towers over its neighbours does not get in.

Asked by core/markup.py for texts and by whoever takes a name, a title or a badge (through `markup.clean_line`). Works
on plain text only: normalising HTML could compose a `<` with the accent after it.
"""

import re
import unicodedata

import regex

MAX_MARKS = 8  # combining marks in a row; the scripts that stack most need five
VEILS = "\U0010ff00\U0010ff01\U0010ff02"  # kept for core/markup.py: no cleaned text holds them

# Scripts in which the zero width joiners change what a word means or how it is written.
_JOINING = "".join(
    rf"\p{{Script={name}}}"
    for name in (
        *("Arabic", "Syriac", "Mandaic", "Nko", "Mongolian", "Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya"),
        *("Tamil", "Telugu", "Kannada", "Malayalam", "Sinhala", "Khmer", "Myanmar", "Tibetan"),
    )
)
_WALES_SCOTLAND_ENGLAND = "|".join(  # the only tag sequences that mean something: three flags
    "\U0001f3f4" + "".join(chr(0xE0000 + ord(letter)) for letter in region) + "\U000e007f"
    for region in ("gbwls", "gbsct", "gbeng")
)
_KEPT = "|".join(
    (
        _WALES_SCOTLAND_ENGLAND,
        r"(?<=\p{Extended_Pictographic}\uFE0F?|\p{Emoji_Modifier})\u200D(?=\p{Extended_Pictographic})",
        r"(?<=\p{Emoji})[\uFE0E\uFE0F]",
        r"(?<=\p{Unified_Ideograph})[\uFE00-\uFE02\U000E0100-\U000E01EF]",
        rf"(?<=[{_JOINING}]\p{{Mn}}{{0,3}})[\u200C\u200D]",
        r"(?<=\p{Script=Mongolian})[\u180B-\u180D\u180F]",
    )
)
_RIGHT_TO_LEFT = regex.compile(r"[[\p{Bidi_Class=R}\p{Bidi_Class=AL}]&&\p{L}]", regex.V1)
_DIRECTION_MARK = r"(?<=\P{Default_Ignorable_Code_Point})[\u200E\u200F\u061C]"  # of use only beside right-to-left text
_UNSEEN = (
    r"[[\p{Cc}--[\n\t]]\p{Cs}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}"
    rf"\uFFF9-\uFFFB\p{{Bidi_Control}}{VEILS}]"
)
_DROP = regex.compile(f"({_KEPT})|{_UNSEEN}", regex.V1)
_DROP_BESIDE_RTL = regex.compile(f"({_KEPT}|{_DIRECTION_MARK})|{_UNSEEN}", regex.V1)
_DROP_ALL = regex.compile(_UNSEEN, regex.V1)
_TOWER = regex.compile(rf"((?:\p{{M}}[\u200C\u200D]?){{{MAX_MARKS}}})[\p{{M}}\u200C\u200D]+")
_LINE_END = regex.compile(r"\r\n?|[\u0085\u2028\u2029\v\f]")
_SPACES = regex.compile(r"[\s\u2800]+")
_CLUSTER = regex.compile(r"\X")
# Characters of Western texts that are clean wherever they stand, and each seen as one: by a table, they are the most.
PRINTED = "\u00a1-\u00ac\u00ae-\u017f\u2013\u2014\u2018-\u201e\u2022\u2026\u20ac"
_PRINTED = re.compile(rf"[\n\t -~\u00a0{PRINTED}]*")
_SUSPECT = regex.compile(rf"[{_UNSEEN}\p{{M}}\u2028\u2029\u2800]", regex.V1)


def clean(text: str) -> str:
    """The text in NFC with `\\n` line ends, without invisible, control, tag or direction characters or towers of marks.

    Joiners and variation selectors stay where they matter (emoji, Indic and Arabic scripts, Han). Idempotent.
    """
    if _PRINTED.fullmatch(text) or (unicodedata.is_normalized("NFC", text) and not _SUSPECT.search(text)):
        return text
    text = _LINE_END.sub("\n", text).replace("\u2800", " ")  # the Braille blank looks like a space and is none
    for _ in range(3):  # what is dropped may leave others without what they leant on
        cleaned = _once(text)
        if cleaned == text:
            return cleaned
        text = cleaned
    return _tower(_DROP_ALL.sub("", text))


def _once(text: str) -> str:
    drop = _DROP_BESIDE_RTL if _RIGHT_TO_LEFT.search(text) else _DROP
    return _tower(drop.sub(r"\1", text))


def _tower(text: str) -> str:
    lower: str = _TOWER.sub(r"\1", unicodedata.normalize("NFC", text))
    return unicodedata.normalize("NFC", lower)


def clean_line(text: str, max_length: int) -> str:
    """One trimmed line for names, titles and badges: cleaned, white space folded, cut at a whole character to at most
    `max_length` code points. Never raises; may be empty.
    """
    line: str = _SPACES.sub(" ", clean(text[: max_length * 20])).strip()
    if len(line) <= max_length:
        return line
    end = 0
    for cluster in _CLUSTER.finditer(line):
        if cluster.end() > max_length:
            break
        end = cluster.end()
    return line[:end].strip()


def count(text: str) -> int:
    """How many characters people see: grapheme clusters."""
    return len(text) if _PRINTED.fullmatch(text) else len(_CLUSTER.findall(text))
