"""The console's API for the law: notices and what is decided about them, complaints, trusted flaggers."""

from typing import Any

import msgspec
from flask import Response, request

from comments.actions import complaints, flaggers
from comments.actions import notices as actions
from comments.actions.notices import Verdict
from comments.core.errors import Malformed
from comments.core.identity import Role, Viewer
from comments.core.law import notice as law
from comments.core.notifications import excerpt
from comments.core.policy import Action, Subject, may, visibility
from comments.core.present import Json
from comments.core.thread import Cursor, read_cursor
from comments.core.times import time_text
from comments.http import schemas_law as schemas
from comments.http.items import items
from comments.http.moderation import PAGING, moderated_site
from comments.http.openapi import operation
from comments.http.request import answer, parts, read_body, read_id, whole_number
from comments.http.sessions import console_blueprint, require_proof
from comments.storage import notices as stored
from comments.storage.sites import Site
from comments.storage.threads import read_comments

blueprint = console_blueprint("law", "/sites/<site>")
STATES = {"state": "open (by default: trusted flaggers' first, then the oldest) or decided (the last one first)"}


def _state() -> str:
    state = request.args.get("state", "open")
    if state not in ("open", "decided"):
        raise Malformed("state is open or decided.", field="state")
    return state


@blueprint.get("/notices")
@operation("Legal notices", security="console", query=STATES | PAGING, answers={200: schemas.NoticeQueue})
def notices(site: str) -> Response:
    state, most = _state(), whole_number("limit", 25, 100)
    is_open = state == "open"
    cursor = read_cursor(request.args.get("cursor"), "notices" if is_open else "notices, decided")
    now = parts().database.clock()
    with parts().database.read() as conn:
        found, _ = moderated_site(conn, site, Action.SEE_NOTICES)
        read = stored.open_notices if is_open else stored.decided_notices
        rows = read(conn, found.id, cursor, most + 1)
        named = stored.comments_of(conn, [row.id for row in rows[:most]])
        waiting, complaints_waiting = stored.count_open(conn, found.id)
    after = None
    if len(rows) > most:
        last = rows[most - 1]
        after = stored.open_cursor(last) if is_open else Cursor("notices, decided", last.decided_at, last.id).encode()
    shown = [_listed(row, named.get(row.id, []), now) for row in rows[:most]]
    return answer({"items": shown, "next_cursor": after, "open": waiting, "complaints": complaints_waiting})


def _listed(row: Any, named: list[int], now: int) -> Json:
    more = {"flagger": row.flagger, "by": row.by, "comments": [str(one) for one in named]}
    return law.present(row, now) | more | {"excerpt": excerpt(row.text)}


@blueprint.get("/notices/<notice>")
@operation("A legal notice with its comments", security="console", answers={200: schemas.LegalNotice})
def notice(site: str, notice: str) -> Response:
    with parts().database.read() as conn:
        found, viewer = moderated_site(conn, site, Action.SEE_NOTICES)
        return answer(_whole(conn, found, viewer, read_id(notice, "notice")))


def _whole(conn: Any, site: Site, viewer: Viewer, notice_id: int) -> Json:
    row = actions.of_site(site, stored.read_notice(conn, notice_id))
    named = stored.comments_of(conn, [row.id]).get(row.id, [])
    rows = read_comments(conn, named, visibility(viewer, site.id)) if named else []
    complaint = stored.complaint_about(conn, row.id)
    now = parts().database.clock()
    return _listed(row, named, now) | {
        "text": row.text,
        "urls": stored.urls_of(row),
        "details": msgspec.json.decode(row.details),
        "escalation": row.escalation,
        "answer": row.answer,
        "complaint": None if complaint is None else complaint.text,
        "items": items(conn, rows, viewer, site) if rows else [],
        "reasons": list(site.settings.reject_reasons),
        "can": _can(viewer, site, row, now),
    }


def _can(viewer: Viewer, site: Site, row: Any, now: int) -> bool:
    handed_on = row.escalated_at is not None and viewer.role is not Role.ADMINISTRATOR
    allowed = may(viewer, Action.DECIDE_NOTICE, Subject(site.id, site.settings), now)
    return allowed and row.decided_at is None and not handed_on


@blueprint.post("/notices/<notice>/decision")
@operation(
    "Decide about a notice: do nothing, or remove comments on account of it",
    security="console",
    body=schemas.NoticeDecision,
    answers={200: schemas.LegalNotice},
)
def decide(site: str, notice: str) -> Response:
    with parts().database.read() as conn:
        found, viewer = moderated_site(conn, site, Action.DECIDE_NOTICE)
    notice_id, body = read_id(notice, "notice"), read_body(schemas.NoticeDecision)
    wanted = {int(one.id): one.version for one in body.comments}
    verdict = Verdict(
        body.outcome, body.version, body.answer, wanted, body.reason, body.legal_ground, body.explanation
    )  # fmt: skip
    with parts().database.transaction() as tx:
        actions.decide_notice(tx, viewer, found, notice_id, verdict, parts().settings.secret_key)
    with parts().database.read() as conn:
        return answer(_whole(conn, found, viewer, notice_id))


