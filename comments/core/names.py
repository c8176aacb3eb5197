"""Names that look like others' names: by the skeletons of UTS #39, so that no reader goes by what only reads as the
newsroom's. For actions/members.py.

A skeleton is for comparing alone and shown to nobody. It is coarser than the rule wants: accents, digits that stand for
letters, `rn` and `m` count as alike, too, because a name is compared with a handful of others.
"""

from collections.abc import Iterable

import regex

from comments.core.moderation.folding import Table, key_of

_LOOKS = Table(looks=True)
_SIGNS = Table(looks=True, symbols=True)  # `@` as an a, `!` as an i
_BETWEEN = regex.compile(r"[^\p{L}\p{N}\p{M}]+")
_TOGETHER = (("rn", "m"), ("vv", "w"), ("cl", "d"))  # two letters that are read as one


def skeleton(name: str) -> str:
    """What a name looks like: small Latin letters where there are such, single spaces between words."""
    return _told(name, _LOOKS)


def _told(name: str, table: Table) -> str:
    told: str = _BETWEEN.sub(" ", key_of(name.translate(table).casefold())).strip()
    for two, one in _TOGETHER:
        told = told.replace(two, one)
    return told


def _readings(name: str) -> set[str]:
    """All that a name may be read as: as it stands, with signs for letters, in capitals (`м` is an m only there)."""
    return {skeleton(name), _told(name, _SIGNS), skeleton(name.upper())} - {""}


def looks_like_one_of(name: str, reserved: Iterable[str], staff: Iterable[str]) -> bool:
    """Whether a name reads as a reserved one or has a word that does, or reads as a whole as one of the staff."""
    readings = _readings(name)
    wholes = {reading.replace(" ", "") for reading in readings}
    words = {word for reading in readings for word in reading.split()}
    if any((word := skeleton(one)) and word.replace(" ", "") in wholes | words for one in reserved):
        return True
    return any((one := skeleton(member).replace(" ", "")) and one in wholes for member in staff)
