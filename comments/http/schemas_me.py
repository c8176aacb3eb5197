"""The bodies of one's own page: what /me/api takes and answers."""

from typing import Literal

import msgspec

from comments.core.mail import Choice, MailKind
from comments.http.schemas import (
    ArticleInShort,
    Author,
    Comment,
    CommentInShort,
    FormerName,
    Id,
    Line,
    Notification,
    Request,
    SiteInfo,
    ViewerInfo,
)
from comments.http.schemas_law import Statement


class OwnVisit(msgspec.Struct):
    """Who is at their own page, and what unsafe calls carry as X-CSRF-Token; `statements`: of reasons, about what is
    laid upon their account now.
    """

    csrf: str
    site: SiteInfo
    viewer: ViewerInfo
    statements: list[Statement]
    since: str
    until: str


class OwnComplaint(msgspec.Struct):
    """What an author is told of a notice about their comment, and how they answer it; `text`: in paragraphs."""

    reference: str
    title: str
    text: list[str]
    until: str


class OwnComment(msgspec.Struct):
    """`statement`: of reasons, about what keeps a comment from the public that was public, or was rejected;
    `complaint`: a notice of defamation that its author is asked to answer.
    """

    comment: Comment
    article: ArticleInShort
    statement: Statement | None
    complaint: OwnComplaint | None


class OwnComments(msgspec.Struct):
    comments: list[OwnComment]
    next_cursor: str | None


class OwnNotifications(msgspec.Struct):
    notifications: list[Notification]
    unread: int
    next_cursor: str | None


class OwnMute(msgspec.Struct):
    member: Author
    muted_at: str


class OwnMutes(msgspec.Struct):
    mutes: list[OwnMute]
    next_cursor: str | None


class OwnFollow(msgspec.Struct):
    """A thread, or the replies to a comment; `comment` is left empty where that is not public any more."""

    id: Id
    kind: Literal["thread", "comment"]
    since: str
    article: ArticleInShort
    comment: CommentInShort | None


class OwnFollows(msgspec.Struct):
    follows: list[OwnFollow]
    next_cursor: str | None


class OwnNames(msgspec.Struct):
    name: str | None
    by: Literal["member", "publisher"] | None
    former: list[FormerName]


class OwnMail(msgspec.Struct):
    """`off`: who keeps mail off, the operator or the site. Of `kinds` one may choose. `pending` waits for its owner to
    open the mailed link; `refused`: the last mail to `address` was, so that nothing goes there. `vouched` is the
    address that came with the log-in, `by` whose word `address` is.
    """

    off: Literal["operator", "site"] | None
    address: str | None
    by: Literal["publisher", "member"] | None
    pending: str | None
    vouched: str | None
    refused: bool
    kinds: list[MailKind]
    choices: dict[MailKind, Choice]
    language: str | None


class OwnExport(msgspec.Struct):
    """`done` of `total` comments (null: not counted yet); `size` in bytes once it lies ready, until `expires_at`."""

    state: Literal["waiting", "running", "done", "failed"]
    done: int
    total: int | None
    size: int | None
    expires_at: str


class OwnData(msgspec.Struct):
    """The last export, and the ways in which one may be erased here."""

    export: OwnExport | None
    erasure: list[Literal["text", "identity"]]


class NewErasure(Request):
    """text: what one wrote goes, too; identity: it stays and is nobody's."""

    mode: Literal["text", "identity"]
    name: Line
