"""What people write, and how they answer each other: whole trees of comments, drawn with a fixed seed.

From the real forum of COMMENTS_CORPUS where it is there (its words stay here), else made up.
"""

import json
import os
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE = "omp_derstandard.jsonl"
SEED = 20_260_302
WORDS = (  # noqa: SIM905
    "Stadt Brücke Fahrrad Bahn Schule warum nicht heute gestern morgen vielleicht Frage Antwort Straße Radweg Verkehr "
    "Rathaus Zeitung lesen schreiben meinen finden sagen und oder aber doch weil wenn dann immer wieder noch schon "
    "Kosten Steuer Wohnung Miete Wetter Winter Sommer Garten Park Nachbarn Kinder Eltern Lehrer Bücher"
).split()


@dataclass(slots=True)
class Written:
    """One comment of a tree. `author`: a number that is the same for the same person."""

    body: str
    author: int
    recommends: int
    answers: list["Written"] = field(default_factory=list)

    def walk(self, depth: int = 0, above: "Written | None" = None) -> Iterator[tuple["Written", int, "Written | None"]]:
        """(comment, depth, the one it answers), each before its answers."""
        yield self, depth, above
        for answer in self.answers:
            yield from answer.walk(depth + 1, self)


@dataclass(slots=True)
class Corpus:
    """Trees to draw from. `source`: where they come from, in words for the report."""

    trees: list[Written]
    source: str

    def bodies(self) -> list[str]:
        return [one.body for tree in self.trees for one, _, _ in tree.walk()]

    def threads(self, seed: int = SEED) -> Iterator[Written]:
        """Trees for ever, the same ones in the same order each time."""
        chance = random.Random(seed)
        while True:
            yield chance.choice(self.trees)


def read_corpus(most: int = 1200) -> Corpus:
    """Up to `most` trees, picked evenly."""
    path = Path(os.environ.get("COMMENTS_CORPUS") or ROOT.parent / "shared" / "data") / FILE
    if not path.exists():
        return Corpus(list(_made_up(most)), f"made-up bodies ({FILE} is not in COMMENTS_CORPUS)")
    trees = _read(path)
    chosen = random.Random(SEED).sample(trees, min(most, len(trees)))
    return Corpus(chosen, f"bodies and replies of a real newspaper's forum ({FILE})")


def _read(path: Path) -> list[Written]:
    """Every thread of the file; a reply whose parent is not in it begins one of its own."""
    with path.open(encoding="utf-8") as lines:
        posts = [json.loads(line) for line in lines]
    written = {
        post["id"]: Written((post["body"] or post["headline"]).strip(), post["user"], post["up"])
        for post in posts
        if len((post["body"] or post["headline"] or "").strip()) >= 3
    }
    roots: list[Written] = []
    for post in posts:
        if post["id"] in written:
            above = written.get(post["parent"])
            (roots if above is None else above.answers).append(written[post["id"]])
    return roots


def _made_up(count: int) -> Iterator[Written]:
    """Trees with about as many replies and characters as the real ones (1.9 comments a tree, 60 to 600 characters)."""
    chance = random.Random(SEED)

    def write(likely: float) -> Written:
        length = min(750, max(12, int(chance.lognormvariate(4.9, 0.9))))
        words: list[str] = []
        while sum(map(len, words)) + len(words) < length:
            words.append(chance.choice(WORDS))
        answers = [write(likely * 0.9) for _ in range(3) if chance.random() < likely]
        return Written(" ".join(words), chance.randrange(500), int(chance.expovariate(0.5)), answers)

    for _ in range(count):
        yield write(0.19)


def with_replies(trees: list[Written], replies: int) -> list[Written]:
    """The same comments as trees of a root with exactly `replies` replies each: a page that is as full as pages get."""
    by_size: dict[int, list[Written]] = defaultdict(list)
    for at, one in enumerate(one for tree in trees for one, _, _ in tree.walk()):
        by_size[at // (replies + 1)].append(one)
    full = [some for some in by_size.values() if len(some) == replies + 1]
    return [replace(root, answers=[replace(reply, answers=[]) for reply in rest]) for root, *rest in full]
