"""Notices of illegal content: given by anybody, decided by a moderator, each step written down and told to whoever gave
it. What a notice leads to happens through the decisions that everything else takes, too.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import msgspec

from comments.actions.mail import plan_letter
from comments.actions.moderation import Decision, apply_to_all, outcome_of, take_claims
from comments.actions.notifications import tell_all
from comments.core.characters import clean, count
from comments.core.errors import Conflict, Forbidden, Malformed, NotFound
from comments.core.events import NoticesChanged, Told
from comments.core.identity import Role, Viewer
from comments.core.law import author
from comments.core.law import notice as law
from comments.core.law.statement import EXPLAINED, LAWFUL, Grounds
from comments.core.notifications import Kind
from comments.core.policy import Action, Subject, may, require
from comments.core.status import BECOMES, Status
from comments.storage import notices as rows
from comments.storage.appeals import colleagues_of
from comments.storage.audit import write_audit
from comments.storage.mail import find_mailbox
from comments.storage.notifications import forget
from comments.storage.sites import Site
from comments.storage.threads import articles_of, find_comments
from comments.storage.transaction import Transaction

MAX_ANSWER = 2000  # characters
HEARD = (Status.PUBLISHED, Status.WAITING, Status.REJECTED)  # comments that are there to be answered for


def digest_of(key: str) -> str:
    """What is stored of a trusted flagger's key: whoever reads it in the database cannot use it."""
    return hashlib.sha256(key.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Given:
    """Where a notice comes from. `base`: where browsers reach the service; `flagger_key`: "" of anybody; `key`: the
    operator's, for the link in letters.
    """

    base: str
    language: str
    flagger_key: str = ""
    key: bytes = b""


def give_notice(tx: Transaction, site: Site, new: law.NewNotice, given: Given) -> str:
    """Write down a notice; its reference. Raises NotFound where the site takes none, Malformed naming the field."""
    if not site.settings.law.notices:
        raise NotFound("form for notices")
    notice = law.checked(new)
    named = [one for url in notice.urls if (one := law.comment_of(url, given.base, site.key)) is not None]
    flagger = rows.find_flagger(tx.conn, site.id, digest_of(given.flagger_key)) if given.flagger_key else None
    if given.flagger_key and flagger is None:
        raise Malformed("No trusted flagger has this key here.", field="flagger_key")
    reference = law.new_reference()
    found = rows.of_site(tx.conn, site.id, named)
    notice_id = rows.insert_notice(
        tx.conn,
        found,
        site_id=site.id,
        reference=reference,
        about=notice.about,
        text=notice.text,
        urls=_json(notice.urls),
        details=_json(law.details_of(notice.defamation)),
        name=notice.name or None,
        email=notice.email or None,
        language=given.language,
        flagger_id=None if flagger is None else flagger.id,
        rank=1 if flagger is None else 0,
        due_at=law.due_of(notice.about, site.settings.law, tx.now),
        created_at=tx.now,
    )
    told = {"id": str(notice_id), "reference": reference, "about": notice.about, "trusted": flagger is not None}
    tx.record(Told(site.id, "notice.received", {"notice": told | {"comments": [str(one) for one in found]}}))
    tx.record(NoticesChanged(site.id))
    _write(tx, site, rows.find_notice(tx.conn, notice_id), "notice_received", "received", given.key)
    return reference


def _write(tx: Transaction, site: Site, notice: Any, template: str, what: str, key: bytes) -> None:
    """A letter to whoever gave notice, if they said where. `what`: makes it the only one of its kind. Articles 16(4)
    and 16(5) ask for it: the site's switch for mail to members does not stop it.
    """
    if notice.email is None:
        return
    params = {"reference": notice.reference, "link": law.path_of(key, site.key, notice.reference)}
    plan_letter(
        tx, notice.email, template, params, f"notice {notice.id} {what}", site=site, language=notice.language,
        limited=template == "notice_received",
    )  # fmt: skip


def tell_complained(tx: Transaction, site: Site, notice_id: int, key: bytes) -> None:
    """A complaint about this notice was answered: whoever gave it is told."""
    _write(tx, site, rows.find_notice(tx.conn, notice_id), "notice_complaint", "complaint", key)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a moderator decides about the `version` of a notice that they saw. `answer`: to whoever gave it. Of a
    restriction: which of its comments (id → version seen), the site's `reason`, the provision they break (None: the
    site's terms alone) and how (`why`, told to their authors).
    """

    outcome: str
    version: int
    answer: str = ""
    comments: Mapping[int, int] = field(default_factory=dict)
    reason: str | None = None
    provision: str | None = None
    why: str | None = None


def decide_notice(tx: Transaction, viewer: Viewer, site: Site, notice_id: int, verdict: Verdict, key: bytes) -> None:
    """Restrict comments on account of a notice, or do nothing; `key`: the operator's, for links. Raises NotFound,
    Malformed, Forbidden (escalated, own_decision), Conflict: notice_decided, changed_meanwhile, claimed, status.
    """
    notice = _open_notice(tx, viewer, site, notice_id, verdict.version)
    if verdict.outcome not in law.OUTCOMES:
        raise Malformed(f"An outcome is one of {', '.join(law.OUTCOMES)}.", field="outcome")
    answer = clean(verdict.answer).strip()
    if not 0 < len(answer) <= MAX_ANSWER:
        raise Malformed(f"Say why, in at most {MAX_ANSWER} characters: whoever gave notice is told.", field="answer")
    if notice.escalated_at is not None and viewer.role is not Role.ADMINISTRATOR:
        raise Forbidden("escalated", "This notice was handed to administrators.")
    complaint = rows.complaint_about(tx.conn, notice.id)
    if complaint is not None and complaint.against_id == viewer.id and somebody_else(tx, viewer, site):
        raise Forbidden("own_decision", "A colleague decides about complaints against your own decisions.")
    removed = _restrict(tx, viewer, site, notice, verdict) if verdict.outcome == "restricted" else []
    rows.update_notice(tx.conn, notice.id, decided_at=tx.now, outcome=verdict.outcome, answer=answer, user_id=viewer.id)
    tx.record(NoticesChanged(site.id))
    after = {"outcome": verdict.outcome, "comments": [str(one) for one in removed]}
    _log(tx, viewer, notice, "decide_notice", after, reason=verdict.reason, note=answer)
    _write(tx, site, notice, "notice_decided", f"decided {notice.version}", key)


def _restrict(tx: Transaction, viewer: Viewer, site: Site, notice: Any, verdict: Verdict) -> list[int]:
    """Reject those comments; their ids."""
    provision = (verdict.provision or "").strip() or None
    why = clean(verdict.why or "").strip() or None
    outcome_of(site, "reject", verdict.reason)
    if provision is not None and (len(provision) > LAWFUL or why is None):
        detail = f"Name the provision in at most {LAWFUL} characters, and say how the comment breaks it."
        raise Malformed(detail, field="why" if why is None else "law")
    if why is not None and len(why) > EXPLAINED:
        raise Malformed(f"An explanation has at most {EXPLAINED} characters.", field="why")
    known = set(rows.comments_of(tx.conn, [notice.id]).get(notice.id, ()))
    if not verdict.comments or not set(verdict.comments) <= known:
        raise Malformed("Choose among the comments that the notice is about.", field="comments")
    found = _locked(tx, verdict.comments)
    take_claims(tx, viewer, site.id, list(verdict.comments), True)
    grounds = Grounds(provision, why, notice.id, notice.about, notice.rank == 0)
    decision = Decision("reject", 0, verdict.reason, message=why, grounds=grounds)
    apply_to_all(tx, found, Status.REJECTED, decision, viewer.id)
    return [one.id for one in found]


def _locked(tx: Transaction, wanted: Mapping[int, int]) -> Sequence[Any]:
    """These comments under their locks, if they are as they were seen and can be rejected."""
    seen = find_comments(tx.conn, list(wanted))
    members = [one.member_id for one in seen if one.member_id is not None]
    tx.lock_all(member_ids=members, article_ids=[one.article_id for one in seen])
    found = find_comments(tx.conn, list(wanted), lock=True)
    for one in found:
        if one.version != wanted[one.id]:
            raise Conflict("changed_meanwhile", "A comment changed meanwhile: look at it again.")
        if Status.REJECTED not in BECOMES[Status(one.status)]:
            raise Conflict("status", f"Comment {one.id} is {one.status}: there is nothing left to restrict.")
    return found


def escalate(tx: Transaction, viewer: Viewer, site: Site, notice_id: int, version: int, note: str) -> None:
    """Hand a notice to the administrators: they alone decide it then."""
    notice = _open_notice(tx, viewer, site, notice_id, version)
    said = clean(note).strip()
    if not said:
        raise Malformed("Say what administrators are to look at.", field="note")
    rows.update_notice(tx.conn, notice.id, escalated_at=tx.now, escalation=said)
    _log(tx, viewer, notice, "escalate_notice", None, note=said)


def tell_author(tx: Transaction, viewer: Viewer, site: Site, notice_id: int, version: int, note: str) -> None:
    """Tell the authors of a notice's comments of it, at their own page and by a letter where an address is known: this
    stops the clock of section 5. Raises Conflict: no_clock, no_contact (the site does not say where authors answer),
    no_author (somebody cannot be told: the comment is to be removed).
    """
    notice = _open_notice(tx, viewer, site, notice_id, version)
    if notice.due_at is None or notice.author_told_at is not None:
        raise Conflict("no_clock", "No clock of section 5 is running for this notice.")
    contact = site.settings.law.uk_contact or site.settings.mail_reply_to
    if contact is None:
        detail = "Say first where authors answer: an address in the site's settings, law.uk_contact."
        raise Conflict("no_contact", detail)
    named = rows.comments_of(tx.conn, [notice.id]).get(notice.id, ())
    found = [one for one in find_comments(tx.conn, list(named)) if one.status in HEARD]
    if not found or any(one.member_id is None for one in found):
        raise Conflict("no_author", "Nobody can be told: a comment's author is not known here, or it is gone.")
    rows.update_notice(tx.conn, notice.id, author_told_at=tx.now)
    told = rows.find_notice(tx.conn, notice.id)
    articles = articles_of(tx.conn, found)
    mailed = [one.id for one in found if _letter_to_author(tx, site, told, one, articles[one.article_id].key, contact)]
    forget(tx.conn, [one.id for one in found], [Kind.COMPLAINED])  # of an earlier notice
    tell_all(tx, [(one, one.member_id, Kind.COMPLAINED) for one in found])
    after = {"comments": [str(one.id) for one in found], "mailed": [str(one) for one in mailed]}
    _log(tx, viewer, notice, "author_told", after, note=clean(note).strip() or None)


def _letter_to_author(tx: Transaction, site: Site, notice: Any, comment: Any, article: str, contact: str) -> bool:
    """Whether one goes out: the law asks for it, so the site's switch for mail to members does not stop it."""
    mailbox = find_mailbox(tx.conn, comment.member_id)
    if mailbox is None or mailbox.address is None or mailbox.failed_at is not None:
        return False
    link = f"/articles/{site.key}/{quote(article, safe='')}?comment={comment.id}"
    return plan_letter(
        tx, mailbox.address, author.TEMPLATE, author.params_of(notice, comment, contact) | {"link": link},
        f"notice {notice.id} author {comment.id}", site=site, member_id=comment.member_id, limited=False,
    )  # fmt: skip


def _open_notice(tx: Transaction, viewer: Viewer, site: Site, notice_id: int, version: int) -> Any:
    require(viewer, Action.DECIDE_NOTICE, Subject(site.id, site.settings), tx.now)
    notice = of_site(site, rows.find_notice(tx.conn, notice_id, lock=True))
    if notice.decided_at is not None:
        raise Conflict("notice_decided", "This notice has been decided.")
    if notice.version != version:
        raise Conflict("changed_meanwhile", "The notice changed meanwhile: look at it again.", version=notice.version)
    return notice


def of_site(site: Site, notice: Any) -> Any:
    """The notice's row, if there is one of this site. Raises NotFound."""
    if notice is None or notice.site_id != site.id:
        raise NotFound("notice")
    return notice


def somebody_else(tx: Transaction, viewer: Viewer, site: Site) -> bool:
    """Whether anybody but this moderator decides about notices and complaints of the site."""
    subject = Subject(site.id, site.settings)
    return any(may(one, Action.DECIDE_NOTICE, subject, tx.now) for one in colleagues_of(tx.conn, viewer.id or 0))


def _log(tx: Transaction, viewer: Viewer, notice: Any, action: str, after: Any, **why: str | None) -> None:
    write_audit(
        tx.conn, action, ("notice", notice.id), tx.now, site_id=notice.site_id, user_id=viewer.id, after=after, **why
    )  # fmt: skip


def complain(tx: Transaction, site: Site, reference: str, text: str) -> bool:
    """Whoever gave notice complains that nothing was done; whether that is new (the same text again is not). Whose
    secret link this is was looked at before. Raises NotFound, Malformed, Conflict: complaint_exists, no_complaint.
    """
    said = complaint_text(text)
    notice = rows.notice_by_reference(tx.conn, reference)
    notice = None if notice is None else rows.find_notice(tx.conn, notice.id, lock=True)
    if notice is None or notice.site_id != site.id or not site.settings.law.redress:
        raise NotFound("notice")
    earlier = rows.complaint_about(tx.conn, notice.id)
    if earlier is not None and earlier.text == said:
        return False
    if earlier is not None:
        raise Conflict("complaint_exists", "You have complained already: there is one complaint about a decision.")
    if not law.may_complain(notice, earlier, tx.now):
        raise Conflict("no_complaint", "There is nothing to complain about here, or no longer.")
    rows.insert_complaint(
        tx.conn, site_id=site.id, notice_id=notice.id, against_id=notice.user_id, text=said, created_at=tx.now
    )
    tx.record(NoticesChanged(site.id))
    return True


def complaint_text(text: str) -> str:
    said = clean(text).strip()
    if not 0 < count(said) <= law.MAX_REASONS:
        raise Malformed(f"A complaint has 1 to {law.MAX_REASONS} characters.", field="text")
    return said
