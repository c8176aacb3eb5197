"""Which passwords are taken: by length and by what everybody tries, never by which kinds of characters they have."""

import pytest

from comments.core.errors import Malformed
from comments.core.passwords import LONGEST, SHORTEST, _common, check_password

ABOUT = ("kiesel.bach@gazette.example", "Kiesel am Bach")


@pytest.mark.parametrize(
    "password",
    ["correct horse battery staple", "ten characters or more", "Tr0ub4dor&3x", "gänseblümchenweg", "пароль от сейфа 7",
     "東京の桜は三月に咲く", "🚲🚋🌉🌧️🧤🍂🍞🥐☕📰", "x9!" * 4 + "abcd", "y" * 5 + "0123456789" * 99],
)  # fmt: skip
def test_good_ones(password: str) -> None:
    check_password(password, ABOUT)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "password_short"), ("nine char", "password_short"), ("x" * (LONGEST + 1), "password_long"),
        ("1234567890", "password_common"), ("qwertyuiop", "password_common"), ("Qwertyuiop123!", "password_common"),
        ("!!basketball99", "password_common"), ("abababababab", "password_common"),
        ("kiesel.bach@gazette", "password_known"), ("KieselBach2026", "password_known"),
        ("comments-console", "password_known"), ("gazette.example1", "password_known"),
    ],
)  # fmt: skip
def test_bad_ones(password: str, code: str) -> None:
    with pytest.raises(Malformed) as refused:
        check_password(password, ABOUT)
    assert (refused.value.code, refused.value.extras["field"]) == (code, "password")


def test_the_list() -> None:
    """As many as the standard asks for, and none of them gets through."""
    assert len(_common()) > 8000
    taken = []
    for password in sorted(one for one in _common() if len(one) >= SHORTEST):
        try:
            check_password(password)
            taken.append(password)
        except Malformed:
            continue
    assert taken == []
