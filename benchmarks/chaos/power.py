"""The power is cut: an ext4 of its own is shut down as it stands, so that nothing that was not on its disk is kept.

The kernel's own ioctl for tests of file systems: from that moment nothing is written any more, dirty pages are dropped,
and mounting again replays the file system's journal. With synchronous=NORMAL accepted comments are gone after it, which
shows that the harness can see a loss; with FULL none may be.
"""

import contextlib
import fcntl
import functools
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.chaos.scene import SMALL, Crowd, Row, scene
from benchmarks.chaos.stage import kill, new_folder, stage
from tests.served import descendants

SHUTDOWN, DROP = 0x8004587D, 2  # EXT4_IOC_SHUTDOWN, EXT4_GOING_FLAGS_NOLOGFLUSH
MEGABYTES = 256


def why_not() -> str:
    """Why this machine cannot do it; "" if it can."""
    if os.geteuid() != 0:
        return "only root may mount a file system"
    if shutil.which("mkfs.ext4") is None:
        return "mkfs.ext4 is not installed"
    if not Path("/dev/loop-control").exists():
        return "there are no loop devices"
    return _may_not_mount()


@functools.cache
def _may_not_mount() -> str:
    """Root of a container may have devices and still not be allowed to mount anything."""
    with new_folder() as folder:
        try:
            made = Disk(folder)
        except OSError as error:
            return f"no file system can be mounted here: {str(error).strip()[:200]}"
        made.unmount()
    return ""


class Disk:
    """A file system in a file."""

    def __init__(self, folder: Path) -> None:
        self._image, self.path = folder / "disk.img", folder / "disk"
        self.path.mkdir()
        with self._image.open("wb") as image:
            image.truncate(MEGABYTES << 20)
        _run("mkfs.ext4", "-q", "-F", str(self._image))
        self.mount()

    def mount(self) -> None:
        # nothing reaches the disk by itself before it is asked to: what comes through owes it to fsync
        _run("mount", "-o", "loop,commit=300", str(self._image), str(self.path))

    def unmount(self) -> None:
        """As soon as the last of those that were killed has let go of it; by force if one never does."""
        give_up = time.monotonic() + 30
        while os.path.ismount(self.path):
            try:
                _run("umount", str(self.path))
            except OSError:
                if time.monotonic() > give_up:
                    _run("umount", "--lazy", str(self.path))
                    raise
                time.sleep(0.05)

    def cut(self) -> None:
        """From here on nothing is written."""
        folder = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(folder, SHUTDOWN, DROP.to_bytes(4, "little"))
        finally:
            os.close(folder)


def _run(*command: str) -> None:
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    if done.returncode:
        raise OSError(f"{' '.join(command)}: {done.stderr}")


@contextlib.contextmanager
def disk() -> Iterator[Disk]:
    with new_folder() as folder:
        made = Disk(folder)
        try:
            yield made
        finally:
            made.unmount()


def run(engine: str, quick: bool) -> Iterator[Row]:
    if reason := why_not():
        print(f"power: not tried here, {reason}")
        return
    assert engine == "sqlite"
    cuts = 1 if quick else 12
    yield _cut_again_and_again("FULL", cuts, quick)
    if not quick:
        yield _cut_again_and_again("NORMAL", 3, quick)


def _cut_again_and_again(synchronous: str, cuts: int, quick: bool) -> Row:
    with disk() as on_disk:
        data = on_disk.path / "data"
        with stage("sqlite", data=data, COMMENTS_SQLITE_SYNCHRONOUS=synchronous) as on:
            crowd = SMALL if quick else Crowd(writers=8, readers=1, watchers=4)
            os.sync()
            with scene(on, f"power cut, synchronous={synchronous}", crowd) as played:
                for _ in range(cuts):
                    played.wait_for(20 if quick else random.randint(50, 200))
                    time.sleep(random.uniform(0, 0.3))
                    # nobody can answer any more once the power is gone
                    kill([on.served.pid, *descendants(on.served.pid)], signal.SIGSTOP)
                    on_disk.cut()
                    on.served.kill()
                    on.database.engine.dispose()
                    on_disk.unmount()
                    on_disk.mount()
                    on.serve()
                    played.repaired()
                played.wait_for(crowd.writers)
        row = played.row
    row.note = f"{cuts} cuts"
    if synchronous == "NORMAL":
        _must_lose(row)
    return row


def _must_lose(row: Row) -> None:
    """The proof that a loss would be seen."""
    row.note += f"; a loss is expected: {row.lost} lost, as this setting does"
    if row.lost == 0:
        row.fails.append("nothing was lost with NORMAL: this harness shows nothing")
    row.expected_loss = True
