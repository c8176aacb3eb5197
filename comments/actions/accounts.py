"""What somebody does with their own account of the console: sign in and out, prove that they are there, change the
password and the second factor. Whoever calls has compared the password; here it is held to the account as it is now.
"""

from dataclasses import dataclass
from typing import Any

import msgspec

from comments.core.errors import Conflict, Malformed, NotFound, Unauthenticated, Unavailable
from comments.core.sealing import Unopened, seal, unseal
from comments.core.second_factor import new_recovery_codes, new_secret, recovery_digest, step_of
from comments.storage import accounts as rows
from comments.storage.audit import write_audit
from comments.storage.sites import find_user, update_user
from comments.storage.transaction import Transaction

ENROLMENT = 600 * 1_000_000  # µs in which a new second factor is confirmed


@dataclass(frozen=True, slots=True)
class Given:
    """A password that fitted the account at this epoch, and a code of the second factor, "" for none."""

    user_id: int
    epoch: int
    code: str


@dataclass(frozen=True, slots=True)
class Signed:
    """Who is signed in, by which session: what an account's own acts begin with."""

    user_id: int
    session_id: int


def sign_in(tx: Transaction, key: bytes, given: Given, digest: str, agent: str, instead_of: Signed | None) -> None:
    """Open a session; `instead_of`: the one that this browser had. Raises Unauthenticated: bad_credentials,
    code_needed, code_wrong.
    """
    user = _proven(tx, key, given)
    if instead_of is not None:
        rows.delete_sessions(tx.conn, instead_of.user_id, only=instead_of.session_id)
    rows.insert_session(tx.conn, user.id, digest, agent, tx.now)


def prove(tx: Transaction, key: bytes, given: Given, session_id: int, digest: str) -> None:
    """The same person is still there: their session goes on under a new id."""
    _proven(tx, key, given)
    rows.update_session(tx.conn, session_id, digest=digest, proved_at=tx.now, seen_at=tx.now)


def _proven(tx: Transaction, key: bytes, given: Given) -> Any:
    """The account, locked. What was compared before counts only if nothing was changed meanwhile."""
    user = rows.lock_user(tx.conn, given.user_id)
    if user is None or user.epoch != given.epoch:
        raise Unauthenticated("bad_credentials", "This e-mail address and password do not fit.")
    if user.totp_secret is not None:
        if not given.code.strip():
            raise Unauthenticated("code_needed", "Send the code of the second factor, too, or a recovery code.")
        _spend(tx, key, user, given.code)
    return user


