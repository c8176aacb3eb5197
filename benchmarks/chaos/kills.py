"""kill -9 at random moments: one serving process, the one above it, the worker for jobs, everything at once."""

import random
import time
from collections.abc import Iterator

from benchmarks.chaos.scene import SMALL, Crowd, Row, Scene, scene
from benchmarks.chaos.stage import kill, stage

VICTIMS = ("serving", "everything", "jobs", "serving", "arbiter")


def run(engine: str, quick: bool) -> Iterator[Row]:
    posts, kills = (60, 2) if quick else (5_000, 20)
    workers = 1 if engine == "sqlite" else 2
    with stage(engine, workers=workers) as on:
        crowd = SMALL if quick else Crowd(writers=12, readers=2, watchers=10)
        with scene(on, f"kill -9 under load, {workers} serving", crowd) as played:
            killed = _kill_again_and_again(played, posts, kills)
            played.wait_for(crowd.writers, 60)
        played.row.note = f"{len(killed)} kills: " + ", ".join(f"{killed.count(one)} {one}" for one in {*killed})
        yield played.row


def _kill_again_and_again(played: Scene, posts: int, kills: int) -> list[str]:
    """Until so many posts were accepted, spread over so many kills."""
    killed: list[str] = []
    while len(played.book.accepted) < posts or len(killed) < kills:
        if len(killed) < kills:
            played.wait_for(random.randint(posts // kills // 2, posts // kills), 240)
        else:
            played.wait_for(max(1, posts - len(played.book.accepted)), 240)
            break
        time.sleep(random.uniform(0, 0.1))  # anywhere in a post
        victim = VICTIMS[len(killed) % len(VICTIMS)]
        _kill(played, victim)
        killed.append(victim)
    return killed


def _kill(played: Scene, victim: str) -> None:
    on = played.stage
    if victim == "everything":
        on.served.kill()
        on.serve()
    elif pids := on.processes(victim):
        kill([random.choice(pids)])
    played.repaired()
