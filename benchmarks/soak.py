"""`make soak`: mixed load for minutes (SOAK_SECONDS, 600 unless told), and what it does to the service: memory, file
handles, threads and database connections of each process, errors, latencies over time; a verdict on growth.

Run: python -m benchmarks.soak [--seconds 600] [--engine sqlite|postgresql] [--into FOLDER]. The exit status is not 0
when something was lost or answered wrongly, or something grows.
"""

import argparse
import contextlib
import itertools
import json
import os
import random
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import linear_regression, median
from typing import Any

import psycopg

from benchmarks.chaos.scene import Crowd, Row, scene
from benchmarks.chaos.stage import Stage, stage
from benchmarks.measuring import percentile
from benchmarks.processes import PAGE
from benchmarks.results import FOLDER, conditions
from deploy.rehearsal.load import ARTICLE, at_work
from tests.live.paper import HELD, Answer, Member, Moderator
from tests.live.sockets import handshake

WARM = 0.4  # of the time, in which what is kept in memory fills
GROWTH = {"rss": 0.10, "files": 0.10, "threads": 0.10, "connections": 0.10}  # over the rest of the time: of the median
SLACK = {"rss": 8.0, "files": 8, "threads": 3, "connections": 3}  # and so much at least: MB, numbers


@dataclass
class Sample:
    """One look at one process. `rss` in MB."""

    at: float
    rss: float
    files: int
    threads: int


@dataclass
class Watch:
    """What was seen. `by_process`: samples by kind and pid; `calls`: (when, milliseconds) of everybody's calls."""

    began: float = field(default_factory=time.monotonic)
    by_process: dict[str, list[Sample]] = field(default_factory=dict)
    connections: list[tuple[float, int]] = field(default_factory=list)
    calls: list[tuple[float, float]] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    def timed(self, ask: Callable[[], Answer]) -> Answer:
        began = time.monotonic()
        found = ask()
        self.calls.append((began - self.began, (time.monotonic() - began) * 1000))
        self.statuses[found.status] = self.statuses.get(found.status, 0) + 1
        return found

    def look(self, on: Stage) -> None:
        kinds = {"supervisor": [on.served.pid]} | {kind: on.processes(kind) for kind in ("arbiter", "serving", "jobs")}
        for kind, pids in kinds.items():
            for number, pid in enumerate(sorted(pids), 1):
                with contextlib.suppress(OSError):
                    name = kind if len(pids) == 1 else f"{kind} {number}"
                    self.by_process.setdefault(name, []).append(_sample(pid, time.monotonic() - self.began))
        if on.postgres is not None:
            with psycopg.connect(f"{on.postgres.url}/postgres", autocommit=True) as admin:
                query = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'faults'"
                found = admin.execute(query).fetchone()
                self.connections.append((time.monotonic() - self.began, found[0] if found else 0))


def _sample(pid: int, at: float) -> Sample:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    tasks = len(os.listdir(f"/proc/{pid}/task"))  # noqa: PTH208
    files = len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208
    return Sample(at, pages * PAGE / 1e6, files, tasks)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak")
    parser.add_argument("--seconds", type=int, default=int(os.environ.get("SOAK_SECONDS", "600")))
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="postgresql")
    parser.add_argument("--into", type=Path, default=FOLDER)
    asked = parser.parse_args()
    told = soak(asked.engine, asked.seconds)
    print("\n".join(lines(told)))
    asked.into.mkdir(exist_ok=True)
    path = asked.into / f"{time.strftime('%Y-%m-%d-%H%M%S')}-soak.json"
    about = conditions(["soak"], "postgresql", asked.seconds < 300) | {"engine": "soak"}
    path.write_text(json.dumps({"about": about | {"load_average_after": os.getloadavg()}, "figures": [], "soak": told}))
    print(path)
    return 1 if told["wrong"] else 0


def soak(engine: str, seconds: int) -> dict[str, Any]:
    """What came of it, as JSON values."""
    watch = Watch()
    with stage(engine, workers=2) as on:
        with scene(on, "soak", Crowd(writers=4, readers=2, watchers=6, pause=0.4)) as played:
            people = _people(on, watch)
            watch.began = time.monotonic()
            with at_work(people):
                give_up = time.monotonic() + seconds
                while time.monotonic() < give_up:
                    watch.look(on)
                    time.sleep(min(5.0, seconds / 30))
        return _told(engine, seconds, watch, played.row)


def _people(on: Stage, watch: Watch) -> list[Callable[[threading.Event], None]]:
    """Readers who come and go, members who edit, react and report, a moderator."""
    paper = on.paper
    members = [paper.member(f"busy-{number}") for number in range(3)]
    moderator = paper.moderator()
    turns = [lambda stopped, one=one: _act(one, watch, stopped) for one in members]
    turns += [lambda stopped: _moderate(moderator, watch, stopped), lambda stopped: _come_and_go(on, stopped)]
    return turns


def _act(member: Member, watch: Watch, stopped: threading.Event) -> None:
    """Posts, edits, reacts to others, reports, reads what is theirs; a token is renewed before it ends."""
    paper, since = member.paper, time.monotonic()
    for turn in itertools.count():
        if stopped.wait(random.uniform(0.2, 0.6)):
            return
        if time.monotonic() - since > 240:
            member, since = paper.member(member.sub), time.monotonic()
        with contextlib.suppress(OSError):
            word = HELD if turn % 5 == 0 else "Word"
            posted = watch.timed(lambda: member.try_to_post("busy", f"{word} {turn} of {member.sub}, {time.time()}."))  # noqa: B023
            page = watch.timed(lambda: paper.call("GET", f"{paper.path('busy')}/comments?limit=20")).data
            others = [one["id"] for one in page["comments"] if one["author"] and one["author"]["id"] != member.id]
            if posted.status == 201 and turn % 3 == 0:
                edit = {"body": f"Said better, turn {turn}, {time.time()}."}
                watch.timed(lambda: member.call("PATCH", f"/api/v1/comments/{posted.data['id']}", edit))  # noqa: B023
            if others:
                chosen = random.choice(others)
                path, method = f"/api/v1/comments/{chosen}/reactions/recommend", random.choice(("PUT", "DELETE"))
                watch.timed(lambda: member.call(method, path))  # noqa: B023
                if turn % 7 == 0:
                    watch.timed(lambda: member.report(chosen))  # noqa: B023


