"""Checks the arithmetic of scaling.py: measures what single things cost on a service of separate roles, computes what a
crowd of readers would cost, lets that crowd come, and compares.

The service is `--role web`, `--role live`, PostgreSQL and Redis on one core; the crowd has the other.
"""

import asyncio
import contextlib
import itertools
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.corpus import SEED, Corpus
from benchmarks.filling import fill
from benchmarks.installation import Installation, installation, on_core
from benchmarks.measuring import Figure
from benchmarks.people import Person, post, subscribers
from benchmarks.processes import SERVER, largest, processor_seconds
from benchmarks.reads import path_of
from benchmarks.scaling import BIG, Cost, Costs, Crowd, need, sizes
from benchmarks.visitors import Visitors
from tests.served import Served
from tests.servers import ServerError, free_port, redis

FILLED, THREAD = "1000", "100"  # threads with comments; the other articles begin empty
AT_ONCE = 8  # visitors that are on their way at the same time while costs are measured
NEAR = (0.7, 1.4)  # measured against computed
Arrival = Callable[[str, int], Coroutine[None, None, None]]  # of somebody at an article; the number counts them


@dataclass(slots=True)
class Trial:
    """The running service and who loads it."""

    setup: Installation
    web: Served
    live: Served
    people: list[Person]
    visitors: Visitors
    bodies: list[str]
    idle: Cost = field(default_factory=Cost)  # milliseconds a second when nobody comes

    def spent(self) -> Cost:
        """Milliseconds of processor that each kind of process has taken so far."""
        return Cost(
            processor_seconds(self.web.pid) * 1000,
            processor_seconds(self.live.pid) * 1000,
            processor_seconds(postmaster(self.setup)) * 1000,
        )

    async def cost_of(self, work: Awaitable[object], times: float) -> Cost:
        """Of one of `times` things, without what the service takes anyhow."""
        before, began = self.spent(), time.monotonic()
        await work
        anyhow = self.idle * (time.monotonic() - began)
        return (self.spent() - before - anyhow) * (1 / times)

    async def post(self, article: str, number: int) -> None:
        person, body = self.people[number % len(self.people)], self.bodies[number % len(self.bodies)]
        await asyncio.to_thread(post, self.web.url, path_of(article), {"body": body}, person.headers())


def measure(setup: Installation, corpus: Corpus) -> Iterator[Figure]:
    with contextlib.ExitStack() as ends:
        if setup.is_sqlite:  # several processes and machines are what this part is about
            quick, setup = setup.quick, ends.enter_context(installation("postgresql", setup.quick))
            setup.quick = quick
            setup.open()
            ends.callback(setup.database.engine.dispose)
            fill(setup, corpus, (THREAD, FILLED))
        trial = ends.enter_context(_trial(setup, corpus))
        costs = asyncio.run(_costs(trial))
        crowd = Crowd(
            pages=setup.pick(100.0, 4.0), stay=setup.pick(20.0, 2.0), posts=setup.pick(10.0, 2.0), articles=40
        )
        found = asyncio.run(_let_come(trial, crowd))
    yield from _figures(costs, crowd, found, trial)


@contextlib.contextmanager
def _trial(setup: Installation, corpus: Corpus) -> Iterator[Trial]:
    with contextlib.ExitStack() as ends:
        with on_core(SERVER):
            url = ends.enter_context(redis(setup.folder / "redis"))["url"] + "/0"
        web, live = (ends.enter_context(_role(setup, role, url)) for role in ("web", "live"))
        people = subscribers(setup, web, 16)
        visitors = Visitors(_port(web), _port(live), setup.page_origin)
        yield Trial(setup, web, live, people, visitors, corpus.bodies())


@contextlib.contextmanager
def _role(setup: Installation, role: str, redis_url: str) -> Iterator[Served]:
    port = free_port()
    environ = setup.environ | {"COMMENTS_PORT": str(port), "COMMENTS_REDIS_URL": redis_url}
    with on_core(SERVER):
        command = ["serve", "--role", role]
        served = Served(command, environ, f"http://localhost:{port}", setup.folder / f"{role}.log")
    try:
        yield served.wait_until_ready()
    finally:
        code = served.stop()
    if code or served.complaints():
        raise ServerError(f"--role {role} ended with exit code {code}:\n{served.log()}")


def _port(served: Served) -> int:
    return int(served.environ["COMMENTS_PORT"])


def postmaster(setup: Installation) -> int:
    return int(Path(setup.folder / "postgresql" / "data" / "postmaster.pid").read_text().split()[0])


