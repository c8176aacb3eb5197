"""Posts of 16 writers at once, and of one alone: how many a second, how long each takes, and whether all are there.

Each writer is a member with a token; they write what the corpus holds under one article, more than half of it replies.
The limit is what the engine can do at all: the same row inserted and committed, with nothing around it.
"""

import random
import statistics
import time
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from benchmarks.corpus import SEED, Corpus
from benchmarks.filling import rendered
from benchmarks.installation import Installation, on_core, path_of
from benchmarks.load import Posted, doubted, post_many
from benchmarks.measuring import Figure, at_most, percentile
from benchmarks.people import Person, subscribers
from benchmarks.processes import SERVER, processor_seconds
from comments.app import create_app, migrate
from comments.settings import read_settings
from comments.storage.tables import articles, comments, members, sites

WRITERS = 16
ROUNDS, SECONDS, WARM_UP = 3, 6, 2
ARTICLE = "hot"
REPLIES = 0.57  # of all comments, as in the corpus


class Writing:
    """What the writers send: a body each time, to the article or to one of the last comments that were published."""

    def __init__(self, corpus: Corpus, people: list[Person], article: str = ARTICLE) -> None:
        self._chance = random.Random(SEED)
        self._bodies, self._people, self._path = corpus.bodies(), people, path_of(article)
        self._latest: list[str] = []

    def next_post(self, writer: int) -> tuple[str, dict[str, str], dict[str, Any]]:
        is_reply = self._latest and self._chance.random() < REPLIES
        parent = self._chance.choice(self._latest) if is_reply else None
        body = {"body": self._chance.choice(self._bodies), "parent_id": parent}
        return self._path, self._people[writer].headers(), body

    def heard(self, answer: dict[str, Any]) -> None:
        if answer["status"] == "published":
            self._latest = [*self._latest[-199:], answer["id"]]


def measure(setup: Installation, corpus: Corpus) -> Iterator[Figure]:
    with setup.serving() as served:
        writing = Writing(corpus, subscribers(setup, served, WRITERS))

        def post(writers: int, seconds: float) -> Posted:
            before = processor_seconds(served.pid)
            done = post_many(setup.port, writers, seconds, writing.next_post, writing.heard)
            done.cpu = (processor_seconds(served.pid) - before) * 1000 / len(done.taken)
            return done

        seconds = setup.pick(SECONDS, 0.3)
        everything = [post(WRITERS, setup.pick(WARM_UP, 0.1))]
        many, limits, single = [], [], []
        for _ in range(setup.pick(ROUNDS, 1)):
            many.append(post(WRITERS, seconds))
            single.append(post(1, seconds / 3))
            limits.append(_inserts_alone(setup, corpus, seconds / 3))
        everything += [*many, *single]
    yield _rate(f"posts, {WRITERS} writers", many, limits, 150, 400)
    yield _rate("posts, one writer", single, limits, 10)
    yield _refused(everything)
    yield _lost(setup, everything)


def _rate(what: str, rounds: list[Posted], limits: list[float], p99: float, least: int = 0) -> Figure:
    figure = Figure(
        part="writes",
        what=what,
        unit="posts/s",
        rounds=[len(one.confirmed) / one.seconds for one in rounds],
        p50=statistics.median(percentile(one.taken, 50) for one in rounds),
        p99=statistics.median(percentile(one.taken, 99) for one in rounds),
        cpu=statistics.median(one.cpu for one in rounds),
        limits=limits,
        target=f"≥ {least}, p99 ≤ {p99:.0f}" if least else f"p99 ≤ {p99:.0f}",
    )
    figure.reached = figure.p99 is not None and figure.p99 <= p99 and figure.value >= least
    return doubted(figure, [one.cores for one in rounds])


def _refused(everything: list[Posted]) -> Figure:
    others = [other for one in everything for other in one.others]
    if others:
        print(f"  not 201: {others[0]}")
    return at_most(Figure(part="check", what="posts that were refused", unit="", rounds=[len(others)]), 0, "0")


def _lost(setup: Installation, everything: list[Posted]) -> Figure:
    """Confirmed with 201 but not in the database, or there without having been confirmed."""
    confirmed = {int(comment_id) for one in everything for comment_id in one.confirmed}
    with setup.database.read() as conn:
        article_id = conn.execute(sa.select(articles.c.id).where(articles.c.key == ARTICLE)).scalar_one()
        stored = set(conn.execute(sa.select(comments.c.id).where(comments.c.article_id == article_id)).scalars())
    figure = Figure(part="check", what=f"posts lost, of {len(confirmed):,}", unit="", rounds=[len(confirmed ^ stored)])
    return at_most(figure, 0, "0")


def _inserts_alone(setup: Installation, corpus: Corpus, seconds: float) -> float:
    """Inserts a second, each committed, into tables of their own on the same engine, from the service's core."""
    environ = setup.environ | {"COMMENTS_DATABASE_URL": _url_alone(setup)}
    app = create_app(read_settings(environ))
    migrate(app)
    engine = app.extensions["comments"].database.engine
    row = rendered(corpus.bodies()[0]) | {"depth": 0, "status": "published", "created_at": 1}
    with on_core(SERVER), engine.connect() as conn:
        row |= _owners(conn)
        insert: Any = sa.insert(comments).values(row).compile(engine)
        values = tuple(insert.params[name] for name in insert.positiontup) if setup.is_sqlite else insert.params
        driver: Any = conn.connection.driver_connection
        cursor, count, began = driver.cursor(), 0, time.perf_counter()
        while time.perf_counter() - began < seconds:
            if setup.is_sqlite:
                cursor.execute("BEGIN IMMEDIATE")
            cursor.execute(str(insert), values)
            cursor.execute("COMMIT") if setup.is_sqlite else driver.commit()
            count += 1
        rate = count / (time.perf_counter() - began)
    engine.dispose()
    return rate


def _url_alone(setup: Installation) -> str:
    if setup.is_sqlite:
        return f"sqlite:///{setup.folder / 'alone.db'}"
    return setup.database_url.removesuffix("bench") + "alone"


def _owners(conn: sa.Connection) -> dict[str, int]:
    """A site, an article and a member that the rows belong to; made once."""
    site = {"key": "alone", "name": "Alone", "issuer": "", "origins": "[]", "products": "[]", "settings": "{}"}
    wanted = [(sites, site), (articles, {"key": "alone"}), (members, {"sub": "alone"})]
    ids: dict[str, int] = {}
    for table, columns in wanted:
        found = conn.execute(sa.select(table.c.id)).scalar()
        if found is None:
            owner = {} if table is sites else {"site_id": ids["site_id"]}
            new = sa.insert(table).values(columns | owner | {"created_at": 1})
            found = conn.execute(new.returning(table.c.id)).scalar_one()
        ids[f"{table.name[:-1]}_id"] = found
    conn.commit()
    return ids
