"""The console's decisions: one, many at once, taken back; and what else a moderator does with a comment."""

from typing import Any

from flask import Response, request

from comments.actions import decisions as deciding
from comments.actions import marks
from comments.actions import moderation as actions
from comments.core.errors import Conflict
from comments.core.identity import Viewer
from comments.core.policy import Action
from comments.core.present import Json, present_holder, present_private
from comments.core.times import time_text
from comments.http import schemas
from comments.http.items import item_of
from comments.http.items import items as items_of
from comments.http.moderation import moderated_site
from comments.http.openapi import operation
from comments.http.request import answer, parts, read_body, read_id
from comments.http.sessions import console_blueprint, console_viewer
from comments.storage import claims, threads
from comments.storage.queues import count_queues
from comments.storage.sites import Site

blueprint = console_blueprint("decisions")


@blueprint.post("/comments/<comment>/decision")
@operation(
    "Approve or reject a comment", security="console", body=schemas.DecisionRequest, answers={200: schemas.Decided}
)
def decide(comment: str) -> Response:
    viewer = console_viewer()
    comment_id = read_id(comment, "comment")
    body = read_body(schemas.DecisionRequest)
    decision = actions.Decision(body.decision, body.version, body.reason, body.note, body.take_over, body.message)
    try:
        with parts().database.transaction() as tx:
            made = actions.decide(tx, viewer, comment_id, decision)
    except Conflict as error:
        with parts().database.read() as conn:
            error.extras["item"] = item_of(conn, comment_id, viewer)[1]
        raise
    with parts().database.read() as conn:
        shown = _comment(conn, comment_id) | {"counts": count_queues(conn, made.site_id, viewer.sections)}
        return answer(shown | {"decision_id": str(made.id), "undo_until": _undo_until(made.at)})


def _comment(conn: Any, comment_id: int) -> Json:
    row = threads.find_comment(conn, comment_id)
    return {"comment": present_private(row, threads.read_findings(conn, [row])[row.id], text=True)}


def _undo_until(now: int) -> str | None:
    return time_text(now + deciding.UNDO_FOR)


@blueprint.post("/decisions/<decision>/undo")
@operation("Take back one's own decision, for some seconds", security="console", answers={200: schemas.ItemAnswer})
def undo(decision: str) -> Response:
    viewer = console_viewer()
    with parts().database.transaction() as tx:
        comment_id = deciding.undo(tx, viewer, read_id(decision, "decision"))
    return _item(comment_id, viewer)


def _item(comment_id: int, viewer: Viewer) -> Response:
    with parts().database.read() as conn:
        return answer({"item": item_of(conn, comment_id, viewer)[1]})


@blueprint.route("/comments/<comment>/pick", methods=["POST", "DELETE"])
@operation("Pick a comment, or no longer", security="console", answers={200: schemas.ItemAnswer})
def pick(comment: str) -> Response:
    viewer, comment_id = console_viewer(), read_id(comment, "comment")
    with parts().database.transaction() as tx:
        marks.pick(tx, viewer, comment_id, _on())
    return _item(comment_id, viewer)


@blueprint.route("/comments/<comment>/lock", methods=["POST", "DELETE"])
@operation("Lock a root's thread, or open it again", security="console", answers={200: schemas.ItemAnswer})
def lock(comment: str) -> Response:
    viewer, comment_id = console_viewer(), read_id(comment, "comment")
    with parts().database.transaction() as tx:
        marks.lock_thread(tx, viewer, comment_id, _on())
    return _item(comment_id, viewer)


def _on() -> bool:
    return request.method == "POST"


@blueprint.post("/comments/<comment>/defer")
@operation(
    "Put a comment aside for oneself", security="console", body=schemas.DeferRequest, answers={200: schemas.Deferred}
)
def defer(comment: str) -> Response:
    viewer, comment_id = console_viewer(), read_id(comment, "comment")
    minutes = read_body(schemas.DeferRequest).minutes
    with parts().database.transaction() as tx:
        until = marks.defer(tx, viewer, comment_id, minutes)
    return answer({"until": time_text(until)})


@blueprint.post("/comments/<comment>/second-opinion")
@operation(
    "Leave a comment to a colleague",
    security="console",
    body=schemas.SecondOpinionRequest,
    answers={200: schemas.ItemAnswer},
)
def second_opinion(comment: str) -> Response:
    viewer, comment_id = console_viewer(), read_id(comment, "comment")
    note = read_body(schemas.SecondOpinionRequest).note
    with parts().database.transaction() as tx:
        marks.ask_second_opinion(tx, viewer, comment_id, note)
    return _item(comment_id, viewer)


