"""The first page of threads of 100, 1,000 and 10,000 comments, and of one whose page is as full as pages get.

The newest comments are the same ones in all three, so that only the thread's length differs. Each page is measured as
most readers get it, from prepared bytes, and as made from the database (`?limit=25`, which no snapshot answers). The
limit is a bare WSGI answer of the same bytes from the same gunicorn worker; rounds of everything take turns.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import sqlalchemy as sa

from benchmarks.corpus import ROOT, Corpus
from benchmarks.filling import FULL
from benchmarks.installation import SERVER, SITE, Installation, on_core
from benchmarks.load import Load, get_many
from benchmarks.measuring import Figure, at_least, at_most
from benchmarks.processes import processor_seconds
from tests.servers import free_port, wait_until

SIZES = (100, 1_000, 10_000)
ROUNDS, SECONDS, WARM_UP = 3, 2, 1
QUERIES = 6
MADE, MADE_NOW = "?limit=25", "made"


def path_of(key: object) -> str:
    return f"/api/v1/sites/{SITE}/articles/{key}/comments"


@dataclass(slots=True)
class Page:
    """One request that is measured. `name`: of its bytes at the bare server; made pages have those of prepared ones."""

    key: str
    how: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    name: str = ""
    rounds: list[Load] = field(default_factory=list)


@dataclass(slots=True)
class Answer:
    """What came: as the bare server is to send it."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


def measure(setup: Installation, _corpus: Corpus) -> Iterator[Figure]:
    with setup.serving() as served:
        pages = list(_pages(served.url))
        answers = {page.name: _fetch(served.url + path_of(page.key), page.headers) for page in pages}
        with _bare(setup, answers) as (bare_url, bare_pid):
            limits: dict[str, list[Load]] = {name: [] for name in answers}
            for page in pages:
                get_many(served.url + path_of(page.key) + page.query, WARM_UP, page.headers)
            for _ in range(ROUNDS):
                for page in pages:
                    url = served.url + path_of(page.key) + page.query
                    page.rounds.append(_round(url, page.headers, served.pid))
                    if page.how != MADE_NOW:
                        limits[page.name].append(_round(f"{bare_url}/{page.name}", {}, bare_pid))
    yield from (_rate(page, limits[page.name]) for page in pages)
    yield from _lengths(pages)
    yield from _sizes(pages, answers)
    yield from (_queries(setup, key) for key in (*map(str, SIZES), FULL))
    yield _length_here(setup.app)
    yield _same([answers[str(size)].body for size in SIZES])


def _pages(url: str) -> Iterator[Page]:
    for key in (*map(str, SIZES), FULL):
        yield Page(key, "prepared", name=key)
    tag = dict(_fetch(url + path_of(FULL), {}).headers).get("ETag")
    packed = dict(_fetch(url + path_of(FULL), {"Accept-Encoding": "br"}).headers).get("Content-Encoding")
    if packed == "br":
        yield Page(FULL, "prepared, br", headers={"Accept-Encoding": "br"}, name=f"{FULL}-br")
    if tag is not None:
        yield Page(FULL, "unchanged (304)", headers={"If-None-Match": tag}, name=f"{FULL}-304")
    for key in (*map(str, SIZES), FULL):
        yield Page(key, MADE_NOW, query=MADE, name=key)


def _round(url: str, headers: dict[str, str], pid: int) -> Load:
    before = processor_seconds(pid)
    load = get_many(url, SECONDS, headers)
    load.cpu = (processor_seconds(pid) - before) * 1000 / (load.rate * SECONDS)
    return load


def _rate(page: Page, limits: list[Load]) -> Figure:
    """Prepared pages have the target of targets.md; the limit for made ones is the same bytes."""
    figure = Figure(
        part="reads",
        what=f"first page of {_name(page.key)}, {page.how}",
        unit="requests/s",
        rounds=[one.rate for one in page.rounds],
        p50=statistics.median(one.p50 for one in page.rounds),
        p99=statistics.median(one.p99 for one in page.rounds),
        cpu=statistics.median(one.cpu for one in page.rounds),
        limits=[one.rate for one in limits],
        limit_cpu=statistics.median(one.cpu for one in limits),
    )
    if page.how != MADE_NOW and figure.ratio is not None and figure.limit is not None:
        least = 0.9 if "304" in page.how else 0.85 if figure.limit <= 12_000 else 0.8
        figure.target, figure.reached = f"ratio ≥ {least}", figure.ratio >= least
    return figure


