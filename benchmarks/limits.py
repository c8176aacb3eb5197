"""The bare server beside the service (benchmarks/bare.py), and how it learns what to send: what was answered."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from benchmarks.corpus import ROOT
from benchmarks.installation import Installation, on_core
from benchmarks.load import Load, doubted, get_many
from benchmarks.measuring import Figure
from benchmarks.processes import SERVER, processor_seconds
from tests.servers import ServerError, free_port, wait_until


@dataclass(slots=True)
class Answer:
    """What came: as the bare server is to send it."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


def fetch(url: str, headers: dict[str, str]) -> Answer:
    asked = Request(url, headers={"Accept-Encoding": "identity"} | headers)
    try:
        with urlopen(asked, timeout=10) as answer:
            found = Answer(f"{answer.status} {answer.reason}", list(answer.headers.items()), answer.read())
    except HTTPError as error:
        if error.code != 304:
            raise
        found = Answer("304 Not Modified", list(error.headers.items()), b"")
    found.headers = [pair for pair in found.headers if pair[0].lower() not in ("server", "date", "connection")]
    return found


@contextmanager
def bare(setup: Installation, answers: Mapping[str, Answer]) -> Iterator[tuple[str, int]]:
    """The bare server, on the service's core: its address and pid. It gives each answer at the path of its name."""
    folder, port = setup.new_folder("bare"), free_port()
    for name, answer in answers.items():
        (folder / f"{name}.head").write_text(json.dumps({"status": answer.status, "headers": answer.headers}))
        (folder / f"{name}.body").write_bytes(answer.body)
    log_path = folder / "log"
    with on_core(SERVER), log_path.open("w") as log:
        command = [sys.executable, "-m", "benchmarks.bare", str(folder), str(port)]
        environ = {"PATH": os.environ["PATH"]} | setup.environ
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: process.poll() is not None or _answers(url), "the bare server", 15)
        if process.poll() is not None:
            raise ServerError(log_path.read_text())
        yield url, process.pid
    finally:
        process.terminate()
        process.wait()


def _answers(url: str) -> bool:
    try:
        return bool(fetch(url, {}))
    except OSError:
        return False


def one_round(url: str, headers: dict[str, str], seconds: float, pid: int) -> Load:
    """One request over and over, and the processor's time that the server `pid` took for each."""
    before = processor_seconds(pid)
    load = get_many(url, seconds, headers)
    load.cpu = (processor_seconds(pid) - before) * 1000 / (load.rate * seconds)
    return load


def rate(part: str, what: str, rounds: Sequence[Load], limits: Sequence[Load]) -> Figure:
    """Requests a second, beside what the bare server gave right after each round."""
    figure = Figure(
        part=part,
        what=what,
        unit="requests/s",
        rounds=[one.rate for one in rounds],
        p50=statistics.median(one.p50 for one in rounds),
        p99=statistics.median(one.p99 for one in rounds),
        cpu=statistics.median(one.cpu for one in rounds),
        limits=[one.rate for one in limits],
        limit_cpu=statistics.median(one.cpu for one in limits),
    )
    return doubted(figure, [one.cores for one in rounds])
