"""What a number of readers and posts costs, computed from what single things cost: the arithmetic of docs/scaling.md.

Pure; benchmarks/simulate.py measures the costs, and checks the sum against a service under such a load.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

TICK = 0.1  # seconds between two batches of one article
SOCKETS = 10_000  # of one live worker
FILLED = 0.6  # of a core, that a worker is to be busy at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Who comes: rates are per second, `stay` seconds. Readers and posts fall on articles by Zipf's law."""

    pages: float  # opened
    stay: float  # that a page stays open, with its socket
    posts: float
    articles: int

    @property
    def sockets(self) -> float:
        return self.pages * self.stay

    @property
    def shares(self) -> list[float]:
        """Of readers and of posts that each article has, the most read first."""
        whole = sum(1 / rank for rank in range(1, self.articles + 1))
        return [1 / rank / whole for rank in range(1, self.articles + 1)]

    @property
    def batches(self) -> float:
        """Batches a second: posts, but at most one a tick for an article."""
        return sum(min(self.posts * share, 1 / TICK) for share in self.shares)

    @property
    def frames(self) -> float:
        """Frames a second: each batch goes to everybody on its article."""
        return sum(min(self.posts * share, 1 / TICK) * self.sockets * share for share in self.shares)


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of processor, by kind of process."""

    web: float = 0.0
    live: float = 0.0
    database: float = 0.0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.web + other.web, self.live + other.live, self.database + other.database)

    def __sub__(self, other: "Cost") -> "Cost":
        return Cost(self.web - other.web, self.live - other.live, self.database - other.database)

    def __mul__(self, times: float) -> "Cost":
        return Cost(self.web * times, self.live * times, self.database * times)


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What one of each costs. `memory`: kilobytes of a socket."""

    idle: Cost  # one worker of each kind for a second, when nobody comes
    page: Cost  # a prepared one, on a connection of its own
    made: Cost  # a page made again after a change, by each web worker
    post: Cost  # with what the others hear of it
    opened: Cost  # a socket: its handshake, its article, its end
    held: Cost  # a socket for a second
    frame: Cost  # to one follower
    memory: float

    def rows(self) -> Iterator[tuple[str, Cost]]:
        for field in fields(self):
            if field.name != "memory":
                yield field.name, getattr(self, field.name)


def need(crowd: Crowd, costs: Costs, web: int = 1, live: int = 1) -> Cost:
    """Milliseconds a second that this crowd costs with so many workers; each web worker makes changed pages itself."""
    made = min(crowd.batches * web, crowd.pages)
    idle = Cost(costs.idle.web * web, costs.idle.live * live, costs.idle.database)
    return (
        idle
        + costs.page * (crowd.pages - made)
        + costs.made * made
        + costs.post * crowd.posts
        + costs.opened * crowd.pages
        + costs.held * crowd.sockets
        + costs.frame * crowd.frames
    )


def workers(crowd: Crowd, costs: Costs) -> tuple[int, int]:
    """How many workers for pages and for sockets: filled to FILLED, two of each at least, so that one may go."""
    web, live = 2, max(2, math.ceil(crowd.sockets / SOCKETS))
    while True:
        wanted = need(crowd, costs, web, live) * (1 / 1000 / FILLED)
        more = max(web, math.ceil(wanted.web)), max(live, math.ceil(wanted.live))
        if more == (web, live):
            return more
        web, live = more


BIG = Crowd(pages=20_000_000 / 3600, stay=120, posts=100_000 / 3600, articles=2_000)  # 10 million readers in an hour


def sizes(costs: Costs) -> Iterator[tuple[str, ...]]:
    """From a town's paper to a country's biggest day: readers and posts in an hour, and what they need."""
    for part in (0.001, 0.01, 0.1, 1.0):
        crowd = replace(BIG, pages=BIG.pages * part, posts=BIG.posts * part)
        web, live = workers(crowd, costs)
        wanted = need(crowd, costs, web, live)
        numbers = (part * 10_000_000, part * 100_000, crowd.pages, crowd.sockets, crowd.frames, web, live)
        cores = (wanted.web / 1000, wanted.live / 1000, wanted.database / 1000)
        memory = f"{crowd.sockets * costs.memory / 1e6:.1f} GB"
        yield (*(f"{number:,.0f}" for number in numbers), *(f"{number:.2f}" for number in cores), memory)
