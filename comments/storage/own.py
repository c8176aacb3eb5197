"""What a member has of their own in a thread besides comments, and whom they muted: in one read, every reader who is
signed in asks for it.
"""

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from comments.storage.tables import Id, follows, mutes, reactions

MOST = 10_000  # reactions under one article, members muted
MOST_FOLLOWED = 1000  # things in one thread

_MEMBER, _ARTICLE = sa.bindparam("member", type_=Id), sa.bindparam("article", type_=Id)


def _some(what: str, table: sa.Table, about: sa.Column[int], kind: sa.ColumnElement[str], most: int) -> sa.Select[Any]:
    rows: Any = sa.select(sa.literal_column(f"'{what}'").label("what"), about.label("about"), kind.label("kind"))
    rows = rows.where(table.c.member_id == _MEMBER)
    if "article_id" in table.c:
        rows = rows.where(table.c.article_id == _ARTICLE)
    return sa.select(rows.limit(sa.literal_column(f"{most}")).subquery())


_OWN = sa.union_all(
    _some("reaction", reactions, reactions.c.comment_id, reactions.c.kind, MOST),
    _some("mute", mutes, mutes.c.muted_id, sa.literal_column("''"), MOST),
    _some("follow", follows, follows.c.comment_id, sa.literal_column("''"), MOST_FOLLOWED),
)


@dataclass(slots=True)
class Own:
    """Kinds of reactions by comment id, members muted, comments followed, and whether the thread itself is."""

    reactions: dict[int, list[str]] = field(default_factory=dict)
    mutes: list[int] = field(default_factory=list)
    follows: list[int] = field(default_factory=list)
    follows_thread: bool = False


def read_own(conn: sa.Connection, member_id: int, article_id: int | None) -> Own:
    """What a member reacted to and follows under an article (None: one that nobody has written under), and their
    mutes.
    """
    own = Own()
    found: Any = conn.execute(_OWN, {"member": member_id, "article": article_id or 0})
    for what, about, kind in sorted(found, key=_order):
        if what == "reaction":
            own.reactions.setdefault(about, []).append(kind)
        elif what == "mute":
            own.mutes.append(about)
        elif about is None:
            own.follows_thread = True
        else:
            own.follows.append(about)
    return own


def _order(row: tuple[str, int | None, str]) -> tuple[str, int, str]:
    return row[0], row[1] or 0, row[2]
