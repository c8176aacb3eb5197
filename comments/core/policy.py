"""The only place that decides who may do or see what. Asked by HTTP, by live and by the command line alike; the
default is no.

`require` answers "may they?"; `visibility` answers "what do they see?" as data, because a predicate cannot become SQL:
`Visibility.admits` serves live and single comments, `storage.threads.admitted` serves queries, and
tests/test_one_policy.py proves that they agree.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Literal

from comments.core.api_keys import Scope
from comments.core.entitlement import State, may_read, may_write
from comments.core.errors import Forbidden, NotFound, Unauthenticated
from comments.core.identity import AT_DESKS, Role, Viewer
from comments.core.site import SiteSettings
from comments.core.status import Status
from comments.core.times import time_text

Sight = Literal["full", "stub", "absent"]


class Action(StrEnum):
    """Everything somebody may want to do."""

    READ = "read"
    POST = "post"
    EDIT = "edit"
    WITHDRAW = "withdraw"
    REACT = "react"
    REPORT = "report"
    MUTE = "mute"
    FOLLOW = "follow"
    SEE_PEOPLE = "see_people"
    NAME_ONESELF = "name_oneself"
    SEE_WARNING = "see_warning"
    CHOOSE_MAIL = "choose_mail"
    APPEAL = "appeal"
    SEE_ONESELF = "see_oneself"
    SEE_QUEUES = "see_queues"
    SEARCH = "search"
    SEE_MEMBERS = "see_members"
    SEE_FIGURES = "see_figures"
    SEE_MODERATORS = "see_moderators"
    SEE_RULES = "see_rules"
    PICK = "pick"
    NOTE = "note"
    CLAIM = "claim"
    DECIDE = "decide"
    LOCK = "lock"
    DECIDE_APPEAL = "decide_appeal"
    SEE_NOTICES = "see_notices"
    DECIDE_NOTICE = "decide_notice"
    WARN = "warn"
    PREMODERATE = "premoderate"
    BAN = "ban"
    BAN_EVERYWHERE = "ban_everywhere"
    SET_MODE = "set_mode"
    SEE_AUDIT = "see_audit"
    TRY_RULES = "try_rules"
    CHANGE_RULES = "change_rules"
    MANAGE_SITE = "manage_site"
    MANAGE_API_KEYS = "manage_api_keys"


class EverySection(Enum):
    """No section in particular: lists, which show a moderator of sections those alone, and people."""

    ALL = "all"


@dataclass(frozen=True, slots=True)
class Subject:
    """What the action is about: a site with its settings and, where there is one, the comment's author; `section`: of
    the article, where one comment, article or author's comment is acted on (EverySection.ALL: the site as a whole).
    """

    site_id: int
    settings: SiteSettings
    author_id: int | None = None
    section: str | EverySection | None = EverySection.ALL


OWN = frozenset({Action.EDIT, Action.WITHDRAW, Action.APPEAL})  # only one's own comments
OF_OTHERS = {  # never one's own comments
    Action.REACT: "One does not recommend oneself.",
    Action.REPORT: "One does not report oneself: withdraw the comment instead.",
}
NEEDS_WRITING = frozenset({Action.POST, Action.EDIT})  # a lapsed member keeps reports, export and erasure
NEEDS_READING = frozenset({Action.FOLLOW, Action.SEE_PEOPLE})  # and nothing else: who may not write goes on reading
NEEDS_A_GOOD_NAME = frozenset({Action.POST})
NEEDS_WARNINGS_SEEN = frozenset({Action.POST})
MEMBERS = frozenset(
    {
        Action.POST,
        Action.EDIT,
        Action.WITHDRAW,
        Action.REACT,
        Action.REPORT,
        Action.MUTE,
        Action.FOLLOW,
        Action.SEE_PEOPLE,
        Action.NAME_ONESELF,
        Action.SEE_WARNING,
        Action.CHOOSE_MAIL,
        Action.APPEAL,
        Action.SEE_ONESELF,
    }
)
ALWAYS = frozenset(  # of members
    {
        Action.WITHDRAW,
        Action.MUTE,
        Action.NAME_ONESELF,
        Action.SEE_WARNING,
        Action.CHOOSE_MAIL,
        Action.APPEAL,
        Action.SEE_ONESELF,  # one's own page, and letting go there what one follows
    }
)
STAFF = frozenset(
    {
        Action.READ,
        Action.SEE_QUEUES,
        Action.SEARCH,
        Action.SEE_MEMBERS,
        Action.SEE_FIGURES,
        Action.SEE_RULES,
        Action.PICK,
        Action.NOTE,
    }
)
MODERATORS = STAFF | {
    Action.CLAIM,
    Action.DECIDE,
    Action.LOCK,
    Action.DECIDE_APPEAL,
    Action.SEE_NOTICES,  # with complaints: both name people, and lift what holds on the whole site
    Action.DECIDE_NOTICE,
    Action.WARN,
    Action.PREMODERATE,
    Action.BAN,
    Action.SET_MODE,
    Action.SEE_AUDIT,
    Action.TRY_RULES,
}
ADMINISTRATORS = MODERATORS | {
    Action.CHANGE_RULES,
    Action.MANAGE_SITE,
    Action.MANAGE_API_KEYS,  # people alone: a key that leaked makes no others
    Action.BAN_EVERYWHERE,
    Action.SEE_MODERATORS,  # what each of them did, as figures: moderators see their own
}
ALLOWED = {Role.STAFF: STAFF, Role.MODERATOR: MODERATORS, Role.ADMINISTRATOR: ADMINISTRATORS}  # in the console
SEES = frozenset(
    {
        Action.READ,
        Action.SEE_QUEUES,
        Action.SEARCH,
        Action.SEE_MEMBERS,
        Action.SEE_FIGURES,
        Action.SEE_MODERATORS,
        Action.SEE_RULES,
        Action.SEE_AUDIT,
    }
)
OF_SCOPES = {  # what keys of the publishers' API are good for, each of them at one site
    Scope.READ: SEES,
    Scope.MODERATE: SEES | MODERATORS,
    Scope.MANAGE: SEES | {Action.SET_MODE, Action.TRY_RULES, Action.CHANGE_RULES, Action.MANAGE_SITE},
}
WHOLE_SITE = frozenset(  # who looks after some sections alone does none of this
    {Action.BAN, Action.PREMODERATE, Action.SEE_AUDIT, Action.TRY_RULES, Action.SEE_FIGURES, Action.SEE_MODERATORS,
     Action.SEE_NOTICES, Action.DECIDE_NOTICE}
)  # fmt: skip


def require(viewer: Viewer, action: Action, subject: Subject, now: int) -> None:
    """Return if `viewer` may; otherwise raise Unauthenticated, Forbidden whose code says which state forbids it, or
    NotFound for what lies outside of the sections that a moderator looks after.
    """
    if viewer.role is Role.NOBODY and action in MEMBERS:
        raise Unauthenticated("token_missing", "Sign in first: send a token as “Authorization: Bearer …”.")
    if viewer.role is Role.NOBODY and action is Action.READ and not may_read(subject.settings, State.NOBODY):
        raise Unauthenticated("token_missing", "Only signed-in readers may read here.")
    if viewer.role in AT_DESKS:
        if not isinstance(subject.section, EverySection) and not viewer.sees_section(subject.section):
            raise NotFound("comment or article")
        if not _console_allows(viewer, action, subject):
            raise _not_for(viewer)
        return
    if action is Action.READ:
        _require_reading(viewer, subject)
        return
    if viewer.role is not Role.MEMBER or action not in MEMBERS or viewer.site_id != subject.site_id:
        raise Forbidden("forbidden", "Your role does not allow this.")
    _require_member(viewer, action, subject, now)


def may(viewer: Viewer, action: Action, subject: Subject, now: int) -> bool:
    """Whether `require` lets them; for what is shown to some and left out for others."""
    try:
        require(viewer, action, subject, now)
    except (Forbidden, NotFound, Unauthenticated):
        return False
    return True


def _not_for(viewer: Viewer) -> Forbidden:
    if viewer.role is Role.KEY:
        held = ", ".join(sorted(viewer.scopes))
        return Forbidden("scope", f"This key's scopes do not allow this: it has {held}.", scopes=sorted(viewer.scopes))
    return Forbidden("forbidden", "Your role does not allow this.")


def _allowed(viewer: Viewer) -> frozenset[Action]:
    """What this account, or this key, may do at its sites."""
    if viewer.role is Role.KEY:
        return frozenset().union(*(OF_SCOPES[scope] for scope in viewer.scopes))
    return ALLOWED.get(viewer.role, frozenset())


def _console_allows(viewer: Viewer, action: Action, subject: Subject) -> bool:
    if action not in _allowed(viewer) or not viewer.works_at(subject.site_id):
        return False
    of_all = isinstance(subject.section, EverySection)
    return not of_all or viewer.sections is None or action not in WHOLE_SITE


def granted(viewer: Viewer) -> list[Action]:
    """What an account of the console may do at its sites, or in its sections: for the console to hide the rest."""
    return sorted(action for action in _allowed(viewer) if viewer.sections is None or action not in WHOLE_SITE)


def _require_reading(viewer: Viewer, subject: Subject) -> None:
    state = viewer.state if viewer.site_id == subject.site_id else State.NOBODY
    if not may_read(subject.settings, state):
        code = "registered_only" if subject.settings.read == "registered" else "subscribers_only"
        raise Forbidden(code, "Reading comments here is for those whom the publisher admits.", state=str(state))


def _require_member(viewer: Viewer, action: Action, subject: Subject, now: int) -> None:
    if action in OWN and viewer.id != subject.author_id:
        raise Forbidden("forbidden", "Only its author may do this.")
    if action in OF_OTHERS and viewer.id == subject.author_id:
        raise Forbidden("own_comment", OF_OTHERS[action])
    if action in ALWAYS:
        return
    if action in NEEDS_READING:
        _require_reading(viewer, subject)
        return
    if action is Action.REPORT:
        if viewer.banned:
            raise Forbidden("banned", "This account is banned here.")
        return
    code = gate(viewer, subject.settings, now) if action in NEEDS_WRITING else _restriction(viewer, now)
    passes = {"name_needed": NEEDS_A_GOOD_NAME, "warned": NEEDS_WARNINGS_SEEN}
    if code is None or (code in passes and action not in passes[code]):
        if action is Action.REACT and not may_read(subject.settings, viewer.state):
            raise _not_entitled("lapsed" if viewer.state is State.LAPSED else "registered", viewer)
        return
    if code in NOT_ENTITLED:
        raise _not_entitled(code, viewer)
    extras = {"until": time_text(viewer.suspended_until)} if code == "suspended" else {}
    raise Forbidden(code, WHY[code], **extras)


NOT_ENTITLED = {"registered": "registered", "trial_over": "trial", "lapsed": "lapsed"}  # gate → end of the code


def _not_entitled(closed: str, viewer: Viewer) -> Forbidden:
    code = f"not_entitled_{NOT_ENTITLED[closed]}"
    return Forbidden(code, "Your subscription does not allow this.", state=str(viewer.state))


WHY = {
    "banned": "This account is banned here.",
    "suspended": "This account is suspended for a time.",
    "name_needed": "Choose a display name first.",
    "warned": "A moderator has written to you: read it first.",
}


def gate(viewer: Viewer, settings: SiteSettings, now: int) -> str | None:
    """Why this viewer may not write at the site, as the gate's name; None if they may."""
    if viewer.role is Role.NOBODY:
        return "nobody"
    restriction = _restriction(viewer, now)
    if restriction is not None:
        return restriction
    if not may_write(settings, viewer.state):
        if viewer.state is State.TRIAL:
            return "trial_over"
        return "lapsed" if viewer.state in (State.LAPSED, State.GRACE) else "registered"
    if viewer.unseen_warnings:
        return "warned"
    return None if viewer.name else "name_needed"


