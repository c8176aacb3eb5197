"""How many comments fifty articles have, as a newspaper's front page asks for its teasers."""

from collections.abc import Iterator
from urllib.parse import urlencode

from benchmarks.filling import TEASERS
from benchmarks.installation import SITE, Installation
from benchmarks.limits import bare, fetch, one_round, rate
from benchmarks.load import Load
from benchmarks.measuring import Figure, at_least
from tests.served import Served

PATH = f"/api/v1/sites/{SITE}/counts?" + urlencode([("article", key) for key in TEASERS])
ROUNDS, SECONDS = 5, 1


def counts(setup: Installation, served: Served, role: str) -> Iterator[Figure]:
    answer = fetch(served.url + PATH, {})
    seconds = setup.pick(SECONDS, 0.1)
    rounds: list[Load] = []
    limits: list[Load] = []
    with bare(setup, {"counts": answer}) as (url, pid):
        for _ in range(setup.pick(ROUNDS, 1) + 1):
            rounds.append(one_round(served.url + PATH, {}, seconds, served.pid))
            limits.append(one_round(f"{url}/counts", {}, seconds, pid))
    figure = rate("reads", f"counts of {len(TEASERS)} articles{role}", rounds[1:], limits[1:])
    yield at_least(figure, 8_000, "≥ 8,000/s")
