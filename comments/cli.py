"""The operator's command: `comments serve | worker | demo | site | user | import | doctor`. Starts things and prints;
decides nothing.
"""

import sys
from pathlib import Path
from typing import Any

import click

from comments import __version__
from comments.commands.classifier import classifier
from comments.commands.opening import known_site, open_service
from comments.commands.rules import rules
from comments.commands.site import site
from comments.commands.user import user
from comments.core.errors import CommentsError
from comments.settings import KNOWN, SettingsError, read_settings

EPILOG = "Settings come from the environment:\n\n\b\n" + "\n".join(
    f"{name}\n    {text}" for name, text in KNOWN.items()
)


class Command(click.Group):
    """Turns refusals into one clear sentence and exit status 1 (2 for wrong usage, as click does)."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            raise click.ClickException(str(error)) from error
        except CommentsError as error:
            raise click.ClickException(error.detail) from error


@click.group(
    cls=Command, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(__version__, prog_name="comments")
@click.pass_context
def main(ctx: click.Context) -> None:
    """A comment and discussion service that a publisher runs beside its site."""
    ctx.ensure_object(dict)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on (default: COMMENTS_PORT).")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Serving processes; more than one needs Redis.",
)
@click.option(
    "--role",
    type=click.Choice(["all", "web", "live"]),
    default="all",
    show_default=True,
    help="all: pages, API, console and sockets, and a worker for jobs beside it; web: no sockets; live: sockets alone. "
    "With web or live, run “comments worker” as well.",
)
def serve(host: str, port: int | None, workers: int, role: str) -> None:
    """Serve pages, the API, the console and sockets, or a part of it. Ctrl-C stops everything in order."""
    from comments.serving import bring_up_to_date, run_service

    settings = read_settings()
    if settings.redis_url is None and (workers > 1 or role != "all"):
        many = "More than one serving process" if workers > 1 else f"The role {role}"
        alone = "leave --workers at 1" if workers > 1 else "leave --role at all"
        raise click.ClickException(f"{many} needs Redis: set COMMENTS_REDIS_URL, or {alone}.")
    bring_up_to_date(settings)
    sys.exit(run_service(host, settings.port if port is None else port, workers, role))


@main.command()
def migrate() -> None:
    """Bring the database to this version's tables, as “serve” does, and end: before an upgrade of several machines."""
    open_service()
    click.echo("The database has this version's tables.")


@main.command()
def worker() -> None:
    """Do the jobs that were planned. `serve` runs one by itself; start more on other machines."""
    from comments.jobs.worker import run_until_signalled
    from comments.serving import log_to_stderr

    settings = read_settings()
    log_to_stderr(settings.log_level)
    run_until_signalled(open_service().database, settings.private_hosts)


@main.command()
@click.option(
    "--archive",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Fill the gazette from this archive instead.",
)
def demo(archive: Path | None) -> None:
    """Serve with a demo newspaper on DEMO_PORT, filled with comments on the first start."""
    from comments.demo.command import run_demo

    sys.exit(run_demo(read_settings(), archive))


@main.command("import")
@click.argument("kind", metavar="FORMAT", type=click.Choice(["archive"]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--site", "key", required=True, help="The site to import into.")
@click.option("--dry-run", is_flag=True, help="Read and check everything, write nothing.")
def import_file(kind: str, file: Path, key: str, dry_run: bool) -> None:
    """Import comments from a file: twice is once, a broken import goes on where it stopped.

    What could not be imported is listed with its line and reason; the exit status is 1 then.
    """
    database = open_service().database
    with database.read() as conn:
        site = known_site(conn, key)
    sys.exit(import_into(database, site, kind, file, dry_run=dry_run))


def import_into(database: Any, site: Any, kind: str, file: Path, *, dry_run: bool = False) -> int:
    """Import with a progress line; prints what was refused or changed, and returns the exit status."""
    from comments.actions.archive import import_comments
    from comments.importers import READERS, digest_of

    with file.open("rb") as stream:
        digest = digest_of(stream)
        report = import_comments(
            database, site, READERS[kind](stream), digest=digest, dry_run=dry_run, progress=show_progress
        )
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
    for what, lines in (("changed", report.changed), ("not imported", report.refused)):
        for one in lines:
            click.echo(f"{file.name}:{one.line}: {what}: {one.reason}", err=True)
    did = "would be imported" if dry_run else "imported"
    click.echo(
        f"{report.read} records read: {report.imported} {did}, {report.already} known already, "
        f"{len(report.changed)} changed, {len(report.refused)} not imported ({report.rate:.0f} a second)"
    )
    return 1 if report.refused else 0


def show_progress(report: Any) -> None:
    """One line of a terminal, written over again and again; nothing elsewhere."""
    if sys.stderr.isatty():
        text = f"{report.read} read, {report.imported} imported, {report.rate:.0f} a second"
        click.echo(f"\r\x1b[K{text}", nl=False, err=True)


@main.command()
def doctor() -> None:
    """Check settings, database, counters and jobs; exit status 1 if anything is wrong."""
    from comments.doctor import examine

    wrong = 0
    for fine, text in examine(read_settings()):
        click.echo(("ok     " if fine else "WRONG  ") + text)
        wrong += not fine
    sys.exit(1 if wrong else 0)


for group in (site, rules, classifier, user):
    main.add_command(group)


if __name__ == "__main__":
    main()
