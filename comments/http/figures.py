"""The console's figures: what the worker counted, put together into days or hours; as JSON and as CSV."""

import csv
import io
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from comments.core.errors import Malformed
from comments.core.figures import Span, cell, local_text, quantile, read_span
from comments.core.identity import Viewer
from comments.core.moderation.ruleset import zone
from comments.core.policy import Action, Subject, may
from comments.core.present import Json
from comments.core.times import time_text
from comments.http import schemas
from comments.http.gates import UTC, shown
from comments.http.moderation import moderated_site
from comments.http.openapi import operation
from comments.http.request import answer, parts
from comments.http.sessions import console_blueprint
from comments.storage import figures as stored
from comments.storage import gates
from comments.storage.rules import rules_of
from comments.storage.sites import Site

blueprint = console_blueprint("figures")
RANGE = {
    "from": "a day, or a time with its offset; by default 30 days (24 hours) before the end",
    "to": "a day, which is included, or a time; by default now",
    "by": "day (at most 92) or hour (at most 14 days)",
}
OF_GATES = {
    "gates": gates.read_gates,
    "gate_sections": gates.read_gates_of_sections,
    "gate_articles": gates.read_gates_of_articles,
}
TABLES = ("series", "rules", "reasons", "moderators", *OF_GATES)

