"""The values that moderation speaks in: what was written (Draft), what is known (Facts), what a rule found.

Storage gathers Facts, core/markup.py makes Drafts, rules return findings; all of them are values. Times: µs UTC.
"""

import hashlib
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from comments.core.moderation.opinions import Said
from comments.core.moderation.ruleset import NO_RULES, RuleSet
from comments.core.site import ArticleMode, SiteSettings
from comments.core.tree import Tree

Spans = tuple[tuple[int, int], ...]  # (start, end) in code points of Draft.text


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that was rendered and is not yet judged. Only core/markup.py makes one."""

    source: str  # as written, normalised
    html: str  # sanitised; for pages, feeds and mail that the server renders
    tree: Tree  # what browsers build the body from
    text: str  # plain text of the tree; spans of findings point into it
    links: tuple[str, ...]  # addresses, in order
    length: int  # grapheme clusters of `text`


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What storage knows about the site, the article and the author at the time of judging."""

    settings: SiteSettings
    now: int
    rules: RuleSet = NO_RULES
    article_mode: ArticleMode = "open"
    section: str | None = None  # the article's
    thread_locked: bool = False  # the root above takes no more replies
    is_edit: bool = False
    is_reply: bool = False
    author_banned: bool = False
    author_ban_reason: str | None = None
    author_suspended_until: int | None = None
    author_premoderated: bool = False
    author_published: int = 0
    author_rejected: int = 0
    author_first_seen: int = 0
    last_comment_at: int | None = None
    recent_texts: tuple[int, ...] = ()  # simhashes of their last other comments here, newest first
    opinions: Mapping[str, Said] = field(default_factory=dict)  # by classifier; none is there for a new text
    awaits_opinions: bool = False  # classifiers are going to be asked about this text
    same_text_at: int | None = None  # their last other comment here with this text's `text_hash`


@dataclass(frozen=True, slots=True)
class Refuse:
    """Nothing is stored and the writer is told why. `code` is the rule's name."""

    code: str
    spans: Spans = ()
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hold:
    """The comment waits for a moderator; the other rules run on, so that every reason is seen."""

    reason: str
    spans: Spans = ()
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Approve:
    """No later rule is asked. It never lifts a hold that was found before it."""

    reason: str
    spans: Spans = ()
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Note:
    """Informs the moderator, without consequence."""

    reason: str
    spans: Spans = ()
    params: Mapping[str, Any] = field(default_factory=dict)


Finding = Refuse | Hold | Approve | Note
Rule = Callable[[Draft, Facts], Finding | None]


def is_newcomer(facts: Facts) -> bool:
    """Whether the author is new here, by comments or by hours, as the site counts it."""
    if facts.author_published < facts.rules.newcomer_comments:
        return True
    age = max(0, facts.now - facts.author_first_seen)  # below 0 when the clock was set back: what is off stays off
    return age < facts.rules.newcomer_hours * 3_600_000_000


def text_hash(text: str) -> str:
    """32 hexadecimal digits, the same for texts that differ only in case, width, white space or form of characters."""
    normal = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return hashlib.sha256(" ".join(normal.split()).encode()).hexdigest()[:32]
