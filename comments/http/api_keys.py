"""The console's calls about keys of the publishers' API; they are people's alone. How a key gets
in: keyholders.py.
"""

from typing import Any

import msgspec
from flask import Response, request

from comments.actions import api_keys as actions
from comments.core.errors import Malformed
from comments.core.policy import Action
from comments.core.present import Json
from comments.core.times import time_micros, time_text
from comments.http import schemas_api_keys as schemas
from comments.http.moderation import PAGING, moderated_site
from comments.http.openapi import operation
from comments.http.request import answer, parts, read_body, read_id, whole_number
from comments.http.sessions import console_blueprint, require_proof
from comments.storage.api_keys import read_api_keys

blueprint = console_blueprint("api_keys", "/sites/<site>/api-keys")


@blueprint.get("")
@operation("A site's keys of this API, newest first", security="person", query=PAGING, answers={200: schemas.ApiKeys})
def api_keys(site: str) -> Response:
    before = whole_number("cursor", 0, 10**18) if request.args.get("cursor") else None
    most = whole_number("limit", 50, 100)
    with parts().database.read() as conn:
        found, _ = moderated_site(conn, site, Action.MANAGE_API_KEYS)
        rows = read_api_keys(conn, found.id, before, most + 1)
    now = parts().database.clock()
    shown = [present_api_key(row, row.by, now) for row in rows[:most]]
    return answer({"api_keys": shown, "next_cursor": str(rows[most - 1].id) if len(rows) > most else None})


def present_api_key(row: Any, by: str | None, now: int) -> Json:
    ended = row.expires_at is not None and row.expires_at <= now
    return {
        "id": str(row.id),
        "name": row.name,
        "prefix": row.prefix,
        "scopes": msgspec.json.decode(row.scopes),
        "state": "revoked" if row.revoked_at is not None else "expired" if ended else "counts",
        "by": by,
        "created_at": time_text(row.created_at),
        "expires_at": time_text(row.expires_at),
        "used_at": time_text(row.used_at),
        "revoked_at": time_text(row.revoked_at),
    }


@blueprint.post("")
@operation(
    "Make a key of this API; the answer shows it, this once",
    security="person",
    body=schemas.NewApiKey,
    answers={201: schemas.MadeApiKey},
)
def add(site: str) -> Response:
    body = read_body(schemas.NewApiKey)
    with parts().database.read() as conn:
        found, viewer = moderated_site(conn, site, Action.MANAGE_API_KEYS)
    require_proof()
    with parts().database.transaction() as tx:
        row, key = actions.make_api_key(tx, viewer, found, body.name, body.scopes, _moment(body.expires_at))
    return answer({"api_key": present_api_key(row, viewer.name, row.created_at), "key": key}, 201)


def _moment(text: str | None) -> int | None:
    try:
        return None if text is None else time_micros(text)
    except ValueError as error:
        raise Malformed(f"expires_at is no RFC 3339 time with an offset: {text}", field="expires_at") from error


@blueprint.delete("/<api_key>")
@operation("Revoke a key: it is refused from now on, everywhere", security="person", answers={204: None})
def revoke(site: str, api_key: str) -> Response:
    key_id = read_id(api_key, "API key")
    with parts().database.read() as conn:
        found, viewer = moderated_site(conn, site, Action.MANAGE_API_KEYS)
    require_proof()
    with parts().database.transaction() as tx:
        actions.revoke_api_key(tx, viewer, found, key_id)
    return Response(status=204)
