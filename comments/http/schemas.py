"""The bodies that requests and answers have, as types: requests are decoded by them, all of them make the OpenAPI
document.
"""

from typing import Annotated, Any, Literal

import msgspec

from comments.core.moderation.ruleset import OpinionRule, RuleSet

Id = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,18}$")]
Number = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]  # what every JSON reader holds exactly
Text = Annotated[str, msgspec.Meta(max_length=40_000)]
MOST_CLAIMED = 100  # comments at once
NO_NUL = r"^[^\u0000]*$"  # PostgreSQL stores none
Line = Annotated[str, msgspec.Meta(max_length=2000, pattern=NO_NUL)]
Note = Annotated[str, msgspec.Meta(max_length=2000, pattern=NO_NUL)]
Code = Annotated[str, msgspec.Meta(max_length=60, pattern=NO_NUL)]  # of a second factor
Secret = Annotated[str, msgspec.Meta(max_length=2000, pattern=NO_NUL)]


class Request(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A body that somebody sends: unknown fields are refused."""


class NewSession(Request):
    site: Line
    token: Annotated[str, msgspec.Meta(max_length=10_000)]


class EntitlementNotice(NewSession):
    """A publisher's token for the same `sub` that says what holds from now on."""


class PostComment(Request):
    body: Text
    parent_id: Id | None = None
    article_url: Line | None = None
    article_title: Line | None = None
    article_section: Line | None = None
    question: bool = False


class NewPreview(Request):
    """`article`: where it is going to stand, for its mentions."""

    body: Text
    article: Line | None = None


class EditComment(Request):
    body: Text
    version: Number | None = None


class NewReport(Request):
    reason: Line
    detail: Note | None = None


class NewName(Request):
    name: Annotated[str, msgspec.Meta(max_length=200, pattern=NO_NUL)]


class SignIn(Request):
    """`code`: of the second factor, or a recovery code; where one is needed and missing, 401 code_needed says so."""

    email: Annotated[str, msgspec.Meta(max_length=320, pattern=NO_NUL)]
    password: Annotated[str, msgspec.Meta(max_length=1000)]
    code: Code = ""


class Proof(Request):
    password: Annotated[str, msgspec.Meta(max_length=1000)]
    code: Code = ""


class NewPassword(Request):
    password: Annotated[str, msgspec.Meta(max_length=1000)]


class NewFactor(Request):
    ticket: Annotated[str, msgspec.Meta(max_length=1000)]
    code: Code


class DecisionRequest(Request):
    """`message` is for the author, in the receipt; `note` for moderators."""

    decision: Literal["approve", "reject"]
    version: Number
    reason: Line | None = None
    message: Note | None = None
    note: Note | None = None
    take_over: bool = False


# APPEALS


class NewAppeal(Request):
    text: Note


class AppealDecision(Request):
    outcome: Literal["upheld", "overturned"]
    version: Number
    note: Note | None = None
    reason: Line | None = None
    take_over: bool = False


class NewText(Request):
    """`text` null: the words of the house again."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=120, pattern=NO_NUL)]
    language: Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]
    text: Annotated[str, msgspec.Meta(max_length=1000, pattern=NO_NUL)] | None


# DECISIONS


class DeferRequest(Request):
    minutes: Number


class SecondOpinionRequest(Request):
    note: Note


class NoteRequest(Request):
    text: Note


class BulkItem(Request):
    id: Id
    version: Number


class BulkRequest(Request):
    decision: Literal["approve", "reject"]
    items: Annotated[list[BulkItem], msgspec.Meta(min_length=1, max_length=100)]
    reason: Line | None = None
    note: Note | None = None
    message: Note | None = None


class BulkUndoRequest(Request):
    decisions: Annotated[list[Id], msgspec.Meta(min_length=1, max_length=100)]


class NewPreferences(Request):
    keys: dict[str, str | None]


class ClaimRequest(Request):
    comment_ids: Annotated[list[Id], msgspec.Meta(min_length=1, max_length=MOST_CLAIMED)]
    take_over: bool = False


class ClaimNext(Request):
    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST_CLAIMED)]


class BanRequest(Request):
    reason: Note
    until: Line | None = None
    reject_waiting: bool = False


class BanEverywhereRequest(Request):
    reason: Note
    reject_waiting: bool = False


class WarningRequest(Request):
    reason: Line
    text: Note | None = None
    comment_id: Id | None = None


class PremoderationRequest(Request):
    reason: Note


class MemberNote(Request):
    note: Note


class Hours(Request):
    """null: it does not open, or close, by itself."""

    opens_at: Line | None
    closes_at: Line | None


class ArticleChange(Request):
    """What is left out stays; `section` null: none."""

    mode: Literal["open", "premoderated", "closed", "readonly", "off"] | msgspec.UnsetType = msgspec.UNSET
    section: Annotated[str, msgspec.Meta(max_length=100, pattern=NO_NUL)] | msgspec.UnsetType | None = msgspec.UNSET


# CLASSIFIERS


class NewClassifier(Request):
    name: Line
    kind: Line
    config: dict[str, Any]
    secret: Secret | None = None


class ClassifierChange(Request):
    """null: it stays as it is; "" takes the secret away."""

    config: dict[str, Any] | None
    secret: Secret | None
    enabled: bool | None


class OpinionRuleChange(Request):
    rule: OpinionRule | None


class ClassifierTest(Request):
    text: Text


class ClassifierTrouble(msgspec.Struct):
    since: str
    error: str


class ClassifierTested(msgspec.Struct, omit_defaults=True):
    """Scores, model and version, or an error."""

    id: str
    at: str
    took_ms: int
    scores: dict[str, float] | msgspec.UnsetType = msgspec.UNSET
    model: str | msgspec.UnsetType = msgspec.UNSET
    model_version: str | msgspec.UnsetType | None = msgspec.UNSET
    error: str | msgspec.UnsetType = msgspec.UNSET


class Classifier(msgspec.Struct):
    """Those who do not administer the site see its name, its kind and whether it is switched on."""

    name: str
    kind: str
    enabled: bool
    config: dict[str, Any] | None
    has_secret: bool
    rule: OpinionRule | None
    trouble: ClassifierTrouble | None
    last_test: ClassifierTested | None


class ConfigField(msgspec.Struct):
    name: str
    type: Literal["text", "number", "boolean"]
    default: Any


class ClassifierKind(msgspec.Struct):
    name: str
    secret: Literal["needed", "possible", "none"]
    labels: list[str]
    outside: bool
    config: list[ConfigField]
    error: str | None


class Classifiers(msgspec.Struct):
    classifiers: list[Classifier]
    kinds: list[ClassifierKind]


class ClassifierAsked(msgspec.Struct):
    id: str


class OpinionEntry(msgspec.Struct):
    """What a classifier said about a version of a comment, or why it did not. `thresholds`: as they were then."""

    classifier: str
    kind: str
    model: str | None
    model_version: str | None
    version: int
    scores: dict[str, float]
    thresholds: dict[str, float]
    outcome: Literal["none", "note", "hold", "failed"]
    at: str
    took_ms: int | None
    error: str | None


class Author(msgspec.Struct):
    id: Id
    name: str
    badges: list[str]
    avatar: str | None


class Finding(msgspec.Struct):
    rule: str
    kind: Literal["hold", "note", "approve", "refuse"]
    reason: str
    spans: list[tuple[int, int]]
    params: dict[str, Any]


class OwnAppeal(msgspec.Struct):
    """Whether the author may appeal, and until when; or what became of their appeal."""

    possible: bool
    until: str | None
    state: Literal["open", "upheld", "overturned", "closed"] | None
    text: str | None
    note: str | None
    decided_at: str | None


class Receipt(msgspec.Struct):
    """Why a comment is not public, for its author; `words` are the author's own."""

    by: Literal["machine", "moderator"]
    rule: str | None
    reason: str | None
    words: list[str]
    text: str
    at: str
    appeal: OwnAppeal


class Comment(msgspec.Struct, omit_defaults=True):
    """`body` is a tree: text, or [tag, {attributes}?, children…]; null for a stub, as `author` is."""

    id: Id
    parent_id: Id | None
    root_id: Id
    depth: int
    author: Author | None
    body: list[Any] | None
    status: Literal["published", "waiting", "rejected", "withdrawn", "erased"]
    created_at: str
    edited_at: str | None
    reactions: dict[str, int]
    reply_count: int
    seq: int
    source: str | msgspec.UnsetType = msgspec.UNSET
    findings: list[Finding] | msgspec.UnsetType = msgspec.UNSET
    version: int | msgspec.UnsetType = msgspec.UNSET
    text: str | msgspec.UnsetType = msgspec.UNSET
    receipt: Receipt | msgspec.UnsetType | None = msgspec.UNSET
    picked: bool = False  # as all that follow left out unless it is so
    locked: bool = False
    question: bool = False
    answer_id: Id | msgspec.UnsetType = msgspec.UNSET
    by_author: bool = False
    risk: int | msgspec.UnsetType = msgspec.UNSET
    language: str | msgspec.UnsetType | None = msgspec.UNSET


class Article(msgspec.Struct, kw_only=True):
    """`opens_at` and `closes_at`: when the thread does so by itself, left out where nothing is planned."""

    id: str
    title: str | None
    url: str | None
    mode: Literal["open", "premoderated", "closed", "readonly", "off"]
    opens_at: str | msgspec.UnsetType = msgspec.UNSET
    closes_at: str | msgspec.UnsetType = msgspec.UNSET


class SiteInfo(msgspec.Struct):
    key: str
    name: str
    locale: str
    read: Literal["everyone", "registered", "subscribers"]
    write: Literal["registered", "subscribers"]
    login_url: str | None
    subscribe_url: str | None
    max_depth: int
    max_length: int
    min_length: int
    edit_window: int
    reactions: list[str]
    report_reasons: list[str]
    gate_words: dict[str, str]
    ask_author: bool
    notices: str | None  # the form for illegal content: a path of ours that a comment's address is put behind


class Tabs(msgspec.Struct):
    """How many picks and answers there are, up to 100."""

    picks: int
    answers: int


class ThreadPage(msgspec.Struct):
    article: Article
    comments: list[Comment]
    next_cursor: str | None
    total: int
    seq: int
    site: SiteInfo | msgspec.UnsetType = msgspec.UNSET
    tabs: Tabs | msgspec.UnsetType = msgspec.UNSET


class Flat(msgspec.Struct):
    """Not a tree: each comment stands for itself."""

    comments: list[Comment]
    next_cursor: str | None


class Replies(msgspec.Struct):
    comments: list[Comment]
    next_cursor: str | None


class Context(msgspec.Struct):
    article: Article
    site: SiteInfo
    comments: list[Comment]
    total: int
    seq: int


class GoneComment(msgspec.Struct):
    id: Id
    root_id: Id
    parent_id: Id | None
    seq: int


class Change(msgspec.Struct):
    kind: Literal["added", "changed", "gone"]
    comment: Any


class ChangesAnswer(msgspec.Struct):
    seq: int
    changes: list[Change]
    total: int
    reset: bool
    article: Article | msgspec.UnsetType = msgspec.UNSET


class Can(msgspec.Struct):
    read: bool
    write: bool
    react: bool
    report: bool


class Why(msgspec.Struct):
    reason: str | None


class Limits(msgspec.Struct):
    """What limits a member: nothing of it is secret. `report_percent`: what their reports count."""

    premoderated: Why | None
    site_premoderated: bool
    newcomer_left: int
    newcomer_until: str | None
    pace_seconds: int
    report_percent: int


class UnseenWarning(msgspec.Struct):
    id: Id
    reason: str
    text: str | None
    comment_id: Id | None
    created_at: str


class ViewerInfo(msgspec.Struct):
    id: Id
    name: str | None
    badges: list[str]
    avatar: str | None
    state: Literal["registered", "trial", "active", "grace", "lapsed"]
    state_until: str | None
    can: Can
    gate: Literal["registered", "trial_over", "lapsed", "suspended", "banned", "warned", "name_needed"] | None
    suspended_until: str | None
    restriction_reason: str | None
    limits: Limits
    warnings: list[UnseenWarning]


class Session(msgspec.Struct):
    access_token: str
    expires_in: int
    viewer: ViewerInfo


class AppealOutcome(msgspec.Struct):
    """An appeal that put a comment back where everybody sees it."""

    comment_id: Id
    state: Literal["overturned"]
    note: str | None
    decided_at: str


class Follows(msgspec.Struct):
    """What one follows in a thread: the thread itself, and comments."""

    article: bool
    comments: list[Id]


class Mine(msgspec.Struct):
    """`unread`: notifications that were not seen yet, anywhere at the site; 100 at most."""

    viewer: ViewerInfo
    comments: list[Comment]
    appeals: list[AppealOutcome]
    reactions: dict[str, list[str]]
    mutes: list[Id]
    follows: Follows
    unread: int
    seq: int


class Following(msgspec.Struct):
    following: bool


class SeenUntil(Request):
    until: Id


class Unread(msgspec.Struct):
    unread: int


class CommentInShort(msgspec.Struct):
    id: Id
    author: Author | None
    excerpt: str


class ArticleInShort(msgspec.Struct):
    id: str
    title: str | None
    url: str | None


class Notification(msgspec.Struct):
    """`comment` is left empty for whoever may not read it any more."""

    id: Id
    kind: Literal["reply", "mention", "answered", "published", "rejected", "restored", "upheld", "picked", "complained"]
    created_at: str
    seen: bool
    comment: CommentInShort | None
    article: ArticleInShort


class Followed(msgspec.Struct):
    """A thread, or (where there is a comment) the replies to it, with how many are new."""

    article: ArticleInShort
    comment: CommentInShort | None
    new: int


class Notifications(msgspec.Struct):
    notifications: list[Notification]
    followed: list[Followed]
    unread: int
    next_cursor: str | None


class Preview(msgspec.Struct):
    body: list[Any]


class People(msgspec.Struct):
    people: list[Author]


class ReactionsAnswer(msgspec.Struct):
    reactions: dict[str, int]
    mine: list[str]


class ReportAnswer(msgspec.Struct):
    id: Id


class Counts(msgspec.Struct):
    counts: dict[str, int]


class QueueCounts(msgspec.Struct):
    waiting: int
    reported: int
    new: int
    appeals: int


class ConsoleUser(msgspec.Struct):
    id: Id
    email: str
    name: str
    role: Literal["staff", "moderator", "administrator"]
    sections: list[str] | None  # of their sites that they look after; none: all
    can: list[str]  # what core/policy.py allows them at their sites


class SiteName(msgspec.Struct):
    key: str
    name: str


class ConsoleSession(msgspec.Struct):
    """`keys`: as in Preferences."""

    user: ConsoleUser
    csrf: str
    sites: list[SiteName]
    keys: dict[str, str | None]
    second_factor: Literal["on", "off", "needed"]


class OwnSession(msgspec.Struct):
    """`browser`: "" if it is none that we know."""

    id: Id
    browser: str
    since: str
    seen: str
    is_this: bool


class OwnAccount(msgspec.Struct):
    """`recovery_codes`: how many are left; `proved_until`: until when the password need not be given again."""

    sessions: list[OwnSession]
    second_factor: bool
    second_factor_required: bool
    recovery_codes: int
    proved_until: str | None


class OfferedFactor(msgspec.Struct):
    """`qr`: the address as rows of 0 and 1; `ticket`: to be sent back with a code."""

    secret: str
    address: str
    qr: list[str]
    ticket: str


class RecoveryCodes(msgspec.Struct):
    """`session`: as it is now, where it got another id."""

    codes: list[str]
    session: ConsoleSession | None


class Report(msgspec.Struct):
    """`weight`: what it counts, in hundredths, by how often this reader was right."""

    id: Id
    reason: str
    detail: str | None
    created_at: str
    by: Any
    weight: int


class Brigading(msgspec.Struct):
    """Whether the open reports look arranged, and every sign of it."""

    suspected: bool
    why: list[Literal["young_accounts", "one_source", "never_commented", "little_trusted", "burst"]]


class StandingPart(msgspec.Struct):
    name: Literal["published", "rejected", "complaints", "reports", "warnings", "restrictions", "overturned", "days"]
    count: int
    points: int


class Standing(msgspec.Struct):
    level: Literal["new", "good", "mixed", "poor"]
    score: int
    parts: list[StandingPart]


class AuthorHistory(msgspec.Struct):
    id: Id
    name: str | None
    state: str
    published: int
    rejected: int
    waiting: int
    withdrawn: int
    first_seen: str
    banned: bool
    suspended_until: str | None
    restriction_reason: str | None
    premoderated: bool
    premoderated_reason: str | None
    warnings: int
    unseen_warnings: int
    standing: Standing


class DecisionEntry(msgspec.Struct):
    id: Id
    action: str
    by: str | None
    at: str
    reason: str | None
    note: str | None


class Holder(msgspec.Struct):
    """The moderator who has a comment before them, at most until then."""

    id: Id
    name: str
    until: str


class AppealedAgainst(msgspec.Struct):
    by: Literal["machine", "moderator"]
    by_me: bool
    name: str | None
    reason: str | None


class Appeal(msgspec.Struct):
    """`decidable`: false where a colleague has to decide, because the appeal is against one's own decision."""

    id: Id
    text: str
    created_at: str
    against: AppealedAgainst
    decidable: bool
    state: Literal["open", "upheld", "overturned", "closed"]
    note: str | None
    decided_at: str | None


class SecondOpinion(msgspec.Struct):
    """A moderator left the comment to a colleague, and why."""

    by: str
    by_me: bool
    note: str
    at: str


class QueueItem(msgspec.Struct):
    comment: Comment
    article: Any
    parent: Comment | None
    reports: list[Report]
    reports_before: int
    brigading: Brigading
    author: AuthorHistory | None
    decisions: list[DecisionEntry]
    claimed_by: Holder | None
    opinions: list[OpinionEntry]
    appeal: Appeal | None
    second_opinion: SecondOpinion | None


class QueuePage(msgspec.Struct):
    """`looked_through`: rows of the queue that were sifted; a short page with a cursor has more behind it."""

    items: list[QueueItem]
    next_cursor: str | None
    looked_through: int
    counts: QueueCounts


class FilterMenus(msgspec.Struct):
    """What was seen lately, by name."""

    sections: list[str]
    languages: list[str]
    rules: list[str]


class SectionedArticle(Article):
    section: str | None


class FoundComment(msgspec.Struct):
    """`marks`: where the words stand in the comment's `text`, in code points."""

    comment: Comment
    article: SectionedArticle
    marks: list[tuple[int, int]]


class FoundMember(msgspec.Struct):
    author: AuthorHistory
    sub: str


class SearchPage(msgspec.Struct):
    """`looked_through`: hits that were sifted; a short page with a cursor has more behind it."""

    comments: list[FoundComment]
    members: list[FoundMember]
    next_cursor: str | None
    looked_through: int


class Claim(msgspec.Struct):
    comment_id: Id
    claimed_by: Holder | None


class Claims(msgspec.Struct):
    """Who has each of the comments before them: oneself, or a colleague who was first."""

    claims: list[Claim]


class ClaimedItems(msgspec.Struct):
    items: list[QueueItem]


class EditEntry(msgspec.Struct):
    source: str
    edited_at: str


class CommentInQueue(QueueItem):
    thread: list[Comment]
    edits: list[EditEntry]


class Decided(msgspec.Struct):
    comment: Comment
    counts: QueueCounts
    decision_id: Id
    undo_until: str


class ItemAnswer(msgspec.Struct):
    item: QueueItem


class Deferred(msgspec.Struct):
    until: str


class LeftOut(msgspec.Struct):
    """What a bulk decision does not touch, and why."""

    id: Id
    why: Literal[
        "not_found", "changed_meanwhile", "claimed", "own_second_opinion", "status", "undo_too_late", "appealed"
    ]
    claimed_by: Holder | None


class BulkPreview(msgspec.Struct):
    """`stubs`: published comments that replies hang on; `replies`: how many answer them."""

    count: int
    by_status: dict[str, int]
    authors: int
    articles: int
    reports: int
    stubs: int
    replies: int
    left_out: list[LeftOut]


class BulkDecision(msgspec.Struct):
    id: Id
    decision_id: Id


class BulkDone(msgspec.Struct):
    decided: list[BulkDecision]
    left_out: list[LeftOut]
    undo_until: str
    counts: QueueCounts


class BulkUndone(msgspec.Struct):
    """`items`: what is back, as it stands now."""

    items: list[QueueItem]
    left_out: list[LeftOut]
    counts: QueueCounts


class Preferences(msgspec.Struct):
    """Keys by what they do; null: switched off. `usual`: as they are until somebody changes them."""

    keys: dict[str, str | None]
    usual: dict[str, str | None]


class Undo(msgspec.Struct):
    """The call that takes it back."""

    method: Literal["DELETE"]
    path: str


class AppealDecided(msgspec.Struct):
    item: QueueItem
    counts: QueueCounts


class ReceiptTexts(msgspec.Struct):
    """By reason and language: what the house says, and what the site says instead. `places`: what a reason's text may
    have in braces.
    """

    languages: list[str]
    places: dict[str, list[str]]
    house: dict[str, dict[str, str]]
    own: dict[str, dict[str, str]]


class Restricted(msgspec.Struct):
    author: AuthorHistory
    undo: Undo | None


# The page of a member


class BanHere(msgspec.Struct):
    reason: str | None
    since: str
    everywhere: bool


class Suspension(msgspec.Struct):
    reason: str | None
    until: str


class WarningEntry(UnseenWarning):
    by: str | None
    seen_at: str | None


class ReportEntry(msgspec.Struct):
    """A report that a member made, or that somebody made about them: `other` is whoever is not the member."""

    id: Id
    comment_id: Id
    reason: str
    detail: str | None
    created_at: str
    weight: int
    outcome: Literal["upheld", "rejected"] | None
    settled_at: str | None
    other: Any


class FormerName(msgspec.Struct):
    """A name that a member had; `by`: who chose it."""

    name: str
    by: Literal["member", "publisher"]
    until: str


class MemberPage(msgspec.Struct):
    site: str
    member: AuthorHistory
    former_names: list[FormerName]
    last_comment_at: str | None
    reports_upheld: int
    reports_rejected: int
    report_weight: int
    ban: BanHere | None
    suspension: Suspension | None
    warnings: list[WarningEntry]
    decisions: list[DecisionEntry]
    reports_made: list[ReportEntry]
    reports_received: list[ReportEntry]
    can: Any


class MemberComment(msgspec.Struct):
    comment: Comment
    article: Any


class MemberComments(msgspec.Struct):
    comments: list[MemberComment]
    next_cursor: str | None


class ConsoleArticle(SectionedArticle):
    total: int
    waiting: int
    created_at: str


class ConsoleArticles(msgspec.Struct):
    articles: list[ConsoleArticle]
    next_cursor: str | None


class AuditSubject(msgspec.Struct):
    type: str
    id: Id
    label: str | None


class AuditEntry(msgspec.Struct):
    id: Id
    at: str
    by: str | None
    action: str
    subject: AuditSubject
    before: Any
    after: Any
    reason: str | None
    note: str | None


class AuditPage(msgspec.Struct):
    entries: list[AuditEntry]
    next_cursor: str | None


class SettingsAnswer(msgspec.Struct):
    settings: Any
    reject_reasons: list[str]
    version: int


# FIGURES


class FiguresRow(msgspec.Struct):
    """Counts of some time. `held`: of `posted`, those that the rules let wait at once; p50, p95: seconds from the queue
    to the decision, within 10 %.
    """

    posted: int
    held: int
    imported: int
    held_share: float | None
    approved: int
    rejected: int
    by_service: int
    p50: float | None
    p95: float | None
    overturned: int
    reported: int
    appealed: int


class FiguresStep(FiguresRow):
    at: str


class FiguresRule(msgspec.Struct):
    rule: str
    held: int


class FiguresReason(msgspec.Struct):
    reason: str
    rejected: int
    overturned: int


class FiguresModerator(msgspec.Struct):
    id: Id
    name: str
    decided: int
    overturned: int


class Figures(msgspec.Struct, rename={"from_": "from"}):
    """Days and hours by the clock of the site's rules; `moderators`: those whose figures the asker may see."""

    by: Literal["day", "hour"]
    from_: str
    to: str
    time_zone: str
    as_of: str | None
    hours_to_count: int
    series: list[FiguresStep]
    total: FiguresRow
    rules: list[FiguresRule]
    reasons: list[FiguresReason]
    moderators: list[FiguresModerator]
    moderators_shown: Literal["all", "own"]


# RULES


class RulesRequest(Request):
    """`based_on`: the number of the version that was before whoever changes them; another one by now is a conflict."""

    rules: dict[str, Any]
    based_on: Number | None = None
    reason: Note | None = None


class RestoreRequest(Request):
    based_on: Number
    reason: Note | None = None


class TrialRequest(Request):
    """`rules`: what would be otherwise, or all of them; of an article, what it would have otherwise."""

    rules: dict[str, Any]
    article: Line | None = None
    most: Annotated[int, msgspec.Meta(ge=1, le=20_000)] = 5000


class RulesVersion(msgspec.Struct):
    """Number 0: nobody has changed anything yet."""

    number: int
    at: str | None
    by: str | None
    reason: str | None


class RulesAnswer(RulesVersion):
    rules: RuleSet
    defaults: RuleSet
    sections: list[str]


class ChangedVersion(RulesVersion):
    """With the fields that it changed, as they were before and as they were from then on."""

    before: dict[str, Any]
    after: dict[str, Any]


class RulesVersions(msgspec.Struct):
    versions: list[ChangedVersion]
    next_cursor: str | None


class ArticleInSection(Article):
    section: str | None


class ArticleRulesAnswer(RulesVersion):
    article: ArticleInSection
    rules: dict[str, Any]
    inherited: RuleSet
    versions: list[ChangedVersion]


class Outcomes(msgspec.Struct):
    published: int
    held: int
    refused: int


class RuleKinds(msgspec.Struct):
    hold: int
    refuse: int
    note: int
    approve: int


class RuleTried(msgspec.Struct):
    """How many comments a rule found something in."""

    rule: str
    today: RuleKinds
    changed: RuleKinds


class RuleReckoned(msgspec.Struct):
    rule: str
    how: Literal["window", "figures", "present"]


class RuleCount(msgspec.Struct):
    rule: str
    count: int


class WordCount(msgspec.Struct):
    word: str
    count: int


class Piece(msgspec.Struct):
    text: str
    marked: bool


class TrialArticle(msgspec.Struct):
    id: str
    title: str | None


class TrialExample(msgspec.Struct):
    comment_id: Id
    article: TrialArticle
    author: str | None
    created_at: str
    status: str
    before: Literal["published", "held", "refused"]
    findings: list[Any]
    excerpt: list[Piece]


class TrialDifference(msgspec.Struct):
    count: int
    rules: list[RuleCount]
    words: list[WordCount]
    examples: list[TrialExample]


class TrialDifferences(msgspec.Struct):
    held: TrialDifference
    refused: TrialDifference
    let_through: TrialDifference


class TrialResult(msgspec.Struct):
    looked_at: int
    since: str | None
    today: Outcomes
    changed: Outcomes
    rules: list[RuleTried]
    reckoned: list[RuleReckoned]
    differences: TrialDifferences
    took_ms: int


class Trial(msgspec.Struct):
    """`result` and `error` are there when it is finished: one of them."""

    id: Id
    article: str | None
    by: str | None
    most: int
    created_at: str
    finished_at: str | None
    result: TrialResult | None
    error: str | None


class Problem(msgspec.Struct):
    """RFC 9457; `code` is stable, further members depend on it. `message` is for people, in the request's language."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    message: str | msgspec.UnsetType = msgspec.UNSET
