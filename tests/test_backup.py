"""`comments backup`: a whole and checked copy while others write, and nothing half done when there cannot be one."""

import resource
import shutil
import sqlite3
import subprocess
import threading
from pathlib import Path

import pytest

from comments.storage.transaction import system_clock
from tests.gazette import Gazette
from tests.served import COMMENTS
from tests.storage.test_migrations import app_on
from tests.test_cli import run, variables

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def of(environ: dict[str, str]) -> Path:
    return Path(environ["COMMENTS_DATABASE_URL"].removeprefix("sqlite:///"))


def test_a_copy_is_restored_elsewhere(environ: dict[str, str], tmp_path: Path) -> None:
    """Made while somebody writes, it has what was accepted before, and the doctor finds nothing."""
    with app_on(environ["COMMENTS_DATABASE_URL"], tmp_path) as (app, _):
        member = Gazette.make(app, system_clock).reader("kiesel")
        for number in range(3):
            member.post(f"Number {number}, accepted before.")
    writing, stop = threading.Event(), threading.Event()

    def write() -> None:
        other = sqlite3.connect(of(environ), timeout=30, isolation_level=None)
        while not stop.is_set():
            other.execute("UPDATE sites SET name = name || 'x'")
            writing.set()
        other.close()

    writer = threading.Thread(target=write)
    writer.start()
    assert writing.wait(10)
    copy = tmp_path / "copies" / "monday.db"
    copy.parent.mkdir()
    done = run(environ, "backup", str(copy))
    stop.set()
    writer.join()
    assert (done.returncode, [*copy.parent.iterdir()]) == (0, [copy]), done.stderr
    assert "checked" in done.stdout and copy.stat().st_mode & 0o777 == 0o600

    restored = tmp_path / "restored"
    restored.mkdir()
    shutil.copy(copy, restored / "comments.db")
    there = environ | {"COMMENTS_DATABASE_URL": f"sqlite:///{restored / 'comments.db'}"}
    looked = run(there, "doctor")
    assert looked.returncode == 0, looked.stdout
    with sqlite3.connect(restored / "comments.db") as conn:
        assert conn.execute("SELECT count(*) FROM comments WHERE text LIKE '%accepted before%'").fetchone() == (3,)


def test_nothing_is_written_over(environ: dict[str, str], tmp_path: Path) -> None:
    for name, said in (("there.db", "is left alone"), ("begun.db.part", "another backup runs")):
        (tmp_path / name).write_text("what was there")
        done = run(environ, "backup", str(tmp_path / name.removesuffix(".part")))
        assert done.returncode == 1 and said in done.stderr and "Traceback" not in done.stderr
        assert (tmp_path / name).read_text() == "what was there"
    done = run(environ, "backup", str(tmp_path / "no folder" / "new.db"))
    assert done.returncode == 1 and "No such file" in done.stderr


def test_no_room_leaves_nothing_behind(environ: dict[str, str], tmp_path: Path) -> None:
    """The system refuses to write on at 100 kB, as it does at the end of a disk."""
    folder = tmp_path / "small"
    folder.mkdir()
    done = subprocess.run(
        [COMMENTS, "backup", str(folder / "new.db")], env=variables(environ), capture_output=True, text=True,
        check=False, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
    )  # fmt: skip
    assert done.returncode == 1 and "new.db was not made" in done.stderr and "Traceback" not in done.stderr
    assert not [*folder.iterdir()]


def test_a_damaged_database_is_no_backup(environ: dict[str, str], tmp_path: Path) -> None:
    with sqlite3.connect(of(environ)) as conn:
        conn.execute("PRAGMA journal_mode=DELETE")
        (page_of,) = conn.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_comments_parent'").fetchone()
        (size,) = conn.execute("PRAGMA page_size").fetchone()
    with of(environ).open("r+b") as file:
        file.seek((page_of - 1) * size)
        file.write(b"\xff" * 100)
    done = run(environ, "backup", str(tmp_path / "new.db"))
    assert done.returncode == 1 and "damaged" in done.stderr, done.stderr
    other = tmp_path / "other.db"
    sqlite3.connect(other).close()
    done = run(environ | {"COMMENTS_DATABASE_URL": f"sqlite:///{other}"}, "backup", str(tmp_path / "new.db"))
    assert done.returncode == 1 and "no database of this service" in done.stderr
    done = run(environ | {"COMMENTS_DATABASE_URL": "postgresql://localhost/x"}, "backup", str(tmp_path / "new.db"))
    assert done.returncode == 1 and "pg_dump" in done.stderr
    assert not (tmp_path / "new.db").exists()
