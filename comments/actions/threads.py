"""What members do in threads: post, edit, withdraw, react, report."""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from comments.actions.members import Access, Writer, acting_writer
from comments.actions.mentions import mention
from comments.actions.notifications import receivers_of, tell, tell_of_public
from comments.actions.open_appeals import answer_open_appeal
from comments.actions.statements import state_shown
from comments.core.entitlement import SECOND
from comments.core.errors import Conflict, Forbidden, Malformed, NotFound, Refused
from comments.core.events import (
    CommentEdited,
    CommentPosted,
    ReactionGathered,
    ReactionsChanged,
    StatusChanged,
)
from comments.core.moderation.findings import Draft
from comments.core.moderation.pipeline import Verdict, judge
from comments.core.moderation.risk import risk_of
from comments.core.moderation.ruleset import RuleSet
from comments.core.policy import Action, Subject, require, visibility
from comments.core.site import origin_of
from comments.core.status import Status, require_change
from comments.core.thread import reply_depth
from comments.storage import comments as rows
from comments.storage.moderation import facts_for, repeats_since
from comments.storage.rules import rules_for, rules_of
from comments.storage.sites import Site
from comments.storage.threads import article_of, find_comment
from comments.storage.transaction import Transaction

REACTIONS_EVERY = SECOND  # the reactions of an article take at most one seq in this time
FROZEN = ("readonly", "off")


@dataclass(frozen=True, slots=True)
class NewComment:
    """What somebody sends besides the text. `key`: idempotency key, unique for the member."""

    article_key: str
    parent_id: int | None
    key: str
    article_url: str | None = None
    article_title: str | None = None
    article_section: str | None = None
    question: bool = False

    def request_hash(self, source: str) -> str:
        """The same for the same request: what an idempotency key is compared with."""
        text = f"{self.article_key}\0{self.parent_id}\0{source}" + ("\0question" if self.question else "")
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(slots=True, kw_only=True)
class Posted:
    """A new comment as its row is (core.present.CommentRow), so that nobody reads it again to answer its author.

    `seq` is 0 until the transaction ends.
    """

    id: int
    site_id: int
    article_id: int
    member_id: int | None
    parent_id: int | None
    root_id: int
    depth: int
    source: str
    html: str
    tree: str
    text: str
    text_hash: str
    language: str | None
    simhash: int | None
    risk: int
    status: str
    created_at: int
    idempotency_key: str
    request_hash: str
    name: str | None
    avatar: str | None
    badges: str | None
    findings: tuple[dict[str, Any], ...]
    question: bool
    by_author: bool
    answer_id: int | None = None
    edited_at: int | None = None
    reactions: str = "{}"
    reply_count: int = 0
    seq: int = 0
    version: int = 1
    picked_at: int | None = None
    locked_at: int | None = None


def post_comment(tx: Transaction, writer: Writer, new: NewComment, draft: Draft) -> tuple[int, Posted | None]:
    """Store and judge a comment: its id, and the new row; None if an earlier one has this key. Raises Forbidden,
    Refused, NotFound (parent), Conflict (key).
    """
    site, member = writer.site, writer.member
    require(writer.viewer, Action.POST, Subject(site.id, site.settings), tx.now)
    if new.question:
        _check_question(site, new)
    request_hash, columns = new.request_hash(draft.source), rows.draft_columns(draft)
    since = repeats_since(rules_of(tx.conn, site), tx.now)
    ground = rows.read_ground(tx.conn, member, new.article_key, new.parent_id, new.key, columns["text_hash"], since)
    if ground.earlier is not None:
        if ground.earlier_hash != request_hash:
            raise Conflict(
                "idempotency_key_reused", "This Idempotency-Key belongs to another comment of yours: make a new one."
            )
        return ground.earlier, None
    article = _article(tx, writer, ground, new)
    is_reply = new.parent_id is not None
    if is_reply and (ground.parent_article != article.id or ground.parent_status != Status.PUBLISHED):
        raise NotFound("comment to reply to")
    rules = rules_for(tx.conn, site, article)
    facts = facts_for(
        tx.conn, draft, site.settings, rules, member, article, tx.now, since=since, same_text_at=ground.same_text_at
    )
    facts = replace(facts, is_reply=is_reply, thread_locked=ground.locked_at is not None, awaits_opinions=True)
    verdict = judge(draft, facts)
    own = {
        "id": ground.next_id,
        "site_id": site.id,
        "article_id": article.id,
        "member_id": member.id,
        "parent_id": new.parent_id,
        "root_id": ground.parent_root if is_reply else ground.next_id,
        "depth": reply_depth(ground.parent_depth, site.settings.max_depth) if is_reply else 0,
        "status": str(verdict.status),
        "risk": verdict.risk,
        "created_at": tx.now,
        "question": new.question,
        "by_author": is_author(site, member),
        "idempotency_key": new.key,
        "request_hash": request_hash,
    }
    named = _mark_mentions(tx, columns, site, article.id, draft, member.id, ground.parent_author)
    rows.insert_comment(tx.conn, columns | own)
    rows.insert_findings(tx.conn, ground.next_id, verdict.findings, tx.now)
    posted = Posted(
        **columns, **own, name=member.name, avatar=member.avatar, badges=member.badges, findings=verdict.findings
    )
    tx.record(_event(posted, verdict.status, asked_about(rules, verdict)))
    if verdict.status is Status.PUBLISHED:
        hears = ground.parent_author is not None and ground.muted_by_parent is None
        answered = (ground.parent_author, posted.by_author and ground.parent_asks) if hears else None
        tell(tx, posted, receivers_of(answered, named, member.id))
    return posted.id, posted


