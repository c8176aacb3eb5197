"""Mentions: what is one, whose it is, and that the words stay where they were."""

import time

import pytest

from comments.core.identity import name_key
from comments.core.markup import render
from comments.core.mentions import MOST, MOST_READINGS, MOST_SIGNS, marked, mentioned, wanted
from comments.core.tree import Tree, plain_text

PEOPLE = {
    name_key(name): member
    for member, name in enumerate(
        ("kiesel", "Birke Lind", "birke", "O'Neil", "J. R. Hart", "日本", "Größe", "a" * 40), start=1
    )
}


def spans(tree: Tree) -> list[tuple[str, str]]:
    """(member, words) of the mentions, in their order."""
    found = []
    for node in tree:
        if isinstance(node, list) and node[0] == "mention":
            found.append((node[1]["member"], node[2]))
        elif isinstance(node, list):
            found += spans(node[1:])
    return found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("hello @kiesel!", ["@kiesel"]),
        ("@KIESEL, (@kiesel) “@kiesel” @kiesel's @kiesel.", ["@KIESEL"] + ["@kiesel"] * 4),
        ("@Birke Lind wrote", ["@Birke Lind"]),
        ("@birke  lind wrote", ["@birke lind"]),  # Markdown shows one space
        ("@birke linden wrote", ["@birke"]),
        ("@o'neil and @J. R. Hart.", ["@o'neil", "@J. R. Hart"]),
        ("@日本, @日本人", ["@日本"]),
        ("@GRÖSSE", ["@GRÖSSE"]),
        ("@ｋiesel", ["@ｋiesel"]),
        (f"@{'a' * 40} @{'a' * 41}", [f"@{'a' * 40}"]),
        ("@kiesel\nlind and @birke\nlind", ["@kiesel", "@birke"]),
        ("> @kiesel\n\n- @birke\n- **@kiesel** _@birke_", ["@kiesel", "@birke", "@kiesel", "@birke"]),
        ("**so** @kiesel", ["@kiesel"]),
        # none of these
        ("write to me@kiesel or a.b@kiesel.example", []),
        ("@kiesel.example @kieselstein @kiesel_x @kiesel-stein @kiesel@birke", []),
        ("@ kiesel @@kiesel # @", []),
        ("@kiesеl", []),  # one letter is Cyrillic
        ("`@kiesel` and\n\n```\n@kiesel\n```", []),
        ("[@kiesel](https://a.example) https://a.example/@kiesel", []),
        ("**so**@kiesel `x`@kiesel", []),
        ("@stranger", []),
    ],
)
def test_what_is_a_mention(text: str, found: list[str]) -> None:
    draft = render(text)
    tree, members = marked(draft.tree, PEOPLE)
    assert [words for _, words in spans(tree)] == found
    assert all(PEOPLE[name_key(words[1:])] == int(member) for member, words in spans(tree))
    assert members == list(dict.fromkeys(int(member) for member, _ in spans(tree)))
    assert sorted(mentioned(tree)) == sorted(members)
    assert plain_text(tree) == draft.text
    assert {name_key(words[1:]) for words in found} <= wanted(draft.tree)


def test_ten_at_most_and_oneself_like_everybody() -> None:
    tree, members = marked(render("@kiesel and @birke " * 9).tree, PEOPLE)
    assert len(spans(tree)) == MOST and members == [1, 3]


def test_nothing_is_wanted_where_nobody_is_meant() -> None:
    for text in ("hello", "a@b.example", "`@kiesel`", "@", "@@@@", "@ @ @"):
        assert wanted(render(text).tree) == set(), text


@pytest.mark.parametrize(
    "text", ["@" * 10_000, "@a " * 3_333, "@kiesel " * 1_250, ("@" + "a " * 40) * 120, "@\n" * 5_000]
)
def test_no_text_costs_much(text: str) -> None:
    """Linear in its length, and so few names to look up that one query has room for them."""
    draft = render(text)
    began = time.perf_counter()
    assert len(wanted(draft.tree)) <= MOST_SIGNS * MOST_READINGS
    tree, _ = marked(draft.tree, PEOPLE)
    assert time.perf_counter() - began < 5
    assert plain_text(tree) == draft.text
