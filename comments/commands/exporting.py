"""`comments export`: all comments of a site, as an archive or as a table. `comments erase`: one person goes."""

import sys
from pathlib import Path
from typing import Any, BinaryIO

import click

from comments.commands.opening import known_site, open_service


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--site", "key", required=True, help="The site to export.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["archive", "csv"]),
    default="archive",
    show_default=True,
    help="archive: NDJSON, everything, for “comments import archive”; csv: a row for each comment.",
)
def export(file: Path, key: str, form: Any) -> None:
    """Write all comments of a site to FILE, a new file, or to standard output (-), while the service runs.

    It is the state of one moment. What is in the file is in docs/moving-out.md.
    """
    from comments.storage.files import new_private_file

    database = open_service().database
    with database.read() as conn:
        site = known_site(conn, key)
    if str(file) == "-":
        written = write_to(sys.stdout.buffer, database, site, form)
    elif file.exists():
        raise click.ClickException(f"{file} is there already, and is left alone: name a new file.")
    else:
        try:
            with new_private_file(file) as stream:
                written = write_to(stream, database, site, form)
        except OSError as error:
            raise click.ClickException(f"{file} was not made: {error.strerror or error}.") from error
    click.echo(f"{written} comments of {key!r} exported as {form}", err=True)


def write_to(stream: BinaryIO, database: Any, site: Any, form: Any) -> int:
    """Write the whole of a site, with a progress line on a terminal; how many comments."""
    from comments.actions.archive_lines import pieces
    from comments.storage.archived import count_comments
    from comments.storage.integrity import snapshot

    done = 0
    with snapshot(database) as conn:
        total = count_comments(conn, site.id)
        for number, data in pieces(conn, site, form):
            stream.write(data)
            done += number
            if sys.stderr.isatty():
                click.echo(f"\r\x1b[K{done} of {total}", nl=False, err=True)
    stream.flush()
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
    return done


@click.command()
@click.option("--site", "key", help="The site that knows the member.")
@click.option("--member", "sub", help="The publisher's id of the member, the “sub” of its tokens.")
@click.option("--text", "mode", flag_value="text", help="Their texts go, too; replies stay.")
@click.option("--identity", "mode", flag_value="identity", help="Their texts stay, and are nobody's any more.")
@click.option("--again", is_flag=True, help="After a restore: erase once more whoever was erased since the backup.")
def erase(key: str | None, sub: str | None, mode: Any, again: bool) -> None:
    """Erase a member: name, restrictions that are over, reports, reactions and all else. It cannot be taken back.

    Without --text and --identity it is as the site's setting “erasure” says; where members may choose, say which.
    """
    from comments.jobs.erasure import Place, erase_again

    parts = open_service()
    place = Place(parts.settings.data_dir, parts.settings.secret_key)
    if again:
        click.echo(f"{erase_again(parts.database, place)} members were back and are erased again.")
        return
    if key is None or sub is None:
        raise click.UsageError("Say whom: --site and --member, or --again.")
    comments = erase_one(parts.database, place, key, sub, mode)
    click.echo(f"The member is erased, with {comments} comments.")


def erase_one(database: Any, place: Any, key: str, sub: str, mode: Any) -> int:
    """Erase a member to the end; how many comments they had."""
    from comments.actions.erasure import allowed_modes, erase_member
    from comments.jobs.erasure import carry_out
    from comments.storage.erasing import find_erasure, update_erasure
    from comments.storage.members import find_member

    with database.transaction() as tx:
        site = known_site(tx.conn, key)
        modes = allowed_modes(site.settings)
        if mode is None and len(modes) > 1:
            raise click.UsageError("Members of this site may choose: say --text or --identity.")
        member = find_member(tx.conn, site.id, sub, lock=True)
        if member is None:
            raise click.ClickException(f"{key!r} knows no member {sub!r}.")
        erasure_id = erase_member(tx, member, mode or modes[0], allowed=True)
        update_erasure(tx.conn, erasure_id, state="running", beat_at=tx.now)  # ours: the worker leaves it alone
    carry_out(database, place, erasure_id)
    with database.read() as conn:
        return int(find_erasure(conn, erasure_id).done)
