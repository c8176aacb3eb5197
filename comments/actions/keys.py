"""What happens to the keys that a site's publisher signs with: added beside the old one, revoked when nobody signs with
that any more. Called by the command line and the API.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from comments.core.errors import Conflict, Malformed, NotFound
from comments.core.site import is_http_url
from comments.core.tokens import LONGEST_KID, MIN_SECRET, is_kid, key_from_pem
from comments.storage import sites as rows
from comments.storage.audit import write_audit
from comments.storage.members import end_tokens
from comments.storage.sites import Site
from comments.storage.transaction import Database, Transaction

MOST_KEYS = 10  # of a site that are not revoked
LETTERS = 10  # different ones, at least, of a secret
CHUNK = 2000  # members whose tokens end in one transaction


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is to be kept: `kind` secret, jwks or pem, `value` the secret, the address or the PEM."""

    kind: str
    value: str
    kid: str | None = None


def read_key(
    *, secret: str | None = None, jwks_url: str | None = None, pem: str | None = None, kid: str | None = None
) -> Key:
    """One of these, checked; none of them: a new secret. Raises Malformed naming the field."""
    given = {"secret": secret, "jwks": jwks_url, "pem": pem}
    chosen = {kind: value for kind, value in given.items() if value is not None} or {
        "secret": secrets.token_urlsafe(48)
    }
    if len(chosen) > 1:
        raise Malformed("Give a secret, a JWKS URL or a PEM: one of them.", field="secret")
    if kid is not None and not is_kid(kid):
        raise Malformed(f"A kid has 1 to {LONGEST_KID} printable characters.", field="kid")
    ((kind, value),) = chosen.items()
    if kind == "jwks":
        _check_address(value, kid)
    elif kind == "pem":
        try:
            key_from_pem(value, kid)
        except ValueError as error:
            raise Malformed(f"The PEM cannot be taken: {error}.", field="pem") from error
    elif len(value.encode()) < MIN_SECRET or len(set(value)) < LETTERS or not value.isprintable():
        raise Malformed(
            f"A secret has at least {MIN_SECRET} bytes, and not the same few again and again.", field="secret"
        )
    return Key(kind, value, kid)


def _check_address(url: str, kid: str | None) -> None:
    if not is_http_url(url):
        raise Malformed(f"The JWKS URL must be an absolute http(s) URL, not {url!r}.", field="jwks_url")
    if kid is not None:
        raise Malformed("The keys of a JWKS have their kids in the document.", field="kid")


def add_key(tx: Transaction, site: Site, key: Key, user_id: int | None = None) -> int:
    """Let tokens in that this key signed, from now on, beside those of the keys that are there; its number. Raises
    Conflict if there is the same key, or another with its kid.
    """
    known = rows.read_keys(tx.conn, site.id)
    if any((one.kind, one.value) == (key.kind, key.value) for one in known):
        raise Conflict("key_exists", "The site has this key already.")
    if key.kid is not None and any(one.kid == key.kid for one in known):
        raise Conflict("key_exists", f"Another key of the site has the kid {key.kid!r}: revoke it first.")
    if len(known) >= MOST_KEYS:
        raise Conflict("too_many_keys", f"A site has at most {MOST_KEYS} keys: revoke those that nobody signs with.")
    made = rows.insert_key(tx.conn, site.id, key.kind, key.value, tx.now, key.kid)
    after = {"key": made, "kind": key.kind, "kid": key.kid}
    after |= {"url": key.value} if key.kind == "jwks" else {}
    write_audit(tx.conn, "add_key", ("site", site.id), tx.now, site_id=site.id, user_id=user_id, after=after)
    return made


def revoke_key(tx: Transaction, site: Site, number: int, user_id: int | None = None) -> int:
    """No token that this key signs is taken any more, by any process; how many keys are left. What was exchanged
    before goes on to its end, ten minutes at most: see `end_access`. Raises NotFound.
    """
    known = rows.read_keys(tx.conn, site.id)
    found = next((one for one in known if one.id == number), None)
    if found is None:
        raise NotFound("key")
    rows.revoke_key(tx.conn, number, tx.now)
    before = {"key": number, "kind": found.kind, "kid": found.kid}
    about: dict[str, Any] = {"site_id": site.id, "user_id": user_id, "before": before}
    write_audit(tx.conn, "revoke_key", ("site", site.id), tx.now, **about)
    return len(known) - 1


def end_access(database: Database, site: Site, user_id: int | None = None) -> int:
    """End every access token of a site at once: whoever holds one exchanges a new token of the publisher's. Chunk by
    chunk, so that nobody waits for long; how many members.
    """
    ended, after = 0, 0
    while True:
        with database.transaction() as tx:
            ids = end_tokens(tx.conn, site.id, after, CHUNK)
            if not ids:
                rows.raise_version(tx.conn, site.id)  # processes with sockets look at all of the site's again
                about: dict[str, Any] = {"site_id": site.id, "user_id": user_id, "after": {"members": ended}}
                write_audit(tx.conn, "end_access", ("site", site.id), tx.now, **about)
                return ended
        ended, after = ended + len(ids), ids[-1]
