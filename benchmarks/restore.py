"""Backup and restore as docs/operating.md says: made, restored into a new place, looked at by `comments doctor` there,
and compared: the rows of every table, and every text.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import sqlalchemy as sa

from benchmarks.corpus import Corpus
from benchmarks.filling import MAX_DEPTH, count_writers, fill_thread
from benchmarks.installation import Installation
from benchmarks.measuring import Figure, at_most
from benchmarks.migrations import timed
from comments.app import create_app
from comments.settings import read_settings
from comments.storage.transaction import Database
from tests.served import COMMENTS
from tests.servers import ServerError, postgresql_programs

MOST_MINUTES = 30
IN_A_THREAD = 10_000
TEXTS = "SELECT id, article_id, member_id, status, text, html, source FROM comments ORDER BY id"


def measure(setup: Installation, corpus: Corpus) -> Iterator[Figure]:
    rows = setup.pick(setup.rows, 500)
    _fill(setup, corpus, rows)
    before, folder = look(setup.database), setup.new_folder("restore")
    environ = setup.environ | {"COMMENTS_DATA_DIR": str(folder / "data"), "PATH": os.environ["PATH"]}
    (folder / "data").mkdir()
    if setup.is_sqlite:
        environ["COMMENTS_DATABASE_URL"] = f"sqlite:///{folder / 'data' / 'comments.db'}"
        steps = _sqlite(setup, folder)
    else:
        environ["COMMENTS_DATABASE_URL"] = setup.database_url.replace("/bench", "/restored")
        steps = _postgresql(setup, folder, environ["COMMENTS_DATABASE_URL"])
    steps["`comments doctor` there"] = [COMMENTS, "doctor"]
    whole = 0.0
    for what, command in steps.items():
        taken = timed(lambda command=command: run(command, environ)) / 60
        whole += 0.0 if what == "backup" else taken
        yield Figure(part="restore", what=f"{what}, {rows:,} comments", unit="min", rounds=[taken])
    yield Figure(
        part="restore", what="size of the backup", unit="MB", rounds=[(folder / "backup").stat().st_size / 1e6]
    )
    figure = Figure(part="restore", what="restored and looked at", unit="min", rounds=[whole])
    yield at_most(figure, MOST_MINUTES, f"≤ {MOST_MINUTES}")
    restored = create_app(read_settings(environ)).extensions["comments"].database
    try:
        after = look(restored)
    finally:
        restored.engine.dispose()
    differing = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    if differing:
        raise ServerError(f"the restored database differs in {', '.join(differing)}")
    what = f"tables and texts that differ, of {len(before)}"
    yield at_most(Figure(part="restore", what=what, unit="", rounds=[len(differing)]), 0, "0")


def _fill(setup: Installation, corpus: Corpus, rows: int) -> None:
    trees = corpus.threads()  # one endless sequence: threads that differ
    for number in range(max(1, rows // IN_A_THREAD)):
        size = min(rows, IN_A_THREAD)
        fill_thread(setup.database, setup.site_id, f"restored-{number}", trees, size, MAX_DEPTH)
    with setup.database.transaction() as tx:
        count_writers(tx.conn)
    setup.settled()


def _sqlite(setup: Installation, folder: Path) -> dict[str, list[str | Path]]:
    source = setup.database_url.removeprefix("sqlite:///")
    return {
        "backup": ["env", f"COMMENTS_DATABASE_URL=sqlite:///{source}", COMMENTS, "backup", folder / "backup"],
        "restore": ["cp", folder / "backup", folder / "data" / "comments.db"],
        "the secret key": ["cp", setup.folder / "data" / "secret_key", folder / "data" / "secret_key"],
    }


def _postgresql(setup: Installation, folder: Path, restored: str) -> dict[str, list[str | Path]]:
    programs = postgresql_programs()
    with psycopg.connect(setup.database_url, autocommit=True) as admin:
        admin.execute("CREATE DATABASE restored")
    shutil.copy(setup.folder / "data" / "secret_key", folder / "data")
    return {
        "backup": [programs / "pg_dump", "-Fc", "-f", folder / "backup", setup.database_url],
        "restore": [
            programs / "pg_restore", "-j", "2", "--no-owner", "--exit-on-error", "-d", restored, folder / "backup",
        ],
        "ANALYZE": [programs / "psql", "-q", "-c", "ANALYZE", restored],
    }  # fmt: skip


def run(command: list[str | Path], environ: dict[str, str]) -> None:
    done = subprocess.run(command, env=environ, text=True, capture_output=True, check=False)
    if done.returncode:
        raise ServerError(f"{Path(command[0]).name} failed: {done.stdout}{done.stderr}")


def look(database: Database) -> dict[str, str]:
    """How many rows each table has, and a hash over what people wrote."""
    with database.read() as conn:
        names = sorted(sa.inspect(conn).get_table_names())
        seen = {name: str(conn.execute(sa.text(f'SELECT count(*) FROM "{name}"')).scalar_one()) for name in names}
    digest = hashlib.sha256()
    with database.engine.connect() as conn:
        for row in conn.execution_options(stream_results=True, yield_per=1000).execute(sa.text(TEXTS)):
            digest.update(repr(tuple(row)).encode())
    return seen | {"texts": digest.hexdigest()}
