"""What the reports of Articles 15 and 24 of the Digital Services Act count: notices, restrictions, complaints and
machines. Of one site and time, by the indexes of when things happened.
"""

from collections import Counter
from collections.abc import Iterable
from statistics import median
from typing import Any

import sqlalchemy as sa

from comments.core.law.categories import ABOUT, named
from comments.storage.tables import appeals, complaints, notices, statements

n, s, k, a = notices.c, statements.c, complaints.c, appeals.c
SECOND = 1_000_000  # µs
MOST = 100_000  # times of which a median is taken: the newest
WARNING = "warn"  # restricts nothing

Json = dict[str, Any]


def count_all(conn: sa.Connection, site_id: int, since: int, until: int) -> Json:
    """All figures of a time, from `since` to before `until` (µs UTC)."""
    restrictions, automation = _restrictions(conn, site_id, since, until)
    return {
        "notices": _notices(conn, site_id, since, until),
        "restrictions": restrictions,
        "complaints": _complaints(conn, site_id, since, until),
        "automation": automation,
    }


def _within(table: sa.Table, site_id: int, since: int, until: int) -> list[sa.ColumnElement[bool]]:
    return [table.c.site_id == site_id, table.c.created_at >= since, table.c.created_at < until]


def _sorted(counted: Counter[str]) -> list[Json]:
    return [{"key": key, "number": number} for key, number in sorted(counted.items())]


def _median(times: Iterable[int]) -> int | None:
    found = list(times)
    return int(median(found)) // SECOND if found else None


def _notices(conn: sa.Connection, site_id: int, since: int, until: int) -> Json:
    here = _within(notices, site_id, since, until)
    query = sa.select(n.about, n.rank, n.outcome, sa.func.count().label("number")).where(*here)
    rows = conn.execute(query.group_by(n.about, n.rank, n.outcome)).all()
    by_category: Counter[str] = Counter()
    for row in rows:
        by_category[ABOUT[row.about][0]] += row.number
    took = sa.select((n.decided_at - n.created_at).label("took")).where(*here, n.decided_at.is_not(None))
    grounds = sa.select(s.ground, sa.func.count(s.notice_id.distinct()).label("number"))
    grounds = grounds.where(*_within(statements, site_id, since, until), s.notice_id.is_not(None)).group_by(s.ground)
    by_ground = {row.ground: row.number for row in conn.execute(grounds)}
    return {
        "received": sum(row.number for row in rows),
        "by_category": _sorted(by_category),
        "of_trusted_flaggers": sum(row.number for row in rows if row.rank == 0),
        "decided": sum(row.number for row in rows if row.outcome is not None),
        "restricted": sum(row.number for row in rows if row.outcome == "restricted"),
        "by_law": by_ground.get("law", 0),
        "by_terms": by_ground.get("terms", 0),
        "median_seconds": _median(conn.execute(took.order_by(n.created_at.desc()).limit(MOST)).scalars()),
        "automated": 0,  # no program decides about notices
    }


def _restrictions(conn: sa.Connection, site_id: int, since: int, until: int) -> tuple[Json, Json]:
    columns = (s.measure, s.about, s.reason, s.source, s.ground, s.automated_detection, s.automated_decision)
    ended = sa.func.coalesce(s.ended_by, "").label("ended")
    query = sa.select(*columns, ended, sa.func.count().label("number"))
    query = query.where(*_within(statements, site_id, since, until), s.measure != WARNING)
    rows = [row for row in conn.execute(query.group_by(*columns, ended)) if row.ended != "undone"]
    counted: dict[str, Counter[str]] = {
        name: Counter() for name in ("measure", "category", "source", "ground", "detection", "decision")
    }
    for row in rows:
        counted["measure"][row.measure] += row.number
        counted["category"][named(row.about, row.reason)[0]] += row.number
        counted["source"][row.source] += row.number
        counted["ground"][row.ground] += row.number
        counted["detection"]["yes" if row.automated_detection else "no"] += row.number
        counted["decision"][row.automated_decision] += row.number
    shown = {f"by_{name}": _sorted(numbers) for name, numbers in counted.items()}
    return {"total": sum(row.number for row in rows)} | shown, _automation(conn, rows, site_id, since, until)


def _automation(conn: sa.Connection, rows: list[Any], site_id: int, since: int, until: int) -> Json:
    """How far machines decided, and how often a person who looked again said otherwise."""
    alone = [row for row in rows if row.automated_decision == "fully"]
    overturned = sum(row.number for row in alone if row.ended == "overturned")
    decided = sa.select(a.id).where(a.comment_id == s.comment_id, a.outcome.in_(("upheld", "overturned")))
    query = sa.select(sa.func.count()).select_from(statements)
    query = query.where(
        *_within(statements, site_id, since, until), s.automated_decision == "fully",
        sa.func.coalesce(s.ended_by, "") != "undone", decided.correlate(statements).exists(),
    )  # fmt: skip
    appealed = int(conn.execute(query).scalar_one())
    return {
        "decided_alone": sum(row.number for row in alone),
        "helped": sum(row.number for row in rows if row.automated_decision == "partly"),
        "appealed": appealed,
        "overturned": overturned,
        "error_rate": round(min(1.0, overturned / appealed), 4) if appealed else None,
    }


def _complaints(conn: sa.Connection, site_id: int, since: int, until: int) -> Json:
    """Appeals about comments and complaints about the rest: the law knows one kind."""
    outcomes: Counter[str] = Counter()
    took: list[int] = []
    for table in (complaints, appeals):
        here = _within(table, site_id, since, until)
        query = sa.select(table.c.outcome, sa.func.count().label("number")).where(*here).group_by(table.c.outcome)
        for row in conn.execute(query):
            outcomes[row.outcome or "open"] += row.number
        times = sa.select(table.c.decided_at - table.c.created_at).where(*here, table.c.outcome.is_not(None))
        took += conn.execute(times.order_by(table.c.created_at.desc()).limit(MOST)).scalars()
    return {
        "received": sum(outcomes.values()),
        "decided": outcomes["upheld"] + outcomes["overturned"],
        "overturned": outcomes["overturned"],
        "upheld": outcomes["upheld"],
        "median_seconds": _median(took),
    }


def flat(found: Json) -> list[tuple[str, str, str]]:
    """The same as rows of a table: section, name, number."""
    rows: list[tuple[str, str, str]] = []
    for section, figures in found.items():
        for name, value in figures.items():
            if isinstance(value, list):
                rows += [(section, f"{name} {one['key']}", str(one["number"])) for one in value]
            else:
                rows.append((section, name, "" if value is None else str(value)))
    return rows
