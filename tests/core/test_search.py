"""The query language: what is typed, what is meant, what is refused, and what is marked."""

import pytest

from comments.core.errors import Malformed
from comments.core.search import Query, Term, marks, read_query, words_of
from comments.core.status import Status

FINDS = {
    "": (),
    "Müller": (Term(("muller",), begins=True),),
    "Müller ": (Term(("muller",), begins=True),),
    "a": (Term(("a",)),),
    "Two WORDS": (Term(("two",)), Term(("words",), begins=True)),
    '"Two words"': (Term(("two", "words")),),
    '"never ended': (Term(("never", "ended")),),
    "-not this": (Term(("not",), without=True), Term(("this",), begins=True)),
    "this -not": (Term(("this",)), Term(("not",), without=True)),
    '-"not these"': (Term(("not", "these"), without=True),),
    "well-known": (Term(("well", "known"), begins=True),),
    "e-mail@example.com": (Term(("e", "mail", "example", "com"), begins=True),),
    "NEAR(a b, 5) OR x*": (Term(("near", "a")), Term(("b",)), Term(("5",)), Term(("or",)), Term(("x",))),
    "text:secret": (Term(("text", "secret"), begins=True),),
    "!!! ??? —": (),
    "Straße ЙОД 日本語": (Term(("straße",)), Term(("йод",)), Term(("日本語",), begins=True)),
}


@pytest.mark.parametrize("text", FINDS)
def test_words(text: str) -> None:
    assert read_query(text).terms == FINDS[text]


def test_fields() -> None:
    query = read_query('author:"Anna Blume" article:2026/x-1 status:waiting status:rejected word')
    assert query == Query(
        (Term(("word",), begins=True),), ("anna", "blume"), "2026/x-1", (Status.WAITING, Status.REJECTED)
    )
    assert read_query("").is_empty and read_query(" -- ").is_empty
    assert not read_query("status:waiting").is_empty


@pytest.mark.parametrize(
    "text",
    ["status:erased", "status:", "status:x", "author:", 'author:""', "article:", "-status:waiting", "-author:anna",
     "x" * 301, "a b c d e f g h i j k l m"],
)  # fmt: skip
def test_what_is_refused_says_why(text: str) -> None:
    if text in ("status:", "author:", "article:"):  # a word and a colon: looked for as a word
        assert read_query(text).terms
        return
    with pytest.raises(Malformed) as refused:
        read_query(text)
    assert refused.value.extras["field"] == "q" and len(refused.value.detail) > 20


def test_words_are_folded_as_the_index_folds_them() -> None:
    assert words_of("Él dijo: «Ça va, ÅNGSTRÖM?»") == ("el", "dijo", "ca", "va", "angstrom")
    assert words_of("e\u0301 \u0301 x\u0300y") == ("e", "xy")


def test_marks() -> None:
    text = "🙂 Über Brücken, über die Brücke; Brückengeld"
    assert [text[a:b] for a, b in marks(read_query("bruck"), text)] == ["Brücken", "Brücke", "Brückengeld"]
    assert [text[a:b] for a, b in marks(read_query("brucke uber"), text)] == ["Über", "über", "Brücke"]
    assert [text[a:b] for a, b in marks(read_query('"die Brücke" -geld'), text)] == ["die Brücke"]
