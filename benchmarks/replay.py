"""A changed rule set over the last 5,000 comments: what somebody waits for before they switch it on.

As the worker does it, without its process: comments read, judged by both rule sets, the differences told. The changed
ones have 10,000 banned words, none of which stands in anything, beside one that does, and all rules that cost anything.
"""

import random
import time
from collections.abc import Iterator

import msgspec

from benchmarks.corpus import SEED, Corpus
from benchmarks.installation import Installation
from benchmarks.measuring import Figure, at_most
from comments.core.moderation.ruleset import MOST_WORDS, RuleSet
from comments.jobs.trials import tried

COMMENTS, ROUNDS, MOST_SECONDS = 5_000, 5, 5
THREADS = ("10000",)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def measure(setup: Installation, corpus: Corpus) -> Iterator[Figure]:
    most, words = setup.pick(COMMENTS, 50), setup.pick(MOST_WORDS, 500)
    rules = RuleSet(
        pace_seconds=0, repeat_hours=24, near_repeat_percent=90, capitals_percent=70, max_links=1,
        newcomer_comments=3, banned_words=(frequent(corpus), *made_up(words - 1)),
    )  # fmt: skip
    stored = msgspec.json.encode(rules).decode()
    taken, cpu, looked = [], [], 0
    for _ in range(setup.pick(ROUNDS, 1)):
        began, before = time.perf_counter(), time.process_time()
        looked = tried(setup.database, setup.site_id, None, stored, most)["looked_at"]
        taken.append(time.perf_counter() - began)
        cpu.append((time.process_time() - before) * 1000)
    what = f"a trial on {looked:,} comments, {words:,} words"
    yield at_most(
        Figure(part="replay", what=what, unit="s", rounds=taken, cpu=min(cpu)), MOST_SECONDS, f"≤ {MOST_SECONDS}"
    )


def made_up(count: int) -> list[str]:
    """Words as they are in lists, of 4 to 12 letters."""
    chance = random.Random(SEED)
    return ["".join(chance.choices(LETTERS, k=chance.randint(4, 12))) for _ in range(count)]


def frequent(corpus: Corpus) -> str:
    """A word of the corpus, so that there is something to tell."""
    return max(corpus.bodies()[0].split(), key=len).strip(".,;:!?()\"'")[:100] or "und"
