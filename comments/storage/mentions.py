"""Who is in a thread, by name: for mentions, and for completing them. In it are those of whom it shows a comment."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from comments.core.status import Status
from comments.storage.tables import Id, comments, members, mutes

MOST_NAMED = 50  # people of one name, or of some names, that are looked at
NEWEST = 40  # roots whose authors are offered first
MOST_TRIED = 300  # people of a site whose names begin alike that are looked for in the thread

c, m = comments.c, members.c

_ARTICLE, _SITE = sa.bindparam("article", type_=Id), sa.bindparam("site", type_=Id)


def _is_there(rows: sa.Select[Any]) -> sa.ColumnElement[bool]:
    """Whether there is such a row, looked up for each person: of an EXISTS PostgreSQL may read the whole table once."""
    return rows.limit(sa.literal_column("1")).scalar_subquery().is_not(None)


def _named(people: Any) -> sa.Select[Any]:
    """Of these, which have `id` and `name_key`, those who wrote in the thread."""
    wrote: sa.Select[Any] = sa.select(sa.literal_column("1")).where(
        c.article_id == _ARTICLE, c.member_id == people.c.id, sa.text("comments.status = 'published'")
    )
    deaf: sa.Select[Any] = sa.select(sa.literal_column("1")).where(
        mutes.c.member_id == people.c.id, mutes.c.muted_id == sa.bindparam("by", type_=Id)
    )
    query = sa.select(people.c.id, people.c.name_key, _is_there(deaf.correlate(people)).label("deaf"))
    return query.where(_is_there(wrote.correlate(people))).order_by(people.c.id).limit(MOST_NAMED)


def _named_in_postgresql() -> sa.Select[Any]:
    """Name by name: for a list of names it reads all members where it thinks them few."""
    names = sa.func.unnest(sa.bindparam("keys", type_=postgresql.ARRAY(sa.Text()))).table_valued("key")
    wanted = names.render_derived(name="wanted")
    some = sa.select(m.id, m.name_key).where(m.site_id == _SITE, m.name_key == wanted.c.key)
    people = some.limit(sa.literal_column(f"{MOST_TRIED}")).lateral("people")
    return _named(people).select_from(sa.join(wanted, people, sa.true()))


_KEYS = sa.bindparam("keys", type_=sa.Text(), expanding=True)
_NAMED = {
    "sqlite": _named(members).where(m.site_id == _SITE, m.name_key.in_(_KEYS)),
    "postgresql": _named_in_postgresql(),
}


def read_named(conn: sa.Connection, site_id: int, article_id: int, keys: Collection[str], by: int) -> Sequence[Any]:
    """The people in this thread who have one of these names, those who are here longest first; `deaf`: they have muted
    `by`.
    """
    return conn.execute(
        _NAMED[conn.dialect.name], {"site": site_id, "article": article_id, "keys": sorted(keys), "by": by}
    ).all()


_PERSON = (m.id, m.id.label("member_id"), m.name, m.name_key, m.avatar, m.badges)
_RECENT = (
    sa.select(*_PERSON)
    .add_columns(c.status)
    .select_from(comments.outerjoin(members, m.id == c.member_id))
    .where(c.article_id == _ARTICLE, sa.text("comments.depth = 0"), sa.text("comments.shown"))  # as the index says it
    .order_by(c.created_at.desc(), c.id.desc())
    .limit(NEWEST)
)


def _begins(at_least: str, below: str) -> sa.Select[Any]:
    """By the order of characters: that of the database's language may be another, which no index knows."""
    some = (
        sa.select(*_PERSON)
        .where(
            m.site_id == _SITE,
            m.name_key.op(at_least, is_comparison=True)(sa.bindparam("prefix", type_=sa.Text())),
            m.name_key.op(below, is_comparison=True)(sa.bindparam("end", type_=sa.Text())),
        )
        .limit(MOST_TRIED)
        .subquery("m")
    )
    wrote = sa.select(sa.literal(1)).where(
        c.article_id == _ARTICLE, c.member_id == some.c.id, sa.text("comments.status = 'published'")
    )
    return sa.select(some).where(wrote.exists()).limit(sa.bindparam("most", type_=sa.Integer()))


_BEGINS = {"sqlite": _begins(">=", "<"), "postgresql": _begins("~>=~", "~<~")}


def read_people(conn: sa.Connection, site_id: int, article_id: int, prefix: str, but: int, most: int) -> Sequence[Any]:
    """People in this thread whose folded names begin like this, but one who asks: those who began something lately,
    then others. Where thousands at the site have such a name, not everybody in the thread may be among those tried.
    """
    asked = {"site": site_id, "article": article_id, "prefix": prefix, "end": f"{prefix}\U0010ffff", "most": most + 1}
    recent = conn.execute(_RECENT, {"article": article_id}).all()
    shown = [row for row in recent if row.status == Status.PUBLISHED and row.id is not None]
    found = {row.id: row for row in shown if (row.name_key or "").startswith(prefix)}
    if prefix and len(found) <= most:
        found |= {row.id: row for row in conn.execute(_BEGINS[conn.dialect.name], asked) if row.id not in found}
    return [row for row in found.values() if row.id != but and row.name][:most]
