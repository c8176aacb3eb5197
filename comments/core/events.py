"""What happened, in the past tense. Actions record these; the transaction counts, journals, plans jobs and publishes
from them.
"""

from dataclasses import dataclass
from typing import Any

from comments.core.site import ArticleMode
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
    by_author: bool = False  # of the article: their reply answers a question

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
class NoticesChanged:
    """A legal notice or a complaint came, or was decided: how many wait at this site has changed."""

    site_id: int


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
    """Mode, title or address of an article changed, or when it opens and closes."""

    site_id: int
    article_id: int


@dataclass(frozen=True, slots=True)
class HoursPlanned(ArticleChanged):
    """The thread is to take comments (in this mode), or to take no more of them, at these times (µs UTC)."""

    opens_at: int | None
    closes_at: int | None
    opens_as: ArticleMode = "open"


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
class OldCommentsClaimed:
    """A member proved to be who wrote imported comments: they are going over to them."""

    site_id: int
    member_id: int


@dataclass(frozen=True, slots=True)
class MemberRestricted:
    """Banned, suspended, warned, pre-moderated, no longer entitled, or set free again: open connections of theirs ask
    again. `measure`: what a moderator or a ban on all sites did, as the audit log calls it; None: nobody restricted
    them.
    """

    site_id: int
    member_id: int
    reject_waiting: bool = False
    measure: str | None = None


@dataclass(frozen=True, slots=True)
class MemberNotified:
    """A member has been told something about a comment: their open pages are to look."""

    site_id: int
    article_id: int
    comment_id: int
    member_id: int


@dataclass(frozen=True, slots=True)
class Told:
    """Something that webhooks alone are told of: its type (core/webhooks.py `TYPES`) and the message's data."""

    site_id: int
    type: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ErasureWanted:
    """Somebody is to be erased: their access has ended, a job does the rest."""

    site_id: int
    erasure_id: int


@dataclass(frozen=True, slots=True)
class ExportWanted:
    """A file is to be made of a site, or of one member's data."""

    site_id: int
    export_id: int


@dataclass(frozen=True, slots=True)
class ExportFinished:
    """It lies ready, or it could not be made. `kind`: archive, csv or member."""

    site_id: int
    export_id: int
    kind: str
    state: str


@dataclass(frozen=True, slots=True)
class ImportWanted:
    """A file that was brought is to be imported."""

    site_id: int
    upload_id: int


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
    | HoursPlanned
    | ThreadReset
    | MemberRenamed
    | OldCommentsClaimed
    | MemberRestricted
    | MemberNotified
    | Told
    | NoticesChanged
    | ErasureWanted
    | ExportWanted
    | ExportFinished
    | ImportWanted
)
