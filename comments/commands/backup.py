"""`comments backup`: a checked copy of the SQLite database."""

from pathlib import Path

import click

from comments.settings import read_settings


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Copy the SQLite database to FILE, a new file, while the service runs, and check the copy.

    PostgreSQL has pg_dump. What else belongs to a backup, and how it is restored, is in docs/operating.md.
    """
    from comments.storage.copying import copy_database

    settings = read_settings()
    scheme, _, path = settings.database_url.partition(":///")
    if scheme != "sqlite":
        raise click.ClickException("Only SQLite is copied here: back PostgreSQL up with pg_dump (docs/operating.md).")
    size = copy_database(Path(path), file)
    click.echo(f"{file}: {size / 1e6:,.1f} MB, checked.")
    click.echo("The secret key belongs to it and is not in it: keep a copy apart from this one.")
