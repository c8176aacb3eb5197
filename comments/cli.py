"""The operator's command: `comments serve | worker | demo | site | user | import | doctor`. Starts things and prints;
decides nothing.
"""

import getpass
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

import click

from comments import __version__
from comments.core.errors import CommentsError
from comments.settings import KNOWN, SettingsError, read_settings

EPILOG = "Settings come from the environment:\n\n\b\n" + "\n".join(
    f"{name}\n    {text}" for name, text in KNOWN.items()
)


class Command(click.Group):
    """Turns refusals into one clear sentence and exit status 1 (2 for wrong usage, as click does)."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            raise click.ClickException(str(error)) from error
        except CommentsError as error:
            raise click.ClickException(error.detail) from error


@click.group(
    cls=Command, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(__version__, prog_name="comments")
@click.pass_context
def main(ctx: click.Context) -> None:
    """A comment and discussion service that a publisher runs beside its site."""
    ctx.ensure_object(dict)


def open_service() -> Any:
    """The application with a database at this version's tables, and its Parts."""
    from comments.app import create_app, migrate

    app = create_app(read_settings())
    migrate(app)
    return app.extensions["comments"]


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on (default: COMMENTS_PORT).")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Serving processes; more than one needs Redis.",
)
@click.option(
    "--role",
    type=click.Choice(["all", "web", "live"]),
    default="all",
    show_default=True,
    help="all: pages, API, console and sockets, and a worker for jobs beside it; web: no sockets; live: sockets alone. "
    "With web or live, run “comments worker” as well.",
)
def serve(host: str, port: int | None, workers: int, role: str) -> None:
    """Serve pages, the API, the console and sockets, or a part of it. Ctrl-C stops everything in order."""
    from comments.serving import bring_up_to_date, run_service

    settings = read_settings()
    if settings.redis_url is None and (workers > 1 or role != "all"):
        many = "More than one serving process" if workers > 1 else f"The role {role}"
        alone = "leave --workers at 1" if workers > 1 else "leave --role at all"
        raise click.ClickException(f"{many} needs Redis: set COMMENTS_REDIS_URL, or {alone}.")
    bring_up_to_date(settings)
    sys.exit(run_service(host, settings.port if port is None else port, workers, role))


@main.command()
def migrate() -> None:
    """Bring the database to this version's tables, as “serve” does, and end: before an upgrade of several machines."""
    open_service()
    click.echo("The database has this version's tables.")


@main.command()
def worker() -> None:
    """Do the jobs that were planned. `serve` runs one by itself; start more on other machines."""
    from comments.jobs.worker import run_until_signalled
    from comments.serving import log_to_stderr

    settings = read_settings()
    log_to_stderr(settings.log_level)
    run_until_signalled(open_service().database, settings.private_hosts)


@main.command()
@click.option(
    "--archive",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Fill the gazette from this archive instead.",
)
def demo(archive: Path | None) -> None:
    """Serve with a demo newspaper on DEMO_PORT, filled with comments on the first start."""
    from comments.demo.command import run_demo

    sys.exit(run_demo(read_settings(), archive))


@main.group()
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


def known_site(conn: Any, key: str) -> Any:
    from comments.storage.sites import find_site

    found = find_site(conn, key)
    if found is None:
        raise click.ClickException(f"There is no site {key!r}: “comments site list” shows those there are.")
    return found


def show_values(values: Any, names: Iterable[str]) -> None:
    import msgspec

    for name in names:
        click.echo(f"{name} = {msgspec.json.encode(getattr(values, name)).decode()}")


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


@main.group()
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


@main.group()
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
    with open_service().database.transaction() as tx:
        classifiers.add_classifier(tx, known_site(tx.conn, key), new)
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

    from comments.opinions import OpinionError, Outside, Question, ask
    from comments.storage.opinions import find_classifier

    service = open_service()
    with service.database.read() as conn:
        one = find_classifier(conn, known_site(conn, key).id, name)
    if one is None:
        raise click.ClickException(f"There is no classifier {name!r}: “comments classifier list {key}” shows them.")
    question, post = Question(text=text, site=key), Outside(service.settings.private_hosts)
    try:
        said = ask(one.kind, msgspec.json.decode(one.config), one.secret, question, post)
    except OpinionError as error:
        raise click.ClickException(str(error)) from error
    for label, value in sorted(said.scores.items(), key=lambda item: -item[1]):
        click.echo(f"{value:.3f}  {label}")


@main.group()
def user() -> None:
    """Accounts of the console."""


def ask_password(given: TextIO | None) -> str:
    """From a file or a pipe, else typed twice; at least 10 characters."""
    if given is not None:
        password = given.readline().rstrip("\n")
    else:
        password = getpass.getpass("Password: ")
        if getpass.getpass("Again: ") != password:
            raise click.ClickException("The two passwords differ.")
    if len(password) < 10:
        raise click.ClickException("A password has at least 10 characters.")
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
    hashed = argon2.PasswordHasher().hash(ask_password(password_file))
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
    hashed = argon2.PasswordHasher().hash(ask_password(password_file))
    with parts.database.transaction() as tx:
        set_password(tx, email, hashed)
    click.echo(f"{email} has a new password and is signed out everywhere.")


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


@main.command("import")
@click.argument("kind", metavar="FORMAT", type=click.Choice(["archive"]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--site", "key", required=True, help="The site to import into.")
@click.option("--dry-run", is_flag=True, help="Read and check everything, write nothing.")
def import_file(kind: str, file: Path, key: str, dry_run: bool) -> None:
    """Import comments from a file: twice is once, a broken import goes on where it stopped.

    What could not be imported is listed with its line and reason; the exit status is 1 then.
    """
    database = open_service().database
    with database.read() as conn:
        site = known_site(conn, key)
    sys.exit(import_into(database, site, kind, file, dry_run=dry_run))


def import_into(database: Any, site: Any, kind: str, file: Path, *, dry_run: bool = False) -> int:
    """Import with a progress line; prints what was refused or changed, and returns the exit status."""
    from comments.actions.archive import import_comments
    from comments.importers import READERS, digest_of

    with file.open("rb") as stream:
        digest = digest_of(stream)
        report = import_comments(
            database, site, READERS[kind](stream), digest=digest, dry_run=dry_run, progress=show_progress
        )
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
    for what, lines in (("changed", report.changed), ("not imported", report.refused)):
        for one in lines:
            click.echo(f"{file.name}:{one.line}: {what}: {one.reason}", err=True)
    did = "would be imported" if dry_run else "imported"
    click.echo(
        f"{report.read} records read: {report.imported} {did}, {report.already} known already, "
        f"{len(report.changed)} changed, {len(report.refused)} not imported ({report.rate:.0f} a second)"
    )
    return 1 if report.refused else 0


def show_progress(report: Any) -> None:
    """One line of a terminal, written over again and again; nothing elsewhere."""
    if sys.stderr.isatty():
        text = f"{report.read} read, {report.imported} imported, {report.rate:.0f} a second"
        click.echo(f"\r\x1b[K{text}", nl=False, err=True)


@main.command()
def doctor() -> None:
    """Check settings, database, counters and jobs; exit status 1 if anything is wrong."""
    from comments.doctor import examine

    wrong = 0
    for fine, text in examine(read_settings()):
        click.echo(("ok     " if fine else "WRONG  ") + text)
        wrong += not fine
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
