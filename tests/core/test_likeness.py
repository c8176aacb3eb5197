"""Likeness: near for what differs in a word, far for what does not belong together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.core.moderation.likeness import alike, simhash

TEXT = (
    "The council has decided that the road by the river is to be closed for cars from next spring on, and whoever "
    "lives there was told by a letter last week; nobody was asked before, and there is no plan for the buses yet."
)
OTHER = (
    "I have cooked this soup three times by now, and each time it wanted more salt, less cream and twice the time that "
    "you give; still my children like it, and the bread from the recipe of last week goes well with it."
)


def likeness(one: str, other: str) -> int:
    bits = simhash(one), simhash(other)
    assert bits[0] is not None
    assert bits[1] is not None
    return alike(*bits)


@pytest.mark.parametrize(
    ("other", "least", "most"),
    [
        (TEXT, 100, 100),
        (TEXT.upper().replace(" ", "  "), 100, 100),
        (TEXT.replace("road", "street"), 85, 99),
        (TEXT + " Think about it, http://x.example", 80, 99),
        (TEXT.replace("council", "mayor").replace("river", "lake").replace("letter", "note"), 70, 99),
        (OTHER, 0, 60),
    ],
)
def test_alike(other: str, least: int, most: int) -> None:
    assert least <= likeness(TEXT, other) <= most


def test_scripts_without_spaces() -> None:
    text = "我认为议会在修建这条道路之前应该听取居民的意见"
    assert likeness(text, text.replace("道路", "公路")) >= 70
    assert likeness(text, "昨天的汤太咸了下次我会少放一点盐多放一点奶油") <= 60


def test_short_texts_are_not_compared() -> None:
    assert simhash("I agree with you") is None
    assert simhash("") is None
    assert simhash("🎉 " * 50) is None


def test_it_is_the_same_everywhere_and_always() -> None:
    """It is stored: another way to compute it needs a migration."""
    assert simhash("one two three four five") == simhash("One  two, three – four (five)") == 1983961325161957819


@given(st.text(max_size=3000))
def test_it_fits_its_column(text: str) -> None:
    bits = simhash(text)
    assert bits is None or -(2**63) <= bits < 2**63
    assert bits is None or alike(bits, bits) == 100
