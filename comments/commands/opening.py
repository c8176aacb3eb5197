"""What commands begin with: the service, a site by its key, NAME=VALUE from the command line; how values are shown."""

from collections.abc import Iterable
from typing import Any

import click

from comments.settings import read_settings


def open_service() -> Any:
    """The application with a database at this version's tables, and its Parts."""
    from comments.app import create_app, migrate

    app = create_app(read_settings())
    migrate(app)
    return app.extensions["comments"]


def known_site(conn: Any, key: str) -> Any:
    from comments.storage.sites import find_site

    found = find_site(conn, key)
    if found is None:
        raise click.ClickException(f"There is no site {key!r}: “comments site list” shows those there are.")
    return found


def read_assignments(assignments: tuple[str, ...]) -> dict[str, Any]:
    """NAME=VALUE as JSON values; what is no JSON is a text."""
    import msgspec

    change: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals:
            raise click.UsageError(f"{assignment!r} is not NAME=VALUE.")
        try:
            change[name] = msgspec.json.decode(value)
        except msgspec.DecodeError:
            change[name] = value
    return change


def show_values(values: Any, names: Iterable[str]) -> None:
    import msgspec

    for name in names:
        click.echo(f"{name} = {msgspec.json.encode(getattr(values, name)).decode()}")
