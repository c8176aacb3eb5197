"""The console's API of a site's webhooks, for administrators: what is told where, and the log of it. A secret is in the
answer that makes it and in no other.
"""

from typing import Any

import msgspec
from flask import Response, request

from comments.actions import webhooks as actions
from comments.actions.webhooks import CHUNK, Keys, To
from comments.core.errors import Conflict, Malformed, NotFound
from comments.core.identity import Viewer
from comments.core.policy import Action
from comments.core.present import Json
from comments.core.sealing import Unopened
from comments.core.times import time_micros, time_text
from comments.core.webhooks import HOUR, TYPES
from comments.http import schemas_webhooks as schemas
from comments.http.moderation import PAGING, moderated_site, page_asked
from comments.http.openapi import operation
from comments.http.request import answer, parts, read_body, read_id
from comments.http.sessions import console_blueprint, require_proof
from comments.storage import webhooks as rows
from comments.storage.sites import Site

blueprint = console_blueprint("webhooks", "/sites/<site>/webhooks")
STATES = ("waiting", "delivered", "failed", "dropped")
MOST_REPLAYED = 10_000  # of one request


def _manages(site: str) -> tuple[Site, Viewer]:
    with parts().database.read() as conn:
        return moderated_site(conn, site, Action.MANAGE_SITE)


def _keys() -> Keys:
    return Keys(parts().settings.secret_key, parts().settings.private_hosts)


def _webhook(row: Any) -> Json:
    now = parts().database.clock()
    try:
        known = actions.opened_secrets(parts().settings.secret_key, row.id, row.secrets)
    except Unopened:
        known = []
    return {
        "id": str(row.id),
        "url": row.url,
        "description": row.description,
        "events": msgspec.Raw(row.events.encode()),
        "enabled": row.enabled,
        "off_reason": row.off_reason,
        "failing_since": time_text(row.failing_since),
        "resting_until": time_text(row.resting_until) if row.resting_until > now else None,
        "delivered_at": time_text(row.delivered_at),
        "created_at": time_text(row.created_at),
        "old_secrets": [{"until": time_text(one.until)} for one in known if one.until is not None and one.until > now],
    }


def _one(conn: Any, site: Site, webhook: str) -> Any:
    row = rows.find_webhook(conn, site.id, read_id(webhook, "webhook"))
    if row is None:
        raise NotFound("webhook")
    return row


def _shown(site: Site, webhook_id: int, status: int = 200, secret: str | None = None) -> Response:
    with parts().database.read() as conn:
        shown = _webhook(_one(conn, site, str(webhook_id)))
    return answer(shown if secret is None else {"webhook": shown, "secret": secret}, status)


@blueprint.get("")
@operation("A site's webhooks, and what they can be told of", security="console", answers={200: schemas.Webhooks})
def webhooks(site: str) -> Response:
    with parts().database.read() as conn:
        found, _ = moderated_site(conn, site, Action.MANAGE_SITE)
        known = [_webhook(row) for row in rows.read_webhooks(conn, found.id)]
    return answer({"webhooks": known, "types": [{"type": type_, "about": about} for type_, about in TYPES.items()]})


@blueprint.post("")
@operation("Add a webhook", security="console", body=schemas.NewWebhook, answers={201: schemas.ShownSecret})
def add(site: str) -> Response:
    body = read_body(schemas.NewWebhook)
    found, viewer = _manages(site)
    require_proof()
    to = To(url=body.url, description=body.description, events=body.events)
    with parts().database.transaction() as tx:
        made, secret = actions.add_webhook(tx, found, to, _keys(), viewer=viewer)
    return _shown(found, made, 201, secret)


@blueprint.patch("/<webhook>")
@operation(
    "Change a webhook, switch it off or on",
    security="console",
    body=schemas.WebhookChange,
    answers={200: schemas.Webhook},
)
def change(site: str, webhook: str) -> Response:
    body = read_body(schemas.WebhookChange)
    found, viewer = _manages(site)
    key = read_id(webhook, "webhook")
    given = {name: getattr(body, name) for name in body.__struct_fields__}
    wanted = {name: value for name, value in given.items() if value is not msgspec.UNSET}
    if "url" in wanted:
        require_proof()
    with parts().database.transaction() as tx:
        actions.change_webhook(tx, found, key, wanted, _keys(), viewer=viewer)
    return _shown(found, key)


@blueprint.delete("/<webhook>")
@operation("Remove a webhook", security="console", answers={204: None})
def remove(site: str, webhook: str) -> Response:
    found, viewer = _manages(site)
    require_proof()
    with parts().database.transaction() as tx:
        actions.remove_webhook(tx, found, read_id(webhook, "webhook"), viewer=viewer)
    return Response(status=204)


