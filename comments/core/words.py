"""People's words on the server: texts of locales/ with their placeholders, plurals and dates, as the widget's
shared/i18n.ts has them. Pure: who asks brings the texts.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

from comments.core.times import NAIVE_EPOCH

Texts = Mapping[str, str]
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})


def _slavic(n: int) -> str:
    if n == 1:
        return "one"
    return "few" if 2 <= n % 10 <= 4 and not 12 <= n % 100 <= 14 else "many"


def _arabic(n: int) -> str:
    if n < 3:
        return ("zero", "one", "two")[n]
    return "few" if 3 <= n % 100 <= 10 else "many" if n % 100 >= 11 else "other"


def _romance(*singular: int) -> Callable[[int], str]:
    return lambda n: "one" if n in singular else "many" if n and n % 1_000_000 == 0 else "other"


# Of whole numbers, by CLDR; tests/core/test_words.py compares them with a browser engine's Intl.PluralRules.
_PLURALS: dict[str, Callable[[int], str]] = {
    "ar": _arabic,
    "es": _romance(1),
    "fr": _romance(0, 1),
    "he": lambda n: {1: "one", 2: "two"}.get(n, "other"),
    "it": _romance(1),
    "pl": _slavic,
    "pt": _romance(0, 1),
}


def plural(language: str, n: int) -> str:
    """The category of a whole number, not negative: one, few, many…"""
    rule = _PLURALS.get(language.partition("-")[0])
    if rule is not None:
        return rule(n)
    return "one" if n == 1 else "other"


def pick_language(wished: Sequence[str], existing: Mapping[str, object]) -> str:
    """The first of the wished languages that exists, exactly or by its first part (`de-AT` → `de`); English if none."""
    for wish in wished:
        tag = wish.replace("_", "-")
        for name in (tag, tag.partition("-")[0].lower()):
            if name in existing:
                return name
    return "en"


class Words:
    """The texts of one language; English stands in for what is missing, the key itself for what nobody wrote."""

    def __init__(self, language: str, house: Mapping[str, Texts]) -> None:
        self.language = language
        self.direction = "rtl" if language.partition("-")[0] in _RIGHT_TO_LEFT else "ltr"
        self._texts = {**house["en"], **house[language]}

    def find(self, key: str, **given: object) -> str | None:
        """The text with its placeholders filled; a placeholder that nothing is given for stays."""
        text = self._texts.get(key)
        if text is None:
            return None
        return _PLACEHOLDER.sub(lambda found: str(given.get(found[1], found[0])), text)

    def t(self, key: str, **given: object) -> str:
        return self.find(key, **given) or key

    def n(self, key: str, n: int, **given: object) -> str:
        """The text for so many: `key.one`, `key.other`…"""
        named = self.find(f"{key}.{plural(self.language, n)}", n=n, **given)
        return named if named is not None else self.t(f"{key}.other", n=n, **given)

    def time(self, micros: int) -> str:
        """Day and minute in UTC: the same page is kept for readers everywhere."""
        then: datetime = NAIVE_EPOCH + timedelta(microseconds=micros)
        return self.t("page.time", day=self.day(then), clock=f"{then:%H:%M}")

    def day(self, day: date) -> str:
        month = self.t("page.months").split(",")[day.month - 1].strip()
        return self.t("page.day", day=day.day, month=month, year=day.year)
