"""`comments classifier …`: services that are asked for opinions."""

from typing import TextIO

import click

from comments.commands.opening import known_site, open_service, read_assignments


@click.group()
def classifier() -> None:
    """Who is asked for opinions on comments; what the scores cause is a rule: “comments rules set SITE opinions=…”."""


@classifier.command("add")
@click.argument("key")
@click.argument("name")
@click.argument("kind")
@click.argument("assignments", nargs=-1, metavar="NAME=VALUE…")
@click.option("--secret-file", type=click.File("r"), help="Read its key or secret from this file (- for a pipe).")
def add_classifier(key: str, name: str, kind: str, assignments: tuple[str, ...], secret_file: TextIO | None) -> None:
    """Add a classifier to a site, for example moody http url=https://judge.example/ --secret-file -"""
    import msgspec

    from comments.actions import classifiers
    from comments.opinions import read_config

    secret = None if secret_file is None else secret_file.readline().strip()
    config = msgspec.to_builtins(read_config(kind, read_assignments(assignments), secret))
    new = classifiers.Classifier(name=name, kind=kind, config=config, secret=secret)
    service = open_service()
    with service.database.transaction() as tx:
        classifiers.add_classifier(tx, known_site(tx.conn, key), new, service.settings.secret_key)
    click.echo(f"{name} is asked as soon as the rules of {key} name it.")


@classifier.command("list")
@click.argument("key")
def list_classifiers(key: str) -> None:
    """A site's classifiers, and which do not answer."""
    from comments.storage.opinions import read_classifiers

    with open_service().database.read() as conn:
        for one in read_classifiers(conn, known_site(conn, key).id):
            state = "off" if not one.enabled else "does not answer" if one.trouble else "on"
            click.echo(f"{one.name}\t{one.kind}\t{state}\t{one.config}")


@classifier.command("remove")
@click.argument("key")
@click.argument("name")
def remove_classifier(key: str, name: str) -> None:
    """Remove a classifier: its secret is forgotten, and the rules do not name it any more."""
    from comments.actions import classifiers

    with open_service().database.transaction() as tx:
        classifiers.remove_classifier(tx, known_site(tx.conn, key), name)
    click.echo(f"{name} is removed.")


@classifier.command("test")
@click.argument("key")
@click.argument("name")
@click.argument("text")
def test_classifier(key: str, name: str, text: str) -> None:
    """Ask a classifier about a text, from here and now, and print its scores."""
    import msgspec

    from comments.actions.classifiers import opened_secret
    from comments.core.sealing import Unopened
    from comments.opinions import OpinionError, Outside, Question, ask
    from comments.storage.opinions import find_classifier

    service = open_service()
    with service.database.read() as conn:
        one = find_classifier(conn, known_site(conn, key).id, name)
    if one is None:
        raise click.ClickException(f"There is no classifier {name!r}: “comments classifier list {key}” shows them.")
    question, post = Question(text=text, site=key), Outside(service.settings.private_hosts)
    try:
        secret = opened_secret(service.settings.secret_key, one)
        said = ask(one.kind, msgspec.json.decode(one.config), secret, question, post)
    except (OpinionError, Unopened) as error:
        raise click.ClickException(str(error)) from error
    for label, value in sorted(said.scores.items(), key=lambda item: -item[1]):
        click.echo(f"{value:.3f}  {label}")
