"""The newsroom's picks of a whole site, newest first. Written when somebody picks; whether the public still sees a
comment is asked when the list is read.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from comments.storage.tables import comments, site_picks

c, p = comments.c, site_picks.c
CANDIDATES = 40  # of these some may be withdrawn by now


def put_site_pick(conn: sa.Connection, comment: Any, picked_at: int | None) -> None:
    """Take a comment in, or (None) out."""
    conn.execute(sa.delete(site_picks).where(p.comment_id == comment.id))
    if picked_at is not None:
        row = {"comment_id": comment.id, "site_id": comment.site_id, "picked_at": picked_at}
        conn.execute(sa.insert(site_picks), row)


def copy_picks(conn: sa.Connection, after: int, upto: int) -> None:
    """Take in what was picked before there was this list, among the comments with these ids."""
    picked = sa.select(c.id, c.site_id, c.picked_at).where(c.id > after, c.id <= upto, c.picked_at.is_not(None))
    insert = (postgresql if conn.dialect.name == "postgresql" else sqlite).insert(site_picks)
    conn.execute(insert.from_select(["comment_id", "site_id", "picked_at"], picked).on_conflict_do_nothing())


def read_site_picks(conn: sa.Connection, site_id: int) -> list[int]:
    """Ids of the last picks, newest first, rather too many: the caller asks what the public sees of them."""
    query = sa.select(p.comment_id).where(p.site_id == site_id).order_by(p.picked_at.desc(), p.comment_id.desc())
    return list(conn.execute(query.limit(CANDIDATES)).scalars())
