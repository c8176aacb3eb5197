"""Reading all comments of a site, in the order of their ids, for an archive or a table: parents come before replies.

By keyset, some hundreds at a time, so that memory stays what it is; the caller brings one snapshot.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from comments.storage.tables import Id, articles, comments, edits, members

CHUNK = 500

c = comments.c
_parent = comments.alias("parent")
_READ = (
    sa.select(
        c.id, c.source, c.html, c.tree, c.text, c.status, c.created_at, c.edited_at, c.reactions, c.picked_at,
        c.locked_at, c.question, c.by_author, c.archive_key, c.recommends, c.reply_count, c.depth, c.language,
        members.c.sub, members.c.name, articles.c.key.label("article"), articles.c.url, articles.c.title,
        articles.c.section, articles.c.mode, _parent.c.id.label("parent_id"),
        _parent.c.created_at.label("parent_created_at"), _parent.c.archive_key.label("parent_archive_key"),
    )
    .select_from(comments)
    .join(articles, articles.c.id == c.article_id)
    .outerjoin(members, members.c.id == c.member_id)
    .outerjoin(_parent, _parent.c.id == c.parent_id)
    .where(c.id > sa.bindparam("after", type_=Id), c.site_id == sa.bindparam("site", type_=Id))
    .order_by(c.id)
    .limit(CHUNK)
)  # fmt: skip


def count_comments(conn: sa.Connection, site_id: int) -> int:
    """How many comments a site has, of every status."""
    query = sa.select(sa.func.count()).select_from(comments).where(c.site_id == site_id)
    return int(conn.execute(query).scalar_one())


def read_site(conn: sa.Connection, site_id: int) -> Iterator[Sequence[Any]]:
    """All comments of a site with their articles, authors and parents, chunk by chunk."""
    after = 0
    while rows := conn.execute(_READ, {"after": after, "site": site_id}).all():
        yield rows
        after = rows[-1].id


def read_edits(conn: sa.Connection, comment_ids: Sequence[int]) -> dict[int, list[Any]]:
    """Earlier texts of these comments, oldest first, by comment."""
    found: dict[int, list[Any]] = {}
    query = sa.select(edits).where(edits.c.comment_id.in_(comment_ids)).order_by(edits.c.id)
    for row in conn.execute(query):
        found.setdefault(row.comment_id, []).append(row)
    return found