def _restriction(viewer: Viewer, now: int) -> str | None:
    if viewer.banned:
        return "banned"
    if viewer.suspended_until is not None and viewer.suspended_until > now:
        return "suspended"
    return None


@dataclass(frozen=True, slots=True)
class Visibility:
    """What one kind of viewer sees, as data. `others`, `own`: what is seen of a comment by its status.

    A "stub" (a comment without text and author) is seen only while something that is seen hangs below it.
    """

    others: tuple[tuple[Status, Sight], ...]
    own: tuple[tuple[Status, Sight], ...] = ()
    member_id: int | None = None

    def admits(self, status: Status, author_id: int | None, visible_children: int) -> Sight:
        """How a comment of this status and author, with so many visible children, is seen."""
        table = self.own if self.member_id is not None and author_id == self.member_id else self.others
        sight = dict(table).get(status, "absent")
        return "absent" if sight == "stub" and visible_children <= 0 else sight


PUBLIC: tuple[tuple[Status, Sight], ...] = (
    (Status.PUBLISHED, "full"),
    (Status.WAITING, "stub"),  # published once, with replies: an edit or readers' reports sent it back
    (Status.REJECTED, "stub"),
    (Status.WITHDRAWN, "stub"),
    (Status.ERASED, "stub"),
)
OF_ONES_OWN: tuple[tuple[Status, Sight], ...] = (
    (Status.PUBLISHED, "full"),
    (Status.WAITING, "full"),
    (Status.REJECTED, "full"),
    (Status.WITHDRAWN, "stub"),
    (Status.ERASED, "stub"),
)
OF_MODERATORS: tuple[tuple[Status, Sight], ...] = (
    (Status.PUBLISHED, "full"),
    (Status.WAITING, "full"),
    (Status.REJECTED, "full"),
    (Status.WITHDRAWN, "full"),
    (Status.ERASED, "stub"),
)

OF_ONES_OWN_PAGE: tuple[tuple[Status, Sight], ...] = (
    (Status.PUBLISHED, "full"),
    (Status.WAITING, "full"),
    (Status.REJECTED, "full"),
    (Status.WITHDRAWN, "full"),
)

THE_PUBLIC = Visibility(PUBLIC)


def visibility(viewer: Viewer, site_id: int) -> Visibility:
    """What `viewer` sees of the comments of a site they may read (`require(viewer, READ, …)` comes first)."""
    if viewer.works_at(site_id):
        return Visibility(OF_MODERATORS)
    if viewer.role is Role.MEMBER and viewer.site_id == site_id:
        return Visibility(PUBLIC, OF_ONES_OWN, viewer.id)
    return THE_PUBLIC


def own_page(member_id: int) -> Visibility:
    """What a member sees on their own page: all that is there of what they wrote, and nothing of others."""
    return Visibility((), OF_ONES_OWN_PAGE, member_id)
