"""Plain words take a short way through core/markup.py: it must lead to the same place, and nothing else may take it."""

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comments.core import characters, markup
from comments.core.characters import clean

# what plain texts are made of, and what must send a text the long way, in pieces that easily become something
WORDS = (  # noqa: SIM905
    "a Zug ä ß Ωμέγα Это ё é ŉ ǆ ﬁ µ 1 1. 2) 12 ... - -- --- + = === mailto: javascript:"
).split()
MARKS = [*".,;:!?'\"()/%–—…„“”’«»€§°"]
GAPS = [" ", " ", " ", "\n", "\n\n"]
OTHERS = [
    "*", "**", "_", "`", "```", "~~~", "~", "[", "](", "]", "<", ">", "<b>", "</p>", "<!--", "\\", "&", "&amp;",
    "&#60;", "#", "@", "|", "  ", "\t", "\n\n\n", "http://", "https://a.at", "www.", "WWW.a.at", "//",
    "\u00a0", "\u0301", "\u200d", "\ufe0f", "👍", "👩‍👧", "\u202e", "\ufeff", "日本", "ㅎ", "한",
    "ع", "क्ष", "\u2028", "\x0b", "\ufdd0", "\u0345",
]  # fmt: skip
plainly = st.lists(st.sampled_from(WORDS + MARKS + GAPS)).map("".join)
anything = st.lists(st.sampled_from(WORDS + MARKS + GAPS * 3 + OTHERS)).map("".join)


@given(st.one_of(plainly, anything, st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))))
@settings(max_examples=150, deadline=None)
@example("Eins, zwei.\nDrei\n\n(„Vier“) 5 - 6 + 7: nein/ja?")
@example("a\n- b\n1. c")
@example("a.www.b.at")
def test_the_short_way_leads_to_the_same_place(text: str) -> None:
    source = clean(text).strip("\n")
    if markup.is_plain(source):
        assert markup._plain(source) == markup._render(source) == markup.render(text)


@given(st.lists(st.sampled_from(WORDS + GAPS), min_size=1).map("".join), st.sampled_from(OTHERS))
@settings(max_examples=100, deadline=None)
def test_what_could_mean_something_takes_the_long_way(text: str, other: str) -> None:
    assert not markup.is_plain(f"a{other}{text}")


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "1. a", "- a", "> a", " a", "a ", "a \nb", "a\n b", "a  b", "a\n\n\nb", "-", "…"]
)
def test_not_plain(text: str) -> None:
    assert not markup.is_plain(text)


def test_long_texts_are_looked_at_once() -> None:
    """The guard goes over the text once: it cannot be made to walk back."""
    assert markup.is_plain("wort " * 1999 + "wort")
    assert not markup.is_plain("wort " * 1999 + "wort*")
    assert not markup.is_plain("a\n" * 200 + "a"), "so many lines would be too many elements"


TAGS = ["<p>", "</p>", "<strong>", "</strong>", "<em>", "<br>", "<blockquote>", "</blockquote>", "<ul><li>", "</li>"]
TAGS += ["</ul>", "<ol>", "<del>", "</del>", "</em>"]
tagged = st.lists(st.sampled_from(TAGS * 2 + WORDS + MARKS + GAPS)).map("".join)
untagged = st.sampled_from(["<code>", '<a href="https://a.at">x</a>', "&amp;", "<img>", "<pre>a</pre>", "https://a.at"])


@given(st.one_of(tagged, st.tuples(tagged, untagged, tagged).map("".join)))
@settings(max_examples=200, deadline=None)
@example("<p>eins <em>zwei</em><br>drei</p><ul><li>vier</li></ul>")
def test_bleach_leaves_words_in_plain_elements_as_they_are(html: str) -> None:
    safe = markup.trees.write(markup.arrange(markup.trees.read(markup._NH3.clean(html))))
    if markup.is_tagged(safe):
        assert markup._bleached(safe) == safe


@given(st.lists(st.sampled_from(["<p>a</p>", "<p>b <em>c</em></p>"])).map("".join), untagged)
@settings(max_examples=50, deadline=None)
def test_bleach_sees_everything_else(html: str, other: str) -> None:
    assert not markup.is_tagged(f"{html}<p>{other}</p>")


def test_the_tables_of_western_letters_agree_with_what_they_stand_for() -> None:
    """Each character that a table lets pass, also beside others: what the slow way says of it."""
    for code in range(0x110000):
        letter = chr(code)
        if markup._WESTERN_PLAIN.fullmatch(letter):
            assert markup._PLAIN.fullmatch(letter), hex(code)
        if markup._WESTERN_PLAIN.fullmatch(f"a{letter}a"):
            assert markup._PLAIN.fullmatch(f"a{letter}a"), hex(code)
        if markup._WESTERN_TAGGED.fullmatch(letter):
            assert markup._TAGGED.fullmatch(letter), hex(code)
        if characters._PRINTED.fullmatch(letter):
            assert not characters._SUSPECT.search(letter), hex(code)
            assert characters._once(letter) == letter, hex(code)
            assert unicodedata.is_normalized("NFC", letter), hex(code)
            assert unicodedata.combining(letter) == 0, hex(code)


@given(st.one_of(plainly, anything))
@settings(max_examples=100, deadline=None)
def test_the_tables_take_nothing_that_the_slow_way_refuses(text: str) -> None:
    if markup._WESTERN_PLAIN.fullmatch(text):
        assert markup._PLAIN.fullmatch(text)
    if characters._PRINTED.fullmatch(text):
        assert characters._once(text) == text
        assert len(text) == len(characters._CLUSTER.findall(text))
