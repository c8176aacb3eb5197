"""PostgreSQL and Redis of the faults' own, which can be stopped, killed, frozen and started again on the same port."""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import redis

from tests.served import descendants
from tests.servers import ServerError, free_port, postgresql_programs, wait_until


class Postgres:
    """A cluster that keeps what it confirms: fsync and synchronous_commit as PostgreSQL has them by default."""

    def __init__(self, home: Path) -> None:
        self.home, self.port = home, free_port()
        self._programs = postgresql_programs()
        self._user = "postgres" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
        home.mkdir(mode=0o700)
        if self._user:
            shutil.chown(home, self._user, self._user)
        self._run("initdb", "--username=comments", "--auth=trust", "--encoding=UTF8", "--no-sync", "--locale=C.UTF-8")

    @property
    def url(self) -> str:
        return f"postgresql://comments@127.0.0.1:{self.port}"

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._programs / program, *arguments, "--pgdata", self.home / "data"],
            cwd=self.home, user=self._user, group=self._user, extra_groups=[] if self._user else None, text=True,
            check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
        if done.returncode:
            raise ServerError(f"{program} failed: {done.stdout}")

    def start(self) -> None:
        chosen = f"listen_addresses=127.0.0.1 port={self.port} unix_socket_directories= shared_buffers=64MB"
        options = " ".join(f"-c {setting}" for setting in f"{chosen} max_connections=200".split())
        self._run("pg_ctl", "start", "--log", str(self.home / "server.log"), "--options", options, "--wait")

    def stop(self, mode: str) -> None:
        """`mode`: fast cuts everybody off and writes a checkpoint, immediate leaves recovery to the next start."""
        self._run("pg_ctl", "stop", f"--mode={mode}", "--wait")

    @property
    def pid(self) -> int:
        return int((self.home / "data/postmaster.pid").read_text().split()[0])

    def kill(self) -> None:
        """kill -9 of the postmaster alone; its children notice by themselves."""
        children = descendants(self.pid)
        os.kill(self.pid, signal.SIGKILL)
        wait_until(lambda: not any(map(_runs, children)), "PostgreSQL's processes to end", 30)
        (self.home / "data/postmaster.pid").unlink()

    def create(self, name: str, tablespace: Path | None = None) -> str:
        """An empty database, in `tablespace` where that folder is named; its URL."""
        with psycopg.connect(f"{self.url}/postgres", autocommit=True) as admin:
            place = ""
            if tablespace is not None:
                if self._user:
                    shutil.chown(tablespace, self._user, self._user)
                admin.execute(f"CREATE TABLESPACE small LOCATION '{tablespace}'".encode())
                place = " TABLESPACE small"
            admin.execute(f"CREATE DATABASE {name}{place}".encode())
        return f"{self.url}/{name}"


def _runs(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@contextlib.contextmanager
def postgres(home: Path) -> Iterator[Postgres]:
    """A running cluster; it is gone after the block, in whatever state the fault left it."""
    cluster = Postgres(home)
    cluster.start()
    try:
        yield cluster
    finally:
        with contextlib.suppress(ServerError):
            cluster.stop("immediate")


class Redis:
    """A Redis that keeps nothing on disk, as deploy/redis: after a kill it is empty."""

    def __init__(self, home: Path) -> None:
        home.mkdir(mode=0o700)
        self._home, self.port, self._password = home, free_port(), secrets.token_hex(16)
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        given = f'bind 127.0.0.1\nport {self.port}\nrequirepass {self._password}\nsave ""\nappendonly no\n'
        program = shutil.which("redis-server") or "redis-server"
        with (self._home / "server.log").open("a") as log:
            self._process = subprocess.Popen(
                [program, "-"], stdin=subprocess.PIPE, stdout=log, stderr=log, text=True, cwd=self._home
            )
        assert self._process.stdin is not None
        with self._process.stdin as stdin:
            stdin.write(given)
        wait_until(self._answers, "redis-server")

    def _answers(self) -> bool:
        with contextlib.suppress(redis.RedisError), contextlib.closing(redis.Redis.from_url(self.url)) as client:
            return bool(client.ping())
        return False

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()
