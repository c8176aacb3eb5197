"""Which jobs an event wants; a transaction writes them as rows beside what caused them."""

from collections.abc import Sequence

from comments.core.events import (
    CommentEdited,
    CommentPosted,
    CommentReported,
    ErasureWanted,
    Event,
    ExportWanted,
    HoursPlanned,
    ImportWanted,
    MemberRenamed,
    MemberRestricted,
    OldCommentsClaimed,
    ReactionGathered,
    ReportsJudged,
)
from comments.storage.jobs import SECOND, Job

AGAIN = 30 * SECOND  # µs until a worker looks again after long work that another one is at


def jobs_for(event: Event, now: int) -> Sequence[Job]:
    """Jobs to be written in the event's own transaction."""
    if isinstance(event, ReactionGathered):
        payload = {"site": event.site_id, "article": event.article_id}
        return [Job("publish_reactions", payload, key=str(event.article_id), delay=SECOND)]
    if isinstance(event, HoursPlanned):
        modes = {"opens_at": (event.opens_at, event.opens_as), "closes_at": (event.closes_at, "closed")}
        return [
            Job(
                "open_or_close",
                {"article": event.article_id, "name": name, "at": at, "mode": mode},
                key=f"{event.article_id} {name}",
                delay=at - now,
            )
            for name, (at, mode) in modes.items()
            if at is not None
        ]
    if isinstance(event, MemberRestricted) and event.reject_waiting:
        return [Job("reject_waiting", {"member": event.member_id})]
    if isinstance(event, CommentReported) and event.hides:
        return [Job("hide_reported", {"comment": event.comment_id}, key=str(event.comment_id))]
    if isinstance(event, ReportsJudged):
        return [Job("recount_reporter", {"member": one}, key=str(one)) for one in event.member_ids]
    if isinstance(event, OldCommentsClaimed):
        return [Job("move_old_comments", {"member": event.member_id}, key=str(event.member_id))]
    if isinstance(event, MemberRenamed):
        return [Job("rename", {"member": event.member_id}, key=str(event.member_id))]
    if isinstance(event, ErasureWanted):
        return [Job("erase", {"erasure": event.erasure_id}, key=str(event.erasure_id))]
    if isinstance(event, ExportWanted):
        return [Job("export", {"export": event.export_id}, key=str(event.export_id))]
    if isinstance(event, ImportWanted):  # no key: one that was stopped may not have ended yet
        return [Job("import", {"upload": event.upload_id})]
    if isinstance(event, CommentPosted | CommentEdited):
        edited_at = now if isinstance(event, CommentEdited) else None
        about = {"site": event.site_id, "comment": event.comment_id, "at": now, "edited_at": edited_at}
        return [Job("ask_opinion", about | {"classifier": name}) for name in event.opinions]
    return []
