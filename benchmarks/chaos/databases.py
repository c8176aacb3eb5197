"""PostgreSQL restarted, killed and gone: 503 with Retry-After meanwhile, and back without anybody restarting us."""

import signal
import time
from collections.abc import Callable, Iterator

from benchmarks.chaos.machines import Postgres
from benchmarks.chaos.scene import SMALL, Crowd, Row, Scene, scene
from benchmarks.chaos.stage import Stage, kill, stage
from comments.storage.jobs import is_due
from deploy.rehearsal.load import ARTICLE
from tests.served import descendants

BACK_WITHIN = 5.0  # seconds after PostgreSQL answers again


def run(engine: str, quick: bool) -> Iterator[Row]:
    assert engine == "postgresql"
    away = 2.0 if quick else 30.0
    harms: dict[str, Callable[[Postgres], None]] = {
        "PostgreSQL restarted, fast": lambda one: _restart(one, "fast"),
        "PostgreSQL restarted, immediate": lambda one: _restart(one, "immediate"),
        "PostgreSQL killed with kill -9": _kill,
        f"PostgreSQL frozen for {away / 2:.0f} s": lambda one: _freeze(one, away / 2),
        f"PostgreSQL gone for {away:.0f} s": lambda one: _gone(one, away),
    }
    with stage(engine, workers=2) as on:
        for fault, harm in [*harms.items()][-1 if quick else 0 :]:
            yield _suffer(on, fault, harm, quick)


def _suffer(on: Stage, fault: str, harm: Callable[[Postgres], None], quick: bool) -> Row:
    assert on.postgres is not None
    processes = {*on.processes("serving")}
    with scene(on, fault, SMALL if quick else Crowd()) as played:
        harm(on.postgres)
        played.repaired()
        played.wait_for(20 if quick else 200)
        comment = on.paper.page(ARTICLE)["comments"][0]["id"]
        for name in ("one", "another"):  # the second waits for the job that publishes what was gathered
            on.paper.member(name).recommend(comment)
    row = played.row
    row.note = f"{played.book.away} × 503"
    if {*on.processes("serving")} != processes:
        row.fails.append("a serving process ended")
    if row.recovery is None or row.recovery > BACK_WITHIN:
        row.fails.append(f"nothing was accepted within {BACK_WITHIN:.0f} s")
    _worker_goes_on(on, played)
    return row


def _worker_goes_on(on: Stage, played: Scene) -> None:
    """The reaction of after the fault is published by a job: the worker is back, too."""
    give_up = time.monotonic() + 10
    while time.monotonic() < give_up:
        with on.database.read() as conn:
            if not is_due(conn, on.database.clock() - 1_000_000):
                return
        time.sleep(0.2)
    played.row.fails.append("jobs wait although they are due: the worker did not come back")


def _restart(cluster: Postgres, mode: str) -> None:
    cluster.stop(mode)
    cluster.start()


def _kill(cluster: Postgres) -> None:
    cluster.kill()
    cluster.start()


def _freeze(cluster: Postgres, seconds: float) -> None:
    """It holds its connections and answers nothing."""
    processes = [cluster.pid, *descendants(cluster.pid)]
    kill(processes, signal.SIGSTOP)
    time.sleep(seconds)
    kill(processes, signal.SIGCONT)


def _gone(cluster: Postgres, seconds: float) -> None:
    cluster.stop("immediate")
    time.sleep(seconds)
    cluster.start()
