"""Real servers for the tests, on free ports and in a temporary folder; conftest.py makes fixtures of them.

A run of the tests owns one folder and a lock in it. Each server is started by whoever needs it first and held by a
keeper, a process of its own that stops the server when the run's owner lets go of the lock, however that process ends:
normally, by Ctrl-C or by a kill.
"""

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO, TypeVar

ROOT = Path(__file__).resolve().parent.parent
T = TypeVar("T")
Tcp = dict[str, str]  # what a keeper tells of its server: {"url": …}


class ServerError(Exception):
    """A server did not start, answer or stop; the text says which and what it logged."""


def wait_until(condition: Callable[[], T], what: str, timeout: float = 10.0) -> T:
    """The first true value of `condition`, asked again and again; after `timeout` seconds TimeoutError with `what`."""
    give_up = time.monotonic() + timeout
    while not (value := condition()):
        if time.monotonic() > give_up:
            raise TimeoutError(f"waited {timeout} s in vain: {what}")
        time.sleep(0.01)
    return value


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_open(port: int) -> bool:
    """Whether somebody listens on this port of the machine."""
    with contextlib.closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def locked(path: Path) -> Iterator[TextIO]:
    """Hold the lock of a file; waits for whoever holds it."""
    with path.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


class Run:
    """One run of the tests: made by the process that owns it, joined by the others through its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    @contextlib.contextmanager
    def owned(cls) -> Iterator["Run"]:
        """A new run. Leaving the block stops every server that was started for it and removes the folder."""
        folder = Path(tempfile.mkdtemp(prefix="comments-tests-"))
        folder.chmod(0o711)  # the user `postgres` passes through to its own folder
        run = cls(folder)
        try:
            with locked(folder / "owner"):
                yield run
        finally:
            for kept in folder.glob("*.kept"):
                with locked(kept):  # held by the keeper until its server is gone
                    pass
            shutil.rmtree(folder)

    def server(self, kind: str, name: str) -> Tcp:
        """Where the server `name` of a kind (a key of KINDS) listens; it is started when nobody did yet."""
        with locked(self.folder / f"{name}.starting"):
            told = self.folder / f"{name}.json"
            if not told.exists():
                self._start_keeper(kind, name)
            answer: Tcp = json.loads(told.read_text())
        if "error" in answer:
            raise ServerError(answer["error"])
        return answer

    def _start_keeper(self, kind: str, name: str) -> None:
        heard, said = os.pipe()
        try:
            os.posix_spawn(
                sys.executable,
                [sys.executable, __file__, str(self.folder), kind, name],
                os.environ,
                file_actions=[(os.POSIX_SPAWN_DUP2, said, 1)],
                setsid=True,  # Ctrl-C is for the tests; the keeper hears of their end by the lock
            )
        finally:
            os.close(said)
        with os.fdopen(heard) as answers:
            answers.read()  # ends when the keeper has written its answer and closed its output


def keep(folder: Path, kind: str, name: str) -> None:
    """The keeper: start a server, tell where it is, wait for the end of the run, stop it."""
    told = folder / f"{name}.json"
    with locked(folder / f"{name}.kept"):
        try:
            with KINDS[kind](folder / name) as answer:
                told.write_text(json.dumps(answer))
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
                with (folder / "owner").open() as owner:
                    fcntl.flock(owner, fcntl.LOCK_SH)  # granted when the owner is gone
        except (ServerError, OSError) as error:
            told.write_text(json.dumps({"error": f"{name} did not start: {error}"}))
        finally:
            shutil.rmtree(folder / name, ignore_errors=True)


def _run(*command: str | Path, user: str | None, cwd: Path) -> None:
    done = subprocess.run(
        command, cwd=cwd, user=user, group=user, extra_groups=[] if user else None, text=True, check=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=_plain_environment(cwd),
    )  # fmt: skip
    if done.returncode:
        logs = "".join(path.read_text() for path in cwd.glob("*.log"))
        raise ServerError(f"{command[0]} failed: {done.stdout}{logs}")


def _plain_environment(home: Path) -> dict[str, str]:
    """No PG… of the machine gets through."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8"}


def postgresql_programs() -> Path:
    """The folder of initdb and pg_ctl, of the newest PostgreSQL here."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise ServerError("PostgreSQL is not installed (Debian: apt-get install postgresql).")
    return Path(on_path).resolve().parent


@contextlib.contextmanager
def postgresql(home: Path) -> Iterator[Tcp]:
    """A cluster of its own that forgets everything at a power cut: only for tests."""
    programs = postgresql_programs()
    user = "postgres" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    home.mkdir(mode=0o700)
    password, data = secrets.token_hex(16), home / "data"
    (home / "password").write_text(password)
    if user:
        for path in (home, home / "password"):
            shutil.chown(path, user, user)
    _run(
        programs / "initdb", "--pgdata", data, "--username=comments", f"--pwfile={home / 'password'}",
        "--auth=password", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", user=user, cwd=home,
    )  # fmt: skip
    port = _start_postgresql(programs, home, user)
    try:
        yield {"url": f"postgresql://comments:{password}@127.0.0.1:{port}"}
    finally:
        _run(programs / "pg_ctl", "stop", "--pgdata", data, "--mode=immediate", "--wait", user=user, cwd=home)


def _start_postgresql(programs: Path, home: Path, user: str | None) -> int:
    loose = "fsync=off synchronous_commit=off full_page_writes=off shared_buffers=64MB max_connections=200"
    for attempt in range(5):
        port = free_port()
        chosen = f"{loose} listen_addresses=127.0.0.1 port={port} unix_socket_directories="
        options = " ".join(f"-c {setting}" for setting in chosen.split())
        start = ("start", "--pgdata", home / "data", "--log", home / "server.log", "--options", options, "--wait")
        try:
            _run(programs / "pg_ctl", *start, user=user, cwd=home)
        except ServerError:
            if attempt == 4:
                raise
        else:
            return port
    raise AssertionError


@contextlib.contextmanager
def redis(home: Path) -> Iterator[Tcp]:
    """A Redis that keeps nothing on disk."""
    program = shutil.which("redis-server")
    if program is None:
        raise ServerError("Redis is not installed (Debian: apt-get install redis-server).")
    home.mkdir(mode=0o700)
    port, password = free_port(), secrets.token_hex(16)
    config = f'bind 127.0.0.1\nport {port}\nrequirepass {password}\nsave ""\nappendonly no\ndir {home}\n'
    with (home / "server.log").open("w") as log:
        process = subprocess.Popen([program, "-"], stdin=subprocess.PIPE, stdout=log, stderr=log, text=True)
    assert process.stdin is not None
    with process.stdin as stdin:
        stdin.write(config)
    try:
        log_text = (home / "server.log").read_text
        wait_until(lambda: process.poll() is not None or "Ready to accept connections" in log_text(), "redis-server")
        if process.poll() is not None:
            raise ServerError(log_text())
        yield {"url": f"redis://:{password}@127.0.0.1:{port}"}
    finally:
        process.terminate()
        process.wait()


KINDS: dict[str, Callable[[Path], contextlib.AbstractContextManager[Tcp]]] = {"postgresql": postgresql, "redis": redis}

if __name__ == "__main__":
    keep(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
