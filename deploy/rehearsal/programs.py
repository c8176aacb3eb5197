"""PostgreSQL, PgBouncer, Redis and nginx from Debian's packages, each on the sample files of deploy/ with ports and
paths of this run put in. cluster.py starts them.
"""

import contextlib
import hashlib
import os
import secrets
import shutil
import signal
import ssl
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis

from tests.servers import ServerError, free_port, postgresql_programs, wait_until

DEPLOY = Path(__file__).resolve().parent.parent
OWNER, SERVICE = "comments_owner", "comments_service"
UNPRIVILEGED = "postgres" if os.geteuid() == 0 else None  # PostgreSQL and PgBouncer refuse to run as root
NEEDED = ("nginx", "pgbouncer", "redis-server", "openssl", "wrk", "chromium")  # programs, and packages of that name


def missing_programs() -> list[str]:
    """Debian's packages that a rehearsal needs and this machine has not."""
    missing = [program for program in NEEDED if _found(program) is None]
    with contextlib.suppress(ServerError):
        postgresql_programs()
        return missing
    return [*missing, "postgresql"]


def _found(program: str) -> str | None:
    return shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def render(source: Path, target: Path, changes: Mapping[str, str]) -> Path:
    """Write a sample file with other ports and paths. What is to be changed must be there: the samples are the run."""
    text = source.read_text()
    for old, new in changes.items():
        if old not in text:
            raise ServerError(f"{source.name} does not say {old!r} any more.")
        text = text.replace(old, new)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    return target