@blueprint.post("/<webhook>/secret")
@operation(
    "Give a webhook a new secret; those before sign beside it for some hours",
    security="console",
    body=schemas.SecretChange,
    answers={201: schemas.ShownSecret},
)
def rotate(site: str, webhook: str) -> Response:
    body = read_body(schemas.SecretChange)
    found, viewer = _manages(site)
    key = read_id(webhook, "webhook")
    require_proof()
    with parts().database.transaction() as tx:
        secret = actions.rotate_secret(tx, found, key, body.overlap_hours * HOUR, _keys(), viewer=viewer)
    return _shown(found, key, 201, secret)


@blueprint.post("/<webhook>/test")
@operation("Send webhook.test; the log has what came of it", security="console", answers={202: schemas.Tried})
def test(site: str, webhook: str) -> Response:
    found, viewer = _manages(site)
    with parts().database.transaction() as tx:
        made = actions.try_webhook(tx, found, read_id(webhook, "webhook"), viewer=viewer)
    return answer({"delivery": str(made)}, 202)


@blueprint.post("/<webhook>/replay")
@operation(
    "Deliver everything once more that failed since a time",
    security="console",
    body=schemas.Replay,
    answers={202: schemas.Replayed},
)
def replay_failed(site: str, webhook: str) -> Response:
    body = read_body(schemas.Replay)
    found, viewer = _manages(site)
    key = read_id(webhook, "webhook")
    try:
        since = time_micros(body.since)
    except ValueError as error:
        raise Malformed(f"since is no RFC 3339 time with an offset: {body.since}", field="since") from error
    done = last = 0
    ids = [0]
    while ids and done < MOST_REPLAYED:
        with parts().database.transaction() as tx:
            actions.webhook_of(tx, found, key)
            ids = rows.failed_since(tx.conn, key, since, last, CHUNK)
            done += actions.replay(tx, found, key, ids, viewer=viewer)
            last = ids[-1] if ids else last
    return answer({"replayed": done, "more": bool(ids)}, 202)


@blueprint.get("/<webhook>/deliveries")
@operation(
    "What was delivered, or is going to be, newest first",
    security="console",
    query={"state": "waiting, delivered, failed or dropped", "type": "of the message"} | PAGING,
    answers={200: schemas.Deliveries},
)
def deliveries(site: str, webhook: str) -> Response:
    state, type_ = request.args.get("state"), request.args.get("type")
    if state is not None and state not in STATES:
        raise Malformed(f"state is one of {', '.join(STATES)}.", field="state")
    if type_ is not None and type_ not in TYPES:
        raise Malformed(f"type is one of {', '.join(TYPES)}.", field="type")
    before, most = page_asked()
    with parts().database.read() as conn:
        found, _ = moderated_site(conn, site, Action.MANAGE_SITE)
        row = _one(conn, found, webhook)
        shown = rows.read_deliveries(conn, row.id, state=state, type_=type_, before_id=before, limit=most + 1)
    return answer(
        {
            "deliveries": [_delivery(one) for one in shown[:most]],
            "next_cursor": str(shown[most - 1].id) if len(shown) > most else None,
        }
    )


def _delivery(row: Any) -> Json:
    return {
        "id": str(row.id),
        "message": row.uid,
        "type": row.type,
        "state": row.state,
        "attempts": row.attempts,
        "status": row.status,
        "error": row.error,
        "created_at": time_text(row.created_at),
        "next_at": time_text(row.next_at) if row.state == "waiting" else None,
        "ended_at": time_text(row.ended_at),
    }


@blueprint.get("/<webhook>/deliveries/<delivery>")
@operation("A delivery with its message and its attempts", security="console", answers={200: schemas.WholeDelivery})
def delivery(site: str, webhook: str, delivery: str) -> Response:
    with parts().database.read() as conn:
        found, _ = moderated_site(conn, site, Action.MANAGE_SITE)
        row = rows.find_delivery(conn, _one(conn, found, webhook).id, read_id(delivery, "delivery"))
        if row is None:
            raise NotFound("delivery")
        tries = rows.read_attempts(conn, row.id)
    return answer(
        {
            "delivery": _delivery(row),
            "payload": None if row.payload is None else msgspec.Raw(row.payload.encode()),
            "tries": [
                {
                    "at": time_text(one.created_at),
                    "status": one.status,
                    "took_ms": one.took,
                    "excerpt": one.excerpt,
                    "error": one.error,
                }
                for one in tries
            ],
        }
    )


@blueprint.post("/<webhook>/deliveries/<delivery>/replay")
@operation("Deliver this once more, under the id that it had", security="console", answers={202: schemas.Replayed})
def replay(site: str, webhook: str, delivery: str) -> Response:
    found, viewer = _manages(site)
    key, one = read_id(webhook, "webhook"), read_id(delivery, "delivery")
    with parts().database.transaction() as tx:
        done = actions.replay(tx, found, key, [one], viewer=viewer)
    if not done:
        raise Conflict("not_replayable", "It was not sent yet, its comment was erased, or it is not there any more.")
    return answer({"replayed": done, "more": False}, 202)
