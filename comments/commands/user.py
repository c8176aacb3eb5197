"""`comments user …`: accounts of the console."""

import getpass
from typing import TextIO

import click

from comments.commands.opening import open_service


@click.group()
def user() -> None:
    """Accounts of the console."""


def ask_password(given: TextIO | None, *about: str) -> str:
    """From a file or a pipe, else typed twice; not one that everybody tries. `about`: address and name."""
    if given is not None:
        password = given.readline().rstrip("\n")
    else:
        password = getpass.getpass("Password: ")
        if getpass.getpass("Again: ") != password:
            raise click.ClickException("The two passwords differ.")
    from comments.core.passwords import check_password

    check_password(password, about)
    return password


PASSWORD = click.option(
    "--password-file", type=click.File("r"), help="Read the password from this file (- for a pipe) instead of asking."
)


@user.command("create")
@click.argument("email")
@click.option("--role", type=click.Choice(["staff", "moderator", "admin", "administrator"]), required=True)
@click.option("--name", help="Shown in the log (default: the part of the address before @).")
@click.option("--site", "sites", multiple=True, help="A site that they moderate (repeatable; default: all).")
@click.option("--section", "sections", multiple=True, help="A section that a moderator looks after (default: all).")
@PASSWORD
def create_user(
    email: str,
    role: str,
    name: str | None,
    sites: tuple[str, ...],
    sections: tuple[str, ...],
    password_file: TextIO | None,
) -> None:
    """Make an account: staff look, pick and note; moderators decide; administrators configure."""
    import argon2

    from comments.actions import sites as actions

    parts = open_service()
    hashed = argon2.PasswordHasher().hash(ask_password(password_file, email, name or ""))
    role = "administrator" if role == "admin" else role
    with parts.database.transaction() as tx:
        called = name or email.split("@", maxsplit=1)[0]
        actions.create_user(tx, email, called, hashed, role, sites or None, sections or None)
    click.echo(f"{email} is {role} now; the console is at {parts.settings.public_url}/console")


@user.command("password")
@click.argument("email")
@PASSWORD
def change_password(email: str, password_file: TextIO | None) -> None:
    """Give an account a new password; it is signed out everywhere."""
    import argon2

    from comments.actions.sites import set_password

    parts = open_service()
    hashed = argon2.PasswordHasher().hash(ask_password(password_file, email))
    with parts.database.transaction() as tx:
        set_password(tx, email, hashed)
    click.echo(f"{email} has a new password and is signed out everywhere.")


@user.command("totp-reset")
@click.argument("email")
def reset_totp(email: str) -> None:
    """Take a lost second factor from an account; its password alone signs in then, and it is signed out everywhere."""
    from comments.actions.accounts import reset_second_factor

    with open_service().database.transaction() as tx:
        had = reset_second_factor(tx, email)
    click.echo(f"{email} signs in with the password alone now." if had else f"{email} had no second factor.")


@user.command("list")
def list_users() -> None:
    """All accounts with role, sites and sections; disabled ones say so."""
    import msgspec

    from comments.storage.sites import read_sites, read_users

    with open_service().database.read() as conn:
        keys = {one.id: one.key for one in read_sites(conn)}
        for one in read_users(conn):
            own = (
                "all sites"
                if one.sites is None
                else " ".join(keys.get(key, "?") for key in msgspec.json.decode(one.sites))
            )
            sections = "" if one.sections is None else " ".join(msgspec.json.decode(one.sections))
            click.echo(f"{one.email}\t{one.role}\t{own}\t{sections}\t{'disabled' if one.disabled_at else ''}".rstrip())


@user.command("disable")
@click.argument("email")
def disable_user(email: str) -> None:
    """Close an account: its sessions end within seconds, what it did stays in the log."""
    from comments.actions import sites as actions

    with open_service().database.transaction() as tx:
        actions.disable_user(tx, email)
    click.echo(f"{email} is disabled and signed out everywhere.")


@user.command("role")
@click.argument("email")
@click.argument("role", type=click.Choice(["staff", "moderator", "administrator"]))
@click.option("--site", "sites", multiple=True, help="A site of theirs (repeatable; default: all).")
@click.option("--section", "sections", multiple=True, help="A section that a moderator looks after (default: all).")
def change_role(email: str, role: str, sites: tuple[str, ...], sections: tuple[str, ...]) -> None:
    """Give an account another role, with these sites and sections alone; it is signed out everywhere."""
    from comments.actions import sites as actions

    with open_service().database.transaction() as tx:
        actions.change_role(tx, email, role, sites or None, sections or None)
    click.echo(f"{email} is {role} now and has to sign in again.")
