"""Isso, installed from PyPI into an environment of its own, filled with the comments that our threads have and served
as its documentation says for one process: gunicorn with a gevent worker, its own SQLite settings, no limit of pace.
"""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

from benchmarks.corpus import ROOT
from benchmarks.installation import Installation, on_core
from benchmarks.limits import fetch
from benchmarks.load import Ask
from benchmarks.processes import SERVER
from comments.storage.tables import articles, comments
from tests.servers import ServerError, free_port, wait_until

PINNED = ("isso==0.14.0", "gunicorn==27.0.1", "gevent==26.9.0", "packaging==26.3")
HOME = ROOT / "benchmarks" / "results" / ".isso-0.14.0"
SETTINGS = """[general]
dbpath = {database}
host = http://localhost:{port}/
[guard]
enabled = false
[server]
listen = http://localhost:{port}
"""
NOBODY = bytes(256)  # who voted for a comment: a filter with nobody in it


class Isso:
    """A running Isso. Its embed asks for all comments of the first level and five replies of each."""

    name = "Isso 0.14"

    def __init__(self, port: int, pid: int) -> None:
        self.port, self.pid = port, pid

    def read(self, key: str) -> Ask:
        return Ask("read", "GET", f"/?uri={_uri(key)}&nested_limit=5", {"Accept-Encoding": "br, gzip"})

    def post(self, key: str, writer: int, body: str) -> Ask:
        content = {"text": body, "author": f"Subscriber {writer}", "email": f"{writer}@example.org", "title": key}
        told = {"Content-Type": "application/json"}
        return Ask("post", "POST", f"/new?uri={_uri(key)}", told, json.dumps(content).encode())

    def counts(self, keys: tuple[str, ...]) -> Ask:
        content = json.dumps([f"/{key}/" for key in keys]).encode()
        return Ask("counts", "POST", "/count", {"Content-Type": "application/json"}, content)

    def shown(self, page: bytes) -> set[str]:
        roots = json.loads(page)["replies"]
        return {str(one["id"]) for root in roots for one in (root, *root["replies"])}


def _uri(key: str) -> str:
    return quote(f"/{key}/", safe="")


def installed() -> Path:
    """The folder of its programs; installed at the first call, which needs a network."""
    programs = HOME / "bin"
    if not (HOME / "complete").exists():
        print(f"  installing {', '.join(PINNED)} from PyPI", flush=True)
        for command in ([sys.executable, "-m", "venv", "--clear", HOME], [programs / "pip", "install", "-q", *PINNED]):
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
            if done.returncode:
                raise ServerError(f"Isso could not be installed from PyPI:\n{done.stderr[-2000:]}")
        (HOME / "complete").touch()
    return programs


@contextmanager
def serving(setup: Installation, keys: tuple[str, ...]) -> Iterator[Isso]:
    """Isso on the service's core, with the threads of ours that have these keys."""
    programs, folder, port = installed(), setup.new_folder("isso"), free_port()
    (folder / "isso.cfg").write_text(SETTINGS.format(database=folder / "isso.db", port=port))
    environ = {"PATH": os.environ["PATH"], "ISSO_SETTINGS": str(folder / "isso.cfg")}
    options = ["-k", "gevent", "-w", "1", "--keep-alive", "60"]  # 2 s, its default, pass while it answers others
    command = [programs / "gunicorn", *options, "-b", f"127.0.0.1:{port}", "isso.run"]
    with on_core(SERVER), (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=log, stderr=log)
    try:
        wait_until(lambda: process.poll() is not None or _is_ready(port), "Isso", 20)
        if process.poll() is not None:
            raise ServerError(f"Isso did not start:\n{(folder / 'log').read_text()}")
        for key in keys:
            _fill(setup, folder / "isso.db", key)
        yield Isso(port, process.pid)
    finally:
        process.terminate()
        process.wait()


def _is_ready(port: int) -> bool:
    """It makes its tables before its first answer."""
    try:
        return fetch(f"http://127.0.0.1:{port}/config", {}).status.startswith("200")
    except OSError:
        return False


def _fill(setup: Installation, path: Path, key: str) -> None:
    """The same bodies, times and people; replies to replies belong to the first level, as Isso itself does it."""
    wanted = sa.select(comments).join(articles).where(articles.c.key == key).order_by(comments.c.id)
    with setup.database.read() as conn, sqlite3.connect(path) as isso:
        thread = isso.execute("INSERT INTO threads (uri, title) VALUES (?, ?)", (f"/{key}/", key)).lastrowid
        first = isso.execute("SELECT coalesce(max(id), 0) FROM comments").fetchone()[0] + 1
        places: dict[int, int] = {}
        for number, row in enumerate(conn.execute(wanted).mappings()):
            places[row["id"]] = first + number
            root = places[row["root_id"]] if row["depth"] else None
            address = f"10.{row['member_id'] >> 8}.{row['member_id'] & 255}.0"
            isso.execute(
                "INSERT INTO comments (id, tid, parent, created, mode, remote_addr, text, author, voters)"
                " VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?)",
                (first + number, thread, root, row["created_at"] / 1e6, address, row["source"],
                 f"Reader {row['member_id']}", NOBODY),
            )  # fmt: skip
