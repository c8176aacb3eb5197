"""How the members who are connected stand in the database: what another process did to them, or time to what they paid
for, holds here within seconds, with and without Redis. Used by live/following.py.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import gevent

from comments.core.entitlement import Entitlement, State
from comments.storage.members import read_standings
from comments.storage.transaction import Database

AT_ONCE = 1_000  # members of one query


@dataclass(frozen=True, slots=True)
class Standing:
    """What a member's rights come from. `rights`: what only an action changes; `state`: what time changes too."""

    rights: tuple[int, int | None, int | None, int, bool]
    state: State


def standing_of(member: Any, now: int) -> Standing:
    """Of a member's row, at `now` (µs UTC)."""
    rights = (member.epoch, member.banned_at, member.suspended_until, member.unseen_warnings, member.premoderated)
    return Standing(rights, Entitlement(State(member.state), member.state_until).at(now).state)


def stand_now(database: Database, ids: Sequence[int]) -> Iterator[tuple[int, Standing | None]]:
    """Each of these members and how they stand, None where there is no such member; others have a turn between."""
    for begins in range(0, len(ids), AT_ONCE):
        some = ids[begins : begins + AT_ONCE]
        with database.read() as conn:
            now = database.clock()
            found = {row.id: standing_of(row, now) for row in read_standings(conn, some)}
        for member_id in some:
            yield member_id, found.get(member_id)
        gevent.sleep(0)
