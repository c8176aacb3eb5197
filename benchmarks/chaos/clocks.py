"""The clock of the service jumps hours ahead and back under load: nothing may be lost, doubled or stuck."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from benchmarks.chaos.people import PATIENCE
from benchmarks.chaos.scene import SMALL, Crowd, Row, Scene, scene
from benchmarks.chaos.stage import new_folder, stage
from comments.storage.tables import gathered
from comments.storage.transaction import system_clock
from deploy.rehearsal.load import ARTICLE
from tests.live.paper import Member

HOURS = (3, 1, 1.01, 0, -2, 0)  # ahead of the right time; every second one is a step back
STUCK = 10.0  # seconds within which reactions must show, whatever the clock does


def _library(folder: Path) -> Path:
    """What tells a process another time, compiled."""
    made = folder / "clock.so"
    source = Path(__file__).with_name("clock.c")
    subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", made, source, "-ldl"], check=True)
    return made


def run(engine: str, quick: bool) -> Iterator[Row]:
    if shutil.which("gcc") is None:
        print("clock: not tried here, gcc is not installed")
        return
    with new_folder() as folder:
        told = folder / "ahead"
        told.write_bytes(bytes(8))
        fake = {"LD_PRELOAD": str(_library(folder)), "CHAOS_CLOCK": str(told)}
        with stage(engine, **fake) as on:
            hours = HOURS[:2] if quick else HOURS
            with scene(on, "clock jumps", SMALL if quick else Crowd(writers=6, readers=1, watchers=4)) as played:
                for ahead in hours:
                    _jump(played, told, ahead)
            played.row.note = "hours ahead: " + ", ".join(map(str, hours))
            yield played.row


def _jump(played: Scene, told: Path, ahead: float) -> None:
    """Service and publisher have the same clock; the posts after it count."""
    paper, off = played.stage.paper, round(ahead * 3600)
    with told.open("r+b") as file:
        file.write(off.to_bytes(8, "little", signed=True))
    played.stage.database.clock = lambda: system_clock() + off * 1_000_000
    played.repaired()
    played.wait_for(20, PATIENCE)
    _reactions_show(played, [paper.member(f"reader-{number}") for number in range(3)])


def _reactions_show(played: Scene, readers: list[Member]) -> None:
    """Three reactions within a second: one at once, the others by a job."""
    began = time.monotonic()
    comment = played.writers[0].member.post(ARTICLE, f"Recommend number {began}.")
    if comment["status"] != "published":
        played.row.fails.append(f"a post is {comment['status']}: {comment}")
        return
    comment = comment["id"]
    for reader in readers:
        reader.recommend(comment)
    while time.monotonic() - began < STUCK:
        with played.stage.database.read() as conn:  # no page: behind what was written ahead of time it is not the first
            waits = conn.execute(sa.select(gathered).where(gathered.c.comment_id == int(comment))).first()
        if waits is None:
            return
        time.sleep(0.2)
    played.row.fails.append(f"reactions did not show within {STUCK:.0f} s")
