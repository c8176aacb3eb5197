"""The console's keys: which one does what, and what a moderator may make of them."""

import json

from comments.core.errors import Malformed

KEYS = {  # as they are until somebody changes them; None = switched off
    "approve": "a",
    "reject": "r",
    "pick": "p",
    "lock": "l",
    "defer": "d",
    "second_opinion": "o",
    "note": "n",
    "warn": "w",
    "ban": "b",
    "premoderate": "m",
    "undo": "u",
    "select": "x",
    "next": "j",
    "previous": "k",
    "thread": "t",
    "arrivals": "g",
    "uphold": "h",
    "overturn": "v",
    "search": "/",
    "help": "?",
    "reasons": "1-9",  # in the dialog of a rejection, where no other key works: as it is, or off
}


def present_keys(preferences: str) -> dict[str, str | None]:
    """All keys of an account, by the JSON that it has of preferences."""
    kept: dict[str, str | None] = json.loads(preferences).get("keys", {})
    return KEYS | kept


def _is_key(action: str, key: str) -> bool:
    """One character as a keyboard gives it without Shift, of any script; no space, which presses buttons."""
    if action == "reasons":
        return key == KEYS["reasons"]
    return len(key) == 1 and key.isprintable() and not key.isspace() and key == key.lower()


def check_keys(changed: dict[str, str | None]) -> dict[str, str | None]:
    """What differs from the keys as they are; raises Malformed where one key would do two things."""
    for action, key in changed.items():
        if action not in KEYS:
            raise Malformed(f"Keys are for {', '.join(KEYS)}.", field="keys")
        if key is not None and not _is_key(action, key):
            raise Malformed("A key is one small letter, digit or sign, or null; reasons: 1-9 or null.", field="keys")
    taken: dict[str, str] = {}
    for action, key in (KEYS | changed).items():
        if key is None:
            continue
        if key in taken:
            raise Malformed(f"The key {key} would be for {taken[key]} and for {action}.", field="keys")
        taken[key] = action
    return {action: key for action, key in changed.items() if key != KEYS[action]}
