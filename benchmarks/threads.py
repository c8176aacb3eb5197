"""No cost grows with the thread: everything that readers and writers ask of one of 100,000 comments, and in turns of
one of 100, which is the limit. Nothing is prepared here; one connection asks.
"""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa

from benchmarks.corpus import SEED, Corpus
from benchmarks.fresh import ask_once
from benchmarks.installation import Installation, path_of
from benchmarks.load import Ask, Line, ask_to_post
from benchmarks.measuring import Figure, percentile
from benchmarks.people import Person, subscribers
from benchmarks.processes import processor_seconds
from comments.core.thread import Cursor
from comments.storage.tables import articles, comments
from tests.served import Served

SHORT, LONG = "100", "100000"
ROUNDS, TIMES, WARM_UP = 5, 30, 5
SINCE = 20  # changes that a reader has missed
Next = Callable[[], Ask]


@dataclass(slots=True)
class Timed:
    """Of one action at one thread: the median of each round, all times, and the processor's time of all (ms)."""

    medians: list[float] = field(default_factory=list)
    taken: list[float] = field(default_factory=list)
    cpu: float = 0.0


def measure(setup: Installation, corpus: Corpus) -> Iterator[Figure]:
    with setup.serving() as served:
        writing = _Writing(corpus.bodies(), subscribers(setup, served, 4))
        line = Line(setup.port)
        for key in (SHORT, LONG):
            for _ in range(SINCE):
                ask_once(line, writing.post(key))
        asked = {key: _actions(setup, writing, key) for key in (SHORT, LONG)}
        for what in asked[SHORT]:
            timed = {SHORT: Timed(), LONG: Timed()}
            for _ in range(setup.pick(ROUNDS, 1)):
                for key, one in timed.items():
                    _round(setup, served, line, asked[key][what], one)
            yield _figure(what, timed[LONG], timed[SHORT])
        line.close()


@dataclass(slots=True)
class _Writing:
    bodies: list[str]
    people: list[Person]
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))

    def post(self, key: str, parent: int | None = None) -> Ask:
        body = {"body": self.chance.choice(self.bodies), "parent_id": None if parent is None else str(parent)}
        return ask_to_post(path_of(key), self.chance.choice(self.people).headers(), body)


def _actions(setup: Installation, writing: _Writing, key: str) -> dict[str, Next]:
    """What is asked, by its name in the table."""
    with setup.database.read() as conn:
        article = conn.execute(sa.select(articles).where(articles.c.key == key)).one()
        rows = sa.select(comments.c.id, comments.c.created_at).where(comments.c.article_id == article.id)
        roots = conn.execute(rows.where(comments.c.depth == 0).order_by(comments.c.created_at)).all()
        answered = conn.execute(rows.order_by(comments.c.reply_count.desc(), comments.c.id)).first()
        deepest = conn.execute(rows.order_by(comments.c.depth.desc(), comments.c.id)).first()
    assert answered is not None
    assert deepest is not None
    middle = Cursor("newest", roots[len(roots) // 2].created_at, roots[len(roots) // 2].id).encode()

    def get(path: str) -> Next:
        asked = Ask("get", "GET", path, {})
        return lambda: asked

    return {
        "first page, newest": get(f"{path_of(key)}?limit=25"),
        "first page, oldest": get(f"{path_of(key)}?limit=25&sort=oldest"),
        "first page, most recommended": get(f"{path_of(key)}?limit=25&sort=recommended"),
        "page from the middle": get(f"{path_of(key)}?limit=25&cursor={middle}"),
        "replies of the most answered": get(f"/api/v1/comments/{answered.id}/replies"),
        "permalink of the deepest": get(f"/api/v1/comments/{deepest.id}/context"),
        f"changes of the last {SINCE}": get(
            path_of(key).removesuffix("comments") + f"changes?after={article.seq - SINCE}"
        ),
        "a post": lambda: writing.post(key),
        "a reply to the oldest comment": lambda: writing.post(key, roots[0].id),
    }


def _round(setup: Installation, served: Served, line: Line, next_ask: Next, timed: Timed) -> None:
    for _ in range(setup.pick(WARM_UP, 1)):
        ask_once(line, next_ask())
    before = processor_seconds(served.pid) + setup.database_seconds()
    taken = [ask_once(line, next_ask())[0] for _ in range(setup.pick(TIMES, 2))]
    time.sleep(0.05)  # what is done after the answer belongs to it
    timed.cpu += (processor_seconds(served.pid) + setup.database_seconds() - before) * 1000
    timed.taken += taken
    timed.medians.append(statistics.median(taken))


def _figure(what: str, long: Timed, short: Timed) -> Figure:
    figure = Figure(
        part="threads", what=f"{what}, of 100,000 (limit: of 100)", unit="ms", rounds=long.medians,
        limits=short.medians, p50=percentile(long.taken, 50), p99=percentile(long.taken, 99),
        cpu=long.cpu / len(long.taken), limit_cpu=short.cpu / len(short.taken), target="ratio ≤ 1.3",
    )  # fmt: skip
    figure.reached = figure.ratio is not None and figure.ratio <= 1.3
    return figure
