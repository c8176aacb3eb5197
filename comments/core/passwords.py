"""Which passwords an account of the console may have (OWASP ASVS 5, 6.2): long enough, not one that everybody tries
first, nothing that stands in the account itself. No rules of composition. Pure; the list lies beside this file.
"""

import functools
import re
from collections.abc import Iterable
from pathlib import Path

from comments.core.errors import Malformed

SHORTEST = 10  # characters
LONGEST = 1000  # characters: sentences, and what password managers make
DISTINCT = 5  # different characters at least
OWN_WORDS = ("comments", "console", "moderator", "administrator", "password")
_ENDS = re.compile(r"^[\W\d_]+|[\W\d_]+$")


@functools.cache
def _common() -> frozenset[str]:
    lines = (Path(__file__).parent / "common_passwords.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("# "))


def check_password(password: str, about: Iterable[str] = ()) -> None:
    """Raise Malformed with the code of what is wrong. `about`: the account's address and name, as they are."""
    if len(password) < SHORTEST:
        raise _bad("password_short", f"A password has at least {SHORTEST} characters.")
    if len(password) > LONGEST:
        raise _bad("password_long", f"A password has at most {LONGEST} characters.")
    folded = password.casefold()
    bare = _ENDS.sub("", folded)
    if folded in _common() or bare in _common() or len(set(folded)) < DISTINCT:
        raise _bad("password_common", "This password is among the first that anybody tries: take a longer one.")
    left = _without(folded, about)
    if left != folded and len(_ENDS.sub("", left)) < SHORTEST - 4:
        raise _bad("password_known", "A password is not made of your name, your address or the name of this service.")


def _without(password: str, about: Iterable[str]) -> str:
    """What is left of a password without the words that anybody knows of the account."""
    words = {word for text in about for word in re.split(r"[\W_]+", text.casefold()) if len(word) > 3}
    for word in sorted({*words, *OWN_WORDS}, key=len, reverse=True):
        password = password.replace(word, "")
    return password


def _bad(code: str, detail: str) -> Malformed:
    return Malformed(detail, field="password", code=code)