def _spend(tx: Transaction, key: bytes, user: Any, code: str) -> None:
    """Let a code count, this once. Raises Unauthenticated (code_wrong)."""
    left = rows.recovery_digests(user)
    used = recovery_digest(code)
    if used in left:
        left.remove(used)
        update_user(tx.conn, user.id, recovery_codes=_text(left))
        _audit(tx, user.id, "use_recovery_code", {"left": len(left)})
        return
    step = step_of(_opened(key, user), code, tx.now // 1_000_000, user.totp_step)
    if step is None:
        raise Unauthenticated("code_wrong", "This code does not count, or was used already: wait for the next one.")
    update_user(tx.conn, user.id, totp_step=step)


def _opened(key: bytes, user: Any) -> str:
    try:
        return unseal(key, _purpose(user.id), user.totp_secret)
    except Unopened as error:
        raise Unavailable(f"The second factor of this account cannot be read. {error}") from error


def _purpose(user_id: int) -> str:
    return f"totp:{user_id}"


def sign_out(tx: Transaction, by: Signed) -> None:
    """End this session."""
    rows.delete_sessions(tx.conn, by.user_id, only=by.session_id)


def end_session(tx: Transaction, by: Signed, session_id: int) -> None:
    """End another session of the same account. Raises NotFound."""
    if not rows.delete_sessions(tx.conn, by.user_id, only=session_id):
        raise NotFound("session")
    _audit(tx, by.user_id, "end_session", {"session": session_id})


def end_other_sessions(tx: Transaction, by: Signed) -> None:
    """End all sessions of the account but this one."""
    ended = rows.delete_sessions(tx.conn, by.user_id, but=by.session_id)
    _audit(tx, by.user_id, "end_other_sessions", {"ended": ended})


def sign_out_everywhere(tx: Transaction, by: Signed) -> None:
    """End all sessions, this one too, and whatever is just being opened."""
    user = _locked(tx, by.user_id)
    ended = rows.delete_sessions(tx.conn, user.id)
    update_user(tx.conn, user.id, epoch=user.epoch + 1)
    _audit(tx, user.id, "sign_out_everywhere", {"ended": ended})


def change_password(tx: Transaction, by: Signed, password_hash: str, digest: str) -> None:
    """Another password; this session goes on under a new id, all others end."""
    user = _locked(tx, by.user_id)
    _change(tx, by, user, digest, password_hash=password_hash)
    _audit(tx, user.id, "change_password")


def offer_second_factor(tx: Transaction, key: bytes, by: Signed) -> tuple[str, str]:
    """(a new secret, a ticket that holds it sealed until it is confirmed). Nothing is stored. Raises Conflict
    (second_factor_exists).
    """
    user = _locked(tx, by.user_id)
    _require_none(user)
    secret = new_secret()
    ticket = {"secret": secret, "until": tx.now + ENROLMENT}
    return secret, seal(key, _ticket_purpose(by), _text(ticket))


def _ticket_purpose(by: Signed) -> str:
    return f"totp enrolment:{by.user_id}:{by.session_id}"


def enrol_second_factor(tx: Transaction, key: bytes, by: Signed, ticket: str, code: str, digest: str) -> list[str]:
    """Take the offered secret, whose code was given; returns the recovery codes. This session goes on under a new id,
    all others end. Raises Malformed (ticket, code), Conflict.
    """
    user = _locked(tx, by.user_id)
    _require_none(user)
    try:
        offered = msgspec.json.decode(unseal(key, _ticket_purpose(by), ticket))
    except Unopened as error:
        raise Malformed("This is no offer of ours: begin again.", field="ticket") from error
    if offered["until"] < tx.now:
        raise Malformed("The offer is too old: begin again.", field="ticket")
    step = step_of(offered["secret"], code, tx.now // 1_000_000, 0)
    if step is None:
        raise Malformed("This code does not belong to the new secret.", field="code", code="code_wrong")
    codes = new_recovery_codes()
    sealed = seal(key, _purpose(user.id), offered["secret"])
    _change(tx, by, user, digest, totp_secret=sealed, totp_step=step, recovery_codes=_digests(codes))
    _audit(tx, user.id, "enrol_second_factor")
    return codes


def _require_none(user: Any) -> None:
    if user.totp_secret is not None:
        raise Conflict("second_factor_exists", "This account has a second factor: remove it first.")


def remove_second_factor(tx: Transaction, key: bytes, given: Given, session_id: int, digest: str) -> None:
    """The password alone signs in from now on. Needs both once more. Raises as sign_in does, Conflict."""
    user = _proven(tx, key, given)
    if user.totp_secret is None:
        raise Conflict("second_factor_missing", "This account has no second factor.")
    by = Signed(user.id, session_id)
    _change(tx, by, user, digest, totp_secret=None, recovery_codes="[]")  # totp_step stays: no old code counts again
    _audit(tx, user.id, "remove_second_factor")


def renew_recovery_codes(tx: Transaction, by: Signed) -> list[str]:
    """Ten new recovery codes instead of those before. Raises Conflict."""
    user = _locked(tx, by.user_id)
    if user.totp_secret is None:
        raise Conflict("second_factor_missing", "This account has no second factor.")
    codes = new_recovery_codes()
    update_user(tx.conn, user.id, recovery_codes=_digests(codes))
    _audit(tx, user.id, "renew_recovery_codes")
    return codes


def reset_second_factor(tx: Transaction, email: str) -> bool:
    """The operator's way out for somebody who lost it: the password alone signs in, all sessions end; False: there was
    none. Raises Malformed.
    """
    user = find_user(tx.conn, email=email)
    if user is None:
        raise Malformed(f"There is no account {email}.", field="email")
    if user.totp_secret is None:
        return False
    update_user(tx.conn, user.id, epoch=user.epoch + 1, totp_secret=None, recovery_codes="[]")
    rows.delete_sessions(tx.conn, user.id)
    write_audit(tx.conn, "reset_second_factor", ("user", user.id), tx.now, site_id=None)
    return True


def _locked(tx: Transaction, user_id: int) -> Any:
    user = rows.lock_user(tx.conn, user_id)
    if user is None:
        raise Unauthenticated("signed_out", "Sign in to the console.")
    return user


def _change(tx: Transaction, by: Signed, user: Any, digest: str, **change: Any) -> None:
    """Change what somebody signs in with."""
    update_user(tx.conn, user.id, epoch=user.epoch + 1, **change)
    rows.delete_sessions(tx.conn, user.id, but=by.session_id)
    rows.update_session(tx.conn, by.session_id, digest=digest)


def _digests(codes: list[str]) -> str:
    return _text([recovery_digest(code) for code in codes])


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _audit(tx: Transaction, user_id: int, action: str, after: Any = None) -> None:
    write_audit(tx.conn, action, ("user", user_id), tx.now, site_id=None, user_id=user_id, after=after)
