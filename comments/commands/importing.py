"""`comments import`: an export of another system, or our own archive, into a site."""

import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from comments.commands.opening import known_site, open_service
from comments.core.archive import SYSTEMS
from comments.core.errors import CommentsError

EVERY = 5.0  # seconds between two lines about progress where there is no terminal
UNREADABLE = 2  # exit status


@click.command("import")
@click.argument("kind", metavar="FORMAT", type=click.Choice(SYSTEMS))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--site", "key", required=True, help="The site to import into.")
@click.option("--dry-run", is_flag=True, help="Read and check everything, write nothing.")
@click.option(
    "--articles",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV of “source,article”: which article an identifier, address or path of theirs is.",
)
def import_file(kind: str, file: Path, key: str, dry_run: bool, articles: Path | None) -> None:
    """Import comments from a file: twice is once, a broken import goes on where it stopped.

    FORMAT is archive (our own), commento, coral, disqus, isso, remark42 or wordpress; a file may be compressed (gzip).
    What could not be imported is listed with its line and reason. Exit status: 0 all is there, 1 something could not be
    imported, 2 the file cannot be read, or not to its end.
    """
    parts = open_service()
    with parts.database.read() as conn:
        site = known_site(conn, key)
    try:
        status = import_into(parts, site, kind, file, dry_run=dry_run, articles=articles)
    except CommentsError as error:
        click.echo(f"{file.name}: {error.detail}", err=True)
        status = UNREADABLE
    sys.exit(status)


def import_into(
    parts: Any, site: Any, kind: str, file: Path, *, dry_run: bool = False, articles: Path | None = None
) -> int:
    """Import with a progress line; prints what was refused or changed as it is met. Returns the exit status."""
    from comments.actions.archive import digest_of, import_comments
    from comments.actions.reading import WORTH, Beside
    from comments.core.pseudonyms import pseudonym, pseudonym_key
    from comments.importers import read_export
    from comments.importers.sources import Source, read_mapping

    mapping = {}
    if articles is not None:
        with articles.open(encoding="utf-8-sig", newline="") as lines:
            mapping = read_mapping(lines)
    key = pseudonym_key(parts.settings.secret_key, site.key)
    source = Source(mapping, partial(pseudonym, key))
    read = partial(read_export, kind, source=source)
    beside = Beside(file, read) if file.stat().st_size > WORTH and (os.cpu_count() or 1) > 1 else None
    with file.open("rb") as stream:
        progress = Progress(stream.tell if beside is None else lambda: beside.at, file.stat().st_size)
        report = import_comments(
            parts.database,
            site,
            read(stream) if beside is None else beside,
            digest=digest_of(stream),
            dry_run=dry_run,
            address_key=key,
            beside=False,
            progress=progress.show,
            tell=lambda what, one: progress.say(f"{file.name}:{one.line}: {what}: {one.reason}"),
        )
    progress.clear()
    did = "would be imported" if dry_run else "imported"
    click.echo(
        f"{report.read} records read: {report.imported} {did}, {report.already} known already, "
        f"{report.changes} changed, {report.refusals} not imported ({report.rate:.0f} a second)"
    )
    if report.broken is not None:
        click.echo(f"{file.name}: {report.broken.detail}", err=True)
        return UNREADABLE
    return 1 if report.refusals else 0


class Progress:
    """How far an import is: on a terminal a line that is written over, elsewhere a line now and then."""

    def __init__(self, at: Callable[[], int], size: int) -> None:
        self._at, self._size = at, size
        self._is_terminal = sys.stderr.isatty()
        self._said = time.monotonic()

    def show(self, report: Any) -> None:
        if not self._is_terminal and time.monotonic() - self._said < EVERY:
            return
        self._said = time.monotonic()
        text = f"{report.read} read, {report.imported} imported, {report.rate:.0f} a second"
        share = min(self._at() / self._size, 1.0) if self._size else 0.0
        if 0 < share < 1:
            left = report.seconds * (1 - share) / share
            text += f", {share:.0%}, {int(left // 60)}:{int(left % 60):02} left"
        if self._is_terminal:
            done = int(share * 20)
            text = f"\r\x1b[K[{'#' * done}{'·' * (20 - done)}] {text}"
        click.echo(text, nl=not self._is_terminal, err=True)

    def say(self, line: str) -> None:
        self.clear()
        click.echo(line, err=True)

    def clear(self) -> None:
        if self._is_terminal:
            click.echo("\r\x1b[K", nl=False, err=True)
