"""`comments site api-key …`: keys of the publishers' API."""

import click

from comments.commands.opening import known_site, open_service


@click.group("api-key")
def api_key() -> None:
    """Keys with which a publisher's programs call the API for one site."""


@api_key.command("list")
@click.argument("site_key", metavar="SITE")
def list_keys(site_key: str) -> None:
    """A site's keys by number, newest first. The keys themselves are kept nowhere."""
    import msgspec

    from comments.core.times import time_text
    from comments.storage.api_keys import read_api_keys

    database = open_service().database
    with database.read() as conn:
        rows, now = read_api_keys(conn, known_site(conn, site_key).id, None, 1000), database.clock()
    for one in rows:
        ends = "does not end" if one.expires_at is None else f"until {time_text(one.expires_at)}"
        state = ends if one.revoked_at is None else f"revoked {time_text(one.revoked_at)}"
        if one.revoked_at is None and one.expires_at is not None and one.expires_at <= now:
            state = f"ended {time_text(one.expires_at)}"
        used = "never used" if one.used_at is None else f"used {time_text(one.used_at)}"
        scopes = " ".join(msgspec.json.decode(one.scopes))
        click.echo(f"{one.id}\t{one.prefix}…\t{one.name}\t{scopes}\t{state}\t{used}")


@api_key.command("add")
@click.argument("site_key", metavar="SITE")
@click.option("--name", required=True, help="What uses it: this stands in the log.")
@click.option(
    "--scope", "scopes", multiple=True, required=True, type=click.Choice(["read", "moderate", "manage"]),
    help="What it is good for; repeatable.",
)  # fmt: skip
@click.option("--days", type=click.IntRange(1, 3650), help="After how many days it ends (default: it does not).")
def add_key(site_key: str, name: str, scopes: tuple[str, ...], days: int | None) -> None:
    """Make a key; prints it, this once."""
    from comments.actions.api_keys import make_api_key

    with open_service().database.transaction() as tx:
        ends = None if days is None else tx.now + days * 86_400_000_000
        row, key = make_api_key(tx, None, known_site(tx.conn, site_key), name, scopes, ends)
    click.echo(f"number   {row.id}")
    click.echo(f"key      {key}   (shown this once; keep it where your program's secrets are)")


@api_key.command("revoke")
@click.argument("site_key", metavar="SITE")
@click.argument("number", type=int)
def revoke_key(site_key: str, number: int) -> None:
    """Refuse a key from now on, by its number in “list”."""
    from comments.actions.api_keys import revoke_api_key

    with open_service().database.transaction() as tx:
        row = revoke_api_key(tx, None, known_site(tx.conn, site_key), number)
    click.echo(f"Key {number} ({row.name}) is revoked: whoever shows it is refused.")