def _name(key: str) -> str:
    return "1,000 (3 replies each)" if key == FULL else f"{int(key):,}"


def _lengths(pages: list[Page]) -> Iterator[Figure]:
    """The longest thread against the shortest: by requests, and by the processor's time alone."""
    for how in ("prepared", MADE_NOW):
        rounds = {page.key: page.rounds for page in pages if page.how == how}
        pairs = list(zip(rounds[str(SIZES[0])], rounds[str(SIZES[-1])], strict=True))
        slower = [one.rate / other.rate for one, other in pairs]
        figure = Figure(part="reads", what=f"10,000 against 100, {how}: time for a page", unit="×", rounds=slower)
        yield at_most(figure, 1.3, "≤ 1.3")
        dearer = [other.cpu / one.cpu for one, other in pairs]
        yield Figure(part="reads", what=f"10,000 against 100, {how}: CPU for a page", unit="×", rounds=dearer)


def _fetch(url: str, headers: dict[str, str]) -> Answer:
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


def _sizes(pages: list[Page], answers: dict[str, Answer]) -> Iterator[Figure]:
    """Bytes of the bodies as they are sent."""
    for name, answer in answers.items():
        page = next(page for page in pages if page.name == name)
        if not answer.body:
            continue
        count = len(json.loads(answers[page.key].body)["comments"])
        what = f"bytes of {_name(page.key)}, {page.how} ({count} comments)"
        figure = Figure(part="reads", what=what, unit="bytes", rounds=[len(answer.body)])
        yield at_most(figure, 14_000, "≤ 14,000") if page.how.endswith("br") else figure


def _queries(setup: Installation, key: str) -> Figure:
    """Statements of a page that is made, counted in this process on the same database."""
    asked: list[str] = []

    def count(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            asked.append(statement)

    sa.event.listen(setup.database.engine, "before_cursor_execute", count)
    try:
        answer = setup.app.test_client().get(path_of(key) + MADE)
        assert answer.status_code == 200
    finally:
        sa.event.remove(setup.database.engine, "before_cursor_execute", count)
    figure = Figure(part="reads", what=f"queries for a page of {_name(key)}", unit="", rounds=[len(asked)])
    return at_most(figure, QUERIES, f"≤ {QUERIES}")


def _length_here(app: Any, times: int = 100) -> Figure:
    """The longest thread against the shortest once more, made in this process, in turns: no load can disturb it."""
    client = app.test_client()
    taken: dict[int, list[float]] = {SIZES[0]: [], SIZES[-1]: []}
    for _ in range(times):
        for size, rounds in taken.items():
            began = time.process_time()
            client.get(path_of(size) + MADE)
            rounds.append(time.process_time() - began)
    short, long = (statistics.median(rounds) for rounds in taken.values())
    figure = Figure(part="reads", what="10,000 against 100, made in one process: CPU", unit="×", rounds=[long / short])
    return at_most(figure, 1.3, "≤ 1.3")


def _same(bodies: list[bytes]) -> Figure:
    """Whether the pages compared show the same comments: else their ratio would say something else."""
    texts = [[one["body"] for one in json.loads(body)["comments"]] for body in bodies]
    same = sum(one == texts[0] for one in texts)
    figure = Figure(part="reads", what="threads whose page shows the same comments", unit="", rounds=[same])
    return at_least(figure, len(texts), f"{len(texts)}")


@contextmanager
def _bare(setup: Installation, answers: dict[str, Answer]) -> Iterator[tuple[str, int]]:
    """The bare server, on the server's core: its address and pid."""
    folder = setup.folder / "bare"
    folder.mkdir()
    for name, answer in answers.items():
        (folder / f"{name}.head").write_text(json.dumps({"status": answer.status, "headers": answer.headers}))
        (folder / f"{name}.body").write_bytes(answer.body)
    port = free_port()
    with on_core(SERVER), (setup.folder / "bare.log").open("w") as log:
        command = [sys.executable, "-m", "benchmarks.bare", str(folder), str(port)]
        environ = {"PATH": os.environ["PATH"]} | setup.environ
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: process.poll() is not None or _answers(url), "the bare server", 15)
        if process.poll() is not None:
            raise RuntimeError((setup.folder / "bare.log").read_text())
        yield url, process.pid
    finally:
        process.terminate()
        process.wait()


def _answers(url: str) -> bool:
    try:
        return bool(_fetch(url, {}))
    except OSError:
        return False
