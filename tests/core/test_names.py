"""Names that only look like the newsroom's are seen through; the names of people in twenty scripts are let through."""

import pytest

from comments.core.names import looks_like_one_of, skeleton
from comments.core.site import SiteSettings

RESERVED = SiteSettings().reserved_names
STAFF = ("Anna Berg", "Desk")

ALIKE = [
    "admin", "ADMIN", "аdmin", "Аdмin", "ɑdmin", "ꓮdmin", "Admın", "АDMIN", "a.d.m.i.n", "a d m i n", "adm1n", "@dmin",
    "ａｄｍｉｎ", "Ⓐⓓⓜⓘⓝ", "adrnin", "_admin_", "M0derat0r", "mοderаtοr", "moderat🅾r", "ｓｔａｆｆ", "𝓈taff", "staff!",
    "St4ff Kim", "Edit0r", "ědítor", "éditor", "The Editor", "Аnnа Веrg", "AnnaBerg", "ANNA BERG", "Ànna  Bérg", "dеsk",
]  # fmt: skip
REAL = {
    "Latin": [
        "Ståle Admundsen",
        "Ed Miner",
        "Modesta",
        "Stafford",
        "Editha",
        "Jean-Luc Moderato",
        "O'Brien",
        "Ng",
        "Anna",
    ],
    "Cyrillic": ["Анна Ковальова", "Олександр", "Бат-Эрдэнэ", "Сара Моор"],
    "Greek": ["Γιώργος Παπαδόπουλος"],
    "Arabic": ["محمد علي", "فاطمه رضایی"],
    "Hebrew": ["דוד כהן"],
    "Devanagari": ["राम शर्मा", "श्रीकृष्ण"],
    "Bengali": ["মোহাম্মদ রহিম"],
    "Gurmukhi": ["ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ"],
    "Gujarati": ["પ્રિયા પટેલ"],
    "Tamil": ["முத்துலட்சுமி"],
    "Telugu": ["శ్రీనివాస్"],
    "Kannada": ["ಕಾವ್ಯ"],
    "Malayalam": ["ശ്രീജിത്ത്"],
    "Sinhala": ["ප්\u200dරසන්න"],
    "Thai": ["สมชาย ใจดี"],
    "Lao": ["ສົມພອນ"],
    "Myanmar": ["မောင်အောင်"],
    "Khmer": ["សុខា"],
    "Georgian": ["გიორგი"],
    "Armenian": ["Արմեն"],
    "Ethiopic": ["ተስፋዬ"],
    "Hangul": ["김철수"],
    "Han": ["王小明", "田中太郎"],
    "Hiragana": ["さくら"],
    "Tibetan": ["བཀྲ་ཤིས"],
    "Cherokee": ["ᏣᎳᎩ"],
}


@pytest.mark.parametrize("name", ALIKE)
def test_what_looks_like_the_newsroom(name: str) -> None:
    assert looks_like_one_of(name, RESERVED, STAFF)


@pytest.mark.parametrize("script", REAL)
def test_names_of_people(script: str) -> None:
    assert len(REAL) >= 20
    for name in REAL[script]:
        assert skeleton(name), "a name of nothing would be like any other"
        assert not looks_like_one_of(name, RESERVED, STAFF)


def test_a_word_of_the_staff_is_nobodys_alone() -> None:
    """Only a reserved word is refused within a longer name; a colleague's first name is anybody's."""
    assert not looks_like_one_of("Anna", RESERVED, STAFF)
    assert not looks_like_one_of("Anna Bergmann", RESERVED, STAFF)


def test_a_reserved_name_of_several_words() -> None:
    assert looks_like_one_of("The Gаzette Desk", ("Gazette Desk", "The Gazette Desk"), ())
    assert not looks_like_one_of("Gazette reader", ("Gazette Desk",), ())
    assert not looks_like_one_of("!!!", ("---",), ("…",))