async def _costs(trial: Trial) -> Costs:
    """Each thing alone, often enough to be seen."""
    visitors, pick = trial.visitors, trial.setup.pick
    pages, posts, sockets, seconds = pick(3000, 20), pick(120, 6), pick(1000, 20), pick(15.0, 1.0)

    async def page() -> None:
        await visitors.open_page(FILLED)

    async def changed_page() -> None:  # the first read after a change
        await trial.post(THREAD, 0)
        await visitors.open_page(THREAD)

    await _many(page, 50)
    trial.idle = await trial.cost_of(asyncio.sleep(seconds), seconds)
    opened_page = await trial.cost_of(_many(page, pages), pages)
    opened = await trial.cost_of(_many(lambda: visitors.visit("quiet", 0.05, also_page=False), sockets), sockets)
    posted = await trial.cost_of(_posts(trial, ["alone"] * posts), posts)
    changed = await trial.cost_of(_in_turn(changed_page, posts), posts)
    before = largest(trial.live.pid)
    async with asyncio.TaskGroup() as staying:
        waiting = [staying.create_task(visitors.visit(FILLED, 86_400, also_page=False)) for _ in range(sockets)]
        while visitors.tally.sockets < 2 * sockets and not visitors.tally.failed:
            await asyncio.sleep(0.05)
        memory = (largest(trial.live.pid) - before) / sockets / 1000
        held = await trial.cost_of(asyncio.sleep(seconds), sockets * seconds)
        heard = await trial.cost_of(_spread_posts(trial, FILLED, pick(40, 3)), pick(40, 3))
        for one in waiting:
            one.cancel()
    frame = Cost(live=(heard.live - posted.live) / sockets)
    return Costs(
        idle=trial.idle,
        page=opened_page,
        made=changed - posted,
        post=posted,
        opened=opened,
        held=held,
        frame=frame,
        memory=memory,
    )


async def _many(work: Callable[[], Awaitable[None]], times: int) -> None:
    left = iter(range(times))

    async def some() -> None:
        for _ in left:
            await work()

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))


async def _in_turn(work: Callable[[], Awaitable[None]], times: int) -> None:
    for _ in range(times):
        await work()


async def _posts(trial: Trial, articles: Sequence[str]) -> None:
    for number, article in enumerate(articles):
        await trial.post(article, number)


async def _spread_posts(trial: Trial, article: str, times: int) -> None:
    """Each in a batch of its own."""
    for number in range(times):
        await trial.post(article, number)
        await asyncio.sleep(0.25)


async def _let_come(trial: Trial, crowd: Crowd) -> Cost:
    """The crowd for a while; milliseconds a second that it cost, once as many leave as come."""
    keys = [f"story-{rank}" for rank in range(1, crowd.articles + 1)]
    await _posts(trial, keys)  # every article has a thread
    seconds = trial.setup.pick(25.0, 3.0)
    until = time.monotonic() + crowd.stay + seconds
    async with asyncio.TaskGroup() as people:

        async def read(key: str, _number: int) -> None:
            await trial.visitors.visit(key, crowd.stay)

        people.create_task(_come(people, crowd, keys, crowd.pages, read, until))
        people.create_task(_come(people, crowd, keys, crowd.posts, trial.post, until))
        await asyncio.sleep(crowd.stay)
        before = trial.spent()
        await asyncio.sleep(seconds)
        return (trial.spent() - before) * (1 / seconds)


async def _come(
    people: asyncio.TaskGroup, crowd: Crowd, keys: list[str], rate: float, one: Arrival, until: float
) -> None:
    """People as they come: independently of each other, so many a second, to the articles that are read."""
    chance, due = random.Random(SEED + int(rate)), time.monotonic()
    for number in itertools.count():
        due += chance.expovariate(rate)
        if due > until:
            return
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        people.create_task(one(chance.choices(keys, crowd.shares)[0], number))


def _figures(costs: Costs, crowd: Crowd, found: Cost, trial: Trial) -> Iterator[Figure]:
    for name, cost in costs.rows():
        for role in ("web", "live", "database"):
            spent = getattr(cost, role)
            if spent > 0.0005:
                what = f"{name.replace('_', ' ')}: processor of {role}"
                yield Figure(part="scaling", what=what, unit="ms", rounds=[spent])
    yield Figure(part="scaling", what="memory of a socket", unit="kB", rounds=[costs.memory])
    computed = need(crowd, costs)
    for role in ("web", "live", "database"):
        measured, wanted = getattr(found, role), getattr(computed, role)
        what = f"{role}: measured against computed ({measured:.0f} and {wanted:.0f} ms/s)"
        figure = Figure(part="scaling", what=what, unit="×", rounds=[measured / wanted])
        figure.target, figure.reached = f"{NEAR[0]}–{NEAR[1]}", NEAR[0] <= figure.value <= NEAR[1]
        yield figure
    failed = Figure(part="check", what="visitors that failed", unit="", rounds=[len(trial.visitors.tally.failed)])
    failed.target, failed.reached = "0", not trial.visitors.tally.failed
    for reason, times in Counter(trial.visitors.tally.failed).most_common(5):
        print(f"  {times} × {reason}")
    yield failed
    print(f"\nFor {BIG.pages * 3600:,.0f} pages in an hour, by these costs:")
    for row in sizes(costs):
        print("| " + " | ".join(row) + " |")
