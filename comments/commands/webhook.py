"""`comments site webhook …`: addresses that are told what happens at a site."""

import click

from comments.commands.opening import known_site, open_service


@click.group()
def webhook() -> None:
    """Addresses that are told what happens at a site; see docs/webhooks.md."""


@webhook.command("add")
@click.argument("site_key", metavar="SITE")
@click.argument("url")
@click.option("--event", "events", multiple=True, help="A type of message; repeatable. Without any: all.")
@click.option("--description", help="What it is for.")
def add_webhook(site_key: str, url: str, events: tuple[str, ...], description: str | None) -> None:
    """Tell an address what happens from now on; prints the secret that messages are signed with, this once."""
    from comments.actions import webhooks

    service = open_service()
    keys = webhooks.Keys(service.settings.secret_key, service.settings.private_hosts)
    to = webhooks.To(url=url, description=description, events=events)
    with service.database.transaction() as tx:
        number, secret = webhooks.add_webhook(tx, known_site(tx.conn, site_key), to, keys)
    click.echo(f"webhook  {number}")
    click.echo(f"secret   {secret}   (checks what arrives; keep it on the server)")


@webhook.command("list")
@click.argument("site_key", metavar="SITE")
def list_webhooks(site_key: str) -> None:
    """A site's webhooks by number, and whether messages arrive. Secrets are not shown."""
    from comments.core.times import time_text
    from comments.storage.webhooks import read_webhooks

    with open_service().database.read() as conn:
        for one in read_webhooks(conn, known_site(conn, site_key).id):
            failing = "works" if one.failing_since is None else f"takes nothing since {time_text(one.failing_since)}"
            state = failing if one.enabled else f"off ({one.off_reason})"
            click.echo(f"{one.id}\t{state}\t{one.url}\t{one.events}")


@webhook.command("remove")
@click.argument("site_key", metavar="SITE")
@click.argument("number", type=int)
def remove_webhook(site_key: str, number: int) -> None:
    """Send nothing there any more; the secret is forgotten."""
    from comments.actions import webhooks

    with open_service().database.transaction() as tx:
        webhooks.remove_webhook(tx, known_site(tx.conn, site_key), number)
    click.echo(f"Webhook {number} is removed.")
