"""`comments transparency …`: statements of reasons for the Transparency Database, figures for the reports."""

import csv
import sys
from datetime import datetime
from typing import Any

import click

from comments.commands.opening import known_site, open_service

DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def transparency() -> None:
    """What the Digital Services Act asks to be published: no personal data in it."""


def _span(since: datetime, until: datetime) -> tuple[int, int]:
    from comments.core.times import time_micros

    if since >= until:
        raise click.UsageError("--until lies after --since.")
    return time_micros(f"{since:%Y-%m-%d}T00:00:00Z"), time_micros(f"{until:%Y-%m-%d}T00:00:00Z")


def _options(command: Any) -> Any:
    for option in (
        click.option("--until", type=DAY, required=True, help="The day after the last one."),
        click.option("--since", type=DAY, required=True, help="The first day (UTC)."),
        click.option("--site", "key", required=True, help="The site."),
    ):
        command = option(command)
    return command


@transparency.command("export")
@_options
@click.option(
    "--format", "kind", type=click.Choice(["json", "csv"]), default="json", show_default=True, help="JSON lines or CSV."
)
def export(key: str, since: datetime, until: datetime, kind: str) -> None:
    """Write statements of reasons to standard output, in the schema of the Transparency Database's API v2."""
    import msgspec

    from comments.core.law.statement import PUBLIC
    from comments.core.law.transparency import COLUMNS, cells, statement_of_reasons
    from comments.storage.statements import walk

    start, end = _span(since, until)
    number, table = 0, csv.writer(sys.stdout)
    with open_service().database.read() as conn:
        site = known_site(conn, key)
        if kind == "csv":
            table.writerow(COLUMNS)
        for row in walk(conn, site.id, start, end):
            if row.measure not in PUBLIC:
                continue
            number += 1
            statement = statement_of_reasons(row, site.settings.law)
            if kind == "csv":
                table.writerow(cells(statement))
            else:
                click.echo(msgspec.json.encode(statement))
    click.echo(f"{number} statements", err=True)


@transparency.command("figures")
@_options
def figures(key: str, since: datetime, until: datetime) -> None:
    """Write the figures for the reports of Articles 15 and 24 to standard output, as CSV."""
    from comments.storage.transparency import count_all, flat

    start, end = _span(since, until)
    table = csv.writer(sys.stdout)
    with open_service().database.read() as conn:
        found = count_all(conn, known_site(conn, key).id, start, end)
    table.writerows([("section", "name", "number"), *flat(found)])
