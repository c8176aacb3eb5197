"""Words on the server: plurals as the widget's engine has them, placeholders, languages, dates."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from comments.core.words import Words, pick_language, plural

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "ar", "he")
NUMBERS = [*range(1001), 1_000_000, 1_000_001, 2_000_000]
MONTHS = "January, February, March, April, May, June, July, August, September, October, November, December"
HOUSE = {
    "en": {"a": "one {thing}", "n.one": "{n} dog", "n.other": "{n} dogs", "page.months": MONTHS,
           "page.day": "{day} {month} {year}", "page.time": "{day}, {clock} UTC"},
    "pl": {"n.one": "{n} pies", "n.few": "{n} psy", "n.many": "{n} psów"},
    "ar": {},
}  # fmt: skip


@pytest.fixture(scope="module")
def by_intl() -> dict[str, list[str]]:
    """What Intl.PluralRules says of these numbers."""
    node = shutil.which("node") or str(Path(sys.executable).parent / "node")
    script = (
        "const [languages, numbers] = JSON.parse(process.argv[1]);"
        "const of = (language) => numbers.map((n) => new Intl.PluralRules(language).select(n));"
        "console.log(JSON.stringify(Object.fromEntries(languages.map((one) => [one, of(one)]))))"
    )
    asked = json.dumps([LANGUAGES, NUMBERS])
    done = subprocess.run([node, "-e", script, "--", asked], check=True, capture_output=True, text=True)
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_plurals_are_those_of_browsers(by_intl: dict[str, list[str]], language: str) -> None:
    assert [plural(language, n) for n in NUMBERS] == by_intl[language]


def test_numbers_have_their_words() -> None:
    polish = Words("pl", HOUSE)
    assert [polish.n("n", n) for n in (1, 3, 5)] == ["1 pies", "3 psy", "5 psów"]
    assert Words("ar", HOUSE).n("n", 3) == "3 dogs", "English where nobody has written a text"


def test_placeholders_are_filled_and_never_filled_again() -> None:
    words = Words("en", HOUSE)
    assert words.t("a", thing="{n}") == "one {n}"
    assert words.t("a") == "one {thing}"
    assert (words.t("b"), words.find("b")) == ("b", None)


def test_a_language_is_found_by_its_first_part() -> None:
    assert [pick_language(wished, HOUSE) for wished in (["pl-PL"], ["xx", "ar"], ["xx"], [""], ["pl_PL"])] == [
        "pl", "ar", "en", "en", "pl",
    ]  # fmt: skip


def test_directions() -> None:
    assert (Words("ar", HOUSE).direction, Words("pl", HOUSE).direction) == ("rtl", "ltr")


def test_a_time() -> None:
    assert Words("en", HOUSE).time(1_772_442_000_000_000) == "2 March 2026, 09:00 UTC"
