"""The console's figures of gates: how many subscriptions came through each, under which articles and sections."""

from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, request

from comments.core.figures import local_text, read_span
from comments.core.policy import Action
from comments.core.present import Json
from comments.http import schemas_gates
from comments.http.moderation import moderated_site
from comments.http.openapi import operation
from comments.http.request import answer, parts
from comments.http.sessions import console_blueprint
from comments.storage import gates

blueprint = console_blueprint("gates")
UTC = ZoneInfo("UTC")


@blueprint.get("/sites/<site>/gates")
@operation(
    "Subscriptions that came through a gate: by gate, article and section",
    security="console",
    query={
        "from": "a day; by default 30 days before the end",
        "to": "a day, which is included; by default today",
        "by": "day (default), or hour: by default the days of the last 24 hours",
    },
    answers={200: schemas_gates.Gates},
)
def conversions(site: str) -> Response:
    asked_by = request.args.get("by", "day")
    span = read_span(request.args.get("from"), request.args.get("to"), asked_by, UTC, parts().database.clock())
    with parts().database.read() as conn:
        found, _ = moderated_site(conn, site, Action.SEE_FIGURES)
        asked = (found.id, span.start, span.end)
        by_gate = gates.read_gates(conn, *asked)
        by_section = gates.read_gates_of_sections(conn, *asked)
        by_article = gates.read_gates_of_articles(conn, *asked)
    return answer(
        {
            "from": local_text(span.start, UTC),
            "to": local_text(span.end, UTC),
            "total": sum(row.number for row in by_gate),
            "gates": [shown(row) for row in by_gate],
            "sections": [shown(row) for row in by_section],
            "articles": [shown(row) for row in by_article],
        }
    )


def shown(row: Any) -> Json:
    """A row of storage/gates.py; an article's key is its id here."""
    return {"id" if name == "key" else name: value for name, value in row._mapping.items()}
