"""The bodies of notices, statements of reasons, complaints and the figures of the law."""

from typing import Annotated, Any, Literal

import msgspec

from comments.http.schemas import NO_NUL, Id, Line, Note, Number, QueueCounts, QueueItem, Request

Long = Annotated[str, msgspec.Meta(max_length=20_000, pattern=NO_NUL)]
Short = Annotated[str, msgspec.Meta(max_length=200, pattern=NO_NUL)]
Outcome = Literal["no_action", "restricted"]
Settled = Literal["upheld", "overturned"]


class Defamation(Request):
    """What section 5 of the Defamation Act 2013 asks for besides."""

    meaning: Note = ""
    wrong: Note = ""
    author_unknown: bool = False
    may_be_named: bool = False


class NewLegalNotice(Request):
    """`flagger_key`: of a trusted flagger."""

    about: Short
    text: Long
    urls: Annotated[list[Line], msgspec.Meta(max_length=100)]
    good_faith: bool
    name: Short = ""
    email: Short = ""
    flagger_key: Short = ""
    language: Short | None = None
    defamation: Defamation | None = None


class CountsWithNotices(QueueCounts):
    notices: int | None  # legal ones and complaints that wait; none: the site's are not for this moderator


class NoticeGiven(msgspec.Struct):
    """`status_url` is a secret of whoever gave notice."""

    reference: str
    status_url: str
    comments: list[Id]


class StatementComplaint(msgspec.Struct):
    possible: bool
    until: str | None
    state: str | None
    text: str | None
    note: str | None
    decided_at: str | None


class Statement(msgspec.Struct):
    """A statement of reasons for whom it is about; `text`: in sentences."""

    id: Id
    reference: str
    measure: Literal["remove", "hide", "suspend", "ban", "premoderate", "warn"]
    comment_id: Id | None
    reason: str | None
    ground: Literal["terms", "law"]
    legal_ground: str | None
    explanation: str | None
    source: Literal["own", "reports", "notice", "flagger"]
    automated_detection: bool
    automated_decision: Literal["no", "partly", "fully"]
    created_at: str
    until: str | None
    ended_at: str | None
    text: list[str]
    complaint: StatementComplaint


class Statements(msgspec.Struct):
    statements: list[Statement]
    next_cursor: str | None


class NewComplaint(Request):
    text: Long


class NoticeInList(msgspec.Struct, kw_only=True):
    id: Id
    reference: str
    about: str
    name: str | None
    email: str | None
    language: str
    trusted: bool
    flagger: str | None
    version: Number
    created_at: str
    due_at: str | None
    overdue: bool
    author_told_at: str | None
    author_due_at: str | None
    escalated_at: str | None
    decided_at: str | None
    outcome: Outcome | None
    by: str | None
    comments: list[Id]
    excerpt: str


class LegalNotice(NoticeInList):
    """`items`: the comments, as the queues have them; `can`: whether this account may decide it now."""

    text: str
    urls: list[str]
    details: dict[str, Any]
    escalation: str | None
    answer: str | None
    complaint: str | None
    items: list[QueueItem]
    reasons: list[str]
    can: bool


class NoticeQueue(msgspec.Struct):
    """`open`, `complaints`: how many wait, up to 1,000."""

    items: list[NoticeInList]
    next_cursor: str | None
    open: Number
    complaints: Number


class Removal(Request):
    id: Id
    version: Number


class NoticeDecision(Request):
    outcome: Outcome
    version: Number
    answer: Note
    comments: Annotated[tuple[Removal, ...], msgspec.Meta(max_length=20)] = ()
    reason: Line | None = None
    legal_ground: Line | None = None
    explanation: Note | None = None


class NoticeStep(Request):
    """`escalate`: administrators decide; `author_told`: the clock of section 5 stops."""

    step: Literal["escalate", "author_told"]
    version: Number
    note: Note = ""


class ComplaintInList(msgspec.Struct):
    """About a measure against a member, or about a notice on which nothing was done."""

    id: Id
    kind: Literal["statement", "notice"]
    measure: str | None
    reason: str | None
    explanation: str | None
    member_id: Id | None
    member: str | None
    notice_id: Id | None
    reference: str | None
    about: str | None
    against: str | None
    against_me: bool
    holds: bool
    text: str
    created_at: str
    decided_at: str | None
    outcome: Settled | Literal["closed"] | None  # closed: whoever complained was erased
    note: str | None


class ComplaintQueue(msgspec.Struct):
    items: list[ComplaintInList]
    next_cursor: str | None
    open: Number


class ComplaintDecision(Request):
    outcome: Settled
    note: Note


class NewFlagger(Request):
    name: Short
    email: Short
    area: Short = ""


class Flagger(msgspec.Struct):
    """`notices`: of the last thousand, how many are open, led to a restriction, or did not."""

    id: Id
    name: str
    email: str
    area: str | None
    created_at: str
    notices: dict[str, Number]


class Flaggers(msgspec.Struct):
    flaggers: list[Flagger]


class FlaggerAdded(msgspec.Struct):
    """`key` is shown this once."""

    flagger: Flagger
    key: str


class Counted(msgspec.Struct):
    key: str
    number: Number


class NoticeFigures(msgspec.Struct):
    received: Number
    by_category: list[Counted]
    of_trusted_flaggers: Number
    decided: Number
    restricted: Number
    by_law: Number
    by_terms: Number
    median_seconds: Number | None
    automated: Number


class RestrictionFigures(msgspec.Struct):
    total: Number
    by_measure: list[Counted]
    by_category: list[Counted]
    by_source: list[Counted]
    by_ground: list[Counted]
    by_detection: list[Counted]
    by_decision: list[Counted]


class ComplaintFigures(msgspec.Struct):
    """Appeals against decisions on comments, and complaints."""

    received: Number
    decided: Number
    overturned: Number
    upheld: Number
    median_seconds: Number | None


class AutomationFigures(msgspec.Struct):
    """`error_rate`: of what machines alone decided and somebody appealed against, how much was overturned."""

    decided_alone: Number
    helped: Number
    appealed: Number
    overturned: Number
    error_rate: float | None


class TransparencyFigures(msgspec.Struct):
    """The figures for the reports of Articles 15 and 24."""

    since: str
    until: str
    notices: NoticeFigures
    restrictions: RestrictionFigures
    complaints: ComplaintFigures
    automation: AutomationFigures
