"""What a publisher's rules are set to: for a site, its sections and single articles. Stored as versions that nobody
changes; tried on past comments before they count. The rules themselves are code (rules/), these are their values.
"""

import re
from functools import lru_cache
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

import msgspec

from comments.core.errors import Malformed

MOST_WORDS = 10_000  # entries of one list

Words = Annotated[
    tuple[Annotated[str, msgspec.Meta(min_length=1, max_length=100)], ...], msgspec.Meta(max_length=MOST_WORDS)
]
Domains = Annotated[
    tuple[Annotated[str, msgspec.Meta(min_length=3, max_length=253)], ...], msgspec.Meta(max_length=1000)
]
Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]
Clock = Annotated[str, msgspec.Meta(pattern=r"\A([01][0-9]|2[0-3]):[0-5][0-9]\Z")]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Label = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Score = Annotated[float, msgspec.Meta(ge=0, le=1)]


class QuietHours(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """From `start` to `end` (which may lie after midnight) of these days, in the rule set's time zone."""

    start: Clock
    end: Clock
    days: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class OpinionRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one of the site's classifiers may cause. `thresholds`: from which score (0–1) on a label counts."""

    thresholds: dict[Label, Score]
    action: Literal["hold", "note"] = "hold"
    first: Literal["appear", "wait"] = "appear"  # what comments do until the opinion is there
    without: Literal["appear", "wait"] = "appear"  # what they do if it does not come within `patience`
    patience: Annotated[int, msgspec.Meta(ge=5, le=86_400)] = 120  # seconds


class RuleSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The values of the rules that hold somewhere. 0 switches a number's rule off; durations as the name says."""

    banned_words: Words = ()  # `word`, `stem*`, `*part*`
    banned_words_action: Literal["hold", "refuse"] = "hold"
    suspect_words: Words = ()  # published, marked for the moderators
    max_links: Annotated[int, msgspec.Meta(ge=0, le=100)] = 2
    blocked_domains: Domains = ()  # with everything below them
    allowed_domains: Domains = ()  # links there are not counted
    newcomer_links: bool = True  # whether newcomers may link at all without waiting
    pace_seconds: Annotated[int, msgspec.Meta(ge=0, le=86_400)] = 5
    repeat_hours: Annotated[int, msgspec.Meta(ge=0, le=24 * 30)] = 24
    near_repeat_percent: Percent = 0  # so alike to one of the author's last comments that it waits
    newcomer_comments: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 0
    newcomer_hours: Annotated[int, msgspec.Meta(ge=0, le=24 * 365)] = 0  # since we first saw them
    trusted_comments: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0
    capitals_percent: Percent = 0
    quiet_hours: Annotated[tuple[QuietHours, ...], msgspec.Meta(max_length=20)] = ()
    time_zone: str = "UTC"
    premoderate: bool = False
    hide_reports: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 0  # trusted reports' worth that hides a comment …
    hide_minutes: Annotated[int, msgspec.Meta(ge=1, le=24 * 60)] = 60  # … within this time, until it is looked at
    opinions: dict[Label, OpinionRule] = {}  # by the classifier's name
    sections: dict[Label, dict[str, Any]] = {}  # by section: fields that are otherwise there


OWN_OF_SITE = frozenset({"sections", "opinions", "time_zone"})  # these hold for a whole site
ADDED = frozenset({"banned_words", "suspect_words", "blocked_domains", "allowed_domains"})  # lists grow
NAMES = frozenset(RuleSet.__struct_fields__)
NO_RULES = RuleSet()


def read_ruleset(stored: bytes | str) -> RuleSet:
    """Decode a rule set from JSON; raises Malformed that names the field."""
    try:
        found = msgspec.json.decode(stored, type=RuleSet)
    except msgspec.DecodeError as error:
        raise _malformed(error) from error
    if found.time_zone not in available_timezones():
        raise Malformed(f"Rules: there is no time zone {found.time_zone!r}; Europe/Vienna is one.", field="time_zone")
    for section, change in found.sections.items():
        narrowed(found, change, where=f"sections.{section}")
    return found


_PLACE = re.compile(r"\$(?:\.(?P<name>\w+))?(?:\[(?P<entry>\d+)\])?")


def _malformed(error: msgspec.DecodeError, where: str = "") -> Malformed:
    """The field by its name and what is wrong in a list by its number, counted from 1 as people do."""
    what, _, path = str(error).partition(" - at ")
    place = _PLACE.search(path)
    name = place["name"] if place is not None else None
    if name is None:
        unknown = re.search(r"field `([^`]+)`", what)
        name = None if unknown is None else unknown[1]
    field = ".".join(part for part in (where, name) if part)
    entry = f", entry {int(place['entry']) + 1}" if place is not None and place["entry"] else ""
    return Malformed(f"Rules: {field}{entry}: {what}." if field else f"Rules: {what}.", field=field or None)


def read_overrides(stored: bytes | str) -> dict[str, Any]:
    """Decode what an article has otherwise; raises Malformed that names the field."""
    try:
        change = msgspec.json.decode(stored, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise _malformed(error) from error
    narrowed(NO_RULES, change)
    return change


def narrowed(rules: RuleSet, change: dict[str, Any], *, where: str = "") -> RuleSet:
    """The rules with what a section or an article has otherwise: lists grow, other values are replaced. Raises
    Malformed.
    """
    wrong = (change.keys() - NAMES) | (change.keys() & OWN_OF_SITE)
    if wrong:
        here = where or "an article"
        raise Malformed(f"Rules: {here} cannot have {', '.join(sorted(wrong))} of its own.", field=where or min(wrong))
    try:
        other = msgspec.convert(change, RuleSet)
    except msgspec.ValidationError as error:
        raise _malformed(error, where) from error
    changed = {
        name: (*getattr(rules, name), *getattr(other, name)) if name in ADDED else getattr(other, name)
        for name in change
    }
    return msgspec.structs.replace(rules, **changed)


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
