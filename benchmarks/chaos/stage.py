"""The stage of every fault: a real `comments serve` with its database (and Redis), and a publisher."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.chaos.machines import Postgres, Redis, postgres
from comments.app import create_app, migrate
from comments.settings import read_settings
from comments.storage.transaction import Database
from tests.live.paper import Paper, over_http
from tests.served import COMMENTS, Served, descendants
from tests.servers import free_port, wait_until

LIMITS = (  # of which nobody is to hear here
    "COMMENTS_POSTS_PER_MINUTE",
    "COMMENTS_REACTIONS_PER_MINUTE",
    "COMMENTS_SOCKETS_PER_MINUTE",
    "COMMENTS_SOCKETS_PER_ADDRESS",
    "COMMENTS_REQUESTS_PER_MINUTE",
    "COMMENTS_SITE_POSTS_PER_MINUTE",
    "COMMENTS_SITE_REQUESTS_PER_MINUTE",
)
STARTS_WITHIN = 150.0  # seconds, on a machine that does much else
Environ = dict[str, str]


@dataclass(slots=True)
class Stage:
    """Where everything is. `extra`: settings and variables of this fault; `data`: where SQLite's file lies."""

    folder: Path
    data: Path
    engine: str
    database_url: str
    workers: int = 1
    postgres: Postgres | None = None
    redis: Redis | None = None
    extra: Environ = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    database: Database = None  # type: ignore[assignment]
    paper: Paper = None  # type: ignore[assignment]
    served: Served = None  # type: ignore[assignment]

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def environ(self) -> Environ:
        chosen = {
            "COMMENTS_DATA_DIR": str(self.data),
            "COMMENTS_DATABASE_URL": self.database_url,
            "COMMENTS_SECRET_KEY": "for-faults-and-for-nothing-else-at-all",
            "COMMENTS_PORT": str(self.port),
            "COMMENTS_LOG_LEVEL": "warning",
        }
        chosen |= dict.fromkeys(LIMITS, "1000000")
        return chosen | ({"COMMENTS_REDIS_URL": self.redis.url} if self.redis else {}) | self.extra

    def found(self) -> None:
        """The tables and a publisher, whose database connection is this process's own."""
        settings = {name: value for name, value in self.environ.items() if name.startswith("COMMENTS_")}
        app = create_app(read_settings(settings))
        migrate(app)
        self.database = app.extensions["comments"].database
        self.paper = Paper.found(over_http(self.url), self.database)

    def serve(self) -> None:
        """Start the service, or start it again after it was killed; ready at the end."""
        command = ["serve", "--workers", str(self.workers)]
        self.served = Served(command, self.environ, self.url, self.folder / "serve.log")  # to be ended if it fails here
        self.served.wait_until_ready(STARTS_WITHIN)
        wait_until(lambda: self.processes("jobs"), "the worker for jobs", STARTS_WITHIN)

    def close(self) -> None:
        self.database.engine.dispose()
        if self.served is not None and self.served.is_running():
            self.served.kill()
        if "CHAOS_LOGS" in os.environ:
            shutil.copy(self.folder / "serve.log", os.environ["CHAOS_LOGS"])

    def processes(self, kind: str) -> list[int]:
        """Of the running service: "arbiter" (above those that serve), "serving" (those that do), "jobs"."""
        words = {pid: _words(pid) for pid in descendants(self.served.pid)}
        if kind == "jobs":
            return [pid for pid, said in words.items() if "worker" in said and "comments.cli" in said]
        of_serving = [pid for pid, said in words.items() if "comments.serving" in said]
        above = [pid for pid in of_serving if _parent(pid) == self.served.pid]
        return above if kind == "arbiter" else [pid for pid in of_serving if _parent(pid) in above]

    def doctor(self) -> list[str]:
        """What `comments doctor` finds wrong."""
        environ = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **self.environ}
        done = subprocess.run([COMMENTS, "doctor"], env=environ, text=True, capture_output=True, check=False)
        wrong = [line for line in done.stdout.splitlines() if not line.startswith("ok")]
        return wrong + ([done.stderr[-500:]] if done.returncode and not wrong else [])

    def tracebacks(self) -> int:
        return self.served.log().count("Traceback (most recent call last)")


def kill(pids: list[int], by: signal.Signals = signal.SIGKILL) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, by)


def _words(pid: int) -> list[str]:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0")
    return []


def _parent(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


@contextlib.contextmanager
def new_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="comments-chaos-"))
    folder.chmod(0o711)  # the user `postgres` passes through to its own folder
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def stage(
    engine: str, *, workers: int = 1, data: Path | None = None, tablespace: Path | None = None, **extra: str
) -> Iterator[Stage]:
    """A running service on `engine`, with a Redis where several processes serve. `data`: SQLite's folder, if it is to
    lie elsewhere; `tablespace`: the folder of PostgreSQL's database, likewise.
    """
    with contextlib.ExitStack() as ends:
        folder = ends.enter_context(new_folder())
        data = folder / "data" if data is None else data
        made = Stage(folder, data, engine, f"sqlite:///{data / 'comments.db'}", workers, extra=extra)
        data.mkdir(exist_ok=True)
        if engine == "postgresql":
            made.postgres = ends.enter_context(postgres(folder / "postgresql"))
            made.database_url = made.postgres.create("faults", tablespace)
        if workers > 1:
            made.redis = Redis(folder / "redis")
            made.redis.start()
            ends.callback(made.redis.kill)
        made.found()
        ends.callback(made.close)
        made.serve()
        yield made
