"""The first page of threads of 100 to 100,000 comments, and of one whose page is as full as pages get.

The newest comments are the same ones in all lengths, so that only the thread's length differs. Each page is measured as
most readers get it, from prepared bytes, and as made from the database (`?limit=25`, which no snapshot answers). The
limit is a bare WSGI answer of the same bytes from the same kind of server; rounds of everything take turns. The role
web is measured on the longest thread and the fullest page.
"""

import json
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from benchmarks.corpus import Corpus
from benchmarks.counts import counts
from benchmarks.filling import FULL, SIZES
from benchmarks.fresh import first_reads
from benchmarks.installation import Installation, path_of
from benchmarks.limits import Answer, bare, fetch, one_round, rate
from benchmarks.load import Load, get_many
from benchmarks.measuring import Figure, at_least, at_most

ROUNDS, SECONDS, WARM_UP = 5, 1, 1
QUERIES = 6
MADE, MADE_NOW = "?limit=25", "made"
BROTLI = {"Accept-Encoding": "br"}
ROLE_WEB = ", role web"
SHORT, LONG = str(SIZES[0]), str(SIZES[-1])


@dataclass(slots=True)
class Page:
    """One request that is measured. `name`: of its bytes at the bare server; made pages have those of prepared ones."""

    key: str
    how: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    name: str = ""
    rounds: list[Load] = field(default_factory=list)


def measure(setup: Installation, corpus: Corpus) -> Iterator[Figure]:
    with setup.serving() as served:
        pages = list(_pages(served.url))
        answers = {page.name: fetch(served.url + path_of(page.key), page.headers) for page in pages}
        limits = _rounds(setup, served.url, served.pid, pages, answers)
        yield from (_rate(page, limits[page.name]) for page in pages)
        yield from _lengths(pages)
        yield from _sizes(pages, answers)
        yield from (_queries(setup, key) for key in (*map(str, SIZES), FULL))
        yield _length_here(setup)
        yield _same([answers[str(size)].body for size in SIZES])
        yield from counts(setup, served, "")
        yield from first_reads(setup, served, corpus)
    with setup.serving("web") as served:
        pages = [page for page in _pages(served.url) if page.how != MADE_NOW and page.key in (LONG, FULL)]
        answers = {page.name: fetch(served.url + path_of(page.key), page.headers) for page in pages}
        limits = _rounds(setup, served.url, served.pid, pages, answers)
        yield from (_rate(page, limits[page.name], ROLE_WEB) for page in pages)
        yield from counts(setup, served, ROLE_WEB)


def _pages(url: str) -> Iterator[Page]:
    keys = (*map(str, SIZES), FULL)
    for key in keys:
        yield Page(key, "prepared", name=key)
    for key in keys:
        if dict(fetch(url + path_of(key), BROTLI).headers).get("Content-Encoding") == "br":
            yield Page(key, "prepared, br", headers=BROTLI, name=f"{key}-br")
    tag = dict(fetch(url + path_of(FULL), {}).headers).get("ETag")
    if tag is not None:
        yield Page(FULL, "unchanged (304)", headers={"If-None-Match": tag}, name=f"{FULL}-304")
    for key in keys:
        yield Page(key, MADE_NOW, query=MADE, name=key)


def _rounds(
    setup: Installation, url: str, pid: int, pages: list[Page], answers: dict[str, Answer]
) -> dict[str, list[Load]]:
    """Measures every page in turns with its limit; the rounds of the limits, by name."""
    limits: dict[str, list[Load]] = {name: [] for name in answers}
    seconds = setup.pick(SECONDS, 0.1)
    with bare(setup, answers) as (bare_url, bare_pid):
        for page in pages:
            get_many(url + path_of(page.key) + page.query, setup.pick(WARM_UP, 0.1), page.headers)
        for _ in range(setup.pick(ROUNDS, 1)):
            for page in pages:
                page.rounds.append(one_round(url + path_of(page.key) + page.query, page.headers, seconds, pid))
                if page.how != MADE_NOW:
                    limits[page.name].append(one_round(f"{bare_url}/{page.name}", {}, seconds, bare_pid))
    return limits


def _rate(page: Page, limits: list[Load], role: str = "") -> Figure:
    """Prepared pages have a target for their ratio; the limit for made ones is the same bytes."""
    figure = rate("reads", f"first page of {_name(page.key)}, {page.how}{role}", page.rounds, limits)
    if page.how != MADE_NOW and figure.ratio is not None and figure.limit is not None:
        least = 0.9 if "304" in page.how else 0.85 if figure.limit <= 12_000 else 0.8
        figure.target, figure.reached = f"ratio ≥ {least}", figure.ratio >= least
    return figure


def _name(key: str) -> str:
    return "1,000 (3 replies each)" if key == FULL else f"{int(key):,}"


def _lengths(pages: list[Page]) -> Iterator[Figure]:
    """The longest thread against the shortest: by requests, and by the processor's time alone."""
    against = f"{_name(LONG)} against {_name(SHORT)}"
    for how, most in (("prepared", 1.1), (MADE_NOW, 1.3)):
        rounds = {page.key: page.rounds for page in pages if page.how == how}
        pairs = list(zip(rounds[SHORT], rounds[LONG], strict=True))
        slower = [one.rate / other.rate for one, other in pairs]
        figure = Figure(part="reads", what=f"{against}, {how}: time for a page", unit="×", rounds=slower)
        yield at_most(figure, most, f"≤ {most}")
        if all(one.cpu for one, _ in pairs):
            dearer = [other.cpu / one.cpu for one, other in pairs]
            yield Figure(part="reads", what=f"{against}, {how}: CPU for a page", unit="×", rounds=dearer)


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


def _length_here(setup: Installation) -> Figure:
    """The longest thread against the shortest once more, made in this process, in turns: no load can disturb it."""
    client = setup.app.test_client()
    taken: dict[str, list[float]] = {SHORT: [], LONG: []}
    for _ in range(setup.pick(100, 3)):
        for key, rounds in taken.items():
            began = time.process_time()
            client.get(path_of(key) + MADE)
            rounds.append(time.process_time() - began)
    short, long = (statistics.median(rounds) for rounds in taken.values())
    what = f"{_name(LONG)} against {_name(SHORT)}, made in one process: CPU"
    return at_most(Figure(part="reads", what=what, unit="×", rounds=[long / short]), 1.3, "≤ 1.3")


def _same(bodies: list[bytes]) -> Figure:
    """Whether the pages compared show the same comments: else their ratio would say something else."""
    texts = [[one["body"] for one in json.loads(body)["comments"]] for body in bodies]
    same = sum(one == texts[0] for one in texts)
    figure = Figure(part="reads", what="threads whose page shows the same comments", unit="", rounds=[same])
    return at_least(figure, len(texts), f"{len(texts)}")