@dataclass
class Program:
    """One process that was started here and is ended here, by its id."""

    name: str
    log: Path
    process: subprocess.Popen[bytes]
    stop_by: signal.Signals = signal.SIGTERM

    def wait_until(self, condition: Callable[[], object], within: float = 20.0) -> None:
        def settled() -> bool:
            return self.process.poll() is not None or bool(condition())

        with contextlib.suppress(TimeoutError):
            wait_until(settled, self.name, within)
            if self.process.poll() is None:
                return
        raise ServerError(f"{self.name} did not start:\n{self.log.read_text(errors='replace')[-4000:]}")

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(self.stop_by)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def running(
    name: str,
    command: list[str | Path],
    folder: Path,
    user: str | None = None,
    stop_by: signal.Signals = signal.SIGTERM,
) -> Iterator[Program]:
    """A program with its output in a log of its own; stopped after the block, however that ends."""
    log_path = folder / f"{name}.log"
    with log_path.open("ab") as log:
        process = subprocess.Popen(
            command, cwd=folder, user=user, group=user, extra_groups=[] if user else None,
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            env={"PATH": f"{os.environ['PATH']}:/usr/sbin", "HOME": str(folder), "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
    program = Program(name, log_path, process, stop_by)
    try:
        yield program
    finally:
        program.stop()


def run(*command: str | Path, cwd: Path, user: str | None = None) -> None:
    """A command that must succeed."""
    done = subprocess.run(
        command, cwd=cwd, user=user, group=user, extra_groups=[] if user else None, text=True, check=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={"PATH": os.environ["PATH"], "HOME": str(cwd), "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    if done.returncode:
        raise ServerError(f"{command[0]} failed: {done.stdout}")


def own_folder(path: Path) -> Path:
    """A folder of the user that the database's programs run as."""
    path.mkdir(mode=0o700)
    own_file(path)
    return path


def own_file(path: Path) -> None:
    if UNPRIVILEGED:
        shutil.chown(path, UNPRIVILEGED, UNPRIVILEGED)


@dataclass(frozen=True)
class Database:
    """PostgreSQL with the roles of roles.sql. `secrets_of`: passwords by role; `scram`: the service's, as stored."""

    port: int
    passwords: dict[str, str]
    scram: str

    def url(self, role: str, port: int | None = None) -> str:
        database = "postgres" if role == "postgres" else "comments"
        return f"postgresql://{role}:{self.passwords[role]}@127.0.0.1:{port or self.port}/{database}"


@contextlib.contextmanager
def postgresql(home: Path) -> Iterator[Database]:
    """A cluster on deploy/postgresql: what it confirms is on the disk."""
    programs, port = postgresql_programs(), free_port()
    passwords = {role: secrets.token_hex(16) for role in ("postgres", OWNER, SERVICE)}
    data = own_folder(home) / "data"
    (home / "password").write_text(passwords["postgres"])
    own_file(home / "password")
    chosen = ["--username=postgres", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    given = ["--pgdata", data, "--pwfile", home / "password"]
    run(programs / "initdb", *given, *chosen, cwd=home, user=UNPRIVILEGED)
    own_folder(home / "conf.d")
    own_file(render(DEPLOY / "postgresql/comments.conf", home / "conf.d/comments.conf", {}))
    with (data / "postgresql.conf").open("a") as config:
        config.write(f"include_dir = '{home}/conf.d'\n")
    here = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "shared_buffers": "128MB"}
    options = [part for name, value in here.items() for part in ("-c", f"{name}={value}")]
    command = [programs / "postgres", "-D", data, *options]
    with running("postgresql", command, home, UNPRIVILEGED, signal.SIGINT) as program:
        superuser = f"postgresql://postgres:{passwords['postgres']}@127.0.0.1:{port}/postgres"
        program.wait_until(lambda: _answers(superuser))
        given = [
            f"--set={name}={passwords[role]}"
            for name, role in (("owner_password", OWNER), ("service_password", SERVICE))
        ]
        run(programs / "psql", "--quiet", *given, f"--file={DEPLOY / 'postgresql/roles.sql'}", superuser, cwd=home)
        with psycopg.connect(superuser) as admin:
            found = admin.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", [SERVICE]).fetchone()
        assert found is not None
        yield Database(port, passwords, found[0])


def _answers(url: str) -> bool:
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url, connect_timeout=1):
        return True
    return False


@contextlib.contextmanager
def pgbouncer(home: Path, database: Database) -> Iterator[int]:
    """PgBouncer on deploy/pgbouncer; its port."""
    own_folder(home)
    port = free_port()
    users = home / "userlist.txt"
    users.write_text(f'"{SERVICE}" "{database.scram}"\n')
    changes = {
        "port=5432": f"port={database.port}",
        "listen_port = 6432": f"listen_port = {port}",
        "/etc/pgbouncer/userlist.txt": str(users),
        "unix_socket_dir = /run/postgresql": f"unix_socket_dir = {home}",
        "logfile = /var/log/postgresql/pgbouncer.log": "logfile =",
        "/run/postgresql/pgbouncer.pid": f"{home}/pgbouncer.pid",
        "/etc/pgbouncer/pooling.ini": str(home / "pooling.ini"),
    }
    config = render(DEPLOY / "pgbouncer/pgbouncer.ini", home / "pgbouncer.ini", changes)
    for path in (users, config, render(DEPLOY / "pgbouncer/pooling.ini", home / "pooling.ini", {})):
        own_file(path)
    command: list[str | Path] = [_found("pgbouncer") or "pgbouncer", config]
    with running("pgbouncer", command, home, UNPRIVILEGED) as program:
        program.wait_until(lambda: _answers(database.url(SERVICE, port)))
        yield port


@contextlib.contextmanager
def redis_server(home: Path) -> Iterator[str]:
    """Redis on deploy/redis; the URL of the service's user."""
    home.mkdir(mode=0o700)
    port, password = free_port(), secrets.token_hex(16)
    users = render(
        DEPLOY / "redis/users.acl.example",
        home / "users.acl",
        {"THE-SHA-256-OF-ITS-PASSWORD-IN-HEX": hashlib.sha256(password.encode()).hexdigest()},
    )
    changes = {"port 6379": f"port {port}", "/etc/redis/users.acl": str(users)}
    config = render(DEPLOY / "redis/redis.conf", home / "redis.conf", changes)
    url = f"redis://comments:{password}@127.0.0.1:{port}/0"
    with running("redis", [_found("redis-server") or "redis-server", config, "--dir", home], home) as program:
        program.wait_until(lambda: _redis_answers(url))
        yield url


def _redis_answers(url: str) -> bool:
    with contextlib.suppress(redis.RedisError), contextlib.closing(redis.Redis.from_url(url)) as client:
        return bool(client.ping())
    return False


@dataclass
class Nginx:
    """nginx in front. `certificate`: of the authority that signed its own."""

    port: int
    certificate: Path
    access_log: Path

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.certificate)


@contextlib.contextmanager
def nginx(home: Path, upstreams: Mapping[str, list[int]]) -> Iterator[Nginx]:
    """nginx on deploy/nginx, TLS with a certificate of an authority of its own. `upstreams`: ports of web and live."""
    home.mkdir(mode=0o711)
    port, plain = free_port(), free_port()
    authority = make_certificates(home)
    files = DEPLOY / "nginx"
    changes = {
        "/run/nginx.pid": f"{home}/nginx.pid",
        "/var/log/nginx/": f"{home}/",
        "buffer=64k flush=5s": "buffer=4k flush=1s",
        "include mime.types": "include /etc/nginx/mime.types",
        "worker_processes auto": "worker_processes 1",
        "worker_rlimit_nofile 65536": "worker_rlimit_nofile 8192",
        "worker_connections 32000": "worker_connections 4096",
    }
    render(files / "nginx.conf", home / "nginx.conf", changes)
    render(files / "proxy.conf", home / "proxy.conf", {})
    changes = {
        "listen 80 ": f"listen 127.0.0.1:{plain} ",
        "listen [::]:80 ": f"listen [::1]:{plain} ",
        "listen 443 ": f"listen 127.0.0.1:{port} ",
        "listen [::]:443 ": f"listen [::1]:{port} ",
        "server_name comments.example": "server_name localhost",
        "/etc/nginx/tls/": f"{home}/",
        "/var/cache/nginx/": f"{home}/",
    }
    render(files / "comments.conf", home / "comments.conf", changes)
    render(files / "upstreams.conf", home / "upstreams.conf", _ports(upstreams))
    command: list[str | Path] = [_found("nginx") or "nginx", "-p", home, "-c", home / "nginx.conf", "-g", "daemon off;"]
    command += ["-e", home / "error.log"]
    with running("nginx-output", command, home, stop_by=signal.SIGQUIT) as program:
        program.wait_until((home / "nginx.pid").exists)
        yield Nginx(port, authority, home / "access.log")


def _ports(upstreams: Mapping[str, list[int]]) -> dict[str, str]:
    """The sample names two machines, web on 8001 and live on 8002."""
    asked = {"8001": upstreams["web"], "8002": upstreams["live"]}
    return {
        f"10.0.0.{10 + number}:{sample}": f"127.0.0.1:{port}"
        for sample, ports in asked.items()
        for number, port in enumerate(ports, 1)
    }


def make_certificates(home: Path) -> Path:
    """privkey.pem and fullchain.pem for localhost; the certificate of the authority that signed them."""
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    ours = ["-x509", "-keyout", "authority.key", "-out", "authority.pem", "-subj", "/CN=rehearsal"]
    names = "subjectAltName=DNS:localhost,DNS:*.localhost,IP:127.0.0.1,IP:::1"
    run("openssl", "req", *curve, *ours, cwd=home)
    run("openssl", "req", *curve, "-keyout", "privkey.pem", "-out", "request.pem", "-subj", "/CN=localhost", cwd=home)
    (home / "names").write_text(names)
    signed = ["-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial", "-days", "2", "-extfile", "names"]
    run("openssl", "x509", "-req", "-in", "request.pem", *signed, "-out", "fullchain.pem", cwd=home)
    return home / "authority.pem"
