"""Words of a list: found however they are written, marked exactly where they stand."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.core.moderation.words import WordList, fold, word_list

CASES = [
    (("fool",), "A fool, a FOOL.", ["fool", "FOOL"]),
    (("fool",), "foolish tomfool fool_ish", ["fool"]),
    (("fool*",), "Foolish fools! tomfool", ["Foolish", "fools"]),
    (("idiot",), "ïdiôt i\u0301diot\u0308s", ["ïdiôt"]),
    (("idiot",), "idiot\u0301, idiot", ["idiot\u0301", "idiot"]),
    (("größe",), "GRÖSSE Grosse größe", ["GRÖSSE", "Grosse", "größe"]),
    (("grosse",), "große", ["große"]),
    (("fool",), "ｆｏｏｌ 𝐟𝐨𝐨𝐥 ⓕⓞⓞⓛ", ["ｆｏｏｌ", "𝐟𝐨𝐨𝐥", "ⓕⓞⓞⓛ"]),
    (("fool",), "fo\u200dol fo\u00adol", ["fo\u200dol", "fo\u00adol"]),
    (("old fool",), "old\n  fool, oldfool", ["old\n  fool"]),
    (("old", "old fool", "fool*"), "old fool old foolery", ["old fool", "old", "foolery"]),
    (("a.b",), "a.b xa.b a.bc a.b.", ["a.b", "a.b"]),
    (("$$$",), "$$$ a$$$b", ["$$$", "$$$"]),
    (("傻瓜",), "你是傻瓜吗", ["傻瓜"]),
    (("バカ",), "このバカだ", ["バカ"]),
    (("дурак",), "Дурак! дураки", ["Дурак"]),
    (("дурак*",), "дураки", ["дураки"]),
    (("خر",), "يا خَر", ["خَر"]),
    (("*", " ", "", "\u200b"), "* anything", []),
    (("fool", "Fool"), "fool", ["fool"]),
    (("ﬁsh",), "fish ﬁsh", ["fish", "ﬁsh"]),
    ((), "anything", []),
]


@pytest.mark.parametrize(("entries", "text", "found"), CASES)
def test_found(entries: tuple[str, ...], text: str, found: list[str]) -> None:
    assert [text[hit.start : hit.end] for hit in WordList(entries).find(text)] == found


def test_entries_are_named_as_the_list_has_them() -> None:
    assert [hit.entry for hit in WordList(("Fool*", "ÄRGER")).find("foolish ärger")] == ["Fool*", "ÄRGER"]


def test_a_list_is_built_once() -> None:
    assert word_list(("a", "b")) is word_list(("a", "b"))


LETTERS = st.text(st.sampled_from("abßäÄ\u0308 \n.*_-\u200dİﬁ漢"), max_size=30)


@given(LETTERS, st.lists(LETTERS.filter(bool), max_size=4).map(tuple))
def test_spans_point_at_the_entry(text: str, entries: tuple[str, ...]) -> None:
    end = 0
    for hit in WordList(entries).find(text):
        assert end <= hit.start < hit.end <= len(text)
        end = hit.end
        wanted = fold(hit.entry.strip().removesuffix("*"))[0].strip()
        marked = fold(text[hit.start : hit.end])[0]
        assert marked.startswith(wanted) if hit.entry.strip().endswith("*") else wanted == marked


@given(st.text(max_size=60))
def test_folding_remembers_the_way_back(text: str) -> None:
    letters, origins = fold(text)
    assert len(letters) == len(origins)
    assert origins == sorted(origins)
    assert all(letters[place] in fold(text[origin])[0] for place, origin in enumerate(origins))
    assert letters == fold(unicodedata.normalize("NFC", letters))[0] or "\u0345" in text


def test_work_grows_with_the_text_not_with_the_list() -> None:
    """Ten times the entries, the same steps through the tree of letters."""

    class Counting(dict[str, object]):
        steps = 0

        def __contains__(self, key: object) -> bool:
            Counting.steps += 1
            return super().__contains__(key)

    def steps(entries: tuple[str, ...], text: str) -> int:
        words = WordList(entries)
        words._tree = counting(words._tree)
        Counting.steps = 0
        words.find(text)
        return Counting.steps

    def counting(node: dict[str, object]) -> Counting:
        return Counting({key: counting(value) if isinstance(value, dict) else value for key, value in node.items()})

    text = "the quick brown fox " * 100
    few = tuple(f"brow{n:05}" for n in range(100))
    many = tuple(f"brow{n:05}" for n in range(1000))
    assert steps(many, text) == steps(few, text) < 4 * len(text)
    assert steps(many, text * 2) == 2 * steps(many, text)
