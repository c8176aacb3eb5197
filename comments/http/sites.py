"""The API of a site itself: its name, origins, products and settings, what its publisher's tokens are signed with, and
its members by the publisher's own ids.
"""

from typing import Any

import msgspec
from flask import Response, request

from comments.actions import keys
from comments.actions import members as of_members
from comments.actions import sites as actions
from comments.core.entitlement import Entitlement, State
from comments.core.errors import Malformed
from comments.core.identity import MAX_SUB
from comments.core.policy import Action
from comments.core.present import Json
from comments.core.times import time_micros, time_text
from comments.http import schemas_sites as schemas
from comments.http.articles import IF_MATCH
from comments.http.matching import check_match, tag_of
from comments.http.moderation import PAGING, moderated_site
from comments.http.openapi import operation
from comments.http.request import answer, parts, read_body, read_id, whole_number
from comments.http.sessions import console_blueprint, require_proof
from comments.storage.members import member_by_id, read_members
from comments.storage.sites import Site, lock_site, read_all_keys, site_by_id

blueprint = console_blueprint("sites", "/sites/<site>")


def _managed(site: str) -> tuple[Site, Any]:
    """The site, for who may configure it and has just shown to be there."""
    with parts().database.read() as conn:
        found = moderated_site(conn, site, Action.MANAGE_SITE)
    require_proof()
    return found


def _site(site: Site) -> Json:
    shown: Json = msgspec.to_builtins(site.settings)
    return {
        "key": site.key, "name": site.name, "issuer": site.issuer, "origins": list(site.origins),
        "products": list(site.products), "settings": shown, "version": site.version,
    }  # fmt: skip


@blueprint.get("")
@operation("A site with its origins, products and settings", security="console", answers={200: schemas.SiteShown})
def site(site: str) -> Response:
    with parts().database.read() as conn:
        found, _ = moderated_site(conn, site, Action.SEE_RULES)
    return answer(_site(found), headers={"ETag": tag_of(_site(found))})


@blueprint.patch("")
@operation(
    "Change a site's name, origins, products or settings",
    security="console",
    body=schemas.SiteChange,
    answers={200: schemas.SiteShown},
    may_send=IF_MATCH,
)
def change(site: str) -> Response:
    body = read_body(schemas.SiteChange)
    found, viewer = _managed(site)
    given = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not msgspec.UNSET}
    with parts().database.transaction() as tx:
        lock_site(tx.conn, found.id)
        now = site_by_id(tx.conn, found.id)
        check_match(_site(now))
        settings = given.pop("settings", {})
        if given:
            actions.change_site(tx, viewer, now, **given)
        if settings:
            actions.configure_site(tx, now, settings, viewer.id)
        after = site_by_id(tx.conn, found.id)
    return answer(_site(after), headers={"ETag": tag_of(_site(after))})


@blueprint.get("/signing-keys")
@operation(
    "What a site's tokens are signed with, oldest first; no secrets",
    security="console",
    answers={200: schemas.SigningKeys},
)
def signing_keys(site: str) -> Response:
    with parts().database.read() as conn:
        found, _ = moderated_site(conn, site, Action.MANAGE_SITE)
        rows = read_all_keys(conn, found.id)
    return answer({"signing_keys": [_signing_key(row) for row in rows]})


def _signing_key(row: Any) -> Json:
    shown = {"id": str(row.id), "kind": row.kind, "kid": row.kid, "url": row.url}
    return shown | {"created_at": time_text(row.created_at), "revoked_at": time_text(row.revoked_at)}


@blueprint.post("/signing-keys")
@operation(
    "Take tokens of another key, too",
    security="console",
    body=schemas.NewSigningKey,
    answers={201: schemas.MadeSigningKey},
)
def add_signing_key(site: str) -> Response:
    body = read_body(schemas.NewSigningKey)
    found, viewer = _managed(site)
    wanted = keys.read_key(secret=body.secret, jwks_url=body.jwks_url, pem=body.pem, kid=body.kid)
    with parts().database.transaction() as tx:
        number = keys.add_key(tx, found, wanted, viewer.id)
        row = next(one for one in read_all_keys(tx.conn, found.id) if one.id == number)
    was_made = wanted.kind == "secret" and body.secret is None
    return answer({"signing_key": _signing_key(row), "secret": wanted.value if was_made else None}, 201)


@blueprint.delete("/signing-keys/<signing_key>")
@operation(
    "Take no more tokens of a key; readers who are in stay so for ten minutes at most",
    security="console",
    query={"now": "1: end the access of everybody who is in, too"},
    answers={204: None},
)
def revoke_signing_key(site: str, signing_key: str) -> Response:
    number = read_id(signing_key, "signing key")
    at_once = whole_number("now", 0, 1, least=0)
    found, viewer = _managed(site)
    with parts().database.transaction() as tx:
        keys.revoke_key(tx, found, number, viewer.id)
    if at_once:
        keys.end_access(parts().database, found, viewer.id)
    return Response(status=204)


@blueprint.get("/members")
@operation(
    "A site's members by the publisher's own ids, in their order; or the one with this id",
    security="console",
    query={"sub": "the publisher's own id of a reader"} | PAGING,
    answers={200: schemas.KnownMembers},
)
def members(site: str) -> Response:
    most = whole_number("limit", 50, 100)
    sub, after = _sub("sub"), _sub("cursor")
    with parts().database.read() as conn:
        found, _ = moderated_site(conn, site, Action.SEE_MEMBERS)
        rows = read_members(conn, found.id, sub, after, most + 1)
    shown = [_member(row) for row in rows[:most]]
    return answer({"members": shown, "next_cursor": rows[most - 1].sub if len(rows) > most else None})


def _sub(name: str) -> str | None:
    text = request.args.get(name)
    if text is not None and ("\0" in text or len(text) > MAX_SUB):
        raise Malformed(f"A publisher's id has at most {MAX_SUB} characters.", field=name)
    return text


def _member(row: Any) -> Json:
    has = Entitlement(State(row.state), row.state_until).at(parts().database.clock())
    access = {"state": str(has.state), "until": time_text(has.until)}
    return {"id": str(row.id), "sub": row.sub, "name": row.name, "access": access}


@blueprint.put("/members/<member>/access")
@operation(
    "Say what a member may from now on; who may no longer loses all open access",
    security="console",
    body=schemas.Access,
    answers={200: schemas.KnownMember},
)
def set_access(site: str, member: str) -> Response:
    member_id = read_id(member, "member")
    body = read_body(schemas.Access)
    found, viewer = _managed(site)
    try:
        until = None if body.until is None else time_micros(body.until)
    except ValueError as error:
        raise Malformed(f"until is no RFC 3339 time with an offset: {body.until}", field="until") from error
    with parts().database.transaction() as tx:
        of_members.set_access(tx, viewer, found, member_id, Entitlement(State(body.state), until))
    with parts().database.read() as conn:
        return answer(_member(member_by_id(conn, member_id)))
