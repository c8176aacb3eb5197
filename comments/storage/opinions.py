"""Classifiers of sites, what they said about comments, and the findings that came of it."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from comments.storage.tables import Id, articles, classifiers, comments, findings, members, opinions, sites

k, o, f = classifiers.c, opinions.c, findings.c

_ASKED_ABOUT = (
    sa.select(
        comments.c.id, comments.c.site_id, comments.c.member_id, comments.c.parent_id, comments.c.text,
        comments.c.language, comments.c.status, comments.c.version, comments.c.edited_at,
        members.c.name.label("author_name"), articles.c.key.label("article_key"), articles.c.url.label("article_url"),
        sites.c.key.label("site_key"), sites.c.origins.label("site_origins"),
    )
    .join(articles, articles.c.id == comments.c.article_id)
    .join(sites, sites.c.id == comments.c.site_id)
    .outerjoin(members, members.c.id == comments.c.member_id)
    .where(comments.c.id == sa.bindparam("comment", type_=Id))
)  # fmt: skip

_OPINIONS = (
    sa.select(opinions)
    .where(o.comment_id.in_(sa.bindparam("ids", type_=Id, expanding=True)))
    .order_by(o.comment_id, o.id)
    .limit(5000)
)


def asked_about(conn: sa.Connection, comment_id: int) -> Any:
    """A comment with what a classifier may know of it, or None."""
    return conn.execute(_ASKED_ABOUT, {"comment": comment_id}).first()


def read_classifiers(conn: sa.Connection, site_id: int) -> Sequence[Any]:
    """A site's classifiers by name, with their secrets: for those who ask, and to say whether there is one."""
    return conn.execute(sa.select(classifiers).where(k.site_id == site_id).order_by(k.name)).all()


def find_classifier(conn: sa.Connection, site_id: int, name: str, *, lock: bool = False) -> Any:
    query = sa.select(classifiers).where(k.site_id == site_id, k.name == name)
    return conn.execute(query.with_for_update() if lock else query).first()


def insert_classifier(conn: sa.Connection, **columns: Any) -> int:
    return int(conn.execute(sa.insert(classifiers).values(**columns).returning(k.id)).scalar_one())


def update_classifier(conn: sa.Connection, classifier_id: int, **change: Any) -> None:
    conn.execute(sa.update(classifiers).where(k.id == classifier_id).values(**change))


def delete_classifier(conn: sa.Connection, classifier_id: int) -> None:
    conn.execute(sa.delete(classifiers).where(k.id == classifier_id))


def tell_trouble(conn: sa.Connection, site_id: int, name: str, trouble: str | None) -> None:
    """Write down that a classifier does not answer (JSON), or that it does again."""
    conn.execute(sa.update(classifiers).where(k.site_id == site_id, k.name == name).values(trouble=trouble))


def insert_opinion(conn: sa.Connection, **columns: Any) -> None:
    conn.execute(sa.insert(opinions).values(**columns))


def read_opinions(conn: sa.Connection, ids: Sequence[int]) -> dict[int, list[Any]]:
    """What classifiers said about these comments, oldest first, by comment id."""
    found: dict[int, list[Any]] = {}
    for row in conn.execute(_OPINIONS, {"ids": ids}):
        found.setdefault(row.comment_id, []).append(row)
    return found


def open_findings(conn: sa.Connection, comment_id: int) -> list[tuple[int, dict[str, Any]]]:
    """The findings that stand on a comment, with their ids."""
    query = sa.select(f.id, f.finding).where(f.comment_id == comment_id, f.superseded_at.is_(None)).order_by(f.id)
    return [(row.id, msgspec.json.decode(row.finding)) for row in conn.execute(query)]


def put_aside(conn: sa.Connection, ids: Sequence[int], now: int) -> None:
    """These findings do not stand any more."""
    conn.execute(sa.update(findings).where(f.id.in_(ids)).values(superseded_at=now))


def risk_of_comment(conn: sa.Connection, comment_id: int) -> int:
    return int(conn.execute(sa.select(comments.c.risk).where(comments.c.id == comment_id)).scalar_one())


def set_risk(conn: sa.Connection, comment_id: int, risk: int) -> None:
    """No new version: nothing changes that a decision rests on."""
    conn.execute(sa.update(comments).where(comments.c.id == comment_id).values(risk=risk))
