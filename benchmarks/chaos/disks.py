"""The disk is full, takes no writes, or is gone: 503 for those who write, nothing broken, and on by itself after it."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg

from benchmarks.chaos.power import disk, why_not
from benchmarks.chaos.scene import SMALL, Crowd, Row, Scene, scene, stored
from benchmarks.chaos.stage import new_folder, stage
from tests.servers import wait_until

MEGABYTES = 160  # a service with less than 64 free is not ready, and would never be seen to start


def run(engine: str, quick: bool) -> Iterator[Row]:
    if reason := why_not():
        print(f"disk: not tried here, {reason}")
        return
    yield _full(engine, quick)
    if engine == "postgresql":
        yield _read_only(quick)
    elif not quick:
        yield _gone()


@contextlib.contextmanager
def small_disk() -> Iterator[Path]:
    """A file system of a few megabytes."""
    with new_folder() as folder:
        path = folder / "small"
        path.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", path], check=True)
        try:
            (path / "data").mkdir()
            yield path
        finally:
            subprocess.run(["umount", "--lazy", path], check=True)


@contextlib.contextmanager
def filled(path: Path) -> Iterator[None]:
    """Not a byte is free on the disk of this folder."""
    ballast = path / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    try:
        yield
    finally:
        ballast.unlink()


def _full(engine: str, quick: bool) -> Row:
    with small_disk() as path, contextlib.ExitStack() as ends:
        where = {"data": path / "data"} if engine == "sqlite" else {"tablespace": path / "data"}
        on = ends.enter_context(stage(engine, **where))  # type: ignore[arg-type]
        with scene(on, "disk full", SMALL if quick else Crowd(writers=8, readers=1, watchers=4)) as played:
            with filled(path):
                _suffer(played, quick)
            played.repaired()
            played.wait_for(10)
        log = on.served.log()
        if "full" not in log and "No space" not in log:
            played.row.fails.append("the log does not say that the disk is full")
    return played.row


def _suffer(played: Scene, quick: bool) -> None:
    """Until writers are refused, and then some seconds more, in which reads must go on."""
    wait_until(lambda: played.book.away > 3, f"503; {dict(played.book.wrong)}", 60)
    failed, reads = played.book.reads_failed, played.book.reads
    played.watch_for(2 if quick else 10)
    if played.book.reads_failed > failed or played.book.reads == reads:
        played.row.fails.append(f"{played.book.reads_failed - failed} reads failed meanwhile")
    played.row.note = f"{played.book.away} × 503, {played.book.reads - reads} reads served meanwhile"


def _read_only(quick: bool) -> Row:
    """As after a failover to a server that follows another."""
    with stage("postgresql") as on, scene(on, "PostgreSQL takes no writes", SMALL) as played:
        assert on.postgres is not None
        with psycopg.connect(f"{on.postgres.url}/postgres", autocommit=True) as admin:
            for only in ("on", "off"):
                admin.execute(f"ALTER SYSTEM SET default_transaction_read_only = {only}".encode())
                admin.execute("SELECT pg_reload_conf()")
                if only == "on":
                    _suffer(played, quick)
        played.repaired()
        played.wait_for(10)
    return played.row


def _gone() -> Row:
    """Every access is an I/O error, until it is mounted again and the service is started again.

    What is accepted while the disk dies is not promised (docs/reliability.md) and told apart: ext4 itself sometimes
    reports a sync as done that it did not make, and a service that lives passes that on.
    """
    with disk() as on_disk, stage("sqlite", data=on_disk.path / "data") as on:
        os.sync()
        with scene(on, "disk gone (I/O errors)", SMALL) as played:
            firm = {*played.book.accepted}
            on_disk.cut()
            played.watch_for(3)
            instant = {key: played.book.accepted.pop(key) for key in {*played.book.accepted} - firm}
            on.served.kill()
            on.database.engine.dispose()
            on_disk.unmount()
            on_disk.mount()
            on.serve()
            played.repaired()
            played.wait_for(10)
        gone = {*instant.values()} - {id_ for id_, _, _ in stored(on)}
    row = played.row
    row.note = f"of {len(instant)} accepted while the disk died, which is not promised, {len(gone)} gone"
    if gone:
        row.live_gaps = 0  # who heard of it counts on from a change that never was
    return row
