"""Parents before their replies, and what an imported reply changes above it. Pure; for actions/archive.py.

A file may name a reply before its parent: the reply waits until the parent was read. What waits at the end has a
parent that never came, or is part of a circle: it begins a thread of its own.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from comments.core.archive import Found
from comments.core.status import STUBS, Status


@dataclass(slots=True)
class ParentsFirst:
    """Records on their way into an order in which they can be written. `circular`: keys whose parents led back."""

    circular: set[str] = field(default_factory=set)
    _waiting: dict[str, list[Found]] = field(default_factory=dict)  # by the parent's key

    def add(self, found: Found, is_settled: Callable[[str], bool]) -> list[Found]:
        """What can be written now, in order: it and all who waited for it; nothing if its parent is not settled."""
        parent = found.comment.parent
        if parent is None or is_settled(parent):
            return self.release(found)
        self._waiting.setdefault(parent, []).append(found)
        return []

    def release(self, found: Found) -> list[Found]:
        """The record and, parents first, all who waited for it."""
        free = [found]
        for one in free:  # grows while it is read
            free += self._waiting.pop(one.comment.key, ())
        return free

    def rest(self) -> Iterator[list[Found]]:
        """At the end: those whose parent never came, each with all who waited for it; then circles, broken up."""
        left = {found.comment.key: found for found in self._all()}
        for parent in [parent for parent in self._waiting if parent not in left]:
            for found in self._waiting.pop(parent):
                yield self._let_go(found, left)
        while left:
            first = _first_of_a_circle(left)
            self._waiting[first.comment.parent or ""].remove(first)
            self.circular.add(first.comment.key)
            yield self._let_go(first, left)

    def _let_go(self, found: Found, left: dict[str, Found]) -> list[Found]:
        free = self.release(found)
        for one in free:
            del left[one.comment.key]
        return free

    def _all(self) -> Iterator[Found]:
        for waiting in self._waiting.values():
            yield from waiting


def _first_of_a_circle(left: dict[str, Found]) -> Found:
    """The earliest comment of one circle. All who are left have a parent who is left, so walking up leads into one."""
    one, passed = next(iter(left.values())), set[str]()
    while one.comment.key not in passed:
        passed.add(one.comment.key)
        one = left[one.comment.parent or ""]
    circle, start = [one], one.comment.key
    while (one := left[one.comment.parent or ""]).comment.key != start:
        circle.append(one)
    return min(circle, key=lambda found: (found.comment.created_at, found.line))


@dataclass(slots=True)
class Place:
    """Where a comment stands: what depends on its status and its children."""

    id: int
    article_id: int
    parent_id: int | None
    root_id: int
    depth: int
    status: Status
    visible_children: int = 0


@dataclass(slots=True)
class Counts:
    """What new comments add above them, by comment id. `places`: the new, their parents, and what `missing` asks."""

    places: dict[int, Place] = field(default_factory=dict)
    replies: Counter[int] = field(default_factory=Counter)
    children: Counter[int] = field(default_factory=Counter)
    articles: dict[int, int] = field(default_factory=dict)  # of every comment that is counted on

    def missing(self) -> set[int]:
        """Parents that must be known too: those of stubs that may be about to appear."""
        return {
            place.parent_id
            for place in self.places.values()
            if place.parent_id is not None
            and place.parent_id not in self.places
            and place.status in STUBS
            and place.visible_children == 0
        }

    def add(self, new: Place) -> None:
        """Count a new comment, whose parent is in `places`, as storage/counting.py counts a posted one."""
        self.places[new.id] = new
        if new.parent_id is None or new.status is not Status.PUBLISHED:
            return
        for above in {new.root_id, new.parent_id}:
            self.replies[above] += 1
            self.articles[above] = new.article_id
        child = new
        while child.parent_id is not None:
            parent = self.places[child.parent_id]
            parent.visible_children += 1
            self.children[parent.id] += 1
            self.articles[parent.id] = new.article_id
            if parent.status not in STUBS or parent.visible_children > 1:
                break
            child = parent

    def is_seen(self, place: Place) -> bool:
        """Whether the public sees it, at least as a stub."""
        return place.status is Status.PUBLISHED or (place.status in STUBS and place.visible_children > 0)
