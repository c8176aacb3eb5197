"""What the queues' filters can be set to: the sections, languages and rules that were seen lately."""

from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from comments.storage.queues import QUEUES, in_sections
from comments.storage.tables import Id, articles, comments, findings

c, a = comments.c, articles.c

LATEST = 500  # comments of each queue, and articles, that are looked at
_SITE = sa.bindparam("site", type_=Id)


def read_menus(conn: sa.Connection, site_id: int, sections: frozenset[str] | None) -> dict[str, list[str]]:
    """Sections of the site's latest articles, languages and rules of what came to the queues last, by name. For a
    moderator of sections theirs alone.
    """
    site = {"site": site_id}
    return {
        "sections": sorted(sections) if sections is not None else _names(conn, _sections(), site),
        "languages": _names(conn, _languages(sections), site),
        "rules": _rules(conn, sections, site),
    }


def _names(conn: sa.Connection, query: Any, values: dict[str, int]) -> list[str]:
    return sorted(name for name in conn.execute(query, values).scalars() if name)


@lru_cache(maxsize=1)
def _sections() -> sa.Select[Any]:
    latest = sa.select(a.section).where(a.site_id == _SITE).order_by(a.id.desc()).limit(LATEST).subquery()
    return sa.select(latest.c.section).distinct()


@lru_cache(maxsize=100)
def _languages(sections: frozenset[str] | None) -> sa.CompoundSelect[Any]:
    latest = [_latest(queue, sections) for queue in ("waiting", "reported", "new")]
    return sa.union(*(sa.select(one.c.language) for one in latest))


def _rules(conn: sa.Connection, sections: frozenset[str] | None, site: dict[str, int]) -> list[str]:
    ids = list(conn.execute(_held(sections), site).scalars())
    stands = sa.select(findings.c.rule).where(findings.c.comment_id.in_(ids), findings.c.superseded_at.is_(None))
    return _names(conn, stands.distinct(), {})


@lru_cache(maxsize=100)
def _held(sections: frozenset[str] | None) -> sa.CompoundSelect[Any]:
    return sa.union(*(sa.select(_latest(queue, sections).c.id) for queue in ("waiting", "reported")))


def _latest(queue: str, sections: frozenset[str] | None) -> sa.Subquery:
    latest = sa.select(c.id, c.language, c.article_id).where(c.site_id == _SITE, QUEUES[queue])
    walk = latest.order_by(c.created_at.desc(), c.id.desc()).limit(LATEST)
    if sections is None:
        return walk.subquery()
    ids = sa.select(walk.subquery().c.id)
    return sa.select(c.id, c.language, c.article_id).where(c.id.in_(ids), in_sections(sections)).subquery()
