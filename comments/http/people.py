"""The console's API about members: their page, and what is laid upon them and lifted again."""

from collections.abc import Callable
from typing import Any

from flask import Response, request

from comments.actions import restrictions as actions
from comments.core.errors import Forbidden, Malformed, NotFound
from comments.core.identity import Viewer
from comments.core.policy import Action, Subject, require, visibility
from comments.core.present import Json, present_article, present_former_name, present_private, present_warning
from comments.core.reports import weight_of
from comments.core.status import Status
from comments.core.thread import read_cursor
from comments.core.times import time_micros, time_text
from comments.http import schemas
from comments.http.authors import authors
from comments.http.items import present_decision
from comments.http.openapi import operation
from comments.http.request import answer, parts, read_body, read_id, whole_number
from comments.http.sessions import console_blueprint, console_viewer, require_proof
from comments.storage import people, threads
from comments.storage.members import member_by_id
from comments.storage.reports import read_reports_of
from comments.storage.sites import Site, site_by_id
from comments.storage.transaction import Transaction
from comments.storage.visits import read_names

blueprint = console_blueprint("people")
LISTED = 50  # entries of each list on a member's page
MAY = {
    "warn": Action.WARN,
    "premoderate": Action.PREMODERATE,
    "ban": Action.BAN,
    "ban_everywhere": Action.BAN_EVERYWHERE,
    "note": Action.NOTE,
}


def _seen_member(conn: Any, member: str) -> tuple[Any, Site, Viewer]:
    """The member's row, their site and who asks; a member of another site is not there."""
    viewer = console_viewer()
    row = member_by_id(conn, read_id(member, "member"))
    if row is None or not viewer.works_at(row.site_id):
        raise NotFound("member")
    site = site_by_id(conn, row.site_id)
    require(viewer, Action.SEE_MEMBERS, Subject(site.id, site.settings), parts().database.clock())
    return row, site, viewer


@blueprint.get("/members/<member>")
@operation("A member with all that is known of them", security="console", answers={200: schemas.MemberPage})
def member_page(member: str) -> Response:
    now = parts().database.clock()
    with parts().database.read() as conn:
        row, site, viewer = _seen_member(conn, member)
        banned = people.find_ban(conn, site.issuer, row.sub)
        shown = {
            "site": site.key,
            "member": authors(conn, [row.id], now)[row.id],
            "former_names": [present_former_name(one) for one in read_names(conn, row.id)],
            "last_comment_at": time_text(row.last_comment_at),
            "reports_upheld": row.reports_upheld,
            "reports_rejected": row.reports_rejected,
            "report_weight": weight_of(row.reports_upheld, row.reports_rejected),
            "warnings": [_warning(one) for one in people.read_warnings(conn, [row.id]).get(row.id, [])][::-1],
            "decisions": [present_decision(entry) for entry in people.read_log_of(conn, row.id, LISTED)],
        }
        for made, name in ((True, "reports_made"), (False, "reports_received")):
            found = read_reports_of(conn, row.id, made=made, before=None, limit=LISTED)
            shown[name] = [_report(one) for one in found]
    return answer(shown | _restrictions(row, banned, now) | {"can": _can(viewer, site)})


def _restrictions(row: Any, everywhere: Any, now: int) -> Json:
    ban = suspension = None
    if row.banned_at is not None:
        is_everywhere = everywhere is not None and everywhere.created_at == row.banned_at
        ban = {"reason": row.restriction_reason, "since": time_text(row.banned_at), "everywhere": is_everywhere}
    elif (row.suspended_until or 0) > now:
        suspension = {"reason": row.restriction_reason, "until": time_text(row.suspended_until)}
    return {"ban": ban, "suspension": suspension}


def _can(viewer: Viewer, site: Site) -> dict[str, bool]:
    """What the console offers this account; what it may is asked again when it is done."""
    return {name: _may(viewer, action, site) for name, action in MAY.items()}


def _may(viewer: Viewer, action: Action, site: Site) -> bool:
    try:
        require(viewer, action, Subject(site.id, site.settings), parts().database.clock())
    except Forbidden:
        return False
    return True


def _warning(row: Any) -> Json:
    return present_warning(row) | {"by": row.by, "seen_at": time_text(row.seen_at)}


def _report(row: Any) -> Json:
    return {
        "id": str(row.id),
        "comment_id": str(row.comment_id),
        "reason": row.reason,
        "detail": row.detail,
        "created_at": time_text(row.created_at),
        "weight": row.weight,
        "outcome": row.outcome,
        "settled_at": time_text(row.settled_at),
        "other": None if row.other_id is None else {"id": str(row.other_id), "name": row.name or ""},
    }


