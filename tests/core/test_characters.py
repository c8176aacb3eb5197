"""Characters: what stays, what goes, how long a text is for people."""

import unicodedata

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from comments.core.characters import MAX_MARKS, VEILS, clean, clean_line, count

SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"

STAYS = {
    "family": "👨\u200d👩\u200d👧\u200d👦",
    "astronaut of some colour": "👩🏽\u200d🚀",
    "heart on fire": "❤\ufe0f\u200d🔥",
    "red heart": "❤\ufe0f",
    "keycap": "1\ufe0f\u20e3",
    "Scotland": SCOTLAND,
    "Persian": "می\u200cخواهم",
    "Persian, vowelled": "مِی\u200cخواهم",
    "Hindi": "क्\u200dष र्\u200cय",
    "Bengali": "র\u200d্য",
    "Sinhala": "ශ්\u200dරී",
    "Hebrew with a mark of direction": "C++\u200e שלום",
    "Han with its variant": "葛\U000e0100飾区",
    "Mongolian": "\u1828\u180b",
    "Vietnamese": "Tiếng Việt",
    "Hebrew, pointed": unicodedata.normalize("NFC", "בְּרֵאשִׁית"),
    "Thai": "ที่นี่",
    "code": "\tif x:\n\t\treturn",
    "private use": "\uf8ff",
    "wide spaces": "a\u3000b\u00a0c\u2009d",
}
GOES = {
    "line ends": ("a\r\nb\rc\u2028d\u2029e\u0085f\x0bg\x0ch", "a\nb\nc\nd\ne\nf\ng\nh"),
    "controls": ("a\x00\x07\x1b[31mb\x7f\x9bc", "a[31mbc"),
    "zero width": ("a\u200b\u2060\ufeffb\u00adc\u034fd\u200ce\u200df", "abcdef"),
    "fillers": ("\u3164\uffa0\u115f\u1160", ""),
    "direction": ("\u202eabc\u202c \u2066d\u2069 \u200ee\u200f \u061cf", "abc d e f"),
    "direction in a row": ("ש\u200f\u200f\u200f.", "ש\u200f."),
    "override in Hebrew": ("ש\u202eabc", "שabc"),
    "tags": ("x\U000e0068\U000e0069\U000e007f🏴\U000e0068\U000e007f", "x🏴"),
    "variation selectors as a hiding place": ("a\ufe01\ufe02\U000e0150b😀\ufe0f\ufe0f\ufe01", "ab😀\ufe0f"),
    "lone joiners": ("\u200d\u200d😀\u200d\u200da", "😀a"),
    "joiners in a row": ("می\u200c\u200c\u200cخ", "می\u200cخ"),
    "composed": ("e\u0301 A\u030a \u212b", "é Å Å"),
    "half characters": ("a\ud800b\udfffc", "abc"),
    "no characters": ("a\ufffe\uffff\ufdd0\U0010ffffb" + VEILS, "ab"),
    "annotations": ("a\ufff9b\ufffac\ufffb", "abc"),
    "Braille blank": ("a\u2800b", "a b"),
    "not a tag with a stroke": ("<\u0338", "≮"),
}


@pytest.mark.parametrize("text", STAYS.values(), ids=STAYS.keys())
def test_what_stays(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(("text", "cleaned"), GOES.values(), ids=GOES.keys())
def test_what_goes(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    "mark", ["\u0301", "\u0489", "\u0e49", "\u064b", "\u094d", "\u20dd", "\u0301\u034f", "\u094d\u200d", "\u0301\ufe0f"]
)
def test_towers_are_cut(mark: str) -> None:
    cleaned = clean("a" + mark * 60 + "b")
    marks = regex.findall(r"\p{M}", cleaned)
    assert 0 < len(marks) <= MAX_MARKS
    assert len(cleaned) <= 2 + 2 * MAX_MARKS + 1
    assert cleaned[-1] == "b"


INTERESTING = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "\u0301\u0308\u064b\u094d\u200c\u200d\u200e\u200f\ufe0f\u180b\U000e0100\U000e0067א🏴👩ک葛क\u1828\r\n\u034f1"
        ),
    ),
    max_size=40,
)


@given(INTERESTING)
def test_cleaning(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not regex.search(
        r"[\p{Cs}\u202a-\u202e\u2066-\u2069\u200b\ufeff\r]|[\p{Cc}--[\n\t]]", cleaned, flags=regex.V1
    )
    assert not regex.search(rf"\p{{M}}{{{MAX_MARKS + 1}}}", cleaned)
    assert not set(VEILS) & set(cleaned)


LINES = {
    "trimmed": ("  kiesel \n", 40, "kiesel"),
    "one line": ("a\n\nb\tc\u2003d\u2800e", 40, "a b c d e"),
    "invisible": ("\u200b\u3164\u2800\u202e", 40, ""),
    "reversed": ("\u202eadmin", 40, "admin"),
    "cut": ("abcdef", 3, "abc"),
    "cut, no space at the end": ("abc def", 4, "abc"),
    "cut at a whole character": ("ab👩\u200d🚀", 4, "ab"),
    "fits": ("ab👩\u200d🚀", 5, "ab👩\u200d🚀"),
    "NUL and half characters": ("a\0b\ud800", 40, "ab"),
    "markup stays text": ("<b>x</b> & y", 40, "<b>x</b> & y"),
    "very long": ("x" * 100_000, 40, "x" * 40),
}


@pytest.mark.parametrize(("text", "longest", "line"), LINES.values(), ids=LINES.keys())
def test_lines(text: str, longest: int, line: str) -> None:
    assert clean_line(text, longest) == line


@given(INTERESTING, st.integers(0, 20))
def test_every_line(text: str, longest: int) -> None:
    line = clean_line(text, longest)
    assert len(line) <= longest
    assert "\n" not in line
    assert line == line.strip()
    assert clean_line(line, longest) == line


@pytest.mark.parametrize(
    ("text", "characters"),
    [
        ("", 0),
        ("abc", 3),
        ("a\nb", 3),
        ("é", 1),
        ("e\u0301", 1),
        ("👨\u200d👩\u200d👧\u200d👦", 1),
        (SCOTLAND + "!", 2),
        ("क्\u200dष", 1),
        ("🇩🇪🇫🇷", 2),
    ],
)
def test_length_as_people_count(text: str, characters: int) -> None:
    assert count(text) == characters
