"""The console's API: queues, decisions, articles, the audit log."""

from typing import Any

import msgspec
from flask import Blueprint, Response, request

from comments.actions import moderation as actions
from comments.core.errors import NotFound
from comments.core.identity import Viewer
from comments.core.policy import Action, Subject, require, visibility
from comments.core.present import Json, present_article, present_private
from comments.core.thread import FIRST_REPLIES, read_cursor
from comments.core.times import time_text
from comments.http import schemas
from comments.http.items import item_of, items, present_decision
from comments.http.openapi import operation
from comments.http.request import answer, parts, read_article_key, read_body, read_id, site_named, whole_number
from comments.http.sessions import console_viewer
from comments.storage import claims, deferrals, moderation, threads
from comments.storage.sites import Site, read_articles, read_audit

blueprint = Blueprint("moderation", __name__, url_prefix="/api/v1/console")
FREE = {"free": "1: without what colleagues have before them"}
PAGING = {"cursor": "where the page before ended", "limit": "how many at most"}


@blueprint.before_request
def _signed_in() -> None:
    """Nobody else gets to a view here; and the account is read before a view takes its one connection."""
    console_viewer()


def moderated_site(conn: Any, key: str, action: Action) -> tuple[Site, Viewer]:
    """A site that the signed-in moderator may do this at; others' sites do not exist for them."""
    viewer = console_viewer()
    site = site_named(conn, key)
    if not viewer.works_at(site.id):
        raise NotFound("site")
    require(viewer, action, Subject(site.id, site.settings), parts().database.clock())
    return site, viewer


@blueprint.get("/sites/<site>/queues")
@operation("How long the queues are", security="console", answers={200: schemas.QueueCounts})
def queue_counts(site: str) -> Response:
    with parts().database.read() as conn:
        found, _ = moderated_site(conn, site, Action.SEE_QUEUES)
        return answer(moderation.count_queues(conn, found.id))


@blueprint.get("/sites/<site>/queues/<queue>")
@operation("A page of a queue, oldest first", security="console", query=FREE | PAGING, answers={200: schemas.QueuePage})
def queue(site: str, queue: str) -> Response:
    if queue not in moderation.QUEUES:
        raise NotFound("queue")
    cursor = read_cursor(request.args.get("cursor"), queue)
    most, free = whole_number("limit", 25, 100), whole_number("free", 0, 1, 0)
    with parts().database.read() as conn:
        found, viewer = moderated_site(conn, site, Action.SEE_QUEUES)
        me, now = viewer.id or 0, parts().database.clock()
        only = deferrals.not_deferred_by(me, now)
        if free:
            only &= claims.not_held_by_others(me, now)
        seen = visibility(viewer, found.id)
        rows, next_cursor = moderation.read_queue(conn, found.id, queue, seen, cursor, most, only)
        shown = {
            "items": items(conn, rows, viewer, found.id),
            "next_cursor": next_cursor,
            "counts": moderation.count_queues(conn, found.id),
        }
    return answer(shown)


@blueprint.get("/comments/<comment>")
@operation("A comment with its thread, edits and history", security="console", answers={200: schemas.CommentInQueue})
def comment_in_queue(comment: str) -> Response:
    viewer = console_viewer()
    with parts().database.read() as conn:
        row, item = item_of(conn, read_id(comment, "comment"), viewer)
        seen = visibility(viewer, row.site_id)
        above = threads.read_ancestors(conn, row, seen)
        below, _ = threads.read_replies(conn, row, seen, None, FIRST_REPLIES * 4)
        item["thread"] = [present_private(one, []) for one in (*above, row, *below)]
        item["edits"] = [
            {"source": edit.source, "edited_at": time_text(edit.edited_at)} for edit in threads.read_edits(conn, row.id)
        ]
    return answer(item)


@blueprint.patch("/sites/<site>/articles/<article:article>")
@operation(
    "Open, close or freeze an article's thread",
    security="console",
    body=schemas.ArticleMode,
    answers={200: schemas.Article},
)
def set_mode(site: str, article: str) -> Response:
    key = read_article_key(article)
    with parts().database.read() as conn:
        found, viewer = moderated_site(conn, site, Action.SET_MODE)
    body = read_body(schemas.ArticleMode)
    with parts().database.transaction() as tx:
        actions.set_mode(tx, viewer, found, key, body.mode)
    with parts().database.read() as conn:
        return answer(present_article(threads.find_article(conn, found.id, key), key))


@blueprint.get("/sites/<site>/articles")
@operation(
    "A site's articles, newest first",
    security="console",
    query={"q": "in id or title"} | PAGING,
    answers={200: schemas.ConsoleArticles},
)
def articles(site: str) -> Response:
    before, most = _page()
    with parts().database.read() as conn:
        found, _ = moderated_site(conn, site, Action.SEE_QUEUES)
        rows = read_articles(conn, found.id, request.args.get("q", "").replace("\0", "")[:200], before, most + 1)
    shown = [
        present_article(row, row.key)
        | {"total": row.total, "waiting": row.waiting, "created_at": time_text(row.created_at)}
        for row in rows[:most]
    ]
    return answer({"articles": shown, "next_cursor": str(rows[most - 1].id) if len(rows) > most else None})


def _page() -> tuple[int | None, int]:
    """(id to go on before, limit) of a list that is newest first."""
    cursor = request.args.get("cursor")
    return whole_number("cursor", 0, 10**18) if cursor else None, whole_number("limit", 50, 100)


@blueprint.get("/sites/<site>/audit")
@operation(
    "What was decided and configured, newest first", security="console", query=PAGING, answers={200: schemas.AuditPage}
)
def audit(site: str) -> Response:
    before, most = _page()
    with parts().database.read() as conn:
        found, _ = moderated_site(conn, site, Action.SEE_AUDIT)
        rows = read_audit(conn, found.id, before, most + 1)
    return answer(
        {
            "entries": [_entry(row) for row in rows[:most]],
            "next_cursor": str(rows[most - 1].id) if len(rows) > most else None,
        }
    )


def _entry(row: Any) -> Json:
    label = {"member": row.member_name, "article": row.article_title or row.article_key}.get(row.subject_type)
    return present_decision(row) | {
        "id": str(row.id),
        "subject": {"type": row.subject_type, "id": str(row.subject_id), "label": label},
        "before": None if row.before is None else msgspec.Raw(row.before.encode()),
        "after": None if row.after is None else msgspec.Raw(row.after.encode()),
    }


@blueprint.get("/sites/<site>/settings")
@operation("A site's settings", security="console", answers={200: schemas.SettingsAnswer})
def settings(site: str) -> Response:
    with parts().database.read() as conn:
        found, _ = moderated_site(conn, site, Action.SEE_QUEUES)
    return answer(
        {"settings": found.settings, "reject_reasons": found.settings.reject_reasons, "version": found.version}
    )
