"""`comments demo`: seeds the service, prints the addresses and log-ins, and runs service and newspaper side by side.

Run as a module it is the newspaper's process. Little is imported at the top: gevent patches that process first.
"""

import os
import socket
import sys
from pathlib import Path
from typing import Any

from comments.settings import Settings, SettingsError, read_settings

HOST = "127.0.0.1"
KEYS_HOST = "localhost"  # where the magazine's public keys are fetched from


def demo_config(settings: Settings, archive: Path | None) -> Any:
    """The demo as these settings have it."""
    from comments.demo.config import DemoConfig  # noqa: PLC0415

    folder = settings.data_dir / "demo"
    return DemoConfig(data_dir=folder, port=settings.demo_port, service_url=settings.public_url, archive=archive)


def run_demo(settings: Settings, archive: Path | None) -> int:
    """Seed, print, serve until a signal; the exit status."""
    if KEYS_HOST not in settings.private_hosts:
        _start_again_allowing_the_keys(settings, archive)
    from comments.app import create_app, migrate  # noqa: PLC0415
    from comments.demo.seed import seed  # noqa: PLC0415
    from comments.serving import run_service  # noqa: PLC0415

    for port, name in ((settings.port, "COMMENTS_PORT"), (settings.demo_port, "DEMO_PORT")):
        _require_free(port, name)
    demo = demo_config(settings, archive)
    app = create_app(settings)
    migrate(app)
    database = app.extensions["comments"].database
    accounts = seed(database, demo, _tell)
    database.engine.dispose()
    _announce(settings, demo, accounts)
    newspaper = [sys.executable, "-m", "comments.demo.command", *([str(archive)] if archive else [])]
    return run_service(HOST, settings.port, 1, beside=[newspaper])


def _start_again_allowing_the_keys(settings: Settings, archive: Path | None) -> None:
    """The service fetches the demo's keys from this machine, which it does for nobody unless the operator says so.

    Settings come from the environment alone, so this process begins again with the one that it needs.
    """
    hosts = ",".join(sorted(settings.private_hosts | {KEYS_HOST}))
    again = [sys.executable, "-m", "comments.cli", "demo", *(["--archive", str(archive)] if archive else [])]
    os.execvp("env", ["env", f"COMMENTS_PRIVATE_HOSTS={hosts}", *again])  # noqa: S606, S607 - ourselves once more # nosec B606 B607


def _require_free(port: int, name: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise SettingsError(
                f"Port {port} cannot be used ({error.strerror}): choose another with {name}."
            ) from error


def _tell(report: Any) -> None:
    """One line that grows, where somebody looks on."""
    if sys.stderr.isatty():
        text = f"\r  {report.imported + report.already} comments of the archive, {report.rate:.0f} a second "
        sys.stderr.write(text)
        sys.stderr.flush()


def _announce(settings: Settings, demo: Any, accounts: list[Any]) -> None:
    import click  # noqa: PLC0415

    from comments.demo.config import PUBLICATIONS  # noqa: PLC0415
    from comments.demo.pages import read_names  # noqa: PLC0415

    width = max(len(read_names(publication.key)[0]) for publication in PUBLICATIONS)
    lines = [f"{read_names(one.key)[0]:{width}}  {demo.origin(one)}/" for one in PUBLICATIONS]
    lines.append(f"{'What to try':{width}}  {demo.origin(PUBLICATIONS[0])}/what-to-try")
    lines.append(f"{'Console':{width}}  {settings.public_url}/console")
    lines += [f"{'':{width}}  {one.email}  password {one.password}  ({one.role})" for one in accounts]
    click.echo("\n" + "\n".join(f"  {line}" for line in lines) + "\n\n  Ctrl-C stops it.\n")
    sys.stdout.flush()


def serve_newspaper(archive: Path | None) -> None:
    """The newspaper's process: gunicorn with one gevent worker, as the service has."""
    from comments.serving import run_gunicorn  # noqa: PLC0415

    settings = read_settings()
    options = {
        "bind": f"{HOST}:{settings.demo_port}",
        "graceful_timeout": 3,
        "proc_name": "comments-demo",
        "loglevel": "warning",
    }

    def load() -> Any:
        from comments.demo.newspaper import create_newspaper  # noqa: PLC0415

        return create_newspaper(demo_config(settings, archive))

    run_gunicorn(options, load)


if __name__ == "__main__":
    serve_newspaper(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
