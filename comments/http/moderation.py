"""The console's API: a comment, articles, the audit log."""

from typing import Any

import msgspec
from flask import Response, request

from comments.actions import articles as actions
from comments.core.errors import Malformed, NotFound
from comments.core.identity import Viewer
from comments.core.markup import clean_line
from comments.core.policy import Action, Subject, require, visibility
from comments.core.present import Json, present_article, present_private
from comments.core.thread import FIRST_REPLIES
from comments.core.times import time_micros, time_text
from comments.http import schemas
from comments.http.items import item_of, present_decision
from comments.http.openapi import operation
from comments.http.request import answer, parts, read_article_key, read_body, read_id, site_named, whole_number
from comments.http.sessions import console_blueprint, console_viewer
from comments.storage import threads
from comments.storage.sites import Site, read_articles, read_audit

blueprint = console_blueprint("moderation")
PAGING = {"cursor": "where the page before ended", "limit": "how many at most"}


def moderated_site(conn: Any, key: str, action: Action) -> tuple[Site, Viewer]:
    """A site that the signed-in moderator may do this at; others' sites do not exist for them."""
    viewer = console_viewer()
    site = site_named(conn, key)
    if not viewer.works_at(site.id):
        raise NotFound("site")
    require(viewer, action, Subject(site.id, site.settings), parts().database.clock())
    return site, viewer


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
    "Open, close or freeze an article's thread; say which section it belongs to",
    security="console",
    body=schemas.ArticleChange,
    answers={200: schemas.SectionedArticle},
)
def change_article(site: str, article: str) -> Response:
    key = read_article_key(article)
    with parts().database.read() as conn:
        found, viewer = moderated_site(conn, site, Action.SET_MODE)
    body = read_body(schemas.ArticleChange)
    with parts().database.transaction() as tx:
        if not isinstance(body.section, msgspec.UnsetType):
            actions.set_section(tx, viewer, found, key, clean_line(body.section or "", 100) or None)
        if not isinstance(body.mode, msgspec.UnsetType):
            actions.set_mode(tx, viewer, found, key, body.mode)
    return _article(found, key)


def _article(site: Site, key: str) -> Response:
    with parts().database.read() as conn:
        row = threads.find_article(conn, site.id, key)
        return answer(present_article(row, key) | {"section": None if row is None else row.section})


@blueprint.put("/sites/<site>/articles/<article:article>/hours")
@operation(
    "Plan when an article's thread opens and closes by itself",
    security="console",
    body=schemas.Hours,
    answers={200: schemas.SectionedArticle},
)
def set_hours(site: str, article: str) -> Response:
    key = read_article_key(article)
    with parts().database.read() as conn:
        found, viewer = moderated_site(conn, site, Action.SET_MODE)
    body = read_body(schemas.Hours)
    opens_at, closes_at = (_moment(name, getattr(body, name)) for name in ("opens_at", "closes_at"))
    with parts().database.transaction() as tx:
        actions.set_hours(tx, viewer, found, key, opens_at, closes_at)
    return _article(found, key)


def _moment(name: str, text: str | None) -> int | None:
    try:
        return None if text is None else time_micros(text)
    except ValueError as error:
        raise Malformed(f"{name} is no RFC 3339 time with an offset: {text}", field=name) from error


@blueprint.get("/sites/<site>/articles")
@operation(
    "A site's articles, newest first",
    security="console",
    query={"q": "in id or title"} | PAGING,
    answers={200: schemas.ConsoleArticles},
)
def articles(site: str) -> Response:
    before, most = page_asked()
    with parts().database.read() as conn:
        found, viewer = moderated_site(conn, site, Action.SEE_QUEUES)
        rows = read_articles(
            conn, found.id, viewer.sections, request.args.get("q", "").replace("\0", "")[:200], before, most + 1
        )
    shown = [
        present_article(row, row.key)
        | {"section": row.section, "total": row.total, "waiting": row.waiting, "created_at": time_text(row.created_at)}
        for row in rows[:most]
    ]
    return answer({"articles": shown, "next_cursor": str(rows[most - 1].id) if len(rows) > most else None})


def page_asked() -> tuple[int | None, int]:
    """(id to go on before, limit) of a list that is newest first."""
    cursor = request.args.get("cursor")
    return whole_number("cursor", 0, 10**18) if cursor else None, whole_number("limit", 50, 100)


@blueprint.get("/sites/<site>/audit")
@operation(
    "What was decided and configured, newest first", security="console", query=PAGING, answers={200: schemas.AuditPage}
)
def audit(site: str) -> Response:
    before, most = page_asked()
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
