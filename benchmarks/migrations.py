"""Each migration from the first tables on, in a database that is full, while somebody posts and somebody reads as the
version before does, twenty times a second each: how long the longest had to wait.

Then migrations that are not ours (sample_migrations/), made as docs/recipes.md says, and a column filled in chunks:
whether the way that is prescribed for all that come holds nobody up.
"""

import contextlib
import itertools
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import flask_migrate
import sqlalchemy as sa

from benchmarks.first_tables import IN_AN_ARTICLE, fill_first_tables
from benchmarks.installation import Installation
from benchmarks.measuring import Figure, at_most
from comments.app import MIGRATIONS, create_app, with_migrations
from comments.settings import read_settings
from comments.storage.transaction import Database
from comments.storage.version import newest_migration
from tests.servers import ServerError

EVERY = 0.05  # seconds from one post to the next
AROUND = 0.5  # seconds in which posts go on before and after a migration
LONGEST = 1.0  # seconds that a lock may be felt
A_CHUNK, BETWEEN_CHUNKS = 1_000, 0.01
LEAST, OF_SQLITE = 2_000, 100_000  # rows: of a quick run; of SQLite, where posting waits for a migration anyway
RULED_FROM = "0014"  # tests/storage/test_migration_rules.py
SAMPLES = Path(__file__).parent / "sample_migrations"
POST = (  # as the first version did: later columns get what the migrations say
    "UPDATE articles SET seq = seq + 1, total = total + 1 WHERE id = :article",
    "INSERT INTO comments (site_id, article_id, member_id, depth, source, html, tree, text, text_hash, status,"
    " created_at, seq) SELECT 1, id, 1, 0, 'posted', '<p>posted', '[]', 'posted', 'h', 'published', seq, seq"
    " FROM articles WHERE id = :article",
    "UPDATE comments SET root_id = id WHERE article_id = :article AND root_id IS NULL AND depth = 0"
    " AND created_at = (SELECT seq FROM articles WHERE id = :article)",
    "INSERT INTO journal (site_id, article_id, seq, kind, before, created_at)"
    " SELECT 1, id, seq, 'comment', '{}', seq FROM articles WHERE id = :article",
)
READ = (
    "SELECT id, html, reply_count FROM comments WHERE article_id = :article AND depth = 0 {shown}"
    " ORDER BY created_at DESC, id DESC LIMIT 25"
)


@dataclass
class Visitor:
    """Does the same again and again, each time with another article. `longest` in seconds."""

    database: Database
    statements: tuple[str, ...]
    articles: int
    longest: float = 0.0
    times: int = 0
    failures: list[str] = field(default_factory=list)

    def run(self, stop: threading.Event) -> None:
        for article in itertools.cycle(range(1, self.articles + 1)):
            if stop.is_set():
                return
            began = time.monotonic()
            try:
                self._once(article)
            except sa.exc.DBAPIError as error:
                self.failures.append(str(error.orig))
            self.longest = max(self.longest, time.monotonic() - began)
            self.times += 1
            time.sleep(max(0.0, began + EVERY - time.monotonic()))

    def _once(self, article: int) -> None:
        writes = len(self.statements) > 1
        with self.database.engine.connect() as conn:
            if writes and self.database.is_sqlite:  # waits as a service does, and longer than a migration takes
                conn.connection.execute("PRAGMA busy_timeout = 600000")
                conn.execution_options(write=True)
            for statement in self.statements:
                done = conn.execute(sa.text(statement), {"article": article})
            if not writes:
                done.all()
            conn.commit()


@contextlib.contextmanager
def visited(database: Database, rows: int, shown: bool) -> Iterator[tuple[Visitor, Visitor]]:
    """(who posts, who reads), going on around the block."""
    read = READ.format(shown="AND shown" if shown else "")
    articles = max(1, rows // IN_AN_ARTICLE)
    both = Visitor(database, POST, articles), Visitor(database, (read,), articles)
    stop = threading.Event()
    threads = [threading.Thread(target=one.run, args=(stop,)) for one in both]
    for thread in threads:
        thread.start()
    try:
        time.sleep(AROUND)
        yield both
        time.sleep(AROUND)
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def measure(setup: Installation, _corpus: object) -> Iterator[Figure]:
    rows = setup.pick(min(setup.rows, OF_SQLITE) if setup.is_sqlite else setup.rows, LEAST)
    folder = setup.new_folder("migrations")
    scripts = folder / "scripts"
    shutil.copytree(MIGRATIONS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    samples = sorted(shutil.copy(one, scripts / "versions") for one in SAMPLES.glob("*.py"))
    url = f"sqlite:///{folder / 'comments.db'}" if setup.is_sqlite else setup.database_url.replace("/bench", "/alone")
    app = with_migrations(create_app(read_settings(setup.environ | {"COMMENTS_DATABASE_URL": url})))
    database = app.extensions["comments"].database
    try:
        with app.app_context():
            flask_migrate.upgrade(str(scripts), "0001")
            yield Figure(
                part="migrations", what=f"first tables filled with {rows:,} comments", unit="s",
                rounds=[timed(lambda: fill_first_tables(database, rows))],
            )  # fmt: skip
            numbers = [f"{number:04}" for number in range(2, int(newest_migration()) + 1)]
            for number in [*numbers, *(Path(one).name[:4] for one in samples)]:
                name = number if number in numbers else f"sample {number}"
                step = partial(flask_migrate.upgrade, str(scripts), number)
                yield from _one(database, rows, name, step, shown=number > "0003", ruled=number >= RULED_FROM)
            step = partial(fill_in_chunks, database)
            yield from _one(database, rows, "sample: filled in chunks", step, shown=True, ruled=True)
    finally:
        database.engine.dispose()


def timed(work: Callable[[], None]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def _one(
    database: Database, rows: int, name: str, work: Callable[[], None], *, shown: bool, ruled: bool
) -> Iterator[Figure]:
    """How long it took, and those who came meanwhile. `shown`: whether the version before has that column; `ruled`:
    whether nobody may wait for long, which SQLite, with one writer, promises to readers alone.
    """
    with visited(database, rows, shown) as both:
        taken = timed(work)
    yield Figure(part="migrations", what=name, unit="s", rounds=[taken])
    for visitor, who in zip(both, ("post", "read"), strict=True):
        what = f"… longest {who} meanwhile, of {visitor.times}"
        figure = Figure(part="migrations", what=what, unit="s", rounds=[visitor.longest])
        held = ruled and not (database.is_sqlite and who == "post")
        yield at_most(figure, LONGEST, f"≤ {LONGEST:.0f}") if held else figure
    failures = [*both[0].failures, *both[1].failures]
    if failures and ruled:
        raise ServerError(f"{name}: {len(failures)} posts or reads failed, the first: {failures[0]}")
    if failures:
        what = f"… posts and reads that failed: {failures[0].splitlines()[0]}"
        yield Figure(part="migrations", what=what, unit="", rounds=[len(failures)])


def fill_in_chunks(database: Database) -> None:
    """As a job of the worker does: a transaction for each thousand, a pause after it."""
    with database.engine.connect() as conn:
        last = conn.execute(sa.text("SELECT max(id) FROM comments")).scalar_one()
    for first in range(0, last + 1, A_CHUNK):
        with database.transaction() as tx:
            tx.conn.execute(
                sa.text("UPDATE comments SET sample = length(text) WHERE id >= :first AND id < :until"),
                {"first": first, "until": first + A_CHUNK},
            )
        time.sleep(BETWEEN_CHUNKS)
