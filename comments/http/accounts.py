"""One's own account in the console: its sessions, password and second factor. What changes how one signs in asks for
the password first (`require_proof`), and gives the session another id.
"""

import secrets
from typing import Any

import gevent
from flask import Response
from flask_login import current_user

from comments.actions import accounts as actions
from comments.actions.moderation import release_all
from comments.core.passwords import check_password
from comments.core.present import Json
from comments.core.second_factor import address_of, qr_rows
from comments.core.times import time_text
from comments.http import known, schemas
from comments.http.openapi import operation
from comments.http.request import answer, parts, read_body, read_id
from comments.http.sessions import (
    PROVED,
    console_blueprint,
    console_viewer,
    digest_of,
    enter,
    given,
    hasher,
    leave,
    require_proof,
)
from comments.storage import accounts

blueprint = console_blueprint("accounts", "/account")


def _token() -> str:
    return secrets.token_urlsafe(32)


@blueprint.get("")
@operation("One's own account", security="console", answers={200: schemas.OwnAccount})
def account() -> Response:
    row, now = current_user.row, parts().database.clock()
    with parts().database.read() as conn:
        found = accounts.read_sessions(conn, row.id, now)
    shown: Json = {
        "sessions": [_session(one, row.session_id) for one in found],
        "second_factor": row.totp_secret is not None,
        "second_factor_required": parts().settings.require_totp,
        "recovery_codes": len(accounts.recovery_digests(row)),
        "proved_until": time_text(row.proved_at + PROVED) if row.proved_at + PROVED > now else None,
    }
    return answer(shown)


def _session(row: Any, own: int) -> Json:
    return {
        "id": str(row.id),
        "browser": row.agent,
        "since": time_text(row.created_at),
        "seen": time_text(row.seen_at),
        "is_this": row.id == own,
    }


@blueprint.post("/proof")
@operation(
    "Give the password once more, for what asks for it; good for ten minutes",
    security="console",
    body=schemas.Proof,
    answers={200: schemas.ConsoleSession},
)
def prove() -> Response:
    body, token = read_body(schemas.Proof), _token()
    email = current_user.row.email
    fitting = given(email, body.password, body.code)
    with parts().database.transaction() as tx:
        actions.prove(tx, parts().settings.secret_key, fitting, current_user.row.session_id, digest_of(token))
    parts().waits.succeeded(known.tries_of(email))
    return enter(token)


@blueprint.put("/password")
@operation(
    "Change one's password; all other sessions end",
    security="console",
    body=schemas.NewPassword,
    answers={200: schemas.ConsoleSession},
)
def change_password() -> Response:
    body, token, row = read_body(schemas.NewPassword), _token(), current_user.row
    require_proof()
    check_password(body.password, (row.email, row.name))
    hashed = gevent.get_hub().threadpool.apply(hasher.hash, (body.password,))
    with parts().database.transaction() as tx:
        actions.change_password(tx, current_user.signed, hashed, digest_of(token))
    return enter(token)


@blueprint.post("/second-factor")
@operation(
    "Ask for the secret of a second factor, to be confirmed with a code of it",
    security="console",
    answers={200: schemas.OfferedFactor},
)
def offer_second_factor() -> Response:
    require_proof()
    with parts().database.transaction() as tx:
        secret, ticket = actions.offer_second_factor(tx, parts().settings.secret_key, current_user.signed)
    address = address_of(secret, current_user.row.email, "comments")
    return answer({"secret": secret, "address": address, "qr": qr_rows(address), "ticket": ticket})


@blueprint.put("/second-factor")
@operation(
    "Confirm the offered second factor; all other sessions end. The recovery codes are told this once",
    security="console",
    body=schemas.NewFactor,
    answers={200: schemas.RecoveryCodes},
)
def enrol_second_factor() -> Response:
    body, token = read_body(schemas.NewFactor), _token()
    require_proof()
    key = parts().settings.secret_key
    with parts().database.transaction() as tx:
        codes = actions.enrol_second_factor(tx, key, current_user.signed, body.ticket, body.code, digest_of(token))
    return _told(codes, enter(token))


def _told(codes: list[str], entered: Response | None = None) -> Response:
    return answer({"codes": codes, "session": None if entered is None else entered.get_json()})


@blueprint.post("/second-factor/removal")
@operation(
    "Remove the second factor; all other sessions end",
    security="console",
    body=schemas.Proof,
    answers={200: schemas.ConsoleSession},
)
def remove_second_factor() -> Response:
    body, token, row = read_body(schemas.Proof), _token(), current_user.row
    fitting = given(row.email, body.password, body.code)
    with parts().database.transaction() as tx:
        actions.remove_second_factor(tx, parts().settings.secret_key, fitting, row.session_id, digest_of(token))
    parts().waits.succeeded(known.tries_of(row.email))
    return enter(token)


@blueprint.post("/recovery-codes")
@operation("New recovery codes instead of the old ones", security="console", answers={200: schemas.RecoveryCodes})
def renew_recovery_codes() -> Response:
    require_proof()
    with parts().database.transaction() as tx:
        return _told(actions.renew_recovery_codes(tx, current_user.signed))


@blueprint.delete("/sessions/<session>")
@operation("End another of one's sessions", security="console", answers={204: None})
def end_session(session: str) -> Response:
    ended = read_id(session, "session")
    with parts().database.transaction() as tx:
        actions.end_session(tx, current_user.signed, ended)
    return leave() if ended == current_user.row.session_id else Response(status=204)


@blueprint.delete("/other-sessions")
@operation("End all of one's sessions but this one", security="console", answers={204: None})
def end_other_sessions() -> Response:
    with parts().database.transaction() as tx:
        actions.end_other_sessions(tx, current_user.signed)
    return Response(status=204)


@blueprint.delete("/sessions")
@operation("Sign out everywhere, here as well", security="console", answers={204: None})
def sign_out_everywhere() -> Response:
    viewer = console_viewer()
    require_proof()
    with parts().database.transaction() as tx:
        release_all(tx, viewer)
        actions.sign_out_everywhere(tx, current_user.signed)
    return leave()
