"""Two "machines" behind nginx: process groups with ports of their own that share PostgreSQL, PgBouncer and Redis.

Everything listens on loopback, lies in one temporary folder, and is ended by its process id when the block ends.
"""

import contextlib
import functools
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from deploy.rehearsal import programs
from deploy.rehearsal.programs import OWNER, SERVICE, Nginx
from tests.served import COMMENTS, Served, descendants
from tests.servers import ServerError, free_port

NO_LIMIT = "1000000"  # everybody here has one address


@dataclass
class Machine:
    """One machine's processes, as its systemd units start them: web, live, and a worker for jobs. `program`: the
    `comments` of the version that it runs.
    """

    name: str
    folder: Path
    environ: dict[str, str]
    program: Path = COMMENTS
    web: int = field(default_factory=free_port)
    live: int = field(default_factory=free_port)
    processes: list[Served] = field(default_factory=list)
    was_killed: bool = False

    def start(self) -> None:
        """Start all and wait until web and live answer."""
        served = [self._serve("web", self.web), self._serve("live", self.live)]
        log = self.folder / f"{self.name}-worker.log"
        worker = Served(["worker"], known_to(self.program, self.environ), "", log, self.program)
        self.processes = [*served, worker]
        for one in served:
            one.wait_until_ready()

    def _serve(self, role: str, port: int) -> Served:
        command = ["serve", "--role", role, "--port", str(port)]
        url, log = f"http://127.0.0.1:{port}", self.folder / f"{self.name}-{role}.log"
        return Served(command, known_to(self.program, self.environ), url, log, self.program)

    def stop(self) -> list[str]:
        """Ask each to stop, as systemd does, all at once; what went wrong with that."""
        with ThreadPoolExecutor() as pool:
            codes = list(pool.map(Served.stop, self.processes))
        ended, self.processes = zip(self.processes, codes, strict=True), []
        return [f"{self.name}: {' '.join(one.command)} ended with {code}" for one, code in ended if code]

    def kill(self) -> None:
        """As a power cut: every process of the machine at once, without a word to anybody."""
        self.was_killed = True
        pids = [pid for one in self.processes for pid in (one.pid, *descendants(one.pid))]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for one in self.processes:
            one.kill()
        self.processes = []

    def complaints(self) -> list[str]:
        """Lines of this machine's logs that a healthy run does not have."""
        logs = sorted(self.folder.glob(f"{self.name}-*.log"))
        signs = ("Traceback", "ERROR", "CRITICAL", "Redis is gone")
        return [
            f"{log.stem}: {line}"
            for log in logs
            for line in log.read_text(errors="replace").splitlines()
            if any(sign in line for sign in signs)
        ]


@dataclass
class Cluster:
    """All of it, answering at `url`. `environ`: what every process of the service is told."""

    folder: Path
    url: str
    nginx: Nginx
    machines: list[Machine]
    environ: dict[str, str]
    owner_url: str

    def command(self, *arguments: str, program: Path = COMMENTS, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run `comments …` as the operator would on one of the machines."""
        given = {"PATH": os.environ["PATH"], **known_to(program, self.environ), **environ}
        return subprocess.run([program, *arguments], env=given, text=True, capture_output=True, check=False, timeout=60)

    def migrate(self, program: Path) -> None:
        """Bring the database to the tables of this version. Raises ServerError."""
        done = self.command("migrate", program=program, COMMENTS_DATABASE_URL=self.owner_url)
        if done.returncode:
            raise ServerError(f"comments migrate failed: {done.stdout}{done.stderr}")

    def trusting(self) -> dict[str, str]:
        """Environment variables that make programs in Python trust this run's certificate."""
        return {name: str(self.nginx.certificate) for name in ("SSL_CERT_FILE", "WEBSOCKET_CLIENT_CA_BUNDLE")}


@functools.cache
def settings_of(program: Path) -> frozenset[str]:
    """The settings that this version knows: it would not start with others."""
    ask = [program.with_name("python"), "-P", "-c", "from comments.settings import KNOWN; print(*KNOWN)"]
    return frozenset(subprocess.run(ask, text=True, capture_output=True, check=True).stdout.split())


def known_to(program: Path, environ: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name in settings_of(program)}


@contextlib.contextmanager
def cluster(keep: bool = False, program: Path = COMMENTS) -> Iterator[Cluster]:
    """Start everything, the machines with this version; after the block everything is stopped and gone, but the folder
    with the logs if it is to be kept.
    """
    folder = Path(tempfile.mkdtemp(prefix="comments-rehearsal-"))
    folder.chmod(0o711)  # other users pass through to the folders of their programs
    with contextlib.ExitStack() as ends:
        if not keep:
            ends.callback(shutil.rmtree, folder, ignore_errors=True)
        database = ends.enter_context(programs.postgresql(folder / "postgresql"))
        bouncer = ends.enter_context(programs.pgbouncer(folder / "pgbouncer", database))
        redis_url = ends.enter_context(programs.redis_server(folder / "redis"))
        environ = {
            "COMMENTS_DATABASE_URL": database.url(SERVICE, bouncer),
            "COMMENTS_POSTGRES_POOLER": "yes",
            "COMMENTS_REDIS_URL": redis_url,
            "COMMENTS_SECRET_KEY": secrets.token_hex(32),
            "COMMENTS_TRUSTED_PROXIES": "127.0.0.1,::1",
            "COMMENTS_DATA_DIR": str(folder / "data"),
            "COMMENTS_POSTS_PER_MINUTE": NO_LIMIT,
            "COMMENTS_REACTIONS_PER_MINUTE": NO_LIMIT,
            "COMMENTS_SOCKETS_PER_MINUTE": NO_LIMIT,
            "COMMENTS_SOCKETS_PER_ADDRESS": NO_LIMIT,
            "COMMENTS_REQUESTS_PER_MINUTE": NO_LIMIT,
            "COMMENTS_SITE_POSTS_PER_MINUTE": NO_LIMIT,
            "COMMENTS_SITE_REQUESTS_PER_MINUTE": NO_LIMIT,
        }
        machines = [Machine(name, folder, environ, program) for name in ("first", "second")]
        upstreams = {"web": [one.web for one in machines], "live": [one.live for one in machines]}
        front = ends.enter_context(programs.nginx(folder / "nginx", upstreams))
        url = f"https://localhost:{front.port}"
        environ |= {"COMMENTS_PUBLIC_URL": url, "COMMENTS_PORT": str(front.port)}
        whole = Cluster(folder, url, front, machines, environ, database.url(OWNER))
        whole.migrate(program)
        for one in machines:
            ends.callback(one.kill)
            one.start()
        yield whole