def _check_question(site: Site, new: NewComment) -> None:
    if not site.settings.ask_author:
        raise Malformed("Authors are not asked here.", field="question")
    if new.parent_id is not None:
        raise Malformed("A question to the author begins a thread: it replies to nobody.", field="question")


def is_author(site: Site, member: Any) -> bool:
    """Whether the publisher's token gave this member the badge of those who write the articles."""
    return site.settings.author_badge in msgspec.json.decode(member.badges, type=list[str])


def _mark_mentions(
    tx: Transaction, columns: dict[str, Any], site: Site, article_id: int, draft: Draft, by: int, answered: int | None
) -> list[int]:
    """Put the mentions of a text into the columns that are stored of it; whom to tell of them."""
    with_them, named = mention(tx.conn, site.id, article_id, draft, by, answered)
    if with_them is not draft:
        columns["tree"] = rows.tree_column(with_them)
    return named


def asked_about(rules: RuleSet, verdict: Verdict) -> tuple[str, ...]:
    """The classifiers that hear a text: none what its author is trusted with, who is asked nothing further."""
    return () if any(one["kind"] == "approve" for one in verdict.findings) else tuple(rules.opinions)


def _event(posted: Posted, after: Status, opinions: tuple[str, ...]) -> CommentPosted:
    return CommentPosted(
        site_id=posted.site_id,
        article_id=posted.article_id,
        comment_id=posted.id,
        root_id=posted.root_id,
        parent_id=posted.parent_id,
        member_id=posted.member_id,
        before=None,
        after=after,
        opinions=opinions,
        by_author=posted.by_author,
    )


def _article(tx: Transaction, writer: Writer, ground: Any, new: NewComment) -> Any:
    """The article's id, url and mode; made if nobody has written under it yet. Address and title come from an
    entitled writer's page on an allowed origin, once; the publisher's API may change them. So does the section.
    """
    article = ground if ground.id is not None else rows.article_for(tx.conn, writer.site.id, new.article_key, tx.now)
    about: dict[str, str | None] = {}
    if new.article_url is not None and article.url is None:
        about |= {"url": new.article_url, "title": new.article_title}
    if new.article_url is not None and article.section is None and new.article_section is not None:
        about |= {"section": new.article_section}
    if about:
        if origin_of(new.article_url or "") not in writer.site.origins:
            raise Malformed("article_url must lie on one of the site's origins.", field="article_url")
        rows.update_article(tx.conn, article.id, **about)
        article = article_of(tx.conn, article.id)  # the rules may be the section's
    return article


def own_comment(tx: Transaction, access: Access, comment_id: int, action: Action) -> tuple[Site, Any, Any]:
    """Site, member's row and the locked comment, if this viewer may do this to it; NotFound if they may not see it."""
    writer = acting_writer(tx, access)
    site, member, viewer = writer.site, writer.member, writer.viewer
    comment = find_comment(tx.conn, comment_id)
    if comment is None or comment.site_id != site.id:
        raise NotFound("comment")
    tx.lock(article_id=comment.article_id)
    comment = find_comment(tx.conn, comment_id, lock=True)
    if visibility(viewer, site.id).admits(comment.status, comment.member_id, comment.visible_children) != "full":
        raise NotFound("comment")
    require(viewer, action, Subject(site.id, site.settings, comment.member_id), tx.now)
    return site, member, comment


def change_of(comment: Any, after: Status) -> dict[str, Any]:
    """The fields of a CommentChange for a comment's row as it was read under its lock."""
    return {
        "site_id": comment.site_id,
        "article_id": comment.article_id,
        "comment_id": comment.id,
        "root_id": comment.root_id,
        "parent_id": comment.parent_id,
        "member_id": comment.member_id,
        "before": Status(comment.status),
        "after": after,
        "children": comment.visible_children,
        "by_author": comment.by_author,
    }


