"""What happened, in the past tense. Actions record these; the transaction counts, journals, plans jobs and publishes
from them.
"""

from dataclasses import dataclass

from comments.core.status import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentChange:
    """A comment's place, and its status before (None: it did not exist) and after. `children`: its visible ones."""

    site_id: int
    article_id: int
    comment_id: int
    root_id: int
    parent_id: int | None
    member_id: int | None
    before: Status | None
    after: Status
    children: int = 0
    opinions: tuple[str, ...] = ()  # classifiers that are to be asked about the new text

    @property
    def is_plain(self) -> bool:
        """Published, and before it if it existed: its author learns nothing that the public does not."""
        return self.before in (None, Status.PUBLISHED) and self.after is Status.PUBLISHED


class CommentPosted(CommentChange):
    """Somebody wrote a comment."""


class CommentEdited(CommentChange):
    """Its author changed the text; it was judged again."""


class StatusChanged(CommentChange):
    """A decision, a withdrawal or an opinion changed what it is (also: a decision that confirmed it)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentMarked:
    """A comment was picked, or its thread locked, or that was taken back; its status and visible children as they
    are.
    """

    site_id: int
    article_id: int
    comment_id: int
    status: Status
    children: int


@dataclass(frozen=True, slots=True)
class ReactionsChanged:
    """The reactions of these comments changed, and everybody is to see it now."""

    site_id: int
    article_id: int
    comment_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReactionGathered:
    """A reaction came within a second of the last seq that reactions took: the next one takes it along."""

    site_id: int
    article_id: int


@dataclass(frozen=True, slots=True)
class CommentReported:
    """A reader reported a comment: the queues' counts changed. `hides`: reports weigh enough to hide it."""

    site_id: int
    article_id: int
    comment_id: int
    hides: bool = False


@dataclass(frozen=True, slots=True)
class AppealChanged:
    """An appeal came, was answered or ended: the queues' counts changed, and what its author sees."""

    site_id: int
    article_id: int
    comment_id: int
    member_id: int | None


@dataclass(frozen=True, slots=True)
class ReportsJudged:
    """A decision, or its undoing, said whether reports were right: those who made them are counted anew."""

    site_id: int
    member_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ClaimsChanged:
    """A moderator claimed comments or let them go: their colleagues see it."""

    site_id: int
    comment_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ArticleChanged:
    """Mode, title or address of an article changed."""

    site_id: int
    article_id: int


@dataclass(frozen=True, slots=True)
class ThreadReset:
    """So much of a thread changed (a name on many comments) that readers load it again."""

    site_id: int
    article_id: int


@dataclass(frozen=True, slots=True)
class MemberRenamed:
    """Name, badges or avatar of a member changed: it stands on all their comments."""

    site_id: int
    member_id: int


@dataclass(frozen=True, slots=True)
class MemberRestricted:
    """Banned, suspended, warned, pre-moderated, no longer entitled, or set free again: open connections of theirs ask
    again.
    """

    site_id: int
    member_id: int
    reject_waiting: bool = False


Event = (
    CommentPosted
    | CommentEdited
    | StatusChanged
    | CommentMarked
    | ReactionsChanged
    | ReactionGathered
    | CommentReported
    | AppealChanged
    | ReportsJudged
    | ClaimsChanged
    | ArticleChanged
    | ThreadReset
    | MemberRenamed
    | MemberRestricted
)
