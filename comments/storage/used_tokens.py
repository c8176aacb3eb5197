"""Publishers' tokens that were taken, on sites where each counts once. Written with what the token brought about, so
that neither is without the other.
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from comments.storage.tables import used_tokens

u = used_tokens.c
KEPT = 3600 * 1_000_000  # µs after a token's end: processes' clocks may differ, or be set back
CHUNK = 5000


def use_token(conn: sa.Connection, site_id: int, jti: str, expires: int) -> bool:
    """Write down that this token counted; False if it had counted before. Of two at once the later waits for the
    earlier's commit. `expires`: µs, of the token.
    """
    insert = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    row = {"site_id": site_id, "jti": jti, "expires_at": expires}
    taken = insert(used_tokens).values(row).on_conflict_do_nothing().returning(u.jti)
    return conn.execute(taken).first() is not None


def prune(conn: sa.Connection, now: int) -> int:
    """Forget tokens that would be refused as expired anyway, up to CHUNK of them; how many."""
    old = sa.select(u.site_id, u.jti).where(u.expires_at < now - KEPT).order_by(u.expires_at).limit(CHUNK)
    return conn.execute(sa.delete(used_tokens).where(sa.tuple_(u.site_id, u.jti).in_(old))).rowcount