def _moderate(moderator: Moderator, watch: Watch, stopped: threading.Event) -> None:
    """Approves and rejects what waits."""
    while not stopped.wait(1.0):
        with contextlib.suppress(OSError):
            path = f"/sites/{moderator.paper.key}/queues/waiting"
            found = watch.timed(lambda: moderator.call("GET", path))  # noqa: B023
            for item in (found.data or {}).get("items", [])[:5]:
                one = item["comment"]
                body = {"decision": "approve", "version": one["version"]}
                watch.timed(lambda: moderator.call("POST", f"/comments/{one['id']}/decision", body))  # noqa: B023


def _come_and_go(on: Stage, stopped: threading.Event) -> None:
    """Readers' pages that are opened and closed again."""
    auth = {"site": on.paper.key, "article": ARTICLE, "after": None}
    while not stopped.wait(0.1):
        with contextlib.suppress(Exception):  # what a browser would try again
            line = handshake(on.url, on.paper.origin)
            line.greet(auth)
            line.hear(random.uniform(0.1, 1.0))
            line.close()


def _told(engine: str, seconds: int, watch: Watch, row: Row) -> dict[str, Any]:
    processes = {name: _process(name, samples, seconds) for name, samples in watch.by_process.items()}
    fifths = []
    for number in range(5):
        since, until = seconds * number / 5, seconds * (number + 1) / 5
        times = [took for at, took in watch.calls if since <= at < until]
        fifths.append(
            {"calls": len(times), "p50": percentile(times, 50), "p99": percentile(times, 99)} if times else {}
        )
    wrong = [
        *row.fails,
        *row.doctor,
        *(f"{name} {what} grows" for name, one in processes.items() for what in one["grows"]),
    ]
    wrong += [f"{row.lost} lost, {row.doubled} doubled"] if row.lost or row.doubled else []
    wrong += [f"live: {row.live_gaps} gaps, {row.live_doubles} doubles"] if row.live_gaps or row.live_doubles else []
    wrong += [f"{count} × {status}" for status, count in watch.statuses.items() if status >= 500]
    connections = [number for _, number in watch.connections]
    return {
        "engine": engine, "seconds": seconds, "accepted": row.accepted, "found": row.found, "reads": row.reads,
        "calls": len(watch.calls), "statuses": watch.statuses, "connections": [*connections[:1], *connections[-1:]],
        "most_connections": max(connections, default=0), "processes": processes, "fifths": fifths, "wrong": wrong,
    }  # fmt: skip


def _process(name: str, samples: list[Sample], seconds: int) -> dict[str, Any]:
    """First, last and most of each figure, and which of them grow once it is warm: by the slope of all samples."""
    warm = [one for one in samples if one.at >= seconds * WARM]
    told: dict[str, Any] = {"grows": []}
    for what in ("rss", "files", "threads"):
        values = [float(getattr(one, what)) for one in samples]
        told[what] = {"first": values[0], "last": values[-1], "most": max(values), "an_hour": 0.0}
        if len(warm) < 5:
            continue
        late = [float(getattr(one, what)) for one in warm]
        slope = linear_regression([one.at for one in warm], late).slope
        told[what]["an_hour"] = slope * 3600
        if slope * seconds * (1 - WARM) > max(GROWTH[what] * median(late), SLACK[what]):
            told["grows"].append(what)
    return told


def lines(told: dict[str, Any]) -> list[str]:
    """Markdown."""
    made = [
        "| process | memory: first, last, most | MB an hour once warm | files | threads | verdict |",
        "|" + "---|" * 6,
    ]
    for name, one in told["processes"].items():
        rss = one["rss"]
        cells = [
            name, f"{rss['first']:.0f}, {rss['last']:.0f}, {rss['most']:.0f} MB", f"{rss['an_hour']:+.1f}",
            *(f"{one[what]['first']:.0f} → {one[what]['last']:.0f}" for what in ("files", "threads")),
            f"grows: {', '.join(one['grows'])}" if one["grows"] else "steady",
        ]  # fmt: skip
        made.append("| " + " | ".join(cells) + " |")
    made += ["", "| part of the time | calls | p50 ms | p99 ms |", "|" + "---|" * 4]
    for number, one in enumerate(told["fifths"], 1):
        if one:
            made.append(f"| fifth {number} | {one['calls']:,} | {one['p50']:.0f} | {one['p99']:.0f} |")
    answers = ", ".join(f"{count:,} × {status}" for status, count in sorted(told["statuses"].items(), key=str))
    verdict = "; ".join(told["wrong"]) or "nothing lost, nothing wrong, nothing grows"
    made += [
        "",
        f"{told['seconds']} s on {told['engine']}: {told['accepted']:,} posts accepted and {told['found']:,} found, "
        f"{told['reads']:,} pages read, answers to others: {answers}; at most {told['most_connections']} connections "
        f"to the database. **{verdict}.**",
    ]
    return made


if __name__ == "__main__":
    sys.exit(main())
