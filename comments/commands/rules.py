"""`comments rules …`: what is asked of every new comment."""

from pathlib import Path
from typing import Any

import click

from comments.commands.opening import known_site, open_service, read_assignments, show_values


@click.group()
def rules() -> None:
    """What is asked of every new comment."""


def read_rules(assignments: tuple[str, ...]) -> dict[str, Any]:
    """As read_assignments; a list may come from a file, one entry a line: banned_words=@words.txt."""
    from comments.core.moderation.ruleset import ADDED

    plain = tuple(one for one in assignments if "=@" not in one)
    change = read_assignments(plain)
    for assignment in (one for one in assignments if "=@" in one):
        name, _, file = assignment.partition("=@")
        if name not in ADDED:
            raise click.UsageError(f"{name} is no list: only {', '.join(sorted(ADDED))} are read from a file.")
        change[name] = read_entries(Path(file))
    return change


def read_entries(file: Path) -> list[str]:
    """The lines of a file without the empty ones, each once; what cannot be an entry is named by its line."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file} is not UTF-8 (byte {error.start + 1}).") from error
    wrong = [
        f"{file}:{at}: {'longer than 100 characters' if line.strip(' *') else 'nothing to look for'}"
        for at, line in enumerate(lines, 1)
        if len(line.strip()) > 100 or (line.strip() and not line.strip(" *"))
    ]
    if wrong:
        raise click.ClickException("; ".join(wrong[:20]))
    return list(dict.fromkeys(line.strip() for line in lines if line.strip()))


@rules.command("show")
@click.argument("key")
def show_rules(key: str) -> None:
    """The rules of a site that are not as they are by default, and the versions there were."""
    import msgspec

    from comments.core.moderation.ruleset import NO_RULES
    from comments.core.times import time_text
    from comments.storage.rules import read_versions, rules_of

    with open_service().database.read() as conn:
        found = known_site(conn, key)
        now = rules_of(conn, found)
        versions = read_versions(conn, found.id, None, 20)
    names = (name for name in msgspec.structs.asdict(now) if getattr(now, name) != getattr(NO_RULES, name))
    show_values(now, names)
    for one in versions:
        who = one.by or "the command line"
        click.echo(f"version {one.number}\t{time_text(one.created_at)}\t{who}\t{one.reason or ''}".rstrip())


@rules.command("set")
@click.argument("key")
@click.argument("assignments", nargs=-1, required=True, metavar="NAME=VALUE…")
@click.option("--reason", help="Why, for the audit log.")
def set_rules(key: str, assignments: tuple[str, ...], reason: str | None) -> None:
    """Change rules of a site, for example max_links=3 'banned_words=["spam"]' or banned_words=@words.txt."""
    from comments.actions.rules import Why, change_rules

    change = read_rules(assignments)
    with open_service().database.transaction() as tx:
        after = change_rules(tx, known_site(tx.conn, key), change, Why(reason=reason))
    show_values(after, change)


@rules.command("try")
@click.argument("key")
@click.argument("assignments", nargs=-1, required=True, metavar="NAME=VALUE…")
@click.option("--most", type=click.IntRange(1, 20_000), default=5000, show_default=True, help="On how many comments.")
def try_rules(key: str, assignments: tuple[str, ...], most: int) -> None:
    """Show what other rules would have done to the last comments; nothing is changed."""
    import msgspec

    from comments.actions.rules import tried as rules_tried
    from comments.jobs.trials import tried
    from comments.storage.rules import rules_of

    change, database = read_rules(assignments), open_service().database
    with database.read() as conn:
        found = known_site(conn, key)
        would = msgspec.json.encode(rules_tried(rules_of(conn, found), change)).decode()
    show_trial(tried(database, found.id, None, would, most))


def show_trial(result: dict[str, Any]) -> None:
    click.echo(f"{result['looked_at']} comments looked at in {result['took_ms'] / 1000:.1f} s")
    for name in ("today", "changed"):
        click.echo(f"{name}\t" + "\t".join(f"{outcome} {count}" for outcome, count in result[name].items()))
    for name, one in result["differences"].items():
        rules = ", ".join(f"{rule['rule']} {rule['count']}" for rule in one["rules"])
        click.echo(f"newly {name.replace('_', ' ')}: {one['count']}" + (f" ({rules})" if rules else ""))
        for example in one["examples"][:5]:
            text = "".join(f"[{piece['text']}]" if piece["marked"] else piece["text"] for piece in example["excerpt"])
            click.echo(f"  {example['comment_id']}\t{' '.join(text.split())[:160]}")


@rules.command("take-back")
@click.argument("key")
@click.argument("number", type=click.IntRange(0, 2**31 - 1))
@click.option("--reason", help="Why, for the audit log.")
def take_back(key: str, number: int, reason: str | None) -> None:
    """Let version NUMBER of a site's rules count again; 0: the rules by default."""
    from comments.actions import rules as actions

    with open_service().database.transaction() as tx:
        made = actions.take_back(tx, known_site(tx.conn, key), number, actions.Why(reason=reason))
    click.echo(f"version {made} counts now; it is version {number} again.")
