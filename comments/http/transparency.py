"""The console's downloads for the law: statements of reasons for the Transparency Database, figures for the reports."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import msgspec
from flask import Response, request

from comments.core.errors import Malformed
from comments.core.law.statement import PUBLIC
from comments.core.law.transparency import COLUMNS, cells, statement_of_reasons
from comments.core.policy import Action
from comments.core.times import time_micros, time_text
from comments.http.moderation import moderated_site
from comments.http.openapi import operation
from comments.http.request import answer, parts
from comments.http.schemas_law import TransparencyFigures
from comments.http.sessions import console_blueprint
from comments.storage.statements import walk
from comments.storage.transparency import count_all, flat

blueprint = console_blueprint("transparency", "/sites/<site>/transparency")
LONGEST = 366 * 86_400 * 1_000_000  # µs
MOST = 50_000  # statements of one download; the command line gives all
SPAN = {"since": "a time with its offset, or a day (UTC)", "until": "the same; what happened before it"}


def _span() -> tuple[int, int]:
    """Raises Malformed."""
    found = []
    for name in ("since", "until"):
        text = request.args.get(name, "")
        try:
            found.append(time_micros(f"{text}T00:00:00Z" if len(text) == 10 else text))
        except ValueError as error:
            raise Malformed(f"{name} is a day (2026-01-31) or a time with its offset.", field=name) from error
    since, until = found
    if not since < until <= since + LONGEST:
        raise Malformed("until lies after since, by a year at most.", field="until")
    return since, until


@blueprint.get("")
@operation(
    "Figures for the reports of Articles 15 and 24",
    security="console",
    query=SPAN,
    answers={200: TransparencyFigures},
)
def figures(site: str) -> Response:
    with parts().database.read() as conn:
        found, _ = moderated_site(conn, site, Action.SEE_FIGURES)
        since, until = _span()
        counted = count_all(conn, found.id, since, until)
    return answer({"since": time_text(since), "until": time_text(until)} | counted)


@blueprint.get("/figures.csv")
@operation("The same as a table", security="console", query=SPAN, answers={200: str})
def figures_csv(site: str) -> Response:
    with parts().database.read() as conn:
        found, _ = moderated_site(conn, site, Action.SEE_FIGURES)
        since, until = _span()
        counted = count_all(conn, found.id, since, until)
    return _file(site, "figures.csv", table([("section", "name", "number"), *flat(counted)]), "text/csv")


@blueprint.get("/statements.csv")
@operation(
    "Statements of reasons in the Transparency Database's columns", security="console", query=SPAN, answers={200: str}
)
def statements_csv(site: str) -> Response:
    rows = [COLUMNS, *(cells(one) for one in _statements(site))]
    return _file(site, "statements.csv", table(rows), "text/csv")


@blueprint.get("/statements.ndjson")
@operation(
    "Statements of reasons in the Transparency Database's schema, one a line",
    security="console",
    query=SPAN,
    answers={200: bytes},
)
def statements_ndjson(site: str) -> Response:
    lines = b"".join(msgspec.json.encode(one) + b"\n" for one in _statements(site))
    return _file(site, "statements.ndjson", lines, "application/x-ndjson")


def _statements(site: str) -> Iterator[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    with parts().database.read() as conn:
        found, _ = moderated_site(conn, site, Action.SEE_FIGURES)
        since, until = _span()
        for row in walk(conn, found.id, since, until):
            if row.measure in PUBLIC:
                made.append(statement_of_reasons(row, found.settings.law))
            if len(made) > MOST:
                raise Malformed(f"A download has {MOST} statements at most: choose less time.", field="since")
    return iter(made)


def table(rows: Any) -> bytes:
    """RFC 4180."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def _file(site: str, name: str, body: bytes, kind: str) -> Response:
    named = {"Content-Disposition": f'attachment; filename="{site}-{name}"'}
    return Response(body, headers=named, mimetype=kind)
