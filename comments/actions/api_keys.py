"""What happens to keys of the publishers' API: made, shown this once, and revoked. Called by the console and the
command line; never by a key.
"""

import secrets
from collections.abc import Sequence
from typing import Any

import msgspec

from comments.actions.moderation import release_all
from comments.core.api_keys import BYTES, SHOWN, Scope, digest_of_key, key_of
from comments.core.errors import Conflict, Malformed, NotFound
from comments.core.identity import Viewer
from comments.core.markup import clean_line
from comments.core.policy import Action, Subject, require
from comments.storage import api_keys as rows
from comments.storage.audit import write_audit
from comments.storage.sites import Site, lock_site
from comments.storage.transaction import Transaction

MOST_KEYS = 50  # of a site that count
LONGEST_NAME = 60  # characters


def make_api_key(
    tx: Transaction, viewer: Viewer | None, site: Site, name: str, scopes: Sequence[str], expires_at: int | None
) -> tuple[Any, str]:
    """The key's row, and the key itself: it is kept nowhere. `viewer` None: the command line; `expires_at`: µs UTC,
    None for a key that ends by being revoked alone. Raises Malformed naming the field, Conflict (key_exists,
    too_many_keys).
    """
    _require(tx, viewer, site)
    name, wanted = clean_line(name, LONGEST_NAME + 1), _scopes(scopes)
    if not 0 < len(name) <= LONGEST_NAME:
        raise Malformed(f"A key has a name of at most {LONGEST_NAME} characters: what uses it.", field="name")
    if expires_at is not None and expires_at <= tx.now:
        raise Malformed("The key would be over already: give a time that is to come.", field="expires_at")
    lock_site(tx.conn, site.id)
    living = rows.living_keys(tx.conn, site.id, tx.now)
    if any(one.name == name for one in living):
        raise Conflict("key_exists", f"Another key of the site is called {name!r}: revoke it first, or say “2”.")
    if len(living) >= MOST_KEYS:
        raise Conflict("too_many_keys", f"A site has at most {MOST_KEYS} keys: revoke those that nobody uses.")
    key = key_of(secrets.token_bytes(BYTES))
    row = rows.insert_api_key(
        tx.conn,
        f"{name} (API key)",
        site_id=site.id,
        made_by=None if viewer is None else viewer.id,
        name=name,
        digest=digest_of_key(key),
        prefix=key[:SHOWN],
        scopes=msgspec.json.encode(wanted).decode(),
        created_at=tx.now,
        expires_at=expires_at,
    )
    _log(tx, viewer, "add_api_key", row, after=_told(row))
    return row, key


def _require(tx: Transaction, viewer: Viewer | None, site: Site) -> None:
    if viewer is not None:
        require(viewer, Action.MANAGE_API_KEYS, Subject(site.id, site.settings), tx.now)


def _scopes(given: Sequence[str]) -> list[str]:
    """Each once, in the order in which they are explained. Raises Malformed."""
    unknown = sorted(set(given) - set(Scope))
    if unknown or not given:
        raise Malformed(f"Scopes are {', '.join(Scope)}: name one at least.", field="scopes")
    return [scope for scope in Scope if scope in given]


def _told(row: Any) -> dict[str, Any]:
    return {"api_key": str(row.id), "name": row.name, "prefix": row.prefix, "scopes": msgspec.json.decode(row.scopes)}


def revoke_api_key(tx: Transaction, viewer: Viewer | None, site: Site, key_id: int) -> Any:
    """End a key at once, in every process: each asks for the row with every request. What it has claimed is free again.
    Once more changes nothing. The row as it is then; raises NotFound.
    """
    _require(tx, viewer, site)
    row = rows.lock_api_key(tx.conn, site.id, key_id)
    if row is None:
        raise NotFound("API key")
    if row.revoked_at is None:
        release_all(tx, rows.viewer_of_key(row))
        rows.revoke_api_key(tx.conn, row, tx.now)
        _log(tx, viewer, "revoke_api_key", row, before=_told(row))
    return row


def _log(tx: Transaction, viewer: Viewer | None, action: str, row: Any, **change: Any) -> None:
    by = None if viewer is None else viewer.id
    write_audit(tx.conn, action, ("site", row.site_id), tx.now, site_id=row.site_id, user_id=by, **change)
