"""What differs between two rule sets, so that a log and a list of versions can tell it: the fields alone that changed,
and of long lists only what came and what went.
"""

from collections.abc import Mapping
from typing import Any

from comments.core.moderation.ruleset import ADDED

SHOWN = 50  # entries of a list that a log names; of the others it tells how many

Values = Mapping[str, Any]  # a rule set, or what an article has otherwise, as JSON values


def differences(before: Values, after: Values) -> tuple[dict[str, Any], dict[str, Any]]:
    """(before, after) of each field that changed; a section's fields are named `sections.SECTION.FIELD`. A list of
    words is told as {entries, removed: […]} and {entries, added: […]}, with `more` where they are too many to name.
    """
    old, new = _flat(before), _flat(after)
    was: dict[str, Any] = {}
    now: dict[str, Any] = {}
    for name in sorted(old.keys() | new.keys()):
        one, other = old.get(name), new.get(name)
        if one == other:
            continue
        if name.rpartition(".")[2] in ADDED:
            one, other = one or (), other or ()
            was[name], now[name] = _told("removed", one, other), _told("added", other, one)
        else:
            was[name], now[name] = one, other
    return was, now


def _flat(rules: Values) -> dict[str, Any]:
    flat = {name: value for name, value in rules.items() if name not in ("sections", "opinions")}
    flat |= {f"opinions.{name}": value for name, value in rules.get("opinions", {}).items()}
    for section, change in rules.get("sections", {}).items():
        flat |= {f"sections.{section}.{name}": value for name, value in change.items()}
    return flat


def _told(what: str, entries: Any, others: Any) -> dict[str, Any]:
    known = set(others)
    found = [entry for entry in entries if entry not in known]
    told: dict[str, Any] = {"entries": len(entries), what: found[:SHOWN]}
    return told | {"more": len(found) - SHOWN} if len(found) > SHOWN else told