@blueprint.post("/comments/<comment>/notes")
@operation("Leave a note on a comment", security="console", body=schemas.NoteRequest, answers={200: schemas.ItemAnswer})
def note(comment: str) -> Response:
    viewer, comment_id = console_viewer(), read_id(comment, "comment")
    text = read_body(schemas.NoteRequest).text
    with parts().database.transaction() as tx:
        marks.note(tx, viewer, comment_id, text)
    return _item(comment_id, viewer)


def _deciding(key: str) -> tuple[Site, Viewer]:
    with parts().database.read() as conn:
        return moderated_site(conn, key, Action.DECIDE)


def _asked(body: schemas.BulkRequest) -> tuple[actions.Decision, dict[int, int]]:
    """The decision, and the versions that were seen by comment."""
    items = {read_id(one.id, "comment"): one.version for one in body.items}
    return actions.Decision(body.decision, 0, body.reason, body.note, message=body.message), items


@blueprint.post("/sites/<site>/bulk/preview")
@operation(
    "What one decision about many comments would touch",
    security="console",
    body=schemas.BulkRequest,
    answers={200: schemas.BulkPreview},
)
def preview(site: str) -> Response:
    found, viewer = _deciding(site)
    decision, items = _asked(read_body(schemas.BulkRequest))
    with parts().database.read() as conn:
        bulk = deciding.look_over(conn, parts().database.clock(), viewer, found, decision, items)
        left_out = _left_out(conn, found, bulk.left_out)
    return answer(_touched(bulk, decision.decision) | {"left_out": left_out})


def _touched(bulk: deciding.Bulk, decision: str) -> Json:
    rows = bulk.found
    by_status: dict[str, int] = {}
    for row in rows:
        by_status[row.status] = by_status.get(row.status, 0) + 1
    hides = [row for row in rows if decision == "reject" and row.visible_children > 0]
    return {
        "count": len(rows),
        "by_status": by_status,
        "authors": len({row.member_id for row in rows}),
        "articles": len({row.article_id for row in rows}),
        "reports": sum(row.open_reports for row in rows),
        "stubs": len(hides),
        "replies": sum(row.visible_children for row in hides),
    }


def _left_out(conn: Any, site: Site, left_out: dict[int, str]) -> list[Json]:
    held = claims.read_claims(conn, site.id, list(left_out), parts().database.clock())
    return [
        {"id": str(comment_id), "why": why, "claimed_by": present_holder(held.get(comment_id))}
        for comment_id, why in left_out.items()
    ]


@blueprint.post("/sites/<site>/bulk")
@operation(
    "Decide about many comments at once", security="console", body=schemas.BulkRequest, answers={200: schemas.BulkDone}
)
def bulk(site: str) -> Response:
    found, viewer = _deciding(site)
    decision, items = _asked(read_body(schemas.BulkRequest))
    with parts().database.transaction() as tx:
        done = deciding.decide_bulk(tx, viewer, found, decision, items)
    with parts().database.read() as conn:
        left_out = _left_out(conn, found, done.left_out)
        counts = count_queues(conn, found.id, viewer.sections)
    decided = [{"id": str(comment), "decision_id": str(made)} for comment, made in done.written.items()]
    return answer({"decided": decided, "left_out": left_out, "undo_until": _undo_until(tx.now), "counts": counts})


@blueprint.post("/sites/<site>/bulk/undo")
@operation(
    "Take back one's own decisions about many comments",
    security="console",
    body=schemas.BulkUndoRequest,
    answers={200: schemas.BulkUndone},
)
def undo_bulk(site: str) -> Response:
    found, viewer = _deciding(site)
    ids = [read_id(one, "decision") for one in read_body(schemas.BulkUndoRequest).decisions]
    with parts().database.transaction() as tx:
        back, left_out = deciding.undo_bulk(tx, viewer, found, ids)
    with parts().database.read() as conn:
        shown = {"items": items_of(conn, threads.find_comments(conn, back), viewer, found)}
        told = {"left_out": _left_out(conn, found, left_out), "counts": count_queues(conn, found.id, viewer.sections)}
        return answer(shown | told)
