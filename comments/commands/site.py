"""`comments site …`: publishers' sites."""

from typing import Any

import click

from comments.commands.opening import known_site, open_service, read_assignments, show_values


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
    return f'<script async src="{public_url}/embed.js" data-site="{key}" data-article="YOUR-ARTICLE-ID"></script>'


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