@blueprint.post("/notices/<notice>/steps")
@operation(
    "Hand a notice to administrators, or tell the authors of its comments (section 5)",
    security="console",
    body=schemas.NoticeStep,
    answers={200: schemas.LegalNotice},
)
def step(site: str, notice: str) -> Response:
    with parts().database.read() as conn:
        found, viewer = moderated_site(conn, site, Action.DECIDE_NOTICE)
    notice_id, body = read_id(notice, "notice"), read_body(schemas.NoticeStep)
    act = actions.escalate if body.step == "escalate" else actions.tell_author
    with parts().database.transaction() as tx:
        act(tx, viewer, found, notice_id, body.version, body.note)
    with parts().database.read() as conn:
        return answer(_whole(conn, found, viewer, notice_id))


@blueprint.get("/complaints")
@operation("Complaints", security="console", query=STATES | PAGING, answers={200: schemas.ComplaintQueue})
def complaints_list(site: str) -> Response:
    state, most = _state(), whole_number("limit", 25, 100)
    name = "complaints" if state == "open" else "complaints, decided"
    cursor = read_cursor(request.args.get("cursor"), name)
    with parts().database.read() as conn:
        found, viewer = moderated_site(conn, site, Action.SEE_NOTICES)
        read = stored.open_complaints if state == "open" else stored.decided_complaints
        rows = read(conn, found.id, cursor, most + 1)
        _, waiting = stored.count_open(conn, found.id)
    after = None
    if len(rows) > most:
        last = rows[most - 1]
        after = Cursor(name, last.created_at if state == "open" else last.decided_at, last.id).encode()
    shown = [_complaint(row, viewer) for row in rows[:most]]
    return answer({"items": shown, "next_cursor": after, "open": waiting})


def _complaint(row: Any, viewer: Viewer) -> Json:
    by_notice = row.notice_id is not None
    return {
        "id": str(row.id),
        "kind": "notice" if by_notice else "statement",
        "measure": row.measure,
        "reason": row.reason,
        "explanation": row.why,
        "member_id": None if row.member_id is None else str(row.member_id),
        "member": row.member,
        "notice_id": str(row.notice_id) if by_notice else None,
        "reference": row.reference,
        "about": row.about,
        "against": row.against,
        "against_me": row.against_id is not None and row.against_id == viewer.id,
        "holds": by_notice or row.statement_ended_at is None,
        "text": row.text,
        "created_at": time_text(row.created_at),
        "decided_at": time_text(row.decided_at),
        "outcome": row.outcome,
        "note": row.note,
    }


@blueprint.post("/complaints/<complaint>/decision")
@operation(
    "Uphold what a complaint is about, or overturn it",
    security="console",
    body=schemas.ComplaintDecision,
    answers={200: schemas.ComplaintInList},
)
def decide_complaint(site: str, complaint: str) -> Response:
    with parts().database.read() as conn:
        found, viewer = moderated_site(conn, site, Action.DECIDE_NOTICE)
    complaint_id, body = read_id(complaint, "complaint"), read_body(schemas.ComplaintDecision)
    with parts().database.transaction() as tx:
        complaints.decide_complaint(
            tx, viewer, found, complaint_id, body.outcome, body.note, parts().settings.secret_key
        )  # fmt: skip
    with parts().database.read() as conn:
        return answer(_complaint(stored.read_complaint(conn, complaint_id), viewer))


@blueprint.get("/flaggers")
@operation("Whom the site trusts to give notice", security="console", answers={200: schemas.Flaggers})
def trusted(site: str) -> Response:
    with parts().database.read() as conn:
        found, _ = moderated_site(conn, site, Action.SEE_NOTICES)
        rows = stored.read_flaggers(conn, found.id)
        return answer({"flaggers": [_flagger(row, stored.outcomes_of(conn, row.id)) for row in rows]})


def _flagger(row: Any, outcomes: dict[str, int]) -> Json:
    shown = {"id": str(row.id), "name": row.name, "email": row.email, "area": row.area}
    return shown | {"created_at": time_text(row.created_at), "notices": outcomes}


@blueprint.post("/flaggers")
@operation(
    "Trust an organisation: its notices come first. Its key is shown this once",
    security="console",
    body=schemas.NewFlagger,
    answers={201: schemas.FlaggerAdded},
)
def trust(site: str) -> Response:
    with parts().database.read() as conn:
        found, viewer = moderated_site(conn, site, Action.MANAGE_SITE)
    require_proof()
    body = read_body(schemas.NewFlagger)
    with parts().database.transaction() as tx:
        flagger_id, key = flaggers.add_flagger(tx, viewer, found, body.name, body.email, body.area)
    with parts().database.read() as conn:
        row = stored.flagger_by_id(conn, found.id, flagger_id)
    return answer({"flagger": _flagger(row, {}), "key": key}, 201)


@blueprint.delete("/flaggers/<flagger>")
@operation("Trust an organisation no more", security="console", answers={204: None})
def distrust(site: str, flagger: str) -> Response:
    with parts().database.read() as conn:
        found, viewer = moderated_site(conn, site, Action.MANAGE_SITE)
    with parts().database.transaction() as tx:
        flaggers.remove_flagger(tx, viewer, found, read_id(flagger, "trusted flagger"))
    return Response(status=204)
