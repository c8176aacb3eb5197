"""Fixtures of all tests: a migrated database on each engine, Redis, the app in this process, the real commands.

A test that asks for `database_url`, or for what is built on it (`settings`, `app`, `client`, `served`), runs twice: on
SQLite and on PostgreSQL, each time on an empty database of its own, copied from a template that is migrated once a run.
"""

import contextlib
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient

from comments.settings import Settings, read_settings
from tests.served import Served
from tests.servers import Run, free_port, locked

Environ = dict[str, str]
NO_LIMIT = "1000000"
_run = pytest.StashKey[Run]()
_ends = pytest.StashKey[contextlib.ExitStack]()


# How long an example takes says how busy the machine is; what must be fast is measured in benchmarks/.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "environ(**variables): environment variables for the app and commands of this test"
    )
    joined = getattr(config, "workerinput", None)
    if joined is not None:
        config.stash[_run] = Run(Path(joined["run_folder"]))
        return
    config.stash[_ends] = contextlib.ExitStack()
    config.stash[_run] = config.stash[_ends].enter_context(Run.owned())


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """xdist is about to start a worker: tell it which run it belongs to."""
    node.workerinput["run_folder"] = str(node.config.stash[_run].folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    if _ends in config.stash:
        config.stash[_ends].close()


def pytest_itemcollected(item: pytest.Item) -> None:
    """One browser at a time: what it shows within a second must not wait for another one."""
    if "e2e" in item.path.parts:
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def run(pytestconfig: pytest.Config) -> Run:
    return pytestconfig.stash[_run]


def migrated(url: str, data_dir: Path) -> None:
    """Bring the database at `url` to the newest version."""
    from comments.app import create_app, migrate

    app = create_app(read_settings({"COMMENTS_DATABASE_URL": url, "COMMENTS_DATA_DIR": str(data_dir)}))
    try:
        migrate(app)
    finally:
        app.extensions["comments"].database.engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(run: Run) -> Path:
    """A migrated, empty SQLite file; copy it, do not open it."""
    template = run.folder / "template.db"
    with locked(run.folder / "sqlite-template.lock"):
        if not template.exists():
            draft = run.folder / "draft.db"
            migrated(f"sqlite:///{draft}", run.folder)
            draft.rename(template)
    return template


@pytest.fixture(scope="session")
def postgresql(run: Run) -> Iterator[psycopg.Connection]:
    """The administrator's connection to the run's cluster; its database `template` is migrated and empty."""
    url = run.server("postgresql", "postgresql")["url"]
    with psycopg.connect(f"{url}/postgres", autocommit=True) as admin:
        with locked(run.folder / "postgresql-template.lock"):
            if not admin.execute("SELECT 1 FROM pg_database WHERE datname = 'template'").fetchone():
                admin.execute("CREATE DATABASE draft")
                migrated(f"{url}/draft", run.folder)
                admin.execute("ALTER DATABASE draft RENAME TO template")
        yield admin


@contextlib.contextmanager
def postgresql_database(run: Run, admin: psycopg.Connection, name: str, template: str) -> Iterator[str]:
    """The URL of a new database, copied from `template`; leaving the block drops it, whoever is still connected."""
    admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    try:
        yield f"{run.server('postgresql', 'postgresql')['url']}/{name}"
    finally:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, run: Run, worker_id: str, tmp_path: Path) -> Iterator[str]:
    """A migrated, empty database of this test's own, as COMMENTS_DATABASE_URL wants it."""
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_template"), tmp_path / "comments.db")
        yield f"sqlite:///{tmp_path / 'comments.db'}"
    else:
        admin = request.getfixturevalue("postgresql")
        with postgresql_database(run, admin, f"test_{worker_id}", "template") as url:
            yield url


@pytest.fixture
def redis_url(run: Run, worker_id: str) -> str:
    """An empty Redis. One server for each worker, because channels know no database numbers."""
    url = run.server("redis", f"redis-{worker_id}")["url"] + "/0"
    with redis.Redis.from_url(url) as connection:
        connection.flushall()
    return url


@dataclass
class FakeClock:
    """Microseconds UTC that stand still until somebody moves them."""

    now: int = 1_772_442_000_000_000  # 2026-03-02T09:00:00Z

    def __call__(self) -> int:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += round(seconds * 1_000_000)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def environ(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Environ:
    """The operator's settings for this test: no limits of requests, unless @pytest.mark.environ(…) says otherwise."""
    chosen = {
        "COMMENTS_DATA_DIR": str(tmp_path / "data"),
        "COMMENTS_DATABASE_URL": database_url,
        "COMMENTS_SECRET_KEY": "for-the-tests-and-for-nothing-else-at-all",
        "COMMENTS_POSTS_PER_MINUTE": NO_LIMIT,
        "COMMENTS_REACTIONS_PER_MINUTE": NO_LIMIT,
        "COMMENTS_SOCKETS_PER_MINUTE": NO_LIMIT,
        "COMMENTS_SOCKETS_PER_ADDRESS": NO_LIMIT,
        "COMMENTS_REQUESTS_PER_MINUTE": NO_LIMIT,
        "COMMENTS_SITE_POSTS_PER_MINUTE": NO_LIMIT,
        "COMMENTS_SITE_REQUESTS_PER_MINUTE": NO_LIMIT,
    }
    for mark in reversed(list(request.node.iter_markers("environ"))):
        chosen |= mark.kwargs
    return chosen


@pytest.fixture
def settings(environ: Environ) -> Settings:
    return read_settings(environ)


@pytest.fixture
def app(settings: Settings, clock: FakeClock) -> Iterator[Flask]:
    """The app in this process, by a clock that the test moves."""
    from comments.app import create_app  # here, so that tests of `core` load nothing else

    app = create_app(settings, clock=clock)
    yield app
    app.extensions["comments"].database.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def served(environ: Environ, tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Start real commands: `served()` is `comments serve`, ready on a free port; `served("demo", DEMO_PORT="…")`.

    At the end each is asked to stop, and must have stopped well and complained of nothing in its log, which is shown
    when the test fails. A test that stops or kills one itself has taken that upon itself.
    """
    running: list[Served] = []

    def serve(*command: str, **variables: str) -> Served:
        port = variables.setdefault("COMMENTS_PORT", str(free_port()))
        log = tmp_path / f"command-{len(running)}.log"
        running.append(Served([*command] or ["serve"], environ | variables, f"http://localhost:{port}", log))
        return running[-1].wait_until_ready()

    yield serve
    problems = []
    for one in reversed(running):
        if one.is_running() and (code := one.stop()):
            problems.append(f"{one.command} ended with exit code {code}")
        print(one.log(), file=sys.stderr)  # pytest shows it with a failed test only
        problems += one.complaints()
    assert not problems
