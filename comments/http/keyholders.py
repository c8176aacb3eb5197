"""Programs that show a key of the publishers' API in place of a session: which addresses it opens, and whose it is.
Each request asks the database, so that a revoked key is refused at once by every process.
"""

from contextlib import suppress

from comments.core.api_keys import digest_of_key, is_key
from comments.core.errors import Forbidden, Unauthenticated, Unavailable
from comments.core.identity import Viewer
from comments.core.times import time_text
from comments.http.request import parts
from comments.storage import api_keys

KEYS_OPEN = tuple(f"/api/v1/console/{what}/" for what in ("sites", "comments", "members", "decisions", "appeals"))


def keyholder(header: str, path: str) -> Viewer:
    """Whose key of the publishers' API this Authorization header shows. Raises Unauthenticated (key_invalid,
    key_revoked, key_expired), Forbidden (key_not_here) at addresses that are about no site's own things.
    """
    scheme, _, shown = header.partition(" ")
    if scheme.lower() != "bearer" or not is_key(shown.strip(" ")):
        raise Unauthenticated("key_invalid", "Send a key of this API: “Authorization: Bearer cak_…”.")
    database = parts().database
    with database.read() as conn:
        row = api_keys.find_by_digest(conn, digest_of_key(shown.strip(" ")))
    now = database.clock()
    if row is None:
        raise Unauthenticated("key_invalid", "There is no such key: it is mistyped, or of another service.")
    if row.revoked_at is not None:
        raise Unauthenticated("key_revoked", "This key is revoked: ask an administrator of the site for another.")
    if row.expires_at is not None and row.expires_at <= now:
        raise Unauthenticated("key_expired", f"This key ended at {time_text(row.expires_at)}: make another.")
    if not path.startswith(KEYS_OPEN):
        raise Forbidden("key_not_here", f"Keys open a site's own addresses alone: {', '.join(KEYS_OPEN)}…")
    if row.used_at is None or now - row.used_at >= api_keys.USED_EVERY:
        with suppress(Unavailable), database.transaction() as tx:
            api_keys.use_api_key(tx.conn, row.id, tx.now)
    return api_keys.viewer_of_key(row)
