"""Subscriptions that a gate led to: sums by day, gate and article, from which nobody can be told."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from comments.storage.tables import articles, conversions

DAY = 86_400 * 1_000_000  # µs
MOST = 100  # articles
v = conversions.c


def count_conversion(conn: sa.Connection, site_id: int, now: int, gate: str, article_id: int) -> None:
    """One more. `article_id` 0: nobody knows."""
    insert = (postgresql if conn.dialect.name == "postgresql" else sqlite).insert(conversions)
    row = {"site_id": site_id, "day": now // DAY, "gate": gate, "article_id": article_id, "number": 1}
    change = insert.values(row).on_conflict_do_update(
        index_elements=["site_id", "day", "gate", "article_id"], set_={"number": v.number + 1}
    )
    conn.execute(change)


def read_gates(conn: sa.Connection, site_id: int, start: int, end: int) -> Sequence[Any]:
    """(gate, number) of the days that begin from `start` to before `end` (µs UTC)."""
    number = sa.cast(sa.func.sum(v.number), sa.BigInteger).label("number")
    query = sa.select(v.gate, number).where(*_of(site_id, start, end)).group_by(v.gate)
    return conn.execute(query.order_by(number.desc(), v.gate)).all()


def read_gates_of_sections(conn: sa.Connection, site_id: int, start: int, end: int) -> Sequence[Any]:
    """(section, number): None for articles without one and for what nobody knows the article of."""
    number = sa.cast(sa.func.sum(v.number), sa.BigInteger).label("number")
    query = sa.select(articles.c.section, number).select_from(
        conversions.outerjoin(articles, articles.c.id == v.article_id)
    )
    query = query.where(*_of(site_id, start, end)).group_by(articles.c.section)
    return conn.execute(query.order_by(number.desc(), articles.c.section).limit(MOST)).all()


def read_gates_of_articles(conn: sa.Connection, site_id: int, start: int, end: int) -> Sequence[Any]:
    """The articles with most of them."""
    a = articles.c
    number = sa.cast(sa.func.sum(v.number), sa.BigInteger).label("number")
    query = sa.select(a.key, a.title, a.url, a.section, number).join_from(conversions, articles, a.id == v.article_id)
    query = query.where(*_of(site_id, start, end)).group_by(a.key, a.title, a.url, a.section)
    return conn.execute(query.order_by(number.desc(), a.key).limit(MOST)).all()


def _of(site_id: int, start: int, end: int) -> tuple[sa.ColumnElement[bool], ...]:
    return v.site_id == site_id, v.day >= start // DAY, v.day < -(-end // DAY)
