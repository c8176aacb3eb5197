"""`comments site …`: publishers' sites."""

from typing import Any, TextIO

import click

from comments.commands.api_keys import api_key
from comments.commands.opening import known_site, open_service, read_assignments, show_values
from comments.commands.webhook import webhook


@click.group()
def site() -> None:
    """Publishers' sites."""


@site.command("create")
@click.argument("key")
@click.option("--name", required=True, help="What readers know the site as.")
@click.option(
    "--origin", "origins", multiple=True, required=True, help="Where its pages lie, as https://host; repeatable."
)
@click.option("--issuer", required=True, help="The “iss” of the tokens that the publisher signs.")
@click.option("--product", "products", multiple=True, help="A product whose subscribers may write; repeatable.")
@click.option("--secret", help="The HS256 secret (default: one is made).")
@click.option("--jwks-url", help="Where the publisher's public keys are, for RS256, ES256 or EdDSA.")
@click.option("--login-url", help="Where readers log in; the widget leads there.")
@click.option("--subscribe-url", help="Where readers subscribe.")
def create_site(key: str, login_url: str | None, subscribe_url: str | None, **given: Any) -> None:
    """Make a site; prints its key, its secret and the script tag to paste."""
    import msgspec

    from comments.actions import sites
    from comments.core.site import SiteSettings
    from comments.core.site import read_settings as check

    parts = open_service()
    wanted = SiteSettings(login_url=login_url, subscribe_url=subscribe_url)
    with parts.database.transaction() as tx:
        secret = sites.create_site(tx, sites.NewSite(key=key, settings=check(msgspec.json.encode(wanted)), **given))
    click.echo(f"site     {key}")
    click.echo(
        f"secret   {secret}   (signs tokens with HS256; keep it on the server)"
        if secret
        else f"keys     {given['jwks_url']}"
    )
    click.echo("paste    " + script_tag(parts.settings.public_url, key))


def script_tag(public_url: str, key: str) -> str:
    """What a page has where its comments are to stand: the widget and, without JavaScript, a link to the thread."""
    article = "YOUR-ARTICLE-ID"
    script = f'<script async src="{public_url}/embed.js" data-site="{key}" data-article="{article}"></script>'
    link = f'<a href="{public_url}/articles/{key}/{article}">Read the comments</a>'
    return f"{script}\n         <noscript>{link}</noscript>"


@site.command("list")
def list_sites() -> None:
    """All sites with their origins."""
    from comments.storage.sites import read_sites

    with open_service().database.read() as conn:
        for one in read_sites(conn):
            click.echo(f"{one.key}\t{one.name}\t{' '.join(one.origins)}")


@site.command("set")
@click.argument("key")
@click.argument("assignments", nargs=-1, required=True, metavar="NAME=VALUE…")
def set_site(key: str, assignments: tuple[str, ...]) -> None:
    """Change settings of a site, for example write=registered max_depth=3 'reactions=["recommend"]'."""
    from comments.actions.sites import configure_site

    change = read_assignments(assignments)
    with open_service().database.transaction() as tx:
        after = configure_site(tx, known_site(tx.conn, key), change)
    show_values(after, change)


@site.group("key")
def key() -> None:
    """What the publisher's tokens are signed with: add the new key, sign with it, revoke the old one."""


@key.command("list")
@click.argument("site_key", metavar="SITE")
def list_keys(site_key: str) -> None:
    """A site's keys by number, oldest first. Secrets are not shown."""
    from comments.core.times import time_text
    from comments.storage.sites import read_all_keys

    with open_service().database.read() as conn:
        for one in read_all_keys(conn, known_site(conn, site_key).id):
            state = "counts" if one.revoked_at is None else f"revoked {time_text(one.revoked_at)}"
            click.echo(f"{one.id}\t{one.kind}\t{one.kid or '-'}\t{state}\t{one.url or ''}".rstrip())


@key.command("add")
@click.argument("site_key", metavar="SITE")
@click.option("--secret-file", type=click.File("r"), help="Read an HS256 secret from this file (- for a pipe).")
@click.option("--jwks-url", help="Where the publisher's public keys are.")
@click.option("--pem", type=click.File("r"), help="A file with one public key: RSA, P-256 or Ed25519.")
@click.option("--kid", help="The “kid” of tokens that this secret or PEM signs; without one it is tried for any.")
def add_key(
    site_key: str, secret_file: TextIO | None, jwks_url: str | None, pem: TextIO | None, kid: str | None
) -> None:
    """Take tokens of another key, too. Without any option a secret is made and shown, this once."""
    from comments.actions import keys

    given = None if secret_file is None else secret_file.readline().strip()
    wanted = keys.read_key(
        secret=given, jwks_url=jwks_url, pem=None if pem is None else pem.read(100_000), kid=kid
    )  # fmt: skip
    with open_service().database.transaction() as tx:
        number = keys.add_key(tx, known_site(tx.conn, site_key), wanted)
    click.echo(f"key      {number}")
    if (given, jwks_url, pem) == (None, None, None):
        click.echo(f"secret   {wanted.value}   (signs tokens with HS256; keep it on the server)")


@key.command("revoke")
@click.argument("site_key", metavar="SITE")
@click.argument("number", type=int)
@click.option("--now", is_flag=True, help="Also end what was let in before: every reader exchanges a new token.")
def revoke_key(site_key: str, number: int, now: bool) -> None:
    """Take no more tokens of a key, by its number in “list”. Readers who are in stay so for ten minutes at most."""
    from comments.actions import keys

    database = open_service().database
    with database.transaction() as tx:
        found = known_site(tx.conn, site_key)
        left = keys.revoke_key(tx, found, number)
    click.echo(f"Key {number} is revoked; {left} left.")
    if not left:
        click.echo("Nobody can log in to this site now: “comments site key add” gives it a key.", err=True)
    if now:
        click.echo(f"The access of {keys.end_access(database, found)} members has ended.")


site.add_command(api_key)
site.add_command(webhook)