@blueprint.get("/members/<member>/comments")
@operation(
    "What a member wrote, newest first",
    security="console",
    query={
        "status": "one of theirs alone",
        "cursor": "where the page before ended",
        "limit": "how many at most",
    },
    answers={200: schemas.MemberComments},
)
def member_comments(member: str) -> Response:
    status = request.args.get("status") or None
    if status is not None and status not in list(Status):
        raise Malformed(f"status is one of {', '.join(Status)}.", field="status")
    cursor = read_cursor(request.args.get("cursor"), "history")
    most = whole_number("limit", 25, 100)
    with parts().database.read() as conn:
        row, site, viewer = _seen_member(conn, member)
        rows, next_cursor = people.read_history(
            conn, row.id, visibility(viewer, site.id), status=status, sections=viewer.sections, cursor=cursor,
            limit=most,
        )  # fmt: skip
        articles = threads.articles_of(conn, rows) if rows else {}
    shown = [
        {"comment": present_private(one, [], text=True), "article": present_article(articles[one.article_id], "")}
        for one in rows
    ]
    return answer({"comments": shown, "next_cursor": next_cursor})


Change = Callable[[Transaction, Viewer, int], Any]


def _changed(member: str, change: Change, undo: str | None = None) -> Response:
    """Do this to a member; their history as it is then, and the call that takes it back (`undo`: its path below the
    member's; {made}: what the change returned).
    """
    viewer = console_viewer()
    member_id = read_id(member, "member")
    with parts().database.transaction() as tx:
        made = change(tx, viewer, member_id)
    with parts().database.read() as conn:
        author = authors(conn, [member_id], parts().database.clock())[member_id]
    path = None if undo is None else f"{blueprint.url_prefix}/members/{member_id}/{undo.format(made=made)}"
    return answer({"author": author, "undo": None if path is None else {"method": "DELETE", "path": path}})


@blueprint.post("/members/<member>/ban")
@operation("Ban or suspend a member", security="console", body=schemas.BanRequest, answers={200: schemas.Restricted})
def ban(member: str) -> Response:
    body = read_body(schemas.BanRequest)
    try:
        until = time_micros(body.until) if body.until else None
    except ValueError as error:
        raise Malformed("until must be a time such as 2026-12-24T18:00:00Z.", field="until") from error
    return _changed(
        member, lambda tx, viewer, one: actions.ban(tx, viewer, one, body.reason, until, body.reject_waiting), "ban"
    )


@blueprint.delete("/members/<member>/ban")
@operation("Lift a ban or suspension", security="console", answers={200: schemas.Restricted})
def lift_ban(member: str) -> Response:
    return _changed(member, actions.lift_ban)


@blueprint.post("/members/<member>/ban-everywhere")
@operation(
    "Ban a person on all sites of their publisher",
    security="console",
    body=schemas.BanEverywhereRequest,
    answers={200: schemas.Restricted},
)
def ban_everywhere(member: str) -> Response:
    body = read_body(schemas.BanEverywhereRequest)

    def change(tx: Transaction, viewer: Viewer, one: int) -> None:
        actions.ban_everywhere(tx, viewer, one, body.reason, body.reject_waiting)

    require_proof()
    return _changed(member, change, "ban-everywhere")


@blueprint.delete("/members/<member>/ban-everywhere")
@operation("Lift a ban on all sites", security="console", answers={200: schemas.Restricted})
def lift_ban_everywhere(member: str) -> Response:
    require_proof()
    return _changed(member, actions.lift_ban_everywhere)


@blueprint.post("/members/<member>/warnings")
@operation(
    "Warn a member: they read it before they post again",
    security="console",
    body=schemas.WarningRequest,
    answers={200: schemas.Restricted},
)
def warn(member: str) -> Response:
    body = read_body(schemas.WarningRequest)
    comment_id = None if body.comment_id is None else read_id(body.comment_id, "comment")
    return _changed(
        member,
        lambda tx, viewer, one: actions.warn(tx, viewer, one, body.reason, body.text, comment_id),
        "warnings/{made}",
    )


@blueprint.delete("/members/<member>/warnings/<warning>")
@operation("Take back a warning that is not read yet", security="console", answers={200: schemas.Restricted})
def take_back_warning(member: str, warning: str) -> Response:
    warning_id = read_id(warning, "warning")
    return _changed(member, lambda tx, viewer, one: actions.take_back_warning(tx, viewer, one, warning_id))


@blueprint.put("/members/<member>/premoderation")
@operation(
    "Let every comment of a member wait",
    security="console",
    body=schemas.PremoderationRequest,
    answers={200: schemas.Restricted},
)
def premoderate(member: str) -> Response:
    body = read_body(schemas.PremoderationRequest)
    return _changed(member, lambda tx, viewer, one: actions.premoderate(tx, viewer, one, body.reason), "premoderation")


@blueprint.delete("/members/<member>/premoderation")
@operation("Let a member's comments appear again", security="console", answers={200: schemas.Restricted})
def lift_premoderation(member: str) -> Response:
    return _changed(member, actions.lift_premoderation)


@blueprint.post("/members/<member>/notes")
@operation(
    "Note something about a member for colleagues",
    security="console",
    body=schemas.MemberNote,
    answers={200: schemas.Restricted},
)
def note_member(member: str) -> Response:
    body = read_body(schemas.MemberNote)
    return _changed(member, lambda tx, viewer, one: actions.note_member(tx, viewer, one, body.note))
