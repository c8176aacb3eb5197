"""The console's keys: which letter does what, and what a moderator may make of them."""

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
}
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def check_keys(changed: dict[str, str | None]) -> dict[str, str | None]:
    """What differs from the keys as they are; raises Malformed where one key would do two things."""
    for action, key in changed.items():
        if action not in KEYS:
            raise Malformed(f"Keys are for {', '.join(KEYS)}.", field="keys")
        if key is not None and (len(key) != 1 or key not in LETTERS):
            raise Malformed("A key is one small letter or a digit, or null for none.", field="keys")
    taken: dict[str, str] = {}
    for action, key in (KEYS | changed).items():
        if key is None:
            continue
        if key in taken:
            raise Malformed(f"The key {key} would be for {taken[key]} and for {action}.", field="keys")
        taken[key] = action
    return {action: key for action, key in changed.items() if key != KEYS[action]}
