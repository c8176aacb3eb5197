"""A service of the benchmarks' own: data directory, database, a real `comments serve` on one core while the load has
the other. Only processes that are started here are ended here.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import psycopg

from benchmarks.processes import SERVER, processor_seconds
from comments.actions.sites import NewSite, create_site
from comments.app import create_app, migrate
from comments.core.moderation.ruleset import RuleSet
from comments.settings import read_settings
from comments.storage.sites import find_site
from comments.storage.transaction import Database
from tests.served import COMMENTS, Served
from tests.servers import ServerError, free_port, postgresql_programs, redis

SITE, ISSUER, PRODUCT = "gazette", "https://gazette.example", "digital"
SECRET = "for-benchmarks-and-for-nothing-else-at-all"
NO_LIMIT = "1000000"
T = TypeVar("T")


def path_of(key: object) -> str:
    """Of the comments of one of our articles."""
    return f"/api/v1/sites/{SITE}/articles/{key}/comments"


@contextlib.contextmanager
def on_core(core: int) -> Iterator[None]:
    """What is started inside runs on this core, with all its children."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@dataclass(slots=True)
class Installation:
    """Where everything of this run is. `page_origin`: of the newspaper's pages that show the widget; `app`: the
    application in this process.
    """

    folder: Path
    database_url: str
    quick: bool = False
    database_pid: int = 0
    rows: int = 1_000_000
    page_port: int = field(default_factory=free_port)
    port: int = field(default_factory=free_port)
    database: Database = None  # type: ignore[assignment]
    site_id: int = 0
    app: Any = None

    def pick(self, full: T, quick: T) -> T:
        """How long, how often, how many: `quick` where the run is to show only that it runs."""
        return quick if self.quick else full

    @property
    def environ(self) -> dict[str, str]:
        return {
            "COMMENTS_DATA_DIR": str(self.folder / "data"),
            "COMMENTS_DATABASE_URL": self.database_url,
            "COMMENTS_PORT": str(self.port),
            "COMMENTS_SQLITE_SYNCHRONOUS": "FULL",
            "COMMENTS_LOG_LEVEL": "warning",
            "COMMENTS_POSTS_PER_MINUTE": NO_LIMIT,
            "COMMENTS_SOCKETS_PER_MINUTE": NO_LIMIT,
            "COMMENTS_SOCKETS_PER_ADDRESS": NO_LIMIT,
            "COMMENTS_REQUESTS_PER_MINUTE": NO_LIMIT,
            "COMMENTS_SITE_POSTS_PER_MINUTE": NO_LIMIT,
            "COMMENTS_SITE_REQUESTS_PER_MINUTE": NO_LIMIT,
        }

    @property
    def page_origin(self) -> str:
        return f"http://gazette.localhost:{self.page_port}"

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    def open(self) -> None:
        """The tables, a site, and the application in this process: to fill, to count queries and to look afterwards."""
        self.app = create_app(read_settings(self.environ))
        migrate(self.app)
        self.database = self.app.extensions["comments"].database
        rules = RuleSet(pace_seconds=0, repeat_hours=0)  # the writers are to be slowed by the service alone
        with self.database.transaction() as tx:
            new = NewSite(
                key=SITE, name="The Gazette", issuer=ISSUER, origins=(self.page_origin,), products=(PRODUCT,),
                secret=SECRET, rules=rules,
            )  # fmt: skip
            create_site(tx, new)
            site = find_site(tx.conn, SITE)
        assert site is not None
        self.site_id = site.id

    def new_folder(self, name: str) -> Path:
        """An empty one, for this run."""
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))

    def database_seconds(self) -> float:
        """Processor that the database server took since its start; SQLite's is the service's own."""
        return processor_seconds(self.database_pid) if self.database_pid else 0.0

    def settled(self) -> None:
        """The figures that PostgreSQL's planner would have after a minute; SQLite has none, as at an operator's."""
        if not self.is_sqlite:
            with psycopg.connect(self.database_url, autocommit=True) as admin:
                admin.execute("VACUUM ANALYZE")

    @contextlib.contextmanager
    def serving(self, role: str = "all") -> Iterator[Served]:
        """`comments serve` on the server's core, ready; it must stop well and have complained of nothing. Redis is
        beside it where its role needs one.
        """
        with contextlib.ExitStack() as beside:
            environ = self.environ
            with on_core(SERVER):
                if role != "all":
                    server = beside.enter_context(redis(self.new_folder("redis") / "server"))
                    environ["COMMENTS_REDIS_URL"] = server["url"]
                served = Served(["serve", "--role", role], environ, self.url, self.folder / "serve.log")
            try:
                yield served.wait_until_ready()
            finally:
                code = served.stop()
            if code or served.complaints():
                raise ServerError(f"the service ended with exit code {code}:\n{served.log()}")

    def doctor(self) -> list[str]:
        """What `comments doctor` finds wrong."""
        environ = {"PATH": os.environ["PATH"], **self.environ}
        done = subprocess.run([COMMENTS, "doctor"], env=environ, text=True, capture_output=True, check=False)
        wrong = [line for line in done.stdout.splitlines() if not line.startswith("ok")]
        return wrong + ([done.stderr] if done.returncode and not wrong else [])


@contextlib.contextmanager
def installation(engine: str, quick: bool = False) -> Iterator[Installation]:
    """An empty installation on `engine` (sqlite or postgresql); everything is gone after the block."""
    folder = Path(tempfile.mkdtemp(prefix="comments-bench-"))
    folder.chmod(0o711)  # the user `postgres` passes through to its own folder
    try:
        if engine == "sqlite":
            yield Installation(folder, f"sqlite:///{folder / 'comments.db'}", quick)
        else:
            with postgresql(folder / "postgresql") as (url, pid):
                yield Installation(folder, url, quick, pid)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def postgresql(home: Path) -> Iterator[tuple[str, int]]:
    """A cluster that keeps what it confirms (unlike that of the tests), on the server's core; the URL of a database
    and the pid of the server.
    """
    programs, user, port = postgresql_programs(), "postgres" if os.geteuid() == 0 else None, free_port()
    home.mkdir(mode=0o700)
    if user:
        shutil.chown(home, user, user)

    def run(*command: str | Path) -> None:
        done = subprocess.run(
            command, cwd=home, user=user, group=user, extra_groups=[] if user else None, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
        if done.returncode:
            raise ServerError(f"{command[0]} failed: {done.stdout}")

    data = home / "data"
    run(programs / "initdb", "--pgdata", data, "--username=comments", "--auth=trust", "--encoding=UTF8", "--no-sync")
    chosen = f"listen_addresses=127.0.0.1 port={port} unix_socket_directories= shared_buffers=128MB"
    options = " ".join(f"-c {setting}" for setting in chosen.split())
    with on_core(SERVER):
        run(
            programs / "pg_ctl", "start", "--pgdata", data, "--log", home / "server.log", "--options", options, "--wait"
        )
    try:
        url = f"postgresql://comments@127.0.0.1:{port}"
        with psycopg.connect(f"{url}/postgres", autocommit=True) as admin:
            admin.execute("CREATE DATABASE bench")
            admin.execute("CREATE DATABASE alone")
        yield f"{url}/bench", int((data / "postmaster.pid").read_text().split()[0])
    finally:
        run(programs / "pg_ctl", "stop", "--pgdata", data, "--mode=fast", "--wait")