Sums = Counter[tuple[str, str]]  # (name, key) as in storage/figures.py


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, found: `steps` are the days or hours with what happened in each."""

    viewer: Viewer
    by: str
    span: Span
    zone: Any
    steps: list[tuple[Span, Sums]]
    total: Sums
    names: dict[int, str]
    sees_all: bool  # moderators: of everybody, else of oneself alone
    counted: int | None
    to_count: int


@blueprint.get("/sites/<site>/figures")
@operation(
    "Volume, held share, time to decision, rules, reasons and moderators",
    security="console",
    query=RANGE,
    answers={200: schemas.Figures},
)
def figures(site: str) -> Response:
    asked = _asked(site)
    shown = {
        "by": asked.by,
        "from": local_text(asked.span.start, asked.zone),
        "to": local_text(asked.span.end, asked.zone),
        "time_zone": str(asked.zone),
        "as_of": time_text(asked.counted),
        "hours_to_count": asked.to_count,
        "series": [{"at": local_text(step.start, asked.zone)} | _row(sums) for step, sums in asked.steps],
        "total": _row(asked.total),
        "rules": _rules(asked),
        "reasons": _reasons(asked),
        "moderators": _moderators(asked),
        "moderators_shown": "all" if asked.sees_all else "own",
    }
    return answer(shown)


@blueprint.get("/sites/<site>/figures.csv")
@operation(
    "The same as a table for spreadsheets",
    security="console",
    query=RANGE | {"table": f"series (default), {', '.join(TABLES[1:])}; those of gates by days of UTC"},
    answers={200: str},
)
def figures_csv(site: str) -> Response:
    table = request.args.get("table", "series")
    if table not in TABLES:
        raise Malformed(f"A table is one of {', '.join(TABLES)}.", field="table")
    if table in OF_GATES:
        return _table(site, table, *_of_gates(site, table))
    asked = _asked(site)
    rows = {"series": _series_rows, "rules": _rules, "reasons": _reasons, "moderators": _moderators}[table](asked)
    return _table(site, table, asked.span, asked.zone, rows)


def _of_gates(key: str, table: str) -> tuple[Span, Any, list[Json]]:
    span = read_span(
        request.args.get("from"), request.args.get("to"), request.args.get("by", "day"), UTC, parts().database.clock()
    )
    with parts().database.read() as conn:
        site, _ = moderated_site(conn, key, Action.SEE_FIGURES)
        return span, UTC, [shown(row) for row in OF_GATES[table](conn, site.id, span.start, span.end)]


def _table(site: str, table: str, span: Span, local: Any, rows: Sequence[Json]) -> Response:
    days = f"{local_text(span.start, local)[:10]}-{local_text(span.end - 1, local)[:10]}"
    name = f"{site}-{table}-{days}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(_csv(COLUMNS[table], rows), headers=headers, mimetype="text/csv")


COUNTS = ("posted", "held", "imported", "approved", "rejected", "by_service", "overturned", "reported", "appealed")
COLUMNS = {
    "series": ("at", *COUNTS, "held_share", "p50", "p95"),
    "rules": ("rule", "held"),
    "reasons": ("reason", "rejected", "overturned"),
    "moderators": ("name", "decided", "overturned"),
    "gates": ("gate", "number"),
    "gate_sections": ("section", "number"),
    "gate_articles": ("id", "title", "url", "section", "number"),
}


def _csv(columns: Sequence[str], rows: Sequence[Json]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)  # RFC 4180: CRLF, quotes doubled
    writer.writerow(columns)
    for row in rows:
        values = ("" if row[name] is None else row[name] for name in columns)
        writer.writerow([cell(value) if isinstance(value, str) else value for value in values])
    return out.getvalue()


def _series_rows(asked: Asked) -> list[Json]:
    return [{"at": local_text(step.start, asked.zone)} | _row(sums) for step, sums in asked.steps]


def _asked(key: str) -> Asked:
    now, by = parts().database.clock(), request.args.get("by", "day")
    with parts().database.read() as conn:
        site, viewer = moderated_site(conn, key, Action.SEE_FIGURES)
        local = zone(rules_of(conn, site).time_zone)
        span = read_span(request.args.get("from"), request.args.get("to"), by, local, now)
        steps = list(_by_day(conn, site, span, local) if by == "day" else _by_hour(conn, site, span, local))
        total: Sums = Counter()
        for _, sums in steps:
            total.update(sums)
        sees_all = may(viewer, Action.SEE_MODERATORS, Subject(site.id, site.settings), now)
        names = stored.read_names(conn, {int(user) for user in _of(total, "moderator")})
        marks = stored.read_marks(conn)
        to_count = stored.hours_to_count(conn)
    return Asked(viewer, by, span, local, steps, total, names, sees_all, marks.get("counted"), to_count)


def _by_day(conn: Any, site: Site, span: Span, local: Any) -> Iterator[tuple[Span, Sums]]:
    for day in span.days(local):
        time.sleep(0)  # a serving process has others to answer, and SQLite does not let it while it reads
        yield (
            day,
            Counter({(row.name, row.key): row.number for row in stored.read_sums(conn, site.id, day.start, day.end)}),
        )


def _by_hour(conn: Any, site: Site, span: Span, local: Any) -> Iterator[tuple[Span, Sums]]:
    for day in span.days(local):
        time.sleep(0)
        hours: dict[int, Sums] = {hour.start: Counter() for hour in day.hours()}
        for row in stored.read_hours(conn, site.id, day.start, day.end):
            hours[row.hour][row.name, row.key] = row.number
        for hour in day.hours():
            yield hour, hours[hour.start]


def _of(sums: Sums, name: str) -> dict[str, int]:
    """The numbers under one name, by key."""
    return {key: number for (found, key), number in sums.items() if found == name}


def _row(sums: Sums) -> Json:
    published, held = sums["posted", "published"], sums["posted", "waiting"]
    waited = {int(bucket): number for bucket, number in _of(sums, "waited").items()}
    return {
        "posted": published + held,
        "held": held,
        "imported": sums["posted", "imported"],
        "held_share": round(held / (published + held), 4) if published + held else None,
        "approved": sums["decided", "approve"],
        "rejected": sums["decided", "reject"],
        "by_service": sums["decided", "service"],
        "p50": quantile(waited, 0.5),
        "p95": quantile(waited, 0.95),
        "overturned": sums["overturned", ""],
        "reported": sums["reported", ""],
        "appealed": sum(_of(sums, "appealed").values()),
    }


def _rules(asked: Asked) -> list[Json]:
    held = Counter(_of(asked.total, "held"))
    return [{"rule": rule, "held": number} for rule, number in held.most_common()]


def _reasons(asked: Asked) -> list[Json]:
    overturned = _of(asked.total, "overturned_reason")
    reasons = Counter(_of(asked.total, "reason")).most_common()
    return [
        {"reason": reason, "rejected": number, "overturned": overturned.get(reason, 0)} for reason, number in reasons
    ]


def _moderators(asked: Asked) -> list[Json]:
    """Everybody's for those who may see them; else one's own alone."""
    overturned = _of(asked.total, "overturned_moderator")
    return [
        {
            "id": user,
            "name": asked.names.get(int(user), ""),
            "decided": number,
            "overturned": overturned.get(user, 0),
        }
        for user, number in Counter(_of(asked.total, "moderator")).most_common()
        if asked.sees_all or user == str(asked.viewer.id)
    ]
