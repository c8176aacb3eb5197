"""Members: a publisher's token exchanged for access, a name chosen, a warning read, somebody muted, an entitlement
ended.
"""

from typing import Any

from flask import Blueprint, Response, g

from comments.actions import members as actions
from comments.actions.old_comments import claim_old_comments
from comments.core.errors import NotFound, Unauthenticated
from comments.core.identity import Identity, identity_from_claims
from comments.core.present import Json, present_viewer
from comments.core.pseudonyms import address_digest, pseudonym_key
from comments.core.tokens import Candidate, key_from_pem, key_from_secret, sign_access, token_header, verify
from comments.http import schemas
from comments.http.openapi import operation
from comments.http.request import answer, bearer, check_origin, limit, parts, read_body, read_id, site_named
from comments.storage.members import viewer_of_member
from comments.storage.people import read_warnings
from comments.storage.rules import rules_of
from comments.storage.sites import Site, read_keys, site_by_id
from comments.storage.transaction import Transaction

blueprint = Blueprint("members", __name__, url_prefix="/api/v1")

LIFE = 600 * 1_000_000  # µs of our own access token at most
SESSIONS_PER_MINUTE = 120  # per address: a newsroom or a school may stand behind one


@blueprint.post("/session")
@operation(
    "Exchange the publisher's token for an access token",
    security="none",
    body=schemas.NewSession,
    answers={200: schemas.Session},
)
def open_session() -> Response:
    body = read_body(schemas.NewSession)
    limit("session", g.network, SESSIONS_PER_MINUTE)
    site = site_of(body.site)
    check_origin(site)
    identity = identity_of(site, body.token)
    limit("site_writes", site.id, parts().settings.site_requests_per_minute)
    now = parts().database.clock()
    ends = min(now + LIFE, identity.expires, identity.entitlement.until or identity.expires)
    expires_in = (ends - now) // 1_000_000
    if expires_in <= 0:  # the leeway for clocks that differ: accepted as signed, but there is nothing left of it
        raise Unauthenticated("token_expired", "The token is over.", claim="exp")
    with parts().database.transaction() as tx:
        member = actions.open_session(tx, site, identity)
        claim_by_address(tx, site, member, identity.email)
    claims = {"iss": "comments", "site": site.id, "member": member.id, "epoch": member.epoch, "exp": ends // 1_000_000}
    return answer(
        {
            "access_token": sign_access(parts().settings.secret_key, claims),
            "expires_in": expires_in,
            "viewer": _viewer(site, member),
        }
    )


def claim_by_address(tx: Transaction, site: Site, member: Any, address: str | None) -> None:
    """What somebody wrote elsewhere under this address is the member's (row): the publisher vouches for it, or they
    proved it.
    """
    if address is not None:
        key = pseudonym_key(parts().settings.secret_key, site.key)
        claim_old_comments(tx, member, address_digest(key, address))


def site_of(key: str) -> Site:
    """The site with this key, read on a connection of its own. Raises NotFound."""
    with parts().database.read() as conn:
        return site_named(conn, key)


def identity_of(site: Site, token: str) -> Identity:
    """Whom the publisher's token names. Raises Unauthenticated naming the claim that is wrong."""
    claims = verify(token, _candidates(site, token_header(token).get("kid")))
    return identity_from_claims(claims, site.issuer, site.key, site.products, parts().database.clock())


def _candidates(site: Site, kid: str | None) -> list[Candidate]:
    """The keys that may have signed for this site. Fetches the publisher's key set outside of any transaction."""
    with parts().database.read() as conn:
        keys = read_keys(conn, site.id)
    found: list[Candidate] = []
    for key in keys:
        if key.kind == "secret":
            found.append(key_from_secret(key.value, key.kid))
        elif key.kind == "pem":
            found.append(key_from_pem(key.value, key.kid))
        else:
            found += parts().jwks.keys(key.value, kid)
    return found


def _viewer(site: Site, member: Any) -> Json:
    with parts().database.read() as conn:
        return viewer_info(conn, site, member, parts().database.clock())


def viewer_info(conn: Any, site: Site, member: Any, now: int) -> Json:
    """A member as their own widget sees them, with what they are to read before they post again."""
    unseen = read_warnings(conn, [member.id], unseen=True).get(member.id, []) if member.unseen_warnings else []
    return present_viewer(viewer_of_member(member, now), member, site.settings, rules_of(conn, site), unseen, now)


@blueprint.patch("/me")
@operation("Choose one's display name", security="bearer", body=schemas.NewName, answers={200: schemas.ViewerInfo})
def name_oneself() -> Response:
    access = bearer()
    body = read_body(schemas.NewName)
    limit("name", access.member_id, 5)
    site = _own_site(access)
    with parts().database.transaction() as tx:
        member = actions.name_oneself(tx, site, access, body.name)
    return answer(_viewer(site, member))


@blueprint.post("/me/warnings/<warning>/seen")
@operation("Say that one has read a moderator's warning", security="bearer", answers={200: schemas.ViewerInfo})
def see_warning(warning: str) -> Response:
    access = bearer()
    warning_id = read_id(warning, "warning")
    limit("react", access.member_id, parts().settings.reactions_per_minute)
    site = _own_site(access)
    with parts().database.transaction() as tx:
        member = actions.see_warning(tx, site, access, warning_id)
    return answer(_viewer(site, member))


def _own_site(access: actions.Access) -> Site:
    with parts().database.read() as conn:
        site = site_by_id(conn, access.site_id)
    check_origin(site)
    return site


@blueprint.put("/members/<member>/mute")
@operation("Mute a member for oneself", security="bearer", answers={204: None})
def mute(member: str) -> Response:
    return _mute(member, True)


@blueprint.delete("/members/<member>/mute")
@operation("Hear a muted member again", security="bearer", answers={204: None})
def unmute(member: str) -> Response:
    return _mute(member, False)


def _mute(member: str, on: bool) -> Response:
    access = bearer()
    muted_id = read_id(member, "member")
    limit("react", access.member_id, parts().settings.reactions_per_minute)
    site = _own_site(access)
    with parts().database.transaction() as tx:
        actions.mute(tx, site, access, muted_id, on)
    return Response(status=204)


@blueprint.post("/members/<sub>/entitlement")
@operation(
    "The publisher says what a member may from now on",
    security="none",
    body=schemas.EntitlementNotice,
    answers={204: None},
)
def set_entitlement(sub: str) -> Response:
    body = read_body(schemas.EntitlementNotice)
    limit("session", g.network, SESSIONS_PER_MINUTE)
    site = site_of(body.site)
    identity = identity_of(site, body.token)
    if identity.sub != sub:
        raise NotFound("member")
    with parts().database.transaction() as tx:
        actions.set_entitlement(tx, site, identity)
    return Response(status=204)