def edit_comment(tx: Transaction, access: Access, comment_id: int, draft: Draft, version: int | None) -> None:
    """Change one's own text within the site's window; it is judged again and may go back to waiting."""
    site, member, comment = own_comment(tx, access, comment_id, Action.EDIT)
    if comment.status not in (Status.PUBLISHED, Status.WAITING):
        raise Conflict("status", f"A comment that is {comment.status} cannot be edited.", comment_status=comment.status)
    if tx.now > comment.created_at + site.settings.edit_window * SECOND:
        raise Forbidden(
            "edit_window_over", "The time to edit this comment is over.", edit_window=site.settings.edit_window
        )
    if version is not None and version != comment.version:
        raise Conflict("changed_meanwhile", "The comment changed meanwhile.", version=comment.version)
    if draft.source == comment.source:
        return
    article = article_of(tx.conn, comment.article_id)
    rules = rules_for(tx.conn, site, article)
    facts = facts_for(tx.conn, draft, site.settings, rules, member, article, tx.now, edited=comment)
    verdict = judge(draft, replace(facts, is_reply=comment.parent_id is not None, awaits_opinions=True))
    rows.insert_edit(tx.conn, comment.id, comment.source, tx.now)
    rows.supersede_findings(tx.conn, comment.id, tx.now)
    rows.insert_findings(tx.conn, comment.id, verdict.findings, tx.now)
    risk = risk_of(verdict.findings, report_weight=comment.report_weight)
    change = rows.draft_columns(draft) | {"status": str(verdict.status), "risk": risk}
    named = _mark_mentions(tx, change, site, comment.article_id, draft, member.id, None)
    # what was picked was the other text
    rows.update_comment(tx.conn, comment.id, **change, edited_at=tx.now, looked_at=None, picked_at=None)
    if verdict.status is Status.PUBLISHED:
        answer_open_appeal(tx, comment, verdict.status)
    if verdict.status is Status.PUBLISHED and comment.status != Status.PUBLISHED:
        state_shown(tx, [comment.id])
    tx.record(CommentEdited(**change_of(comment, verdict.status), opinions=asked_about(rules, verdict)))
    if verdict.status is Status.PUBLISHED:
        _tell_of_edit(tx, comment, named)


def _tell_of_edit(tx: Transaction, comment: Any, named: list[int]) -> None:
    """Whom the new text mentions, and, where the comment was not public before, whom it answers."""
    if comment.status == Status.PUBLISHED:
        tell(tx, comment, receivers_of(None, named, comment.member_id))
    else:
        tell_of_public(tx, [find_comment(tx.conn, comment.id)])


def withdraw_comment(tx: Transaction, access: Access, comment_id: int) -> None:
    """Take back one's own comment: replies stay under a stub."""
    _, _, comment = own_comment(tx, access, comment_id, Action.WITHDRAW)
    require_change(Status(comment.status), Status.WITHDRAWN)
    rows.settle_reports(tx.conn, [comment.id], tx.now)
    rows.update_comment(tx.conn, comment.id, status=str(Status.WITHDRAWN), open_reports=0, report_weight=0)
    answer_open_appeal(tx, comment, Status.WITHDRAWN)
    tx.record(StatusChanged(**change_of(comment, Status.WITHDRAWN)))


def react(tx: Transaction, access: Access, comment_id: int, kind: str, on: bool) -> None:
    """Set or take back a reaction. The first in a second shows at once, the others with the next seq."""
    site, member, comment = own_comment(tx, access, comment_id, Action.REACT)
    if kind not in site.settings.reactions:
        raise Malformed(f"Reactions here are {', '.join(site.settings.reactions)}.", field="kind")
    if comment.status != Status.PUBLISHED:
        raise NotFound("comment")
    article = article_of(tx.conn, comment.article_id)
    if article.mode in FROZEN:
        params = {"mode": article.mode}
        raise Refused(
            "article_open",
            {"rule": "article_open", "kind": "refuse", "reason": "article_open", "spans": [], "params": params},
        )
    if not rows.set_reaction(tx.conn, comment, member.id, kind, on, tx.now):
        return
    rows.gather(tx.conn, article.id, comment.id)
    publish_reactions(tx, site.id, article.id)


def publish_reactions(tx: Transaction, site_id: int, article_id: int) -> None:
    """Everybody is to see the reactions gathered so far: one seq for all of them, if the last one is a second old."""
    # a time in the future says that the clock was set back: nobody waits until then
    if 0 <= tx.now - article_of(tx.conn, article_id).reactions_at < REACTIONS_EVERY:
        tx.record(ReactionGathered(site_id, article_id))
        return
    ids = rows.take_gathered(tx.conn, article_id, tx.now)
    if ids:
        tx.record(ReactionsChanged(site_id, article_id, tuple(ids)))
