"""What members do in threads: post, edit, withdraw, react, report."""

import hashlib
from dataclasses import dataclass
from typing import Any

from comments.actions.members import Access, acting_member
from comments.core.entitlement import SECOND
from comments.core.errors import Conflict, Forbidden, Malformed, NotFound, Refused
from comments.core.events import (
    CommentEdited,
    CommentPosted,
    CommentReported,
    ReactionGathered,
    ReactionsChanged,
    StatusChanged,
)
from comments.core.moderation.findings import Draft
from comments.core.moderation.pipeline import judge
from comments.core.policy import Action, Subject, require, visibility
from comments.core.site import origin_of
from comments.core.status import Status, require_change
from comments.core.thread import reply_depth
from comments.storage import comments as rows
from comments.storage.moderation import facts_for
from comments.storage.sites import Site, site_by_id
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

    def request_hash(self, source: str) -> str:
        """The same for the same request: what an idempotency key is compared with."""
        text = f"{self.article_key}\0{self.parent_id}\0{source}"
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def post_comment(tx: Transaction, site: Site, access: Access, new: NewComment, draft: Draft) -> tuple[int, bool]:
    """Store and judge a comment: (id, whether it is new). Raises Forbidden, Refused, NotFound (parent), Conflict
    (key).
    """
    member, viewer = acting_member(tx.conn, access, tx.now, lock=True)
    require(viewer, Action.POST, Subject(site.id, site.settings), tx.now)
    request_hash = new.request_hash(draft.source)
    earlier = rows.find_by_key(tx.conn, member.id, new.key)
    if earlier is not None:
        if earlier.request_hash != request_hash:
            raise Conflict(
                "idempotency_key_reused", "This Idempotency-Key belongs to another comment of yours: make a new one."
            )
        return earlier.id, False
    article = rows.article_for(tx.conn, site.id, new.article_key, tx.now)
    parent = _parent(tx, article.id, new.parent_id)
    facts = facts_for(tx.conn, draft, site.settings, member, article.mode, tx.now, reply=parent is not None)
    verdict = judge(draft, facts)
    _describe_article(tx, site, article, new)
    comment_id, root_id = rows.insert_comment(
        tx.conn,
        draft,
        site_id=site.id,
        article_id=article.id,
        member_id=member.id,
        parent_id=None if parent is None else parent.id,
        root_id=None if parent is None else parent.root_id,
        depth=0 if parent is None else reply_depth(parent.depth, site.settings.max_depth),
        status=str(verdict.status),
        created_at=tx.now,
        idempotency_key=new.key,
        request_hash=request_hash,
    )
    rows.insert_findings(tx.conn, comment_id, verdict.findings, tx.now)
    tx.record(
        CommentPosted(
            site_id=site.id,
            article_id=article.id,
            comment_id=comment_id,
            root_id=root_id,
            parent_id=new.parent_id,
            member_id=member.id,
            before=None,
            after=verdict.status,
        )
    )
    return comment_id, True


def _parent(tx: Transaction, article_id: int, parent_id: int | None) -> Any:
    if parent_id is None:
        return None
    parent = find_comment(tx.conn, parent_id)
    if parent is None or parent.article_id != article_id or parent.status != Status.PUBLISHED:
        raise NotFound("comment to reply to")
    return parent


def _describe_article(tx: Transaction, site: Site, article: Any, new: NewComment) -> None:
    """Address and title come from an entitled writer's page on an allowed origin, once; the publisher's API may
    change them.
    """
    if article.url is not None or new.article_url is None:
        return
    if origin_of(new.article_url) not in site.origins:
        raise Malformed("article_url must lie on one of the site's origins.", field="article_url")
    rows.update_article(tx.conn, article.id, url=new.article_url, title=new.article_title)


def _own_comment(tx: Transaction, access: Access, comment_id: int, action: Action) -> tuple[Site, Any, Any]:
    """Site, member's row and the locked comment, if this viewer may do this to it; NotFound if they may not see it."""
    member, viewer = acting_member(tx.conn, access, tx.now, lock=True)
    site = site_by_id(tx.conn, access.site_id)
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
    }


def edit_comment(tx: Transaction, access: Access, comment_id: int, draft: Draft, version: int | None) -> None:
    """Change one's own text within the site's window; it is judged again and may go back to waiting."""
    site, member, comment = _own_comment(tx, access, comment_id, Action.EDIT)
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
    facts = facts_for(
        tx.conn, draft, site.settings, member, article.mode, tx.now, edited=comment, reply=comment.parent_id is not None
    )
    verdict = judge(draft, facts)
    rows.insert_edit(tx.conn, comment.id, comment.source, tx.now)
    rows.supersede_findings(tx.conn, comment.id, tx.now)
    rows.insert_findings(tx.conn, comment.id, verdict.findings, tx.now)
    rows.update_comment(
        tx.conn, comment.id, **rows.draft_columns(draft), status=str(verdict.status), edited_at=tx.now, looked_at=None
    )
    tx.record(CommentEdited(**change_of(comment, verdict.status)))


def withdraw_comment(tx: Transaction, access: Access, comment_id: int) -> None:
    """Take back one's own comment: replies stay under a stub."""
    _, _, comment = _own_comment(tx, access, comment_id, Action.WITHDRAW)
    require_change(Status(comment.status), Status.WITHDRAWN)
    rows.settle_reports(tx.conn, comment.id, tx.now)
    rows.update_comment(tx.conn, comment.id, status=str(Status.WITHDRAWN), open_reports=0)
    tx.record(StatusChanged(**change_of(comment, Status.WITHDRAWN)))


def react(tx: Transaction, access: Access, comment_id: int, kind: str, on: bool) -> None:
    """Set or take back a reaction. The first in a second shows at once, the others with the next seq."""
    site, member, comment = _own_comment(tx, access, comment_id, Action.REACT)
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
    if tx.now - article_of(tx.conn, article_id).reactions_at < REACTIONS_EVERY:
        tx.record(ReactionGathered(site_id, article_id))
        return
    ids = rows.take_gathered(tx.conn, article_id, tx.now)
    if ids:
        tx.record(ReactionsChanged(site_id, article_id, tuple(ids)))


def report_comment(
    tx: Transaction, access: Access, comment_id: int, reason: str, detail: str | None
) -> tuple[int, bool]:
    """Report a comment to the moderators: (report's id, whether it is new)."""
    site, member, comment = _own_comment(tx, access, comment_id, Action.REPORT)
    if reason not in site.settings.report_reasons:
        raise Malformed(f"Reasons here are {', '.join(site.settings.report_reasons)}.", field="reason")
    if comment.member_id == member.id:
        raise Forbidden("own_comment", "One does not report oneself: withdraw the comment instead.")
    report_id, new = rows.insert_report(tx.conn, comment.id, member.id, reason, detail, tx.now)
    if new:
        tx.record(CommentReported(site.id, comment.article_id, comment.id))
    return report_id, new
