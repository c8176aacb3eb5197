"""A real `comments serve` for the tests of the live path: one on each engine for all, a new site for each test."""

import contextlib
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import websocket

from comments.app import create_app
from comments.live.wire import Wire
from comments.settings import read_settings
from comments.storage.transaction import Database
from tests.conftest import NO_LIMIT, postgresql_database
from tests.live.paper import Member, Moderator, Paper, over_http
from tests.live.sockets import Line, handshake
from tests.live.wires import Far, NewWire, connected
from tests.served import Served
from tests.servers import Run, free_port, wait_until

Environ = dict[str, str]


@contextlib.contextmanager
def second_process(environ: Environ) -> Iterator[Database]:
    """The database as another process has it (a worker, an import, the command line): with an engine of its own."""
    app = create_app(read_settings(environ))
    try:
        database: Database = app.extensions["comments"].database
        yield database
    finally:
        database.engine.dispose()


@dataclass
class Desk:
    """What a test of the live path works with: the address of a service, a paper on it, and lines to it."""

    url: str
    paper: Paper
    lines: list[Line] = field(default_factory=list)

    def handshake(self, origin: str | None = "", **options: Any) -> Line:
        """A websocket from the paper's origin (or another, or from none)."""
        self.lines.append(handshake(self.url, self.paper.origin if origin == "" else origin, **options))
        return self.lines[-1]

    def follow(self, article: str, member: Member | None = None, after: int | None = None) -> Line:
        """A reader's page on an article."""
        auth = {"site": self.paper.key, "article": article, "after": after}
        if member is not None:
            auth["token"] = member.token
        return self.handshake().greet(auth)

    def watch(self, moderator: Moderator) -> Line:
        """A moderator's console."""
        return self.handshake(self.url, cookie=moderator.cookie).greet({"console": True})

    def is_known(self) -> bool:
        """Whether the service lets pages of the paper in: the origins of all sites are remembered for a moment."""
        try:
            self.handshake().close()
        except websocket.WebSocketBadStatusException:
            return False
        return True

    def close(self) -> None:
        for line in self.lines:
            line.close()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def service(
    request: pytest.FixtureRequest, run: Run, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Served, Environ]]:
    """`comments serve` without Redis, and its environment."""
    folder = tmp_path_factory.mktemp(f"live-{request.param}")
    with contextlib.ExitStack() as ends:
        if request.param == "sqlite":
            shutil.copyfile(request.getfixturevalue("sqlite_template"), folder / "comments.db")
            url = f"sqlite:///{folder / 'comments.db'}"
        else:
            admin = request.getfixturevalue("postgresql")
            url = ends.enter_context(postgresql_database(run, admin, f"live_{worker_id}", "template"))
        environ = settings_for(url, folder) | {"COMMENTS_TRUSTED_PROXIES": "127.0.0.1"}
        served = Served(["serve"], environ, f"http://localhost:{environ['COMMENTS_PORT']}", folder / "serve.log")
        yield served.wait_until_ready(), environ
        code = served.stop()
        print(served.log(), file=sys.stderr)
        assert (code, served.complaints()) == (0, [])


def settings_for(database_url: str, folder: Path) -> Environ:
    return {
        "COMMENTS_DATA_DIR": str(folder / "data"),
        "COMMENTS_DATABASE_URL": database_url,
        "COMMENTS_SECRET_KEY": secrets.token_hex(32),
        "COMMENTS_PORT": str(free_port()),
        "COMMENTS_POSTS_PER_MINUTE": NO_LIMIT,
        "COMMENTS_REACTIONS_PER_MINUTE": NO_LIMIT,
        "COMMENTS_SOCKETS_PER_MINUTE": NO_LIMIT,
        "COMMENTS_SOCKETS_PER_ADDRESS": NO_LIMIT,
        "COMMENTS_REQUESTS_PER_MINUTE": NO_LIMIT,
        "COMMENTS_SITE_POSTS_PER_MINUTE": NO_LIMIT,
        "COMMENTS_SITE_REQUESTS_PER_MINUTE": NO_LIMIT,
    }


@pytest.fixture
def other_process(service: tuple[Served, Environ]) -> Iterator[Database]:
    with second_process(service[1]) as database:
        yield database


@pytest.fixture
def new_desk(service: tuple[Served, Environ], other_process: Database) -> Iterator[Callable[..., Desk]]:
    """Found a paper with these settings on the running service."""
    with contextlib.ExitStack() as ends:

        def found(**settings: Any) -> Desk:
            url = service[0].url
            desk = Desk(url, Paper.found(over_http(url), other_process, **settings))
            ends.callback(desk.close)
            wait_until(desk.is_known, "the service to know the site's origin")
            return desk

        yield found


@pytest.fixture
def desk(new_desk: Callable[..., Desk]) -> Desk:
    return new_desk()


@pytest.fixture
def new_wire() -> Iterator[NewWire]:
    """Connect two ends within this process; all are closed afterwards."""
    with contextlib.ExitStack() as ends:

        def connect(*args: Any, **options: Any) -> tuple[Wire, Far]:
            wire, far = connected(*args, **options)
            ends.callback(wire._sock.close)
            ends.callback(far.sock.close)
            ends.callback(wire.cut)
            return wire, far

        yield connect


@dataclass
class OwnRedis:
    """A Redis of the test's own, that it may kill and start again on the same port."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        program = shutil.which("redis-server")
        assert program, "Redis is not installed (Debian: apt-get install redis-server)."
        options = ("--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
        log = (self.folder / "redis.log").open("ab")
        with log:
            self.process = subprocess.Popen([program, *options], cwd=self.folder, stdout=log, stderr=log)
        wait_until(self.answers, "Redis")

    def answers(self) -> bool:
        import redis

        with contextlib.closing(redis.Redis(port=self.port)) as client, contextlib.suppress(redis.RedisError):
            return bool(client.ping())
        return False

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[OwnRedis]:
    redis = OwnRedis(tmp_path)
    redis.start()
    yield redis
    redis.kill()
