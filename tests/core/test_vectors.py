"""What others attack sanitisers with, and what a grammar makes of the same tricks: nothing but our list comes out of
either door, sanitising it again changes nothing, and bleach and nh3 see the same in it.
"""

from collections.abc import Callable, Iterator

import nh3
import pytest
from bleach.sanitizer import Cleaner
from hypothesis import given, settings

from comments.core import tree as trees
from comments.core.address import safe_href
from comments.core.characters import clean
from comments.core.errors import CommentsError
from comments.core.markup import Draft, clean_line, render, render_html, sanitise
from tests.core.reading import COLLECTIONS, ELEMENTS, collected, elements_by_html5lib, outside_the_list
from tests.grammar import addresses, attacks

Make = Callable[[str], Draft]
CLEANER = Cleaner(
    tags=ELEMENTS,
    attributes={"a": ["href", "rel"], "ol": ["start"]},
    protocols=["http", "https", "mailto"],
    strip=True,
)


def wrong_with(make: Make, vector: str) -> Iterator[str]:
    """What of this text's draft is not as every draft has to be."""
    try:
        draft = make(vector)
    except CommentsError as error:
        if error.status >= 500 or ("\0" not in vector and len(vector) < 10_000):
            yield f"refused: {error}"
        return
    yield from outside_the_list(draft.html)
    if sanitise(draft.html) != draft.html:
        yield "sanitising it again changes it"
    if trees.write(draft.tree) != draft.html or render_html(draft.html).tree != draft.tree:
        yield "tree and HTML differ"
    seen = elements_by_html5lib(draft.html)
    by_bleach = elements_by_html5lib(CLEANER.clean(draft.html))
    by_nh3 = elements_by_html5lib(
        nh3.clean(
            draft.html,
            tags=ELEMENTS,
            attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
            url_schemes={"http", "https", "mailto"},
            link_rel=trees.REL,
        )
    )
    if not seen == by_bleach == by_nh3:
        yield f"bleach and nh3 do not agree: {seen} {by_bleach} {by_nh3}"
    if any(safe_href(href) is None for href in draft.links):
        yield f"links to {draft.links}"


@pytest.mark.parametrize("collection", COLLECTIONS)
@pytest.mark.parametrize("make", [render, render_html])
def test_public_attacks(make: Make, collection: str) -> None:
    wrong = {vector: found for vector in collected(collection) if (found := [*wrong_with(make, vector)])}
    assert wrong == {}


def test_there_are_many_of_them_and_the_oracle_sees_them() -> None:
    every = [vector for name in COLLECTIONS for vector in collected(name)]
    assert len(every) == len(set(every)) > 1_500
    tagged = [vector for vector in every if "<" in vector]
    assert sum(bool(outside_the_list(vector)) for vector in tagged) > 0.5 * len(tagged) > 500


@settings(max_examples=150, deadline=None)
@given(attacks)
def test_attacks_of_the_grammar(text: str) -> None:
    for make in (render, render_html):
        assert [*wrong_with(make, text)] == []


@settings(max_examples=200, deadline=None)
@given(addresses)
def test_addresses_of_the_grammar(address: str) -> None:
    """What comes through is an address that any reader takes for the same: nothing needs to be forgiven."""
    kept = safe_href(address)
    if kept is None:
        return
    assert kept.startswith(("http://", "https://", "mailto:"))
    assert not set(kept) & set(" \t\r\n\f\\<>\"'`")
    assert "@" not in kept.partition("//")[2].partition("/")[0]
    assert kept.isprintable()


def test_lines_of_public_attacks_are_one_line() -> None:
    """Names, titles, badges: never more than a line of what people can see, and cleaning it again changes nothing."""
    for name in COLLECTIONS:
        for vector in collected(name):
            line = clean_line(vector, 40)
            assert "\n" not in line and len(line) <= 40
            assert clean_line(line, 40) == line == clean(line).strip(), vector
