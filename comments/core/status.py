"""What a comment can be, and which status may become which."""

from enum import StrEnum

from comments.core.errors import Conflict


class Status(StrEnum):
    PUBLISHED = "published"
    WAITING = "waiting"  # pre-moderated or held; its findings say why
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"  # by its author
    ERASED = "erased"  # text and author are gone for good


# The public sees these without text and author, and only while something that it sees hangs below.
STUBS = frozenset({Status.WAITING, Status.REJECTED, Status.WITHDRAWN, Status.ERASED})

BECOMES: dict[Status, frozenset[Status]] = {
    Status.PUBLISHED: frozenset({Status.WAITING, Status.REJECTED, Status.WITHDRAWN, Status.ERASED}),
    Status.WAITING: frozenset({Status.PUBLISHED, Status.REJECTED, Status.WITHDRAWN, Status.ERASED}),
    Status.REJECTED: frozenset({Status.PUBLISHED, Status.WAITING, Status.WITHDRAWN, Status.ERASED}),
    Status.WITHDRAWN: frozenset({Status.ERASED}),
    Status.ERASED: frozenset(),
}


def require_change(before: Status, after: Status) -> None:
    """Raise Conflict unless a comment that is `before` may become `after` (staying the same is no change)."""
    if after != before and after not in BECOMES[before]:
        raise Conflict("status", f"A comment that is {before} cannot become {after}.", comment_status=str(before))
