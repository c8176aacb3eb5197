"""The operator's command: `comments serve | worker | demo | site | user | import | export | erase | backup | doctor`.
Starts things and prints; decides nothing.
"""

import sys
from pathlib import Path
from typing import Any

import click

from comments import __version__
from comments.commands.backup import backup
from comments.commands.classifier import classifier
from comments.commands.exporting import erase, export
from comments.commands.importing import import_file
from comments.commands.mail import mail_test
from comments.commands.opening import open_service
from comments.commands.rules import rules
from comments.commands.site import site
from comments.commands.transparency import transparency
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
@click.option("--figures", hidden=True, default="", help="Folder of the “serve” that started this.")
@click.option(
    "--metrics-port",
    type=click.IntRange(0, 65535),
    help="Answer /metrics on this port of --metrics-host (with COMMENTS_METRICS_TOKEN).",
)
@click.option("--metrics-host", default="127.0.0.1", show_default=True, help="Address for --metrics-port.")
def worker(figures: str, metrics_port: int | None, metrics_host: str) -> None:
    """Do the jobs that were planned. `serve` runs one by itself; start more on other machines."""
    from comments.app import begin_tracing
    from comments.importers import read_file
    from comments.jobs.worker import run_until_signalled
    from comments.seen import alone, process, tracing
    from comments.seen.logs import log_to_stderr
    from comments.seen.sharing import Sharing

    settings = read_settings()
    log_to_stderr(settings.log_level, settings.log_format)
    process.tell("worker")
    begin_tracing(settings, "worker")
    sharing = Sharing(Path(figures) if figures else None)
    service = open_service()
    sharing.start()
    if metrics_port is not None:
        alone.answer(metrics_host, metrics_port, settings.metrics_token)
    run_until_signalled(service.database, settings, read_file)
    sharing.end()
    tracing.end()


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


@main.command()
@click.option("--repair", is_flag=True, help="Make counters right first, while the service goes on.")
@click.option("--json", "as_json", is_flag=True, help="A list of {ok, text}.")
def doctor(repair: bool, as_json: bool) -> None:
    """Prove that all is well: settings, tables, counters against a recount, journal, references, search, jobs.

    Reads one snapshot of the whole database, beside a running service. Exit status 1 if anything is wrong.
    """
    import msgspec

    from comments.actions.repairs import repair as make_right
    from comments.doctor import examine

    if repair:
        for did in make_right(open_service().database):
            click.echo(f"repair {did}", err=as_json)
    answers = []
    for fine, text in examine(read_settings()):
        answers.append({"ok": fine, "text": text})
        if not as_json:
            click.echo(("ok     " if fine else "WRONG  ") + text)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(answers), indent=2).decode())
    sys.exit(0 if all(answer["ok"] for answer in answers) else 1)


for command in (site, rules, classifier, transparency, user, import_file, export, erase, backup, mail_test):
    main.add_command(command)


if __name__ == "__main__":
    main()
