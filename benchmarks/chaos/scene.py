"""One fault: people at work, what is done to the service meanwhile, and the row of the table that judges it."""

import contextlib
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import sqlalchemy as sa

from benchmarks.chaos.people import Book, Caller, Reader, Watcher, Writer
from benchmarks.chaos.stage import Stage
from comments.storage.tables import articles, comments, sites
from deploy.rehearsal.load import ARTICLE, at_work
from tests.servers import wait_until


@dataclass
class Row:
    """What came of one fault. Times in seconds; `doctor`: what it complained of; `fails`: what else was wrong."""

    fault: str
    engine: str
    accepted: int = 0
    found: int = 0
    lost: int = 0
    doubled: int = 0
    wrong: int = 0
    outage: float = 0.0
    recovery: float | None = None
    live_gaps: int = 0
    live_doubles: int = 0
    doctor: list[str] = field(default_factory=list)
    reads: int = 0
    reads_failed: int = 0
    note: str = ""
    part: str = ""  # the name of the fault for `--only`
    fails: list[str] = field(default_factory=list)
    expected_loss: bool = False  # it is to show that a loss would be seen

    @property
    def is_fine(self) -> bool:
        if self.expected_loss:
            return not self.fails
        harm = self.lost or self.doubled or self.wrong or self.live_gaps or self.live_doubles
        return not (harm or self.doctor or self.fails)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"is_fine": self.is_fine}


@dataclass(frozen=True)
class Crowd:
    """How many people, and the seconds between two posts of one."""

    writers: int = 8
    readers: int = 2
    watchers: int = 6
    pause: float = 0.0


SMALL = Crowd(writers=4, readers=1, watchers=2)


@dataclass
class Scene:
    """A fault in progress. `row` is complete after the block of `scene`."""

    stage: Stage
    row: Row
    book: Book
    writers: list[Writer]
    watchers: list[Watcher]
    began: float = field(default_factory=time.monotonic)
    _repairs: list[float] = field(default_factory=list)

    def repaired(self) -> None:
        """From now on the service could work again: recovery counts from here to the next accepted post."""
        self._repairs.append(time.monotonic())

    def wait_for(self, more: int, within: float = 120.0) -> None:
        """Until so many more posts were accepted."""
        goal = len(self.book.accepted) + more
        wait_until(lambda: len(self.book.accepted) >= goal, f"{more} more posts; {dict(self.book.wrong)}", within)

    def watch_for(self, seconds: float) -> None:
        time.sleep(seconds)

    def recovery(self) -> float | None:
        found = [self.book.first_after(moment) for moment in self._repairs]
        if any(one is None for one in found):
            self.row.fails.append("nothing was accepted any more")
        return max((one for one in found if one is not None), default=None)


@contextlib.contextmanager
def scene(stage: Stage, fault: str, crowd: Crowd = SMALL) -> Iterator[Scene]:
    """People at work while the block does its harm; then they finish, and everything is counted."""
    book, paper = Book(), stage.paper
    members = [paper.member(f"member-{number}") for number in range(crowd.writers)]
    members[0].post(ARTICLE, "The first.")
    seq, known = paper.changes(ARTICLE, 0)["seq"], {id_ for id_, _, _ in stored(stage)}
    writers = [Writer(paper, one, Caller(stage.port, book), crowd.pause) for one in members]
    readers = [Reader(paper, Caller(stage.port, book)) for _ in range(crowd.readers)]
    watchers = [Watcher(paper, stage.url, seq, set(known)) for _ in range(crowd.watchers)]
    played = Scene(stage, Row(fault, stage.engine), book, writers, watchers)
    with at_work([one.follow for one in watchers]):
        with at_work([*(one.write for one in writers), *(one.read for one in readers)]):
            wait_until(lambda: all(one.is_open for one in watchers), "the sockets to be open", 30)
            played.wait_for(crowd.writers)
            played.began = time.monotonic()
            yield played
            ended = time.monotonic()
        _judge(played, ended)


def _judge(played: Scene, ended: float) -> None:
    row, book, stage = played.row, played.book, played.stage
    row.outage, row.recovery = book.longest_gap(played.began, ended), played.recovery()
    row.reads, row.reads_failed = book.reads, book.reads_failed
    judge_posts(row, book, stage)
    _judge_live(played)
    row.wrong = book.wrong.total()
    row.fails += [f"{count} × {what}" for what, count in book.wrong.most_common(3)]
    row.doctor = stage.doctor()
    if row.accepted == 0:
        row.fails.append("no post was accepted")


def judge_posts(row: Row, book: Book, stage: Stage) -> None:
    """Every accepted comment is there once with its text, and no key has two."""
    there = stored(stage)
    by_key = Counter(key for _, key, _ in there)
    have = {(id_, key, text) for id_, key, text in there}
    wanted = {(id_, key, book.texts[key]) for key, id_ in book.accepted.items()}
    row.accepted, row.found = len(wanted), len(wanted & have)
    row.lost = len(wanted - have)
    row.doubled = sum(count - 1 for count in by_key.values())


def stored(stage: Stage) -> list[tuple[str, str, str]]:
    """(id, key, text) of every comment of the article, read from the database itself."""
    of_article = sa.select(articles.c.id).join(sites).where(sites.c.key == stage.paper.key, articles.c.key == ARTICLE)
    columns = comments.c.id, comments.c.idempotency_key, comments.c.source
    with stage.database.read() as conn:
        rows = conn.execute(sa.select(*columns).where(comments.c.article_id.in_(of_article)))
        return [(str(row.id), row.idempotency_key, row.source) for row in rows]


def _judge_live(played: Scene) -> None:
    """Every socket comes to where the thread stands and has heard of every comment, of none twice."""
    seq = played.stage.paper.changes(ARTICLE, 0)["seq"]
    with contextlib.suppress(TimeoutError):
        wait_until(lambda: all(one.seq >= seq for one in played.watchers), "", 20)
    every = {id_ for id_, _, _ in stored(played.stage)}
    behind = [one for one in played.watchers if one.seq < seq]
    missing = sum(len(every - one.known) for one in played.watchers if not one.resets)
    played.row.live_gaps = missing + len(behind)
    played.row.live_doubles = sum(one.twice for one in played.watchers)
